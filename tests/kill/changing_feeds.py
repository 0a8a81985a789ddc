"""Feeds whose documents change with every request, and what a store must hold after polls of them."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from random import Random
from typing import Self

from aiohttp import web

FEEDS = 40
HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 9))
SHOWN = 20
STEP = 3
BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


def name(feed: int) -> str:
    return f"feed-{feed:02}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry as a version of its feed shows it."""

    feed: int
    number: int
    title: str
    summary: str

    @property
    def url(self) -> str:
        return f"https://{name(self.feed)}.example/{self.number}"

    @property
    def rules(self) -> frozenset[str]:
        drones = {"topic:drones"} if self.number % 2 == 0 else set()
        return frozenset(drones | ({"actor:putin"} if self.number % 3 == 0 else set()))

    def xml(self) -> str:
        guid = f"<guid>{self.url}?id</guid>" if self.feed % 2 else ""
        at = format_datetime(BEGIN + timedelta(minutes=self.number))
        texts = f"<title>{self.title}</title><description>{self.summary}</description>"
        return f"<item>{texts}<link>{self.url}</link>{guid}<pubDate>{at}</pubDate></item>"


def items(feed: int, version: int) -> list[Item]:
    """List a version's entries: the oldest go as new ones come, some are retitled or rewritten as they age."""
    return [_item(feed, number, version) for number in range(STEP * version, STEP * version + SHOWN)]


def _item(feed: int, number: int, version: int) -> Item:
    age = version - max(0, -((SHOWN - 1 - number) // STEP))
    what = "Drones over Kyiv" if number % 2 == 0 else "Kyiv harvest"
    who = " as Putin speaks" if number % 3 == 0 else ""
    retitled = ", updated" if number % 5 == 0 and age >= 3 else ""
    text = "Rewritten." if number % 7 == 0 and age >= 2 else "As it was."
    return Item(feed=feed, number=number, title=f"{what}, report {feed} {number}{who}{retitled}", summary=text)


def document(feed: int, version: int) -> bytes:
    body = "".join(item.xml() for item in items(feed, version))
    return f'<rss version="2.0"><channel><title>{name(feed)}</title>{body}</channel></rss>'.encode()


def digest(feed: int, version: int) -> str:
    return sha256(document(feed, version)).hexdigest()


def titles(recorded: Mapping[int, Iterable[int]]) -> dict[str, list[str]]:
    """Map each entry's address to the titles that a store must hold, where these versions were recorded in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for feed, versions in recorded.items():
        for item in (item for version in versions for item in items(feed, version)):
            if found[item.url][-1:] != [item.title]:
                found[item.url].append(item.title)
    return dict(found)


def rules(recorded: Mapping[int, Iterable[int]]) -> set[tuple[str, str]]:
    """List the hits that a store must hold: (address, rule)."""
    shown = (item for feed, versions in recorded.items() for version in versions for item in items(feed, version))
    return {(item.url, rule) for item in shown for rule in item.rules}


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request was given. `asker` is the User-Agent, which tells the daemon's lives apart."""

    asker: str
    version: int


class ChangingFeeds:
    """Serves the feeds on several loopback hosts. Every fourth request finds its document unchanged; some replies take
    a while, and some come in two parts."""

    def __init__(self, seed: int) -> None:
        self.answers: dict[int, list[Answer]] = {feed: [] for feed in range(FEEDS)}
        self._chance = Random(seed)
        self._changed = threading.Condition()
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{feed}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        for host in HOSTS:
            await web.TCPSite(self._runner, host, self._port).start()
            self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def urls(self) -> dict[str, str]:
        return {name(feed): f"http://{HOSTS[feed % len(HOSTS)]}:{self._port}/{feed}" for feed in range(FEEDS)}

    @property
    def served(self) -> int:
        return sum(map(len, self.answers.values()))

    def wait(self, count: int, seconds: float) -> bool:
        """Block until so many requests have come in all."""
        with self._changed:
            return self._changed.wait_for(lambda: self.served >= count, seconds)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        feed = int(request.match_info["feed"])
        version = len(self.answers[feed]) - len(self.answers[feed]) // 4
        body, tag = document(feed, version), f'"{version}"'
        unchanged = request.headers.get("If-None-Match") == tag
        with self._changed:
            self.answers[feed].append(Answer(request.headers["User-Agent"], version))
            self._changed.notify_all()
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=self._chance.choice((0, 0, 0.02, 0.1)))
        if unchanged:
            return web.Response(status=304, headers={"ETag": tag})
        reply = web.StreamResponse(headers={"ETag": tag, "Content-Type": "application/rss+xml"})
        reply.content_length = len(body)
        with suppress(ConnectionError):  # whoever asked has been killed
            await reply.prepare(request)
            for part in (body[:500], body[500:]):
                await reply.write(part)
        return reply
