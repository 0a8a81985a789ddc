"""When to poll a feed, send a digest or try a mail again: pure functions of what happened and what time it is."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.core.model import DueDigest, Failure, FailureKind, FeedState, NextPoll, Window

MIN_INTERVAL = timedelta(minutes=1)
MAX_BACKOFF = timedelta(days=1)
MAX_RETRY_AFTER = timedelta(days=7)
JITTER = 0.1
"""Share of an interval by which polls are spread, so that feeds of one host do not stay in step for ever."""

PATIENT = frozenset({FailureKind.BLOCKED, FailureKind.NOT_FOUND, FailureKind.GONE, FailureKind.ADDRESS})
"""Failures that the next quarter of an hour will hardly mend: their back-off starts higher."""

MAIL_FIRST_RETRY = timedelta(minutes=1)
MAIL_MAX_RETRY = timedelta(hours=2)


def next_poll(feed: FeedState, failure: Failure | None, *, now: datetime, chance: float) -> NextPoll:
    """Return when a feed is due again. `chance` in [0, 1) is the draw that spreads polls.

    A feed is never given up: the back-off's ceiling doubles with every failure up to one day, and the poll falls into
    its upper half. `Retry-After` (RFC 9110 §10.2.3) is honoured up to seven days.
    """
    interval = max(feed.spec.interval, MIN_INTERVAL)
    if failure is None:
        return NextPoll(at=now + interval * (1 + JITTER * chance), reason="on time")
    wait = _backoff(feed, failure, interval) * (0.5 + chance / 2)
    reason = f"{failure.kind}, failure {feed.failures + 1}"
    if failure.retry_after is not None and failure.retry_after > wait:
        wait = min(failure.retry_after, MAX_RETRY_AFTER)
        reason += ", as the server asked"
    return NextPoll(at=now + max(wait, interval), reason=reason)


def _backoff(feed: FeedState, failure: Failure, interval: timedelta) -> timedelta:
    doublings = min(feed.failures + (2 if failure.kind in PATIENT else 0), 16)
    return max(min(interval * (1 << doublings), MAX_BACKOFF), interval)


def is_history(*, first_poll: bool, shown: int, known: int) -> bool:
    """Tell whether a poll's new entries are no news: a feed's first document, or a flood of new ids in an old feed."""
    return first_poll or (known == 0 and shown >= FLOOD)


FLOOD = 20
"""So many entries, all of them new, in a feed polled before: its ids have changed, or much was missed."""


# ── digests ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _slot(day: date, moment: time, zone: ZoneInfo) -> datetime:
    """Return a local time of a day in UTC. One that the clocks skip comes as much later as they skip; one that comes
    twice is the first (PEP 495 with fold=0)."""
    return datetime.combine(day, moment, zone).astimezone(UTC)


def _slots(daily: Sequence[time], zone: ZoneInfo, around: datetime) -> list[datetime]:
    day = around.astimezone(zone).date()
    days = [day + timedelta(days=offset) for offset in range(-2, 3)]
    return sorted({_slot(each, moment, zone) for each in days for moment in daily})


def next_slot(daily: Sequence[time], zone: str, after: datetime) -> datetime:
    """Return the first digest time later than `after`."""
    return next(slot for slot in _slots(daily, ZoneInfo(zone), after) if slot > after)


def last_slot(daily: Sequence[time], zone: str, now: datetime) -> datetime:
    """Return the newest digest time that has come."""
    return max(slot for slot in _slots(daily, ZoneInfo(zone), now) if slot <= now)


FIRST_WINDOW = timedelta(days=1)
"""How far back a subscription's first edition reaches."""


def digest_window(due: DueDigest, *, end: datetime, seq_first: int, seq_to: int) -> Window:
    """Return what an edition that ends at `end` covers: all that was committed since the last one.

    The first edition of a subscription covers a day; `seq_first` is the commit number at that day's beginning.
    """
    start = end - FIRST_WINDOW if due.since is None else min(due.since, end)
    return Window(
        start=start,
        end=end,
        seq_from=seq_first if due.seq_from is None else due.seq_from,
        seq_to=seq_to,
        catch_up=due.since is not None and _slots_between(due, start, end) > 0,
    )


def _slots_between(due: DueDigest, start: datetime, end: datetime) -> int:
    """Count the slots that were missed: those after the last edition and before this one's own."""
    wish = due.subscription
    own = last_slot(wish.daily, wish.subscriber.zone, end)
    slot, missed = next_slot(wish.daily, wish.subscriber.zone, start), 0
    while slot < own:
        slot, missed = next_slot(wish.daily, wish.subscriber.zone, slot), missed + 1
    return missed


def retry_mail(attempts: int, *, now: datetime, chance: float) -> datetime:
    """Return when a mail that was not taken for the time being is to be tried again: 1 minute, doubling to 2 hours."""
    ceiling = min(MAIL_FIRST_RETRY * (1 << min(attempts - 1, 10)), MAIL_MAX_RETRY)
    return now + ceiling * (0.75 + chance / 4)
