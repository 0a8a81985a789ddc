"""Domains whose mail waits: for a while (`until`), or until the operator releases them.

            put off (4xx)                    until has come: one mail at a time
open ──────────────────────► resting ◄──────────────────────────────► on trial
 ▲ │                            └──────────── a mail is taken ◄───────────┘
 │ └── refused as a policy, or too many failed ──► held
 └──────────────── the operator ◄──────────────────┘
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select, update

from monitor.core import rates
from monitor.store.inserts import insert_one
from monitor.store.schema import domain_hold

SERVER = "*"
"""Stands for every domain: our mail server itself serves us not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A domain that gets no mail; `until` is None where the operator decides."""

    domain: str
    reason: str
    since: datetime
    until: datetime | None


def hold(conn: Connection, domain: str, reason: str, now: datetime) -> bool:
    """Send a domain nothing until `release`; False when it is held already."""
    old = _open(conn, domain)
    if old is None:
        insert_one(conn, domain_hold, domain=domain, reason=reason, since=now)
    elif old.until is None:
        return False
    else:
        _change(conn, old.id, reason=reason, since=now, until=None)
    return True


def rest(conn: Connection, domain: str, reason: str, asked: timedelta | None, now: datetime) -> None:
    """Send a domain nothing for a while: as long as it `asked`, or each time longer until a mail is taken.

    One that rests already rests no shorter for it; one that is held stays held.
    """
    old = _open(conn, domain)
    if old is None:
        insert_one(conn, domain_hold, domain=domain, reason=reason, since=now, until=now + rates.rest(None, asked))
    elif old.until is not None and old.until <= now:
        _change(conn, old.id, reason=reason, since=now, until=now + rates.rest(old.until - old.since, asked))
    elif old.until is not None and asked is not None:
        _change(conn, old.id, until=max(old.until, now + asked))


def taken(conn: Connection, domain: str, now: datetime) -> None:
    """Note that a mail was taken: a domain on trial is open again."""
    on_trial = (domain_hold.c.until <= now) & domain_hold.c.domain.in_([domain, SERVER])
    conn.execute(update(domain_hold).where(domain_hold.c.released_at.is_(None), on_trial).values(released_at=now))


def release(conn: Connection, domain: str, now: datetime) -> bool:
    """Open a domain that is held or rests; False when it is open."""
    releasing = update(domain_hold).where(domain_hold.c.domain == domain, domain_hold.c.released_at.is_(None))
    return bool(conn.execute(releasing.values(released_at=now)).rowcount)


def released_at(conn: Connection, domain: str) -> datetime | None:
    """Return when the operator last released a domain, None where that never happened."""
    query = select(func.max(domain_hold.c.released_at))
    moment: datetime | None = conn.execute(
        query.where(domain_hold.c.domain == domain, domain_hold.c.until.is_(None))
    ).scalar_one()
    return moment


def current(conn: Connection) -> list[Hold]:
    """Return the domains that are held or rest, the oldest first."""
    query = select(domain_hold).where(domain_hold.c.released_at.is_(None))
    rows = conn.execute(query.order_by(domain_hold.c.since, domain_hold.c.id))
    return [Hold(domain=row.domain, reason=row.reason, since=row.since, until=row.until) for row in rows]


def serves(conn: Connection, now: datetime) -> bool:
    """Tell whether the mail server itself may be asked at this moment."""
    return conn.execute(shut(now).where(domain_hold.c.domain == SERVER)).first() is None


def on_trial(conn: Connection, now: datetime) -> set[str]:
    """Return the domains whose rest is over and that have not taken a mail since."""
    query = select(domain_hold.c.domain).where(domain_hold.c.released_at.is_(None), domain_hold.c.until <= now)
    return set(conn.execute(query).scalars())


def held() -> Select[tuple[str]]:
    """Return the query of the domains that wait for the operator."""
    return select(domain_hold.c.domain).where(domain_hold.c.released_at.is_(None), domain_hold.c.until.is_(None))


def shut(now: datetime) -> Select[tuple[str]]:
    """Return the query of the domains that are sent nothing at this moment."""
    closed = or_(domain_hold.c.until.is_(None), domain_hold.c.until > now)
    return select(domain_hold.c.domain).where(domain_hold.c.released_at.is_(None), closed)


def _open(conn: Connection, domain: str) -> Row[Any] | None:
    query = select(domain_hold)
    return conn.execute(query.where(domain_hold.c.domain == domain, domain_hold.c.released_at.is_(None))).first()


def _change(conn: Connection, pk: int, **values: object) -> None:
    conn.execute(update(domain_hold).where(domain_hold.c.id == pk).values(**values))
