"""Writes are serialised, grouped, durable, and one that fails sinks no other."""

import asyncio
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from monitor.errors import StoreError
from monitor.store import maintenance
from monitor.store.database import Connection, Database
from monitor.store.inserts import insert_ignore
from monitor.store.schema import counter, entry_group, problem
from tests.fakes import NOW


def _increment(conn: Connection) -> int:
    value = conn.execute(select(counter.c.value).where(counter.c.name == "n")).scalar_one()
    conn.execute(update(counter).where(counter.c.name == "n").values(value=value + 1))
    return int(value)


def _add(conn: Connection, key: str) -> None:
    conn.execute(entry_group.insert().values(key=key))


def _keys(conn: Connection) -> set[str]:
    return set(conn.execute(select(entry_group.c.key)).scalars())


async def test_concurrent_read_then_write_loses_no_update(db: Database) -> None:
    await db.run(insert_ignore, counter, [{"name": "n", "value": 0}])
    seen = await asyncio.gather(*(db.run(_increment) for _ in range(400)))
    assert sorted(seen) == list(range(400))


async def test_two_processes_worth_of_writers_lose_no_update(url: str, db: Database) -> None:
    await db.run(insert_ignore, counter, [{"name": "n", "value": 0}])
    if url.startswith("postgresql"):
        pytest.skip("two writers on PostgreSQL take row locks in record_poll; this is about SQLite's BEGIN IMMEDIATE")
    other = Database(url)
    try:
        await asyncio.gather(*(each.run(_increment) for _ in range(100) for each in (db, other)))
        assert await db.run(_increment) == 200
    finally:
        other.close()


async def test_a_failing_function_sinks_only_itself(db: Database) -> None:
    results = await asyncio.gather(*(db.run(_add, key) for key in ("a", "b", "a", "c")), return_exceptions=True)
    assert [type(result) for result in results] == [type(None), type(None), StoreError, type(None)]
    assert await db.read(_keys) == {"a", "b", "c"}


async def test_an_error_of_the_function_itself_reaches_the_caller(db: Database) -> None:
    def broken(conn: Connection) -> None:
        _add(conn, "lost")
        raise KeyError("own")

    with pytest.raises(KeyError, match="own"):
        await db.run(broken)
    assert await db.read(_keys) == set()


async def test_what_run_returned_is_there_for_a_new_connection(url: str, db: Database) -> None:
    await db.run(_add, "kept")
    other = Database(url)
    try:
        assert await other.read(_keys) == {"kept"}
    finally:
        other.close()


async def test_writes_waiting_together_share_a_commit(db: Database) -> None:
    gate = threading.Event()
    transactions: list[object] = []

    def hold(conn: Connection) -> None:
        gate.wait(10)

    def note(conn: Connection) -> None:
        transactions.append(conn.get_transaction())

    first = asyncio.ensure_future(db.run(hold))
    others = [asyncio.ensure_future(db.run(note)) for _ in range(10)]
    await asyncio.wait(others, timeout=0.01)
    gate.set()
    await asyncio.gather(first, *others)
    assert len({id(one) for one in transactions}) <= 2


async def test_a_cancelled_write_is_skipped(db: Database) -> None:
    gate = threading.Event()
    first = asyncio.ensure_future(db.run(lambda conn: gate.wait(10)))
    second = asyncio.ensure_future(db.run(_add, "cancelled"))
    await asyncio.wait([second], timeout=0.01)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    gate.set()
    await first
    await db.run(_add, "after")
    assert await db.read(_keys) == {"after"}


async def test_a_closed_database_says_so(url: str) -> None:
    found = Database(url)
    found.close()
    with pytest.raises(StoreError, match="closed"):
        await found.run(_add, "late")


async def test_a_full_disk_fails_the_write_and_keeps_what_was_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'small.db'}"
    db = Database(url)
    maintenance.upgrade(db.engine)
    await db.run(_add, "before")
    pages = await db.read(lambda conn: conn.execute(text("PRAGMA page_count")).scalar_one())
    db.close()
    small = Database(url, max_pages=pages + 2)
    try:
        results = await asyncio.gather(small.run(_add, "x" * 100_000), small.run(_add, "small"), return_exceptions=True)
        assert isinstance(results[0], StoreError)
        assert "full" in str(results[0])
        assert results[1] is None
        assert await small.read(_keys) == {"before", "small"}
    finally:
        small.close()


def test_an_unknown_database_is_refused() -> None:
    with pytest.raises(StoreError, match="not supported"):
        Database("mysql://root@127.0.0.1/monitor")


async def test_naive_datetimes_are_refused(db: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StoreError, match="naive"):
        await db.run(lambda conn: conn.execute(problem.insert().values(key="k", detail="d", since=naive)))
