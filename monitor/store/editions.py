"""Editions as they were planned and frozen, and the ledger behind "never twice"."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from monitor.core.model import Digest, MailKind, Status, Subscription, Told, Window
from monitor.errors import InputError
from monitor.store import outbox, subscribers
from monitor.store.entries import chunks
from monitor.store.inserts import insert_one
from monitor.store.schema import delivery, edition, entry, publisher, revision, subscriber, subscription

OPEN = "open"
EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A planned edition as it was frozen: whose it is, and its digest as JSON."""

    subscription: Subscription
    content: str


def told(conn: Connection, subscriber_pk: int, groups: Collection[int], *, since: datetime) -> dict[int, Told]:
    """Return what this subscriber was sent, or is being sent: of these groups ever, of all others `since` then."""
    rows: list[Row[Any]] = []
    for part in chunks(sorted(groups)):
        rows += conn.execute(_ledger(subscriber_pk).where(delivery.c.group_id.in_(part)))
    own = select(subscription.c.id).where(subscription.c.subscriber_id == subscriber_pk)
    lately = _ledger(subscriber_pk).where(edition.c.subscription_id.in_(own), edition.c.window_end >= since)
    rows += [row for row in conn.execute(lately) if row.group_id not in groups]
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.group_id].append(row)
    return {group: _told(same) for group, same in found.items()}


def _ledger(subscriber_pk: int) -> Select[Any]:
    return (
        select(
            delivery.c.group_id,
            delivery.c.revision_id,
            delivery.c.planned_at,
            edition.c.instant,
            revision.c.title,
            entry.c.id.label("entry"),
            entry.c.lang,
            publisher.c.name,
        )
        .join(edition, edition.c.id == delivery.c.edition_id)
        .outerjoin(revision, revision.c.id == delivery.c.revision_id)
        .outerjoin(entry, entry.c.id == revision.c.entry_id)
        .outerjoin(publisher, publisher.c.id == entry.c.publisher_id)
        .where(delivery.c.subscriber_id == subscriber_pk)
    )


def _told(rows: Sequence[Row[Any]]) -> Told:
    *earlier, newest = sorted(rows, key=lambda row: (row.planned_at, row.revision_id))
    return Told(
        at=newest.planned_at,
        instant=newest.instant,
        revision=newest.revision_id,
        title=newest.title or "",
        entry=newest.entry,
        lang=newest.lang,
        publisher=newest.name or "",
        earlier=tuple(row.title for row in earlier if row.title),
    )


def exists(conn: Connection, subscription_pk: int, window: Window) -> bool:
    """Tell whether the edition of this window was planned already."""
    query = select(edition.c.id).where(edition.c.subscription_id == subscription_pk, edition.c.window_end == window.end)
    return conn.execute(query).first() is not None


def plan(
    conn: Connection, wish: Subscription, digest: Digest, content: str, *, domain: str, send: bool, now: datetime
) -> int:
    """Store an edition with its ledger rows and its mail; returns the edition's id.

    One that is not to be sent keeps no content, and lengthens the one before it where that was not sent either.
    Raises StoreError (by the unique key) when another planned the window first.
    """
    window = digest.window
    values = {
        "window_end": window.end,
        "seq_to": window.seq_to,
        "state": OPEN if send else EMPTY,
        "instant": digest.instant,
        "content": content if send else None,
        "created_at": now,
    }
    if not send and (before := _empty_before(conn, wish.pk, window)):
        conn.execute(update(edition).where(edition.c.id == before).values(**values))
        return before
    begin = {"window_start": window.start, "seq_from": window.seq_from}
    pk = insert_one(conn, edition, subscription_id=wish.pk, **begin, **values)
    if send:
        _tell(conn, wish.subscriber.pk, pk, digest, now)
        outbox.queue(conn, MailKind.DIGEST, str(pk), wish.subscriber.email, domain=domain, now=now)
    return pk


def _empty_before(conn: Connection, subscription_pk: int, window: Window) -> int | None:
    query = select(edition.c.id, edition.c.state, edition.c.seq_to).where(edition.c.subscription_id == subscription_pk)
    last = conn.execute(query.order_by(edition.c.window_end.desc()).limit(1)).one_or_none()
    if last is None or last.state != EMPTY or last.seq_to != window.seq_from:
        return None
    return int(last.id)


def _tell(conn: Connection, subscriber_pk: int, pk: int, digest: Digest, now: datetime) -> None:
    """Write into the ledger what an edition tells: every group of each of its stories."""
    told = [
        {"group_id": group, "revision_id": revision_id}
        for section in digest.sections
        for item in section.items
        for group, revision_id in ((item.group, item.revision), *item.also)
    ]
    if told:
        common = {"subscriber_id": subscriber_pk, "edition_id": pk, "planned_at": now}
        conn.execute(delivery.insert(), [row | common for row in told])


def newest(conn: Connection, subscriber_pk: int) -> int:
    """Return the id of the newest edition of a subscriber, 0 before the first."""
    query = select(func.max(edition.c.id)).join(subscription).where(subscription.c.subscriber_id == subscriber_pk)
    return conn.execute(query).scalar_one() or 0


def load(conn: Connection, pk: int) -> Edition | None:
    """Return a frozen edition, or None where its subscriber has gone."""
    row = conn.execute(select(edition.c.subscription_id, edition.c.content).where(edition.c.id == pk)).one_or_none()
    if row is None or row.content is None:
        return None
    return Edition(subscription=subscribers.get(conn, row.subscription_id), content=row.content)


def last_sent(conn: Connection, email: str) -> int | None:
    """Return the newest edition that an address was sent and that is still kept."""
    query = (
        select(func.max(edition.c.id))
        .join(subscription, subscription.c.id == edition.c.subscription_id)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .where(subscriber.c.email == email, edition.c.state == outbox.EDITION_SENT, edition.c.content.is_not(None))
    )
    pk: int | None = conn.execute(query).scalar_one()
    return pk


def again(conn: Connection, pk: int, *, domain: str, now: datetime) -> str:
    """Queue an edition that was sent for its reader once more, and return the address. The ledger stays as it is.

    Raises InputError where it was not sent, is no longer kept, or its reader takes no digests.
    """
    state = conn.execute(select(edition.c.state).where(edition.c.id == pk)).scalar_one_or_none()
    found = load(conn, pk)
    if state != outbox.EDITION_SENT or found is None:
        raise InputError(f"there is no edition {pk} that was sent and is still kept")
    reader = found.subscription.subscriber
    if reader.status != Status.ACTIVE:
        raise InputError(f"{reader.email} takes no digests now: {reader.status}")
    outbox.queue(conn, MailKind.AGAIN, f"{pk}-{int(now.timestamp())}", reader.email, domain=domain, now=now)
    return reader.email
