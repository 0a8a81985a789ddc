"""What recording a poll costs, beside plain sqlite3 writing the same rows in one transaction (the limit).

Polls of invented feeds go through the writer, as the daemon sends them: all entries new; then all known, so that the
store is only asked for them; then 304. The limit inserts the very rows that ours left, by `executemany`, into the same
tables with the same settings. Every figure is the median over repeats, ours and the limit in turn.
"""

import argparse
import asyncio
import json
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TypeAlias

from rich.console import Console
from rich.table import Table

from benchmarks.loopback.documents import document
from benchmarks.loopback.watch import load_watchlist
from benchmarks.tables import plain_table
from monitor.core.matching import match_entry
from monitor.core.model import FeedSpec, FeedState, Fetched, Judged, NextPoll, PollOutcome, Publisher
from monitor.core.parsing import parse_feed
from monitor.core.watchlist import Watchlist
from monitor.store import entries, feeds, hits, maintenance
from monitor.store.database import Database
from monitor.store.rules import sync_rules

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TABLES = ("publisher", "entry_group", "entry", "entry_key", "revision", "hit")
UPDATE_FEED = (
    "UPDATE feed SET last_poll_at=?, next_poll_at=?, next_reason=?, polls=polls+1, failures=0, failure_kind=NULL, "
    "failure_detail=NULL, failing_since=NULL, first_ok_at=coalesce(first_ok_at, ?), last_ok_at=?, etag=?, "
    "last_modified=?, not_modified=not_modified+1, redirected_to=NULL, redirect_status=NULL, redirect_polls=0 "
    "WHERE id=?"
)
KNOWN = "SELECT k.key, e.id, e.fingerprint, e.last_seen_at FROM entry_key k JOIN entry e ON e.id=k.entry_id "
EXAMPLES = "examples:\n  python -m benchmarks.store\n  python -m benchmarks.store --polls 500 --repeat 1 --json"

Spent: TypeAlias = dict[tuple[str, str], list[tuple[float, float]]]
"""(kind of poll, way) → seconds of the wall and of the CPU, one pair a repeat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The medians of one way for one kind of poll; `times_limit` compares the CPU."""

    kind: str
    way: str
    entries_s: float
    polls_s: float
    cpu_us_poll: float
    times_limit: float


class Bench:
    """A fresh database for each way, the same polls for both."""

    def __init__(self, folder: Path, polls: Sequence[PollOutcome], watchlist: Watchlist, spent: Spent) -> None:
        self._folder = folder
        self._polls = polls
        self._watchlist = watchlist
        self._spent = spent

    def measure(self) -> None:
        """Run ours, then the limit with what ours left."""
        with closing(Database(f"sqlite:///{self._folder / 'ours.db'}")) as db:
            maintenance.upgrade(db.engine)
            asyncio.run(self._ours(db))
        limit = self._folder / "limit.db"
        with closing(Database(f"sqlite:///{limit}")) as db:
            maintenance.upgrade(db.engine)
            db.run_now(feeds.sync, [one.feed.spec for one in self._polls], NOW)
        with closing(sqlite3.connect(self._folder / "ours.db")) as source, closing(sqlite3.connect(limit)) as target:
            target.isolation_level = None
            for pragma in ("synchronous=FULL", "foreign_keys=ON"):
                target.execute(f"PRAGMA {pragma}")
            self._limit(source, target)

    async def _ours(self, db: Database) -> None:
        await db.run(feeds.sync, [one.feed.spec for one in self._polls], NOW)
        rules = await db.run(sync_rules, [(r.kind, r.id, r.text) for r in self._watchlist.rules], NOW)
        pks = {state.spec.id: state.pk for state in await db.read(feeds.states, self._specs())}
        new = [_at_row(one, pks[one.feed.spec.id]) for one in self._polls]

        async def ask(one: PollOutcome) -> None:
            await db.read(entries.known, one.feed.pk, _keys(one))
            await db.run(hits.record_poll, _quiet(one, not_modified=False), rules)

        for kind, work in (
            ("new", lambda one: db.run(hits.record_poll, one, rules)),
            ("known", ask),
            ("304", lambda one: db.run_together(feeds.record_quiet, _quiet(one, not_modified=True))),
        ):
            begun = perf_counter(), process_time()
            await asyncio.gather(*(work(one) for one in new))
            self._note(kind, "ours", begun)

    def _specs(self) -> dict[str, FeedSpec]:
        return {one.feed.spec.id: one.feed.spec for one in self._polls}

    def _limit(self, source: sqlite3.Connection, target: sqlite3.Connection) -> None:
        for table in ("rule", "rule_revision", "publisher"):
            _insert(target, table, _rows(source, table))
        rows = {table: _rows(source, table) for table in TABLES if table != "publisher"}
        updates = [_update(at, one) for at, one in enumerate(self._polls, 1)]
        asked = [(at, *_keys(one)) for at, one in enumerate(self._polls, 1)]

        def new() -> None:
            for table, found in rows.items():
                _insert(target, table, found)
            target.executemany(UPDATE_FEED, updates)

        def known() -> None:
            for keys in asked:
                marks = ",".join("?" * (len(keys) - 1))
                target.execute(f"{KNOWN} WHERE k.feed_id=? AND k.key IN ({marks})", keys).fetchall()
            target.executemany(UPDATE_FEED, updates)

        for kind, work in (("new", new), ("known", known), ("304", lambda: target.executemany(UPDATE_FEED, updates))):
            begun = perf_counter(), process_time()
            _in_transaction(target, work)
            self._note(kind, "sqlite3", begun)

    def _note(self, kind: str, way: str, begun: tuple[float, float]) -> None:
        self._spent[kind, way].append((perf_counter() - begun[0], process_time() - begun[1]))


def _in_transaction(conn: sqlite3.Connection, work: Callable[[], object]) -> None:
    conn.execute("BEGIN IMMEDIATE")
    work()
    conn.execute("COMMIT")


def _rows(conn: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return conn.execute(f"SELECT * FROM {table}").fetchall()


def _insert(conn: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    conn.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)


def _update(pk: int, one: PollOutcome) -> tuple[object, ...]:
    at, due = (moment.replace(tzinfo=None).isoformat(" ", "microseconds") for moment in (one.at, one.next_poll.at))
    return at, due, one.next_poll.reason, at, at, one.etag, one.last_modified, pk


# ── the polls ────────────────────────────────────────────────────────────────────────────────────────────────────────


def make_polls(count: int, size: int, watchlist: Watchlist) -> list[PollOutcome]:
    """Parse and match so many invented documents."""
    return [_outcome(feed, size, watchlist) for feed in range(count)]


def _outcome(feed: int, size: int, watchlist: Watchlist) -> PollOutcome:
    body = document(feed, 0, size)
    url = f"https://outlet-{feed}.example/feed"
    digest = sha256(body).hexdigest()
    found = parse_feed(Fetched(url=url, body=body, body_hash=digest), now=NOW).entries
    who = Publisher(name=f"Outlet {feed}")
    spec = FeedSpec(id=f"f{feed:05}", title=who.name, url=url)
    return PollOutcome(
        feed=FeedState(pk=0, spec=spec, next_poll_at=NOW),
        at=NOW,
        next_poll=NextPoll(at=NOW + timedelta(minutes=15), reason="on time"),
        etag=f'"{feed}"',
        body_hash=digest,
        shown=len(found),
        judged=tuple(
            Judged(entry=entry, publisher=who, verdict=match_entry(watchlist, entry, now=NOW)) for entry in found
        ),
    )


def _at_row(one: PollOutcome, pk: int) -> PollOutcome:
    return replace(one, feed=FeedState(pk=pk, spec=one.feed.spec, next_poll_at=NOW))


def _quiet(one: PollOutcome, *, not_modified: bool) -> PollOutcome:
    return replace(one, judged=(), known=one.shown, not_modified=not_modified)


def _keys(one: PollOutcome) -> list[str]:
    return [key for item in one.judged for key in item.entry.keys]


# ── the report ───────────────────────────────────────────────────────────────────────────────────────────────────────


def rows_of(spent: Spent, polls: int, size: int) -> Iterator[Row]:
    """Yield the medians."""
    cpus = {key: median(cpu for _, cpu in pairs) for key, pairs in spent.items()}
    for (kind, way), pairs in spent.items():
        wall = median(wall for wall, _ in pairs)
        yield Row(
            kind=kind,
            way=way,
            entries_s=polls * size / wall,
            polls_s=polls / wall,
            cpu_us_poll=cpus[kind, way] / polls * 1e6,
            times_limit=cpus[kind, way] / cpus[kind, "sqlite3"],
        )


def table(rows: Sequence[Row]) -> Table:
    """Lay the rows out for a person."""
    found = plain_table("poll", "way", "entries/s", "polls/s", "CPU µs/poll", "× limit")
    for row in sorted(rows, key=lambda row: ("new", "known", "304").index(row.kind)):
        shown = f"{row.entries_s:,.0f}" if row.kind != "304" else "–"
        figures = (f"{row.polls_s:,.0f}", f"{row.cpu_us_poll:,.0f}", f"{row.times_limit:.1f}")
        found.add_row(row.kind, row.way, shown, *figures)
    return found


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EXAMPLES
    )
    parser.add_argument("--polls", type=int, default=200, help="polls of each kind (default 200)")
    parser.add_argument("--entries", type=int, default=50, help="entries a poll (default 50)")
    parser.add_argument("--repeat", type=int, default=5, help="how often (default 5)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    options = parser.parse_args()
    if min(options.polls, options.entries, options.repeat) < 1:
        parser.error("sizes begin at 1")
    return options


def main() -> None:
    """Measure and print."""
    options = parse_arguments()
    watchlist, words = load_watchlist()
    polls = make_polls(options.polls, options.entries, watchlist)
    spent: Spent = defaultdict(list)
    for _ in range(options.repeat):
        with tempfile.TemporaryDirectory(prefix="store-benchmark-") as folder:
            Bench(Path(folder), polls, watchlist, spent).measure()
    rows = list(rows_of(spent, options.polls, options.entries))
    if options.json:
        sizes = {name: getattr(options, name) for name in ("polls", "entries", "repeat")}
        print(json.dumps(sizes | {"watchlist": words, "rows": [asdict(row) for row in rows]}))
    else:
        print(f"{options.polls} polls of {options.entries} entries; {words}; medians of {options.repeat}")
        Console(highlight=False).print(table(rows))


if __name__ == "__main__":
    main()
