"""Runs the daemon's own parts in this process, on a clock that runs ahead, against the server in another."""

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from monitor import daemon
from monitor.app import App, open_app
from monitor.settings import load_settings
from monitor.store.database import Connection
from tests.soak import plan
from tests.soak.figures import Held, Samples, held
from tests.soak.ledger import RECORDED, Ledger

SPEED = 240
"""Seconds that pass on the simulated clock in one: feeds are due again faster than they can be polled."""

SEED = 20240224
ROOT = Path(__file__).parents[2]


class FastClock:
    """A clock that begins now and runs ahead."""

    def __init__(self) -> None:
        self._began, self._at = time.monotonic(), datetime.now(UTC)

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=SPEED * (time.monotonic() - self._began))


class Failures(io.StringIO):
    """Takes the log, and counts the polls that failed: by feed, and by reason. What should not be there is `odd`."""

    def __init__(self) -> None:
        super().__init__()
        self.feeds: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.odd: list[str] = []

    def write(self, line: str) -> int:
        for event in map(json.loads, line.splitlines()):
            if event["event"] == "poll failed":
                self.feeds[event["feed"]] += 1
                self.reasons[event["reason"]] += 1
            elif event["event"] != "not configured":
                self.odd.append(line)
        return len(line)


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, Ledger]]:
    """Run the server; gives its port, and the ledger, which is filled when it has ended."""
    file = folder / "ledger.json"
    command = [sys.executable, "-m", "tests.soak.server", "--seed", str(SEED), "--ledger", str(file)]
    ledger: Ledger = {}
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), ledger
        finally:
            process.stdin.close()
    assert process.returncode == 0
    ledger |= json.loads(file.read_text(encoding="utf-8"))


def write_feeds(file: Path, port: int) -> None:
    hosts = {plan.name(number): plan.host(number) for number in range(plan.FEEDS)}
    hosts |= {name: f"127.0.9.{number}" for number, name in enumerate(sorted(RECORDED), 1)}
    feeds = [{"id": name, "url": f"http://{host}:{port}/{name}"} for name, host in hosts.items()]
    defaults = {"interval": "1m", "timeout": "1s"}
    file.write_text(f"extends: ukraine\ndefaults: {json.dumps(defaults)}\nfeeds: {json.dumps(feeds)}\n", "utf-8")


def environ(folder: Path) -> dict[str, str]:
    return {
        "MONITOR_DATABASE": f"sqlite:///{folder / 'monitor.db'}",
        "MONITOR_FEEDS": str(folder / "feeds.yaml"),
        "MONITOR_VAR": str(folder),
        "MONITOR_CACHE": str(ROOT / "var" / "cache"),
        "MONITOR_TEMPLATES": str(ROOT / "templates"),
        "MONITOR_ALLOW_PRIVATE": "true",
        "MONITOR_HOST_GAP": "0",
        "MONITOR_CONCURRENCY": "64",
        "MONITOR_DISK_FREE_MB": "0",
        "MONITOR_MAX_WIRE_BYTES": str(4 * 2**20),
        "MONITOR_MAX_BODY_BYTES": str(16 * 2**20),
    }


async def soak(folder: Path, samples: Samples, minutes: float) -> tuple[Held, Held]:
    """Run the daemon for the time; returns what this process held before and after."""
    before = held()
    values = environ(folder)
    async with open_app(load_settings(values, None), values, clock=FastClock(), upgrade=True) as app:
        watching = asyncio.create_task(_watch(app, samples, folder, minutes))
        await daemon.live(app)
        await watching
    await asyncio.get_running_loop().shutdown_default_executor()
    return before, held()


async def _watch(app: App, samples: Samples, folder: Path, minutes: float) -> None:
    """Take a sample a second; when the time is over tell the daemon to end, as its service manager would."""
    began = time.monotonic()
    never = asyncio.get_running_loop().create_future()
    try:
        while (passed := time.monotonic() - began) < 60 * minutes:
            await asyncio.wait([never], timeout=1)
            polls = await app.db.read(_count_polls)
            samples.add(polls, held(), (folder / "monitor.db-wal").stat().st_size / 2**20)
            if sys.stderr.isatty():
                told = f"{passed / 60:5.1f} of {minutes:g} min, {polls:,} polls, {samples.taken[-1][1].rss:.0f} MiB"
                print(f"\r{told}", end="", file=sys.stderr, flush=True)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def _count_polls(conn: Connection) -> int:
    return int(conn.execute(text("SELECT sum(polls) FROM feed")).scalar_one())
