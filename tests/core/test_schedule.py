"""When a digest or a mail is due: never too early, never lost, each local slot once."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import schedule
from monitor.core.model import DueDigest, QuietHours, Schedule, Subscriber, Subscription
from tests.fakes import NOW

KYIV = "Europe/Kyiv"
EVERY_DAY = Schedule(times=(time(0), time(2, 30), time(7), time(23, 45)))
FRIDAYS = Schedule(times=(time(1), time(3, 15)), weekdays=frozenset({4}))
WEEKEND = Schedule(times=(time(2),), weekdays=frozenset({5, 6}))
SCHEDULES = (EVERY_DAY, schedule.every(6), FRIDAYS, WEEKEND)
NIGHT = QuietHours(start=time(22), end=time(7))
HOURS = (None, NIGHT, QuietHours(start=time(1), end=time(2, 30)), QuietHours(start=time(3), end=time(2, 30)))
QUARTER = timedelta(minutes=15)


def wish(zone: str, when: Schedule = EVERY_DAY, hours: QuietHours | None = None) -> Subscription:
    reader = Subscriber(pk=1, email="r@example.org", zone=zone)
    return Subscription(pk=1, subscriber=reader, schedule=when, quiet_hours=hours)


def slots(asked: Subscription, start: datetime, end: datetime) -> list[datetime]:
    """Follow the slots from one to the next, as the notifier does."""
    found, after = [], start
    while (after := schedule.next_slot(asked, after)) < end:
        found.append(after)
    return found


# ── every zone, both changes of the clock ────────────────────────────────────────────────────────────────────────────


def zones() -> list[str]:
    """Give every zone of tzdata once: many are other names of the same rules."""
    folder = resources.files("tzdata.zoneinfo")
    return sorted({folder.joinpath(name).read_bytes(): name for name in sorted(available_timezones())}.values())


ZONES = zones()


@cache
def changes(zone: str) -> list[datetime]:
    """Give the moments, 2010 to 2030, at which a zone's clocks change, to a quarter of an hour."""
    info = ZoneInfo(zone)
    steps = [datetime(2010, 1, 1, tzinfo=UTC) + timedelta(days=10 * step) for step in range(767)]
    offsets = [info.utcoffset(step.astimezone(info)) for step in steps]
    pairs = zip(pairwise(steps), pairwise(offsets), strict=True)
    return [bisected(info, *span) for span, (before, after) in pairs if before != after]


def bisected(info: ZoneInfo, left: datetime, right: datetime) -> datetime:
    before = info.utcoffset(left.astimezone(info))
    while right - left > QUARTER:
        middle = left + (right - left) / 2
        middle -= timedelta(minutes=middle.minute % 15, seconds=middle.second, microseconds=middle.microsecond)
        left, right = (middle, right) if info.utcoffset(middle.astimezone(info)) == before else (left, middle)
    return right


def first_of_each_clock(zone: str, start: datetime, end: datetime) -> dict[datetime, datetime]:
    """Read the clock of a zone each quarter of an hour: what it shows, and when it shows that first."""
    info, shown, moment = ZoneInfo(zone), dict[datetime, datetime](), start
    while moment < end:
        shown.setdefault(moment.astimezone(info).replace(tzinfo=None, fold=0), moment)
        moment += QUARTER
    return shown


def expected(zone: str, when: Schedule, start: datetime, end: datetime) -> set[datetime]:
    """Say from the clock alone when the slots of these days are: what it never shows comes as much later as it skips.

    `start` and `end` lie a day outside of what is asked for, so that no clock is cut off.
    """
    shown = first_of_each_clock(zone, start, end)
    clocks = sorted(shown)
    skips = [(left, right) for left, right in pairwise(clocks) if right - left > QUARTER]
    found = set()
    for day in {clock.date() for clock in clocks} | {left.date() + timedelta(days=1) for left, _ in skips}:
        if when.weekdays and day.weekday() not in when.weekdays:
            continue
        for at in when.times:
            clock = datetime.combine(day, at)
            skip = next((right - left - QUARTER for left, right in skips if left < clock < right), timedelta(0))
            if moment := shown.get(clock + skip):
                found.add(moment)
    return found


def around(zone: str) -> Iterator[tuple[datetime, datetime]]:
    """Give the days about the newest change of each kind: from which offset to which, at what time of day."""
    info = ZoneInfo(zone)
    kinds = {}
    for change in changes(zone):
        before, after = ((change + step).astimezone(info) for step in (-QUARTER, timedelta(0)))
        kinds[before.utcoffset(), after.utcoffset()] = change
    for change in kinds.values():
        yield change - timedelta(days=3), change + timedelta(days=3)


def test_all_zones_and_changes_are_looked_at() -> None:
    assert len(ZONES) > 300
    kinds = [span for zone in ZONES for span in around(zone)]
    assert len(kinds) > 350
    assert changes(KYIV)[-1] == datetime(2030, 10, 27, 1, tzinfo=UTC)
    assert datetime(2011, 12, 30, 10, tzinfo=UTC) in changes("Pacific/Apia")  # a whole day was skipped


@pytest.mark.parametrize("part", range(4))
def test_each_local_slot_comes_exactly_once_in_every_zone_at_every_change(part: int) -> None:
    for zone in ZONES[part::4]:
        for start, end in around(zone):
            for when in SCHEDULES:
                found = slots(wish(zone, when), start + timedelta(days=1), end - timedelta(days=1))
                everything = expected(zone, when, start, end)
                wanted = sorted(
                    slot for slot in everything if start + timedelta(days=1) < slot < end - timedelta(days=1)
                )
                assert found == wanted, (zone, when)


def in_quiet_hours(moment: datetime, asked: Subscription) -> bool:
    clock, hours = moment.astimezone(ZoneInfo(asked.subscriber.zone)).time(), asked.quiet_hours
    assert hours is not None
    inside = [hours.start <= clock, clock < hours.end]
    return all(inside) if hours.start < hours.end else any(inside)


@pytest.mark.parametrize("part", range(4))
def test_no_slot_lies_in_quiet_hours_and_none_is_lost(part: int) -> None:
    for zone in ZONES[part::4]:
        for start, end in around(zone):
            for when, hours in ((schedule.every(4), NIGHT), (EVERY_DAY, HOURS[2]), (WEEKEND, HOURS[3])):
                check_quiet(wish(zone, when, hours), start, end)


def check_quiet(asked: Subscription, start: datetime, end: datetime) -> None:
    found = slots(asked, start, end)
    assert not [slot for slot in found if in_quiet_hours(slot, asked)], asked
    plain = slots(replace(asked, quiet_hours=None), start, end - timedelta(days=2))
    kept = [slot for slot in plain if not in_quiet_hours(slot, asked)]
    assert set(kept) <= set(found), asked
    for slot in plain:  # a moved one comes within a day, and nothing else comes
        assert any(timedelta(0) <= other - slot <= timedelta(hours=25) for other in found), asked
    moved = {schedule.quiet_until(asked, slot) for slot in plain}
    assert {slot for slot in found if start + timedelta(days=2) < slot < end - timedelta(days=2)} <= moved | set(kept)


ASKED = st.builds(
    wish,
    st.sampled_from(ZONES),
    st.sampled_from(SCHEDULES)
    | st.builds(
        Schedule,
        times=st.lists(st.times().map(lambda at: at.replace(second=0, microsecond=0)), min_size=1, max_size=4).map(
            tuple
        ),
        weekdays=st.frozensets(st.integers(0, 6), max_size=3),
    ),
    st.sampled_from(HOURS),
)
MOMENTS = st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(ASKED, MOMENTS)
def test_the_next_slot_is_the_last_one_when_it_comes(asked: Subscription, now: datetime) -> None:
    coming = schedule.next_slot(asked, now)
    assert coming > now
    assert schedule.last_slot(asked, coming) == coming
    before = schedule.last_slot(asked, coming - timedelta(microseconds=1))
    assert before <= now
    assert schedule.next_slot(asked, before) == coming


# ── what is documented ───────────────────────────────────────────────────────────────────────────────────────────────


def local(found: Sequence[datetime], zone: str = KYIV) -> list[str]:
    return [f"{slot.astimezone(ZoneInfo(zone)):%a %H:%M}" for slot in found]


def test_a_skipped_hour_moves_the_slot_and_a_doubled_one_counts_once() -> None:
    asked = wish(KYIV, Schedule(times=(time(3, 30),)))
    spring = slots(asked, datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert local(spring) == ["Sun 04:30", "Mon 03:30"]
    autumn = slots(asked, datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC))
    assert (local(autumn), autumn[0].hour) == (["Sun 03:30", "Mon 03:30"], 0)


def test_every_hour_of_a_short_and_a_long_day() -> None:
    hourly = wish(KYIV, schedule.every(1))
    for day, count in ((datetime(2026, 3, 28, 22, tzinfo=UTC), 23), (datetime(2026, 10, 24, 21, tzinfo=UTC), 24)):
        found = slots(hourly, day - QUARTER, (day + timedelta(hours=36)))
        assert len([slot for slot in found if slot.astimezone(ZoneInfo(KYIV)).weekday() == 6]) == count


@pytest.mark.parametrize("hours", [0, 5, 7, 9, 10, 25, -2])
def test_every_needs_a_divisor_of_a_day(hours: int) -> None:
    with pytest.raises(ValueError, match="1, 2, 3, 4, 6, 8, 12 or 24"):
        schedule.every(hours)


def test_several_slots_of_one_night_are_one_in_the_morning() -> None:
    start = datetime(2026, 3, 2, 12, tzinfo=UTC)
    found = slots(wish(KYIV, schedule.every(4), NIGHT), start, start + timedelta(days=1))
    assert local(found) == ["Mon 16:00", "Mon 20:00", "Tue 07:00", "Tue 08:00", "Tue 12:00"]


def test_chosen_weekdays() -> None:
    asked = wish(KYIV, Schedule(times=(time(7), time(18)), weekdays=frozenset({0, 3})))
    start = datetime(2026, 3, 3, tzinfo=UTC)  # a Tuesday
    assert local(slots(asked, start, start + timedelta(days=7))) == ["Thu 07:00", "Thu 18:00", "Mon 07:00", "Mon 18:00"]


def test_a_slot_of_friday_night_in_quiet_hours_comes_on_saturday() -> None:
    asked = wish(KYIV, Schedule(times=(time(23),), weekdays=frozenset({4})), NIGHT)
    assert local([schedule.next_slot(asked, datetime(2026, 3, 3, tzinfo=UTC))]) == ["Sat 07:00"]


def test_an_instant_subscription_looks_at_every_tick_but_not_at_night() -> None:
    asked = wish(KYIV, Schedule(instant=True), NIGHT)
    evening = datetime(2026, 3, 2, 19, 59, 58, tzinfo=UTC)  # 21:59:58 in Kyiv
    assert schedule.next_slot(asked, evening) == evening + schedule.INSTANT_EVERY
    assert local([schedule.next_slot(asked, evening + schedule.INSTANT_EVERY)]) == ["Tue 07:00"]
    assert schedule.last_slot(asked, evening) == evening


def test_quiet_hours_end_for_good_where_the_clock_shows_their_end_twice() -> None:
    asked = wish(KYIV, Schedule(instant=True), QuietHours(start=time(22), end=time(3, 30)))
    second = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 03:10 for the second time
    assert schedule.quiet_until(asked, second) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert schedule.quiet_until(asked, datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) is None
    assert schedule.quiet_until(wish(KYIV), second) is None


def test_the_pinned_zones_count_whatever_the_machine_has(tmp_path: Path) -> None:
    (tmp_path / "Europe").mkdir()
    utc = resources.files("tzdata.zoneinfo").joinpath("UTC").read_bytes()
    (tmp_path / "Europe" / "Kyiv").write_bytes(utc)  # a machine that takes Kyiv for Greenwich
    code = (
        f"from zoneinfo import ZoneInfo; from datetime import *; print(datetime(2026, 1, 1, tzinfo=ZoneInfo('{KYIV}')))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", first + code],
            env={"PYTHONTZPATH": str(tmp_path)},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for first in ("", "import monitor; ")
    ]
    assert said == ["2026-01-01 00:00:00+00:00", "2026-01-01 00:00:00+02:00"]


# ── windows ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def due(since: datetime | None, when: Schedule | None = None, hours: QuietHours | None = None) -> DueDigest:
    asked = wish(KYIV, when or Schedule(), hours)
    return DueDigest(subscription=asked, slot=NOW, created_at=NOW, since=since, seq_from=None if since is None else 40)


END = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def test_the_first_edition_covers_a_day() -> None:
    window = schedule.digest_window(due(None), end=END, seq_first=7, seq_to=50)
    assert (window.start, window.seq_from, window.seq_to, window.catch_up) == (END - timedelta(days=1), 7, 50, False)


@pytest.mark.parametrize(("days", "catch_up"), [(1, False), (2, True), (30, True)])
def test_later_editions_begin_where_the_last_ended(days: int, catch_up: bool) -> None:
    window = schedule.digest_window(due(END - timedelta(days=days)), end=END, seq_first=0, seq_to=50)
    assert (window.start, window.seq_from, window.catch_up) == (END - timedelta(days=days), 40, catch_up)


@pytest.mark.parametrize(("minutes", "catch_up"), [(0, False), (25, False), (60, True)])
def test_an_instant_subscription_catches_up_after_half_an_hour(minutes: int, catch_up: bool) -> None:
    last = due(END - timedelta(days=1), Schedule(instant=True))
    waiting = replace(last, slot=END - timedelta(minutes=minutes))
    assert schedule.digest_window(waiting, end=END, seq_first=0, seq_to=50).catch_up is catch_up


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True))
def test_mail_retries_stretch_to_two_hours(attempts: int, chance: float) -> None:
    wait = schedule.retry_mail(attempts, now=NOW, chance=chance) - NOW
    assert timedelta(seconds=45) <= wait <= timedelta(hours=2)
