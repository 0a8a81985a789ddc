"""What a command is given: settings when it asks for them, and ways to speak to a person or to a program."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from monitor import logs
from monitor.config import Config, load_config
from monitor.errors import InputError
from monitor.settings import Settings, environment, load_settings
from monitor.values import mail_address

PIPED_WIDTH = 1000
"""Columns of what is not shown on a terminal: there nobody wants an address broken over two lines."""

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPED_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass(slots=True)
class Session:
    """One call of the program: its environment and its global options."""

    environ: Mapping[str, str] = field(repr=False)
    env_file: Path
    config: Path | None

    def settings(self) -> Settings:
        """Read the settings and set up the logs. Raises ConfigError."""
        settings = load_settings(self.environ, self.env_file)
        self.environ = environment(self.environ, self.env_file)
        if self.config is not None:
            settings = settings.model_copy(update={"feeds": self.config})
        logs.configure(settings.log_format, settings.log_level)
        return settings

    def configuration(self, settings: Settings | None = None) -> Config:
        """Read feeds.yaml and the built-in watchlist that counts for it. Raises ConfigError."""
        settings = settings or self.settings()
        return load_config(settings.feeds, environ=self.environ, kept=settings.packs)


def session(context: typer.Context) -> Session:
    """Return the session that the global options made."""
    found = context.obj
    assert isinstance(found, Session)
    return found


def print_json(value: object) -> None:
    """Print a value as JSON, one line an object."""
    typer.echo(json.dumps(value, default=_plain, ensure_ascii=False))


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, frozenset | set):
        return sorted(value)
    return str(value)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str | None = None) -> None:
    """Print a table that stays readable when it is piped into a file; `none` where it has no rows."""
    if not rows:
        out.print("none")
        return
    grid = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    out.print(grid, soft_wrap=False)


def near(name: str, known: Iterable[str]) -> str:
    """Return a hint at the nearest known word, or nothing."""
    found = get_close_matches(name, list(known), 1)
    return f", did you mean {found[0]!r}?" if found else ""


def address(text: str) -> str:
    """Return a reader's address as it is stored. Raises InputError."""
    try:
        return mail_address(text)
    except ValueError as error:
        raise InputError(f"{text!r} {error}") from None


def due(moment: datetime | None, now: datetime) -> str:
    """Tell when something comes: `in 2 h`, or `due now`."""
    if moment is None:
        return "none"
    return ago(moment, now) if moment > now else "due now"


def ago(moment: datetime | None, now: datetime) -> str:
    """Tell a moment by its distance from now: `5 min ago`, `in 2 h`."""
    if moment is None:
        return "never"
    seconds = int((moment - now).total_seconds())
    size = span(abs(seconds))
    return f"in {size}" if seconds > 0 else f"{size} ago"


def span(seconds: float) -> str:
    """Tell a length of time in one figure, rounded: `40 s`, `15 min`, `3 h`, `12 d`."""
    for limit, unit, name in ((90, 1, "s"), (7_200, 60, "min"), (172_800, 3600, "h")):
        if round(seconds / unit) * unit < limit:
            return f"{round(seconds / unit)} {name}"
    return f"{round(seconds / 86_400)} d"
