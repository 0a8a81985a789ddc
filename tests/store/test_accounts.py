"""What readers do with their own subscriptions, on both databases."""

import json
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from monitor.core.model import MailKind, Press, QuietHours, Schedule, Status, Subscriber, Subscription
from monitor.store import accounts, outbox, subscribers
from monitor.store.database import Database
from monitor.store.subscribers import Consent
from tests.fakes import NOW

EMAIL = "reader@example.org"
LATER = NOW + timedelta(days=2)


def yes(at: Any = NOW, how: str = "page") -> Consent:
    return Consent(who="the reader", at=at, how=how, wording="Send me digests")


def wish(*topics: str, email: str = EMAIL, **changes: Any) -> Subscription:
    return replace(Subscription(pk=0, subscriber=Subscriber(pk=0, email=email), topics=frozenset(topics)), **changes)


def asked(db: Database, *topics: str, email: str = EMAIL) -> Subscriber:
    one = wish(*topics, email=email)
    return db.run_now(accounts.request, one.subscriber, one, consent=yes(), now=NOW)


def status(db: Database, pk: int) -> Status:
    found = db.read_now(accounts.by_pk, pk)
    assert found is not None
    return found.status


def active(db: Database, *topics: str, email: str = EMAIL) -> Subscriber:
    reader = asked(db, *topics, email=email)
    db.run_now(accounts.confirm, reader.pk, consent=yes(LATER))
    found = db.read_now(accounts.by_pk, reader.pk)
    assert found is not None
    return found


def queue(db: Database, reader: Subscriber, kind: MailKind = MailKind.DIGEST, subject: str = "0") -> None:
    db.run_now(outbox.queue, kind, subject, reader.email, domain="example.org", now=NOW)


def test_an_address_waits_until_it_says_yes(db: Database) -> None:
    reader = asked(db, "drones")
    assert reader.status == Status.PENDING
    assert db.read_now(subscribers.due, LATER) == []
    db.run_now(accounts.confirm, reader.pk, consent=yes(LATER, "link"))
    [due] = db.read_now(subscribers.due, LATER + timedelta(days=1))
    assert due.slot > LATER
    assert due.subscription.topics == {"drones"}
    taken = db.read_now(accounts.export, reader.pk)
    assert taken is not None
    assert (taken["subscriber"]["consent_how"], taken["subscriber"]["consent_at"]) == ("link", LATER.isoformat())


def test_asking_again_replaces_what_waits(db: Database) -> None:
    first, second = asked(db, "drones"), asked(db, "energy", email=EMAIL.upper())
    assert (first.pk, first.email) == (second.pk, second.email)
    assert [one.topics for one in db.read_now(accounts.wishes, first.pk)] == [{"energy"}]


@pytest.mark.parametrize("state", [Status.ACTIVE, Status.PAUSED, Status.UNSUBSCRIBED])
def test_asking_for_a_known_address_changes_nothing(db: Database, state: Status) -> None:
    reader = active(db, "drones")
    if state == Status.PAUSED:
        db.run_now(accounts.pause, reader.pk, NOW)
    elif state == Status.UNSUBSCRIBED:
        db.run_now(accounts.unsubscribe, reader.pk, NOW)
    before = db.read_now(accounts.export, reader.pk)
    assert asked(db, "energy") == replace(reader, status=state)
    assert db.read_now(accounts.export, reader.pk) == before


def test_confirming_twice_is_confirming_once(db: Database) -> None:
    reader = active(db)
    before = db.read_now(accounts.export, reader.pk)
    db.run_now(accounts.confirm, reader.pk, consent=yes(LATER + timedelta(days=1)))
    assert db.read_now(accounts.export, reader.pk) == before


def test_an_old_confirmation_does_not_bring_back_who_left(db: Database) -> None:
    reader = active(db)
    db.run_now(accounts.unsubscribe, reader.pk, NOW)
    db.run_now(accounts.confirm, reader.pk, consent=yes(LATER))
    assert status(db, reader.pk) == Status.UNSUBSCRIBED


def test_pausing_withdraws_what_waits(db: Database) -> None:
    reader, other = active(db), active(db, email="other@example.org")
    queue(db, reader)
    queue(db, other, subject="9")
    db.run_now(accounts.pause, reader.pk, NOW)
    assert status(db, reader.pk) == Status.PAUSED
    assert [row[1:4:2] for row in db.read_now(outbox.history, EMAIL)] == [("failed", "the reader paused")]
    assert [row[1] for row in db.read_now(outbox.history, "other@example.org")] == ["queued"]
    assert [one.subscription.subscriber.pk for one in db.read_now(subscribers.due, LATER + timedelta(days=9))] == [
        other.pk
    ]


def test_resuming_starts_with_the_next_slot(db: Database) -> None:
    reader = active(db)
    db.run_now(accounts.pause, reader.pk, NOW)
    db.run_now(accounts.resume, reader.pk, consent=yes(LATER + timedelta(days=30)))
    assert status(db, reader.pk) == Status.ACTIVE
    [(_, slot)] = db.read_now(subscribers.everyone)
    assert slot > LATER + timedelta(days=30)
    taken = db.read_now(accounts.export, reader.pk)
    assert taken is not None
    assert taken["subscriber"]["consent_at"] == LATER.isoformat()


def test_coming_back_is_a_consent_of_its_own(db: Database) -> None:
    reader = active(db)
    db.run_now(accounts.unsubscribe, reader.pk, NOW)
    db.run_now(accounts.resume, reader.pk, consent=yes(LATER + timedelta(days=30), "resumed"))
    taken = db.read_now(accounts.export, reader.pk)
    assert taken is not None
    assert (taken["subscriber"]["status"], taken["subscriber"]["consent_how"]) == ("active", "resumed")


def test_who_never_confirmed_cannot_be_resumed(db: Database) -> None:
    reader = asked(db)
    db.run_now(accounts.resume, reader.pk, consent=yes())
    assert status(db, reader.pk) == Status.PENDING


def test_all_wishes_can_be_changed_but_not_the_operators_queries(db: Database) -> None:
    reader = active(db, "drones")
    [old] = db.read_now(accounts.wishes, reader.pk)
    new = replace(
        old,
        name="Evening",
        topics=frozenset({"energy"}),
        actors=frozenset({"nato"}),
        queries=("crimea",),
        without_sources=frozenset({"herald.example"}),
        without_press=frozenset({Press.STATE}),
        langs=frozenset({"uk", "en"}),
        schedule=Schedule(times=(time(18, 30),), weekdays=frozenset({0, 4})),
        quiet_hours=QuietHours(start=time(22), end=time(6)),
        cap=30,
        quiet=False,
    )
    db.run_now(accounts.change, new, LATER)
    [found] = db.read_now(accounts.wishes, reader.pk)
    assert found == replace(new, queries=())


def test_a_subscription_of_another_cannot_be_changed(db: Database) -> None:
    reader, other = active(db, "drones"), active(db, "drones", email="other@example.org")
    [mine] = db.read_now(accounts.wishes, reader.pk)
    db.run_now(accounts.change, replace(mine, subscriber=other, topics=frozenset({"energy"})), LATER)
    assert db.read_now(accounts.wishes, reader.pk) == [mine]


def test_slots_follow_the_zone(db: Database) -> None:
    reader = active(db)
    db.run_now(accounts.settle, reader.pk, lang="uk", zone="Asia/Tokyo", now=LATER)
    [(found, slot)] = db.read_now(subscribers.everyone)
    assert (found.subscriber.lang, slot.hour) == ("uk", 22)


def test_nothing_is_left_of_who_is_erased(db: Database) -> None:
    reader, other = active(db, "drones"), active(db, email="other@example.org")
    queue(db, reader)
    queue(db, reader, MailKind.MANAGE, "1-1")
    queue(db, reader, MailKind.OPERATOR, "problem:1")
    assert db.run_now(accounts.erase, reader.pk)
    assert [row[0] for row in db.read_now(outbox.history, EMAIL)] == ["operator"]
    assert db.read_now(accounts.export, reader.pk) is None
    assert not db.run_now(accounts.erase, reader.pk)
    assert status(db, other.pk) == Status.ACTIVE


def test_links_of_the_erased_open_nothing_for_who_comes_after(db: Database) -> None:
    """SQLite gives the same id again; the version tells them apart."""
    versions = set()
    for _ in range(5):
        reader = asked(db)
        versions.add((reader.pk, reader.version))
        db.run_now(accounts.erase, reader.pk)
    assert len(versions) == 5


def test_links_are_made_void_by_the_version(db: Database) -> None:
    reader = active(db)
    db.run_now(accounts.revoke, reader.pk)
    assert db.read_now(accounts.by_pk, reader.pk) == replace(reader, version=reader.version + 1)


def test_who_never_says_yes_is_forgotten(db: Database) -> None:
    waiting, other = asked(db), active(db, email="other@example.org")
    assert db.run_now(accounts.forget_unconfirmed, NOW) == 0
    assert db.run_now(accounts.forget_unconfirmed, LATER) == 1
    assert db.read_now(accounts.by_pk, waiting.pk) is None
    assert db.read_now(accounts.by_pk, other.pk) is not None


def test_what_is_taken_along_is_json(db: Database) -> None:
    reader = active(db, "drones")
    queue(db, reader, MailKind.MANAGE, "1-1")
    taken = json.loads(json.dumps(db.read_now(accounts.export, reader.pk)))
    assert taken["subscriber"]["email"] == EMAIL
    assert [one["topics"] for one in taken["subscriptions"]] == [["drones"]]
    assert [one["kind"] for one in taken["mails"]] == ["manage"]
    assert (taken["editions"], taken["told"], taken["suppression"]) == ([], [], [])
