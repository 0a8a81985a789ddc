"""One feed, end to end.

store.feeds ─► FeedState              what we knew
net.http    ─► Fetched | NotModified | Failure
body hash   ─► the same as last time: nothing to parse
core.parsing─► News                   in a process that can be killed; only items that the last document had not
store       ─► known?                 only new or changed entries go on
core.matching► Verdict                topics, actors, evidence
core.cadence ► NextPoll
store.hits  ◄─ PollOutcome            one transaction, all or nothing
"""

import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from monitor import logs
from monitor.clock import Clock
from monitor.core import cadence, moves, publishers
from monitor.core.matching import match_entry
from monitor.core.model import (
    Entry,
    Failure,
    FailureKind,
    FeedState,
    Fetched,
    FetchResult,
    Judged,
    Known,
    News,
    NextPoll,
    NotModified,
    PollOutcome,
    Provenance,
    Publisher,
    Recorded,
    Success,
)
from monitor.core.outage import RETRY, UNREACHED, Outage
from monitor.core.parsing import parse_news
from monitor.core.urls import host_of
from monitor.core.watchlist import Watchlist
from monitor.errors import NotAFeedError, ParseError, StoreError
from monitor.parsers.pool import Caller
from monitor.store import entries, feeds, hits, outlines
from monitor.store.database import Database
from monitor.store.rules import RuleRows

log = logs.get()

Recording: TypeAlias = Awaitable[Recorded]
"""Done when a poll is in the store."""

UNCONDITIONAL = 0.01
"""Share of polls that ask without conditions: some servers answer 304 whatever has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is watched for at the moment: the compiled list, the rows of its rules, and who publishes where."""

    watchlist: Watchlist
    rules: RuleRows
    publishers: Mapping[str, Publisher]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """Polls feeds with these tools; `call` is what runs the parser.

    `watch` is asked at every poll, so that a reload counts at once.
    """

    db: Database
    fetch: Callable[[FeedState], Awaitable[FetchResult]]
    call: Caller
    watch: Callable[[], Watch]
    clock: Clock
    chance: Callable[[], float] = random.random
    outage: Outage = field(default_factory=Outage)

    async def poll(self, feed: FeedState) -> tuple[PollOutcome, Recording]:
        """Poll one feed and begin to record the outcome. Raises StoreError, as the recording does.

        Until the recording is done nothing has happened: the feed is still due.
        """
        result = await self.fetch(_asked(feed, self.chance()))
        watch = self.watch()  # one for all that was fetched: a reload may come in the middle
        now = self.clock()
        try:
            outcome = await self._outcome(feed, result, watch, now)
        except StoreError:
            raise
        except Exception as error:  # a document that trips us must not stop the others
            log.exception("poll tripped", feed=feed.spec.id)
            outcome = self._failed(feed, Failure(kind=FailureKind.INTERNAL, detail=repr(error)), now)
        outcome = await self._blamed(outcome)
        return outcome, self._recorded(outcome, watch)

    def _recorded(self, outcome: PollOutcome, watch: Watch) -> Recording:
        """Record a poll; the quiet ones go together."""
        if outcome.quiet:
            return self.db.run_together(feeds.record_quiet, outcome)
        return self.db.run(hits.record_poll, outcome, watch.rules)

    async def _outcome(self, feed: FeedState, result: FetchResult, watch: Watch, now: datetime) -> PollOutcome:
        match result:
            case Failure():
                return self._failed(feed, result, now)
            case NotModified():
                return self._unchanged(feed, result, now)
            case Fetched(body_hash=same) if same == feed.body_hash:
                return self._unchanged(feed, result, now)
            case Fetched():
                return await self._read(feed, result, watch, now)

    async def _blamed(self, outcome: PollOutcome) -> PollOutcome:
        """Take a failure for our own network's, where hardly any host can be reached; those before it are forgiven."""
        feed, now = outcome.feed, outcome.at
        was_down = self.outage.since is not None
        due = cadence.held(feed, now + RETRY, cadence.OUR_NETWORK)
        lost = self.outage.note(host_of(feed.address) or "", feed, outcome.failure, now)
        if lost:
            log.error("our own network seems to be down", feeds=len(lost))
            await self.db.run(feeds.forgive, [one for one in lost if one.pk != feed.pk], due)
        if self.outage.since is None:
            if was_down:
                log.info("our own network is back")
            return outcome
        return replace(outcome, next_poll=due, ours=True) if _is_unreached(outcome.failure) else outcome

    def _failed(self, feed: FeedState, failure: Failure, now: datetime) -> PollOutcome:
        due = cadence.next_poll(failure, feed, feed.hints, now=now, chance=self.chance())
        return PollOutcome(
            feed=feed, at=now, next_poll=due, failure=failure, move=moves.after_failure(feed, failure.kind)
        )

    def _unchanged(self, feed: FeedState, result: Fetched | NotModified, now: datetime) -> PollOutcome:
        """Keep the validators that the reply repeats; a 304 may leave them out (RFC 9111 §4.3.4)."""
        poll = Success(fresh=result.fresh)
        return PollOutcome(
            feed=feed,
            at=now,
            next_poll=cadence.next_poll(poll, feed, feed.hints, now=now, chance=self.chance()),
            not_modified=True,
            etag=result.etag or feed.etag,
            last_modified=result.last_modified or feed.last_modified,
            move=moves.moved(feed, result.redirects, now),
            fresh=result.fresh,
            elapsed=result.elapsed,
        )

    async def _read(self, feed: FeedState, result: Fetched, watch: Watch, now: datetime) -> PollOutcome:
        try:
            news, known = await self._news(feed, result, watch, now)
        except ParseError as error:
            kind = FailureKind.NOT_A_FEED if isinstance(error, NotAFeedError) else FailureKind.PARSE
            return self._failed(feed, Failure(kind=kind, detail=str(error)), now)
        outcome = self._judged(feed, news, known, watch, now)
        poll = Success(
            shown=outcome.shown,
            known=outcome.known,
            gap=outcome.gap,
            representative=not outcome.history,
            fresh=result.fresh,
        )
        return replace(
            outcome,
            next_poll=cadence.next_poll(poll, feed, news.hints, now=now, chance=self.chance()),
            etag=result.etag,
            last_modified=result.last_modified,
            body_hash=result.body_hash,
            move=moves.moved(feed, result.redirects, now),
            hints=news.hints,
            fresh=result.fresh,
            elapsed=result.elapsed,
            warnings=news.warnings,
        )

    async def _news(
        self, feed: FeedState, result: Fetched, watch: Watch, now: datetime
    ) -> tuple[News, Mapping[str, Known]]:
        """Read what is new in a document, and what the store knows of it; all, where the store lacks an old entry."""
        said, known_languages = feed.spec.language, watch.watchlist.languages

        async def read(outline: bytes | None) -> News:
            return await self.call(parse_news, result, outline, now=now, language=said, languages=known_languages)

        news = await read(await self.db.read(outlines.read, feed.pk))
        known = await self._known(feed, news)
        if not known.keys() >= set(news.check):
            log.warning("entries are gone from the store, the document is read anew", feed=feed.spec.id)
            news = await read(None)
            known = await self._known(feed, news)
        return news, known

    async def _known(self, feed: FeedState, news: News) -> Mapping[str, Known]:
        keys = [key for entry in news.entries for key in entry.keys] + list(news.check)
        return await self.db.read(entries.known, feed.pk, keys) if keys else {}

    def _judged(
        self, feed: FeedState, news: News, known: Mapping[str, Known], watch: Watch, now: datetime
    ) -> PollOutcome:
        fresh = [entry for entry in news.entries if not _unchanged(entry, known)]
        seen = sum(any(key in known for key in entry.keys) for entry in news.entries) + news.unchanged
        first, shown = feed.first_ok_at is None, len(news.entries) + news.unchanged
        history = cadence.is_history(first_poll=first, shown=shown, known=seen)
        return PollOutcome(
            feed=feed,
            at=now,
            next_poll=NextPoll(at=now, reason=""),
            shown=shown,
            known=shown - len(fresh),
            judged=tuple(_judge(feed, entry, news.home, watch, now) for entry in fresh),
            touch=_stale(known.values(), now),
            history=history,
            gap=not first and shown > 0 and seen == 0,
            lag=None if history else _lag(fresh, now),
            outline=news.outline,
        )


def _asked(feed: FeedState, chance: float) -> FeedState:
    """Forget the validators for one poll in a hundred."""
    return feed if chance < 1 - UNCONDITIONAL else replace(feed, etag=None, last_modified=None)


def _is_unreached(failure: Failure | None) -> bool:
    return failure is not None and failure.kind in UNREACHED


def _lag(fresh: Sequence[Entry], now: datetime) -> timedelta | None:
    """Return how old the newest of the new entries is, if its date can be trusted."""
    dates = [entry.published for entry in fresh if entry.published and not entry.date_flags]
    return max(now - max(dates), timedelta()) if dates else None


def _judge(feed: FeedState, entry: Entry, home: str | None, watch: Watch, now: datetime) -> Judged:
    publisher = publishers.publisher_of(entry, feed.spec, home, watch.publishers)
    origin = Provenance(feed=feed.spec.id, publisher=publisher)
    verdict = match_entry(watch.watchlist, entry, now=now, origin=origin)
    return Judged(entry=entry, publisher=publisher, verdict=verdict)


def _unchanged(entry: Entry, known: Mapping[str, Known]) -> bool:
    return all(key in known and known[key].fingerprint == entry.fingerprint for key in entry.keys)


def _stale(known: Iterable[Known], now: datetime) -> tuple[int, ...]:
    return tuple({one.entry for one in known if now - one.last_seen > entries.TOUCH_AFTER})
