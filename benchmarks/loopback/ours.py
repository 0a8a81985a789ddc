"""Ours, whole: real client, parser, watchlist, and a store on SQLite."""

import asyncio
import gc
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from benchmarks.loopback.rows import Cost, Meter, Task, Wrong
from benchmarks.loopback.watch import load_watchlist
from monitor import logs
from monitor.clock import utc_now
from monitor.core.model import FeedSpec, FeedState, PollOutcome, Recorded
from monitor.core.publishers import directory
from monitor.fleet import Fleet
from monitor.net.http import Http
from monitor.parsers.pool import Parsers
from monitor.poll import Poller, Watch
from monitor.store import feeds, maintenance
from monitor.store.database import Database
from monitor.store.rules import sync_rules


def poll(task: Task) -> Cost:
    """Poll with everything: real client, parser, watchlist, and a store on SQLite."""
    with task.file("log").open("a", encoding="utf-8") as stream:
        logs.configure("json", "info", stream)
        db = Database(f"sqlite:///{task.file('monitor.db')}")
        try:
            maintenance.upgrade(db.engine)
            return asyncio.run(_poll(task, db))
        finally:
            db.close()


async def _poll(task: Task, db: Database) -> Cost:
    specs = {
        f"f{at:05}": FeedSpec(id=f"f{at:05}", title=f"Outlet {at}", url=url, allow_private=True)
        for at, url in enumerate(task.urls())
    }
    watch = await _watch(db, specs)
    async with Http(contact=None) as http, Parsers() as parsers:
        poller = Poller(
            db=db,
            fetch=http.fetch,
            call=parsers.call,
            watch=lambda: watch,
            clock=utc_now,
            chance=random.Random(1).random,
        )
        fleet = Fleet(poller, lambda: specs, concurrency=len(task.hosts), gap=timedelta(0))
        for _ in range(task.laps):
            cost = await _lap(fleet, await db.read(feeds.states, specs))
    return cost


async def _lap(fleet: Fleet, states: Sequence[FeedState]) -> Cost:
    counts = Counter[str]()

    def done(outcome: PollOutcome, recorded: Recorded) -> None:
        counts.update(new=recorded.entries, hits=recorded.hits, polls=outcome.failure is None)

    with Meter() as meter:
        await fleet.poll_all(states, done)
    if counts["new"] and not counts["hits"]:
        raise Wrong("the watchlist found nothing")
    return meter.cost(counts["polls"], counts["new"])


async def _watch(db: Database, specs: Mapping[str, FeedSpec]) -> Watch:
    watchlist, _ = load_watchlist()
    rules = await db.run(sync_rules, [(rule.kind, rule.id, rule.text) for rule in watchlist.rules], utc_now())
    await db.run(feeds.sync, specs.values(), utc_now())
    gc.freeze()  # as the daemon does
    return Watch(watchlist=watchlist, rules=rules, publishers=directory(tuple(specs.values())))
