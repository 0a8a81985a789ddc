"""Feeds: what is due, what was known, and how each of them fares."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from zlib import crc32

from sqlalchemy import BindParameter, Connection, Row, bindparam, case, func, select, update

from monitor.core.model import FeedSpec, FeedState, Hints, NextPoll, PollOutcome, Recorded
from monitor.store.feed_rows import MOVED_NOWHERE, hints_of, hints_row, move_of, move_row, seconds_of, span_of
from monitor.store.inserts import insert_ignore
from monitor.store.schema import feed


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """How one feed fares, for a person.

    `pace_s` is the interval that suits it now, `empty_polls` those that brought nothing new, `fetch_ms` how long a
    fetch takes and `lag_s` how old news is when it is seen, both smoothed over about five polls. `hints` are those of
    the last document, `fresh_s` is how long that was said to stay fresh (RFC 9111 §4.2).
    """

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
    redirect_polls: int
    redirect_since: datetime | None
    redirect_permanent: bool
    redirect_used: bool
    pace_s: int | None
    empty_polls: int
    failed_polls: int
    fetch_ms: int | None
    lag_s: int | None
    hints: Hints
    fresh_s: int | None
    warnings: tuple[str, ...]


STARTS_A_SECOND = 20
"""So many new feeds are first polled each second: ten thousand at once would be a storm, for us and for their hosts."""


def sync(conn: Connection, specs: Iterable[FeedSpec], now: datetime) -> None:
    """Make the table hold the configured feeds. A removed one rests with its history; a restored one takes it up."""
    wanted = {spec.id: spec for spec in specs if spec.enabled}
    stored = {row.key: row for row in conn.execute(select(feed))}
    new = sorted((spec for key, spec in wanted.items() if key not in stored), key=lambda spec: crc32(spec.id.encode()))
    starts = (now + timedelta(seconds=number // STARTS_A_SECOND) for number in count())
    insert_ignore(conn, feed, [_new_row(spec, start) for spec, start in zip(new, starts, strict=False)])
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
        changes |= {"next_poll_at": now, "next_reason": "new address", "backoff_s": None, "hints": None}
        changes |= {"fresh_s": None, **MOVED_NOWHERE}
    return changes


def due(conn: Connection, specs: Mapping[str, FeedSpec], now: datetime, limit: int) -> list[FeedState]:
    """Return the feeds whose time has come, the longest waiting first."""
    query = select(feed).where(feed.c.active, feed.c.next_poll_at <= now).order_by(feed.c.next_poll_at).limit(limit)
    return [_state(row, specs[row.key]) for row in conn.execute(query) if row.key in specs]


def states(conn: Connection, specs: Mapping[str, FeedSpec]) -> list[FeedState]:
    """Return what is known of these feeds, due or not."""
    rows = conn.execute(select(feed).where(feed.c.active).order_by(feed.c.key))
    return [_state(row, specs[row.key]) for row in rows if row.key in specs]


def pk_of(conn: Connection, key: str) -> int | None:
    """Return the number of a feed, watched or resting; None where it was never watched."""
    number: int | None = conn.execute(select(feed.c.id).where(feed.c.key == key)).scalar()
    return number


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
        pace=span_of(row.pace_s),
        backoff=span_of(row.backoff_s),
        hints=hints_of(row.hints),
        move=move_of(row),
    )


# ── what a poll leaves ───────────────────────────────────────────────────────────────────────────────────────────────
# The statements are made once: to build an UPDATE anew costs more than to run it.


def _given(*names: str) -> dict[str, BindParameter[Any]]:
    return {name: bindparam(f"new_{name}") for name in names}


_NEXT = _given("last_poll_at", "next_poll_at", "next_reason", "pace_s", "backoff_s")
_MOVE = _given(*MOVED_NOWHERE)
_AT = _NEXT["last_poll_at"]
_POLLED = update(feed).where(feed.c.id == bindparam("pk")).values(**_NEXT, polls=feed.c.polls + 1)

_PUT_OFF = _POLLED.values(polls=feed.c.polls)
_FAILED = _POLLED.values(
    **_given("failure_kind", "failure_detail"),
    **_MOVE,
    failures=feed.c.failures + 1,
    failed_polls=feed.c.failed_polls + 1,
    failing_since=func.coalesce(feed.c.failing_since, _AT),
)
_SUCCEEDED = _POLLED.values(
    last_ok_at=_AT, fetch_ms=func.coalesce(feed.c.fetch_ms * 4 + bindparam("ms"), bindparam("ms") * 5) // 5
)
_ANSWERED = _SUCCEEDED.values(
    **_given("etag", "last_modified", "fresh_s"),
    **_MOVE,
    failures=0,
    failure_kind=None,
    failure_detail=None,
    failing_since=None,
    first_ok_at=func.coalesce(feed.c.first_ok_at, _AT),
)
_ONE_MORE = {name: feed.c[name] + 1 for name in ("not_modified", "empty_polls")}
_QUIET = _SUCCEEDED.values(**_ONE_MORE)
_UNCHANGED = _ANSWERED.values(
    **_ONE_MORE,
    fresh_s=func.coalesce(bindparam("new_fresh_s"), feed.c.fresh_s),  # what a 304 leaves out holds on: RFC 9111 §4.3.4
)
_READ = _ANSWERED.values(
    **_given("body_hash", "warnings", "hints"),
    gaps=feed.c.gaps + bindparam("gap"),
    empty_polls=feed.c.empty_polls + bindparam("empty"),
    last_new_at=case((bindparam("new") > 0, _AT), else_=feed.c.last_new_at),
    lag_s=func.coalesce((feed.c.lag_s * 4 + bindparam("lag")) // 5, bindparam("lag"), feed.c.lag_s),
)


def record(conn: Connection, outcome: PollOutcome, new: int) -> None:
    """Keep what a poll taught of its feed. `new` counts the entries that it brought."""
    if outcome.ours:
        conn.execute(_PUT_OFF, _schedule(outcome))
    elif outcome.failure is not None:
        why = {"new_failure_kind": outcome.failure.kind, "new_failure_detail": outcome.failure.detail}
        conn.execute(_FAILED, _schedule(outcome) | why | move_row(outcome.move))
    elif outcome.not_modified:
        conn.execute(_UNCHANGED, _answer(outcome))
    else:
        conn.execute(_READ, _answer(outcome) | _reading(outcome, new))


def record_quiet(conn: Connection, outcomes: Sequence[PollOutcome]) -> Recorded:
    """Keep what `quiet` polls taught of their feeds: nearly all do, and each value that is written costs."""
    conn.execute(_QUIET, [_schedule(outcome) | {"ms": _milliseconds(outcome)} for outcome in outcomes])
    return Recorded()


def _milliseconds(outcome: PollOutcome) -> int:
    return int(outcome.elapsed.total_seconds() * 1000)


def _schedule(outcome: PollOutcome) -> dict[str, Any]:
    due = outcome.next_poll
    return {
        "pk": outcome.feed.pk,
        "new_last_poll_at": outcome.at,
        "new_next_poll_at": due.at,
        "new_next_reason": due.reason,
        "new_pace_s": seconds_of(due.pace),
        "new_backoff_s": seconds_of(due.backoff),
    }


def _answer(outcome: PollOutcome) -> dict[str, Any]:
    known = {
        "new_etag": outcome.etag,
        "new_last_modified": outcome.last_modified,
        "new_fresh_s": seconds_of(outcome.fresh),
        "ms": _milliseconds(outcome),
    }
    return _schedule(outcome) | known | move_row(outcome.move)


def _reading(outcome: PollOutcome, new: int) -> dict[str, Any]:
    return {
        "new_body_hash": outcome.body_hash,
        "new_warnings": list(outcome.warnings),
        "new_hints": hints_row(outcome.hints),
        "gap": int(outcome.gap),
        "empty": int(not new),
        "new": new,
        "lag": seconds_of(outcome.lag),
    }


def forgive(conn: Connection, feeds: Iterable[FeedState], due: NextPoll) -> None:
    """Take back what a poll counted against feeds that could not help it: our own network was down."""
    for one in feeds:
        values: dict[str, Any] = {"failures": one.failures, "backoff_s": seconds_of(one.backoff)}
        values |= {"next_poll_at": due.at, "next_reason": due.reason}
        if not one.failures:
            values |= {"failure_kind": None, "failure_detail": None, "failing_since": None}
        conn.execute(update(feed).where(feed.c.id == one.pk).values(**values))


def hold(conn: Connection, keys: Iterable[str], until: datetime, reason: str) -> None:
    """Put off the polls of these feeds, of those that would come earlier: their host asked for it."""
    earlier = update(feed).where(feed.c.key == bindparam("held"), feed.c.next_poll_at < until)
    rows = [{"held": key} for key in keys]
    if rows:
        conn.execute(earlier.values(next_poll_at=until, next_reason=reason), rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """How many watched feeds there are that have been polled, how many of them fail, and one of these."""

    polled: int
    failing: int
    example: str | None
    detail: str | None


def failing(conn: Connection) -> Failing:
    """Count the feeds that fail at the moment."""
    counted = select(func.count(), func.sum(case((feed.c.failures > 0, 1), else_=0)))
    polled, failures = conn.execute(counted.where(feed.c.active, feed.c.polls > 0)).one()
    worst = select(feed.c.key, feed.c.failure_detail).where(feed.c.active, feed.c.failures > 0)
    row = conn.execute(worst.order_by(feed.c.key).limit(1)).first() if failures else None
    return Failing(polled=polled, failing=failures or 0, example=row and row.key, detail=row and row.failure_detail)


def health(conn: Connection) -> list[FeedHealth]:
    """Return how each watched feed fares, by id."""
    rows = conn.execute(select(feed).where(feed.c.active).order_by(feed.c.key))
    return [_health(row) for row in rows]


def resting(conn: Connection, key: str) -> FeedHealth | None:
    """Return how a feed fared that is watched no longer; None where there is none of that id."""
    row = conn.execute(select(feed).where(feed.c.key == key, ~feed.c.active)).first()
    return _health(row) if row else None


_MADE = ("id", "warnings", "hints")
_TAKEN = tuple(name for name in FeedHealth.__slots__ if name not in _MADE)


def _health(row: Row[Any]) -> FeedHealth:
    return FeedHealth(
        id=row.key,
        warnings=tuple(row.warnings or ()),
        hints=hints_of(row.hints),
        **{name: getattr(row, name) for name in _TAKEN},
    )
