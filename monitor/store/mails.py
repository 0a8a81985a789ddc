"""The outbox as the operator sees it, and what they decide: mails are looked up, released, tried at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from monitor.core.model import HoldReason, MailKind, MailState
from monitor.store import holds
from monitor.store.schema import domain_hold, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMail:
    """A mail of the outbox with all that is known of its way. `reply` is the server's last answer."""

    number: int
    kind: MailKind
    recipient: str
    domain: str
    state: MailState
    attempts: int
    hold_reason: HoldReason | None
    reply: str | None
    created_at: datetime
    next_try_at: datetime
    finished_at: datetime | None


def listed(
    conn: Connection, *, states: Collection[MailState], domain: str | None = None, limit: int = 100
) -> list[StoredMail]:
    """Return the newest mails in these states, of one domain if it is given."""
    query = select(*(column for column in outbox.c if column.name not in ("body", "payload")))
    chosen = query.where(outbox.c.state.in_(states), *_of(domain)).order_by(outbox.c.id.desc()).limit(limit)
    return [
        StoredMail(
            number=row.id,
            kind=MailKind(row.kind),
            recipient=row.recipient,
            domain=row.domain,
            state=MailState(row.state),
            attempts=row.attempts,
            hold_reason=HoldReason(row.hold_reason) if row.hold_reason else None,
            reply=row.reply,
            created_at=row.created_at,
            next_try_at=row.next_try_at,
            finished_at=row.finished_at,
        )
        for row in conn.execute(chosen)
    ]


def _of(domain: str | None) -> list[ColumnElement[bool]]:
    return [] if domain is None else [outbox.c.domain == domain.lower()]


def release_domain(conn: Connection, domain: str, now: datetime) -> bool:
    """Send to a domain again, with the mails that were held for its policy; False when nothing of it was held.

    Mails that may have been taken stay held: `release_mail` sends one of them again.
    """
    opened = holds.release(conn, domain.lower(), now)
    refused = (outbox.c.state == MailState.HELD) & (outbox.c.hold_reason == HoldReason.POLICY)
    return _release(conn, now, refused, *_of(domain)) > 0 or opened


def release_mail(conn: Connection, number: int, now: datetime) -> bool:
    """Send a held mail again, once its domain takes mail; False when it is not held."""
    return _release(conn, now, outbox.c.id == number, outbox.c.state == MailState.HELD) > 0


def _release(conn: Connection, now: datetime, *conditions: ColumnElement[bool]) -> int:
    values = {"state": MailState.QUEUED, "hold_reason": None, "next_try_at": now}
    return conn.execute(update(outbox).where(*conditions).values(**values)).rowcount


def retry(conn: Connection, now: datetime, *, domain: str | None = None, number: int | None = None) -> int:
    """Make mails due that wait for another try: all, a domain's, or one; returns how many. Domains rest no more."""
    which = [*_of(domain), *([] if number is None else [outbox.c.id == number])]
    waiting = (outbox.c.state == MailState.DEFERRED) & (outbox.c.next_try_at > now)
    domains = select(outbox.c.domain).where(outbox.c.state.in_([MailState.DEFERRED, MailState.QUEUED]), *which)
    whose = or_(domain_hold.c.domain == holds.SERVER, domain_hold.c.domain.in_(domains))
    conn.execute(delete(domain_hold).where(domain_hold.c.released_at.is_(None), domain_hold.c.until > now, whose))
    return conn.execute(update(outbox).where(waiting, *which).values(next_try_at=now)).rowcount
