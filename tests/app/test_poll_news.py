"""Polls that read documents in part leave the store as those that read them whole."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from monitor.core.model import Fetched
from monitor.core.parsing import CHECK_AFTER
from monitor.store import feeds, maintenance, outlines
from monitor.store.database import Connection, Database
from monitor.store.schema import entry, entry_key, feed_outline, hit, metadata, revision
from tests.app.conftest import Harness
from tests.fakes import NOW, rss, spec
from tests.recordings import RECORDINGS, SETS, Recording, State

DRONES = ("Drones over Kyiv", "drones", NOW - timedelta(hours=1))
TALKS = ("Ukraine: ceasefire talks begin", "talks", NOW - timedelta(hours=1))
BREAD = ("How to bake bread", "bread", NOW - timedelta(hours=1))
WHEAT = ("Wheat prices fall in Chicago", "wheat", NOW - timedelta(hours=1))


def outline(harness: Harness) -> bytes | None:
    return harness.db.read_now(outlines.read, harness.db.read_now(feeds.states, harness.specs)[0].pk)


async def test_old_items_count_though_they_are_not_read(harness: Harness) -> None:
    await harness.poll("courier", rss(DRONES, TALKS))
    outcome, recorded = await harness.poll("courier", rss(BREAD, DRONES, TALKS))
    assert [one.entry.title for one in outcome.judged] == [BREAD[0]]
    assert (outcome.shown, outcome.known, outcome.gap, outcome.history) == (3, 2, False, False)
    assert (recorded.entries, recorded.revisions) == (1, 0)


async def test_an_outline_is_written_only_where_it_changed(harness: Harness) -> None:
    first, _ = await harness.poll("courier", rss(DRONES, TALKS))
    assert first.outline == outline(harness) != b""
    document = rss(DRONES, TALKS)
    built = document.body.replace(b"<item>", b"<lastBuildDate>now</lastBuildDate><item>", 1)
    outcome, _ = await harness.poll("courier", Fetched(url=document.url, body=built, body_hash="2"))
    assert (outcome.shown, outcome.known, outcome.outline) == (2, 2, None)
    assert outline(harness) == first.outline


async def test_a_document_that_cannot_be_split_leaves_no_outline(harness: Harness) -> None:
    await harness.poll("courier", rss(DRONES, TALKS))
    broken = Fetched(
        url="https://courier.example/feed", body=rss(DRONES).body.replace(b"Kyiv", b"Kyiv & Lviv"), body_hash="2"
    )
    await harness.poll("courier", broken)
    assert outline(harness) is None


async def test_a_poll_that_was_not_recorded_loses_nothing(harness: Harness) -> None:
    await harness.poll("courier", rss(DRONES))

    def refuse(conn: Connection) -> None:
        conn.exec_driver_sql("CREATE TRIGGER refuse BEFORE UPDATE ON feed BEGIN SELECT RAISE(ABORT, 'disk full'); END")

    harness.db.run_now(refuse)
    with pytest.raises(Exception, match="disk full"):
        await harness.poll("courier", rss(TALKS, DRONES))

    def heal(conn: Connection) -> None:
        conn.exec_driver_sql("DROP TRIGGER refuse")

    harness.db.run_now(heal)
    _, recorded = await harness.poll("courier", rss(TALKS, DRONES))
    assert recorded.entries == 1


async def test_entries_that_the_store_has_lost_come_back(harness: Harness) -> None:
    await harness.poll("courier", rss(DRONES, TALKS))

    def lose(conn: Connection) -> None:
        for table in (hit, revision, entry_key, entry):
            conn.execute(delete(table))

    harness.db.run_now(lose)
    harness.clock.now += CHECK_AFTER
    _, recorded = await harness.poll("courier", rss(BREAD, DRONES, TALKS))
    assert recorded.entries == 3


async def test_unread_entries_are_touched_before_they_are_six_hours_stale(harness: Harness) -> None:
    await harness.poll("courier", rss(DRONES))
    for number in range(1, 49):
        harness.clock.forward(minutes=30)
        await harness.poll("courier", rss((f"Kyiv {number}", str(number), None), DRONES))
        seen = harness.db.read_now(
            lambda conn: conn.execute(select(entry.c.last_seen_at).order_by(entry.c.id)).scalar()
        )
        assert seen is not None
        assert harness.clock() - seen < timedelta(hours=6)


async def test_a_new_address_is_read_whole(harness: Harness) -> None:
    await harness.poll("courier", rss(DRONES, TALKS))
    harness.watching(spec("courier", url="https://moved.example/feed"))
    outcome, _ = await harness.poll("courier", rss(DRONES, TALKS, site="https://moved.example"))
    assert len(outcome.judged) == 2


# ── recorded feeds ───────────────────────────────────────────────────────────────────────────────────────────────────

SAMPLES = [
    ("ru", "meduza", 40),
    ("ru", "bbc", 30),
    ("ru", "feed_holod", 30),
    ("ru", "donbass", 30),
    ("temp", "temp", 4),
]
BOOKKEEPING = {"last_seen_at", "outline"}


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[tuple[Harness, Harness]]:
    """Two monitors with databases of their own."""
    made = [Harness(Database(f"sqlite:///{tmp_path / name}")) for name in ("part.db", "whole.db")]
    for one in made:
        maintenance.upgrade(one.db.engine)
    yield made[0], made[1]
    for one in made:
        one.db.close()


def content(conn: Connection) -> dict[str, Sequence[Any]]:
    """Return all rows, but for when an entry was last seen."""
    tables = [table for table in metadata.sorted_tables if table is not feed_outline]
    columns = {table.name: [column for column in table.columns if column.name not in BOOKKEEPING] for table in tables}
    return {name: conn.execute(select(*kept).order_by(*kept)).fetchall() for name, kept in columns.items() if kept}


def forget(conn: Connection) -> None:
    conn.execute(delete(feed_outline))


async def play(harness: Harness, recording: Recording, states: Sequence[State], *, whole: bool) -> int:
    """Poll state after state; return how many entries were looked at."""
    harness.watching(spec("courier"))
    judged = 0
    for state in states:
        body = recording.read(state)
        harness.clock.now = state.at
        if whole:
            harness.db.run_now(forget)
        document = Fetched(url="https://courier.example/feed", body=body, body_hash=sha256(body).hexdigest())
        outcome, _ = await harness.poll("courier", document)
        judged += len(outcome.judged)
    return judged


@pytest.mark.skipif(not RECORDINGS.exists(), reason="the recorded feeds are not there (../shared/data/replay)")
@pytest.mark.parametrize(("name", "source", "number"), SAMPLES)
async def test_recorded_feeds_leave_the_same_store(
    twins: tuple[Harness, Harness], name: str, source: str, number: int
) -> None:
    part, whole = twins
    with Recording(SETS[name].path) as recording:
        states = [state for state in recording.states if state.feed == source][:number]
        judged = await play(part, recording, states, whole=False), await play(whole, recording, states, whole=True)
    found, expected = part.db.read_now(content), whole.db.read_now(content)
    assert len(expected["entry"]) > 20
    assert found == expected
    assert judged[0] == judged[1]
