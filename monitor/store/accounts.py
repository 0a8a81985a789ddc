"""What readers do with their own subscriptions: ask, confirm, pause, resume, leave, take along, be forgotten.

            confirm            pause
pending ───────────► active ◄─────────► paused
   │                   ▲ │   resume       │
   └──────► unsubscribed ◄────────────────┘      erase, from anywhere: nothing is left
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from monitor.core import schedule
from monitor.core.model import MailKind, Status, Subscriber, Subscription
from monitor.store import subscribers
from monitor.store.outbox import withdraw
from monitor.store.schema import (
    delivery,
    edition,
    entry,
    outbox,
    problem,
    revision,
    subscriber,
    subscription,
    suppression,
)
from monitor.store.subscribers import Consent

ERASED = "(erased)"
"""What stands in the operator's mails in place of an address that was erased."""


def by_pk(conn: Connection, pk: int) -> Subscriber | None:
    """Return a subscriber of any status."""
    row = conn.execute(select(subscriber).where(subscriber.c.id == pk)).one_or_none()
    return None if row is None else _subscriber(row)


def by_address(conn: Connection, email: str) -> Subscriber | None:
    """Return the subscriber with an address, however its letters are cased: people type them as they like."""
    row = subscribers.row_of(conn, email)
    return None if row is None else _subscriber(row)


def _subscriber(row: Row[Any]) -> Subscriber:
    return Subscriber(
        pk=row.id, email=row.email, lang=row.lang, zone=row.zone, status=Status(row.status), version=row.version
    )


# ── double opt-in ────────────────────────────────────────────────────────────────────────────────────────────────────


def request(conn: Connection, reader: Subscriber, wish: Subscription, *, consent: Consent, now: datetime) -> Subscriber:
    """Take up what somebody asked for an address (`reader.pk` and `wish.pk` are given here): it waits for a yes.

    An address that waits already has its wishes replaced. One that is known otherwise is returned unchanged, since
    anybody can type it.
    """
    known = by_address(conn, reader.email)
    if known is not None and known.status != Status.PENDING:
        return known
    if known is not None:
        conn.execute(delete(subscription).where(subscription.c.subscriber_id == known.pk))
    waiting = replace(reader, status=Status.PENDING, email=known.email if known else reader.email)
    wish = replace(wish, subscriber=waiting)
    slot = schedule.next_slot(wish, now)
    return subscribers.add(conn, waiting, wish, consent=consent, next_digest_at=slot).subscriber


def confirm(conn: Connection, pk: int, *, consent: Consent) -> None:
    """Take the second step of a double opt-in; nothing changes where it was taken before."""
    if _turn(conn, pk, Status.PENDING, to=Status.ACTIVE, at=consent.at):
        _agreed(conn, pk, consent)
        _reset_slots(conn, pk, consent.at)


def _agreed(conn: Connection, pk: int, consent: Consent) -> None:
    values = subscribers.consent_columns(consent)
    conn.execute(update(subscriber).where(subscriber.c.id == pk).values(**values))


def forget_unconfirmed(conn: Connection, before: datetime) -> int:
    """Erase those who were asked for before this moment and never confirmed; returns how many."""
    query = select(subscriber.c.id).where(subscriber.c.status == Status.PENDING, subscriber.c.created_at < before)
    return sum(erase(conn, pk) for pk in conn.execute(query).scalars().all())


# ── pausing and leaving ──────────────────────────────────────────────────────────────────────────────────────────────


def pause(conn: Connection, pk: int, now: datetime) -> None:
    """Send no digests until `resume`; those that wait are withdrawn, and what they would have told is free."""
    if _turn(conn, pk, Status.ACTIVE, to=Status.PAUSED, at=now):
        _withdraw(conn, pk, "the reader paused", now)


def resume(conn: Connection, pk: int, *, consent: Consent) -> None:
    """Send digests again, after a pause or after leaving; who had left has agreed anew."""
    left = _turn(conn, pk, Status.UNSUBSCRIBED, to=Status.ACTIVE, at=consent.at)
    if left:
        _agreed(conn, pk, consent)
    if left or _turn(conn, pk, Status.PAUSED, to=Status.ACTIVE, at=consent.at):
        _reset_slots(conn, pk, consent.at)


def unsubscribe(conn: Connection, pk: int, now: datetime) -> None:
    """Send no digests any more. What was told is still known, in case the reader comes back."""
    if _turn(conn, pk, Status.PENDING, Status.ACTIVE, Status.PAUSED, to=Status.UNSUBSCRIBED, at=now):
        _withdraw(conn, pk, "the reader unsubscribed", now)


def _turn(conn: Connection, pk: int, *states: Status, to: Status, at: datetime) -> bool:
    turning = update(subscriber).where(subscriber.c.id == pk, subscriber.c.status.in_(states))
    return bool(conn.execute(turning.values(status=to, status_at=at)).rowcount)


def _withdraw(conn: Connection, pk: int, why: str, now: datetime) -> None:
    reader = by_pk(conn, pk)
    if reader is not None:
        withdraw(conn, reader.email, why, now)


# ── wishes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def wishes(conn: Connection, pk: int) -> list[Subscription]:
    """Return a subscriber's subscriptions, whatever the status."""
    reader = by_pk(conn, pk)
    return [] if reader is None else subscribers.by_email(conn, reader.email)


def add(conn: Connection, wish: Subscription, *, consent: Consent) -> None:
    """Add a subscription of a known subscriber. Raises InputError where the same one is there."""
    slot = schedule.next_slot(wish, consent.at)
    subscribers.add(conn, wish.subscriber, wish, consent=consent, next_digest_at=slot)


def change(conn: Connection, wish: Subscription, now: datetime) -> None:
    """Replace what a subscription asks for, but not the operator's queries."""
    values = subscribers.columns(wish)
    del values["queries"]
    own = (subscription.c.id == wish.pk) & (subscription.c.subscriber_id == wish.subscriber.pk)
    conn.execute(update(subscription).where(own).values(**values))
    subscribers.set_next(conn, wish.pk, schedule.next_slot(wish, now))


def settle(conn: Connection, pk: int, *, lang: str, zone: str, now: datetime) -> None:
    """Change interface language and zone; slots follow the zone."""
    conn.execute(update(subscriber).where(subscriber.c.id == pk).values(lang=lang, zone=zone))
    _reset_slots(conn, pk, now)


def _reset_slots(conn: Connection, pk: int, now: datetime) -> None:
    for wish in wishes(conn, pk):
        subscribers.set_next(conn, wish.pk, schedule.next_slot(wish, now))


# ── my data ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def revoke(conn: Connection, pk: int) -> None:
    """Make every link void that this subscriber was sent."""
    conn.execute(update(subscriber).where(subscriber.c.id == pk).values(version=subscriber.c.version + 1))


def erase(conn: Connection, pk: int) -> bool:
    """Forget a subscriber: subscriptions, editions, ledger, mails, suppression. False when there was none.

    Where the operator's mails and problems name the address, it is struck out.
    """
    reader = by_pk(conn, pk)
    if reader is None:
        return False
    conn.execute(delete(outbox).where(outbox.c.recipient == reader.email, outbox.c.kind != MailKind.OPERATOR))
    conn.execute(delete(suppression).where(suppression.c.address == reader.email.lower()))
    for column in (outbox.c.payload, outbox.c.reply, outbox.c.hold_reason, problem.c.detail):
        naming = update(column.table).where(column.contains(reader.email, autoescape=True))
        conn.execute(naming.values({column: func.replace(column, reader.email, ERASED)}))
    return bool(conn.execute(delete(subscriber).where(subscriber.c.id == pk)).rowcount)


def export(conn: Connection, pk: int) -> dict[str, Any] | None:
    """Return everything that is kept about a subscriber, as JSON holds it; times are ISO 8601 in UTC."""
    row = conn.execute(select(subscriber).where(subscriber.c.id == pk)).one_or_none()
    if row is None:
        return None
    mine = select(subscription).where(subscription.c.subscriber_id == pk).order_by(subscription.c.id)
    mails = select(outbox).where(outbox.c.recipient == row.email, outbox.c.kind != MailKind.OPERATOR)
    shut = select(suppression).where(suppression.c.address == row.email.lower())
    return {
        "subscriber": _plain(row, leave={"id", "version"}),
        "subscriptions": [_plain(each, leave={"subscriber_id"}) for each in conn.execute(mine)],
        "editions": _editions(conn, pk),
        "told": _told(conn, pk),
        "mails": [
            _plain(each, leave={"id", "body", "payload", "lease_until"})
            for each in conn.execute(mails.order_by(outbox.c.id))
        ],
        "suppression": [_plain(each, leave={"address"}) for each in conn.execute(shut)],
    }


def _editions(conn: Connection, pk: int) -> list[dict[str, Any]]:
    query = (
        select(edition)
        .join(subscription, subscription.c.id == edition.c.subscription_id)
        .where(subscription.c.subscriber_id == pk)
    )
    rows = [_plain(row, leave={"id", "seq_from", "seq_to"}) for row in conn.execute(query.order_by(edition.c.id))]
    return [row | {"content": row["content"] and json.loads(row["content"])} for row in rows]


def _told(conn: Connection, pk: int) -> list[dict[str, Any]]:
    """Return what the ledger holds; headline and address as long as they are kept themselves."""
    query = (
        select(delivery.c.planned_at.label("at"), revision.c.title, entry.c.url)
        .outerjoin(revision, revision.c.id == delivery.c.revision_id)
        .outerjoin(entry, entry.c.id == revision.c.entry_id)
        .where(delivery.c.subscriber_id == pk)
    )
    return [_plain(row) for row in conn.execute(query.order_by(delivery.c.planned_at))]


def _plain(row: Row[*tuple[Any, ...]], leave: Iterable[str] = ()) -> dict[str, Any]:
    fields = {name: value for name, value in row._mapping.items() if name not in leave}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields.items()}
