"""uvicorn in the daemon's own loop: from the listening socket to an orderly end."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from monitor.app import App
from monitor.errors import ConfigError
from monitor.web.account import Account
from monitor.web.editions import Editions
from monitor.web.guard import Guard
from monitor.web.leaving import Leaving
from monitor.web.manage import Manage
from monitor.web.site import Site

DRAIN_SECONDS = 2
"""How long requests under way may take when we end."""
CONNECTIONS = 200


def build(site: Site) -> FastAPI:
    """Return the application; it does not describe itself to visitors."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    for part in (Account(site), Manage(site), Leaving(site), Editions(site)):
        app.include_router(part.router)

    def error_page(request: Request, status: int) -> HTMLResponse:
        lang = site.language(request)
        try:
            return site.page(request, "error.html", {"status": status}, lang=lang, status=status)
        except ConfigError:  # somebody is editing the template
            return HTMLResponse(f"<!DOCTYPE html><title>{status}</title>", status_code=status)

    async def refused(request: Request, error: Exception) -> HTMLResponse:
        return error_page(request, error.status_code if isinstance(error, HTTPException) else 500)

    app.add_exception_handler(HTTPException, refused)
    app.add_middleware(Guard, clock=site.clock, error_page=error_page)
    return app


def site_of(app: App) -> Site:
    """Return what the pages of an open app work with."""
    return Site(
        db=app.db,
        links=app.links,
        render=app.notifier.render,
        labels=lambda: app.watched.labels,
        clock=app.clock,
        zone=app.settings.zone,
        domain=app.notifier.sender.domain,
        public=app.settings.public_subscribe,
    )


class _Server(uvicorn.Server):
    """Leaves signals to the daemon."""

    def capture_signals(self) -> "nullcontext[None]":  # type: ignore[override]  # a context manager is all it takes
        return nullcontext()


def _config(pages: FastAPI, proxy: str | None) -> uvicorn.Config:
    return uvicorn.Config(
        pages,
        lifespan="off",
        http="h11",
        ws="none",
        log_config=None,
        log_level="critical",  # what a page does is logged by Guard; a broken request is not our failure
        access_log=False,
        server_header=False,
        proxy_headers=proxy is not None,
        forwarded_allow_ips=proxy or "",
        timeout_keep_alive=5,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        limit_concurrency=CONNECTIONS,
        h11_max_incomplete_event_size=16 * 2**10,
    )


@asynccontextmanager
async def running(pages: FastAPI, listener: socket.socket, proxy: str | None = None) -> AsyncIterator[None]:
    """Serve while the context is open; when it is left, requests under way may end."""
    server = _Server(_config(pages, proxy))
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="pages")
    try:
        yield
    finally:
        server.should_exit = True
        await serving
