"""Feeds that are asked through a proxy: plain and in a tunnel, with a sign-in, and what goes wrong on the way."""

import socket
import ssl

import pytest
import trustme

from monitor.core.model import FailureKind, NotModified, Proxy
from monitor.net.http import Http
from tests.net.clients import client, failed, feed, fetched, guarded
from tests.net.hostile import BODY, ETAG, Hostile

SIGN_IN = "Basic ZGVzazpzZWNyZXQ="
AUTHORITY = trustme.CA()


def server_side(*names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(*names).configure_cert(context)
    return context


def trusting(**options: object) -> Http:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return client(ssl_context=context, **options)


def through(proxy: Hostile, host: str = "", authorization: str | None = None) -> Proxy:
    return Proxy(url=proxy.url("", host).rstrip("/"), authorization=authorization)


async def test_a_plain_feed_is_asked_for_by_its_whole_address(server: Hostile, http: Http) -> None:
    spec = feed("http://news.example/etag", known=True, proxy=through(server), headers=(("X-Key", "k"),))
    assert isinstance(await http.fetch(spec), NotModified)
    seen = server.seen[0]
    assert seen.path == "http://news.example/etag"
    assert (seen.headers["host"], seen.headers["x-key"]) == ("news.example", "k")
    assert seen.headers["if-none-match"] == ETAG
    assert "proxy-authorization" not in seen.headers


async def test_the_publisher_is_never_sent_the_proxys_password() -> None:
    async with Hostile(server_side("news.example")) as site, Hostile(sign_in=SIGN_IN) as proxy, trusting() as http:
        spec = feed(
            site.url("ok", "news.example"),
            proxy=through(proxy, authorization=SIGN_IN),
            headers=(("Authorization", "secret of the site"),),
        )
        assert fetched(await http.fetch(spec)).body == BODY
    assert (proxy.seen[0].method, proxy.seen[0].headers["proxy-authorization"]) == ("CONNECT", SIGN_IN)
    assert "authorization" not in proxy.seen[0].headers
    assert site.seen[0].headers["authorization"] == "secret of the site"
    assert "proxy-authorization" not in site.seen[0].headers


async def test_a_plain_request_tells_the_proxy_its_password(http: Http) -> None:
    async with Hostile(sign_in=SIGN_IN) as proxy:
        spec = feed("http://news.example/chain/1", proxy=through(proxy, authorization=SIGN_IN))
        fetched(await http.fetch(spec))
    assert [seen.headers["proxy-authorization"] for seen in proxy.seen] == [SIGN_IN, SIGN_IN]


@pytest.mark.parametrize("tls", [False, True])
async def test_a_proxy_that_speaks_tls(*, tls: bool) -> None:
    site = Hostile(server_side("news.example") if tls else None)
    async with site, Hostile(server_side("127.0.0.1")) as proxy, trusting() as http:
        spec = feed(site.url("ok", "news.example"), proxy=through(proxy))
        assert fetched(await http.fetch(spec)).body == BODY
    assert proxy.seen[0].method == ("CONNECT" if tls else "GET")


async def test_a_redirect_stays_on_the_way_through_the_proxy(http: Http, server: Hostile) -> None:
    spec = feed("http://news.example/to?u=http://other.example/ok", proxy=through(server))
    assert fetched(await http.fetch(spec)).url == "http://other.example/ok"
    assert [seen.headers["host"] for seen in server.seen] == ["news.example", "other.example"]


async def test_feeds_through_a_proxy_and_past_it_share_no_connection(server: Hostile, http: Http) -> None:
    fetched(await http.fetch(feed(server.url("ok"))))
    fetched(await http.fetch(feed(server.url("ok"), proxy=through(server))))
    fetched(await http.fetch(feed(server.url("ok"))))
    assert server.connections == 2


async def test_a_proxy_may_be_public_or_allowed(server: Hostile) -> None:
    async with guarded() as http:
        fetched(await http.fetch(feed("http://far.example/ok", proxy=through(server, "news.test"))))
        inner = Proxy(url=f"http://127.0.0.2:{server.port}")
        failed(await http.fetch(feed("http://far.example/ok", proxy=inner)), FailureKind.ADDRESS)
    async with client(allow_private=False) as http:
        failed(await http.fetch(feed("http://far.example/ok", proxy=through(server))), FailureKind.ADDRESS)
        fetched(await http.fetch(feed("http://far.example/ok", proxy=through(server), allow_private=True)))


async def test_one_inner_answer_condemns_a_proxy(server: Hostile) -> None:
    async with guarded() as http:
        spec = feed("http://far.example/ok", proxy=through(server, "mixed.test"))
        assert failed(await http.fetch(spec), FailureKind.ADDRESS).detail.startswith("the proxy: 169.254.169.254")
    assert not server.connections


@pytest.mark.parametrize("url", ["http://far.example/ok", "https://far.example/ok"])
async def test_a_proxy_that_is_not_there(url: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        gone = Proxy(url=f"http://127.0.0.1:{unused.getsockname()[1]}")
        async with client() as http:
            result = await http.fetch(feed(url, proxy=gone))
    failure = failed(result, FailureKind.CONNECT)
    assert (failure.detail.startswith("the proxy: no connection"), failure.of_proxy) == (True, True)
    async with guarded() as http:
        result = await http.fetch(feed(url, proxy=Proxy(url="http://gone.test:3128")))
    assert failed(result, FailureKind.DNS).detail == "the proxy: the host name does not resolve"


@pytest.mark.parametrize("url", ["http://far.example/ok", "https://far.example/ok"])
async def test_a_proxy_that_does_not_know_us(http: Http, url: str) -> None:
    async with Hostile(sign_in=SIGN_IN) as proxy:
        result = await http.fetch(feed(url, proxy=through(proxy, authorization="Basic c2VjcmV0OndvcmQ=")))
    failure = failed(result, FailureKind.CONNECT)
    assert (failure.status, failure.of_proxy, "407" in failure.detail) == (407, True, True)


async def test_whose_certificate_is_wrong_is_told() -> None:
    async with Hostile(server_side("other.example")) as site, Hostile() as proxy, trusting() as http:
        result = await http.fetch(feed(site.url("ok", "news.example"), proxy=through(proxy)))
        assert failed(result, FailureKind.TLS).detail.startswith("no trusted TLS")
        result = await http.fetch(feed("http://news.example/ok", proxy=through(site)))
        assert failed(result, FailureKind.TLS).detail.startswith("the proxy: no trusted TLS")
    assert not site.seen
