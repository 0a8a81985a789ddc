"""`--since`: from when on, as a person writes it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeAlias

import typer

from monitor.errors import InputError

_SPAN = re.compile(r"(\d{1,5})\s*([dhw])")
_HOURS = {"h": 1, "d": 24, "w": 168}

Since: TypeAlias = Annotated[
    str, typer.Option("--since", metavar="WHEN", help="How far back: 30d, 12h, 4w, or from a day on: 2026-11-01 (UTC).")
]


def moment(text: str, now: datetime) -> datetime:
    """Return the moment (UTC) that is so long before now, or at which the day begins. Raises InputError."""
    if found := _SPAN.fullmatch(text.strip().lower()):
        then = now - timedelta(hours=int(found[1]) * _HOURS[found[2]])
    else:
        then = _day(text)
    if then >= now:
        raise InputError(f"--since {text!r} is not in the past; write a span such as 30d, or an earlier day")
    return then


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        problem = f"--since {text!r} is no span and no day; write 30d, 12h, 4w, or a day such as 2026-11-01"
        raise InputError(problem) from None
