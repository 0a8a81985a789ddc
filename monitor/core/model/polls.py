"""Polls: what one shall leave in the store."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.model.entries import Entry, Publisher
from monitor.core.model.feeds import NO_HINTS, Failure, FeedState, Hints, Move
from monitor.core.model.watch import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPoll:
    """When a feed is due again, and why (`reason` is one line for a person); `pace` and `backoff` as in `FeedState`."""

    at: datetime
    reason: str
    pace: timedelta | None = None
    backoff: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """A poll that brought a document, for the schedule: `shown` entries, `known` of them unchanged.

    `representative` is false where the share says nothing of the feed's rhythm: its first poll, or a flood of new ids.
    """

    shown: int = 0
    known: int = 0
    gap: bool = False
    representative: bool = True
    fresh: timedelta | None = None


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
    stored entries whose "last seen" is to be moved on. `elapsed` is what the fetch took, `lag` how late the newest of
    the new entries was seen. `ours`: the failure is our own network's, and none of the feed's. `outline` is what the
    next document may be read in part with (empty: it cannot be; None: the last one stays). `fresh` as in `Fetched`.
    """

    feed: FeedState
    at: datetime
    next_poll: NextPoll
    failure: Failure | None = None
    not_modified: bool = False
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    move: Move | None = None
    hints: Hints = NO_HINTS
    fresh: timedelta | None = None
    elapsed: timedelta = timedelta()
    lag: timedelta | None = None
    ours: bool = False
    shown: int = 0
    known: int = 0
    judged: tuple[Judged, ...] = ()
    touch: tuple[int, ...] = ()
    history: bool = False
    gap: bool = False
    outline: bytes | None = None
    warnings: tuple[str, ...] = ()

    @property
    def quiet(self) -> bool:
        """Whether nothing but times and counts is to be kept: the document and all that is known of the feed stay."""
        before, after = self.feed, self
        return (
            after.not_modified
            and before.failures == 0
            and before.first_ok_at is not None
            and (after.etag, after.last_modified, after.move) == (before.etag, before.last_modified, before.move)
        )


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
