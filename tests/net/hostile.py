"""An HTTP server on loopback with moods, most of them bad: the first segment of the path chooses one."""

import asyncio
import gzip
import ssl
import sys
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

import brotli  # type: ignore[import-untyped]  # it ships no types

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BODY = b"<rss version='2.0'><channel><title>Sample</title></channel></rss>" * 20
ETAG = '"v1"'
MODIFIED = "Mon, 24 Aug 2026 10:00:00 GMT"
GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it arrived; header names in lower case."""

    path: str
    headers: dict[str, str]
    method: str = "GET"


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request and the connection to answer it on."""

    path: str
    headers: dict[str, str]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: "Hostile"

    def query(self, name: str) -> str:
        return parse_qs(urlsplit(self.path).query)[name][0]

    @property
    def rest(self) -> str:
        return unquote(urlsplit(self.path).path.split("/", 2)[2])

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.head(status, **{"Content-Length": str(len(body))} | headers)
        self.writer.write(body)

    def head(self, status: int, **headers: str) -> None:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join([f"HTTP/1.1 {status} Whatever", *lines, "", ""]).encode())

    def redirect(self, location: str, status: int = 302) -> None:
        self.reply(status, Location=location)

    async def pour(self, piece: bytes, total: int) -> None:
        """Write `piece` again and again, counting, until `total` bytes are out or the client is gone."""
        try:
            while self.server.sent < total and not self.writer.is_closing():
                self.writer.write(piece)
                self.server.sent += len(piece)
                await self.writer.drain()
        except ConnectionError:
            self.server.gone.set()
            raise
        if self.writer.is_closing():
            self.server.gone.set()

    async def tunnel(self) -> None:
        """Join the connection to the port that the request names, until either side hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", int(self.path.rpartition(":")[2]))
        self.head(200)
        try:
            await asyncio.gather(_pump(self.reader, writer), _pump(reader, self.writer))
        finally:
            writer.transport.abort()
        self.abort()

    async def gone(self) -> None:
        """Wait until the client has hung up."""
        await self.reader.read()
        self.server.gone.set()
        raise ConnectionResetError

    def abort(self) -> None:
        self.writer.transport.abort()
        raise ConnectionResetError


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    sink.close()


Mood: TypeAlias = Callable[[Exchange], Awaitable[None]]
MOODS: dict[str, Mood] = {}


def mood(function: Mood) -> Mood:
    MOODS[function.__name__.removesuffix("_")] = function
    return function


@dataclass(slots=True)
class Hostile:
    """The server; an async context manager. `seen` are the requests, `sent` the bytes poured, `gone` a hang-up.

    It is a proxy as well: what is asked for by its whole address is answered like a path, and a tunnel leads to a port
    on loopback, whatever its host. With `sign_in` it wants that for a proxy's authorization.
    """

    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    wanted_port: int = 0
    sign_in: str | None = None
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    sent: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self.host, self.wanted_port, ssl=self.tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task, writer in list(self._tasks.items()):
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def url(self, path: str, host: str = "") -> str:
        return f"{'https' if self.tls else 'http'}://{host or self.host}:{self.port}/{path}"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks[task] = writer
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                while True:
                    await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()
            del self._tasks[task]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "surrogateescape")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        self.seen.append(Seen(path=path, headers=headers, method=method))
        exchange = Exchange(path=path, headers=headers, reader=reader, writer=writer, server=self)
        if self.sign_in is not None and headers.get("proxy-authorization") != self.sign_in:
            exchange.reply(407, Proxy_Authenticate="Basic")
        elif method == "CONNECT":
            await exchange.tunnel()
        else:
            await MOODS[urlsplit(path).path.split("/")[1]](exchange)
        await writer.drain()


# ── good moods ───────────────────────────────────────────────────────────────────────────────────────────────────────


@mood
async def ok(x: Exchange) -> None:
    x.reply(200, BODY, Content_Type="application/rss+xml", Content_Location="/feed.rss")


@mood
async def etag(x: Exchange) -> None:
    if x.headers.get("if-none-match") == ETAG:
        x.head(304, ETag=ETAG)
    else:
        x.reply(200, BODY, ETag=ETAG, Last_Modified=MODIFIED)


@mood
async def modified(x: Exchange) -> None:
    if x.headers.get("if-modified-since") == MODIFIED:
        x.head(304)
    else:
        x.reply(200, BODY, Last_Modified=MODIFIED)


@mood
async def chunked(x: Exchange) -> None:
    x.head(200, Transfer_Encoding="chunked")
    for byte in (BODY[:100], BODY[100:]):
        x.writer.write(f"{len(byte):x}\r\n".encode() + byte + b"\r\n")
    x.writer.write(b"0\r\n\r\n")


@mood
async def hints(x: Exchange) -> None:
    x.head(103, Link="</style.css>; rel=preload")
    x.reply(200, BODY)


@mood
async def status(x: Exchange) -> None:
    x.reply(int(x.rest), b"whatever")


@mood
async def later(x: Exchange) -> None:
    if "date=" in x.path:
        x.reply(429, Retry_After=x.query("after"), Date=x.query("date"))
    else:
        x.reply(429, Retry_After=x.query("after"))


# ── content codings ──────────────────────────────────────────────────────────────────────────────────────────────────


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKED: dict[str, tuple[str, bytes]] = {
    "gzip": ("gzip", gzip.compress(BODY)),
    "x-gzip": ("X-GZIP", gzip.compress(BODY)),
    "members": ("gzip", gzip.compress(BODY[:50]) + gzip.compress(BODY[50:]) + b"\0" * 8),
    "deflate": ("deflate", zlib.compress(BODY)),
    "raw": ("deflate", raw_deflate(BODY)),
    "br": ("br", brotli.compress(BODY)),
    "zstd": ("zstd", zstd.compress(BODY)),
    "frames": ("zstd", zstd.compress(BODY[:50]) + zstd.compress(BODY[50:])),
    "stacked": ("gzip, br", brotli.compress(gzip.compress(BODY))),
    "identity": ("identity", BODY),
    "wrong": ("gzip", BODY),
    "cut": ("gzip", gzip.compress(BODY)[:-12]),
    "cut-br": ("br", brotli.compress(BODY)[:-5]),
    "cut-zstd": ("zstd", zstd.compress(BODY)[:-5]),
    "unknown": ("compress", BODY),
    "triple": ("gzip, gzip, gzip", gzip.compress(gzip.compress(gzip.compress(BODY)))),
    "none": ("gzip", b""),
    "small": ("zstd", zstd.compress(bytes(1 << 20))),
    "swollen": ("gzip", gzip.compress(bytes(4 << 20))),
    "swollen-br": ("br", brotli.compress(bytes(4 << 20), quality=5)),
    "swollen-zstd": ("zstd", zstd.compress(bytes(4 << 20))),
}


@mood
async def packed(x: Exchange) -> None:
    coding, body = PACKED[x.rest]
    x.reply(200, body, Content_Encoding=coding)


@mood
async def bomb(x: Exchange) -> None:
    """One gzip member of 1 GiB, about a megabyte on the wire, made as it goes."""
    packer = zlib.compressobj(9, wbits=16 + zlib.MAX_WBITS)
    x.head(200, Content_Encoding="gzip", Connection="close")
    x.writer.write(packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH))
    megabyte = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    piece = megabyte.compress(bytes(1 << 20)) + megabyte.flush(zlib.Z_FULL_FLUSH)
    await x.pour(piece, len(piece) * 1023)
    x.abort()


# ── redirects ────────────────────────────────────────────────────────────────────────────────────────────────────────


@mood
async def chain(x: Exchange) -> None:
    left = int(x.rest)
    if left:
        x.redirect(f"/chain/{left - 1}", 301)
    else:
        await etag(x)


@mood
async def loop(x: Exchange) -> None:
    x.redirect("/circle")


@mood
async def circle(x: Exchange) -> None:
    x.redirect("/loop", 308)


@mood
async def to(x: Exchange) -> None:
    x.redirect(x.query("u"))


@mood
async def leave(x: Exchange) -> None:
    x.reply(302, Location=x.query("u"), Connection="close")


@mood
async def nowhere(x: Exchange) -> None:
    x.reply(301)


@mood
async def bytes_(x: Exchange) -> None:
    x.writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /\xff\xfe\r\n\r\n")


@mood
async def not_modified(x: Exchange) -> None:
    x.head(304)
