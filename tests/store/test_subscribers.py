"""Readers: who may be added, lists of them as a whole, and what being erased means, on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.core import roster
from monitor.core.model import Consent, MailKind, Schedule, Status, Subscriber, Subscription
from monitor.core.roster import Listed
from monitor.errors import InputError
from monitor.store import accounts, outbox, problems, subscribers
from monitor.store.database import Connection, Database
from monitor.store.schema import suppression
from tests.core.test_wishes import KNOWN
from tests.fakes import NOW

EMAIL = "reader@example.org"
LONG_AGO = NOW - timedelta(days=400)
AGREED = Consent(who="the reader", at=LONG_AGO, how="paper form", wording="Send me digests")
MORNING = subscribers.Consent(at=NOW, how="test", wording="yes")


def wish(email: str = EMAIL, *topics: str, status: Status = Status.ACTIVE, **changes: Any) -> Subscription:
    reader = Subscriber(pk=0, email=email, zone="Europe/Kyiv", status=status)
    return replace(Subscription(pk=0, subscriber=reader, topics=frozenset(topics)), **changes)


def add(db: Database, one: Subscription, consent: Consent = MORNING) -> Subscriber:
    added = db.run_now(subscribers.add, one.subscriber, one, consent=consent, next_digest_at=NOW)
    return added.subscriber


def kept(db: Database, reader: Subscriber) -> dict[str, Any]:
    found = db.read_now(accounts.export, reader.pk)
    assert found is not None
    return found


def listed(*wishes: Subscription) -> list[Listed]:
    return [Listed(wish=one, consent=AGREED, line=line) for line, one in enumerate(wishes, 2)]


def plain(found: list[Listed]) -> list[Listed]:
    """Leave out what the database gives."""
    return [
        replace(one, line=0, wish=replace(one.wish, pk=0, subscriber=replace(one.wish.subscriber, pk=0, version=0)))
        for one in found
    ]


# ── adding ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_consent_is_kept_with_who_when_how_and_wording(db: Database) -> None:
    told = kept(db, add(db, wish(), AGREED))["subscriber"]
    names = [f"consent_{name}" for name in ("who", "at", "how", "wording")]
    assert [told[name] for name in names] == ["the reader", LONG_AGO.isoformat(), "paper form", "Send me digests"]


def test_the_word_of_the_operator_counts_for_who_never_answered(db: Database) -> None:
    one = wish(EMAIL, "energy")
    pending = db.run_now(accounts.request, one.subscriber, one, consent=AGREED, now=NOW)
    reader = add(db, wish(EMAIL, "drones"))
    assert (reader.pk, reader.status) == (pending.pk, Status.ACTIVE)
    assert [own.topics for own in db.read_now(accounts.wishes, reader.pk)] == [{"drones"}]
    assert kept(db, reader)["subscriber"]["consent_who"] == "operator"


def test_nobody_is_brought_back_against_their_will(db: Database) -> None:
    reader = add(db, wish())
    db.run_now(accounts.unsubscribe, reader.pk, NOW)
    before = kept(db, reader)
    with pytest.raises(InputError, match="has unsubscribed"):
        add(db, wish(EMAIL.upper(), "drones"))
    assert kept(db, reader) == before
    assert before["subscriber"]["status_at"] == NOW.isoformat()


def test_an_address_is_one_however_it_is_cased(db: Database) -> None:
    first, second = add(db, wish()), add(db, wish("Reader@example.org", "drones"))
    assert (first.pk, second.email) == (second.pk, EMAIL)
    assert len(db.read_now(subscribers.everyone)) == 2


def test_a_paused_reader_stays_paused(db: Database) -> None:
    reader = add(db, wish())
    db.run_now(accounts.pause, reader.pk, NOW)
    assert add(db, wish(EMAIL, "drones")).status is Status.PAUSED
    assert db.read_now(subscribers.due, NOW + timedelta(days=9)) == []


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_list_comes_back_as_it_was_given(db: Database) -> None:
    rows = listed(
        wish("a@example.org", "drones", name="Drones", queries=("putin -crimea",), schedule=Schedule(instant=True)),
        wish("a@example.org", "crimea"),
        wish("b@example.org", status=Status.PAUSED),
        wish("c@example.org", status=Status.UNSUBSCRIBED),
    )
    db.run_now(subscribers.add_all, rows, NOW)
    found = db.read_now(subscribers.roster)
    assert plain(found) == plain(rows)
    again = roster.read(roster.write(found, "csv"), KNOWN)
    assert plain(again) == plain(rows)
    assert [one.slot > NOW for one in db.read_now(subscribers.due, NOW + timedelta(days=2))] == [True, True]


def test_a_list_is_stored_whole_or_not_at_all(db: Database) -> None:
    gone = add(db, wish("gone@example.org"))
    db.run_now(accounts.unsubscribe, gone.pk, NOW)
    rows = listed(wish("a@example.org"), wish("gone@example.org"), wish("b@example.org"), wish("a@example.org"))
    with pytest.raises(InputError) as caught:
        db.run_now(subscribers.add_all, rows, NOW)
    assert str(caught.value).split("\n") == [
        "line 3: gone@example.org has unsubscribed; only they can ask to come back",
        "line 5: a@example.org has this subscription already",
    ]
    assert [one.wish.subscriber.email for one in db.read_now(subscribers.roster)] == ["gone@example.org"]


def test_who_unsubscribed_is_listed_even_without_a_subscription(db: Database) -> None:
    reader = add(db, wish())
    [own] = db.read_now(accounts.wishes, reader.pk)
    db.run_now(subscribers.end, EMAIL, own.pk)
    assert db.read_now(subscribers.roster) == []
    db.run_now(accounts.unsubscribe, reader.pk, NOW)
    [found] = db.read_now(subscribers.roster)
    assert (found.wish.subscriber.email, found.wish.subscriber.status) == (EMAIL, Status.UNSUBSCRIBED)


def test_who_has_not_said_yes_is_on_no_list(db: Database) -> None:
    one = wish()
    db.run_now(accounts.request, one.subscriber, one, consent=AGREED, now=NOW)
    assert db.read_now(subscribers.roster) == []


# ── being forgotten ──────────────────────────────────────────────────────────────────────────────────────────────────


def everything(db: Database) -> str:
    """Return every value of every table."""

    def read(conn: Connection) -> str:
        tables = suppression.metadata.sorted_tables
        return "\n".join(str(tuple(row)) for table in tables for row in conn.execute(table.select()))

    return db.read_now(read)


def test_no_table_names_who_was_erased(db: Database) -> None:
    reader, other = add(db, wish("a_b@example.org")), add(db, wish("axb@example.org"))

    def happen(conn: Connection) -> None:
        for subject, kind in (("1", MailKind.DIGEST), ("2", MailKind.CONFIRM)):
            outbox.queue(conn, kind, subject, reader.email, domain="example.org", now=NOW)
        told = f"Mail refused\n{reader.email} and {other.email} were refused"
        outbox.queue(conn, MailKind.OPERATOR, "3", "op@example.org", domain="example.org", now=NOW, payload=told)
        problems.begin(conn, "mail", f"550 <{reader.email}> unknown", NOW)
        row = {"address": reader.email, "reason": "no such user", "reply": "550", "since": NOW}
        conn.execute(suppression.insert().values(row))

    db.run_now(happen)
    assert everything(db).count(reader.email) == 6
    assert db.run_now(accounts.erase, reader.pk)
    left = everything(db)
    assert reader.email not in left
    assert "(erased) and axb@example.org were refused" in left
    assert "550 <(erased)> unknown" in left
