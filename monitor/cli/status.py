"""`status`: is it well, what is failing, what comes next: one screen."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typer

from monitor.cli.session import Json, ago, due, out, print_json, session, table
from monitor.clock import utc_now
from monitor.config.load import pack_of, read_source
from monitor.daemon import lock_path, running
from monitor.errors import ConfigError
from monitor.settings import Settings
from monitor.storage import open_database
from monitor.store import configurations, entries, feeds, maintenance, outbox, problems, rematches, subscribers
from monitor.store.configurations import Configuration
from monitor.store.database import Connection
from monitor.store.rematches import Rematch

SHOWN = 8


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status", epilog="Example: `run_monitor.py status --json`")(status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All that one screen says. `well` is False when something needs a person.

    `daemon` is its process, `daemon_config` the file of feeds that it runs with, `config` the one that was asked for.
    `pack` tells of a built-in watchlist that is not the one that the file wishes, or of a newer one that waits.
    `watchlist` is what became of the last edit, `rematch` how far the past is matched anew, `last_rematch` what the
    last time gave.
    """

    well: bool
    daemon: int | None
    daemon_config: Path | None
    config: Path
    pack: str | None
    version: str
    watched: int
    never_polled: int
    failing: list[feeds.FeedHealth]
    last_poll_at: datetime | None
    next_poll_at: datetime | None
    entries: dict[str, int]
    subscribers: int
    next_digest_at: datetime | None
    mail: outbox.OutboxCounts
    problems: list[problems.Problem]
    watchlist: Configuration | None
    rematch: Rematch | None
    last_rematch: Rematch | None
    disk_free_mb: int


def status(context: typer.Context, *, as_json: Json = False) -> None:
    """Say whether all is well, what is failing and what comes next. Exit code 1 when something needs a person."""
    settings = session(context).settings()
    db = open_database(settings)
    try:
        found = db.read_now(_look, settings, maintenance.versions(db.engine)[1])
    finally:
        db.close()
    if as_json:
        print_json(found)
    else:
        _show(found, utc_now())
    if not found.well:
        raise typer.Exit(1)


def _look(conn: Connection, settings: Settings, version: str) -> Status:
    fleet = feeds.health(conn)
    open_problems = problems.current(conn)
    daemon = running(lock_path(settings))
    return Status(
        well=not open_problems and daemon is not None,
        daemon=daemon.process if daemon else None,
        daemon_config=daemon.config if daemon else None,
        config=settings.feeds.resolve(),
        pack=_pack(settings),
        version=version,
        watched=len(fleet),
        never_polled=sum(not one.polls for one in fleet),
        failing=sorted((one for one in fleet if one.failures), key=lambda one: -one.failures),
        last_poll_at=max((one.last_poll_at for one in fleet if one.last_poll_at), default=None),
        next_poll_at=feeds.next_due(conn),
        entries=entries.count(conn),
        subscribers=subscribers.count(conn),
        next_digest_at=outbox.next_digest(conn),
        mail=outbox.counts(conn),
        problems=open_problems,
        watchlist=configurations.last(conn),
        rematch=rematches.running(conn),
        last_rematch=rematches.last(conn),
        disk_free_mb=shutil.disk_usage(settings.var if settings.var.exists() else ".").free // 2**20,
    )


def _pack(settings: Settings) -> str | None:
    """Tell what a person should know of the built-in watchlist; nothing of a file with mistakes."""
    try:
        source = read_source(settings.feeds, environ={})
        pack = pack_of(source, kept=settings.packs)
    except ConfigError:
        return None
    return next(iter(pack.warnings), pack.waiting) if pack else None


def _headline(found: Status) -> str:
    if not found.well:
        return "[red]needs attention[/]"
    few = f", but {len(found.failing)} of {found.watched} feeds fail" if found.failing else ""
    return f"[yellow]no problem is open{few}[/]" if few else "[green]all is well[/]"


def _elsewhere(found: Status) -> str:
    """Say that the daemon watches by another file than the one that was asked for; nothing where it does not."""
    if found.daemon_config is None or found.daemon_config == found.config:
        return ""
    return f"the daemon runs with {found.daemon_config}, not with {found.config}: edits of that one do not reach it"


def _watchlist(last: Configuration | None, now: datetime) -> str:
    if last is None:
        return "not read yet"
    taken = f"taken up {ago(last.taken_at, now)}"
    if not last.findings:
        return taken
    count = len(last.findings)
    return f"{taken}; the edit of {ago(last.read_at, now)} was refused, {count} mistake{'s' if count != 1 else ''}"


def _past(found: Status, now: datetime) -> str:
    """Tell of matching the past anew; nothing where it never was."""
    if job := found.rematch:
        return f"{job.done:,} of {max(job.done, job.total):,} entries matched anew, {_changes(job)}"
    if job := found.last_rematch:
        return f"{job.done:,} entries matched anew {ago(job.finished_at, now)}, {_changes(job)}"
    return ""


def _changes(job: Rematch) -> str:
    return f"hits: {job.added:,} added, {job.dropped:,} dropped"


def _show(found: Status, now: datetime) -> None:
    out.print(_headline(found), style="bold")
    daemon = f"running (process {found.daemon})" if found.daemon else "not running: start it with `run`"
    mail = ", ".join(f"{count} {state}" for state, count in sorted(found.mail.states.items())) or "none yet"
    waiting = f"; the oldest has waited since {ago(found.mail.oldest, now)}" if found.mail.oldest else ""
    failing = f", {len(found.failing)} failing" if found.failing else ""
    unseen = f", {found.never_polled} not polled yet" if found.never_polled else ""
    rows = [
        ("daemon", daemon),
        ("feeds", f"watched: {found.watched}{failing}{unseen}"),
        ("watchlist", _watchlist(found.watchlist, now)),
        *([("past", past)] if (past := _past(found, now)) else []),
        ("polls", f"last {ago(found.last_poll_at, now)}, next {due(found.next_poll_at, now)}"),
        ("entries", ", ".join(f"{count:,} {name}" for name, count in found.entries.items())),
        ("digests", f"subscribers: {found.subscribers}, next {due(found.next_digest_at, now)}"),
        ("mail", mail + waiting),
        ("disk", f"{found.disk_free_mb:,} MB free; database version {found.version}"),
    ]
    table(("", ""), rows)
    if elsewhere := _elsewhere(found):
        out.print(elsewhere, style="yellow", markup=False)
    if found.pack:
        out.print(found.pack, style="yellow", markup=False)
    for problem in found.problems:
        out.print(
            f"problem since {ago(problem.since, now)}: {problem.key}: {problem.detail}", style="red", markup=False
        )
    if found.failing:
        shown = found.failing[:SHOWN]
        table(
            ("failing feed", "reason", "since", "next try"),
            [
                (
                    one.id,
                    f"{one.failure_kind}: {one.failure_detail}",
                    ago(one.failing_since, now),
                    ago(one.next_poll_at, now),
                )
                for one in shown
            ],
        )
        if len(found.failing) > SHOWN:
            out.print(f"and {len(found.failing) - SHOWN} more: run_monitor.py feeds health --failing")
