"""The readers' pages: subscribe, confirm, manage, leave, read an edition whole. The only home of FastAPI and uvicorn.

request ─► Guard (size, pace, headers, errors) ─► FastAPI ─► account | manage | leave | editions
                                                               └─► links: whose page?  ─► store.accounts ─► render

A GET or HEAD changes nothing: mail gateways follow every link. Who may do what stands in the address alone: there is no
cookie and no login. Whether an address is known shows in no answer, and in no answer's time.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitor import logs
from monitor.app import App
from monitor.web.listening import listening

__all__ = ["listening", "serving"]

log = logs.get()


@asynccontextmanager
async def serving(app: App) -> AsyncIterator[None]:
    """Serve the readers' pages while the context is open, where there is an address for them. Raises InputError."""
    if not app.links.web:
        yield
        return
    settings = app.settings
    listener = listening(settings.web_listen)
    from monitor.web import server  # noqa: PLC0415 - FastAPI costs every command half a second, and few need it

    async with server.running(server.build(server.site_of(app)), listener, settings.web_proxy):
        log.info("pages served", at=settings.web_listen, base_url=settings.base_url)
        yield
