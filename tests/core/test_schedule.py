"""When a feed, a digest or a mail is due: never too early, never lost, each local slot once."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import schedule
from monitor.core.model import DueDigest, Failure, FailureKind, Subscriber, Subscription
from tests.fakes import NOW, spec, state

chances = st.floats(0, 1, exclude_max=True)
failures = st.builds(
    Failure,
    kind=st.sampled_from(list(FailureKind)),
    detail=st.just("d"),
    retry_after=st.none() | st.timedeltas(timedelta(0), timedelta(days=30)),
)
intervals = st.timedeltas(timedelta(minutes=1), timedelta(days=7))


def test_a_good_poll_is_due_after_the_interval_and_a_little() -> None:
    feed = state(spec=spec(interval=timedelta(minutes=10)))
    assert schedule.next_poll(feed, None, now=NOW, chance=0).at == NOW + timedelta(minutes=10)
    assert schedule.next_poll(feed, None, now=NOW, chance=0.99).at < NOW + timedelta(minutes=11)


@given(st.integers(0, 10_000), intervals, failures, chances)
def test_a_failing_feed_waits_but_is_never_given_up(
    count: int, interval: timedelta, failure: Failure, chance: float
) -> None:
    feed = state(spec=spec(interval=interval), failures=count)
    wait = schedule.next_poll(feed, failure, now=NOW, chance=chance).at - NOW
    asked = min(failure.retry_after or timedelta(0), timedelta(days=7))
    assert max(asked, interval) <= wait <= max(asked, interval, timedelta(days=1))


@given(st.integers(0, 30), chances)
def test_the_ceiling_of_the_back_off_only_grows(count: int, chance: float) -> None:
    failure = Failure(kind=FailureKind.TIMEOUT, detail="d")
    waits = [
        schedule.next_poll(state(failures=number), failure, now=NOW, chance=1 - 1e-9).at
        for number in (count, count + 1)
    ]
    assert waits[0] <= waits[1]


def test_what_the_server_asks_is_the_reason() -> None:
    failure = Failure(kind=FailureKind.RATE_LIMITED, detail="429", retry_after=timedelta(hours=5))
    due = schedule.next_poll(state(), failure, now=NOW, chance=0)
    assert (due.at, due.reason) == (NOW + timedelta(hours=5), "rate-limited, failure 1, as the server asked")


@pytest.mark.parametrize(
    ("first", "shown", "known", "history"),
    [(True, 3, 0, True), (False, 3, 0, False), (False, 20, 0, True), (False, 50, 1, False), (False, 0, 0, False)],
)
def test_history_is_a_first_poll_or_a_flood(first: bool, shown: int, known: int, history: bool) -> None:
    assert schedule.is_history(first_poll=first, shown=shown, known=known) == history


# ── digests ──────────────────────────────────────────────────────────────────────────────────────────────────────────

KYIV = "Europe/Kyiv"
YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def slots(daily: tuple[time, ...], zone: str, start: datetime, days: int) -> list[datetime]:
    found, after = [], start
    while (after := schedule.next_slot(daily, zone, after)) < start + timedelta(days=days):
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
    coming = schedule.next_slot((at,), zone, now)
    assert coming > now
    assert schedule.last_slot((at,), zone, coming) == coming
    assert schedule.last_slot((at,), zone, coming - timedelta(microseconds=1)) < coming
    assert schedule.last_slot((at,), zone, now) <= now


def test_a_skipped_hour_moves_the_slot_and_a_doubled_one_counts_once() -> None:
    spring = slots((time(3, 30),), KYIV, datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert [slot.astimezone(ZoneInfo(KYIV)).hour for slot in spring] == [4, 3]
    autumn = slots((time(3, 30),), KYIV, datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert len(autumn) == 2


def due(since: datetime | None) -> DueDigest:
    wish = Subscription(pk=1, subscriber=Subscriber(pk=1, email="r@example.org", zone=KYIV), daily=(time(7),))
    return DueDigest(subscription=wish, slot=NOW, created_at=NOW, since=since, seq_from=None if since is None else 40)


END = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def test_the_first_edition_covers_a_day() -> None:
    window = schedule.digest_window(due(None), end=END, seq_first=7, seq_to=50)
    assert (window.start, window.seq_from, window.seq_to, window.catch_up) == (END - timedelta(days=1), 7, 50, False)


@pytest.mark.parametrize(("days", "catch_up"), [(1, False), (2, True), (30, True)])
def test_later_editions_begin_where_the_last_ended(days: int, catch_up: bool) -> None:
    window = schedule.digest_window(due(END - timedelta(days=days)), end=END, seq_first=0, seq_to=50)
    assert (window.start, window.seq_from, window.catch_up) == (END - timedelta(days=days), 40, catch_up)


@given(st.integers(1, 1000), chances)
def test_mail_retries_stretch_to_two_hours(attempts: int, chance: float) -> None:
    wait = schedule.retry_mail(attempts, now=NOW, chance=chance) - NOW
    assert timedelta(seconds=45) <= wait <= timedelta(hours=2)
