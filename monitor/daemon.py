"""The life of the process: one daemon a database, signals, ticks, and an orderly end."""

import asyncio
import fcntl
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from monitor import logs, web
from monitor.app import App, open_app
from monitor.engine.local import Handler, LocalEngine
from monitor.errors import InputError
from monitor.settings import Settings
from monitor.store import outbox
from monitor.store.database import sqlite_file

log = logs.get()

DRAIN_JOBS = timedelta(seconds=4)
DRAIN_POLLS = timedelta(seconds=3)
"""Together under the ten seconds that service managers give before they kill."""

TICKS = {
    "poll": 1.0,
    "plan-digests": 5.0,
    "send": 2.0,
    "reload": 2.0,
    "rematch": 1.0,
    "look-around": 60.0,
    "housekeep": 3600.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a database's lock: its process, and the file of feeds that it runs with."""

    process: int
    config: Path | None


@contextmanager
def only_one(path: Path, config: Path) -> Iterator[None]:
    """Hold the lock file of a database, and write into it who does and with which configuration.

    Raises InputError while another process holds it; it falls with its holder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.readline().strip() or "unknown"
            raise InputError(f"another daemon (process {holder}) works on this database; its lock is {path}") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n{config.resolve()}\n")
        file.flush()
        yield


def running(path: Path) -> Holder | None:
    """Return who holds a database's lock file, None where nobody does."""
    try:
        with path.open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                process, _, config = file.read().partition("\n")
                return Holder(process=int(process or 0), config=Path(config.rstrip("\n")) if config else None)
    except (OSError, ValueError):
        return None
    return None


def lock_path(settings: Settings) -> Path:
    """Return the lock file of the configured database."""
    file = sqlite_file(settings.database)
    return file.resolve().with_suffix(f"{file.suffix}.lock") if file else settings.var / "daemon.lock"


async def run(settings: Settings, environ: Mapping[str, str]) -> None:
    """Run until SIGTERM or SIGINT. Raises ConfigError, InputError or StoreError when it cannot start.

    Pages are served as long as the database is open: readers may leave while the last mails go out.
    """
    with only_one(lock_path(settings), settings.feeds):
        async with open_app(settings, environ, upgrade=True) as app, web.serving(app):
            await live(app)


async def live(app: App) -> None:
    """Do the daemon's work with an open app until told to stop, then end in order."""
    stop = asyncio.Event()
    engine = _engine(app)
    loop = asyncio.get_running_loop()

    def end() -> None:
        app.cell.going = False
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    engine.job("reload-now", app.reloader.now)
    loop.add_signal_handler(signal.SIGHUP, engine.kick, "reload-now")
    repaired = await app.db.run(outbox.repair, app.clock(), hold=app.notifier.hold_unknown)
    await app.notifier.recovered("configuration")  # it was just read: somebody mended it while we were down
    log.info("started", feeds=len(app.watched.specs), database=app.db.engine.url.render_as_string(), repaired=repaired)
    for lacking, what in ((app.mailer, "mail server: digests wait"), (app.settings.operator, "operator to tell")):
        if lacking is None:
            log.warning("not configured", what=what)
    await engine.run(stop)
    await app.fleet.drain(DRAIN_POLLS)
    log.info("stopped")


def _engine(app: App) -> LocalEngine:
    engine = LocalEngine(drain=DRAIN_JOBS)
    jobs: dict[str, Handler] = {
        "poll": app.fleet.start_due,
        "plan-digests": app.planner.plan_due,
        "send": app.send_mail,
        "reload": app.reloader.if_edited,
        "rematch": app.rematcher.work_off,
        "look-around": app.look_around,
        "housekeep": app.housekeep,
    }
    for name, handler in jobs.items():
        engine.job(name, handler)
        engine.every(TICKS[name], name)
    return engine
