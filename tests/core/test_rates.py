"""No domain gets more than its rate, and none that rests gets less; rests grow, and a few failures stop nothing."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.rates import FEWEST, FIRST_REST, LONGEST_REST, Rates, rest, too_many_failed
from tests.fakes import NOW

STEPS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 20_000)), max_size=120)
"""A try for a domain, so many milliseconds after the one before."""


def moments(steps: list[tuple[str, int]]) -> list[tuple[str, datetime]]:
    now, found = NOW, []
    for domain, later in steps:
        now += timedelta(milliseconds=later)
        found.append((domain, now))
    return found


@given(st.integers(1, 600), STEPS)
def test_in_any_time_at_most_the_burst_and_the_rate(per_minute: int, steps: list[tuple[str, int]]) -> None:
    rates = Rates(per_minute=per_minute)
    for domain in "ab":
        taken = [at for name, at in moments(steps) if name == domain and rates.take(domain, at)]
        for first, begin in enumerate(taken):
            for last, end in enumerate(taken[first:], first):
                minutes = (end - begin) / timedelta(minutes=1)
                assert last - first + 1 <= rates.burst + minutes * per_minute * 1.001 + 1e-6


@given(st.integers(1, 600), STEPS)
def test_a_domain_within_its_rate_is_never_stopped(per_minute: int, steps: list[tuple[str, int]]) -> None:
    rates, gap = Rates(per_minute=per_minute), timedelta(minutes=1) / per_minute + timedelta(milliseconds=1)
    now = NOW
    for _, later in steps:
        now += gap + timedelta(milliseconds=later)
        assert rates.take("a", now)


def test_one_domain_takes_nothing_from_another() -> None:
    rates = Rates(per_minute=60)
    assert [rates.take("a", NOW) for _ in range(12)] == [True] * 10 + [False] * 2
    assert rates.spent(NOW) == {"a"}
    assert rates.take("b", NOW)
    assert rates.spent(NOW + timedelta(seconds=2)) == set()


def test_a_clock_that_is_set_back_neither_gives_nor_stops_for_long() -> None:
    rates = Rates(per_minute=6)
    assert rates.take("a", NOW)
    assert not rates.take("a", NOW + timedelta(seconds=9))
    yesterday = NOW - timedelta(days=1)
    assert not rates.take("a", yesterday)
    assert rates.spent(yesterday) == {"a"}
    assert rates.take("a", yesterday + timedelta(seconds=10))


@given(st.integers(1, 12))
def test_rests_double_up_to_a_limit(times: int) -> None:
    found = [rest(None, None)]
    for _ in range(times):
        found.append(rest(found[-1], None))
    assert found[0] == FIRST_REST
    assert all(later in (2 * one, LONGEST_REST) for one, later in pairwise(found))
    assert max(found) <= LONGEST_REST


def test_a_domain_that_names_its_time_is_believed() -> None:
    assert rest(LONGEST_REST, timedelta(seconds=20)) == timedelta(seconds=20)
    assert rest(None, timedelta(hours=3)) == timedelta(hours=3)


def test_a_few_failures_are_no_reason_to_stop() -> None:
    assert not too_many_failed(FEWEST - 1, FEWEST - 1)
    assert not too_many_failed(2, 40)
    assert too_many_failed(3, 40)
    assert too_many_failed(2, FEWEST)
    assert not too_many_failed(1, FEWEST)
