"""A look at feeds before they are trusted: each read once, nothing recorded; and the feeds behind a page.

Documents and pages are read where the daemon reads them: in processes that are killed at their limits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import TypeAlias, TypeVar
from urllib.parse import urlsplit

from monitor.core.discovery import (
    Candidate,
    How,
    distinct,
    is_of_comments,
    leads_of_page,
    well_known,
)
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
from monitor.core.urls import canonical_url, host_of
from monitor.errors import NotAFeedError, ParseError
from monitor.parsers.pool import Caller

STALE_AFTER = timedelta(days=30)
PERMANENT = (301, 308)


class Health(StrEnum):
    """What a look at a feed found.

    BLOCKED: its server refuses us. PROXY: the way to it does. REFUSED: we ourselves do not ask at such an address.
    """

    OK = "ok"
    MOVED = "moved"
    STALE = "stale"
    BLOCKED = "blocked"
    PROXY = "proxy"
    REFUSED = "refused"
    DEAD = "dead"


T = TypeVar("T")
Fetch: TypeAlias = Callable[[FeedState], Awaitable[FetchResult]]


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
    fetch: Fetch,
    call: Caller,
    *,
    now: datetime,
    concurrency: int,
    done: Callable[[Probed], None],
) -> list[Probed]:
    """Fetch every feed once, hosts side by side and one feed of a host at a time; tells of each as it ends.

    `call` is what runs the parser.
    """

    async def judged(spec: FeedSpec, result: FetchResult) -> Probed:
        return await judge(spec, result, call, now)

    return await _visit(specs, fetch, judged, now=now, concurrency=concurrency, done=done)


async def _visit(
    specs: Sequence[FeedSpec],
    fetch: Fetch,
    judged: Callable[[FeedSpec, FetchResult], Awaitable[T]],
    *,
    now: datetime,
    concurrency: int,
    done: Callable[[T], None],
) -> list[T]:
    places = asyncio.Semaphore(concurrency)
    hosts = {host_of(spec.url): asyncio.Lock() for spec in specs}

    async def visit(spec: FeedSpec) -> T:
        async with hosts[host_of(spec.url)], places:
            result = await fetch(FeedState(pk=0, spec=spec, next_poll_at=now))
            found = await judged(spec, result)
        done(found)
        return found

    return await asyncio.gather(*(visit(spec) for spec in specs))


async def judge(spec: FeedSpec, result: FetchResult, call: Caller, now: datetime) -> Probed:
    """Say what an answer means for whoever edits the file."""
    if isinstance(result, Failure):
        advice = [words for status, words in _ADVICE.items() if result.status == status]
        words = "; ".join([f"{result.kind}: {result.detail}", *advice])
        health = Health.PROXY if result.of_proxy else _HEALTH_OF.get(result.kind, Health.DEAD)
        return Probed(spec=spec, health=health, detail=words)
    if isinstance(result, NotModified):
        return Probed(spec=spec, health=Health.DEAD, detail="304 to an unconditional request")
    try:
        feed = await call(parse_feed, result, now=now)
    except ParseError as error:
        return Probed(spec=spec, health=Health.DEAD, detail=str(error))
    return _judge_feed(spec, result, feed, now)


_HEALTH_OF = {
    FailureKind.BLOCKED: Health.BLOCKED,
    FailureKind.RATE_LIMITED: Health.BLOCKED,
    FailureKind.ADDRESS: Health.REFUSED,
}


_ADVICE = {
    HTTPStatus.UNAUTHORIZED: "it wants a sign-in: give the feed `auth`",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "the proxy wants a sign-in: give `proxy` its `user` and `password`",
}


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


# ── the feeds behind a page ──────────────────────────────────────────────────────────────────────────────────────────

MAX_VISITS = 40
"""So many addresses are asked for one page."""

_CONCURRENCY = 4
_NOT_ASKED = Failure(kind=FailureKind.RATE_LIMITED, detail="not asked, since a server had asked us to wait")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an address held: a feed, a page with addresses that may be feeds, or neither, for the reason `detail`.

    `failure` is why no document came at all. `url` is where it is to be asked from now on: behind redirects, where all
    of them are for good (301, 308).
    """

    asked: str
    url: str
    how: How
    feed: ParsedFeed | None = None
    leads: tuple[Candidate, ...] = ()
    detail: str = ""
    is_page: bool = False
    failure: Failure | None = None
    body_hash: str | None = None

    @property
    def asks_to_wait(self) -> bool:
        """Tell whether the server wants no more requests for now (429, or any refusal with Retry-After)."""
        failure = self.failure
        return failure is not None and _asks_to_wait(failure)


def _asks_to_wait(result: FetchResult) -> bool:
    return isinstance(result, Failure) and (result.kind is FailureKind.RATE_LIMITED or result.retry_after is not None)


class Explorer:
    """Looks for the feeds behind a page: the address itself, what it links to, and where feeds stand by custom.

    Only a web page leads on: an address that fails, or holds anything else, is told as it is. The first server that
    asks us to wait ends the search; what was found until then stays.
    `start` is asked as it is, with its headers; what it leads to is asked without them, and may be a private address
    only on the same host and port, and only where `start` allows that.
    """

    def __init__(self, start: FeedSpec, fetch: Fetch, call: Caller, *, now: datetime) -> None:
        self._start = start
        self._fetch = fetch
        self._call = call
        self._now = now
        self.seen: list[Seen] = []
        """Everything that was asked, in order."""
        self._ended = False

    async def first(self) -> Seen:
        """Ask the start, and nothing else."""
        [seen] = await self._visit([Candidate(url=self._start.url, how=How.ITSELF)])
        return seen

    async def feeds(self, *, by_custom: bool = True) -> list[Seen]:
        """Return the feeds, the likeliest first; each document once.

        Addresses known by custom are asked, if at all, only where the page names no feed: they are many.
        """
        first = await self.first()
        if not first.is_page:
            return self._found()
        listed = await self._visit(first.leads)
        if not self._found():
            await self._visit([lead for page in listed for lead in page.leads])
        if by_custom and not self._found():
            await self._visit(well_known(first.url))
        return self._found()

    async def _visit(self, candidates: Sequence[Candidate]) -> list[Seen]:
        asked = {canonical_url(one.asked) for one in self.seen}
        fresh = [one for one in distinct(candidates) if canonical_url(one.url) not in asked]
        hows = {one.url: one.how for one in fresh[: MAX_VISITS - len(self.seen)]}
        specs = [self._spec(url) for url in hows]

        async def judged(spec: FeedSpec, result: FetchResult) -> Seen | None:
            return None if result is _NOT_ASKED else await self._seen(spec.url, hows[spec.url], result)

        visits = await _visit(specs, self._ask, judged, now=self._now, concurrency=_CONCURRENCY, done=lambda _: None)
        found = [one for one in visits if one is not None]
        self.seen += found
        return found

    async def _ask(self, feed: FeedState) -> FetchResult:
        if self._ended:
            return _NOT_ASKED
        result = await self._fetch(feed)
        if _asks_to_wait(result):
            self._ended = True
        return result

    def _spec(self, url: str) -> FeedSpec:
        if url == self._start.url:
            return self._start
        return FeedSpec(
            id=self._start.id,
            title=self._start.title,
            url=url,
            timeout=self._start.timeout,
            allow_private=self._start.allow_private and _authority(url) == _authority(self._start.url),
        )

    async def _seen(self, url: str, how: How, result: FetchResult) -> Seen:
        if isinstance(result, Failure):
            return Seen(asked=url, url=url, how=how, detail=f"{result.kind}: {result.detail}", failure=result)
        if isinstance(result, NotModified):
            return Seen(asked=url, url=url, how=how, detail="304 to an unconditional request")
        lasting = bool(result.redirects) and all(hop.status in PERMANENT for hop in result.redirects)
        here = Seen(asked=url, url=result.url if lasting else url, how=how, body_hash=result.body_hash)
        try:
            return replace(here, feed=await self._call(parse_feed, result, now=self._now))
        except ParseError as error:
            here = replace(here, detail=str(error))
            return await self._page(here, result) if isinstance(error, NotAFeedError) else here

    async def _page(self, here: Seen, document: Fetched) -> Seen:
        """Return what is no feed with the addresses that it leads to, where it is a page."""
        try:
            leads = await self._call(leads_of_page, document.body, document.content_type, document.url)
        except ParseError as error:
            return replace(here, detail=f"{here.detail}; its links cannot be read: it {error}")
        return here if leads is None else replace(here, is_page=True, leads=leads)

    def _found(self) -> list[Seen]:
        feeds = sorted((one for one in self.seen if one.feed), key=lambda one: (_is_poor(one), one.how))
        first: dict[str | None, Seen] = {}
        for one in feeds:
            first.setdefault(one.body_hash, one)
        return list(first.values())


def _is_poor(one: Seen) -> bool:
    return one.feed is None or not one.feed.entries or is_of_comments(Candidate(url=one.url, how=one.how))


def _authority(url: str) -> str:
    return urlsplit(url).netloc.lower()
