"""Retention drops texts first and tombstones last; a backup can be opened."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.core.model import RuleKind
from monitor.errors import StoreError
from monitor.store import entries, feeds, hits, maintenance
from monitor.store.database import Database
from monitor.store.rules import sync_rules
from tests.fakes import NOW, entry, judged, match, outcome, spec

LONG_AGO = NOW - timedelta(days=9999)


def cutoffs(
    content: datetime = LONG_AGO, hits_: datetime = LONG_AGO, ledger: datetime = LONG_AGO
) -> maintenance.Cutoffs:
    return maintenance.Cutoffs(content=content, hits=hits_, ledger=ledger)


def prune_all(db: Database, what: maintenance.Cutoffs) -> int:
    dropped = 0
    while batch := db.run_now(maintenance.prune, what):
        dropped += batch
    return dropped


@pytest.fixture
def filled(db: Database) -> Database:
    rules = db.run_now(sync_rules, [(RuleKind.TOPIC, "drones", "{}")], NOW)
    db.run_now(feeds.sync, [spec()], NOW)
    [feed] = db.read_now(feeds.states, {"courier": spec()})
    items = [judged(entry("With a hit", keys=("g:1", "l:1")), match()), judged(entry("Without"), relevant=False)]
    db.run_now(hits.record_poll, outcome(feed, *items), rules)
    return db


def test_nothing_young_is_dropped(filled: Database) -> None:
    assert prune_all(filled, cutoffs(content=NOW, hits_=NOW, ledger=NOW)) == 0


def test_texts_without_a_hit_go_first(filled: Database) -> None:
    assert prune_all(filled, cutoffs(content=NOW + timedelta(days=1))) == 1
    figures = filled.read_now(maintenance.stats)
    assert (figures["entry"], figures["revision"], figures["hit"], figures["entry_key"]) == (2, 1, 1, 3)


def test_a_tombstone_still_knows_its_entry(filled: Database) -> None:
    prune_all(filled, cutoffs(content=NOW + timedelta(days=1), hits_=NOW + timedelta(days=1)))
    assert filled.read_now(maintenance.stats)["revision"] == 0
    [feed] = filled.read_now(feeds.states, {"courier": spec()})
    assert set(filled.read_now(entries.known, feed.pk, ["g:1", "l:1"])) == {"g:1", "l:1"}
    again = filled.run_now(hits.record_poll, outcome(feed, judged(entry("With a hit", keys=("g:1", "l:1")))), {})
    assert again.entries == 0


def test_tombstones_go_last(filled: Database) -> None:
    late = NOW + timedelta(days=1)
    prune_all(filled, cutoffs(late, late, late))
    figures = filled.read_now(maintenance.stats)
    assert (figures["entry"], figures["entry_key"]) == (0, 0)


def test_an_entry_that_its_feed_still_shows_is_kept(filled: Database) -> None:
    [feed] = filled.read_now(feeds.states, {"courier": spec()})
    known = filled.read_now(entries.known, feed.pk, ["l:1"])
    later = NOW + timedelta(days=40)
    filled.run_now(hits.record_poll, outcome(feed, at=later, touch=(known["l:1"].entry,)), {})
    prune_all(filled, cutoffs(content=later, hits_=later))
    assert filled.read_now(maintenance.stats)["hit"] == 1


def test_a_backup_is_a_database(filled: Database, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    if filled.engine.dialect.name != "sqlite":
        with pytest.raises(StoreError, match="pg_dump"):
            maintenance.backup(filled.engine, target)
        return
    assert maintenance.backup(filled.engine, target) == target.stat().st_size
    copy = Database(f"sqlite:///{target}")
    assert copy.read_now(maintenance.stats) == filled.read_now(maintenance.stats)
    copy.close()
    with pytest.raises(StoreError, match="exists"):
        maintenance.backup(filled.engine, target)
