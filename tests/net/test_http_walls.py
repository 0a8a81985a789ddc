"""Where the HTTP client lets itself be sent, and where not: redirects, inner addresses, TLS."""

import asyncio
import ssl
from urllib.parse import quote

import pytest
import trustme

from monitor.core.model import FailureKind, NotModified, Redirect
from monitor.net.http import Http
from tests.net.clients import client, failed, feed, fetched, guarded, look_up
from tests.net.hostile import BODY, ETAG, Hostile

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
