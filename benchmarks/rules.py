"""What boolean rules cost an entry, by how many there are and by how many it wakes.

Entries of six languages with the lengths and the word frequencies of real ones are recorded in an SQLite database and
read back from it. Each is judged by the watchlist of `feeds.yaml` with 0, 50, 500 and 5,000 boolean rules on top, which
are read in every entry, relevant or not. “Every rule” is the same verdict without the presearch: all rules are asked
of each entry. The limit is what nothing can go below: to fold the text and to run the same automaton over it once.
Figures are CPU time an entry: all ways take turns at each twentieth of the entries, and each is shown by its best
rounds. The way that asks every rule is measured on a sample of the entries.
"""

import argparse
import gc
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from rich.console import Console

from benchmarks.loopback.watch import SHIPPED
from benchmarks.matching import ruled
from benchmarks.matching.stored import NOW, SPAN, fill
from benchmarks.tables import Goal, plain_table
from monitor.config import load_config
from monitor.core.forms import forget
from monitor.core.matching import match_entry
from monitor.core.model import RuleKind, WatchSpec
from monitor.core.query.rules import Reader
from monitor.core.sightings import Reading
from monitor.core.watchlist import Watchlist, compile_watchlist
from monitor.store import maintenance, past
from monitor.store.database import Database

COUNTS = (0, 50, 500, 5_000)
WIDTH = 110
FEW, MANY = 50, 5_000
GROWTH_GOAL = 2.0
"""How much longer an entry may take with the second number of rules than with the first: less than so many times."""

EVERY_SHARE = {0: 1, 50: 4, 500: 20, 5_000: 100}
"""The way that asks every rule is measured on one entry in so many."""

PARTS = 20
"""The entries are gone through in so many parts."""

PAGE = 2_000
ROUNDS = 3

OURS, EVERY, LIMIT = "ours", "every rule", "limit: fold and search"
RARITIES = {"rare": ruled.RARE, "common": ruled.COMMON, "frequent": ruled.FREQUENT}

EXAMPLES = """examples:
  python -m benchmarks.rules
  python -m benchmarks.rules --entries 2000 --rounds 1 --json"""

Act: TypeAlias = Callable[[past.Past], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement: CPU microseconds an entry; rules woken and rules matched an entry."""

    way: str
    words: str
    rules: int
    forms: int
    micros: float
    woken: float
    matched: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What is measured: a way with its rules, on these entries."""

    way: str
    words: str
    rules: int
    watchlist: Watchlist
    act: Act
    entries: Sequence[past.Past]

    def run(self, part: int) -> float:
        """Go through one part of the entries; returns CPU seconds."""
        start = time.process_time()
        for one in self.entries[part::PARTS]:
            self.act(one)
        return time.process_time() - start

    def row(self, micros: float) -> Row:
        """Return the measurement."""
        matched = sum(map(self.act, self.entries)) / len(self.entries)
        woken = _woken(self.watchlist, self.entries) if self.way == OURS else float(self.rules * (self.way == EVERY))
        return Row(
            way=self.way,
            words=self.words,
            rules=self.rules,
            forms=self.watchlist.form_count,
            micros=micros,
            woken=woken,
            matched=matched,
        )


def _woken(watchlist: Watchlist, entries: Sequence[past.Past]) -> float:
    """Count the rules that are read, an entry, by a list of rules that count how often they are."""
    if watchlist.queries is None:
        return 0.0
    counted = _Counting(watchlist.queries.readers)
    judged = verdicts(replace(watchlist, queries=replace(watchlist.queries, readers=counted)))
    for one in entries:
        judged(one)
    return counted.read / len(entries)


class _Counting(tuple[Reader, ...]):
    """Rules that count how often one of them is taken."""

    read = 0

    def __getitem__(self, rank: Any) -> Any:
        self.read += 1
        return super().__getitem__(rank)


def verdicts(watchlist: Watchlist) -> Act:
    """Make the whole verdict; counts the boolean rules that matched."""

    def judge(one: past.Past) -> int:
        verdict = match_entry(watchlist, one.found, now=one.seen, origin=one.origin)
        return sum(match.kind is RuleKind.TOPIC and match.rule.startswith("rule-") for match in verdict.matches)

    return judge


def without_presearch(watchlist: Watchlist) -> Watchlist:
    """Return a watchlist that asks every rule of each entry."""
    if watchlist.queries is None:
        return watchlist
    ranks = tuple(range(len(watchlist.queries.readers)))
    return replace(watchlist, queries=replace(watchlist.queries, always=ranks))


def searched(watchlist: Watchlist) -> Act:
    """Fold the text, and look for all forms once."""

    def search(one: past.Past) -> int:
        watchlist.automaton.find(Reading(one.found).text)
        return 0

    return search


# ── what is measured ─────────────────────────────────────────────────────────────────────────────────────────────────


def stored(folder: Path, number: int, seed: int) -> list[past.Past]:
    """Record so many entries in a database, and read them back."""
    found: list[past.Past] = []
    with closing(Database(f"sqlite:///{folder / 'rules.db'}")) as db:
        maintenance.upgrade(db.engine)
        fill(db, compile_watchlist(WatchSpec()), number, seed, ruled.texts(number, seed))
        while page := db.read_now(past.after, found[-1].entry if found else 0, since=NOW - 2 * SPAN, limit=PAGE):
            found += page
    return found


def trials(entries: Sequence[past.Past], counts: Sequence[int], seed: int) -> Iterator[Trial]:
    """Build everything that is measured: few woken rules by their number, and then more of them."""
    shipped = load_config(SHIPPED, environ={}).watch
    for words, ranks in RARITIES.items():
        for count in counts if words == "rare" else counts[-1:]:
            added = ruled.rules(count, ranks, seed)
            watchlist = compile_watchlist(replace(shipped, topics=shipped.topics + added))
            yield Trial(OURS, words, count, watchlist, verdicts(watchlist), entries)
            if words == "rare":
                some = entries[:: EVERY_SHARE.get(count, 100)]
                every = without_presearch(watchlist)
                yield Trial(EVERY, words, count, watchlist, verdicts(every), some)
                yield Trial(LIMIT, words, count, watchlist, searched(watchlist), entries)
    forget()


def measure(chosen: Sequence[Trial], rounds: int) -> list[Row]:
    """Let all take turns at each part, so that a slow moment of the machine meets few; the best of each counts."""
    gc.collect()
    gc.freeze()  # as the daemon does once its watchlist is loaded
    best = [[float("inf")] * PARTS for _ in chosen]
    for _ in range(rounds):
        for part in range(PARTS):
            for trial, seconds in zip(chosen, best, strict=True):
                seconds[part] = min(seconds[part], trial.run(part))
    return [trial.row(sum(seconds) / len(trial.entries) * 1e6) for trial, seconds in zip(chosen, best, strict=True)]


def goals(found: Sequence[Row]) -> Iterator[Goal]:
    """Yield the goal, where both of its numbers were measured."""
    ours = {row.rules: row.micros for row in found if row.way == OURS and row.words == "rare"}
    if FEW in ours and MANY in ours:
        value = ours[MANY] / ours[FEW]
        name = f"{FEW} → {MANY:,} rules, few of them woken: growth below"
        yield Goal(name=name, limit=GROWTH_GOAL, value=value, met=value < GROWTH_GOAL)


def show(found: Sequence[Row], number: int) -> None:
    """Print the tables."""
    console = Console(highlight=False, soft_wrap=True, width=WIDTH)
    console.print(f"{number:,} stored entries; CPU µs, rules woken and rules matched an entry")
    table = plain_table("way", "rules about", "rules", "forms", "µs", "woken", "matched")
    for row in found:
        figures = f"{row.rules:,}", f"{row.forms:,}", f"{row.micros:,.1f}", f"{row.woken:,.2f}", f"{row.matched:,.3f}"
        table.add_row(row.way, f"{row.words} words", *(figures if row.way != LIMIT else (*figures[:3], "–", "–")))
    console.print(table)
    aims = plain_table("goal", "", "limit", "ours")
    for goal in goals(found):
        aims.add_row(goal.name, "met" if goal.met else "NOT met", f"{goal.limit:.1f}", f"{goal.value:.2f}")
    console.print(aims)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EXAMPLES
    )
    parser.add_argument("--entries", type=int, default=10_000, help="stored entries (default 10000)")
    parser.add_argument("--rules", type=int, nargs="+", default=list(COUNTS), help="numbers of boolean rules")
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help=f"rounds, the best of which counts (default {ROUNDS})"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the invented words (default 1)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = parse_arguments()
    with TemporaryDirectory() as folder:
        entries = stored(Path(folder), options.entries, options.seed)
    found = measure(list(trials(entries, options.rules, options.seed)), options.rounds)
    if options.json:
        print(json.dumps({"entries": len(entries), "rows": found, "goals": list(goals(found))}, default=asdict))
    else:
        show(found, len(entries))


if __name__ == "__main__":
    main()
