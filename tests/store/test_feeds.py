"""What is due, what a failure leaves, and what an edit of the configuration does to a feed's history."""

from dataclasses import replace
from datetime import timedelta

from monitor.core.model import Failure, FailureKind, FeedSpec, FeedState, NextPoll
from monitor.store import feeds, hits, outlines
from monitor.store.database import Database
from tests.fakes import NOW, outcome, spec

LATER = NOW + timedelta(hours=1)


def sync(db: Database, *specs: FeedSpec) -> dict[str, FeedState]:
    db.run_now(feeds.sync, specs, NOW)
    return {one.spec.id: one for one in db.read_now(feeds.states, {each.id: each for each in specs})}


def test_new_feeds_are_due_at_once_and_then_when_told(db: Database) -> None:
    known = sync(db, spec("a"), spec("b"))
    specs = {one.spec.id: one.spec for one in known.values()}
    assert len(db.read_now(feeds.due, specs, NOW, limit=10)) == 2
    db.run_now(hits.record_poll, outcome(known["a"], next_poll=NextPoll(at=LATER, reason="on time")), {})
    assert [one.spec.id for one in db.read_now(feeds.due, specs, NOW, limit=10)] == ["b"]
    assert [one.spec.id for one in db.read_now(feeds.due, specs, LATER, limit=10)] == ["b", "a"]
    assert db.read_now(feeds.next_due) == NOW


def test_failures_are_counted_and_forgotten(db: Database) -> None:
    known = sync(db, spec("a"))["a"]
    failure = Failure(kind=FailureKind.TIMEOUT, detail="no answer in 30 s")
    for minutes in (0, 15):
        db.run_now(hits.record_poll, outcome(known, failure=failure, at=NOW + timedelta(minutes=minutes)), {})
    [health] = db.read_now(feeds.health)
    assert (health.failures, health.failure_kind, health.failing_since) == (2, "timeout", NOW)
    assert sync(db, spec("a"))["a"].failures == 2
    db.run_now(hits.record_poll, outcome(known, at=LATER), {})
    [health] = db.read_now(feeds.health)
    assert (health.failures, health.failure_kind, health.failing_since) == (0, None, None)


def test_a_304_keeps_the_body_hash(db: Database) -> None:
    known = sync(db, spec("a"))["a"]
    db.run_now(hits.record_poll, outcome(known, body_hash="f" * 64, etag='"1"'), {})
    db.run_now(hits.record_poll, outcome(known, not_modified=True, body_hash=None, etag='"2"'), {})
    again = sync(db, spec("a"))["a"]
    assert (again.body_hash, again.etag) == ("f" * 64, '"2"')


def test_a_changed_address_keeps_the_history_and_drops_the_validators(db: Database) -> None:
    known = sync(db, spec("a"))["a"]
    db.run_now(hits.record_poll, outcome(known, etag='"1"', next_poll=NextPoll(at=LATER, reason="")), {})
    moved = sync(db, replace(spec("a"), url="https://new.example/feed"))["a"]
    assert (moved.pk, moved.etag, moved.body_hash, moved.next_poll_at) == (known.pk, None, None, NOW)
    assert moved.first_ok_at == NOW


def test_a_removed_feed_rests_and_a_restored_one_goes_on(db: Database) -> None:
    known = sync(db, spec("a"), spec("b"))
    assert set(sync(db, spec("a"))) == {"a"}
    assert [one.id for one in db.read_now(feeds.health)] == ["a"]
    assert sync(db, spec("a"), spec("b"))["b"].pk == known["b"].pk


def test_a_disabled_feed_is_not_due(db: Database) -> None:
    off = replace(spec("a"), enabled=False)
    sync(db, off)
    assert db.read_now(feeds.due, {"a": off}, LATER, limit=10) == []


def test_an_outline_stays_until_another_comes_or_there_is_none(db: Database) -> None:
    one, other = sync(db, spec("a"), spec("b")).values()
    kept = []
    for new in (None, b"first\0", None, b"second", b"", b"third"):
        db.run_now(hits.record_poll, outcome(one, outline=new), {})
        kept.append(db.read_now(outlines.read, one.pk))
    assert kept == [None, b"first\0", b"first\0", b"second", None, b"third"]
    assert db.read_now(outlines.read, other.pk) is None
