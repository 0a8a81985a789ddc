"""Names that turn: their server gives a public address first and an inner one afterwards."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from monitor.core.model import FailureKind, Proxy
from monitor.net.http import Http, Limits
from tests.net.clients import client, failed, feed, fetched
from tests.net.dns import Dns
from tests.net.hostile import Hostile
from tests.net.test_spellings import HOME, permitted

INNER = "127.0.0.1"
CHAIN = ("one.example", "two.example", "three.example")
TURNS = [[HOME], [INNER]]


@pytest.fixture
async def home() -> AsyncIterator[Hostile]:
    async with Hostile(host=HOME) as running:
        yield running


@pytest.fixture
async def inner(home: Hostile) -> AsyncIterator[Hostile]:
    """What must not be reached: it listens inside, at the very port that the addresses name."""
    async with Hostile(host=INNER, wanted_port=home.port) as running:
        yield running


def asking(dns: Dns, *, cache_s: int = 0) -> Http:
    return client(allow_private=False, permit=permitted, lookup=dns.look_up, limits=Limits(dns_cache_s=cache_s))


def along(home: Hostile, *hosts: str) -> str:
    """Return the address that leads from host to host; connections end after each."""
    *before, last = hosts
    url = home.url("ok", last)
    for host in reversed(before):
        url = home.url(f"leave?u={quote(url, safe='')}", host)
    return url


@pytest.mark.parametrize("turning", range(3))
async def test_a_name_that_turns_before_the_next_poll(home: Hostile, inner: Hostile, turning: int) -> None:
    names = {name: TURNS if at == turning else [[HOME]] for at, name in enumerate(CHAIN)}
    async with Dns(names) as dns:
        for polls in (1, 2):
            async with asking(dns) as http:
                result = await http.fetch(feed(along(home, *CHAIN)))
            if polls == 1:
                fetched(result)
        assert INNER in failed(result, FailureKind.ADDRESS).detail
    assert not inner.connections
    assert len(home.seen) == 3 + turning
    assert dns.asked == [*CHAIN, *CHAIN[: turning + 1]], "one question a connection: none is left to be turned"


@pytest.mark.parametrize(
    "chain",
    [
        ("turning.example", "turning.example"),
        ("turning.example", "other.example", "turning.example"),
        ("other.example", "turning.example", "turning.example"),
    ],
)
async def test_a_name_that_turns_between_two_hops(home: Hostile, inner: Hostile, chain: tuple[str, ...]) -> None:
    url = along(home, *chain).replace("/ok", "/ok?last")
    async with Dns({"turning.example": TURNS, "other.example": [[HOME]]}) as dns, asking(dns) as http:
        failed(await http.fetch(feed(url)), FailureKind.ADDRESS)
    assert not inner.connections
    assert len(home.seen) == len(chain) - 1


async def test_an_answer_that_was_judged_is_kept(home: Hostile, inner: Hostile) -> None:
    names = {"turning.example": TURNS, "other.example": [[HOME]]}
    async with Dns(names) as dns, asking(dns, cache_s=60) as http:
        fetched(await http.fetch(feed(along(home, "turning.example", "other.example", "turning.example"))))
    assert dns.asked == ["turning.example", "other.example"]
    assert not inner.connections


@pytest.mark.parametrize("answer", [[HOME, INNER], [INNER, HOME], [INNER]])
@pytest.mark.parametrize("hops", [0, 1, 2])
async def test_one_inner_answer_among_others(home: Hostile, inner: Hostile, answer: list[str], hops: int) -> None:
    names = {name: [[HOME]] for name in CHAIN[:hops]} | {"mixed.example": [answer]}
    async with Dns(names) as dns, asking(dns) as http:
        failed(await http.fetch(feed(along(home, *CHAIN[:hops], "mixed.example"))), FailureKind.ADDRESS)
    assert not inner.connections
    assert len(home.seen) == hops


async def test_a_proxy_that_turns(home: Hostile, inner: Hostile) -> None:
    spec = feed("http://far.example/leave?u=http://far.example/ok", proxy=Proxy(url=home.url("", "turning.example")))
    async with Dns({"turning.example": TURNS}) as dns, asking(dns) as http:
        assert "the proxy" in failed(await http.fetch(spec), FailureKind.ADDRESS).detail
    assert not inner.connections
    assert len(home.seen) == 1
