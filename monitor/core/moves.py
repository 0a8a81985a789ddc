"""Where a feed has moved to: what redirects say, believed only once they have said it for days."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.core.model import FailureKind, FeedState, Move, Redirect
from monitor.core.publishers import site_of

CONFIRMATIONS = 5
CONFIRMED_FOR = timedelta(days=3)
"""A permanent redirect is used once so many polls in a row, over so long a time, were sent to the same address."""

_PERMANENT = frozenset({301, 308})
_LOST = frozenset(
    {
        FailureKind.DNS,
        FailureKind.TLS,
        FailureKind.ADDRESS,
        FailureKind.NOT_FOUND,
        FailureKind.GONE,
        FailureKind.REDIRECT,
    }
)


def moved(feed: FeedState, redirects: Sequence[Redirect], now: datetime) -> Move | None:
    """Return what a good poll says of where the feed has moved to.

    A permanent redirect (301, 308: RFC 9110 §15.4) within the same registrable domain is used once it is confirmed; one
    to another domain waits for a person's yes, since a domain that has lapsed may serve anything.
    """
    before = feed.move
    if before and before.used:
        return before
    if not redirects:
        return None
    last, permanent = redirects[-1], all(hop.status in _PERMANENT for hop in redirects)
    move = Move(to=last.url, status=last.status, permanent=permanent, polls=1, since=now)
    if before and (before.to, before.permanent) == (move.to, move.permanent):
        move = replace(move, polls=before.polls + 1, since=before.since)
    return replace(move, used=is_confirmed(move, now) and site_of(move.to) == site_of(feed.spec.url))


def is_confirmed(move: Move, now: datetime) -> bool:
    """Tell whether a redirect has been permanent for long enough to be believed."""
    return move.permanent and move.polls >= CONFIRMATIONS and now - move.since >= CONFIRMED_FOR


def after_failure(feed: FeedState, kind: FailureKind) -> Move | None:
    """Return the move after a failure: an address that has failed in a lasting way is no longer used."""
    return None if feed.move and feed.move.used and kind in _LOST else feed.move
