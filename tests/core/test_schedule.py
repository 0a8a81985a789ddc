"""When a digest or a mail is due: never too early, never lost, each local slot once."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import schedule
from monitor.core.model import DueDigest, Schedule, Subscriber, Subscription
from tests.fakes import NOW

KYIV = "Europe/Kyiv"
YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def wish(zone: str, *times: time) -> Subscription:
    return Subscription(
        pk=1, subscriber=Subscriber(pk=1, email="r@example.org", zone=zone), schedule=Schedule(times=times)
    )


def slots(daily: tuple[time, ...], zone: str, start: datetime, days: int) -> list[datetime]:
    found, after = [], start
    while (after := schedule.next_slot(wish(zone, *daily), after)) < start + timedelta(days=days):
        found.append(after)
    return found


@pytest.mark.parametrize("zone", [KYIV, "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"])
@pytest.mark.parametrize("at", [time(3, 30), time(2, 30), time(1, 15), time(0, 0), time(23, 59)])
def test_every_local_day_of_a_year_has_its_slot_once(zone: str, at: time) -> None:
    found = slots((at,), zone, YEAR, 366)
    assert len(found) in (365, 366)
    assert all(timedelta(hours=21) < right - left < timedelta(hours=27) for left, right in pairwise(found))


@given(
    st.sampled_from(sorted(available_timezones())),
    st.times().map(lambda moment: moment.replace(second=0, microsecond=0)),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_the_next_slot_is_the_last_one_when_it_comes(zone: str, at: time, now: datetime) -> None:
    coming = schedule.next_slot(wish(zone, at), now)
    assert coming > now
    assert schedule.last_slot(wish(zone, at), coming) == coming
    assert schedule.last_slot(wish(zone, at), coming - timedelta(microseconds=1)) < coming
    assert schedule.last_slot(wish(zone, at), now) <= now


def test_a_skipped_hour_moves_the_slot_and_a_doubled_one_counts_once() -> None:
    spring = slots((time(3, 30),), KYIV, datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert [slot.astimezone(ZoneInfo(KYIV)).hour for slot in spring] == [4, 3]
    autumn = slots((time(3, 30),), KYIV, datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert len(autumn) == 2


def due(since: datetime | None) -> DueDigest:
    return DueDigest(
        subscription=wish(KYIV, time(7)), slot=NOW, created_at=NOW, since=since, seq_from=None if since is None else 40
    )


END = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def test_the_first_edition_covers_a_day() -> None:
    window = schedule.digest_window(due(None), end=END, seq_first=7, seq_to=50)
    assert (window.start, window.seq_from, window.seq_to, window.catch_up) == (END - timedelta(days=1), 7, 50, False)


@pytest.mark.parametrize(("days", "catch_up"), [(1, False), (2, True), (30, True)])
def test_later_editions_begin_where_the_last_ended(days: int, catch_up: bool) -> None:
    window = schedule.digest_window(due(END - timedelta(days=days)), end=END, seq_first=0, seq_to=50)
    assert (window.start, window.seq_from, window.catch_up) == (END - timedelta(days=days), 40, catch_up)


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True))
def test_mail_retries_stretch_to_two_hours(attempts: int, chance: float) -> None:
    wait = schedule.retry_mail(attempts, now=NOW, chance=chance) - NOW
    assert timedelta(seconds=45) <= wait <= timedelta(hours=2)
