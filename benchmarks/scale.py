"""How the cost of watching grows with the number of feeds: 1,000, 10,000 and 100,000 of them, on a simulated clock.

Each number runs in a fresh process with a real database (SQLite) and the real fleet; only the network is left out: a
fetch answers at once, nine times in ten that nothing changed, else with a small document of two new entries.
Shown are the CPU of a poll, the CPU of a tick that finds nothing due (as share of the second between two ticks), the
memory that a feed takes, and the peak. The peer is a job a feed in APScheduler's own memory store, of which only the
tick and the memory are comparable; the limit is a heap of the same moments.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from heapq import heapify
from itertools import count
from pathlib import Path
from time import process_time
from typing import ParamSpec, TypeVar

from apscheduler.schedulers.background import BackgroundScheduler
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import Connection, bindparam, update

from benchmarks.memory import MB, memory_mb
from benchmarks.tables import Goal, plain_table
from monitor import logs
from monitor.core.model import FeedSpec, FeedState, Fetched, FetchResult, NotModified, WatchSpec
from monitor.core.publishers import directory
from monitor.core.watchlist import compile_watchlist
from monitor.fleet import Fleet
from monitor.poll import Poller, Watch
from monitor.store import feeds, maintenance, schema
from monitor.store.database import Database
from monitor.store.rules import sync_rules

P = ParamSpec("P")
T = TypeVar("T")

ROOT = Path(__file__).parents[1]
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
POLLS = 3_000
"""So many polls are measured, however many feeds there are."""

TOGETHER = 100
"""How many feeds are due at a tick of the simulation."""

PERIOD = timedelta(minutes=15)
TICKS = 100
CHANGED = 0.1
FEEDS_A_HOST = 3
FLAT = 1.3
TICK_SHARE = 0.02
PEAK_MB, PEAK_FEEDS = 400.0, 10_000
EXAMPLES = """examples:
  python -m benchmarks.scale
  python -m benchmarks.scale --feeds 1000 10000 --json"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What so many feeds cost one way: microseconds of CPU, bytes a feed, and MB at the peak; None: not comparable."""

    way: str
    feeds: int
    poll_us: float | None
    tick_us: float | None
    feed_bytes: float
    peak_mb: float


class Clock:
    """The time of the simulation."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """Tell it."""
        return self.now


# ── ours ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def specs_of(number: int) -> dict[str, FeedSpec]:
    """Invent feeds, three to a host."""
    return {
        f"f{at:06}": FeedSpec(id=f"f{at:06}", title=f"Outlet {at}", url=f"https://h{at // FEEDS_A_HOST}.example/{at}")
        for at in range(number)
    }


def document(number: int, now: datetime) -> Fetched:
    """Invent a document of two entries that no other has."""
    items = "".join(
        f"<item><title>Report {at} from the town hall</title><link>https://example.org/{at}</link><guid>{at}</guid>"
        f"<pubDate>{format_datetime(now)}</pubDate></item>"
        for at in (number * 2, number * 2 + 1)
    )
    body = f'<rss version="2.0"><channel><title>Outlet</title>{items}</channel></rss>'.encode()
    return Fetched(url="https://example.org/feed", body=body, body_hash=sha256(body).hexdigest())


class Network:
    """Answers at once: mostly that nothing has changed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._chance = random.Random(1)
        self._documents = count()

    async def __call__(self, _: FeedState) -> FetchResult:
        """Fetch nothing."""
        return NotModified() if self._chance.random() > CHANGED else document(next(self._documents), self._clock())


async def _here(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Parse in this process: what a worker costs does not grow with the number of feeds."""
    return function(*args, **kwargs)


async def ours(number: int, folder: Path) -> Row:
    """Watch so many feeds."""
    before = memory_mb("VmRSS")
    specs, clock = specs_of(number), Clock()
    db = Database(f"sqlite:///{folder / 'monitor.db'}")
    try:
        maintenance.upgrade(db.engine)
        fleet = await _fleet(db, specs, clock)
        feed_bytes = (memory_mb("VmRSS") - before) * MB / number
        await db.run(_spread, number)
        poll_us = await _polls(fleet, clock, PERIOD * TOGETHER / number)
        clock.now = START
        tick_us = await _ticks(fleet)
    finally:
        db.close()
    return Row(
        way="ours",
        feeds=number,
        poll_us=poll_us,
        tick_us=tick_us,
        feed_bytes=feed_bytes,
        peak_mb=memory_mb("VmHWM"),
    )


async def _fleet(db: Database, specs: dict[str, FeedSpec], clock: Clock) -> Fleet:
    watchlist = compile_watchlist(WatchSpec())
    rules = await db.run(sync_rules, [(rule.kind, rule.id, rule.text) for rule in watchlist.rules], clock())
    await db.run(feeds.sync, specs.values(), clock())
    watch = Watch(watchlist=watchlist, rules=rules, publishers=directory(tuple(specs.values())))
    poller = Poller(
        db=db, fetch=Network(clock), call=_here, watch=lambda: watch, clock=clock, chance=random.Random(2).random
    )
    return Fleet(poller, lambda: specs, concurrency=100, gap=timedelta(0))


def _spread(conn: Connection, number: int) -> None:
    """Take the feeds for old ones that are due in turn over a quarter of an hour."""
    rows = [{"name": f"f{at:06}", "due": START + PERIOD * (at + 1) / number} for at in range(number)]
    old = update(schema.feed).where(schema.feed.c.key == bindparam("name"))
    conn.execute(old.values(next_poll_at=bindparam("due"), first_ok_at=START), rows)


async def _polls(fleet: Fleet, clock: Clock, step: timedelta) -> float:
    """Let the simulated time pass until enough feeds were polled; returns the CPU of one in microseconds."""
    polled, spent = 0, 0.0
    while polled < POLLS:
        clock.now += step
        started = process_time()
        polled += await fleet.start_due()
        await fleet.drain(timedelta(minutes=1))
        spent += process_time() - started
    return spent / polled * 1e6


async def _ticks(fleet: Fleet) -> float:
    """Return the CPU of a tick at which nothing is due, in microseconds."""
    started = process_time()
    for _ in range(TICKS):
        assert await fleet.start_due() == 0
    return (process_time() - started) / TICKS * 1e6


# ── the peer and the limit ───────────────────────────────────────────────────────────────────────────────────────────


def _nothing() -> None:
    """Be the peer's job."""


def a_job_a_feed(number: int) -> Row:
    """Give each feed a job in APScheduler's memory store, and let it look for due ones."""
    before = memory_mb("VmRSS")
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.start(paused=True)
    for at in range(number):
        scheduler.add_job(_nothing, "interval", minutes=15, id=f"f{at:06}")
    feed_bytes = (memory_mb("VmRSS") - before) * MB / number
    store = scheduler._lookup_jobstore("default")
    started = process_time()
    for _ in range(TICKS):
        assert not store.get_due_jobs(START - timedelta(days=365))
        store.get_next_run_time()
    tick_us = (process_time() - started) / TICKS * 1e6
    scheduler.shutdown(wait=False)
    return Row(
        way="APScheduler, a job a feed",
        feeds=number,
        poll_us=None,
        tick_us=tick_us,
        feed_bytes=feed_bytes,
        peak_mb=memory_mb("VmHWM"),
    )


def a_heap(number: int) -> Row:
    """Keep the moments in a heap and look at the first: less there is not."""
    before = memory_mb("VmRSS")
    heap = [(START + timedelta(seconds=at % 900), at) for at in range(number)]
    heapify(heap)
    feed_bytes = (memory_mb("VmRSS") - before) * MB / number
    started = process_time()
    for _ in range(TICKS):
        assert heap[0][0] >= START
    tick_us = (process_time() - started) / TICKS * 1e6
    peak = memory_mb("VmHWM")
    return Row(way="a heap", feeds=number, poll_us=None, tick_us=tick_us, feed_bytes=feed_bytes, peak_mb=peak)


WAYS = ("ours", "APScheduler, a job a feed", "a heap")


def measure(way: str, number: int) -> Row:
    """Measure one way with so many feeds, in this process."""
    if way == "ours":
        with tempfile.TemporaryDirectory(prefix="scale-benchmark-") as folder:
            return asyncio.run(ours(number, Path(folder)))
    return a_job_a_feed(number) if way == WAYS[1] else a_heap(number)


# ── the report ───────────────────────────────────────────────────────────────────────────────────────────────────────


def goals(rows: Sequence[Row]) -> Iterator[Goal]:
    """Yield what is aimed at, as far as there are rows for it."""
    mine = sorted((row for row in rows if row.way == "ours"), key=lambda row: row.feeds)
    few, many = mine[0], mine[-1]
    if few is not many:
        growth = (many.poll_us or 0) / (few.poll_us or 1)
        yield Goal(name=f"CPU a poll, {few.feeds:,} → {many.feeds:,}", limit=FLAT, value=growth, met=growth <= FLAT)
        growth = many.feed_bytes / few.feed_bytes
        yield Goal(name=f"memory a feed, {few.feeds:,} → {many.feeds:,}", limit=FLAT, value=growth, met=growth <= FLAT)
    share = (many.tick_us or 0) / 1e6
    yield Goal(
        name=f"share of a core, ticks over {many.feeds:,}", limit=TICK_SHARE, value=share, met=share < TICK_SHARE
    )
    for row in mine:
        if row.feeds == PEAK_FEEDS:
            yield Goal(name=f"peak MB, {PEAK_FEEDS:,}", limit=PEAK_MB, value=row.peak_mb, met=row.peak_mb < PEAK_MB)


def show(rows: Sequence[Row]) -> None:
    """Print the tables."""
    table = plain_table("feeds", "way", "CPU µs a poll", "CPU µs an idle tick", "bytes a feed", "peak MB")
    for row in rows:
        cells = [f"{value:,.1f}" if value is not None else "–" for value in (row.poll_us, row.tick_us)]
        table.add_row(f"{row.feeds:,}", row.way, *cells, f"{row.feed_bytes:,.0f}", f"{row.peak_mb:,.0f}")
    aims = plain_table("goal", "", "limit", "ours")
    for goal in goals(rows):
        aims.add_row(goal.name, "met" if goal.met else "NOT met", f"{goal.limit:g}", f"{goal.value:.4g}")
    console = Console(highlight=False, soft_wrap=True, width=110)
    console.print(table)
    console.print(aims)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EXAMPLES
    )
    parser.add_argument("--feeds", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="numbers of feeds")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if min(options.feeds) < 100:
        parser.error("at least 100 feeds are needed")
    return options


def _fresh(way: str, number: int) -> Row:
    command = [sys.executable, "-m", "benchmarks.scale", "--one", way, "--feeds", str(number)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Row(**json.loads(done.stdout))


def main() -> None:
    """Measure each way with each number in a fresh process, and print."""
    options = parse_arguments()
    if options.one:
        logs.configure("json", "error", sys.stderr)
        print(json.dumps(asdict(measure(options.one, options.feeds[0]))))
        return
    err = Console(stderr=True)
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        tasks = [(way, number) for number in options.feeds for way in WAYS]
        rows = [_fresh(*task) for task in progress.track(tasks, description="measuring")]
    if options.json:
        print(json.dumps({"rows": [asdict(row) for row in rows], "goals": [asdict(goal) for goal in goals(rows)]}))
    else:
        show(rows)


if __name__ == "__main__":
    main()
