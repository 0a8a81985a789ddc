"""Redirects: believed after days, and only within a publisher's own domain."""

from dataclasses import replace
from datetime import timedelta

from monitor.core.model import FailureKind, FeedState, Redirect
from monitor.core.moves import CONFIRMATIONS, CONFIRMED_FOR, after_failure, is_confirmed, moved
from tests.fakes import NOW, spec, state

OLD = "http://news.example.org/rss"
NEW = "https://www.example.org/feed"


def polled(feed: FeedState, *hops: tuple[int, str], times: int = 1, apart: timedelta = timedelta(days=1)) -> FeedState:
    for number in range(times):
        redirects = [Redirect(status=status, url=url) for status, url in hops]
        feed = replace(feed, move=moved(feed, redirects, NOW + number * apart))
    return feed


def start() -> FeedState:
    return state(spec=spec(url=OLD))


def test_a_permanent_redirect_is_used_once_it_is_confirmed() -> None:
    feed = polled(start(), (301, NEW), times=CONFIRMATIONS - 1)
    assert (feed.address, feed.move and feed.move.polls) == (OLD, CONFIRMATIONS - 1)
    assert polled(feed, (308, "https://example.org/x"), (301, NEW)).address == OLD  # counted from another day on
    assert polled(start(), (301, NEW), times=CONFIRMATIONS).address == NEW


def test_many_polls_in_a_day_confirm_nothing() -> None:
    feed = polled(start(), (301, NEW), times=50, apart=timedelta(minutes=15))
    assert feed.address == OLD
    assert feed.move is not None
    assert not is_confirmed(feed.move, NOW + CONFIRMED_FOR - timedelta(seconds=1))


def test_a_temporary_hop_makes_the_whole_way_temporary() -> None:
    assert polled(start(), (301, "https://example.org/x"), (302, NEW), times=30).address == OLD


def test_a_direct_answer_or_another_target_begins_anew() -> None:
    feed = polled(start(), (301, NEW), times=3)
    assert polled(feed).move is None
    other = polled(feed, (301, NEW + "/2")).move
    assert (other and other.polls, other and other.to) == (1, NEW + "/2")


def test_another_domain_needs_a_yes() -> None:
    feed = polled(start(), (301, "https://example.com/feed"), times=30)
    assert feed.address == OLD
    assert feed.move is not None
    assert is_confirmed(feed.move, NOW + timedelta(days=30))


def test_a_used_address_stays_in_use_until_it_fails_for_good() -> None:
    feed = polled(start(), (301, NEW), times=CONFIRMATIONS)
    assert polled(feed).address == polled(feed, (302, "https://example.org/z")).address == NEW
    assert replace(feed, move=after_failure(feed, FailureKind.TIMEOUT)).address == NEW
    assert replace(feed, move=after_failure(feed, FailureKind.NOT_FOUND)).address == OLD
