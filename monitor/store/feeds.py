"""Feeds: what is due, what was known, and how each of them fares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from monitor.core.model import FeedSpec, FeedState, PollOutcome
from monitor.store.database import insert_ignore
from monitor.store.schema import feed, feed_outline


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """How one feed fares, for a person."""

    id: str
    title: str
    url: str
    next_poll_at: datetime
    next_reason: str
    failures: int
    failure_kind: str | None
    failure_detail: str | None
    failing_since: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    last_poll_at: datetime | None
    polls: int
    not_modified: int
    gaps: int
    redirected_to: str | None
    redirect_status: int | None
    warnings: tuple[str, ...]


def sync(conn: Connection, specs: Iterable[FeedSpec], now: datetime) -> None:
    """Make the table hold the configured feeds. A removed one rests with its history; a restored one takes it up."""
    wanted = {spec.id: spec for spec in specs if spec.enabled}
    stored = {row.key: row for row in conn.execute(select(feed))}
    new = [_new_row(spec, now) for key, spec in wanted.items() if key not in stored]
    insert_ignore(conn, feed, new)
    for key, row in stored.items():
        changes = _changes(row, wanted.get(key), now)
        if changes:
            conn.execute(update(feed).where(feed.c.key == key).values(**changes))


def _new_row(spec: FeedSpec, now: datetime) -> dict[str, Any]:
    return {"key": spec.id, "title": spec.title, "url": spec.url, "next_poll_at": now, "next_reason": "new"}


def _changes(row: Row[Any], spec: FeedSpec | None, now: datetime) -> dict[str, Any]:
    if spec is None:
        return {"active": False} if row.active else {}
    changes: dict[str, Any] = {} if row.active else {"active": True, "next_poll_at": now, "next_reason": "restored"}
    if row.title != spec.title:
        changes["title"] = spec.title
    if row.url != spec.url:  # validators belong to the old address
        changes |= {"url": spec.url, "etag": None, "last_modified": None, "body_hash": None, "failures": 0}
        changes |= {"next_poll_at": now, "next_reason": "new address", "redirected_to": None, "redirect_polls": 0}
    return changes


def due(conn: Connection, specs: Mapping[str, FeedSpec], now: datetime, limit: int) -> list[FeedState]:
    """Return the feeds whose time has come, the longest waiting first."""
    query = select(feed).where(feed.c.active, feed.c.next_poll_at <= now).order_by(feed.c.next_poll_at).limit(limit)
    return [_state(row, specs[row.key]) for row in conn.execute(query) if row.key in specs]


def states(conn: Connection, specs: Mapping[str, FeedSpec]) -> list[FeedState]:
    """Return what is known of these feeds, due or not."""
    rows = conn.execute(select(feed).where(feed.c.active).order_by(feed.c.key))
    return [_state(row, specs[row.key]) for row in rows if row.key in specs]


def next_due(conn: Connection) -> datetime | None:
    """Return the moment at which the next feed is due."""
    moment: datetime | None = conn.execute(select(func.min(feed.c.next_poll_at)).where(feed.c.active)).scalar_one()
    return moment


def _state(row: Row[Any], spec: FeedSpec) -> FeedState:
    return FeedState(
        pk=row.id,
        spec=spec,
        next_poll_at=row.next_poll_at,
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        failures=row.failures,
        first_ok_at=row.first_ok_at,
        last_ok_at=row.last_ok_at,
    )


def record(conn: Connection, outcome: PollOutcome, new: int) -> None:
    """Keep what a poll taught of its feed. `new` counts the entries that it brought."""
    values: dict[str, Any] = {
        "last_poll_at": outcome.at,
        "next_poll_at": outcome.next_poll.at,
        "next_reason": outcome.next_poll.reason,
        "polls": feed.c.polls + 1,
    }
    values |= _failed(outcome) if outcome.failure else _succeeded(outcome, new)
    conn.execute(update(feed).where(feed.c.id == outcome.feed.pk).values(**values))
    if outcome.outline is not None:
        _keep_outline(conn, outcome.feed.pk, outcome.outline)


def outline(conn: Connection, feed_pk: int) -> bytes | None:
    """Return what is kept of the items of a feed's last document (see `monitor.core.parsing.parse_news`)."""
    query = select(feed_outline.c.outline).where(feed_outline.c.feed_id == feed_pk)
    found: bytes | None = conn.execute(query).scalar_one_or_none()
    return found


def _keep_outline(conn: Connection, feed_pk: int, new: bytes) -> None:
    own = feed_outline.c.feed_id == feed_pk
    if not new:
        conn.execute(delete(feed_outline).where(own))
    elif not conn.execute(update(feed_outline).where(own).values(outline=new)).rowcount:
        conn.execute(insert(feed_outline).values(feed_id=feed_pk, outline=new))


def _failed(outcome: PollOutcome) -> dict[str, Any]:
    assert outcome.failure is not None
    return {
        "failures": feed.c.failures + 1,
        "failure_kind": outcome.failure.kind,
        "failure_detail": outcome.failure.detail,
        "failing_since": func.coalesce(feed.c.failing_since, outcome.at),
    }


def _succeeded(outcome: PollOutcome, new: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        "failures": 0,
        "failure_kind": None,
        "failure_detail": None,
        "failing_since": None,
        "first_ok_at": func.coalesce(feed.c.first_ok_at, outcome.at),
        "last_ok_at": outcome.at,
        "etag": outcome.etag,
        "last_modified": outcome.last_modified,
        "not_modified": feed.c.not_modified + int(outcome.not_modified),
        "gaps": feed.c.gaps + int(outcome.gap),
        **_redirected(outcome),
    }
    if not outcome.not_modified:
        values |= {"body_hash": outcome.body_hash, "warnings": list(outcome.warnings)}
    return values | ({"last_new_at": outcome.at} if new else {})


def _redirected(outcome: PollOutcome) -> dict[str, Any]:
    if not outcome.redirects:
        return {"redirected_to": None, "redirect_status": None, "redirect_polls": 0}
    last = outcome.redirects[-1]
    return {"redirected_to": last.url, "redirect_status": last.status, "redirect_polls": feed.c.redirect_polls + 1}


def health(conn: Connection) -> list[FeedHealth]:
    """Return how each watched feed fares, by id."""
    names = [name for name in FeedHealth.__slots__ if name not in ("id", "warnings")]
    rows = conn.execute(select(feed).where(feed.c.active).order_by(feed.c.key)).mappings()
    return [
        FeedHealth(id=row["key"], warnings=tuple(row["warnings"] or ()), **{name: row[name] for name in names})
        for row in rows
    ]
