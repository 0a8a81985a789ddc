"""Serves the invented outlets over HTTP on loopback, as real servers do: validators, gzip, slowness and failure."""

import asyncio
import gzip
import hashlib
import json
from datetime import datetime
from types import TracebackType
from typing import Self

from aiohttp import hdrs, web

from monitor.demo.documents import content_type, render
from monitor.demo.outlets import STATES, Outlet, load_outlets

_HOST = "127.0.0.1"
_HEAD = """\
# Written by the demonstration: every outlet and every report is invented.
extends: ukraine

feeds:
"""


class SampleServer:
    """`/feeds/<id>` for every outlet, while the context is open.

    `now` fixes the time from which all items are reckoned back, in both states. `replies` lists (outlet id, status) in
    the order of the answers.
    """

    def __init__(self, *, now: datetime, outlets: tuple[Outlet, ...] | None = None, state: int = 1) -> None:
        self.outlets = load_outlets() if outlets is None else outlets
        self.replies: list[tuple[str, int]] = []
        self._by_id = {outlet.id: outlet for outlet in self.outlets}
        self._now = now.replace(microsecond=0)
        self._runner: web.AppRunner | None = None
        self._port = 0
        self.state = state

    @property
    def state(self) -> int:
        """Which of the two moments is served. Raises `ValueError` when set to another."""
        return self._state

    @state.setter
    def state(self, state: int) -> None:
        if state not in STATES:
            raise ValueError(f"state {state} is none of {STATES}")
        self._state = state

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/feeds/{id}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def urls(self) -> dict[str, str]:
        """Give the address of every outlet by its id. Raises `RuntimeError` outside the context."""
        if self._runner is None:
            raise RuntimeError("the sample server is not running")
        return {outlet.id: f"http://{_HOST}:{self._port}/feeds/{outlet.id}" for outlet in self.outlets}

    async def _answer(self, request: web.Request) -> web.Response:
        outlet = self._by_id.get(request.match_info["id"])
        if outlet is None:
            raise web.HTTPNotFound
        await asyncio.sleep(outlet.delay)
        response = self._response(outlet, request)
        self.replies.append((outlet.id, response.status))
        return response

    def _response(self, outlet: Outlet, request: web.Request) -> web.Response:
        body = render(outlet, state=self.state, now=self._now)
        response = web.Response(headers={hdrs.CACHE_CONTROL: "no-cache"})
        response.etag = hashlib.sha256(body).hexdigest()[:16]
        response.last_modified = outlet.modified(self.state, self._now)
        if _unchanged(request, response):
            response.set_status(304)
            return response
        response.headers[hdrs.CONTENT_TYPE] = content_type(outlet)
        _fill(response, body, compress=outlet.gzip and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""))
        return response


def _unchanged(request: web.Request, response: web.Response) -> bool:
    """Tell whether the client's copy is still good; `If-None-Match` goes first (RFC 9110 §13.2.2)."""
    if request.if_none_match is not None:
        current = response.etag.value if response.etag else None
        return any(tag.value in (current, "*") for tag in request.if_none_match)
    since, changed = request.if_modified_since, response.last_modified
    return since is not None and changed is not None and changed <= since


def _fill(response: web.Response, body: bytes, *, compress: bool) -> None:
    response.body = gzip.compress(body, mtime=0) if compress else body
    if compress:
        response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        response.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING


def feeds_yaml(server: SampleServer) -> str:
    """Write a `feeds.yaml` that watches every outlet of a running server with the built-in watchlist."""
    urls = server.urls()
    feeds = "".join(_feed_yaml(outlet, urls[outlet.id]) for outlet in server.outlets)
    return _HEAD + feeds


def _feed_yaml(outlet: Outlet, url: str) -> str:
    fields = {
        "id": outlet.id,
        "title": json.dumps(outlet.title, ensure_ascii=False),
        "url": json.dumps(url),
        "language": outlet.language,
        "country": json.dumps(outlet.country),
        "press": outlet.press.value,
        "interval": "1m",
        "allow_private": "true",
    }
    lines = [f"{name}: {value}" for name, value in fields.items()]
    return "  - " + "\n    ".join(lines) + "\n"
