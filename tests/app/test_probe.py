"""What a first look says of a feed."""

from datetime import timedelta

import pytest

from monitor.core.model import Failure, FailureKind, FeedState, Fetched, FetchResult, NotModified, Redirect
from monitor.probe import Health, Probed, judge, probe_all
from tests.fakes import NOW, call_here, rss, spec

FRESH = rss(("A headline", "a", NOW - timedelta(hours=1)))
OLD = rss(("A headline", "a", NOW - timedelta(days=40)))
PAGE = Fetched(url="https://courier.example", body=b"<!doctype html><html><body>Hi</body></html>", body_hash="0")
MOVED = Fetched(
    url="https://new.example/feed",
    body=FRESH.body,
    body_hash=FRESH.body_hash,
    redirects=(Redirect(status=301, url="https://new.example/feed"),),
)
DETOUR = Fetched(
    url=MOVED.url,
    body=FRESH.body,
    body_hash=FRESH.body_hash,
    redirects=(Redirect(status=301, url="https://x.example"), Redirect(status=302, url="https://new.example/feed")),
)


@pytest.mark.parametrize(
    ("answer", "health", "detail"),
    [
        (FRESH, Health.OK, "1 entry"),
        (OLD, Health.STALE, "nothing new since 2026-01-20"),
        (rss(), Health.STALE, "no entries"),
        (MOVED, Health.MOVED, "moved for good to https://new.example/feed"),
        (DETOUR, Health.OK, "1 entry"),
        (PAGE, Health.DEAD, "is an HTML page, not a feed"),
        (NotModified(), Health.DEAD, "304 to an unconditional request"),
        (Failure(kind=FailureKind.BLOCKED, detail="403"), Health.BLOCKED, "blocked: 403"),
        (Failure(kind=FailureKind.RATE_LIMITED, detail="429"), Health.BLOCKED, "rate-limited: 429"),
        (Failure(kind=FailureKind.DNS, detail="no such host"), Health.DEAD, "dns: no such host"),
        (Failure(kind=FailureKind.ADDRESS, detail="10.0.0.1"), Health.REFUSED, "address: 10.0.0.1"),
        (Failure(kind=FailureKind.CONNECT, detail="no", of_proxy=True), Health.PROXY, "connect: no"),
        (
            Failure(kind=FailureKind.BLOCKED, detail="HTTP 401", status=401),
            Health.BLOCKED,
            "blocked: HTTP 401; it wants a sign-in: give the feed `auth`",
        ),
        (
            Failure(kind=FailureKind.CONNECT, detail="HTTP 407", status=407, of_proxy=True),
            Health.PROXY,
            "connect: HTTP 407; the proxy wants a sign-in: give `proxy` its `user` and `password`",
        ),
    ],
)
async def test_an_answer_means(answer: FetchResult, health: Health, detail: str) -> None:
    found = await judge(spec(), answer, call_here, NOW)
    assert (found.health, found.detail) == (health, detail)


async def test_every_feed_is_looked_at_once_and_told_of() -> None:
    specs = [spec(f"feed{number}", url=f"https://host{number % 3}.example/{number}") for number in range(9)]
    asked: list[str] = []
    told: list[Probed] = []

    async def fetch(feed: FeedState) -> FetchResult:
        asked.append(feed.spec.id)
        return FRESH

    found = await probe_all(specs, fetch, call_here, now=NOW, concurrency=2, done=told.append)
    assert sorted(asked) == sorted(one.spec.id for one in found) == sorted(one.spec.id for one in told)
    assert [one.spec.id for one in found] == [one.id for one in specs]
