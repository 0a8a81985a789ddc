"""Subscribers, what they asked for, and when their next digest is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from monitor.core import schedule
from monitor.core.model import DueDigest, MailKind, Subscriber, Subscription
from monitor.errors import InputError
from monitor.store.inserts import insert_one
from monitor.store.schema import edition, outbox, subscriber, subscription

FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Who agreed to what, when and how."""

    at: datetime
    how: str
    wording: str


def add(
    conn: Connection, reader: Subscriber, wish: Subscription, *, consent: Consent, next_digest_at: datetime
) -> Subscription:
    """Store a subscription, and its subscriber where the address is new (its `pk` and `wish.pk` are given here).

    Raises InputError when the address has the same subscription already.
    """
    old = conn.execute(select(subscriber).where(subscriber.c.email == reader.email)).one_or_none()
    if old is not None and any(_same(wish, have) for have in by_email(conn, reader.email)):
        raise InputError(f"{reader.email} has this subscription already")
    pk = old.id if old is not None else _add_subscriber(conn, reader, consent)
    conn.execute(update(subscriber).where(subscriber.c.id == pk).values(lang=reader.lang, zone=reader.zone))
    for have in by_email(conn, reader.email):  # their slots follow the zone
        set_next(conn, have.pk, schedule.next_slot(have.daily, reader.zone, consent.at))
    wish_pk = insert_one(
        conn,
        subscription,
        subscriber_id=pk,
        topics=sorted(wish.topics),
        actors=sorted(wish.actors),
        daily=[moment.isoformat("minutes") for moment in wish.daily],
        cap=wish.cap,
        quiet=wish.quiet,
        created_at=consent.at,
        next_digest_at=next_digest_at,
    )
    return get(conn, wish_pk)


def _add_subscriber(conn: Connection, reader: Subscriber, consent: Consent) -> int:
    return insert_one(
        conn,
        subscriber,
        email=reader.email,
        lang=reader.lang,
        zone=reader.zone,
        status="active",
        consent_at=consent.at,
        consent_how=consent.how,
        consent_wording=consent.wording,
    )


def _same(left: Subscription, right: Subscription) -> bool:
    return (left.topics, left.actors, left.daily) == (right.topics, right.actors, right.daily)


def remove(conn: Connection, email: str) -> bool:
    """Forget a subscriber with subscriptions, editions, ledger and mails. False when there was none."""
    conn.execute(delete(outbox).where(outbox.c.recipient == email, outbox.c.kind == MailKind.DIGEST))
    return bool(conn.execute(delete(subscriber).where(subscriber.c.email == email)).rowcount)


def end(conn: Connection, email: str, pk: int) -> bool:
    """End one subscription; the reader stays, and so does the ledger. False when it is not this reader's."""
    if all(wish.pk != pk for wish in by_email(conn, email)):
        return False
    conn.execute(update(subscription).where(subscription.c.id == pk).values(active=False))
    return True


def _query() -> Select[Any]:
    return select(
        subscription,
        subscriber.c.email,
        subscriber.c.lang,
        subscriber.c.zone,
        subscriber.c.status,
    ).join(subscriber, subscriber.c.id == subscription.c.subscriber_id)


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        pk=row.id,
        subscriber=Subscriber(pk=row.subscriber_id, email=row.email, lang=row.lang, zone=row.zone, status=row.status),
        topics=frozenset(row.topics),
        actors=frozenset(row.actors),
        daily=tuple(time.fromisoformat(moment) for moment in row.daily),
        cap=row.cap,
        quiet=row.quiet,
    )


def get(conn: Connection, pk: int) -> Subscription:
    """Return a subscription by its id, an ended one too."""
    return _subscription(conn.execute(_query().where(subscription.c.id == pk)).one())


def everyone(conn: Connection) -> list[tuple[Subscription, datetime]]:
    """Return every subscription with the moment of its next digest, by address."""
    rows = conn.execute(_query().where(subscription.c.active).order_by(subscriber.c.email, subscription.c.id))
    return [(_subscription(row), row.next_digest_at) for row in rows]


def by_email(conn: Connection, email: str) -> list[Subscription]:
    """Return the subscriptions of an address."""
    query = _query().where(subscriber.c.email == email, subscription.c.active)
    rows = conn.execute(query.order_by(subscription.c.id))
    return [_subscription(row) for row in rows]


def due(conn: Connection, now: datetime, *, limit: int = 500) -> list[DueDigest]:
    """Return the subscriptions whose slot has come, the longest waiting first."""
    query = _query().where(subscription.c.active, subscriber.c.status == "active", subscription.c.next_digest_at <= now)
    rows = conn.execute(query.order_by(subscription.c.next_digest_at).limit(limit)).all()
    return with_last_edition(conn, rows)


def as_due(conn: Connection, email: str) -> list[DueDigest]:
    """Return an address's subscriptions as if their slot had come."""
    return with_last_edition(
        conn, conn.execute(_query().where(subscriber.c.email == email, subscription.c.active)).all()
    )


def with_last_edition(conn: Connection, rows: Sequence[Row[Any]]) -> list[DueDigest]:
    """Add where each last edition ended; one whose mail failed covers nothing, so its items come again."""
    covered = _covered(conn, [row.id for row in rows])
    found = []
    for row in rows:
        since, seq = covered.get(row.id, (None, None))
        wish = _subscription(row)
        found.append(
            DueDigest(subscription=wish, slot=row.next_digest_at, created_at=row.created_at, since=since, seq_from=seq)
        )
    return found


def _covered(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[datetime, int]]:
    """Map subscriptions to the end of their last good edition; to the beginning of the first lost one, if all were."""
    own = edition.c.subscription_id
    good = select(own, func.max(edition.c.window_end), func.max(edition.c.seq_to)).where(edition.c.state != FAILED)
    lost = select(own, func.min(edition.c.window_start), func.min(edition.c.seq_from)).where(edition.c.state == FAILED)
    covered: dict[int, tuple[datetime, int]] = {}
    for query in (lost, good):
        covered |= {pk: (end, seq) for pk, end, seq in conn.execute(query.where(own.in_(ids)).group_by(own))}
    return covered


def set_next(conn: Connection, pk: int, at: datetime) -> None:
    """Note when a subscription's next digest is due."""
    conn.execute(update(subscription).where(subscription.c.id == pk).values(next_digest_at=at))


def count(conn: Connection) -> int:
    """Return how many active subscribers there are."""
    query = select(func.count()).select_from(subscriber).where(subscriber.c.status == "active")
    return int(conn.execute(query).scalar_one())
