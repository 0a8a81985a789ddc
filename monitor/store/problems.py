"""What the operator was told of: each problem opens once and ends once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from monitor.store.inserts import insert_one
from monitor.store.schema import problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that a person should know. `key` names it, `detail` is a line or more for that person."""

    pk: int
    key: str
    detail: str
    since: datetime


def current(conn: Connection) -> list[Problem]:
    """Return the open problems, the oldest first."""
    rows = conn.execute(select(problem).where(problem.c.ended_at.is_(None)).order_by(problem.c.since, problem.c.id))
    return [Problem(pk=row.id, key=row.key, detail=row.detail, since=row.since) for row in rows]


def begin(conn: Connection, key: str, detail: str, now: datetime) -> Problem | None:
    """Open a problem; None when it is open already (its detail is brought up to date)."""
    old = _open(conn, key)
    if old is None:
        return Problem(
            pk=insert_one(conn, problem, key=key, detail=detail, since=now), key=key, detail=detail, since=now
        )
    if old.detail != detail:
        conn.execute(update(problem).where(problem.c.id == old.pk).values(detail=detail))
    return None


def end(conn: Connection, key: str, now: datetime) -> Problem | None:
    """Close a problem; None when it was not open."""
    old = _open(conn, key)
    if old is not None:
        conn.execute(update(problem).where(problem.c.id == old.pk).values(ended_at=now))
    return old


def _open(conn: Connection, key: str) -> Problem | None:
    return next((one for one in current(conn) if one.key == key), None)
