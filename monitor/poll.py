"""One feed, end to end.

store.feeds ─► FeedState              what we knew
net.http    ─► Fetched | NotModified | Failure
body hash   ─► the same as last time: nothing to parse
core.parsing─► ParsedFeed             off the event loop
store       ─► known?                 only new or changed entries go on
core.matching► Verdict                topics, actors, evidence
core.schedule► NextPoll
store.hits  ◄─ PollOutcome            one transaction, all or nothing
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from monitor import logs
from monitor.clock import Clock
from monitor.core import publishers, schedule
from monitor.core.matching import match_entry
from monitor.core.model import (
    Entry,
    Failure,
    FailureKind,
    FeedSpec,
    FeedState,
    Fetched,
    FetchResult,
    Judged,
    Known,
    NotModified,
    ParsedFeed,
    PollOutcome,
    Publisher,
    Recorded,
)
from monitor.core.parsing import parse_feed
from monitor.core.urls import host_of
from monitor.core.watchlist import Watchlist
from monitor.errors import ParseError, StoreError
from monitor.store import entries, feeds, hits
from monitor.store.database import Database

log = logs.get()

DUE_LIMIT = 5000
STORE_REST = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What is watched for at the moment: the compiled list, the rows of its rules, and who publishes where."""

    watchlist: Watchlist
    rules: hits.RuleRows
    publishers: Mapping[str, Publisher]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """Polls feeds with these tools. `watch` is asked at every poll, so that a reload counts at once."""

    db: Database
    fetch: Callable[[FeedState], Awaitable[FetchResult]]
    watch: Callable[[], Watch]
    clock: Clock
    chance: Callable[[], float] = random.random

    async def poll(self, feed: FeedState) -> tuple[PollOutcome, Recorded]:
        """Poll one feed and record the outcome. Raises StoreError when it could not be recorded."""
        watch = self.watch()  # one for the whole poll: a reload may come in the middle
        result = await self.fetch(feed)
        now = self.clock()
        try:
            outcome = await self._outcome(feed, result, watch, now)
        except StoreError:
            raise
        except Exception as error:  # a document that trips us must not stop the others
            log.exception("poll tripped", feed=feed.spec.id)
            outcome = self._failed(feed, Failure(kind=FailureKind.INTERNAL, detail=repr(error)), now)
        recorded = await self.db.run(hits.record_poll, outcome, watch.rules)
        _tell(outcome, recorded)
        return outcome, recorded

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

    def _failed(self, feed: FeedState, failure: Failure, now: datetime) -> PollOutcome:
        due = schedule.next_poll(feed, failure, now=now, chance=self.chance())
        return PollOutcome(feed=feed, at=now, next_poll=due, failure=failure)

    def _unchanged(self, feed: FeedState, result: Fetched | NotModified, now: datetime) -> PollOutcome:
        """Keep the validators that the reply repeats; a 304 may leave them out (RFC 9111 §4.3.4)."""
        return PollOutcome(
            feed=feed,
            at=now,
            next_poll=schedule.next_poll(feed, None, now=now, chance=self.chance()),
            not_modified=True,
            etag=result.etag or feed.etag,
            last_modified=result.last_modified or feed.last_modified,
            redirects=result.redirects,
        )

    async def _read(self, feed: FeedState, result: Fetched, watch: Watch, now: datetime) -> PollOutcome:
        try:
            languages = watch.watchlist.languages
            parsed = await asyncio.to_thread(
                parse_feed, result, now=now, language=feed.spec.language, languages=languages
            )
        except ParseError as error:
            return self._failed(feed, Failure(kind=FailureKind.PARSE, detail=str(error)), now)
        keys = [key for entry in parsed.entries for key in entry.keys]
        known = await self.db.read(entries.known, feed.pk, keys)
        return replace(
            self._judged(feed, parsed, known, watch, now),
            etag=result.etag,
            last_modified=result.last_modified,
            body_hash=result.body_hash,
            redirects=result.redirects,
            warnings=parsed.warnings,
        )

    def _judged(
        self, feed: FeedState, parsed: ParsedFeed, known: Mapping[str, Known], watch: Watch, now: datetime
    ) -> PollOutcome:
        fresh = [entry for entry in parsed.entries if not _unchanged(entry, known)]
        seen = sum(any(key in known for key in entry.keys) for entry in parsed.entries)
        first, shown = feed.first_ok_at is None, len(parsed.entries)
        home = publishers.home_site(parsed.entries)
        return PollOutcome(
            feed=feed,
            at=now,
            next_poll=schedule.next_poll(feed, None, now=now, chance=self.chance()),
            shown=shown,
            known=shown - len(fresh),
            judged=tuple(_judge(feed, entry, home, watch, now) for entry in fresh),
            touch=_stale(known.values(), now),
            history=schedule.is_history(first_poll=first, shown=shown, known=seen),
            gap=not first and shown > 0 and seen == 0,
        )


def _judge(feed: FeedState, entry: Entry, home: str | None, watch: Watch, now: datetime) -> Judged:
    return Judged(
        entry=entry,
        publisher=publishers.publisher_of(entry, feed.spec, home, watch.publishers),
        verdict=match_entry(watch.watchlist, entry, now=now),
    )


class Fleet:
    """Polls feeds: hosts side by side, the feeds of one host one after the other with a `gap` between them."""

    def __init__(
        self, poller: Poller, specs: Callable[[], Mapping[str, FeedSpec]], *, concurrency: int, gap: timedelta
    ) -> None:
        self._poller = poller
        self._specs = specs
        self._gap = gap.total_seconds()
        self._places = asyncio.Semaphore(concurrency)
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._resting: dict[str, datetime] = {}

    async def start_due(self) -> int:
        """Start polling what is due, and return at once; hosts that are being polled are left alone."""
        now = self._poller.clock()
        self._resting = {host: until for host, until in self._resting.items() if until > now}
        states = await self._poller.db.read(feeds.due, self._specs(), now, limit=DUE_LIMIT)
        started = 0
        for host, group in _by_host(states).items():
            if host not in self._busy and host not in self._resting:
                self._busy[host] = asyncio.create_task(self._poll_host(host, group, None))
                self._busy[host].add_done_callback(partial(self._free, host))
                started += len(group)
        return started

    def _free(self, host: str, _: asyncio.Task[None]) -> None:
        del self._busy[host]

    async def poll_all(self, states: Sequence[FeedState], done: Callable[[PollOutcome, Recorded], None]) -> None:
        """Poll these feeds now, and tell of each as it ends."""
        groups = _by_host(states).items()
        await asyncio.gather(*(self._poll_host(host, group, done) for host, group in groups))

    async def drain(self, limit: timedelta) -> None:
        """Let polls under way end; those that take longer are cancelled, and nothing of them is kept."""
        tasks = set(self._busy.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=limit.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _poll_host(
        self, host: str, group: Sequence[FeedState], done: Callable[[PollOutcome, Recorded], None] | None
    ) -> None:
        for number, state in enumerate(group):
            if number:
                await asyncio.sleep(self._gap)
            async with self._places:
                try:
                    result = await self._poller.poll(state)
                except StoreError as error:  # not recorded, so still due: give the database a rest
                    log.error("poll not recorded", feed=state.spec.id, detail=str(error))
                    self._rest(host)
                    return
                except Exception:  # our own fault must not end the daemon
                    log.exception("poll not recorded", feed=state.spec.id)
                    self._rest(host)
                    return
            if done is not None:
                done(*result)

    def _rest(self, host: str) -> None:
        self._resting[host] = self._poller.clock() + STORE_REST


def _by_host(states: Sequence[FeedState]) -> dict[str, list[FeedState]]:
    groups: dict[str, list[FeedState]] = {}
    for state in states:
        groups.setdefault(host_of(state.spec.url) or "", []).append(state)
    return groups


def _unchanged(entry: Entry, known: Mapping[str, Known]) -> bool:
    return all(key in known and known[key].fingerprint == entry.fingerprint for key in entry.keys)


def _stale(known: Iterable[Known], now: datetime) -> tuple[int, ...]:
    return tuple({one.entry for one in known if now - one.last_seen > entries.TOUCH_AFTER})


def _tell(outcome: PollOutcome, recorded: Recorded) -> None:
    """Log one line a poll: quiet where nothing happened."""
    fields = {"feed": outcome.feed.spec.id, "next": outcome.next_poll.at.isoformat(timespec="seconds")}
    if outcome.failure is not None:
        log.warning("poll failed", reason=outcome.failure.kind.value, detail=outcome.failure.detail, **fields)
    elif recorded.entries or recorded.revisions or outcome.gap:
        log.info(
            "polled", new=recorded.entries, retitled=recorded.revisions, hits=recorded.hits, gap=outcome.gap, **fields
        )
    else:
        log.debug("polled, nothing new", **fields)
