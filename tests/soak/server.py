"""The soak's server, a process of its own: `python -m tests.soak.server --seed N --ledger FILE`.

It says its port on standard output, and what it did in the ledger when its standard input ends.
"""

import argparse
import asyncio
import gzip
import json
import sys
from collections import defaultdict
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.net import bad_moods  # noqa: F401 - registers its moods
from tests.net.hostile import MOODS, Exchange, Hostile
from tests.recordings import SETS, Recording, State
from tests.soak import plan


@dataclass(slots=True)
class Feed:
    """A feed as it stands: `version` counts from 0. `handed` are the versions whose documents went out whole, `named`
    those that a later request named as the one it knows, `failing` counts replies that nobody can read."""

    bodies: "Invented | Recorded"
    version: int = -1
    requests: int = 0
    handed: list[int] = field(default_factory=list)
    named: set[int] = field(default_factory=set)
    failing: int = 0


@dataclass(frozen=True, slots=True)
class Invented:
    number: int

    def last(self) -> None:
        return None

    def read(self, version: int) -> bytes:
        return plan.body(self.number, version)


@dataclass(frozen=True, slots=True)
class Recorded:
    recording: Recording
    states: list[State]

    def last(self) -> int:
        return len(self.states) - 1

    def read(self, version: int) -> bytes:
        return self.recording.read(self.states[version])


class Server:
    """Answers `/<feed>`; the draw decides in which mood."""

    def __init__(self, feeds: dict[str, Feed], seed: int) -> None:
        self._feeds = feeds
        self._chance = Random(seed)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    await self._serve(reader, writer)
        finally:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        exchange = Exchange(path=first.split(" ")[1], headers=headers, reader=reader, writer=writer, server=Hostile())
        feed = self._feeds[exchange.path[1:]]
        feed.requests += 1
        known = headers.get("if-none-match", '"-1"').strip('"')
        if known != "-1":
            feed.named.add(int(known))
        bad = self._bad()
        if bad is None:
            await self._good(feed, exchange, known)
        else:
            feed.failing += 1
            await self._fail(bad, exchange)

    def _bad(self) -> plan.Bad | None:
        draw = self._chance.random()
        for share, kinds in plan.MOODS:
            if draw < share:
                return self._chance.choice(kinds)
            draw -= share
        return None

    async def _fail(self, bad: plan.Bad, exchange: Exchange) -> None:
        if bad.path:
            exchange.path = bad.path
            await MOODS[bad.path.split("/")[1]](exchange)
        else:
            exchange.reply(200, bad.body)
        await exchange.writer.drain()

    async def _good(self, feed: Feed, exchange: Exchange, known: str) -> None:
        last = feed.bodies.last()
        if feed.version < 0 or (self._chance.random() >= plan.UNCHANGED and feed.version != last):
            feed.version += 1
        version, tag = feed.version, f'"{feed.version}"'
        if known == str(version):
            exchange.head(304, ETag=tag)
        else:
            body = feed.bodies.read(version)
            packed = gzip.compress(body, 1) if version % 2 else body
            coding = {"Content_Encoding": "gzip"} if version % 2 else {}
            exchange.reply(200, packed, ETag=tag, Content_Type="application/rss+xml", **coding)
            await exchange.writer.drain()
            feed.handed.append(version)
        await exchange.writer.drain()


def open_feeds(stack: ExitStack) -> dict[str, Feed]:
    feeds = {plan.name(number): Feed(Invented(number)) for number in range(plan.FEEDS)}
    for about in SETS.values():
        if about.path.exists():
            recording = stack.enter_context(Recording(about.path))
            states = defaultdict(list)
            for state in recording.states:
                states[state.feed].append(state)
            feeds |= {feed: Feed(Recorded(recording, found)) for feed, found in states.items()}
    return feeds


async def serve(feeds: dict[str, Feed], seed: int) -> None:
    """Serve on every address of loopback until standard input ends."""
    server = await asyncio.start_server(Server(feeds, seed).accept, "0.0.0.0", 0, backlog=1_000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--ledger", type=Path, required=True)
    asked = parser.parse_args()
    with ExitStack() as stack:
        feeds = open_feeds(stack)
        asyncio.run(serve(feeds, asked.seed))
    told = {name: (feed.handed, sorted(feed.named), feed.failing, feed.requests) for name, feed in feeds.items()}
    asked.ledger.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
