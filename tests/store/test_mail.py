"""Editions are planned once, nobody is told twice, and a mail's way is never lost."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from monitor.core.model import (
    Coverage,
    Digest,
    Item,
    MailKind,
    Publisher,
    Schedule,
    Section,
    Subscriber,
    Subscription,
    Window,
)
from monitor.errors import InputError, StoreError
from monitor.store import accounts, editions, maintenance, outbox, problems, subscribers
from monitor.store.database import Connection, Database
from monitor.store.schema import entry_group
from tests.fakes import NOW

CONSENT = subscribers.Consent(at=NOW, how="test", wording="yes")
LEASE = timedelta(minutes=10)
WISH = Subscription(pk=0, subscriber=Subscriber(pk=0, email="reader@example.org", lang="uk", zone="Europe/Kyiv"))


def subscribe(db: Database, wish: Subscription = WISH) -> Subscription:
    return db.run_now(subscribers.add, wish.subscriber, wish, consent=CONSENT, next_digest_at=NOW)


def group(db: Database, key: str) -> int:
    def insert(conn: Connection) -> int:
        return int(conn.execute(entry_group.insert().values(key=key).returning(entry_group.c.id)).scalar_one())

    return db.run_now(insert)


def digest(*groups: int, end: int = 0) -> Digest:
    items = tuple(
        Item(
            group=number, revision=number, title="T", summary="", url=None, lang=None, publisher=Publisher(name="P"),
            published=None, late=False, marks=(), topic=None, tags=(), actors=(), sources=1, score=0.0,
        )
        for number in groups
    )  # fmt: skip
    moment = NOW + timedelta(days=end)
    window = Window(start=moment - timedelta(days=1), end=moment, seq_from=end * 10, seq_to=end * 10 + 10)
    return Digest(
        window=window, sections=(Section(topic=None, items=items),), more=0, total=1, sources=1, coverage=Coverage()
    )


def plan(db: Database, wish: Subscription, content: Digest) -> int:
    return db.run_now(editions.plan, wish, content, "{}", domain="example.org", send=True, now=NOW)


def told_groups(db: Database, reader: int, groups: list[int]) -> set[int]:
    return set(db.read_now(editions.told, reader, groups, since=NOW + timedelta(days=9)))


def test_a_subscription_comes_back_as_it_was_given(db: Database) -> None:
    wish = replace(
        WISH, topics=frozenset({"drones"}), schedule=Schedule(times=(time(7), time(18, 30))), cap=5, quiet=False
    )
    kept = subscribe(db, wish)
    assert db.read_now(subscribers.by_email, "reader@example.org") == [kept]
    assert replace(kept, pk=0, subscriber=replace(kept.subscriber, pk=0, version=0)) == wish
    with pytest.raises(InputError, match="already"):
        subscribe(db, wish)
    other = subscribe(db, replace(wish, topics=frozenset({"energy"})))
    assert other.subscriber.pk == kept.subscriber.pk


def test_another_zone_moves_every_slot_of_its_reader(db: Database) -> None:
    subscribe(db)
    tokyo = replace(WISH, topics=frozenset({"drones"}), subscriber=replace(WISH.subscriber, zone="Asia/Tokyo"))
    subscribe(db, tokyo)
    slots = [at for _, at in db.read_now(subscribers.everyone)]
    assert slots[0] == NOW.replace(hour=22)  # 07:00 in Tokyo


def test_a_window_is_planned_once(db: Database) -> None:
    wish, content = subscribe(db), digest(group(db, "a"))
    plan(db, wish, content)
    assert db.read_now(editions.exists, wish.pk, content.window)
    with pytest.raises(StoreError):
        plan(db, wish, content)
    assert db.read_now(outbox.counts).states == {"queued": 1}


def test_the_ledger_belongs_to_the_subscriber(db: Database) -> None:
    one, two = group(db, "a"), group(db, "b")
    wish = subscribe(db)
    stranger = subscribe(db, replace(WISH, subscriber=replace(WISH.subscriber, email="other@example.org")))
    plan(db, wish, digest(one))
    assert told_groups(db, wish.subscriber.pk, [one, two]) == {one}
    assert told_groups(db, stranger.subscriber.pk, [one, two]) == set()


def test_a_failed_edition_frees_its_items_and_its_window(db: Database) -> None:
    wish, told = subscribe(db), group(db, "a")
    plan(db, wish, digest(told))
    [mail] = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    [due] = db.read_now(subscribers.due, NOW)
    assert due.seq_from == 10
    db.run_now(outbox.failed, mail, "550 no such user", NOW)
    assert told_groups(db, wish.subscriber.pk, [told]) == set()
    [due] = db.read_now(subscribers.due, NOW)
    assert (due.since, due.seq_from) == (NOW - timedelta(days=1), 0)


def test_a_mail_is_claimed_by_one_and_comes_back_when_its_lease_ends(db: Database) -> None:
    plan(db, subscribe(db), digest(group(db, "a")))
    [mail] = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    assert (mail.kind, mail.attempts, mail.body, mail.domain) == (MailKind.DIGEST, 1, None, "example.org")
    assert db.run_now(outbox.claim, NOW, lease=LEASE, limit=9) == []
    [again] = db.run_now(outbox.claim, NOW + LEASE * 2, lease=LEASE, limit=9)
    assert again == mail


def test_the_bytes_of_the_first_attempt_stay(db: Database) -> None:
    plan(db, subscribe(db), digest(group(db, "a")))
    [mail] = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    assert db.run_now(outbox.begin, mail, b"first", NOW, lease=LEASE) == b"first"
    assert db.run_now(outbox.begin, mail, b"second", NOW, lease=LEASE) is None
    assert db.run_now(outbox.reclaim, NOW + LEASE * 2) == 1
    [again] = db.run_now(outbox.claim, NOW + LEASE * 2, lease=LEASE, limit=9)
    assert (again.attempts, again.body, again.message_id) == (2, b"first", mail.message_id)
    assert db.run_now(outbox.begin, again, b"third", NOW, lease=LEASE) == b"first"


def test_deferred_mail_waits_and_sent_mail_is_done(db: Database) -> None:
    plan(db, subscribe(db), digest(group(db, "a")))
    [mail] = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    later = NOW + timedelta(hours=1)
    db.run_now(outbox.deferred, mail, "451 later", later)
    assert db.run_now(outbox.claim, NOW, lease=LEASE, limit=9) == []
    assert db.read_now(outbox.counts).last_reply == "451 later"
    [mail] = db.run_now(outbox.claim, later, lease=LEASE, limit=9)
    db.run_now(outbox.sent, mail, "250 OK", later)
    assert db.run_now(outbox.claim, later + LEASE * 9, lease=LEASE, limit=9) == []
    assert db.read_now(outbox.counts).oldest is None


def test_mail_in_flight_at_a_crash_is_put_back(db: Database) -> None:
    plan(db, subscribe(db), digest(group(db, "a")))
    [mail] = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    assert db.run_now(outbox.repair, NOW) == 0
    [mail] = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    db.run_now(outbox.begin, mail, b"x", NOW, lease=LEASE)
    assert db.run_now(outbox.claim, NOW, lease=LEASE, limit=9) == []
    assert db.run_now(outbox.repair, NOW) == 1
    assert len(db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)) == 1


def test_ending_a_subscription_keeps_the_reader_and_the_ledger(db: Database) -> None:
    wish = subscribe(db)
    told = group(db, "a")
    plan(db, wish, digest(told))
    other = subscribe(db, replace(WISH, topics=frozenset({"drones"})))
    assert not db.run_now(subscribers.end, "stranger@example.org", wish.pk)
    assert db.run_now(subscribers.end, "reader@example.org", wish.pk)
    assert db.read_now(subscribers.by_email, "reader@example.org") == [other]
    assert [one.subscription.pk for one in db.read_now(subscribers.due, NOW + timedelta(days=2))] == [other.pk]
    assert told_groups(db, wish.subscriber.pk, [told]) == {told}
    assert not db.run_now(subscribers.end, "reader@example.org", wish.pk)


def test_removing_a_subscriber_forgets_everything_of_them(db: Database) -> None:
    wish = subscribe(db)
    plan(db, wish, digest(group(db, "a")))
    assert db.run_now(accounts.erase, wish.subscriber.pk)
    assert not db.run_now(accounts.erase, wish.subscriber.pk)
    figures = db.read_now(maintenance.stats)
    assert [figures[name] for name in ("subscriber", "subscription", "edition", "delivery", "outbox")] == [0] * 5


def test_a_problem_opens_once_and_ends_once(db: Database) -> None:
    assert db.run_now(problems.begin, "disk", "10 MB free", NOW) is not None
    assert db.run_now(problems.begin, "disk", "9 MB free", NOW) is None
    assert [one.detail for one in db.read_now(problems.current)] == ["9 MB free"]
    assert db.run_now(problems.end, "disk", NOW) is not None
    assert db.run_now(problems.end, "disk", NOW) is None
    assert db.run_now(problems.begin, "disk", "again", NOW) is not None
