"""Editions as they were planned and frozen, and the ledger behind "never twice"."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from monitor.core.model import Digest, MailKind, Subscription, Window
from monitor.store import outbox, subscribers
from monitor.store.database import insert_one
from monitor.store.entries import chunks
from monitor.store.schema import delivery, edition

OPEN = "open"
EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A planned edition as it was frozen: whose it is, and its digest as JSON."""

    subscription: Subscription
    content: str


def told(conn: Connection, subscriber_pk: int, groups: Collection[int]) -> set[int]:
    """Return those of the groups that this subscriber was sent, or is being sent."""
    found: set[int] = set()
    for part in chunks(sorted(groups)):
        query = select(delivery.c.group_id).where(delivery.c.subscriber_id == subscriber_pk)
        found |= set(conn.execute(query.where(delivery.c.group_id.in_(part))).scalars())
    return found


def exists(conn: Connection, subscription_pk: int, window: Window) -> bool:
    """Tell whether the edition of this window was planned already."""
    query = select(edition.c.id).where(edition.c.subscription_id == subscription_pk, edition.c.window_end == window.end)
    return conn.execute(query).first() is not None


def plan(
    conn: Connection, wish: Subscription, digest: Digest, content: str, *, domain: str, send: bool, now: datetime
) -> int:
    """Store an edition with its ledger rows, and its mail when `send`; returns the edition's id.

    Raises StoreError (by the unique key) when another planned the window first.
    """
    window = digest.window
    pk = insert_one(
        conn,
        edition,
        subscription_id=wish.pk,
        window_start=window.start,
        window_end=window.end,
        seq_from=window.seq_from,
        seq_to=window.seq_to,
        state=OPEN if send else EMPTY,
        instant=digest.instant,
        content=content,
        created_at=now,
    )
    rows = [
        {
            "subscriber_id": wish.subscriber.pk,
            "group_id": item.group,
            "revision_id": item.revision,
            "edition_id": pk,
            "planned_at": now,
        }
        for section in digest.sections
        for item in section.items
    ]
    if rows:
        conn.execute(delivery.insert(), rows)
    if send:
        outbox.queue(conn, MailKind.DIGEST, str(pk), wish.subscriber.email, domain=domain, now=now)
    return pk


def load(conn: Connection, pk: int) -> Edition | None:
    """Return a frozen edition, or None where its subscriber has gone."""
    row = conn.execute(select(edition.c.subscription_id, edition.c.content).where(edition.c.id == pk)).one_or_none()
    if row is None or row.content is None:
        return None
    return Edition(subscription=subscribers.get(conn, row.subscription_id), content=row.content)
