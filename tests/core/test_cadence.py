"""When a feed is due: never too early, never given up, quicker with the news and slower without."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import cadence
from monitor.core.model import NO_HINTS, Failure, FailureKind, FeedState, Hints, NextPoll, Success
from tests.fakes import NOW, spec, state

QUARTER = timedelta(minutes=15)
DAY, WEEK = timedelta(days=1), timedelta(days=7)

chances = st.floats(0, 1, exclude_max=True)
spans = st.timedeltas(timedelta(0), timedelta(days=400))
failures = st.builds(
    Failure,
    kind=st.sampled_from(list(FailureKind)),
    detail=st.just("d"),
    retry_after=st.none() | st.timedeltas(timedelta(0), timedelta(days=30)),
)
successes = st.builds(
    lambda shown, share, gap, sure, fresh: Success(
        shown=shown, known=int(shown * share), gap=gap, representative=sure, fresh=fresh
    ),
    st.integers(0, 5000),
    st.floats(0, 1),
    st.booleans(),
    st.booleans(),
    st.none() | spans,
)
hints = st.builds(
    Hints,
    ttl=st.none() | spans,
    period=st.none() | spans,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
intervals = st.timedeltas(timedelta(minutes=1), WEEK)
specs = st.builds(
    lambda interval, least, most, heed: spec(interval=interval, min_interval=least, max_interval=most, hints=heed),
    intervals,
    st.none() | intervals,
    st.none() | intervals,
    st.booleans(),
)
states = st.builds(
    lambda spec, failures, pace, backoff: state(spec=spec, failures=failures, pace=pace, backoff=backoff),
    specs,
    st.integers(0, 100_000),
    st.none() | intervals,
    st.none() | st.timedeltas(timedelta(0), DAY),
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def after(
    poll: Failure | Success, feed: FeedState | None = None, hints: Hints = NO_HINTS, chance: float = 0
) -> NextPoll:
    return cadence.next_poll(poll, feed or state(), hints, now=NOW, chance=chance)


def wait(
    poll: Failure | Success, feed: FeedState | None = None, hints: Hints = NO_HINTS, chance: float = 0
) -> timedelta:
    return after(poll, feed, hints, chance).at - NOW


@given(failures | successes, states, hints, moments, chances)
def test_every_feed_is_polled_again_neither_too_early_nor_too_late(
    poll: Failure | Success, feed: FeedState, hints: Hints, now: datetime, chance: float
) -> None:
    due = cadence.next_poll(poll, feed, hints, now=now, chance=chance)
    least, most = cadence.bounds(feed.spec)
    asked = min((isinstance(poll, Failure) and poll.retry_after) or timedelta(0), WEEK)
    assert now + max(asked, least) <= due.at <= now + max(asked, most, DAY)
    assert due.reason


@given(states, st.lists(failures, min_size=1, max_size=30), chances)
def test_the_ceiling_of_the_back_off_only_grows_up_to_a_day(
    feed: FeedState, failing: list[Failure], chance: float
) -> None:
    ceilings = [feed.backoff or timedelta(0)]
    for number, failure in enumerate(failing):
        known = state(spec=feed.spec, failures=number, backoff=ceilings[-1])
        due = cadence.next_poll(failure, known, NO_HINTS, now=NOW, chance=chance)
        assert due.backoff is not None
        ceilings.append(due.backoff)
        if failure.retry_after is None:
            assert due.at - NOW <= max(due.backoff, cadence.bounds(feed.spec)[0])
    assert ceilings == sorted(ceilings)
    assert ceilings[-1] <= DAY


def test_every_kind_of_failure_has_its_own_back_off() -> None:
    assert set(cadence.BACKOFF) == set(FailureKind)
    waits = {kind: wait(Failure(kind=kind, detail=""), chance=1 - 1e-9) for kind in FailureKind}
    assert waits[FailureKind.TIMEOUT] < waits[FailureKind.DNS] < waits[FailureKind.BLOCKED] < waits[FailureKind.GONE]


def test_what_the_server_asks_is_the_reason() -> None:
    failure = Failure(kind=FailureKind.RATE_LIMITED, detail="429", retry_after=timedelta(hours=5))
    due = after(failure)
    assert (due.at, due.reason) == (NOW + timedelta(hours=5), "rate-limited, failure 1, as the server asked")


def test_a_good_poll_is_due_after_the_interval_and_a_little() -> None:
    poll = Success(shown=50, known=48)
    assert wait(poll) == QUARTER
    assert QUARTER < wait(poll, chance=0.99) < QUARTER * 1.1


@pytest.mark.parametrize(
    ("pace", "poll", "expected"),
    [
        (15, Success(shown=50, known=10), 7.5),  # mostly new
        (15, Success(shown=50, known=25), 11.25),  # half
        (45, Success(shown=50, known=25), 11.25),  # from a slow pace back at once
        (5, Success(shown=50, known=49), 5.5),  # slowly back to the interval
        (14.9, Success(shown=50, known=49), 15),
        (45, Success(shown=50, known=49), 15),
        (15, Success(shown=50, known=50), 16.5),  # nothing new
        (59, Success(), 60),  # four intervals at most
        (6, Success(shown=50, known=0), 5),  # a third at least
        (40, Success(shown=50, known=0, gap=True), 5),
        (15, Success(shown=50, known=0, representative=False), 15),
    ],
)
def test_the_pace_follows_the_news(pace: float, poll: Success, expected: float) -> None:
    due = after(poll, state(pace=timedelta(minutes=pace)))
    assert due.pace == timedelta(minutes=expected)
    assert due.at == NOW + due.pace


def test_the_person_s_bounds_win() -> None:
    bounded = spec(min_interval=timedelta(minutes=10), max_interval=timedelta(minutes=20))
    assert wait(Success(shown=9, known=0, gap=True), state(spec=bounded)) == timedelta(minutes=10)
    assert wait(Success(), state(spec=bounded, pace=timedelta(hours=5))) == timedelta(minutes=20)


def test_the_publisher_s_wishes_are_heard_up_to_the_greatest_interval() -> None:
    poll = Success(shown=50, known=49, fresh=timedelta(minutes=20))
    assert (wait(poll), after(poll).reason) == (timedelta(minutes=20), "as the server asks")
    asked = Hints(ttl=timedelta(minutes=40))
    assert (wait(poll, hints=asked), after(poll, hints=asked).reason) == (timedelta(minutes=40), "as the feed asks")
    assert wait(poll, hints=Hints(ttl=WEEK)) == timedelta(hours=1)
    assert wait(poll, state(spec=spec(hints=False)), Hints(ttl=WEEK)) == QUARTER


def test_after_a_gap_nobody_is_asked() -> None:
    gap = Success(shown=50, known=0, gap=True, fresh=timedelta(hours=1))
    assert (wait(gap, hints=Hints(ttl=WEEK)), after(gap).reason) == (QUARTER / 3, "entries were missed")


def test_hours_and_days_of_rest_are_kept() -> None:
    noon = Hints(skip_hours=frozenset({12, 13}))
    assert after(Success(), hints=noon).at == datetime(2026, 3, 1, 14, 0, tzinfo=UTC)
    sunday = Hints(skip_days=frozenset({6}))
    assert (NOW.weekday(), after(Success(), hints=sunday).at) == (6, datetime(2026, 3, 2, 0, 0, tzinfo=UTC))
    assert after(Success(), hints=sunday).reason == "the feed rests"
    long_rest = Hints(skip_days=frozenset({6, 0, 1, 2}))
    assert wait(Success(), hints=long_rest) == DAY


@pytest.mark.parametrize(
    ("first", "shown", "known", "history"),
    [(True, 3, 0, True), (False, 3, 0, False), (False, 20, 0, True), (False, 50, 1, False), (False, 0, 0, False)],
)
def test_history_is_a_first_poll_or_a_flood(first: bool, shown: int, known: int, history: bool) -> None:
    assert cadence.is_history(first_poll=first, shown=shown, known=known) == history
