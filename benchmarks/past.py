"""How fast a rule is tried on the stored past: `watch test` and `watch diff`, in stored entries a second.

The store holds invented entries of six languages with the lengths of real ones (`matching/stored.py`), in SQLite as
the daemon leaves it. The peer judges every entry in full, as is done without a presearch: the query on each, or both
watchlists on each. The limit reads the texts out of SQLite and does nothing with them. All ways take turns, each in
full from the first row to the last; a figure is the best of its rounds, since other work on the machine only adds.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

from rich.console import Console
from rich.table import Table

from benchmarks.loopback.watch import load_watchlist
from benchmarks.matching.stored import NOW, SPAN, fill
from benchmarks.tables import Goal, plain_table
from monitor.cli.watch_try import wakes_of
from monitor.compare import compare
from monitor.core.matching import match_entry
from monitor.core.model import RuleKind, ScopeSpec, TopicSpec, WatchSpec
from monitor.core.query.matcher import Matcher, compile_query
from monitor.core.query.parse import parse
from monitor.core.rule_json import watch_of
from monitor.core.watchlist import Watchlist, compile_watchlist
from monitor.scan import pages
from monitor.store import maintenance, past
from monitor.store.candidates import matches
from monitor.store.database import Database
from monitor.store.hits import last_seq

GOAL = 20_000
"""Stored entries a second."""

WIDTH = 110
SINCE = NOW - 2 * SPAN
QUERIES = {
    "a word that nothing has": "xyzzyq",
    "a word": "дрон",
    "words of six languages, near": "(drone OR дрон OR Drohne OR dron) NEAR/5 (Kyiv OR Київ OR Киев OR Kiev)",
    "a common word": "museum",
    "an actor and a word": "actor:putin bridge",
    "where it comes from, alone": "press:state",
}
EDITS = ("a topic's word", "a new topic with a query", "a word of the scope", "a new query on sources alone")
TOPIC = "energy"
EXAMPLES = "examples:\n  python -m benchmarks.past\n  python -m benchmarks.past --entries 5000 --repeat 1 --json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one way took for one trial: entries a second of the wall and of the CPU, and what was found."""

    trial: str
    way: str
    entries_s: float
    cpu_entries_s: float
    found: int


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule or an edit, tried one way; `act` returns how much it found."""

    name: str
    way: str
    act: Callable[[], int]


def trials(db: Database, watchlist: Watchlist) -> Iterator[Trial]:
    """Yield everything that is measured, the ways of one trial together."""
    yield Trial("reading the texts", "limit", lambda: _read(db))
    for name, query in QUERIES.items():
        matcher = compile_query(parse(query))
        yield Trial(f"test: {name}", "ours", partial(_test, db, matcher))
        yield Trial(f"test: {name}", "each in full", partial(_test_each, db, matcher))
    for name, edited in zip(EDITS, edits(watch_of(watchlist.rules)), strict=True):
        new = compile_watchlist(edited)
        yield Trial(f"diff: {name}", "ours", partial(_diff, db, watchlist, new))
        yield Trial(f"diff: {name}", "each in full", partial(_diff_each, db, watchlist, new))


def edits(spec: WatchSpec) -> Iterator[WatchSpec]:
    """Yield the watchlist with each of the edits."""
    others = tuple(topic for topic in spec.topics if topic.id != TOPIC)
    [topic] = (topic for topic in spec.topics if topic.id == TOPIC)
    added = replace(topic, terms={**topic.terms, "en": (*topic.terms["en"], "heating")})
    yield replace(spec, topics=(*others, added))
    yield _with(spec, "museum AND NOT bridge")
    yield replace(spec, scope=_wider(spec.scope))
    yield _with(spec, "press:state country:RU")


def _with(spec: WatchSpec, query: str) -> WatchSpec:
    return replace(spec, topics=(*spec.topics, TopicSpec(id="tried", label={}, terms={}, query=query)))


def _wider(scope: ScopeSpec) -> ScopeSpec:
    return replace(scope, strong={**scope.strong, "en": (*scope.strong["en"], "cellar")})


def _read(db: Database) -> int:
    last = count = 0
    while found := db.read_now(past.words, last, since=SINCE):
        last = found[-1].entry
        count += len(found)
    return count


def _test(db: Database, matcher: Matcher) -> int:
    return sum(
        matcher.match(one.found, one.origin, page.named.get(one.entry, ())) is not None
        for page in pages(db, wakes_of(matcher), SINCE)
        for one in page.woken
    )


def _each(db: Database) -> Iterator[Sequence[past.Past]]:
    last = 0
    while found := db.read_now(past.after, last, since=SINCE, limit=1_000):
        last = found[-1].entry
        yield found


def _test_each(db: Database, matcher: Matcher) -> int:
    count = 0
    for some in _each(db):
        named = {}
        if wakes_of(matcher).named:
            named = db.read_now(lambda conn, ids: matches(conn, ids, last_seq(conn)), [one.entry for one in some])
        count += sum(matcher.match(one.found, one.origin, named.get(one.entry, ())) is not None for one in some)
    return count


def _diff(db: Database, old: Watchlist, new: Watchlist) -> int:
    found = compare(db, old, new, since=SINCE)
    return found.added.total() + found.dropped.total()


def _diff_each(db: Database, old: Watchlist, new: Watchlist) -> int:
    return sum(len(_rules(old, one) ^ _rules(new, one)) for some in _each(db) for one in some)


def _rules(watchlist: Watchlist, one: past.Past) -> set[tuple[RuleKind, str]]:
    verdict = match_entry(watchlist, one.found, now=one.seen, origin=one.origin)
    return {match[:2] for match in verdict.matches}


# ── the report ───────────────────────────────────────────────────────────────────────────────────────────────────────


def measure(chosen: Sequence[Trial], entries: int, repeat: int) -> list[Row]:
    """Let all take turns; ours and the peer must find the same."""
    best: dict[tuple[str, str], tuple[float, float]] = {}
    found: dict[str, set[int]] = {}
    for _ in range(repeat):
        for trial in chosen:
            begun = perf_counter(), process_time()
            count = trial.act()
            spent = perf_counter() - begun[0], process_time() - begun[1]
            before = best.get((trial.name, trial.way), spent)
            best[trial.name, trial.way] = min(before[0], spent[0]), min(before[1], spent[1])
            found.setdefault(trial.name, set()).add(count)
    if differing := [name for name, counts in found.items() if len(counts) > 1]:
        raise SystemExit(f"the ways find different things: {', '.join(differing)}")
    return [
        Row(trial=name, way=way, entries_s=entries / wall, cpu_entries_s=entries / cpu, found=min(found[name]))
        for (name, way), (wall, cpu) in best.items()
    ]


def goals(rows: Sequence[Row]) -> Iterator[Goal]:
    """Yield what ours reaches of the goal."""
    for row in rows:
        if row.way == "ours":
            value = row.entries_s
            yield Goal(name=f"{row.trial}: entries/s at least", limit=GOAL, value=value, met=value >= GOAL)


def table(rows: Sequence[Row]) -> Table:
    """Lay the rows out for a person."""
    shown = plain_table("trial", "way", "entries/s", "entries/CPU s", "found", f"≥ {GOAL:,}")
    for row in rows:
        met = ("yes" if row.entries_s >= GOAL else "NO") if row.way == "ours" else ""
        shown.add_row(row.trial, row.way, f"{row.entries_s:,.0f}", f"{row.cpu_entries_s:,.0f}", f"{row.found:,}", met)
    return shown


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EXAMPLES
    )
    parser.add_argument("--entries", type=int, default=20_000, help="stored entries (default 20,000)")
    parser.add_argument("--repeat", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    options = parser.parse_args()
    if min(options.entries, options.repeat) < 1:
        parser.error("sizes begin at 1")
    return options


def main() -> None:
    """Measure and print."""
    options = parse_arguments()
    watchlist, words = load_watchlist()
    with tempfile.TemporaryDirectory(prefix="past-benchmark-") as folder:
        file = Path(folder) / "past.db"
        with closing(Database(f"sqlite:///{file}")) as db:
            maintenance.upgrade(db.engine)
            fill(db, watchlist, options.entries)
            rows = measure(list(trials(db, watchlist)), options.entries, options.repeat)
        size = file.stat().st_size / 2**20
    if options.json:
        record = {"entries": options.entries, "repeat": options.repeat, "mb": round(size), "watchlist": words}
        print(
            json.dumps(record | {"rows": [asdict(row) for row in rows], "goals": [asdict(one) for one in goals(rows)]})
        )
    else:
        print(f"{options.entries:,} stored entries, {size:,.0f} MB; {words}; the best of {options.repeat}")
        Console(highlight=False, soft_wrap=True, width=WIDTH).print(table(rows))


if __name__ == "__main__":
    main()
