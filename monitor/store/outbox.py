"""The outbox of mails on their way.

queued ─► sending ─► sent
  ▲ ▲        │
  │ │        ├─► deferred (4xx, lost connection) ─► sending …
  │ └─ crash ┤
  │          ├─► held (nobody knows whether it was taken; a policy) ─► the operator
  └──────────┼───────────────────────────────────────────────────────────┘
             └─► failed (5xx, or no luck for a day): the items of a digest are free for the next one

Mails that are claimed stay `queued` or `deferred`, under a lease, until their bytes go out: only those that are
`sending` can arrive twice. Mails to a domain that is held stay where they are.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, String, Update, and_, cast, delete, func, or_, select, update

from monitor.core.model import HoldReason, MailKind, MailState, QueuedMail, Status
from monitor.core.schedule import INSTANT_GAP
from monitor.store import holds, subscribers, suppressions
from monitor.store.inserts import insert_ignore
from monitor.store.schema import delivery, edition, outbox, subscriber, subscription

EDITION_SENT = "sent"
EDITION_UNKNOWN = "unknown"
FINAL = (MailState.SENT, MailState.FAILED)
WAITING = (MailState.QUEUED, MailState.DEFERRED)


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
    return _give_up(conn, why, now, outbox.c.recipient == recipient, outbox.c.kind == MailKind.DIGEST)


def withdraw_all(conn: Connection, address: str, why: str, now: datetime) -> int:
    """Give up every mail to an address, however its letters are cased, but those to the operator; returns how many."""
    same = func.lower(outbox.c.recipient) == address.lower()
    return _give_up(conn, why, now, same, outbox.c.kind != MailKind.OPERATOR)


def expire(conn: Connection, before: datetime, now: datetime) -> int:
    """Give up mails that wait since this moment or longer, and were tried in vain, or that wait for the operator."""
    tried = outbox.c.state.in_([MailState.DEFERRED, MailState.HELD])
    waits = tried | outbox.c.domain.in_(holds.held())
    return _give_up(conn, "it waited too long", now, waits, outbox.c.created_at <= before)


def _give_up(conn: Connection, why: str, now: datetime, *conditions: ColumnElement[bool]) -> int:
    query = select(outbox).where(outbox.c.state.in_([*WAITING, MailState.HELD]), *conditions)
    rows = conn.execute(query).all()
    for row in rows:
        reply = f"{why}; the last answer: {row.reply}" if row.reply else why
        failed(conn, _mail(row), reply, now, maybe_taken=row.hold_reason == HoldReason.UNKNOWN)
    return len(rows)


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
    """Put a mail into the outbox, once per kind and subject; nothing for an address that takes no mail.

    Its Message-ID never changes, so a double shows as one.
    """
    if kind != MailKind.OPERATOR and suppressions.of(conn, bare(recipient)):
        return
    row = {
        "kind": kind,
        "subject": subject,
        "recipient": recipient,
        "domain": bare(recipient).rpartition("@")[2].lower(),
        "message_id": f"<{kind}.{subject.replace(':', '.')}.{int(now.timestamp())}@{domain}>",
        "state": MailState.QUEUED,
        "next_try_at": now,
        "created_at": now,
        "payload": payload,
    }
    insert_ignore(conn, outbox, [row])


def bare(recipient: str) -> str:
    """Return the address of `Name <address>`."""
    return recipient.rpartition("<")[2].rstrip("> ")


def claim(
    conn: Connection, now: datetime, *, lease: timedelta, limit: int, without: Collection[str] = ()
) -> list[QueuedMail]:
    """Take mails that are to be tried now, none of the domains `without`; they are ours until the lease ends."""
    if not holds.serves(conn, now):
        return []
    chosen = (
        select(outbox.c.id)
        .where(outbox.c.state.in_(WAITING), outbox.c.next_try_at <= now, _open_to(now))
        .where(or_(outbox.c.lease_until.is_(None), outbox.c.lease_until < now), outbox.c.domain.not_in(without))
        .order_by(outbox.c.next_try_at, outbox.c.id)
        .limit(limit)
    )
    taking = (
        update(outbox)
        .where(outbox.c.id.in_(chosen.with_for_update(skip_locked=True).scalar_subquery()))
        .values(lease_until=now + lease)
        .returning(outbox)
    )
    return sorted((_mail(row) for row in conn.execute(taking)), key=lambda mail: mail.pk)


def _open_to(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a mail's domain takes mail; what the operator must know is tried all the same."""
    return or_(outbox.c.kind == MailKind.OPERATOR, outbox.c.domain.not_in(holds.shut(now)))


def _mail(row: Row[Any]) -> QueuedMail:
    return QueuedMail(
        pk=row.id,
        kind=MailKind(row.kind),
        subject=row.subject,
        recipient=row.recipient,
        domain=row.domain,
        message_id=row.message_id,
        attempts=row.attempts + 1,
        created_at=row.created_at,
        payload=row.payload,
        body=row.body,
    )


def give_back(conn: Connection, mails: Collection[QueuedMail]) -> None:
    """End the lease of mails that were claimed and not tried."""
    mine = outbox.c.id.in_([mail.pk for mail in mails]) & outbox.c.state.in_(WAITING)
    conn.execute(update(outbox).where(mine).values(lease_until=None))


def begin(conn: Connection, mail: QueuedMail, body: bytes, now: datetime, *, lease: timedelta) -> bytes | None:
    """Note that a claimed mail goes out now; returns its bytes: those of the first attempt, else `body`, which is kept.

    None where it is not to go any more: it was withdrawn meanwhile, or its domain or the server is held or rests.
    """
    if not holds.serves(conn, now):
        return None
    going = and_(outbox.c.id == mail.pk, outbox.c.state.in_(WAITING), _open_to(now))
    values = {"state": MailState.SENDING, "attempts": outbox.c.attempts + 1, "lease_until": now + lease}
    beginning = update(outbox).where(going).values(**values, body=func.coalesce(outbox.c.body, body))
    kept: bytes | None = conn.execute(beginning.returning(outbox.c.body)).scalar_one_or_none()
    return kept


def sent(conn: Connection, mail: QueuedMail, reply: str, now: datetime) -> None:
    """Note that the server took the mail."""
    if _finish(conn, mail, MailState.SENT, reply, now) and mail.kind == MailKind.DIGEST:
        conn.execute(update(edition).where(edition.c.id == int(mail.subject)).values(state=EDITION_SENT))


def deferred(conn: Connection, mail: QueuedMail, reply: str, retry_at: datetime) -> None:
    """Note that the mail is to be tried again."""
    values = {"state": MailState.DEFERRED, "next_try_at": retry_at, "lease_until": None, "reply": reply}
    conn.execute(_unfinished(mail).values(**values))


def held(conn: Connection, mail: QueuedMail, reason: HoldReason, reply: str) -> None:
    """Keep a mail for the operator's decision.

    One that was refused at its first attempt is composed anew when it is released: nobody has a copy, and what is wrong
    with it may be mended.
    """
    values = {"state": MailState.HELD, "hold_reason": reason, "lease_until": None, "reply": reply}
    anew = {"body": None} if reason == HoldReason.POLICY and mail.attempts == 1 else {}
    conn.execute(_unfinished(mail).values(**values, **anew))


def failed(conn: Connection, mail: QueuedMail, reply: str, now: datetime, *, maybe_taken: bool = False) -> None:
    """Give a mail up. What its digest would have told is free for the next one, unless it may have been taken."""
    if not _finish(conn, mail, MailState.FAILED, reply, now) or mail.kind != MailKind.DIGEST:
        return
    pk = int(mail.subject)
    state = EDITION_UNKNOWN if maybe_taken else subscribers.FAILED
    conn.execute(update(edition).where(edition.c.id == pk).values(state=state))
    if not maybe_taken:
        conn.execute(delete(delivery).where(delivery.c.edition_id == pk))


def _finish(conn: Connection, mail: QueuedMail, state: MailState, reply: str, now: datetime) -> bool:
    values = {"state": state, "finished_at": now, "lease_until": None, "reply": reply, "body": None, "payload": None}
    return bool(conn.execute(_unfinished(mail).values(**values)).rowcount)


def _unfinished(mail: QueuedMail) -> Update:
    """Return the change of a mail that has not ended: somebody else may have ended it when our lease was over."""
    return update(outbox).where(outbox.c.id == mail.pk, outbox.c.state.not_in(FINAL))


def repair(conn: Connection, now: datetime, *, hold: bool = False) -> int:
    """Take up the mails that a dead process left in flight; returns how many. They are tried again, or with `hold`
    kept for the operator's decision.

    Only for the one process that owns the outbox: the others' leases run out by themselves (`reclaim`).
    """
    conn.execute(update(outbox).where(outbox.c.state.in_(WAITING)).values(lease_until=None))
    return _left_in_flight(conn, now, outbox.c.state == MailState.SENDING, hold=hold)


def reclaim(conn: Connection, now: datetime, *, hold: bool = False) -> int:
    """Do as `repair` with the mails in flight whose lease is over."""
    over = (outbox.c.state == MailState.SENDING) & (outbox.c.lease_until < now)
    return _left_in_flight(conn, now, over, hold=hold)


def _left_in_flight(conn: Connection, now: datetime, which: ColumnElement[bool], *, hold: bool) -> int:
    again = {"state": MailState.DEFERRED, "next_try_at": now, "lease_until": None}
    kept = {"state": MailState.HELD, "hold_reason": HoldReason.UNKNOWN, "lease_until": None}
    return conn.execute(update(outbox).where(which).values(kept if hold else again)).rowcount


def tally(conn: Connection, domain: str, since: datetime) -> tuple[int, int]:
    """Return how many of a domain's mails have failed since a moment, and how many were tried to an end."""
    tried = (outbox.c.domain == domain) & (outbox.c.finished_at >= since) & (outbox.c.attempts > 0)
    failed = func.count().filter(outbox.c.state == MailState.FAILED)
    row = conn.execute(select(failed, func.count()).where(tried)).one()
    return int(row[0]), int(row[1])


def held_for(conn: Connection, reason: HoldReason) -> int:
    """Return how many mails are held for a reason."""
    query = select(func.count()).where(outbox.c.state == MailState.HELD, outbox.c.hold_reason == reason)
    return int(conn.execute(query).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """How many mails stand in each state, and since when the oldest waits that no decision of the operator holds up."""

    states: dict[str, int]
    oldest: datetime | None
    last_reply: str | None


def counts(conn: Connection) -> OutboxCounts:
    """Return the state of the outbox."""
    states = conn.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state)).all()
    decided = [*FINAL, MailState.HELD]
    waiting = select(func.min(outbox.c.created_at)).where(outbox.c.state.not_in(decided))
    waiting = waiting.where(outbox.c.domain.not_in(holds.held()))
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
        .where(subscription.c.active, subscriber.c.status == Status.ACTIVE, ~suppressions.stops_subscriber())
    )
    moment: datetime | None = conn.execute(query).scalar_one()
    return moment
