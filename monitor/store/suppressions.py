"""Addresses that take no mail, because a server said for good that they do not exist."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, func, select, update

from monitor.store.inserts import insert_ignore
from monitor.store.schema import subscriber, suppression


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address that is sent nothing, with the server's words."""

    address: str
    reason: str
    reply: str
    since: datetime


def suppress(conn: Connection, address: str, reason: str, reply: str, now: datetime) -> None:
    """Send an address nothing any more; one that is suppressed already stays as it is."""
    row = {"address": address.lower(), "reason": reason, "reply": reply, "since": now, "lifted_at": None}
    insert_ignore(conn, suppression, [row])
    lifted = (suppression.c.address == address.lower()) & suppression.c.lifted_at.is_not(None)
    conn.execute(update(suppression).where(lifted).values(**row))


def lift(conn: Connection, address: str, now: datetime) -> bool:
    """Let an address have mail again; False when nothing stopped it."""
    lifting = update(suppression).where(suppression.c.address == address.lower(), suppression.c.lifted_at.is_(None))
    return bool(conn.execute(lifting.values(lifted_at=now)).rowcount)


def of(conn: Connection, address: str) -> Suppression | None:
    """Return what stops an address, or None."""
    return next(iter(_listed(conn, suppression.c.address == address.lower())), None)


def listed(conn: Connection) -> list[Suppression]:
    """Return every address that is stopped, the newest first."""
    return _listed(conn)


def _listed(conn: Connection, *conditions: ColumnElement[bool]) -> list[Suppression]:
    query = select(suppression).where(suppression.c.lifted_at.is_(None), *conditions)
    rows = conn.execute(query.order_by(suppression.c.since.desc(), suppression.c.address))
    return [Suppression(address=row.address, reason=row.reason, reply=row.reply, since=row.since) for row in rows]


def stops_subscriber() -> ColumnElement[bool]:
    """Return the condition that a row of `subscriber` has an address that is stopped."""
    same = suppression.c.address == func.lower(subscriber.c.email)
    return exists().where(same, suppression.c.lifted_at.is_(None))
