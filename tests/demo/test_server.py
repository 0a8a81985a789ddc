"""The sample server answers a real client as feed servers do."""

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import aiohttp
import pytest
from ruamel.yaml import YAML

from monitor.demo.documents import render
from monitor.demo.outlets import Format, load_outlets
from monitor.demo.server import SampleServer, feeds_yaml

NOW = datetime(2026, 3, 9, 7, 0, tzinfo=UTC)
OUTLETS = tuple(replace(outlet, delay=min(outlet.delay, 0.05)) for outlet in load_outlets())
NEWSPAPER, NGO = "northbridge-courier", "open-grid-watch"


@pytest.fixture
async def server() -> AsyncIterator[SampleServer]:
    async with SampleServer(now=NOW, outlets=OUTLETS) as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield session


async def fetch(client: aiohttp.ClientSession, url: str, **headers: str) -> tuple[aiohttp.ClientResponse, bytes]:
    async with client.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()}) as response:
        return response, await response.read()


async def test_serves_every_outlet(server: SampleServer, client: aiohttp.ClientSession) -> None:
    for outlet in OUTLETS:
        response, body = await fetch(client, server.urls()[outlet.id], Accept_Encoding="identity")
        assert response.status == 200
        assert body == render(outlet, state=1, now=NOW)
    assert server.replies == [(outlet.id, 200) for outlet in OUTLETS]


@pytest.mark.parametrize(("outlet", "status"), [(NEWSPAPER, 200), (NGO, 304)])
async def test_second_state_is_new_only_where_something_changed(
    server: SampleServer, client: aiohttp.ClientSession, outlet: str, status: int
) -> None:
    url = server.urls()[outlet]
    first, _ = await fetch(client, url)
    validators = {"If_None_Match": first.headers["ETag"], "If_Modified_Since": first.headers["Last-Modified"]}
    again, body = await fetch(client, url, **validators)
    assert (again.status, body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    server.state = 2
    later, _ = await fetch(client, url, **validators)
    assert later.status == status


async def test_modified_since_alone_is_enough(server: SampleServer, client: aiohttp.ClientSession) -> None:
    url = server.urls()[NEWSPAPER]
    first, _ = await fetch(client, url)
    date = first.headers["Last-Modified"]
    assert (await fetch(client, url, If_Modified_Since=date))[0].status == 304
    assert (await fetch(client, url, If_Modified_Since="Sun, 08 Mar 2026 00:00:00 GMT"))[0].status == 200
    assert (await fetch(client, url, If_Modified_Since=date, If_None_Match='"other"'))[0].status == 200
    server.state = 2
    assert (await fetch(client, url, If_Modified_Since=date))[0].status == 200


async def test_gzip_only_where_the_outlet_has_it_and_the_client_wants_it(
    server: SampleServer, client: aiohttp.ClientSession
) -> None:
    outlet = next(outlet for outlet in OUTLETS if outlet.gzip)
    response, body = await fetch(client, server.urls()[outlet.id], Accept_Encoding="gzip")
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == render(outlet, state=1, now=NOW)
    plain, _ = await fetch(client, server.urls()[NEWSPAPER], Accept_Encoding="gzip")
    assert "Content-Encoding" not in plain.headers


async def test_the_broken_outlet_answers_with_a_page(server: SampleServer, client: aiohttp.ClientSession) -> None:
    outlet = next(outlet for outlet in OUTLETS if outlet.format is Format.PAGE)
    response, _ = await fetch(client, server.urls()[outlet.id])
    assert (response.status, response.content_type) == (200, "text/html")


async def test_the_slow_outlet_keeps_its_reader_waiting(client: aiohttp.ClientSession) -> None:
    slow = replace(OUTLETS[0], delay=60.0)
    async with SampleServer(now=NOW, outlets=(slow,)) as server:
        with pytest.raises(TimeoutError):
            await client.get(server.urls()[slow.id], timeout=aiohttp.ClientTimeout(total=0.2))


async def test_unknown_outlet(server: SampleServer, client: aiohttp.ClientSession) -> None:
    response, _ = await fetch(client, server.urls()[NEWSPAPER] + "-annexe")
    assert response.status == 404


def test_only_two_states() -> None:
    with pytest.raises(ValueError, match="state 3"):
        SampleServer(now=NOW, outlets=(), state=3)


def test_no_addresses_before_it_runs() -> None:
    with pytest.raises(RuntimeError):
        SampleServer(now=NOW, outlets=()).urls()


async def test_feeds_yaml_names_every_outlet(server: SampleServer) -> None:
    written = YAML(typ="safe", pure=True).load(feeds_yaml(server))
    assert written["extends"] == "ukraine"
    assert {feed["id"]: feed["url"] for feed in written["feeds"]} == server.urls()
    for feed, outlet in zip(written["feeds"], OUTLETS, strict=True):
        assert (feed["title"], feed["language"], feed["country"]) == (outlet.title, outlet.language, outlet.country)
        assert (feed["press"], feed["interval"], feed["allow_private"]) == (outlet.press.value, "1m", True)
