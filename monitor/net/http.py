"""Fetches feeds over HTTP: bounded in time and size, kept out of inner networks, and never raising."""

import asyncio
import hashlib
import socket
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from io import BytesIO
from ipaddress import ip_address
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.http import HttpProcessingError
from yarl import URL

from monitor.clock import Clock, utc_now
from monitor.core.model import Failure, FailureKind, FeedState, Fetched, FetchResult, NotModified, Redirect
from monitor.net.addresses import AddressError, Lookup, Permit, SystemLookup, check, dial, is_public, literal
from monitor.net.decompress import ACCEPT_ENCODING, EncodingError, decoder
from monitor.net.replies import (
    REDIRECTS,
    FailedError,
    bare,
    freshness,
    parse,
    refusal,
    same_site,
    secret_headers,
    target,
    text_header,
    validators,
)

MIB = 1024 * 1024
ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)

_CONNECTIONS = 100
_CONNECTIONS_PER_HOST = 4
_DNS_CACHE_S = 60
_DETAIL_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a server's reply we take: bytes on the wire, bytes of the body, hops, header lines, seconds."""

    wire_bytes: int = 16 * MIB
    body_bytes: int = 64 * MIB
    redirects: int = 5
    headers: int = 256
    header_bytes: int = 32 * 1024
    connect_s: float = 10


class _Resolver(AbstractResolver):
    """Shows aiohttp only names whose every address is permitted."""

    def __init__(self, lookup: Lookup, permit: Permit) -> None:
        self._lookup = lookup
        self._permit = permit

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        answers = await self._lookup(host)
        check(answers, self._permit)
        return [_resolved(host, answer, port) for answer in answers]

    async def close(self) -> None:
        """Nothing to close: the look-up belongs to the client."""


def _resolved(name: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET if ip_address(address).version == 4 else socket.AF_INET6
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=name, host=address, port=port, family=family, proto=0, flags=flags)


class Http:
    """One HTTP client for the life of the program; an async context manager.

    `contact` is told to every server. `permit` and `lookup` say which addresses may be dialled, and find them;
    `allow_private` here, or in a feed's own specification, is the only way past `permit`.
    """

    def __init__(
        self,
        *,
        contact: str | None,
        limits: Limits = Limits(),
        allow_private: bool = False,
        ssl_context: ssl.SSLContext | None = None,
        clock: Clock = utc_now,
        permit: Permit = is_public,
        lookup: Lookup | None = None,
    ) -> None:
        self._agent = f"ukraine-monitor/0.1 (+{contact})" if contact else "ukraine-monitor/0.1"
        self._limits = limits
        self._ssl = ssl_context
        self._clock = clock
        self._permit: Permit = _anything if allow_private else permit
        self._lookup = lookup
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        lookup = self._lookup
        if lookup is None:
            lookup = SystemLookup()
            self._stack.callback(lookup.close)
        # Two pools, so that a connection made for a privileged feed never serves another one.
        self._guarded = await self._stack.enter_async_context(self._session(lookup, self._permit))
        self._open = await self._stack.enter_async_context(self._session(lookup, _anything))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _session(self, lookup: Lookup, permit: Permit) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=_CONNECTIONS,
            limit_per_host=_CONNECTIONS_PER_HOST,
            ttl_dns_cache=_DNS_CACHE_S,
            resolver=_Resolver(lookup, permit),
            socket_factory=partial(dial, permit),
            ssl=self._ssl or True,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._agent, "Accept": ACCEPT, "Accept-Encoding": ACCEPT_ENCODING},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect_s),
            auto_decompress=False,
            trust_env=False,
            max_line_size=self._limits.header_bytes,
            max_field_size=self._limits.header_bytes,
            max_headers=self._limits.headers,
        )

    async def fetch(self, feed: FeedState) -> FetchResult:
        """Get a feed, conditionally where we can. Whatever the network or the server does comes back as data.

        Takes at most `feed.spec.timeout`, redirects included. Sources: RFC 9110, RFC 9111, RFC 9112.
        """
        session, permit = (self._open, _anything) if feed.spec.allow_private else (self._guarded, self._permit)
        seconds = feed.spec.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                return await _Errand(feed, session, permit, self._limits, self._clock).run()
        except aiohttp.ConnectionTimeoutError:
            return Failure(kind=FailureKind.TIMEOUT, detail=f"no connection within {self._limits.connect_s:g} s")
        except TimeoutError:
            return Failure(kind=FailureKind.TIMEOUT, detail=f"no complete reply within {seconds:g} s")
        except Exception as error:  # noqa: BLE001 (one hostile server must not end the daemon; INTERNAL shows it)
            return _explain(error)


def _anything(_: object) -> bool:
    return True


class _Errand:
    """One fetch under way: from the feed's address along its redirects to a document."""

    def __init__(
        self, feed: FeedState, session: aiohttp.ClientSession, permit: Permit, limits: Limits, clock: Clock
    ) -> None:
        self._feed = feed
        self._session = session
        self._permit = permit
        self._limits = limits
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._redirects: list[Redirect] = []

    async def run(self) -> FetchResult:
        """Follow the chain to its end."""
        address = parse(self._feed.spec.url)
        conditions = validators(self._feed)
        private = conditions | secret_headers(address, self._feed.spec.headers)
        home = bare(address)
        url = bare(parse(self._feed.address)) if self._feed.address != self._feed.spec.url else home
        seen = {url}
        while True:
            self._admit(url)
            headers = private if same_site(home, url) else conditions
            async with self._session.get(url, headers=headers, allow_redirects=False) as reply:
                if reply.status not in REDIRECTS:
                    return await self._result(reply, url, conditional=bool(conditions))
                url = target(url, reply.status, reply.headers)
            self._note(Redirect(status=reply.status, url=str(url)), again=url in seen)
            seen.add(url)

    def _admit(self, url: URL) -> None:
        """Judge the host as it will be dialled: aiohttp asks no resolver about an address."""
        ip = literal(url.raw_host or "")
        if ip is not None:
            check([str(ip)], self._permit)

    def _note(self, hop: Redirect, *, again: bool) -> None:
        self._redirects.append(hop)
        if again:
            raise FailedError(FailureKind.REDIRECT, "the redirects go in a circle", hop.status)
        if len(self._redirects) > self._limits.redirects:
            raise FailedError(FailureKind.REDIRECT, f"more than {self._limits.redirects} redirects", hop.status)

    async def _result(self, reply: aiohttp.ClientResponse, url: URL, *, conditional: bool) -> FetchResult:
        if reply.status == HTTPStatus.NOT_MODIFIED and conditional:
            return NotModified(
                etag=text_header(reply.headers, "ETag"),
                last_modified=text_header(reply.headers, "Last-Modified"),
                redirects=tuple(self._redirects),
                fresh=freshness(reply.headers, self._clock()),
                elapsed=self._elapsed(),
            )
        if reply.status not in {HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION}:
            return refusal(reply.status, reply.headers, self._clock())
        return await self._fetched(reply, url)

    async def _fetched(self, reply: aiohttp.ClientResponse, url: URL) -> Fetched:
        sink = _Sink(self._limits.body_bytes)
        wire_bytes = await self._read(reply, sink)
        return Fetched(
            url=str(url),
            body=sink.body(),
            body_hash=sink.hash(),
            content_type=text_header(reply.headers, "Content-Type"),
            content_location=text_header(reply.headers, "Content-Location"),
            etag=text_header(reply.headers, "ETag"),
            last_modified=text_header(reply.headers, "Last-Modified"),
            redirects=tuple(self._redirects),
            fresh=freshness(reply.headers, self._clock()),
            wire_bytes=wire_bytes,
            elapsed=self._elapsed(),
        )

    async def _read(self, reply: aiohttp.ClientResponse, sink: "_Sink") -> int:
        """Stream the body into `sink`; return its length on the wire."""
        self._check_wire(reply.content_length or 0)
        stream = decoder(", ".join(reply.headers.getall("Content-Encoding", [])))
        wire = 0
        async for chunk in reply.content.iter_any():
            wire += len(chunk)
            self._check_wire(wire)
            for block in stream.feed(chunk):
                if sink.write(block):
                    await asyncio.sleep(0)  # a bomb must not hold up the other feeds
        if wire:
            stream.finish()
        if not sink.size:
            raise FailedError(FailureKind.EMPTY, "the reply is empty", reply.status)
        return wire

    def _check_wire(self, size: int) -> None:
        if size > self._limits.wire_bytes:
            raise _too_large(self._limits.wire_bytes, "on the wire")

    def _elapsed(self) -> timedelta:
        return timedelta(seconds=self._loop.time() - self._started)


class _Sink:
    """Keeps a body and its hash as they grow, up to a limit."""

    def __init__(self, limit: int) -> None:
        self.size = 0
        self._limit = limit
        self._buffer = BytesIO()  # hands its memory over without a copy
        self._sha256 = hashlib.sha256()

    def write(self, block: bytes) -> bool:
        """Keep a block; True each time that another MiB is full."""
        before = self.size
        self.size += len(block)
        if self.size > self._limit:
            raise _too_large(self._limit, "unpacked")
        self._buffer.write(block)
        self._sha256.update(block)
        return self.size // MIB > before // MIB

    def body(self) -> bytes:
        return self._buffer.getvalue()

    def hash(self) -> str:
        return self._sha256.hexdigest()


def _too_large(limit: int, where: str) -> FailedError:
    return FailedError(FailureKind.TOO_LARGE, f"the document is larger than {limit:,} bytes {where}")


# ── failures ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _explain(error: Exception) -> Failure:
    """Tell an exception as a failure: its class decides, and no header or password gets into the words."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, FailedError):
        return cause.failure
    for types, kind, words in _EXPLANATIONS:
        if isinstance(cause, types) or isinstance(error, types):
            return Failure(kind=kind, detail=_line(words if isinstance(words, str) else words(cause)))
    return Failure(kind=FailureKind.INTERNAL, detail=f"unforeseen {type(error).__name__}")


def _line(text: str) -> str:
    return " ".join(text.split())[:_DETAIL_MAX]


def _tls_words(error: BaseException) -> str:
    inner = getattr(error, "certificate_error", error)
    reason = getattr(inner, "verify_message", None) or getattr(inner, "reason", None) or type(inner).__name__
    return f"no trusted TLS connection: {reason}"


def _http_words(error: BaseException) -> str:
    # Only the parser's own words: what it quotes after them came from the server.
    message = str(getattr(error, "message", "")).partition(":")[0].partition("\n")[0]
    return f"the reply is not valid HTTP: {message}" if message else "the reply is not valid HTTP"


def _os_words(error: BaseException) -> str:
    return f"no connection: {getattr(error, 'strerror', None) or type(error).__name__}"


_EXPLANATIONS: tuple[tuple[tuple[type[BaseException], ...], FailureKind, str | Callable[[BaseException], str]], ...] = (
    ((AddressError,), FailureKind.ADDRESS, str),
    ((aiohttp.InvalidURL,), FailureKind.ADDRESS, "the address is malformed"),
    ((EncodingError,), FailureKind.ENCODING, str),
    ((aiohttp.ClientConnectorDNSError,), FailureKind.DNS, "the host name does not resolve"),
    ((ssl.SSLError, aiohttp.ClientSSLError), FailureKind.TLS, _tls_words),
    ((TimeoutError,), FailureKind.TIMEOUT, "the host does not answer"),
    ((aiohttp.ClientResponseError, HttpProcessingError), FailureKind.CONNECT, _http_words),
    ((aiohttp.ClientPayloadError,), FailureKind.CONNECT, "the reply breaks off"),
    ((aiohttp.ServerDisconnectedError,), FailureKind.CONNECT, "the server closed the connection without a reply"),
    ((aiohttp.ClientError, OSError), FailureKind.CONNECT, _os_words),
)
