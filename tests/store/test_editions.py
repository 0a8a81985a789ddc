"""The ledger knows what was told under which headline; editions that tell nothing lengthen each other."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from monitor.core.model import Digest, Subscription
from monitor.errors import InputError
from monitor.store import accounts, editions, feeds, hits, outbox, subscribers
from monitor.store.database import Connection, Database
from monitor.store.schema import edition, entry, revision
from tests.fakes import NOW, judged, outcome, spec
from tests.fakes import entry as an_entry
from tests.store.test_mail import LEASE, digest, group, plan, subscribe

URL = "https://courier.example/port"


def report(db: Database, title: str) -> tuple[int, int]:
    """Store an entry, or its new headline; returns its group and newest revision."""
    db.run_now(feeds.sync, [spec()], NOW)
    [state] = db.read_now(feeds.states, {"courier": spec()})
    db.run_now(hits.record_poll, outcome(state, judged(an_entry(title, url=URL))), {})
    query = select(entry.c.group_id, revision.c.id).join(revision).order_by(revision.c.id.desc()).limit(1)
    found = db.read_now(lambda conn: conn.execute(query).one())
    return int(found[0]), int(found[1])


def telling(number: int, newest: int, *, end: int = 0, **changes: Any) -> Digest:
    made = digest(number, end=end)
    [section] = made.sections
    items = tuple(replace(item, revision=newest, **changes) for item in section.items)
    return replace(made, sections=(replace(section, items=items),))


def nothing(end: int, *, seq_from: int | None = None) -> Digest:
    made = replace(digest(end=end), sections=())
    return made if seq_from is None else replace(made, window=replace(made.window, seq_from=seq_from))


def plan_empty(db: Database, wish: Subscription, content: Digest) -> int:
    return db.run_now(editions.plan, wish, content, "{}", domain="example.org", send=False, now=NOW)


def spans(conn: Connection) -> list[tuple[int, int, str]]:
    rows = conn.execute(select(edition.c.seq_from, edition.c.seq_to, edition.c.state).order_by(edition.c.id))
    return [(row.seq_from, row.seq_to, row.state) for row in rows]


# ── the ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_ledger_knows_the_headlines_in_their_order(db: Database) -> None:
    wish = subscribe(db)
    told, first = report(db, "Drones hit the port")
    plan(db, wish, replace(telling(told, first), instant=True))
    _, second = report(db, "Fire at the port put out")
    later = NOW + timedelta(days=1)
    content = telling(told, second, end=1)
    db.run_now(editions.plan, wish, content, "{}", domain="example.org", send=True, now=later)
    [found] = db.read_now(editions.told, wish.subscriber.pk, [told], since=later).values()
    assert (found.title, found.earlier) == ("Fire at the port put out", ("Drones hit the port",))
    assert (found.at, found.instant, found.revision, found.publisher) == (later, False, second, "Courier")
    before = db.read_now(editions.told, wish.subscriber.pk, [told], since=later)
    assert before == {told: found}


def test_the_ledger_tells_of_all_groups_lately_and_of_some_ever(db: Database) -> None:
    wish = subscribe(db)
    old, new = group(db, "old"), group(db, "new")
    plan(db, wish, digest(old, end=-5))
    plan(db, wish, digest(new))

    def told(groups: list[int], days: int) -> set[int]:
        since = NOW - timedelta(days=days)
        return set(db.read_now(editions.told, wish.subscriber.pk, groups, since=since))

    assert told([], 1) == {new}
    assert told([], 6) == {old, new}
    assert told([old], 1) == {old, new}
    assert db.read_now(editions.told, wish.subscriber.pk + 1, [old, new], since=NOW - timedelta(days=9)) == {}


def test_all_groups_of_a_story_are_told(db: Database) -> None:
    wish = subscribe(db)
    one, two = group(db, "one"), group(db, "two")
    plan(db, wish, telling(one, 1, also=((two, 7),)))
    found = db.read_now(editions.told, wish.subscriber.pk, [one, two], since=NOW)
    assert {number: told.revision for number, told in found.items()} == {one: 1, two: 7}
    assert found[two].title == "", "its text is not kept"


# ── editions that tell nothing, and those that were lost ─────────────────────────────────────────────────────────────


def test_an_empty_edition_lengthens_the_empty_one_before_it(db: Database) -> None:
    wish = subscribe(db)
    first = plan_empty(db, wish, nothing(0))
    assert plan_empty(db, wish, nothing(1)) == first
    assert db.read_now(spans) == [(0, 20, editions.EMPTY)]
    plan(db, wish, digest(group(db, "a"), end=2))
    assert plan_empty(db, wish, nothing(3)) != first
    assert db.read_now(spans)[-1] == (30, 40, editions.EMPTY)
    [due] = db.read_now(subscribers.due, NOW)
    assert (due.since, due.seq_from) == (NOW + timedelta(days=3), 40)


def test_one_with_a_gap_before_it_does_not(db: Database) -> None:
    wish = subscribe(db)
    plan_empty(db, wish, nothing(0))
    plan_empty(db, wish, nothing(1, seq_from=12))
    assert len(db.read_now(spans)) == 2


def test_a_lost_edition_is_covered_again_also_behind_a_good_one(db: Database) -> None:
    wish = subscribe(db)
    plan(db, wish, digest(group(db, "a")))
    lost = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    plan(db, wish, digest(group(db, "b"), end=1))
    db.run_now(outbox.failed, lost[0], "451 for a day", NOW)
    [due] = db.read_now(subscribers.due, NOW)
    assert (due.since, due.seq_from) == (NOW - timedelta(days=1), 0)
    catching = replace(digest(group(db, "c"), end=2), window=replace(digest(end=2).window, seq_from=0))
    plan(db, wish, catching)
    [due] = db.read_now(subscribers.due, NOW)
    assert (due.since, due.seq_from) == (NOW + timedelta(days=2), 30)


# ── again ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sent_edition_goes_out_again_under_another_message_id(db: Database) -> None:
    wish = subscribe(db)
    told = group(db, "a")
    pk = plan(db, wish, digest(told))
    [first] = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    assert db.read_now(editions.last_sent, wish.subscriber.email) is None
    db.run_now(outbox.sent, first, "250 OK", NOW)
    assert db.read_now(editions.last_sent, wish.subscriber.email) == pk
    later = NOW + timedelta(minutes=5)
    assert db.run_now(editions.again, pk, domain="example.org", now=later) == wish.subscriber.email
    [again] = db.run_now(outbox.claim, later, lease=LEASE, limit=9)
    assert again.message_id != first.message_id
    db.run_now(outbox.failed, again, "550 no", later)
    assert told in db.read_now(editions.told, wish.subscriber.pk, [told], since=later), "it was told the first time"


def test_what_was_not_sent_or_is_not_wanted_does_not_go_out_again(db: Database) -> None:
    wish = subscribe(db)
    pk = plan(db, wish, digest(group(db, "a")))
    with pytest.raises(InputError, match="no edition"):
        db.run_now(editions.again, pk, domain="example.org", now=NOW)
    with pytest.raises(InputError, match="no edition"):
        db.run_now(editions.again, pk + 1, domain="example.org", now=NOW)
    [mail] = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    db.run_now(outbox.sent, mail, "250 OK", NOW)
    db.run_now(accounts.unsubscribe, wish.subscriber.pk, NOW)
    with pytest.raises(InputError, match="unsubscribed"):
        db.run_now(editions.again, pk, domain="example.org", now=NOW)
