"""When hardly any host can be reached, it is our own network."""

from datetime import timedelta

import pytest

from monitor.core.model import Failure, FailureKind, FeedState
from monitor.core.outage import HOSTS, WINDOW, Outage
from tests.fakes import NOW, state

DNS = Failure(kind=FailureKind.DNS, detail="")


def note(outage: Outage, number: int, failure: Failure | None, seconds: float = 0) -> list[FeedState]:
    return outage.note(f"host{number}", state(pk=number), failure, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("kind", [FailureKind.DNS, FailureKind.CONNECT])
def test_ten_hosts_that_cannot_be_reached_are_our_fault(kind: FailureKind) -> None:
    outage, failure = Outage(), Failure(kind=kind, detail="")
    assert [note(outage, number, failure) for number in range(HOSTS - 1)] == [[]] * (HOSTS - 1)
    assert outage.since is None
    assert {one.pk for one in note(outage, HOSTS - 1, failure, 3)} == set(range(HOSTS))
    assert outage.since == NOW + timedelta(seconds=3)


def test_one_host_asked_often_is_one_host() -> None:
    outage = Outage()
    for _ in range(50):
        note(outage, 1, DNS)
    assert outage.since is None


@pytest.mark.parametrize(("reached", "down"), [(2, True), (3, False)])
def test_a_fifth_may_still_answer(reached: int, down: bool) -> None:
    outage = Outage()
    for number in range(10):
        note(outage, number, None if number < reached else DNS)
    assert (outage.since is not None) == down


def test_failures_of_the_feeds_themselves_do_not_count() -> None:
    outage = Outage()
    for number in range(50):
        note(outage, number, Failure(kind=FailureKind.SERVER, detail=""))
    assert outage.since is None


def test_what_is_long_ago_does_not_count() -> None:
    outage = Outage()
    for number in range(HOSTS - 1):
        note(outage, number, DNS)
    note(outage, HOSTS, DNS, WINDOW.total_seconds() + 1)
    assert outage.since is None


def test_a_host_that_answers_ends_it_and_the_count_begins_anew() -> None:
    outage = Outage()
    for number in range(HOSTS):
        note(outage, number, DNS)
    assert note(outage, 3, DNS, 30) == []
    note(outage, 4, None, 40)
    assert outage.since is None
    note(outage, 5, DNS, 41)
    assert outage.since is None
