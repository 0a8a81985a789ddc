"""A look at feeds before they are trusted: each fetched and read once, nothing recorded."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.model import (
    DateFlag,
    Failure,
    FailureKind,
    FeedSpec,
    FeedState,
    Fetched,
    FetchResult,
    NotModified,
    ParsedFeed,
)
from monitor.core.parsing import parse_feed
from monitor.core.urls import host_of
from monitor.errors import ParseError

STALE_AFTER = timedelta(days=30)
PERMANENT = (301, 308)
BLOCKED = (FailureKind.BLOCKED, FailureKind.RATE_LIMITED)


class Health(StrEnum):
    """What a look at a feed found."""

    OK = "ok"
    MOVED = "moved"
    STALE = "stale"
    BLOCKED = "blocked"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What one feed answered: `detail` is one line for a person, `newest` the newest date in the document."""

    spec: FeedSpec
    health: Health
    detail: str
    entries: int = 0
    newest: datetime | None = None


async def probe_all(
    specs: Sequence[FeedSpec],
    fetch: Callable[[FeedState], Awaitable[FetchResult]],
    *,
    now: datetime,
    concurrency: int,
    done: Callable[[Probed], None],
) -> list[Probed]:
    """Fetch every feed once, hosts side by side and one feed of a host at a time; tells of each as it ends."""
    places = asyncio.Semaphore(concurrency)
    hosts = {host_of(spec.url): asyncio.Lock() for spec in specs}

    async def probe(spec: FeedSpec) -> Probed:
        async with hosts[host_of(spec.url)], places:
            result = await fetch(FeedState(pk=0, spec=spec, next_poll_at=now))
            found = await asyncio.to_thread(judge, spec, result, now)
        done(found)
        return found

    return await asyncio.gather(*(probe(spec) for spec in specs))


def judge(spec: FeedSpec, result: FetchResult, now: datetime) -> Probed:
    """Say what an answer means for whoever edits the file."""
    if isinstance(result, Failure):
        health = Health.BLOCKED if result.kind in BLOCKED else Health.DEAD
        return Probed(spec=spec, health=health, detail=f"{result.kind}: {result.detail}")
    if isinstance(result, NotModified):
        return Probed(spec=spec, health=Health.DEAD, detail="304 to an unconditional request")
    try:
        feed = parse_feed(result, now=now)
    except ParseError as error:
        return Probed(spec=spec, health=Health.DEAD, detail=str(error))
    return _judge_feed(spec, result, feed, now)


def _judge_feed(spec: FeedSpec, document: Fetched, feed: ParsedFeed, now: datetime) -> Probed:
    odd = {DateFlag.FUTURE, DateFlag.IMPLAUSIBLE}
    dates = [entry.published for entry in feed.entries if entry.published and not odd & entry.date_flags]
    newest = max(dates, default=None)
    health, detail = Health.OK, "1 entry" if len(feed.entries) == 1 else f"{len(feed.entries)} entries"
    if document.redirects and all(hop.status in PERMANENT for hop in document.redirects):
        health, detail = Health.MOVED, f"moved for good to {document.redirects[-1].url}"
    elif not feed.entries:
        health, detail = Health.STALE, "no entries"
    elif newest is not None and now - newest > STALE_AFTER:
        health, detail = Health.STALE, f"nothing new since {newest:%Y-%m-%d}"
    return Probed(spec=spec, health=health, detail=detail, entries=len(feed.entries), newest=newest)
