"""Fetches feeds over HTTP: bounded in time and size, kept out of inner networks, and never raising."""

import asyncio
import socket
import ssl
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from monitor.clock import Clock, utc_now
from monitor.core.model import Failure, FailureKind, FeedState, Fetched, FetchResult, NotModified, Redirect
from monitor.net.addresses import Lookup, Permit, SystemLookup, admit, check, dial, is_public
from monitor.net.bodies import MIB, Body
from monitor.net.challenges import guard_of_page, guard_of_reply, in_words
from monitor.net.decompress import ACCEPT_ENCODING, decoder
from monitor.net.failures import explain
from monitor.net.replies import (
    REDIRECTS,
    FailedError,
    bare,
    freshness,
    parse,
    proxy_headers,
    refusal,
    retry_after,
    same_site,
    secret_headers,
    target,
    text_header,
    validators,
)

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)

_CONNECTIONS = 100
_CONNECTIONS_PER_HOST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a server's reply we take, and how long an answer of its name's server holds.

    Bytes as sent and unpacked, and how many times larger unpacked; hops; header lines and the bytes of each; seconds
    for a connection, and the share of a feed's time that may pass without a byte, before the first one too.
    """

    wire_bytes: int = 16 * MIB
    body_bytes: int = 64 * MIB
    ratio: int = 100
    redirects: int = 5
    headers: int = 256
    header_bytes: int = 32 * 1024
    connect_s: float = 10
    silent_share: float = 2 / 3
    dns_cache_s: int = 60


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
            ttl_dns_cache=self._limits.dns_cache_s,
            resolver=_Resolver(lookup, permit),
            socket_factory=partial(dial, permit),
            ssl=self._ssl or True,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._agent, "Accept": ACCEPT, "Accept-Encoding": ACCEPT_ENCODING},
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
        silent = seconds * self._limits.silent_share
        try:
            async with asyncio.timeout(seconds):
                return await _Errand(feed, session, permit, self._limits, self._clock, silent).run()
        except aiohttp.ConnectionTimeoutError:
            return Failure(kind=FailureKind.CONNECT, detail=f"no connection within {self._limits.connect_s:g} s")
        except aiohttp.SocketTimeoutError:
            return Failure(kind=FailureKind.TIMEOUT, detail=f"not a byte for {silent:.3g} s")
        except TimeoutError:
            return Failure(kind=FailureKind.TIMEOUT, detail=f"no complete reply within {seconds:g} s")
        except Exception as error:  # noqa: BLE001 (one hostile server must not end the daemon; INTERNAL shows it)
            return explain(error, feed.spec.proxy)


def _anything(_: object) -> bool:
    return True


class _Errand:
    """One fetch under way: from the feed's address along its redirects to a document."""

    def __init__(
        self,
        feed: FeedState,
        session: aiohttp.ClientSession,
        permit: Permit,
        limits: Limits,
        clock: Clock,
        silent: float,
    ) -> None:
        self._feed = feed
        self._session = session
        self._permit = permit
        self._limits = limits
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_s, sock_read=silent)
        self._loop = asyncio.get_running_loop()
        self._started = self._loop.time()
        self._redirects: list[Redirect] = []

    async def run(self) -> FetchResult:
        """Follow the chain to its end."""
        address = parse(self._feed.spec.url)
        conditions = validators(self._feed)
        private = conditions | secret_headers(address, self._feed.spec.headers)
        proxy = self._proxy()
        home = bare(address)
        url = bare(parse(self._feed.address)) if self._feed.address != self._feed.spec.url else home
        seen = {url}
        while True:
            admit(url.raw_host or "", self._permit, by_proxy=proxy is not None)
            headers = private if same_site(home, url) else conditions
            async with self._get(url, headers, proxy) as reply:
                if reply.status not in REDIRECTS:
                    return await self._result(reply, url, conditional=bool(conditions))
                url = target(url, reply.status, reply.headers)
            self._note(Redirect(status=reply.status, url=str(url)), again=url in seen)
            seen.add(url)

    def _proxy(self) -> URL | None:
        """Return the proxy's address, judged like any other: aiohttp asks no resolver about a literal one either."""
        spec = self._feed.spec.proxy
        if spec is None:
            return None
        proxy = parse(spec.url)
        admit(proxy.raw_host or "", self._permit)
        return proxy

    def _get(
        self, url: URL, headers: dict[str, str], proxy: URL | None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        tunnel = None
        if proxy is not None:
            tunnel = proxy_headers(self._feed.spec.proxy)
            headers = headers if url.scheme == "https" else headers | tunnel
        return self._session.get(
            url,
            headers=headers,
            allow_redirects=False,
            timeout=self._timeout,
            proxy=proxy,
            proxy_headers=tunnel,
        )

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
        if guard := guard_of_reply(reply.headers):
            return self._challenged(reply, guard)
        if reply.status not in {HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION}:
            return refusal(reply.status, reply.headers, self._clock())
        body = await self._read(reply)
        if guard := guard_of_page(body.bytes()):
            return self._challenged(reply, guard)
        return self._fetched(reply, url, body)

    def _challenged(self, reply: aiohttp.ClientResponse, guard: str) -> Failure:
        wait = retry_after(reply.headers, self._clock())
        return Failure(kind=FailureKind.BLOCKED, detail=in_words(guard), status=reply.status, retry_after=wait)

    def _fetched(self, reply: aiohttp.ClientResponse, url: URL, body: Body) -> Fetched:
        return Fetched(
            url=str(url),
            body=body.bytes(),
            body_hash=body.hash(),
            content_type=text_header(reply.headers, "Content-Type"),
            content_location=text_header(reply.headers, "Content-Location"),
            etag=text_header(reply.headers, "ETag"),
            last_modified=text_header(reply.headers, "Last-Modified"),
            redirects=tuple(self._redirects),
            fresh=freshness(reply.headers, self._clock()),
            wire_bytes=body.wire,
            elapsed=self._elapsed(),
        )

    async def _read(self, reply: aiohttp.ClientResponse) -> Body:
        """Stream the body."""
        limits = self._limits
        body = Body(wire_bytes=limits.wire_bytes, body_bytes=limits.body_bytes, ratio=limits.ratio)
        body.announced(reply.content_length or 0)
        stream = decoder(", ".join(reply.headers.getall("Content-Encoding", [])))
        async for chunk in reply.content.iter_any():
            body.arrived(len(chunk))
            for block in stream.feed(chunk):
                if body.write(block):
                    await asyncio.sleep(0)  # a bomb must not hold up the other feeds
        if body.wire:
            stream.finish()
        if not body.size:
            raise FailedError(FailureKind.EMPTY, "the reply is empty", reply.status)
        return body

    def _elapsed(self) -> timedelta:
        return timedelta(seconds=self._loop.time() - self._started)
