"""Polls: what one shall leave in the store."""

from dataclasses import dataclass
from datetime import datetime

from monitor.core.model.entries import Entry, Publisher
from monitor.core.model.feeds import Failure, FeedState, Redirect
from monitor.core.model.watch import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPoll:
    """When a feed is due again, and why (`reason` is one line for a person)."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An entry that is new or changed, with its publisher and the watchlist's verdict."""

    entry: Entry
    publisher: Publisher
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What one poll shall leave in the store: recorded whole or not at all.

    `shown` counts the entries of the document, `known` those of them that the store already had unchanged.
    `judged` are the others. `history` says that they are no news: the feed's first poll, or a flood of new ids.
    `gap`: nothing of the last document was left in this one, so entries were lost between the polls. `touch` are the
    stored entries whose "last seen" is to be moved on. `outline` is what the next document may be read in part with
    (empty: it cannot be; None: the last one stays).
    """

    feed: FeedState
    at: datetime
    next_poll: NextPoll
    failure: Failure | None = None
    not_modified: bool = False
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    redirects: tuple[Redirect, ...] = ()
    shown: int = 0
    known: int = 0
    judged: tuple[Judged, ...] = ()
    touch: tuple[int, ...] = ()
    history: bool = False
    gap: bool = False
    outline: bytes | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A stored entry, as far as a poll must know it."""

    entry: int
    fingerprint: str
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a poll changed in the store."""

    entries: int = 0
    revisions: int = 0
    hits: int = 0
