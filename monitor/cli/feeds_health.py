"""`feeds health`: how each feed fares, in words; and one feed in full."""

import textwrap
from calendar import day_name
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from monitor.app import App
from monitor.cli.feeds_verdict import State, Verdict, judged, move_of, rested
from monitor.cli.opened import in_app
from monitor.cli.session import Json, ago, due, out, print_json, span, table
from monitor.clock import utc_now
from monitor.config.naming import disabled, no_feed
from monitor.core.publishers import site_of
from monitor.errors import InputError
from monitor.store import feeds

_COLOURS = {State.FAILING: "red", State.HELD: "yellow", State.MOVED: "cyan", State.SILENT: "yellow", State.NEW: "dim"}


class Sort(StrEnum):
    """What the table is sorted by: the worst first, but ids by the alphabet and next polls by their time."""

    ID = "id"
    STATE = "state"
    NEW = "new"
    NEXT = "next"
    EMPTY = "empty"
    FETCH = "fetch"
    LATE = "late"
    GAPS = "gaps"


_BY = f"What to sort by, the worst first: {', '.join(Sort)}."


def register(app: typer.Typer) -> None:
    """Add the command."""
    examples = "`run_monitor.py feeds health --failing`, `run_monitor.py feeds health --sort gaps`"
    app.command("health", epilog=f"Examples: {examples}, `run_monitor.py feeds health bbc-world`")(health)


def health(
    context: typer.Context,
    feed: Annotated[str | None, typer.Argument(metavar="FEED", help="One feed, in full.")] = None,
    *,
    failing: Annotated[bool, typer.Option("--failing", help="Only those that fail.")] = False,
    sort: Annotated[Sort, typer.Option(metavar="KEY", help=_BY)] = Sort.ID,
    as_json: Json = False,
) -> None:
    """Say how each feed fares, and why.

    Columns: time since the last new entry; the pace that suits the feed now, and its interval; time until the next
    poll; share of answers that brought nothing new; how long a fetch takes; how old news is when it is seen; gaps
    (polls at which nothing of the last document was left, so entries were missed).
    """

    async def work(found: App) -> list[Verdict]:
        return await (_fleet(found) if feed is None else _named(found, feed))

    fleet, now = in_app(context, work), utc_now()
    fleet = _ordered([one for one in fleet if not failing or one.state is State.FAILING], sort)
    if as_json:
        for one in fleet:
            print_json(_record(one))
    elif feed is not None:
        table(("", ""), [row for one in fleet for row in _in_full(one, now)])
    else:
        _show(fleet, now)


async def _fleet(found: App) -> list[Verdict]:
    specs, now = found.watched.specs, found.clock()
    return [judged(one, specs[one.id], now) for one in await found.db.read(feeds.health)]


async def _named(found: App, name: str) -> list[Verdict]:
    """Return one feed, also where it is watched no longer."""
    if fleet := [one for one in await _fleet(found) if one.feed.id == name]:
        return fleet
    specs = {spec.id: spec for spec in found.watched.config.feeds}
    if (one := await found.db.read(feeds.resting, name)) is not None:
        return [rested(one, specs.get(name))]
    raise InputError(disabled(name)) if name in specs else no_feed([name], specs)


def _ordered(fleet: list[Verdict], sort: Sort) -> list[Verdict]:
    return sorted(fleet, key=lambda one: (_figure(one, sort), one.feed.id))


def _figure(one: Verdict, sort: Sort) -> float:
    """Return what puts the worst first."""
    feed = one.feed
    figures = {
        Sort.ID: 0,
        Sort.STATE: list(State).index(one.state),
        Sort.NEW: feed.last_new_at.timestamp() if feed.last_new_at else 0,
        Sort.NEXT: feed.next_poll_at.timestamp(),
        Sort.EMPTY: -(one.empty_share or 0),
        Sort.FETCH: -(feed.fetch_ms or 0),
        Sort.LATE: -(feed.lag_s or 0),
        Sort.GAPS: -feed.gaps,
    }
    return figures[sort]


# ── how they are shown ───────────────────────────────────────────────────────────────────────────────────────────────

_WIDTH = 100
_ID = 28
_COLUMNS = (("state", 7), ("new", 6), ("pace", 6), ("usual", 6), ("next", 6), ("empty", 5), ("fetch", 6), ("late", 6))
_GAPS = ("gaps", 4)


def _line(name: str, cells: tuple[str, ...]) -> str:
    widths = [width for _, width in (*_COLUMNS, _GAPS)]
    padded = [
        cell.ljust(width) if not place else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"{name:<{_ID}}  {'  '.join(padded)}"


def _show(fleet: list[Verdict], now: datetime) -> None:
    if not fleet:
        out.print("none")
        return
    out.print(_line("feed", tuple(name for name, _ in (*_COLUMNS, _GAPS))), style="bold", markup=False)
    for one in fleet:
        name, colour = one.feed.id, _COLOURS.get(one.state, "")
        if len(name) > _ID:
            out.print(name, style=colour, markup=False)
            name = ""
        out.print(_line(name, _cells(one, now)), style=colour, markup=False)
        for line in textwrap.wrap(_told(one), _WIDTH - 4, break_on_hyphens=False):
            out.print(f"    {line}", style=colour, markup=False)
        if one.command:
            out.print(f"    accept it: {one.command}", style=colour, markup=False)
    counts = {state: sum(one.state is state for one in fleet) for state in State}
    out.print(", ".join(f"{count} {state}" for state, count in counts.items() if count))


def _told(one: Verdict) -> str:
    """Return what the figures do not say: why a feed is not well, and why its next poll comes when it does."""
    why = one.feed.next_reason
    usual = one.state in (State.FAILING, State.HELD, State.NEW) or why == "on time"
    return "; ".join(filter(None, (one.reason, "" if usual else f"next poll: {why}")))


def _cells(one: Verdict, now: datetime) -> tuple[str, ...]:
    feed = one.feed
    return (
        one.state.value,
        span((now - feed.last_new_at).total_seconds()) if feed.last_new_at else "never",
        span(feed.pace_s) if feed.pace_s is not None else "",
        _usual(one),
        span((feed.next_poll_at - now).total_seconds()) if feed.next_poll_at > now else "now",
        _percent(one.empty_share),
        _milliseconds(feed.fetch_ms),
        span(feed.lag_s) if feed.lag_s is not None else "",
        str(feed.gaps),
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _milliseconds(ms: int | None) -> str:
    if ms is None:
        return ""
    return f"{ms} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def _in_full(one: Verdict, now: datetime) -> list[tuple[str, str]]:
    feed = one.feed
    good = one.answers and f"{feed.empty_polls} of {one.answers} answers ({_percent(one.empty_share)})"
    rows = [
        ("feed", f"{feed.id} ({feed.title})"),
        ("address", feed.url),
        ("state", one.state.value),
        ("reason", one.reason),
        ("last new entry", ago(feed.last_new_at, now)),
        ("last good answer", ago(feed.last_ok_at, now)),
        ("last poll", ago(feed.last_poll_at, now)),
        ("next poll", f"{due(feed.next_poll_at, now)}: {feed.next_reason}" if one.is_watched else "none"),
        ("pace now", span(feed.pace_s) if feed.pace_s is not None else ""),
        ("its interval", _usual(one)),
        ("publisher asks", _asked(one)),
        ("polls", f"{feed.polls}, failed: {feed.failed_polls}"),
        ("nothing new at", good or ""),
        ("unchanged (304) at", f"{feed.not_modified} polls"),
        ("a fetch takes", _milliseconds(feed.fetch_ms)),
        ("news is seen after", span(feed.lag_s) if feed.lag_s is not None else ""),
        ("gaps", str(feed.gaps)),
        ("redirect", _redirect(one, now)),
        ("accept it", one.command or ""),
        *(("warning", warning) for warning in feed.warnings),
    ]
    return [(name, value) for name, value in rows if value]


def _usual(one: Verdict) -> str:
    return span(one.spec.interval.total_seconds()) if one.spec else ""


def _asked(one: Verdict) -> str:
    """Tell what the publisher says of when to come again, and whether that counts."""
    told = "; ".join(_hints(one))
    return f"{told} (does not count: `hints: false`)" if told and one.spec and not one.spec.hints else told


def _hints(one: Verdict) -> Iterator[str]:
    hints = one.feed.hints
    fresh = None if one.feed.fresh_s is None else timedelta(seconds=one.feed.fresh_s)
    spans = (("ttl", hints.ttl), ("updatePeriod", hints.period), ("Cache-Control or Expires", fresh))
    yield from (f"{name} {span(length.total_seconds())}" for name, length in spans if length)
    if hints.skip_hours:
        yield f"skipHours {', '.join(map(str, sorted(hints.skip_hours)))} (UTC)"
    if hints.skip_days:
        yield f"skipDays {', '.join(day_name[day] for day in sorted(hints.skip_days))}"


def _redirect(one: Verdict, now: datetime) -> str:
    move = move_of(one.feed)
    if move is None:
        return ""
    sort = "for good" if move.permanent else "for now"
    sure = "" if one.proposal or not move.permanent else "; not believed yet"
    return f"to {move.to}, {sort} ({move.status}), polls: {move.polls}, first {ago(move.since, now)}{sure}"


def _record(one: Verdict) -> dict[str, object]:
    usual = int(one.spec.interval.total_seconds()) if one.spec else None
    words = {"state": one.state, "reason": one.reason, "interval_s": usual}
    return (
        asdict(one.feed)
        | words
        | {"hints": _hints_record(one)}
        | {
            "empty_share": one.empty_share,
            "proposal": one.proposal,
            "proposal_other_domain": bool(one.proposal) and site_of(one.proposal) != site_of(one.feed.url),
            "proposal_command": one.command,
        }
    )


def _hints_record(one: Verdict) -> dict[str, object]:
    hints = one.feed.hints
    return {
        "ttl_s": hints.ttl and int(hints.ttl.total_seconds()),
        "update_period_s": hints.period and int(hints.period.total_seconds()),
        "fresh_s": one.feed.fresh_s,
        "skip_hours": hints.skip_hours,
        "skip_days": [day_name[day] for day in sorted(hints.skip_days)],
        "count": one.spec.hints if one.spec else None,
    }
