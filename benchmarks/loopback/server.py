"""Serves the invented feeds from a process of its own; `/round/N` says what to answer from then on.

It prints its hosts as JSON when it is ready, and ends when its standard input does.
"""

import argparse
import asyncio
import gzip
import json
import sys
from dataclasses import dataclass

from benchmarks.loopback.documents import NEW_AN_EDITION, document


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What the server does while every feed is polled once. Rounds build on each other, in their order.

    `edition` is that of the documents; `conditional` whether If-None-Match is honoured; `new` is how many entries a
    feed brings, of `shown`.
    """

    name: str
    does: str
    edition: int = 0
    conditional: bool = True
    first: bool = False

    def new(self, shown: int) -> int:
        """Return how many of the entries shown are new to who has polled all rounds before."""
        return shown if self.first else min(shown, NEW_AN_EDITION * self.edition)

    @property
    def has_body(self) -> bool:
        """Whether the answers bring a document."""
        return self.first or not self.conditional


ROUNDS = (
    Round(name="all new", does="200 with gzip; the store is empty", first=True),
    Round(name="not modified", does="304: the ETag still holds"),
    Round(name="same body", does="200 with the same bytes: the server honours no ETag", conditional=False),
    Round(
        name=f"{NEW_AN_EDITION} new",
        does=f"200: {NEW_AN_EDITION} entries new, as many gone",
        edition=1,
        conditional=False,
    ),
)


class Site:
    """The documents, compressed, and the round that is being played."""

    def __init__(self, feeds: int, entries: int) -> None:
        self.round = ROUNDS[0]
        editions = sorted({one.edition for one in ROUNDS})
        self._bodies = {
            (feed, edition): gzip.compress(document(feed, edition, entries), mtime=0)
            for feed in range(feeds)
            for edition in editions
        }

    def answer(self, head: bytes) -> bytes:
        """Answer one request, given its head."""
        path = head.split(b" ", 2)[1]
        kind, _, number = path.decode().strip("/").partition("/")
        if kind == "round":
            self.round = ROUNDS[int(number)]
            return _reply(b"204 No Content", b"")
        return self._feed(int(number), head)

    def _feed(self, feed: int, head: bytes) -> bytes:
        body = self._bodies[feed, self.round.edition]
        etag = b'ETag: "%d-%d"\r\n' % (feed, self.round.edition)
        if self.round.conditional and b"\r\nif-none-match: " + etag[6:].lower() in head.lower():
            return b"HTTP/1.1 304 Not Modified\r\n" + etag + b"\r\n"
        return _reply(b"200 OK", body, etag + b"Content-Type: application/xml\r\nContent-Encoding: gzip\r\n")


def _reply(status: bytes, body: bytes, headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, headers, len(body), body)


class _Connection(asyncio.Protocol):
    """The least HTTP that serves GET: this process must not be what is measured."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *heads, self._held = (self._held + data).split(b"\r\n\r\n")
        for head in heads:
            self._transport.write(self._site.answer(head + b"\r\n"))


def loopback_hosts(count: int) -> list[str]:
    """Return the addresses 127.0.0.1, 127.0.0.2 and so on: all of 127/8 is loopback on Linux."""
    return [f"127.0.{at // 250}.{at % 250 + 1}" for at in range(count)]


async def serve(feeds: int, entries: int, hosts: int) -> None:
    """Serve until standard input ends."""
    site, loop = Site(feeds, entries), asyncio.get_running_loop()
    servers = [await loop.create_server(lambda: _Connection(site), host, 0) for host in loopback_hosts(hosts)]
    places = [server.sockets[0].getsockname() for server in servers]
    print(json.dumps([f"http://{host}:{port}" for host, port in places]), flush=True)
    await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("feeds", "entries", "hosts"):
        parser.add_argument(name, type=int)
    options = parser.parse_args()
    asyncio.run(serve(options.feeds, options.entries, options.hosts))


if __name__ == "__main__":
    main()
