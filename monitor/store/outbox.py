"""The outbox of mails on their way.

queued ─► sending ─► sent
  ▲          │
  │          ├─► deferred (4xx, lost connection) ─► sending …
  └ crash ───┘
             └─► failed (5xx, or no luck for a day): the items of a digest are free for the next one
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, String, cast, delete, func, or_, select, update

from monitor.core.model import MailKind, MailState, QueuedMail, Status
from monitor.core.schedule import INSTANT_GAP
from monitor.store import subscribers
from monitor.store.database import insert_ignore
from monitor.store.schema import delivery, edition, outbox, subscriber, subscription

EDITION_SENT = "sent"
FINAL = (MailState.SENT, MailState.FAILED)


def supersede(conn: Connection, now: datetime) -> int:
    """Withdraw digests that were never tried and whose subscription is due again; the next edition covers them too.

    Thus a time without a mail server, or without us, ends in one catch-up digest; an alert waits half an hour for its
    turn. Returns how many were withdrawn.
    """
    settled = ~edition.c.instant | (edition.c.created_at <= now - INSTANT_GAP)  # an alert's subscription is always due
    query = (
        select(outbox)
        .join(edition, (outbox.c.kind == MailKind.DIGEST) & (outbox.c.subject == cast(edition.c.id, String)))
        .join(subscription, subscription.c.id == edition.c.subscription_id)
        .where(outbox.c.state == MailState.QUEUED, outbox.c.attempts == 0, subscription.c.next_digest_at <= now)
        .where(settled)
    )
    withdrawn = [_mail(row) for row in conn.execute(query)]
    for mail in withdrawn:
        failed(conn, mail, "not sent: a later digest covers it", now)
    return len(withdrawn)


def withdraw(conn: Connection, recipient: str, why: str, now: datetime) -> int:
    """Give up the digests to an address that nobody has begun to send; returns how many."""
    query = select(outbox).where(
        outbox.c.recipient == recipient,
        outbox.c.kind == MailKind.DIGEST,
        outbox.c.state.in_([MailState.QUEUED, MailState.DEFERRED, MailState.HELD]),
    )
    mails = [_mail(row) for row in conn.execute(query)]
    for mail in mails:
        failed(conn, mail, why, now)
    return len(mails)


def queue(
    conn: Connection,
    kind: MailKind,
    subject: str,
    recipient: str,
    *,
    domain: str,
    now: datetime,
    payload: str | None = None,
) -> None:
    """Put a mail into the outbox, once per kind and subject. Its Message-ID never changes, so a double shows as one."""
    row = {
        "kind": kind,
        "subject": subject,
        "recipient": recipient,
        "domain": recipient.rpartition("@")[2].rstrip("> ").lower(),
        "message_id": f"<{kind}.{subject}.{int(now.timestamp())}@{domain}>",
        "state": MailState.QUEUED,
        "next_try_at": now,
        "created_at": now,
        "payload": payload,
    }
    insert_ignore(conn, outbox, [row])


def claim(conn: Connection, now: datetime, *, lease: timedelta, limit: int) -> list[QueuedMail]:
    """Take mails that are to be tried now; they are `sending` until `sent`, `deferred` or `failed` is called."""
    ready = or_(
        outbox.c.state.in_([MailState.QUEUED, MailState.DEFERRED]) & (outbox.c.next_try_at <= now),
        (outbox.c.state == MailState.SENDING) & (outbox.c.lease_until < now),
    )
    chosen = select(outbox.c.id).where(ready).order_by(outbox.c.next_try_at, outbox.c.id).limit(limit)
    taking = (
        update(outbox)
        .where(outbox.c.id.in_(chosen.with_for_update(skip_locked=True).scalar_subquery()))
        .values(state=MailState.SENDING, lease_until=now + lease, attempts=outbox.c.attempts + 1)
        .returning(outbox)
    )
    return sorted((_mail(row) for row in conn.execute(taking)), key=lambda mail: mail.pk)


def _mail(row: Row[Any]) -> QueuedMail:
    return QueuedMail(
        pk=row.id,
        kind=MailKind(row.kind),
        subject=row.subject,
        recipient=row.recipient,
        message_id=row.message_id,
        attempts=row.attempts,
        created_at=row.created_at,
        payload=row.payload,
        body=row.body,
    )


def freeze(conn: Connection, pk: int, body: bytes) -> None:
    """Keep the bytes of the first attempt: every later one sends the same."""
    conn.execute(update(outbox).where(outbox.c.id == pk, outbox.c.body.is_(None)).values(body=body))


def sent(conn: Connection, mail: QueuedMail, reply: str, now: datetime) -> None:
    """Note that the server took the mail."""
    _finish(conn, mail, MailState.SENT, reply, now)
    if mail.kind == MailKind.DIGEST:
        conn.execute(update(edition).where(edition.c.id == int(mail.subject)).values(state=EDITION_SENT))


def deferred(conn: Connection, mail: QueuedMail, reply: str, retry_at: datetime) -> None:
    """Note that the mail is to be tried again."""
    values = {"state": MailState.DEFERRED, "next_try_at": retry_at, "lease_until": None, "reply": reply}
    conn.execute(update(outbox).where(outbox.c.id == mail.pk).values(**values))


def release(conn: Connection, mail: QueuedMail) -> None:
    """Give back a mail that was claimed and not tried."""
    values = {"state": MailState.QUEUED, "lease_until": None, "attempts": outbox.c.attempts - 1}
    conn.execute(update(outbox).where(outbox.c.id == mail.pk).values(**values))


def failed(conn: Connection, mail: QueuedMail, reply: str, now: datetime) -> None:
    """Give a mail up. What its digest would have told is free for the next one."""
    _finish(conn, mail, MailState.FAILED, reply, now)
    if mail.kind == MailKind.DIGEST:
        pk = int(mail.subject)
        conn.execute(update(edition).where(edition.c.id == pk).values(state=subscribers.FAILED))
        conn.execute(delete(delivery).where(delivery.c.edition_id == pk))


def _finish(conn: Connection, mail: QueuedMail, state: MailState, reply: str, now: datetime) -> None:
    values = {"state": state, "finished_at": now, "lease_until": None, "reply": reply, "body": None, "payload": None}
    conn.execute(update(outbox).where(outbox.c.id == mail.pk).values(**values))


def repair(conn: Connection, now: datetime) -> int:
    """Put mails that a dead process left in flight back into the queue; returns how many.

    Only for the one process that owns the outbox: the others' leases run out by themselves.
    """
    values = {"state": MailState.DEFERRED, "next_try_at": now, "lease_until": None}
    return conn.execute(update(outbox).where(outbox.c.state == MailState.SENDING).values(**values)).rowcount


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """How many mails stand in each state, and since when the oldest unsent one waits."""

    states: dict[str, int]
    oldest: datetime | None
    last_reply: str | None


def counts(conn: Connection) -> OutboxCounts:
    """Return the state of the outbox."""
    states = conn.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state)).all()
    waiting = select(func.min(outbox.c.created_at)).where(outbox.c.state.not_in(FINAL))
    deferred_reply = (
        select(outbox.c.reply)
        .where(outbox.c.state == MailState.DEFERRED)
        .order_by(outbox.c.next_try_at.desc())
        .limit(1)
    )
    return OutboxCounts(
        states={str(state): int(number) for state, number in states},
        oldest=conn.execute(waiting).scalar_one(),
        last_reply=conn.execute(deferred_reply).scalar_one_or_none(),
    )


def history(conn: Connection, email: str, *, limit: int = 20) -> list[tuple[Any, ...]]:
    """Return the newest mails to an address: kind, state, attempts, reply, times."""
    query = select(
        outbox.c.kind, outbox.c.state, outbox.c.attempts, outbox.c.reply, outbox.c.created_at, outbox.c.finished_at
    ).where(outbox.c.recipient == email)
    return [tuple(row) for row in conn.execute(query.order_by(outbox.c.id.desc()).limit(limit))]


def next_digest(conn: Connection) -> datetime | None:
    """Return the moment of the next digest of an active subscriber."""
    query = (
        select(func.min(subscription.c.next_digest_at))
        .join(subscriber)
        .where(subscription.c.active, subscriber.c.status == Status.ACTIVE)
    )
    moment: datetime | None = conn.execute(query).scalar_one()
    return moment
