"""When to send a digest or try a mail again: pure functions of what happened and what time it is.

Digest times are local. One that the clocks skip comes as much later as they skip, one that comes twice is the first
(PEP 495 with fold=0). One inside quiet hours comes when they end. Those that fall on one moment are one digest.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.core.model import DueDigest, QuietHours, Schedule, Subscription, Window

MAIL_FIRST_RETRY = timedelta(minutes=1)
MAIL_MAX_RETRY = timedelta(hours=2)

INSTANT_EVERY = timedelta(seconds=1)
"""How often an instant subscription may be asked whether there is something; it is asked by every tick of planning."""

INSTANT_GAP = timedelta(minutes=30)
"""An instant subscription that was not asked for longer than this, quiet hours apart, catches up."""

_DAILY_REACH, _WEEKLY_REACH = 3, 10  # days around a moment that hold its neighbouring slots, moved ones too


def every(hours: int) -> Schedule:
    """Return the schedule of every n hours, counted from midnight. Raises ValueError unless n divides 24."""
    if not 1 <= hours <= 24 or 24 % hours:
        raise ValueError(f"{hours} does not divide 24; it must be 1, 2, 3, 4, 6, 8, 12 or 24")
    return Schedule(times=tuple(time(hour) for hour in range(0, 24, hours)))


# ── digests ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def next_slot(wish: Subscription, after: datetime) -> datetime:
    """Return the first digest time later than `after`; of an instant subscription the next moment to look."""
    if wish.schedule.instant:
        moment = after + INSTANT_EVERY
        return quiet_until(wish, moment) or moment
    return min(slot for slot in _slots(wish, after) if slot > after)


def last_slot(wish: Subscription, now: datetime) -> datetime:
    """Return the newest digest time that has come; of an instant subscription that is `now`."""
    return now if wish.schedule.instant else max(slot for slot in _slots(wish, now) if slot <= now)


def quiet_until(wish: Subscription, now: datetime) -> datetime | None:
    """Return the end of the quiet hours that `now` lies in, or None."""
    if wish.quiet_hours is None:
        return None
    moment = _waited(now, wish.quiet_hours, ZoneInfo(wish.subscriber.zone))
    return moment if moment > now else None


def _slots(wish: Subscription, around: datetime) -> set[datetime]:
    zone, when = ZoneInfo(wish.subscriber.zone), wish.schedule
    day = around.astimezone(zone).date()
    reach = _WEEKLY_REACH if when.weekdays else _DAILY_REACH
    days = [day + timedelta(days=offset) for offset in range(-reach, reach + 1)]
    asked = [each for each in days if not when.weekdays or each.weekday() in when.weekdays]
    slots = {_moment(each, at, zone) for each in asked for at in when.times}
    return {_waited(slot, wish.quiet_hours, zone) for slot in slots} if wish.quiet_hours else slots


def _moment(day: date, at: time, zone: ZoneInfo, fold: int = 0) -> datetime:
    return datetime.combine(day, at.replace(fold=fold), zone).astimezone(UTC)


def _waited(moment: datetime, hours: QuietHours, zone: ZoneInfo) -> datetime:
    """Return the moment, or the end of the quiet hours it lies in: the first after it at which the clock is outside.

    An end that the clocks skip may lie in the quiet hours of the next day, so it is asked again.
    """
    while _is_quiet(moment.astimezone(zone).time(), hours):
        day = moment.astimezone(zone).date()
        ends = (_moment(day + timedelta(days=later), hours.end, zone, fold) for later in (0, 1, 2) for fold in (0, 1))
        moment = min(end for end in ends if end > moment)
    return moment


def _is_quiet(clock: time, hours: QuietHours) -> bool:
    if hours.start <= hours.end:
        return hours.start <= clock < hours.end
    return clock >= hours.start or clock < hours.end


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
        catch_up=due.since is not None and _missed(due, start, end),
    )


def _missed(due: DueDigest, start: datetime, end: datetime) -> bool:
    """Tell whether a slot was missed: one after the last edition and before this one's own."""
    wish = due.subscription
    if wish.schedule.instant:
        return end - due.slot > INSTANT_GAP
    return next_slot(wish, start) < last_slot(wish, end)


def retry_mail(attempts: int, *, now: datetime, chance: float) -> datetime:
    """Return when a mail that was not taken for the time being is to be tried again: 1 minute, doubling to 2 hours."""
    ceiling = min(MAIL_FIRST_RETRY * (1 << min(attempts - 1, 10)), MAIL_MAX_RETRY)
    return now + ceiling * (0.75 + chance / 4)
