"""Many feeds: what is due, one host at a time, and who is put off for whose sake."""

import asyncio
from datetime import timedelta

from monitor.core.model import Failure, FailureKind, FeedState, FetchResult
from monitor.fleet import PROBES, Fleet
from monitor.store import feeds, maintenance
from monitor.store.database import Connection
from tests.app.conftest import Harness
from tests.fakes import NOW, rss, spec

DRONES = ("Drones over Kyiv", "drones", NOW - timedelta(hours=1))
DNS = Failure(kind=FailureKind.DNS, detail="the host name does not resolve")


def health(harness: Harness) -> dict[str, feeds.FeedHealth]:
    return {one.id: one for one in harness.db.read_now(feeds.health)}


async def finish(fleet: Fleet) -> None:
    await fleet.drain(timedelta(seconds=10))


async def test_what_is_due_is_polled_and_then_not_due(harness: Harness) -> None:
    harness.fetch.answers = {name: rss(DRONES) for name in harness.specs}
    fleet = harness.fleet()
    assert await fleet.start_due() == 2
    await finish(fleet)
    assert await fleet.start_due() == 0
    harness.clock.forward(minutes=16)
    assert await fleet.start_due() == 2
    await finish(fleet)


async def test_a_second_tick_starts_nothing_twice(harness: Harness) -> None:
    harness.fetch.answers = {name: rss(DRONES) for name in harness.specs}
    fleet = harness.fleet()
    assert [await fleet.start_due(), await fleet.start_due()] == [2, 0]
    await finish(fleet)
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
    await finish(fleet)
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
    await finish(fleet)
    assert [health(harness)[name].polls for name in ("courier", "herald")] == [1, 0]
    assert harness.db.read_now(maintenance.stats)["entry"] == 1
    assert await fleet.start_due() == 0, "the host rests instead of being tried every second"
    harness.clock.forward(seconds=61)
    assert await fleet.start_due() == 1
    await finish(fleet)


async def test_a_host_that_says_too_many_rests_with_all_its_feeds(harness: Harness) -> None:
    harness.watching(
        *(spec(f"feed{number}", url=f"https://one.example/{number}") for number in range(4)), spec("herald")
    )
    limited = Failure(kind=FailureKind.RATE_LIMITED, detail="HTTP 429", retry_after=timedelta(hours=2))
    harness.fetch.answers = {name: rss(DRONES) if name == "herald" else limited for name in harness.specs}
    fleet = harness.fleet()
    await fleet.start_due()
    await finish(fleet)
    assert len(harness.fetch.asked) == 2
    found = health(harness)
    assert {found[f"feed{number}"].next_poll_at for number in range(4)} == {NOW + timedelta(hours=2)}
    assert sum(one.failures for one in found.values()) == 1
    assert "one.example asked for fewer requests" in {one.next_reason for one in found.values()}
    assert found["herald"].next_poll_at == NOW + timedelta(minutes=15)


async def test_an_outage_of_our_own_holds_all_and_blames_none(harness: Harness) -> None:
    harness.watching(*(spec(f"feed{number}") for number in range(20)))
    harness.fetch.answers = dict.fromkeys(harness.specs, DNS)
    fleet = harness.fleet()
    await fleet.start_due()
    await finish(fleet)
    assert fleet.network_down_since == NOW
    found = health(harness).values()
    assert {(one.failures, one.failure_kind) for one in found} == {(0, None)}
    assert max(one.next_poll_at for one in found) == NOW + timedelta(minutes=1)

    harness.clock.forward(minutes=2)
    assert await fleet.start_due() == PROBES, "a few ask whether the network is back"
    await finish(fleet)
    assert fleet.network_down_since == NOW

    harness.fetch.answers = dict.fromkeys(harness.specs, rss(DRONES))
    harness.clock.forward(minutes=2)
    await fleet.start_due()
    await finish(fleet)
    assert fleet.network_down_since is None
    assert await fleet.start_due() == 20 - PROBES
    await finish(fleet)
    assert all(one.polls for one in health(harness).values())
