"""`feeds health`: how each feed fares, in words; and one feed in full."""

import shlex
import textwrap
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from monitor.app import App
from monitor.cli.session import Json, ago, due, in_app, near, out, print_json, span, table
from monitor.clock import utc_now
from monitor.core.cadence import is_held
from monitor.core.model import Move
from monitor.core.moves import is_confirmed
from monitor.core.publishers import site_of
from monitor.errors import InputError
from monitor.notify import SILENT_AFTER
from monitor.store import feeds
from monitor.store.feeds import FeedHealth


class State(StrEnum):
    """How a feed fares, the worst first."""

    FAILING = "failing"
    HELD = "held"
    MOVED = "moved"
    SILENT = "silent"
    NEW = "new"
    WELL = "well"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A feed's figures, and what they mean. `proposal` is the address to which it has moved for good."""

    feed: FeedHealth
    interval: timedelta
    state: State
    reason: str
    proposal: str | None

    @property
    def empty_share(self) -> float | None:
        """The share of polls that brought nothing new; None before the first poll."""
        return self.feed.empty_polls / self.feed.polls if self.feed.polls else None

    @property
    def command(self) -> str | None:
        """What accepts the proposal."""
        if self.proposal is None:
            return None
        return f"run_monitor.py feeds repair {self.feed.id} --to {shlex.quote(self.proposal)} --yes"


def register(app: typer.Typer) -> None:
    """Add the command."""
    examples = "`run_monitor.py feeds health --failing`, `run_monitor.py feeds health --sort gaps`"
    app.command("health", epilog=f"Examples: {examples}, `run_monitor.py feeds health bbc-world`")(health)


def health(
    context: typer.Context,
    feed: Annotated[str | None, typer.Argument(metavar="FEED", help="One feed, in full.")] = None,
    *,
    failing: Annotated[bool, typer.Option("--failing", help="Only those that fail.")] = False,
    sort: Annotated[Sort, typer.Option(help="What to sort by, the worst first.")] = Sort.ID,
    as_json: Json = False,
) -> None:
    """Say how each feed fares, and why.

    Columns: time since the last new entry; the pace that suits the feed now, and its interval; time until the next
    poll; share of polls that brought nothing new; how long a fetch takes; how old news is when it is seen; gaps (polls
    at which nothing of the last document was left, so entries were missed).
    """

    async def work(found: App) -> list[Verdict]:
        specs, now = found.watched.specs, found.clock()
        return [judged(one, specs[one.id].interval, now) for one in await found.db.read(feeds.health)]

    fleet = in_app(context, work)
    now = utc_now()
    if feed is not None:
        fleet = [one for one in fleet if one.feed.id == feed] or _unknown(feed, fleet)
    fleet = _ordered([one for one in fleet if not failing or one.state is State.FAILING], sort)
    if as_json:
        for one in fleet:
            print_json(_record(one))
    elif feed is not None:
        table(("", ""), [row for one in fleet for row in _in_full(one, now)])
    else:
        _show(fleet, now)


def _unknown(name: str, fleet: list[Verdict]) -> list[Verdict]:
    raise InputError(f"no feed {name!r} is watched{near(name, (one.feed.id for one in fleet))}")


# ── what the figures mean ────────────────────────────────────────────────────────────────────────────────────────────


def judged(one: FeedHealth, interval: timedelta, now: datetime) -> Verdict:
    """Say in words how a feed fares."""
    move = _move(one)
    proposal = move.to if move and (move.used or is_confirmed(move, now)) else None
    state, reason = _state(one, proposal, now)
    return Verdict(feed=one, interval=interval, state=state, reason=reason, proposal=proposal)


def _state(one: FeedHealth, proposal: str | None, now: datetime) -> tuple[State, str]:
    if one.failures:
        return State.FAILING, f"{one.failure_kind} ×{one.failures}{_since(one, now)}: {one.failure_detail}"
    if is_held(one.next_reason) and one.next_poll_at > now:
        return State.HELD, one.next_reason
    if proposal is not None:
        return State.MOVED, _moved(one, proposal)
    if not one.polls:
        return State.NEW, "not polled yet"
    silence = _silence(one.last_new_at, now)
    return (State.SILENT, silence) if silence else (State.WELL, "")


def _silence(last_new: datetime | None, now: datetime) -> str:
    if last_new is None:
        return "it has had no entry yet"
    return f"nothing new since {last_new:%Y-%m-%d %H:%M} UTC" if now - last_new > SILENT_AFTER else ""


def _since(one: FeedHealth, now: datetime) -> str:
    return f" for {span((now - one.failing_since).total_seconds())}" if one.failing_since else ""


def _moved(one: FeedHealth, to: str) -> str:
    if one.redirect_used:
        return f"its server sends it to {to} for good; that address is asked, the file still has the old one"
    if site_of(to) != site_of(one.url):
        return f"its server sends it to {to} for good: another domain, which needs your yes"
    return f"its server sends it to {to} for good"


def _move(one: FeedHealth) -> Move | None:
    if one.redirected_to is None or one.redirect_since is None:
        return None
    return Move(
        to=one.redirected_to,
        status=one.redirect_status or 0,
        permanent=one.redirect_permanent,
        polls=one.redirect_polls,
        since=one.redirect_since,
        used=one.redirect_used,
    )


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
        span(one.interval.total_seconds()),
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
    good = feed.polls and f"{feed.empty_polls} of {feed.polls} polls ({_percent(one.empty_share)})"
    rows = [
        ("feed", f"{feed.id} ({feed.title})"),
        ("address", feed.url),
        ("state", one.state.value),
        ("reason", one.reason),
        ("last new entry", ago(feed.last_new_at, now)),
        ("last good answer", ago(feed.last_ok_at, now)),
        ("last poll", ago(feed.last_poll_at, now)),
        ("next poll", f"{due(feed.next_poll_at, now)}: {feed.next_reason}"),
        ("pace now", span(feed.pace_s) if feed.pace_s is not None else ""),
        ("its interval", span(one.interval.total_seconds())),
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


def _redirect(one: Verdict, now: datetime) -> str:
    move = _move(one.feed)
    if move is None:
        return ""
    sort = "for good" if move.permanent else "for now"
    sure = "" if one.proposal or not move.permanent else "; not believed yet"
    return f"to {move.to}, {sort} ({move.status}), polls: {move.polls}, first {ago(move.since, now)}{sure}"


def _record(one: Verdict) -> dict[str, object]:
    words = {"state": one.state, "reason": one.reason, "interval_s": int(one.interval.total_seconds())}
    return (
        asdict(one.feed)
        | words
        | {
            "empty_share": one.empty_share,
            "proposal": one.proposal,
            "proposal_other_domain": bool(one.proposal) and site_of(one.proposal) != site_of(one.feed.url),
            "proposal_command": one.command,
        }
    )
