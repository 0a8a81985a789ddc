"""Every spelling of an inner address is refused wherever it stands: as the feed's, behind redirects, as a proxy."""

import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address
from urllib.parse import quote

import pytest

from monitor.core.model import Failure, FailureKind, FetchResult, Proxy
from monitor.net.addresses import IPAddress, is_public
from monitor.net.http import Http
from tests.net.clients import client, feed, fetched
from tests.net.hostile import Hostile
from tests.net.spellings import INNER, NAMES, PUBLIC

HOME = "127.0.0.53"  # stands for a public server: all of 127/8 is this machine
RESOLVED = NAMES | {"home.example": [HOME], "localhost": ["127.0.0.1"], "feeds.localhost": ["127.0.0.1"]}


async def look_up(host: str) -> list[str]:
    try:
        return RESOLVED[host.rstrip(".").lower()]
    except KeyError:
        raise socket.gaierror(socket.EAI_NONAME, "no such name") from None


def permitted(ip: IPAddress) -> bool:
    return ip == ip_address(HOME) or is_public(ip)


@pytest.fixture
async def home() -> AsyncIterator[Hostile]:
    async with Hostile(host=HOME) as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with client(allow_private=False, permit=permitted, lookup=look_up) as opened:
        yield opened


def refused(result: FetchResult) -> Failure:
    assert isinstance(result, Failure), result
    assert result.kind in {FailureKind.ADDRESS, FailureKind.REDIRECT}, result
    return result


def sent_on(home: Hostile, url: str, times: int) -> str:
    """Return an address at home from which redirects lead to `url`."""
    for _ in range(times):
        url = home.url(f"to?u={quote(url, safe='')}", "home.example")
    return url


def test_the_table_is_large() -> None:
    assert len(set(INNER.values())) == len(INNER) > 90


@pytest.mark.parametrize("host", [*INNER.values(), *NAMES], ids=[*INNER, *NAMES])
@pytest.mark.parametrize("redirects", [0, 1, 2])
async def test_no_inner_address_is_dialled(
    server: Hostile, home: Hostile, http: Http, redirects: int, host: str
) -> None:
    refused(await http.fetch(feed(sent_on(home, f"http://{host}:{server.port}/ok", redirects))))
    assert not server.connections
    assert len(home.seen) == redirects


@pytest.mark.parametrize("host", [*INNER.values(), *NAMES], ids=[*INNER, *NAMES])
async def test_no_inner_address_is_a_proxy(server: Hostile, http: Http, host: str) -> None:
    proxy = Proxy(url=f"http://{host}:{server.port}")
    assert refused(await http.fetch(feed("http://news.example.org/ok", proxy=proxy))).kind is FailureKind.ADDRESS
    assert not server.connections


@pytest.mark.parametrize("host", INNER.values(), ids=INNER)
@pytest.mark.parametrize("redirects", [0, 1, 2])
async def test_no_inner_address_is_handed_to_a_proxy(home: Hostile, http: Http, redirects: int, host: str) -> None:
    url = sent_on(home, f"http://{host}/ok", redirects)
    refused(await http.fetch(feed(url, proxy=Proxy(url=home.url("", "home.example")))))
    assert len(home.seen) == redirects


@pytest.mark.parametrize("host", PUBLIC.values(), ids=PUBLIC)
@pytest.mark.parametrize("redirects", [0, 1, 2])
async def test_what_everybody_can_reach_passes(home: Hostile, http: Http, redirects: int, host: str) -> None:
    url = sent_on(home, f"http://{host}/ok", redirects)
    fetched(await http.fetch(feed(url, proxy=Proxy(url=home.url("", "home.example")))))
    assert len(home.seen) == redirects + 1


@pytest.mark.parametrize("host", ["intranet", "printer.local", "metadata.google.internal", "nas.home.arpa", "a.LOCAL."])
async def test_a_local_name_is_not_handed_to_a_proxy(home: Hostile, http: Http, host: str) -> None:
    proxy = Proxy(url=home.url("", "home.example"))
    assert "is not a public name" in refused(await http.fetch(feed(f"http://{host}/ok", proxy=proxy))).detail
    fetched(await http.fetch(feed(f"http://{host}/ok", proxy=proxy, allow_private=True)))
    assert [seen.headers["host"] for seen in home.seen] == [host.lower().rstrip(".")]
