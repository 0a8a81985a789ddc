"""What a poll costs: ours whole, a bare aiohttp loop (the limit of HTTP), and the package `reader` (a peer).

500 feeds on loopback, served by a process of their own, are polled round after round: all entries new, then 304, then
the same bytes again, then 2 new entries. One host is asked one thing at a time, as politeness wants, without a gap.
Every figure is the median over repeats; rows take turns, each in a fresh process.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import monotonic

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.loopback.rows import PARSERS, WAYS, Cost, Task, plays
from benchmarks.loopback.server import ROUNDS, Round
from benchmarks.loopback.watch import load_watchlist

ROOT = Path(__file__).parents[1]
LIMIT = "bare aiohttp"
EXAMPLES = """examples:
  python -m benchmarks.poll
  python -m benchmarks.poll --feeds 100 --repeat 1 --rounds 2
  python -m benchmarks.poll --hosts 500 --json
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The medians of one way in one round: CPU and times are those of the client's process alone.

    `times_bare` is the CPU of a poll over that of the bare loop in the same round, None where the time ended before it.
    """

    round: str
    way: str
    repeats: int
    wall_s: float
    polls_s: float
    cpu_ms: float
    times_bare: float | None
    peak_mb: float


class OutOfTime(Exception):
    """The time for the whole run is over."""


class Clock:
    """The time that is left, and a line on a terminal that tells what is going on."""

    def __init__(self, seconds: float) -> None:
        self._started = monotonic()
        self._seconds = seconds

    @property
    def gone(self) -> float:
        """Seconds since the start."""
        return monotonic() - self._started

    @property
    def left(self) -> float:
        """Seconds to the end."""
        return self._seconds - self.gone

    def tell(self, words: str) -> None:
        """Show what is going on, on a terminal only; nothing clears the line."""
        if sys.stderr.isatty():
            print(f"\r\x1b[K{words and f'{self.gone:4.0f} s  {words}'}", end="", file=sys.stderr, flush=True)


@contextmanager
def serving(options: argparse.Namespace) -> Iterator[tuple[str, ...]]:
    """Run the server; yields the addresses of its hosts."""
    sizes = [str(size) for size in (options.feeds, options.entries, options.hosts)]
    command = [sys.executable, "-m", "benchmarks.loopback.server", *sizes]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield tuple(json.loads(server.stdout.readline()))
        finally:
            server.stdin.close()


def play(way: str, number: int, task: Task, clock: Clock) -> Cost:
    """Play one round in a fresh process. Raises OutOfTime; a row that fails ends the run with its own words."""
    command = [sys.executable, "-m", "benchmarks.loopback.rows", way, str(number), json.dumps(asdict(task))]
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=max(clock.left, 0.1), check=True
        )
    except subprocess.TimeoutExpired:
        raise OutOfTime from None
    except subprocess.CalledProcessError as error:
        sys.exit(f"{way} failed in the round “{ROUNDS[number].name}” (exit {error.returncode})")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


Costs = Mapping[tuple[str, str], list[Cost]]


def measure(options: argparse.Namespace, clock: Clock) -> Costs:
    """Play all rounds as often as asked, or as the time allows; a repeat that would not end in time is not begun."""
    costs: dict[tuple[str, str], list[Cost]] = defaultdict(list)
    with serving(options) as hosts, tempfile.TemporaryDirectory(prefix="poll-benchmark-") as folder:
        for repeat in range(options.repeat):
            begun = clock.gone
            try:
                _repeat(options, hosts, Path(folder) / str(repeat), clock, costs)
            except OutOfTime:
                break
            if clock.left < 1.1 * (clock.gone - begun):
                break
    clock.tell("")
    return costs


def _repeat(
    options: argparse.Namespace,
    hosts: tuple[str, ...],
    folder: Path,
    clock: Clock,
    costs: dict[tuple[str, str], list[Cost]],
) -> None:
    for number, played in enumerate(ROUNDS[: options.rounds]):
        for at, way in enumerate(way for way in WAYS if plays(way, played)):
            clock.tell(f"repeat {folder.name}, round “{played.name}”, {way}")
            state = folder / str(at)
            state.mkdir(parents=True, exist_ok=True)
            task = Task(feeds=options.feeds, entries=options.entries, hosts=hosts, state=str(state))
            cost = play(way, number, task, clock)
            costs[played.name, way].append(cost)


def rows_of(costs: Costs) -> Iterator[Row]:
    """Yield the medians of what was measured, in its order."""
    for (played, way), found in costs.items():
        bare = costs.get((played, LIMIT))
        yield Row(
            round=played,
            way=way,
            repeats=len(found),
            wall_s=median(cost.wall_s for cost in found),
            polls_s=median(cost.polls / cost.wall_s for cost in found),
            cpu_ms=_cpu_ms(found),
            times_bare=_cpu_ms(found) / _cpu_ms(bare) if bare else None,
            peak_mb=median(cost.peak_mb for cost in found),
        )


def _cpu_ms(costs: Sequence[Cost]) -> float:
    return median(cost.cpu_s / cost.polls * 1e3 for cost in costs)


def table(played: Round, rows: Sequence[Row]) -> Table:
    """Lay out one round for a person."""
    found = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    found.add_column(played.name, no_wrap=True)
    for name in ("wall s", "polls/s", "CPU ms", "× bare", "MB", "runs"):
        found.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        alone = row.way in PARSERS
        whole = ("–", "–") if alone else (f"{row.wall_s:.2f}", f"{row.polls_s:,.0f}")
        ratio = "–" if row.times_bare is None else f"{row.times_bare:.1f}"
        found.add_row(row.way, *whole, f"{row.cpu_ms:.2f}", ratio, f"{row.peak_mb:.0f}", str(row.repeats))
    return found


def head(options: argparse.Namespace) -> dict[str, str | int]:
    """Return what was polled."""
    _, watchlist = load_watchlist()
    sizes = {name: getattr(options, name) for name in ("feeds", "entries", "hosts")}
    return sizes | {"gap_s": 0, "watchlist": watchlist}


def show(options: argparse.Namespace, rows: Sequence[Row]) -> None:
    """Print a table for each round."""
    console, what = Console(highlight=False, soft_wrap=True), head(options)
    console.print(f"{what['feeds']} feeds of {what['entries']} entries on {what['hosts']} loopback hosts, gap 0")
    console.print(f"ours matches {what['watchlist']}")
    console.print(
        "CPU: of the client, a poll; × bare: that CPU over the bare loop's; MB: its peak; medians of the runs"
    )
    for played in ROUNDS:
        if mine := [row for row in rows if row.round == played.name]:
            console.print(f"\n{played.name}: {played.does}")
            console.print(table(played, mine))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EXAMPLES
    )
    parser.add_argument("--feeds", type=int, default=500, help="how many feeds (default 500)")
    parser.add_argument("--entries", type=int, default=50, help="entries a document (default 50, about 93 KB)")
    parser.add_argument("--hosts", type=int, default=8, help="loopback addresses that they lie on (default 8)")
    parser.add_argument("--rounds", type=int, default=len(ROUNDS), help="only the first so many rounds (default all)")
    parser.add_argument("--repeat", type=int, default=3, help="how often, at most (default 3)")
    parser.add_argument("--max-seconds", type=float, default=540, help="the end of the run (default 540)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    options = parser.parse_args()
    if min(options.feeds, options.entries, options.hosts, options.rounds, options.repeat) < 1:
        parser.error("sizes begin at 1")
    options.hosts = min(options.hosts, options.feeds)
    return options


def main() -> None:
    """Measure and print; exit 1 when the time was too short for a single row."""
    options = parse_arguments()
    rows = list(rows_of(measure(options, Clock(options.max_seconds))))
    if not rows:
        sys.exit("the time was too short for any row")
    if options.json:
        print(json.dumps(head(options) | {"rows": [asdict(row) for row in rows]}))
    else:
        show(options, rows)


if __name__ == "__main__":
    main()
