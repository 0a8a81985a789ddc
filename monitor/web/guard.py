"""What stands before every page: limits of size, time and pace, headers, and an answer whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from math import ceil

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor import logs
from monitor.clock import Clock
from monitor.errors import MonitorError, StoreError
from monitor.web.limits import Allowance, client_key

log = logs.get()

BODY_MAX = 64 * 2**10
BODY_SECONDS = 10.0
VISITS = (240, timedelta(minutes=2))
"""Requests that one client may make, in a row and in this span."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer. The addresses are keys: they must be in no cache, no search engine, and no other site's log."""

ErrorPage = Callable[[Request, int], Response]


class Refused(Exception):
    """The request is not carried out; `status` says why, by HTTP's own codes."""

    def __init__(self, status: int, *, wait: timedelta | None = None) -> None:
        self.status = status
        self.wait = wait
        super().__init__(status)


class Guard:
    """ASGI middleware round the whole application."""

    def __init__(self, app: ASGIApp, *, clock: Clock, error_page: ErrorPage) -> None:
        self._app = app
        self._clock = clock
        self._error_page = error_page
        self._visits = Allowance(*VISITS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        answer = _Answer(send)
        try:
            self._count(scope)
            await self._app(scope, _limited(receive), answer)
        except Refused as refused:
            await self._refuse(scope, receive, answer, refused)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - a page's failure must show nothing of the inside, and end nothing
            _tell(error)
            await self._refuse(scope, receive, answer, Refused(503 if isinstance(error, StoreError) else 500))

    def _count(self, scope: Scope) -> None:
        """Mail providers unsubscribe many readers from few addresses, so the way out is not counted."""
        if scope["method"] == "POST" and scope["path"].startswith("/u/"):
            return
        client = scope.get("client")
        wait = self._visits.take(client_key(client[0] if client else None), self._clock())
        if wait is not None:
            raise Refused(429, wait=wait)

    async def _refuse(self, scope: Scope, receive: Receive, answer: "_Answer", refused: Refused) -> None:
        if answer.begun:
            return
        page = self._error_page(Request(scope), refused.status)
        if refused.wait is not None:
            page.headers["Retry-After"] = str(ceil(refused.wait.total_seconds()))
        await page(scope, receive, answer)


class _Answer:
    """Sends an answer with our headers, and knows whether it has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await self._send(message)


def _limited(receive: Receive) -> Callable[[], Awaitable[Message]]:
    size = 0

    async def limited() -> Message:
        nonlocal size
        try:
            async with asyncio.timeout(BODY_SECONDS):
                message = await receive()
        except TimeoutError:
            raise Refused(408) from None
        size += len(message.get("body", b""))
        if size > BODY_MAX:
            raise Refused(413)
        return message

    return limited


def _tell(error: Exception) -> None:
    """Log a failure: never with the address, which is a reader's key."""
    if isinstance(error, MonitorError):
        log.error("page failed", error=str(error))
    else:
        log.error("page failed", exc_info=error)
