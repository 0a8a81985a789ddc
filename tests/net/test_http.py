"""The HTTP client against a real server on loopback that misbehaves in every way we know of."""

import asyncio
import hashlib
import socket
import ssl
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import quote

import pytest
import trustme

from monitor.core.model import Failure, FailureKind, FeedSpec, FeedState, Fetched, FetchResult, NotModified, Redirect
from monitor.net.addresses import IPAddress
from monitor.net.http import Http, Limits
from tests.net.hostile import BODY, ETAG, MODIFIED, PACKED, Hostile

NOW = datetime(2026, 8, 24, 12, tzinfo=UTC)
MIB = 1 << 20
NAMES = {
    "news.test": ["127.0.0.1"],
    "other.test": ["127.0.0.1"],
    "inner.test": ["10.0.0.1"],
    "mixed.test": ["127.0.0.1", "169.254.169.254"],
}


async def look_up(host: str) -> list[str]:
    if host not in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    return NAMES[host]


def stands_for_public(ip: IPAddress) -> bool:
    return ip == ip_address("127.0.0.1")


def client(**options: object) -> Http:
    return Http(contact="ops@example.org", **{"clock": lambda: NOW, "allow_private": True} | options)  # type: ignore[arg-type]  # each test names its own


def guarded(**options: object) -> Http:
    return client(allow_private=False, permit=stands_for_public, lookup=look_up, **options)


def feed(url: str, *, known: bool = False, **spec: object) -> FeedState:
    made = FeedSpec(**{"id": "f", "title": "F", "timeout": timedelta(seconds=5)} | spec | {"url": url})  # type: ignore[arg-type]  # as above
    return FeedState(
        pk=1, spec=made, next_poll_at=NOW, etag=ETAG if known else None, last_modified=MODIFIED if known else None
    )


@pytest.fixture
async def server() -> AsyncIterator[Hostile]:
    async with Hostile() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with client() as opened:
        yield opened


def failed(result: FetchResult, kind: FailureKind) -> Failure:
    assert isinstance(result, Failure), result
    assert result.kind is kind, result
    assert result.detail.isprintable()
    assert result.detail
    assert "secret" not in result.detail
    return result


def fetched(result: FetchResult) -> Fetched:
    assert isinstance(result, Fetched), result
    return result


# ── the plain path ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_document_comes_whole_with_what_the_server_said_of_it(server: Hostile, http: Http) -> None:
    url = server.url("ok")
    result = fetched(await http.fetch(feed(url)))
    assert (result.url, result.body, result.wire_bytes) == (url, BODY, len(BODY))
    assert result.body_hash == hashlib.sha256(BODY).hexdigest()
    assert (result.content_type, result.content_location) == ("application/rss+xml", "/feed.rss")
    assert (result.etag, result.last_modified, result.redirects) == (None, None, ())
    assert timedelta() < result.elapsed < timedelta(seconds=5)


async def test_we_say_who_we_are_and_what_we_read(server: Hostile, http: Http) -> None:
    await http.fetch(feed(server.url("ok")))
    headers = server.seen[0].headers
    assert headers["user-agent"] == "ukraine-monitor/0.1 (+ops@example.org)"
    assert headers["accept-encoding"] == "gzip, deflate, br, zstd"
    assert "application/rss+xml" in headers["accept"]
    assert not {"if-none-match", "if-modified-since", "cookie"} & headers.keys()


@pytest.mark.parametrize("path", ["etag", "modified"])
async def test_what_we_have_is_not_sent_again(server: Hostile, http: Http, path: str) -> None:
    first = fetched(await http.fetch(feed(server.url(path))))
    again = await http.fetch(feed(server.url(path), known=True))
    assert first.last_modified == MODIFIED
    assert isinstance(again, NotModified)
    assert again.etag == (ETAG if path == "etag" else None)
    assert server.connections == 1, "a 304 must not cost the connection"


async def test_a_304_nobody_asked_for_is_a_failure(server: Hostile, http: Http) -> None:
    assert failed(await http.fetch(feed(server.url("not_modified"))), FailureKind.STATUS).status == 304


@pytest.mark.parametrize("path", ["chunked", "hints"])
async def test_other_ways_to_send_a_document(server: Hostile, http: Http, path: str) -> None:
    assert fetched(await http.fetch(feed(server.url(path)))).body == BODY


async def test_headers_that_are_no_text_are_not_kept(server: Hostile, http: Http) -> None:
    result = fetched(await http.fetch(feed(server.url("odd_headers"))))
    assert (result.etag, result.last_modified) == (None, None)


# ── statuses ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, FailureKind.BLOCKED),
        (403, FailureKind.BLOCKED),
        (451, FailureKind.BLOCKED),
        (404, FailureKind.NOT_FOUND),
        (410, FailureKind.GONE),
        (429, FailureKind.RATE_LIMITED),
        (500, FailureKind.SERVER),
        (503, FailureKind.SERVER),
        (599, FailureKind.SERVER),
        (202, FailureKind.STATUS),
        (300, FailureKind.STATUS),
        (418, FailureKind.STATUS),
    ],
)
async def test_a_status_is_a_kind_of_failure(server: Hostile, http: Http, status: int, kind: FailureKind) -> None:
    result = failed(await http.fetch(feed(server.url(f"status/{status}"))), kind)
    assert result.status == status
    assert str(status) in result.detail


@pytest.mark.parametrize(
    ("query", "wait"),
    [
        ("after=120", timedelta(seconds=120)),
        ("after=000120", timedelta(seconds=120)),
        ("after=0", timedelta()),
        ("after=99999999999999999999", timedelta(days=7)),
        (f"after={'9' * 5000}", timedelta(days=7)),
        ("after=Mon,%2024%20Aug%202026%2013:00:00%20GMT", timedelta(hours=1)),
        ("after=Monday,%2024-Aug-26%2013:00:00%20GMT", timedelta(hours=1)),
        ("after=Mon%20Aug%2024%2013:00:00%202026", timedelta(hours=1)),
        ("after=Mon,%2024%20Aug%202026%2011:00:00%20GMT", timedelta()),
        ("after=Mon,%2024%20Aug%202099%2011:00:00%20GMT", timedelta(days=7)),
        (
            "after=Mon,%2024%20Aug%202026%2013:00:00%20GMT&date=Mon,%2024%20Aug%202026%2012:59:00%20GMT",
            timedelta(minutes=1),
        ),
        ("after=Mon,%2024%20Aug%202026%2013:00:00%20GMT&date=rubbish", timedelta(hours=1)),
        ("after=soon", None),
        ("after=-5", None),
        ("after=%D9%A1", None),
    ],
)
async def test_retry_after_in_all_its_forms(server: Hostile, http: Http, query: str, wait: timedelta | None) -> None:
    result = failed(await http.fetch(feed(server.url(f"later?{query}"))), FailureKind.RATE_LIMITED)
    assert result.retry_after == wait


# ── content codings ──────────────────────────────────────────────────────────────────────────────────────────────────

READABLE = ["gzip", "x-gzip", "members", "deflate", "raw", "br", "zstd", "frames", "stacked", "identity"]


@pytest.mark.parametrize("name", READABLE)
async def test_every_coding_that_we_offer_is_read(server: Hostile, http: Http, name: str) -> None:
    result = fetched(await http.fetch(feed(server.url(f"packed/{name}"))))
    assert result.body == BODY
    assert result.body_hash == hashlib.sha256(BODY).hexdigest()
    assert result.wire_bytes == len(PACKED[name][1])


@pytest.mark.parametrize("name", ["wrong", "cut", "cut-br", "cut-zstd", "unknown", "triple"])
async def test_a_body_that_cannot_be_unpacked(server: Hostile, http: Http, name: str) -> None:
    failed(await http.fetch(feed(server.url(f"packed/{name}"))), FailureKind.ENCODING)


async def test_a_gigabyte_in_a_megabyte_never_fills_the_memory(server: Hostile) -> None:
    async with client(limits=Limits(body_bytes=8 * MIB)) as http:
        await http.fetch(feed(server.url("ok")))
        tracemalloc.start()
        result = await http.fetch(feed(server.url("bomb")))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    failed(result, FailureKind.TOO_LARGE)
    assert peak < 11 * MIB


# ── sizes and times ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_large_body_is_cut_off_and_never_half_kept(server: Hostile) -> None:
    async with client(limits=Limits(wire_bytes=MIB)) as http:
        failed(await http.fetch(feed(server.url("huge"))), FailureKind.TOO_LARGE)
        await asyncio.wait_for(server.gone.wait(), 5)
    assert server.sent < 32 * MIB, "what the socket buffers hold, not the body"


async def test_a_body_announced_as_too_large_is_not_even_begun(server: Hostile, http: Http) -> None:
    failed(await http.fetch(feed(server.url("declared"))), FailureKind.TOO_LARGE)
    await asyncio.wait_for(server.gone.wait(), 5)


@pytest.mark.parametrize("path", ["trickle", "silent"])
async def test_the_whole_fetch_has_one_time_limit(server: Hostile, http: Http, path: str) -> None:
    result = await http.fetch(feed(server.url(path), timeout=timedelta(seconds=0.3)))
    assert "0.3 s" in failed(result, FailureKind.TIMEOUT).detail
    await asyncio.wait_for(server.gone.wait(), 5)


@pytest.mark.parametrize("path", ["empty", "packed/none"])
async def test_nothing_is_not_a_document(server: Hostile, http: Http, path: str) -> None:
    failed(await http.fetch(feed(server.url(path))), FailureKind.EMPTY)


async def test_a_cancelled_fetch_stops_and_the_client_goes_on(server: Hostile, http: Http) -> None:
    task = asyncio.create_task(http.fetch(feed(server.url("silent"))))
    while not server.seen:
        await asyncio.wait({task}, timeout=0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(server.gone.wait(), 5)
    fetched(await http.fetch(feed(server.url("ok"))))


# ── broken replies ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["early", "reset", "flood", "long", "garbage", "bad_chunk"])
async def test_a_broken_reply_is_told_without_its_bytes(server: Hostile, http: Http, path: str) -> None:
    failed(await http.fetch(feed(server.url(path))), FailureKind.CONNECT)
    assert server.sent < 16 * MIB
    assert fetched(await http.fetch(feed(server.url("ok")))).body == BODY


async def test_a_port_where_nobody_listens(http: Http) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        failed(await http.fetch(feed(f"http://127.0.0.1:{port}/")), FailureKind.CONNECT)


async def test_a_host_that_does_not_take_the_connection() -> None:
    with socket.socket() as full, ExitStack() as callers:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(3):
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        async with client(limits=Limits(connect_s=0.2)) as http:
            result = await http.fetch(feed(f"http://127.0.0.1:{full.getsockname()[1]}/"))
    assert "no connection within 0.2 s" in failed(result, FailureKind.TIMEOUT).detail


async def test_a_name_that_does_not_exist() -> None:
    async with guarded() as http:
        failed(await http.fetch(feed("http://gone.test/")), FailureKind.DNS)


async def test_a_header_that_cannot_be_sent_is_our_own_fault(server: Hostile, http: Http) -> None:
    bad = feed(server.url("ok"), headers=(("X-Key", "secret\r\nX-Injected: 1"),))
    failed(await http.fetch(bad), FailureKind.INTERNAL)
    assert not server.seen


# ── redirects ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_each_hop_of_a_chain_is_kept(server: Hostile, http: Http) -> None:
    result = fetched(await http.fetch(feed(server.url("chain/2"))))
    hops = (server.url("chain/1"), server.url("chain/0"))
    assert result.redirects == tuple(Redirect(status=301, url=url) for url in hops)
    assert result.url == hops[-1]
    assert server.connections == 1


async def test_the_conditions_go_along_the_chain(server: Hostile, http: Http) -> None:
    result = await http.fetch(feed(server.url("chain/1"), known=True))
    assert isinstance(result, NotModified)
    assert len(result.redirects) == 1
    assert [seen.headers["if-none-match"] for seen in server.seen] == [ETAG, ETAG]


async def test_five_redirects_are_enough(server: Hostile, http: Http) -> None:
    fetched(await http.fetch(feed(server.url("chain/5"))))
    failed(await http.fetch(feed(server.url("chain/6"))), FailureKind.REDIRECT)


@pytest.mark.parametrize(
    "path",
    [
        "loop",
        "nowhere",
        "bytes",
        "to?u=/to%3Fu=/loop",
        "to?u=file:///etc/passwd",
        "to?u=ftp://127.0.0.1/",
        "to?u=javascript:alert(1)",
        "to?u=http://[::1/",
        "to?u=http://127.0.0.1:99999/",
    ],
)
async def test_a_redirect_that_leads_nowhere(server: Hostile, http: Http, path: str) -> None:
    assert failed(await http.fetch(feed(server.url(path))), FailureKind.REDIRECT).status in {301, 302, 308}


async def test_another_host_is_not_told_our_secrets(server: Hostile) -> None:
    away = server.url("etag", "other.test")
    spec = feed(
        server.url("to?u=" + away, "user:p%40ss@news.test"),
        known=True,
        headers=(("Cookie", "secret=1"), ("X-Api-Key", "secret")),
    )
    async with guarded() as http:
        result = await http.fetch(spec)
    home, other = (seen.headers for seen in server.seen)
    assert (home["authorization"], home["cookie"], home["x-api-key"]) == ("Basic dXNlcjpwQHNz", "secret=1", "secret")
    assert not {"authorization", "cookie", "x-api-key"} & other.keys()
    assert isinstance(result, NotModified)
    assert result.redirects == (Redirect(status=302, url=away),)


async def test_a_redirect_cannot_make_us_sign_in(server: Hostile, http: Http) -> None:
    away = server.url("ok", "eve:word@127.0.0.1")
    result = fetched(await http.fetch(feed(server.url("to?u=" + away))))
    assert result.url == server.url("ok")
    assert "authorization" not in server.seen[-1].headers


async def test_the_same_site_keeps_the_secrets(server: Hostile, http: Http) -> None:
    await http.fetch(feed(server.url("chain/1"), headers=(("X-Api-Key", "k"),)))
    assert [seen.headers.get("x-api-key") for seen in server.seen] == ["k", "k"]


# ── the guard ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "①②⑦.0.0.1",
        "%31%32%37.0.0.1",
        "0.0.0.0",
    ],
)
async def test_loopback_is_refused_however_it_is_spelt(server: Hostile, host: str) -> None:
    async with client(allow_private=False) as http:
        failed(await http.fetch(feed(server.url("ok", host))), FailureKind.ADDRESS)
    assert not server.connections


@pytest.mark.parametrize("url", ["", "nonsense", "file:///etc/passwd", "http://", "http://h:99999/", "http://a b/"])
async def test_an_address_that_is_none(http: Http, url: str) -> None:
    failed(await http.fetch(feed(url)), FailureKind.ADDRESS)


@pytest.mark.parametrize("host", ["inner.test", "mixed.test"])
async def test_one_inner_answer_condemns_a_name(server: Hostile, host: str) -> None:
    async with guarded() as http:
        failed(await http.fetch(feed(server.url("ok", host))), FailureKind.ADDRESS)
    assert not server.connections


@pytest.mark.parametrize(
    "inner", ["http://127.0.0.2:{port}/ok", "http://inner.test:{port}/ok", "http://[::1]:{port}/ok"]
)
async def test_a_public_name_cannot_send_us_inside(server: Hostile, inner: str) -> None:
    target = quote(inner.format(port=server.port))
    async with guarded() as http:
        failed(await http.fetch(feed(server.url(f"to?u={target}", "news.test"))), FailureKind.ADDRESS)
        fetched(await http.fetch(feed(server.url("ok", "news.test"))))
    assert [seen.path.split("?")[0] for seen in server.seen] == ["/to", "/ok"]


@pytest.mark.parametrize("host", ["news.test", "127.0.0.1"])
async def test_an_address_that_turns_inner_before_it_is_dialled(server: Hostile, host: str) -> None:
    answers = iter([True, False])
    async with client(allow_private=False, lookup=look_up, permit=lambda _: next(answers)) as http:
        failed(await http.fetch(feed(server.url("ok", host))), FailureKind.ADDRESS)
    assert not server.connections


async def test_a_connection_of_a_privileged_feed_serves_no_other(server: Hostile) -> None:
    async with client(allow_private=False) as http:
        fetched(await http.fetch(feed(server.url("ok"), allow_private=True)))
        failed(await http.fetch(feed(server.url("ok"))), FailureKind.ADDRESS)
        failed(await http.fetch(feed(server.url("ok", "localhost"))), FailureKind.ADDRESS)
    assert len(server.seen) == 1


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def server_side(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def client_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_tls_is_trusted_only_by_its_own_authority() -> None:
    authority = trustme.CA()
    async with Hostile(server_side(authority, "127.0.0.1")) as server:
        async with client(ssl_context=client_side(authority)) as http:
            assert fetched(await http.fetch(feed(server.url("ok")))).body == BODY
        async with client(ssl_context=client_side(trustme.CA())) as http:
            failed(await http.fetch(feed(server.url("ok"))), FailureKind.TLS)
        async with client() as http:
            failed(await http.fetch(feed(server.url("ok"))), FailureKind.TLS)


async def test_a_certificate_for_another_name_is_refused() -> None:
    authority = trustme.CA()
    trusting = client(ssl_context=client_side(authority))
    async with Hostile(server_side(authority, "other.test")) as server, trusting as http:
        failed(await http.fetch(feed(server.url("ok"))), FailureKind.TLS)


async def test_tls_where_there_is_none(http: Http) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    failed(await http.fetch(feed(f"https://127.0.0.1:{port}/")), FailureKind.TLS)
    server.close()
    await server.wait_closed()
