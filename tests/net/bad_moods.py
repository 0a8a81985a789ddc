"""The moods of a server that is broken or means harm."""

import asyncio
from contextlib import suppress

from tests.net.hostile import Exchange, mood


async def drip(x: Exchange) -> None:
    """Write a byte now and then until the client has hung up."""
    hang_up = asyncio.create_task(x.reader.read())
    while not (await asyncio.wait({hang_up}, timeout=0.01))[0]:
        x.writer.write(b".")
    with suppress(ConnectionError):
        hang_up.result()
    x.server.gone.set()
    x.abort()


@mood
async def empty(x: Exchange) -> None:
    x.reply(200)


@mood
async def huge(x: Exchange) -> None:
    x.head(200, Connection="close")
    await x.pour(b"x" * 65536, 100_000_000)
    x.abort()


@mood
async def declared(x: Exchange) -> None:
    x.head(200, Content_Length="100000000")
    await x.gone()


@mood
async def trickle(x: Exchange) -> None:
    x.head(200, Content_Length="1000000")
    await drip(x)


@mood
async def trickled_head(x: Exchange) -> None:
    x.writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    await drip(x)


@mood
async def stalled(x: Exchange) -> None:
    x.head(200, Content_Length="1000")
    x.writer.write(b"<rss>")
    await x.gone()


@mood
async def silent(x: Exchange) -> None:
    await x.gone()


@mood
async def early(x: Exchange) -> None:
    x.writer.transport.close()
    raise ConnectionResetError


@mood
async def reset(x: Exchange) -> None:
    x.head(200, Content_Length="1000")
    x.writer.write(b"<rss>")
    await x.writer.drain()
    x.abort()


@mood
async def flood(x: Exchange) -> None:
    x.writer.write(b"HTTP/1.1 200 OK\r\n")
    await x.pour(b"X-Flood: secret-of-the-server\r\n" * 100, 100_000_000)
    x.abort()


@mood
async def long(x: Exchange) -> None:
    x.writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    await x.pour(b"secret-of-the-server" * 1000, 100_000_000)
    x.abort()


@mood
async def garbage(x: Exchange) -> None:
    x.writer.write(b"220 mail.example.org ESMTP\r\nsecret-of-the-server\r\n\r\n")
    await x.gone()


@mood
async def bad_chunk(x: Exchange) -> None:
    x.head(200, Transfer_Encoding="chunked")
    x.writer.write(b"5\r\n<rss>\r\nzzzz\r\n")
    await x.gone()


@mood
async def odd_headers(x: Exchange) -> None:
    body = b"<rss/>"
    head = b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: "\xff"\r\nLast-Modified: a\xc2\xa0b\r\n\r\n' % len(body)
    x.writer.write(head + body)
