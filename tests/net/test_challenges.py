"""A challenge page is a refusal, whatever its status, and nothing else is one."""

from datetime import timedelta

import pytest

from monitor.core.model import FailureKind
from monitor.net.challenges import guard_of_page, guard_of_reply
from monitor.net.http import Http
from tests.net.challenge_pages import CHALLENGES, NONE
from tests.net.clients import failed, feed, fetched
from tests.net.hostile import Exchange, Hostile, mood


@mood
async def challenge(x: Exchange) -> None:
    x.reply(200, CHALLENGES[x.rest].encode(), Content_Type="text/html; charset=UTF-8")


@mood
async def harmless(x: Exchange) -> None:
    x.reply(200, NONE[x.rest].encode(), Content_Type="text/html")


@mood
async def mitigated(x: Exchange) -> None:
    name, status = x.rest.split("/")
    x.reply(int(status), b"<rss/>", **{name: "challenge", "Retry-After": "60"})


@pytest.mark.parametrize("name", CHALLENGES)
async def test_a_challenge_with_status_200_is_a_refusal(server: Hostile, http: Http, name: str) -> None:
    result = failed(await http.fetch(feed(server.url(f"challenge/{name}"))), FailureKind.BLOCKED)
    assert result.status == 200
    assert result.detail == f"a challenge page of {name.partition(',')[0]} instead of a feed"


@pytest.mark.parametrize("name", NONE)
async def test_what_only_speaks_of_challenges_is_none(server: Hostile, http: Http, name: str) -> None:
    fetched(await http.fetch(feed(server.url(f"harmless/{name}"))))


@pytest.mark.parametrize("header", ["cf-mitigated", "x-vercel-mitigated", "x-amzn-waf-action"])
@pytest.mark.parametrize("status", [200, 202, 403, 405, 429, 503])
async def test_a_header_that_says_so_is_enough(server: Hostile, http: Http, header: str, status: int) -> None:
    result = failed(await http.fetch(feed(server.url(f"mitigated/{header}/{status}"))), FailureKind.BLOCKED)
    assert (result.status, result.retry_after) == (status, timedelta(seconds=60))


def test_a_guards_name_is_no_mark() -> None:
    assert guard_of_reply({"server": "cloudflare"}) is None
    assert guard_of_reply({"cf-mitigated": "block"}) is None
    assert guard_of_page(b"") is None
    assert guard_of_page("<html><title>ВЫ НЕ РОБОТ?</title>".encode()) == "SmartCaptcha"
