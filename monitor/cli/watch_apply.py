"""`watch reload` and `watch rematch`: an edit counts now, and for the past too."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Annotated, TypeAlias

import typer

from monitor.app import App
from monitor.cli.opened import in_app
from monitor.cli.past import progress
from monitor.cli.session import Json, out, print_json, session
from monitor.cli.since import moment
from monitor.clock import utc_now
from monitor.config import load_watched
from monitor.core.model import RuleKind
from monitor.daemon import Holder, lock_path, running
from monitor.errors import ConfigError, InputError, MonitorError
from monitor.reload import look
from monitor.settings import Settings
from monitor.storage import open_database
from monitor.store import configurations, rematches, rules
from monitor.store.configurations import Configuration
from monitor.store.database import Connection, Database
from monitor.store.rematches import Rematch

PATIENCE_S = 120.0
"""How long the daemon may take; it needs seconds, of which the compiling was done here."""

LOOK_S = 0.1

Past: TypeAlias = Annotated[
    str | None,
    typer.Option("--since", metavar="WHEN", help="Only entries seen since: 30d, 12h, 2026-11-01; else all of them."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("reload", epilog="Examples: `run_monitor.py watch reload`, `run_monitor.py watch reload --rematch`")(
        reload
    )
    app.command(
        "rematch",
        epilog="Examples: `run_monitor.py watch rematch`, `run_monitor.py watch rematch --since 30d --json`",
    )(rematch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an edit did to the rules that are watched: names such as `topic:drones`."""

    new: list[str]
    changed: list[str]
    removed: list[str]


def reload(
    context: typer.Context,
    *,
    again: Annotated[bool, typer.Option("--rematch", help="Match the stored entries anew, too.")] = False,
    since: Past = None,
    as_json: Json = False,
) -> None:
    """Check the file of feeds and have the daemon take it up at once; say what changed.

    A saved edit is taken up by itself within seconds: this is for those who want to see it. Exit code 2 when the file
    has mistakes: the daemon goes on with the last good one.
    """
    here = session(context)
    settings = here.settings()
    if since is not None and not again:
        raise InputError("--since says how far back --rematch goes; write both")
    then = moment(since, utc_now()) if since else None
    config = load_watched(settings.feeds, environ=here.environ, folder=settings.cache, kept=settings.packs)
    daemon = _daemon(settings)
    with _database(settings) as db:
        change = _taken_up(db, settings, daemon) if daemon else None
        job = db.run_now(rematches.ask, then, utc_now()) if again else None
    if as_json:
        state = {"daemon": daemon and daemon.process, "rules": len(config.watchlist.rules), "feeds": len(config.feeds)}
        print_json(state | {"change": change and asdict(change), "rematch": job and asdict(job)})
        return
    for line in _told(settings, change, job):
        out.print(line, markup=False)


def rematch(
    context: typer.Context,
    *,
    since: Past = None,
    now: Annotated[bool, typer.Option("--now", help="Do it here and wait for it; while no daemon runs.")] = False,
    as_json: Json = False,
) -> None:
    """Match the stored entries anew by what is watched now. What is found so is listed, and never mailed as news.

    The daemon does it in the background; `status` tells how far it is. Without a daemon it is done here, and what was
    interrupted goes on where it stood.
    """
    here = session(context)
    settings = here.settings()
    then = moment(since, utc_now()) if since else None
    daemon = _daemon(settings)
    if daemon and now:
        raise InputError(f"the daemon (process {daemon.process}) does it: leave out --now, and follow it with `status`")
    job = _asked(settings, then) if daemon else in_app(context, lambda app: _work_off(app, then))
    if as_json:
        print_json(job)
    elif job.finished_at is None:
        out.print(_asked_for(job))
    else:
        out.print(f"matched {job.done:,} entries anew: {job.added:,} hits added, {job.dropped:,} dropped")


# ── the daemon ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _daemon(settings: Settings) -> Holder | None:
    """Return the daemon. Raises InputError where it runs with another file."""
    found = running(lock_path(settings))
    if found and found.config is not None and found.config != settings.feeds.resolve():
        raise InputError(
            f"the daemon (process {found.process}) runs with {found.config}, not with {settings.feeds.resolve()}; "
            f"name that one: --config {found.config}"
        )
    return found


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    db = open_database(settings)
    try:
        yield db
    finally:
        db.close()


def _taken_up(db: Database, settings: Settings, daemon: Holder) -> Change:
    """Tell the daemon and wait until it has read the file as it stands. Raises ConfigError where it refuses it."""
    before, texts = db.read_now(_state)
    try:
        os.kill(daemon.process, signal.SIGHUP)
    except OSError as error:
        raise MonitorError(
            f"process {daemon.process} cannot be told ({error.strerror}): run this as the daemon's user, "
            "or wait some seconds: it takes the edit up by itself"
        ) from error
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and running(lock_path(settings)) is not None:
        last, now = db.read_now(_state)
        if last and last.number > (before.number if before else 0) and last.digest == look(settings.feeds).digest:
            if last.findings:
                raise ConfigError(last.findings)
            return _change(texts, now)
        time.sleep(LOOK_S)
    raise MonitorError(f"the daemon (process {daemon.process}) did not take the file up; its log says why")


_Texts: TypeAlias = Mapping[tuple[RuleKind, str], str]


def _state(conn: Connection) -> tuple[Configuration | None, _Texts]:
    return configurations.last(conn), {(kind, name): text for kind, name, text in rules.current(conn)}


def _change(before: _Texts, now: _Texts) -> Change:
    return Change(
        new=[f"{kind}:{name}" for kind, name in now if (kind, name) not in before],
        changed=[f"{kind}:{name}" for (kind, name), text in now.items() if before.get((kind, name), text) != text],
        removed=[f"{kind}:{name}" for kind, name in before if (kind, name) not in now],
    )


def _told(settings: Settings, change: Change | None, job: Rematch | None) -> Iterator[str]:
    if change is None:
        yield f"{settings.feeds} is sound; no daemon runs, so it counts from its next start"
    else:
        parts = [f"{what}: {', '.join(names)}" for what, names in asdict(change).items() if names]
        yield f"{settings.feeds} is taken up; {'; '.join(parts) or 'no rule is another than before'}"
    if job:
        yield _asked_for(job)


def _asked_for(job: Rematch) -> str:
    since = f" seen since {job.since:%Y-%m-%d %H:%M} UTC" if job.since else ""
    return (
        f"{job.total:,} entries{since} are matched anew in the background; `run_monitor.py status` tells how far it is"
    )


# ── in the foreground ────────────────────────────────────────────────────────────────────────────────────────────────


def _asked(settings: Settings, since: datetime | None) -> Rematch:
    with _database(settings) as db:
        return db.run_now(rematches.ask, since, utc_now())


async def _work_off(app: App, since: datetime | None) -> Rematch:
    job = await app.db.run(rematches.ask, since, app.clock())
    with progress("matching", job.total) as advance:
        done = 0

        def tell(job: Rematch) -> None:
            nonlocal done
            advance(job.done - done)
            done = job.done

        return await replace(app.rematcher, rest=0).work_off(tell) or job
