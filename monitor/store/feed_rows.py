"""How a feed's hints, and where it has moved, stand in its row."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row

from monitor.core.model import NO_HINTS, Hints, Move


def span_of(seconds: int | None) -> timedelta | None:
    """Return a length of time that is stored in seconds."""
    return None if seconds is None else timedelta(seconds=seconds)


def seconds_of(span: timedelta | None) -> int | None:
    """Return a length of time as it is stored."""
    return None if span is None else int(span.total_seconds())


def hints_of(stored: dict[str, Any] | None) -> Hints:
    """Return a document's hints."""
    if not stored:
        return NO_HINTS
    hours, days = frozenset(stored["skip_hours"]), frozenset(stored["skip_days"])
    ttl, period = span_of(stored.get("ttl_s")), span_of(stored.get("period_s"))
    return Hints(ttl=ttl, period=period, skip_hours=hours, skip_days=days)


def hints_row(hints: Hints) -> dict[str, Any] | None:
    """Return hints as they are stored."""
    if hints == NO_HINTS:
        return None
    return {
        "ttl_s": seconds_of(hints.ttl),
        "period_s": seconds_of(hints.period),
        "skip_hours": sorted(hints.skip_hours),
        "skip_days": sorted(hints.skip_days),
    }


def move_of(row: Row[Any]) -> Move | None:
    """Return where a feed has moved, None where it has not."""
    if row.redirected_to is None:
        return None
    return Move(
        to=row.redirected_to,
        status=row.redirect_status,
        permanent=row.redirect_permanent,
        polls=row.redirect_polls,
        since=row.redirect_since or row.last_poll_at,
        used=row.redirect_used,
    )


MOVED_NOWHERE: dict[str, Any] = {
    "redirected_to": None,
    "redirect_status": None,
    "redirect_polls": 0,
    "redirect_permanent": False,
    "redirect_used": False,
    "redirect_since": None,
}


_GIVEN_NOWHERE = {f"new_{name}": value for name, value in MOVED_NOWHERE.items()}


def move_row(move: Move | None) -> dict[str, Any]:
    """Return a move as the parameters of an update."""
    if move is None:
        return _GIVEN_NOWHERE
    return {
        "new_redirected_to": move.to,
        "new_redirect_status": move.status,
        "new_redirect_polls": move.polls,
        "new_redirect_permanent": move.permanent,
        "new_redirect_used": move.used,
        "new_redirect_since": move.since,
    }
