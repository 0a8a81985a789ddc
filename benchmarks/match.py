"""How long a verdict on one entry takes, beside other ways to search, and what the built-in watchlist costs to load.

Entries are invented running text of six languages with watched forms among it (one word in twelve); forms are stems
with the endings of their language. Ours is whole: folding, search, dates, scope, evidence. Figures are CPU time an
entry: all ways take turns, and each is shown by its best round, since other work on the machine only ever adds. spaCy
tokenises within its figure. The last three rows are limits, not rivals: the automaton that ours is built on, over
casefolded text; our folding alone; and the least that anyone must do.
"""

import argparse
import gc
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from benchmarks.matching import ways
from benchmarks.matching.loading import Load, loads
from benchmarks.matching.made import CAST, LANGUAGES, make_entries, make_forms
from benchmarks.matching.ways import OURS, Way
from benchmarks.tables import Goal, plain_table
from monitor.core.model import Entry

ENTRIES = 60
WIDTH = 100
GOAL_FORMS = 10_000
GOALS = {60: 25.0, 800: 250.0}
"""Words → microseconds that ours may take with `GOAL_FORMS` forms."""

GROWTH_FORMS = 1_000, 100_000
GROWTH_GOAL = 3.0
"""How much longer ours may take with the second number of forms than with the first: less than so many times."""

EXAMPLES = """examples:
  python -m benchmarks.match
  python -m benchmarks.match --forms 10000 --words 60 --loads 0 --json"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement: CPU microseconds and places found an entry."""

    way: str
    words: int
    forms: int
    micros: float
    found: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What is measured: a way with its forms, on entries of one length."""

    way: str
    forms: int
    words: int
    act: Way
    entries: Sequence[Entry]

    def run(self) -> float:
        """Go through all entries; returns CPU microseconds an entry."""
        start = time.process_time()
        for entry in self.entries:
            self.act(entry)
        return (time.process_time() - start) / len(self.entries) * 1e6

    def row(self, micros: float) -> Row:
        """Return the measurement."""
        found = sum(self.act(entry) for entry in self.entries) / len(self.entries)
        return Row(way=self.way, words=self.words, forms=self.forms, micros=micros, found=found)


def trials(counts: Sequence[int], lengths: Sequence[int], seed: int) -> Iterator[Trial]:
    """Build everything that is measured."""
    for count in counts:
        forms = make_forms(random.Random(seed), count)
        entries = {words: make_entries(random.Random(seed), words, forms, ENTRIES) for words in lengths}
        for way, act in ways.ways(forms):
            yield from (Trial(way, count, words, act, some) for words, some in entries.items())


def measure(chosen: Sequence[Trial], seconds: float) -> list[Row]:
    """Let all take turns until the time is over, three at least: a slow moment of the machine meets everyone."""
    gc.collect()
    gc.freeze()  # what was built for one shall not burden another
    best = [trial.run() for trial in chosen]
    end, laps = time.perf_counter() + seconds, 1
    while laps < 3 or time.perf_counter() < end:
        best = [min(before, trial.run()) for before, trial in zip(best, chosen, strict=True)]
        laps += 1
    return [trial.row(micros) for trial, micros in zip(chosen, best, strict=True)]


def goals(found: Sequence[Row]) -> Iterator[Goal]:
    """Yield the goals for which there are rows."""
    ours = {(row.words, row.forms): row.micros for row in found if row.way == OURS}
    for words, limit in GOALS.items():
        if value := ours.get((words, GOAL_FORMS)):
            name = f"{words} words, {GOAL_FORMS:,} forms: µs at most"
            yield Goal(name=name, limit=limit, value=value, met=value <= limit)
    few, many = GROWTH_FORMS
    for words in sorted({words for words, _ in ours}):
        if (words, few) in ours and (words, many) in ours:
            name = f"{words} words, {few:,} → {many:,} forms: growth below"
            value = ours[words, many] / ours[words, few]
            yield Goal(name=name, limit=GROWTH_GOAL, value=value, met=value < GROWTH_GOAL)


def rows_table(found: Sequence[Row]) -> Table:
    """Lay the measurements out: a line for each length and way, a column for each number of forms."""
    counts = list(dict.fromkeys(row.forms for row in found))
    cells = {(row.words, row.way, row.forms): row for row in found}
    table = plain_table("words", "way", *(f"{count:,} forms" for count in counts), "found")
    for words in dict.fromkeys(row.words for row in found):
        for way in dict.fromkeys(row.way for row in found):
            mine = [cells.get((words, way, count)) for count in counts]
            last = next(row for row in reversed(mine) if row) if any(mine) else None
            shown = [f"{row.micros:,.1f}" if row else "–" for row in mine]
            table.add_row(str(words), way, *shown, f"{last.found:.1f}" if last and last.found else "–")
        table.add_section()
    return table


def goals_table(found: Sequence[Goal]) -> Table:
    """Lay the goals out."""
    table = plain_table("goal", "", "limit", "ours", "×")
    for goal in found:
        shown = f"{goal.limit:,.1f}", f"{goal.value:,.1f}", f"{goal.value / goal.limit:.2f}"
        table.add_row(goal.name, "met" if goal.met else "NOT met", *shown)
    return table


def loads_table(found: Sequence[Load]) -> Table:
    """Lay out what loading took."""
    table = plain_table("the built-in watchlist", "forms", "wall s", "CPU s", "MB added", "MB at its peak")
    for one in found:
        memory = f"{one.added_mb:.1f}", f"{one.peak_mb:.1f}"
        table.add_row(one.way, f"{one.forms:,}", f"{one.wall_s:.2f}", f"{one.cpu_s:.2f}", *memory)
    return table


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EXAMPLES
    )
    parser.add_argument("--forms", type=int, nargs="+", default=[100, 1_000, 10_000, 100_000], help="numbers of forms")
    parser.add_argument("--words", type=int, nargs="+", default=[60, 800], help="words per entry, 60 or more")
    parser.add_argument(
        "--seconds", type=float, default=30.0, help="measuring time in all, without building (default 30)"
    )
    parser.add_argument("--loads", type=int, default=3, help="how often the built-in watchlist is loaded (default 3)")
    parser.add_argument("--seed", type=int, default=1, help="of the invented words (default 1)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    options = parser.parse_args()
    if min(options.words) < 60 or min(options.forms) < CAST * len(LANGUAGES):
        parser.error(f"at least 60 words and {CAST * len(LANGUAGES)} forms are needed")
    return options


def show(found: Sequence[Row], loaded: Sequence[Load]) -> None:
    """Print the tables."""
    console = Console(highlight=False, soft_wrap=True, width=WIDTH)
    console.print("CPU µs an entry; “found”: places an entry, in the last column that was measured")
    console.print(rows_table(found))
    if aims := list(goals(found)):
        console.print(goals_table(aims))
    if loaded:
        console.print(loads_table(loaded))


def main() -> None:
    """Measure and print."""
    options = parse_arguments()
    if missing := ways.absent():
        print(f"left out, not installed: {', '.join(missing)}", file=sys.stderr)
    found = measure(list(trials(options.forms, options.words, options.seed)), options.seconds)
    loaded = list(loads(options.loads)) if options.loads else []
    if options.json:
        print(json.dumps({"rows": found, "goals": list(goals(found)), "loading": loaded}, default=asdict))
    else:
        show(found, loaded)


if __name__ == "__main__":
    main()
