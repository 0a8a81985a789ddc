"""When to poll a feed: one pure function of what came back, what was known, what the publisher says, and the time."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from monitor.core.model import Failure, FailureKind, FeedSpec, FeedState, Hints, NextPoll, Success

MIN_INTERVAL = timedelta(minutes=1)
MAX_INTERVAL = timedelta(days=7)
FASTER, SLOWER = 3, 4
"""How many times quicker or slower than its interval a feed is polled at most, where its specification says no more."""

MAX_BACKOFF = timedelta(days=1)
MAX_SKIP = timedelta(days=1)
MAX_RETRY_AFTER = timedelta(days=7)
JITTER = 0.1
"""Share of an interval by which polls are spread, so that feeds of one host do not stay in step for ever."""

MOSTLY_NEW = 1 / 3
MOSTLY_KNOWN = 2 / 3
_HURRY, _HASTEN, _EASE = 0.5, 0.75, 1.1

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

BACKOFF: Mapping[FailureKind, timedelta] = MappingProxyType(
    {
        FailureKind.CONNECT: 5 * _MINUTE,
        FailureKind.TIMEOUT: 5 * _MINUTE,
        FailureKind.BROKEN: 5 * _MINUTE,
        FailureKind.SERVER: 5 * _MINUTE,
        FailureKind.INTERNAL: 5 * _MINUTE,
        FailureKind.DNS: 10 * _MINUTE,
        FailureKind.EMPTY: 15 * _MINUTE,
        FailureKind.RATE_LIMITED: 30 * _MINUTE,
        FailureKind.PARSE: 30 * _MINUTE,
        FailureKind.ENCODING: 30 * _MINUTE,
        FailureKind.TLS: _HOUR,
        FailureKind.BLOCKED: _HOUR,
        FailureKind.STATUS: _HOUR,
        FailureKind.REDIRECT: _HOUR,
        FailureKind.NOT_FOUND: 2 * _HOUR,
        FailureKind.NOT_A_FEED: 2 * _HOUR,
        FailureKind.TOO_LARGE: 2 * _HOUR,
        FailureKind.ADDRESS: 2 * _HOUR,
        FailureKind.GONE: 12 * _HOUR,
    }
)
"""The ceiling of the wait after a first failure: the longer, the less likely it mends itself soon."""


def next_poll(outcome: Failure | Success, feed: FeedState, hints: Hints, *, now: datetime, chance: float) -> NextPoll:
    """Return when a feed is due again. `chance` in [0, 1) is the draw that spreads polls.

    Never before the feed's least interval, nor before `Retry-After` (RFC 9110 §10.2.3, up to seven days); never later
    than its greatest interval or a day, whichever is longer, but for `Retry-After`. No feed is ever given up.
    """
    if isinstance(outcome, Failure):
        return _after_failure(outcome, feed, now, chance)
    return _after_success(outcome, feed, hints, now, chance)


def bounds(spec: FeedSpec) -> tuple[timedelta, timedelta]:
    """Return the least and the greatest interval of a feed."""
    least = spec.min_interval or spec.interval / FASTER
    most = spec.max_interval or spec.interval * SLOWER
    least = max(least, MIN_INTERVAL)
    return least, max(min(most, MAX_INTERVAL), least)


OUR_NETWORK = "our own network seems to be down"
FEWER_REQUESTS = "asked for fewer requests"
"""Why a feed that is well is put off; the second stands behind its host's name."""


def is_held(reason: str) -> bool:
    """Tell whether a poll was put off for a reason that is not the feed's own."""
    return reason == OUR_NETWORK or reason.endswith(FEWER_REQUESTS)


def held(feed: FeedState, until: datetime, reason: str) -> NextPoll:
    """Return a poll that is put off for a reason that is not the feed's own."""
    return NextPoll(at=until, reason=reason, pace=feed.pace, backoff=feed.backoff)


# ── after a document ─────────────────────────────────────────────────────────────────────────────────────────────────


def _after_success(poll: Success, feed: FeedState, hints: Hints, now: datetime, chance: float) -> NextPoll:
    least, most = bounds(feed.spec)
    pace = min(max(_pace(poll, feed, least), least), most)
    wait, reason = pace, "entries were missed" if poll.gap else "on time"
    if feed.spec.hints and not poll.gap:
        for asked, who in ((hints.interval, "as the feed asks"), (poll.fresh, "as the server asks")):
            if asked is not None and asked > wait:
                wait, reason = min(asked, most), who
    at = now + min(wait * (1 + JITTER * chance), most)
    if feed.spec.hints and (open_at := _open(at, hints)) != at:
        at, reason = min(open_at, now + max(most, MAX_SKIP)), "the feed rests"
    return NextPoll(at=at, reason=reason, pace=pace)


def _pace(poll: Success, feed: FeedState, least: timedelta) -> timedelta:
    """Move from the last pace towards what the share of known entries asks for.

    Where nothing was left of the last document, entries were lost: as quick as may be. Mostly new: quicker. A few new
    ones: the feed's interval. Nothing new: a little slower each time.
    """
    interval = feed.spec.interval
    pace = feed.pace or interval
    if poll.gap:
        return least
    if not poll.representative:
        return pace
    share = poll.known / poll.shown if poll.shown else 1.0
    if share < MOSTLY_KNOWN:
        return min(pace, interval) * (_HURRY if share < MOSTLY_NEW else _HASTEN)
    return pace * _EASE if share == 1 else min(pace * _EASE, interval)


def _open(at: datetime, hints: Hints) -> datetime:
    """Return the first moment from `at` on that is in no skipped hour or day; `at` where all of them are skipped."""
    if not hints.skip_hours and not hints.skip_days:
        return at
    hour = at
    for _ in range(24 * 8):
        if hour.hour not in hints.skip_hours and hour.weekday() not in hints.skip_days:
            return hour
        hour = hour.replace(minute=0, second=0, microsecond=0) + _HOUR
    return at


# ── after a failure ──────────────────────────────────────────────────────────────────────────────────────────────────


def _after_failure(failure: Failure, feed: FeedState, now: datetime, chance: float) -> NextPoll:
    """Wait below a ceiling that doubles with every failure, up to a day; it never falls while a feed fails."""
    least, _ = bounds(feed.spec)
    ceiling = min(max(BACKOFF[failure.kind], (feed.backoff or timedelta()) * 2, least), MAX_BACKOFF)
    wait = max(ceiling * (0.5 + chance / 2), least)
    reason = f"{failure.kind}, failure {feed.failures + 1}"
    if failure.retry_after is not None and failure.retry_after > wait:
        wait = min(failure.retry_after, MAX_RETRY_AFTER)
        reason += ", as the server asked"
    return NextPoll(at=now + wait, reason=reason, pace=feed.pace, backoff=ceiling)


# ── what a poll's new entries are ────────────────────────────────────────────────────────────────────────────────────

FLOOD = 20
"""So many entries, all of them new, in a feed polled before: its ids have changed, or much was missed."""


def is_history(*, first_poll: bool, shown: int, known: int) -> bool:
    """Tell whether a poll's new entries are no news: a feed's first document, or a flood of new ids in an old feed."""
    return first_poll or (known == 0 and shown >= FLOOD)
