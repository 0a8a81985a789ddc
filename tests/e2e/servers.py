"""Servers on loopback beside a test that blocks: an event loop in a thread, and feeds that answer as a test wants."""

import asyncio
import hashlib
import threading
from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from monitor.demo.sink import MailSink
from tests.fakes import rss
from tests.message_lint.lint import assert_clean
from tests.net.smtpd import Smtpd

T = TypeVar("T")

HOST = "127.0.0.1"
START_S = 90.0


class Background:
    """An event loop in a thread; what is entered on it is left when it ends, the last first."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="background")
        self._stack = AsyncExitStack()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self._stack.aclose())
        self.do(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_S)
        self._loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_S)

    def enter(self, manager: AbstractAsyncContextManager[T]) -> T:
        return self.do(self._stack.enter_async_context(manager))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a path answers: bytes with a status, or nothing at all for as long as anybody waits."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False


SILENCE = Reply(silent=True)


def document(*titles: str, age: timedelta = timedelta(hours=1), site: str = "https://courier.example") -> Reply:
    """An RSS document with an item a title; the path of an item is made of its words."""
    at = datetime.now(UTC).replace(microsecond=0) - age
    items = [(title, "-".join(title.lower().split()), at) for title in titles]
    return Reply(body=rss(*items, site=site).body, headers={"Content-Type": "application/rss+xml"})


def moved(target: str, status: int = 301) -> Reply:
    return Reply(status=status, headers={"Location": target})


class FeedServer:
    """Answers each path with what a test put into `replies`, with a validator; `asked` lists the paths in order."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.asked: list[str] = []
        self.port = 0
        self._changed = threading.Condition()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.port}/{path}"

    def wait(self, path: str, seconds: float = START_S) -> None:
        """Block until the path has been asked for."""
        with self._changed:
            assert self._changed.wait_for(lambda: path in self.asked, seconds), f"{path} was not asked in {seconds} s"

    async def _answer(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        with self._changed:
            self.asked.append(path)
            self._changed.notify_all()
        reply = self.replies.get(path, Reply(status=404))
        if reply.silent:
            await asyncio.Event().wait()
        tag = f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
        if reply.status == 200 and request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=reply.body, status=reply.status, headers={**reply.headers, "ETag": tag})


@dataclass(slots=True)
class WatchedSmtpd(Smtpd):
    """The raw mail server, which also tells a blocking test where a session stands."""

    news: threading.Condition = field(default_factory=threading.Condition)

    def mood(self, stage: str, usual: str) -> str:
        reply = Smtpd.mood(self, stage, usual)
        with self.news:
            self.news.notify_all()
        return reply

    def wait(self, stage: str, seconds: float = START_S) -> None:
        """Block until a session has reached the stage."""
        with self.news:
            assert self.news.wait_for(lambda: stage in self.stages, seconds), f"no {stage} in {self.stages}"


class LintedSink(MailSink):
    """The demonstration's mail server; when it closes, a mail that is not as the RFCs want it fails the test."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        if kind is None:
            assert_clean(mail.data for mail in self.mails)
