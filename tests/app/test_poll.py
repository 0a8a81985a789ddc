"""One feed, end to end: what reaches the store, and what never stops the others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import ParamSpec, TypeVar

import pytest

from monitor.core.model import (
    Failure,
    FailureKind,
    FeedState,
    Fetched,
    FetchResult,
    NotModified,
    Press,
    Redirect,
    TopicSpec,
    WatchSpec,
)
from monitor.store import feeds, hits
from monitor.store.candidates import matches
from tests.app.conftest import WATCHED, Harness
from tests.fakes import NOW, rss, spec

HOUR_AGO = NOW - timedelta(hours=1)
P = ParamSpec("P")
T = TypeVar("T")

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


async def test_a_query_hears_where_an_entry_comes_from_and_may_show_no_place(harness: Harness) -> None:
    topics = (
        TopicSpec(id="ours", label={}, terms={}, query="source:courier country:UA", scoped=False),
        TopicSpec(id="bread", label={}, terms={}, query="bake S(how bread) -press:state", scoped=False),
    )
    harness.watching(spec("courier", country="UA"), spec("herald", press=Press.STATE), watched=WatchSpec(topics=topics))
    for name in ("courier", "herald"):
        await harness.poll(name, rss((f"{COOKING[0]} ({name})", name, HOUR_AGO)))
    assert found(harness) == {f"{COOKING[0]} (courier)": ("topic:bread", "topic:ours")}
    read = harness.db.read_now(matches, [1, 2], seq_to=10)
    assert {one.rule: [piece.text for piece in one.evidence] for one in read[1]} == {
        "bread": ["How", "bake", "bread"],
        "ours": [],
    }


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
    assert outcome.next_poll.at >= NOW + timedelta(minutes=5)
    assert (health(harness).failure_kind, health(harness).failure_detail) == (kind, "why")
    await harness.poll("courier", rss(DRONES))
    assert health(harness).failures == 0


async def test_a_page_instead_of_a_feed_is_a_failure(harness: Harness) -> None:
    page = Fetched(url="https://courier.example/", body=b"<!doctype html><html><body>Hi</body></html>", body_hash="1")
    outcome, _ = await harness.poll("courier", page)
    assert outcome.failure is not None
    assert (outcome.failure.kind, "HTML" in outcome.failure.detail) == (FailureKind.NOT_A_FEED, True)
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


def only_drones(harness: Harness) -> None:
    harness.watching(*harness.specs.values(), watched=WatchSpec(topics=WATCHED.topics[:1], scope=WATCHED.scope))


async def test_a_reload_in_the_middle_of_a_poll_loses_nothing(harness: Harness) -> None:
    async def call_while_reloading(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        only_drones(harness)
        return function(*args, **kwargs)

    harness.call = call_while_reloading
    harness.fetch.answers["courier"] = rss(TALKS)
    [state, _] = harness.db.read_now(feeds.states, harness.specs)
    _, recording = await harness.poller.poll(state)
    recorded = await recording
    assert (recorded.entries, recorded.hits) == (1, 2)


async def test_a_reload_counts_for_a_document_that_was_on_its_way(harness: Harness) -> None:
    async def fetch_while_reloading(feed: FeedState) -> FetchResult:
        only_drones(harness)
        return rss(TALKS)

    harness.fetch = fetch_while_reloading  # type: ignore[assignment]
    [state, _] = harness.db.read_now(feeds.states, harness.specs)
    _, recording = await harness.poller.poll(state)
    recorded = await recording
    assert (recorded.entries, recorded.hits) == (1, 1)


async def test_a_poll_teaches_the_schedule(harness: Harness) -> None:
    document = rss(DRONES, head="<ttl>40</ttl>")
    await harness.poll("courier", replace(document, elapsed=timedelta(milliseconds=120)))
    assert health(harness).next_poll_at == NOW + timedelta(minutes=40)
    harness.clock.forward(minutes=40)
    outcome, _ = await harness.poll("courier", document)
    assert (outcome.not_modified, outcome.next_poll.reason) == (True, "as the feed asks")
    late = ("Ukraine: talks again", "again", NOW + timedelta(minutes=10))
    harness.clock.forward(minutes=40)
    await harness.poll("courier", rss(DRONES, late))
    found = health(harness)
    assert (found.polls, found.empty_polls, found.not_modified, found.fetch_ms) == (3, 1, 1, 76)
    assert found.lag_s == 70 * 60
    assert found.pace_s == 11 * 60 + 15, "half of it was new"


async def test_one_poll_in_a_hundred_asks_without_conditions(harness: Harness) -> None:
    asked: list[FeedState] = []

    async def fetch(feed: FeedState) -> FetchResult:
        asked.append(feed)
        return rss(DRONES)

    [known, _] = harness.db.read_now(feeds.states, harness.specs)
    draws = iter([0.5, 0.0, 0.995, 0.0])
    poller = replace(harness.poller, fetch=fetch, chance=draws.__next__)
    for _ in range(2):
        await poller.poll(replace(known, etag='"1"', last_modified="x"))
    assert [(one.etag, one.last_modified) for one in asked] == [('"1"', "x"), (None, None)]


async def test_a_confirmed_move_is_asked_and_a_lost_one_is_not(harness: Harness) -> None:
    moved = (Redirect(status=301, url="https://www.courier.example/new"),)
    for _ in range(5):
        await harness.poll("courier", replace(rss(DRONES), redirects=moved))
        harness.clock.forward(days=1)

    def address() -> str:
        return next(one.address for one in harness.db.read_now(feeds.states, harness.specs) if one.spec.id == "courier")

    assert (address(), health(harness).redirect_used) == ("https://www.courier.example/new", True)
    await harness.poll("courier", Failure(kind=FailureKind.TIMEOUT, detail=""))
    assert address() == "https://www.courier.example/new"
    await harness.poll("courier", Failure(kind=FailureKind.NOT_FOUND, detail=""))
    assert address() == "https://courier.example/feed"
