"""When to send a digest or try a mail again: pure functions of what happened and what time it is."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.core.model import DueDigest, Subscription, Window

MAIL_FIRST_RETRY = timedelta(minutes=1)
MAIL_MAX_RETRY = timedelta(hours=2)


def _slot(day: date, moment: time, zone: ZoneInfo) -> datetime:
    """Return a local time of a day in UTC. One that the clocks skip comes as much later as they skip; one that comes
    twice is the first (PEP 495 with fold=0)."""
    return datetime.combine(day, moment, zone).astimezone(UTC)


def _slots(wish: Subscription, around: datetime) -> list[datetime]:
    zone, when = ZoneInfo(wish.subscriber.zone), wish.schedule
    day = around.astimezone(zone).date()
    days = [day + timedelta(days=offset) for offset in range(-8, 9)]
    asked = [each for each in days if not when.weekdays or each.weekday() in when.weekdays]
    return sorted({_slot(each, moment, zone) for each in asked for moment in when.times})


def next_slot(wish: Subscription, after: datetime) -> datetime:
    """Return the first digest time later than `after`."""
    return next(slot for slot in _slots(wish, after) if slot > after)


def last_slot(wish: Subscription, now: datetime) -> datetime:
    """Return the newest digest time that has come."""
    return max(slot for slot in _slots(wish, now) if slot <= now)


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
    own = last_slot(wish, end)
    slot, missed = next_slot(wish, start), 0
    while slot < own:
        slot, missed = next_slot(wish, slot), missed + 1
    return missed


def retry_mail(attempts: int, *, now: datetime, chance: float) -> datetime:
    """Return when a mail that was not taken for the time being is to be tried again: 1 minute, doubling to 2 hours."""
    ceiling = min(MAIL_FIRST_RETRY * (1 << min(attempts - 1, 10)), MAIL_MAX_RETRY)
    return now + ceiling * (0.75 + chance / 4)
