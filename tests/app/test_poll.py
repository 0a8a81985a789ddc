"""One feed, end to end: what reaches the store, and what never stops the others."""

import asyncio
from datetime import timedelta

import pytest

from monitor.core.model import Failure, FailureKind, FeedState, Fetched, FetchResult, NotModified, Press, WatchSpec
from monitor.store import feeds, hits, maintenance
from monitor.store.database import Connection
from tests.app.conftest import WATCHED, Harness
from tests.fakes import NOW, rss, spec

HOUR_AGO = NOW - timedelta(hours=1)
DRONES = ("Drones over Kyiv", "drones", HOUR_AGO)
TALKS = ("Ukraine: ceasefire talks begin", "talks", HOUR_AGO)
COOKING = ("How to bake bread", "bread", HOUR_AGO)
WHEAT = ("Wheat prices fall in Chicago", "wheat", HOUR_AGO)


def health(harness: Harness, name: str = "courier") -> feeds.FeedHealth:
    return next(one for one in harness.db.read_now(feeds.health) if one.id == name)


def found(harness: Harness) -> dict[str, tuple[str, ...]]:
    return {one.title: one.rules for one in harness.db.read_now(hits.search)}


async def test_a_document_becomes_entries_and_hits(harness: Harness) -> None:
    _, recorded = await harness.poll("courier", rss(DRONES, TALKS, COOKING))
    assert (recorded.entries, recorded.revisions) == (3, 0)
    assert found(harness) == {DRONES[0]: ("topic:drones",), TALKS[0]: ("topic:peace-talks",)}
    assert health(harness).next_poll_at == NOW + timedelta(minutes=15)


async def test_a_topic_outside_the_scope_is_read_everywhere(harness: Harness) -> None:
    await harness.poll("courier", rss(WHEAT, COOKING))
    [one] = harness.db.read_now(hits.search)
    assert (one.title, one.rules, one.relevant) == (WHEAT[0], ("topic:wheat",), False)


async def test_the_second_poll_brings_only_what_changed(harness: Harness) -> None:
    await harness.poll("courier", rss(DRONES, COOKING))
    retitled = ("Drones hit Kyiv", "drones", HOUR_AGO)
    outcome, recorded = await harness.poll("courier", rss(retitled, COOKING, TALKS))
    assert (recorded.entries, recorded.revisions) == (1, 1)
    assert (outcome.shown, outcome.known, outcome.history) == (3, 1, False)


async def test_the_same_body_is_not_parsed_again(harness: Harness) -> None:
    document = rss(DRONES)
    await harness.poll("courier", document)
    outcome, recorded = await harness.poll("courier", document)
    assert (outcome.not_modified, recorded.entries) == (True, 0)
    assert health(harness).not_modified == 1


async def test_a_304_keeps_what_the_reply_leaves_out(harness: Harness) -> None:
    document = rss(DRONES)
    with_tag = Fetched(url=document.url, body=document.body, body_hash=document.body_hash, etag='"1"')
    await harness.poll("courier", with_tag)
    outcome, _ = await harness.poll("courier", NotModified())
    assert outcome.etag == '"1"'


@pytest.mark.parametrize("kind", list(FailureKind))
async def test_every_failure_is_data_and_backs_off(harness: Harness, kind: FailureKind) -> None:
    outcome, _ = await harness.poll("courier", Failure(kind=kind, detail="why"))
    assert outcome.next_poll.at >= NOW + timedelta(minutes=15)
    assert (health(harness).failure_kind, health(harness).failure_detail) == (kind, "why")
    await harness.poll("courier", rss(DRONES))
    assert health(harness).failures == 0


async def test_a_page_instead_of_a_feed_is_a_failure(harness: Harness) -> None:
    page = Fetched(url="https://courier.example/", body=b"<!doctype html><html><body>Hi</body></html>", body_hash="1")
    outcome, _ = await harness.poll("courier", page)
    assert outcome.failure is not None
    assert "HTML" in outcome.failure.detail
    assert health(harness).failures == 1


async def test_the_first_poll_is_history_the_next_is_news(harness: Harness) -> None:
    first, _ = await harness.poll("courier", rss(DRONES))
    second, _ = await harness.poll("courier", rss(DRONES, TALKS))
    assert (first.history, second.history) == (True, False)


async def test_a_flood_of_new_ids_is_history_and_a_gap(harness: Harness) -> None:
    await harness.poll("courier", rss(DRONES))
    flood = [(f"Kyiv report {number}", f"r{number}", HOUR_AGO) for number in range(30)]
    outcome, _ = await harness.poll("courier", rss(*flood))
    assert (outcome.history, outcome.gap) == (True, True)
    assert health(harness).gaps == 1


async def test_publishers_are_told_apart_in_an_aggregate(harness: Harness) -> None:
    harness.watching(
        spec("mix"), spec("tass", title="TASS", url="https://tass.example/rss", country="RU", press=Press.STATE)
    )
    items = "".join(
        f"<item><title>Kyiv report {number}</title><link>https://{host}/{number}</link>{source}</item>"
        for number, (host, source) in enumerate(
            [
                ("tass.example", ""),
                ("one.example", '<source url="https://one.example">One Gazette</source>'),
                ("two.example", ""),
                ("three.example", "<source>Unknown</source>"),
            ]
        )
    )
    body = f'<rss version="2.0"><channel><title>Mix</title>{items}</channel></rss>'.encode()
    await harness.poll("mix", Fetched(url="https://mix.example/feed", body=body, body_hash="1"))
    publishers = {one.publisher for one in harness.db.read_now(hits.search)}
    assert publishers == {"TASS", "One Gazette", "two.example", "three.example"}


async def test_an_entry_that_a_feed_still_shows_is_touched(harness: Harness) -> None:
    await harness.poll("courier", rss(DRONES))
    harness.clock.forward(hours=7)
    outcome, _ = await harness.poll("courier", rss(DRONES, TALKS))
    assert len(outcome.touch) == 1


# ── many feeds ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def finish(fleet: object, harness: Harness) -> None:
    await fleet.drain(timedelta(seconds=10))  # type: ignore[attr-defined]


async def test_what_is_due_is_polled_and_then_not_due(harness: Harness) -> None:
    harness.fetch.answers = {name: rss(DRONES) for name in harness.specs}
    fleet = harness.fleet()
    assert await fleet.start_due() == 2
    await finish(fleet, harness)
    assert await fleet.start_due() == 0
    harness.clock.forward(minutes=16)
    assert await fleet.start_due() == 2
    await finish(fleet, harness)


async def test_a_second_tick_starts_nothing_twice(harness: Harness) -> None:
    harness.fetch.answers = {name: rss(DRONES) for name in harness.specs}
    fleet = harness.fleet()
    assert [await fleet.start_due(), await fleet.start_due()] == [2, 0]
    await finish(fleet, harness)
    assert sorted(harness.fetch.asked) == ["courier", "herald"]


async def test_one_host_is_polled_by_one_at_a_time(harness: Harness) -> None:
    harness.watching(*(spec(f"feed{number}", url=f"https://one.example/{number}") for number in range(5)))
    running, most = 0, 0

    async def fetch(feed: FeedState) -> FetchResult:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(3):
            await asyncio.to_thread(int)
        running -= 1
        return rss(DRONES)

    harness.fetch = fetch  # type: ignore[assignment]
    fleet = harness.fleet()
    assert await fleet.start_due() == 5
    await finish(fleet, harness)
    assert most == 1
    assert all(one.polls == 1 for one in harness.db.read_now(feeds.health))


async def test_a_database_that_refuses_stops_no_other_feed(harness: Harness) -> None:
    harness.fetch.answers = {name: rss(DRONES) for name in harness.specs}

    def break_one(conn: Connection) -> None:
        conn.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE UPDATE ON feed WHEN new.key = 'herald' "
            "BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
        )

    harness.db.run_now(break_one)
    fleet = harness.fleet()
    await fleet.start_due()
    await finish(fleet, harness)
    assert [health(harness, name).polls for name in ("courier", "herald")] == [1, 0]
    assert harness.db.read_now(maintenance.stats)["entry"] == 1
    assert await fleet.start_due() == 0, "the host rests instead of being tried every second"
    harness.clock.forward(seconds=61)
    assert await fleet.start_due() == 1
    await finish(fleet, harness)


async def test_a_reload_in_the_middle_of_a_poll_loses_nothing(harness: Harness) -> None:
    async def fetch_while_reloading(feed: FeedState) -> FetchResult:
        harness.watching(*harness.specs.values(), watched=WatchSpec(topics=WATCHED.topics[:1], scope=WATCHED.scope))
        return rss(TALKS)

    harness.fetch = fetch_while_reloading  # type: ignore[assignment]
    [state, _] = harness.db.read_now(feeds.states, harness.specs)
    _, recorded = await harness.poller.poll(state)
    assert (recorded.entries, recorded.hits) == (1, 2)
