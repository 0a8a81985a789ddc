"""What a feed's figures mean: its state in a word, the reason in a line."""

import shlex
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.cli.session import span
from monitor.core.cadence import is_held
from monitor.core.model import FeedSpec, Move
from monitor.core.moves import is_confirmed
from monitor.core.publishers import site_of
from monitor.notify import SILENT_AFTER
from monitor.store.feeds import FeedHealth


class State(StrEnum):
    """How a feed fares, the worst first; the last two are watched no longer."""

    FAILING = "failing"
    HELD = "held"
    MOVED = "moved"
    SILENT = "silent"
    NEW = "new"
    WELL = "well"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A feed's figures, and what they mean. `proposal` is the address to which it has moved for good.

    `spec` is what the file says of it, None where it is there no longer.
    """

    feed: FeedHealth
    spec: FeedSpec | None
    state: State
    reason: str
    proposal: str | None

    @property
    def empty_share(self) -> float | None:
        """The share of answers that brought nothing new; None before the first answer."""
        return self.feed.empty_polls / self.answers if self.answers else None

    @property
    def answers(self) -> int:
        """How many polls did not fail."""
        return self.feed.polls - self.feed.failed_polls

    @property
    def is_watched(self) -> bool:
        """Tell whether it is still polled."""
        return self.state not in (State.DISABLED, State.REMOVED)

    @property
    def command(self) -> str | None:
        """What accepts the proposal."""
        if self.proposal is None:
            return None
        return f"run_monitor.py feeds repair {self.feed.id} --to {shlex.quote(self.proposal)} --yes"


def judged(one: FeedHealth, spec: FeedSpec, now: datetime) -> Verdict:
    """Say in words how a feed fares."""
    move = move_of(one)
    proposal = move.to if move and (move.used or is_confirmed(move, now)) else None
    state, reason = _state(one, proposal, now)
    return Verdict(feed=one, spec=spec, state=state, reason=reason, proposal=proposal)


def rested(one: FeedHealth, spec: FeedSpec | None) -> Verdict:
    """Say in words why a feed is watched no longer."""
    if spec is not None:
        state, reason = State.DISABLED, "`enabled: false` in the file"
    else:
        state, reason = State.REMOVED, "not in the file; what it brought stays stored, and its id takes it up again"
    return Verdict(feed=one, spec=spec, state=state, reason=reason, proposal=None)


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


def move_of(one: FeedHealth) -> Move | None:
    """Return where its redirects lead."""
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
