"""The search for feeds that `feeds add` and `feeds repair` share, and how what it finds is told."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import typer

from monitor.cli.session import err, out, span
from monitor.clock import utc_now
from monitor.config.addresses import comparable_address
from monitor.config.proposals import fit_title
from monitor.core.discovery import How, Profile, profile
from monitor.core.model import FailureKind, FeedSpec
from monitor.parts import http_of, parsers_of
from monitor.probe import Explorer, Seen
from monitor.settings import Settings

_HOWS = {How.ITSELF: "this address", How.LINK: "announced", How.ANCHOR: "linked", How.WELL_KNOWN: "at a usual place"}
_COUNTED = {How.ANCHOR: ("link", "links"), How.WELL_KNOWN: ("usual place", "usual places")}
_NO_TLS = frozenset({FailureKind.CONNECT, FailureKind.TLS, FailureKind.TIMEOUT, FailureKind.BROKEN})
_UNAUTHORIZED = 401


# ── the search ───────────────────────────────────────────────────────────────────────────────────────────────────────


def explore(starts: Mapping[FeedSpec, bool], settings: Settings, *, typed: str | None = None) -> list[Seen]:
    """Return the feeds behind the first of these addresses that has any; says what was tried where none has.

    Beside each stands whether the usual places are to be tried, too. `typed` is what the person wrote for an address.
    """

    async def work() -> tuple[list[Seen], list[Seen]]:
        tried: list[Seen] = []
        async with http_of(settings) as http, parsers_of(settings) as parsers:
            for start, by_custom in starts.items():
                explorer = Explorer(start, http.fetch, parsers.call, now=utc_now())
                found = await explorer.feeds(by_custom=by_custom)
                tried += explorer.seen
                if found or any(seen.asks_to_wait for seen in explorer.seen):
                    return found, tried
        return [], tried

    with err.status("looking for feeds"):
        found, tried = asyncio.run(work())
    waits = [seen for seen in tried if seen.asks_to_wait]
    for line in map(reason_at, waits) if found else _told(tried, typed):
        err.print(line, markup=False)
    if not found:
        raise typer.Exit(1)
    return found


def _told(tried: Sequence[Seen], typed: str | None) -> Iterable[str]:
    """Tell what was tried: one line an address, but for links and usual places, which are many."""
    counted = Counter(seen.how for seen in tried if seen.how in _COUNTED and not seen.asks_to_wait)
    for seen in tried:
        if seen.how not in counted or seen.asks_to_wait:
            yield reason_at(seen, typed)
    for how, number in sorted(counted.items()):
        yield f"{number} {_COUNTED[how][number != 1]}: nothing there"
    if len(tried) > 1:
        yield "no feed was found there"


def reason_at(seen: Seen, typed: str | None = None) -> str:
    """Tell on one line which address held no feed, and why."""
    return f"{seen.asked}: {reason(seen, typed)}"


def reason(seen: Seen, typed: str | None = None) -> str:
    """Tell on one line why an address held no feed, and what to do about it, where that is known."""
    return "; ".join([seen.detail, *_advice(seen, typed)])


def _advice(seen: Seen, typed: str | None) -> Iterable[str]:
    failure = seen.failure
    if failure is None:
        return
    if failure.status == _UNAUTHORIZED:
        yield "a feed that wants a password is written by hand: docs/editing.md"
    if seen.asks_to_wait:
        yield _when(failure.retry_after)
    if failure.kind in _NO_TLS and typed and "://" not in typed:
        yield "if it has no https, write http:// before the address"


def _when(wait: timedelta | None) -> str:
    if wait is None:
        return "the search ends here; it does not say when to come again, so give it an hour"
    return f"the search ends here; come again in {span(wait.total_seconds())}"


# ── what was found ───────────────────────────────────────────────────────────────────────────────────────────────────


def show_found(found: Sequence[Seen], there: Mapping[str, str], shared: Mapping[str, int] | None = None) -> None:
    """Print what was found, numbered from 1, with the newest entries of each.

    `there` names the feeds that have an address already; `shared` counts the entries that are known from before.
    """
    for number, seen in enumerate(found, 1):
        known = there.get(comparable_address(seen.url))
        again = shared.get(seen.url) if shared else None
        marks = [f"{again} of its entries known"] if again else []
        marks += [f"already there as {known}"] if known else []
        out.print(f"{number}  {seen.url}", style="bold", markup=False)
        out.print(f"   {'; '.join([_summary(seen), *marks])}", markup=False)
        for entry in profile_of(seen).newest:
            when = f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "without a date "
            out.print(f"   {when}  {(fit_title(entry.title) or '')[:75]}", markup=False)


def profile_of(seen: Seen) -> Profile:
    """Return what the feed that was found holds."""
    assert seen.feed is not None
    return profile(seen.feed)


def _summary(seen: Seen) -> str:
    what = profile_of(seen)
    parts = [
        fit_title(what.title) or "without a title",
        what.language or "no language named",
        f"entries: {what.entries}",
    ]
    return "; ".join([*parts, rhythm(what.per_day), _HOWS[seen.how]])


def rhythm(per_day: float | None) -> str:
    """Tell how often a feed publishes."""
    if per_day is None:
        return "how often is not known"
    for days, name in ((1, "day"), (7, "week"), (30, "month")):
        if per_day * days >= 1:
            return f"about {per_day * days:.0f} a {name}"
    return "less than one a month"
