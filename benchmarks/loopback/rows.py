"""The ways to poll that are compared: each polls every feed once, in a process of its own, and says what it cost."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from urllib.request import urlopen

from benchmarks.loopback.server import ROUNDS, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to poll: `hosts` are base addresses, over which `feeds` numbers are spread; `state` outlives the round.

    All is polled `laps` times, and the last lap is measured.
    """

    feeds: int
    entries: int
    hosts: tuple[str, ...]
    state: str
    laps: int = 1

    def urls(self) -> list[str]:
        """Return the feeds' addresses."""
        return [f"{self.hosts[feed % len(self.hosts)]}/feed/{feed}" for feed in range(self.feeds)]

    def by_host(self) -> list[list[str]]:
        """Return the feeds' addresses, those of one host together."""
        urls = self.urls()
        return [urls[at :: len(self.hosts)] for at in range(len(self.hosts))]

    def file(self, name: str) -> Path:
        """Return where a row keeps something from round to round."""
        return Path(self.state) / name


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a round cost: seconds of the wall and of this process's CPU, peak memory; `new` are the entries stored."""

    polls: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    new: int | None = None


class Wrong(Exception):
    """A row did not do what its round asks, so its figure would mean nothing."""


class Meter:
    """Measures what runs inside it."""

    def __enter__(self) -> "Meter":
        self._wall, self._cpu = perf_counter(), _cpu_s()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu_s, self.wall_s = _cpu_s() - self._cpu, perf_counter() - self._wall

    def cost(self, polls: int, new: int | None = None) -> Cost:
        """Return the costs, with the process's peak up to now."""
        return Cost(polls=polls, wall_s=self.wall_s, cpu_s=self.cpu_s, peak_mb=_peak_mb(), new=new)


def _cpu_s() -> float:
    """Count the child processes too, where the system tells of them while they live."""
    nanoseconds = [int((place / "schedstat").read_text(encoding="ascii").split()[0]) for place in _children()]
    return process_time() + sum(nanoseconds) / 1e9


def _children() -> list[Path]:
    lists = Path("/proc/self/task").glob("*/children")
    return [Path("/proc") / pid for one in lists for pid in one.read_text(encoding="ascii").split()]


def _peak_mb() -> float:
    """Prefer Linux's own word for it: what `getrusage` says begins with the parent's peak."""
    if Path("/proc/self/status").exists():
        return sum(_peak_of(place) for place in (Path("/proc/self"), *_children()))
    return getrusage(RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def _peak_of(place: Path) -> float:
    status = (place / "status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


WAYS = {
    "ours, whole": "ours:poll",
    "bare aiohttp": "bare:poll",
    "reader": "peer:poll",
    "feedparser as shipped": "parser:as_shipped",
    "feedparser plain": "parser:plain",
}
"""Where each stands; a process imports none but its own, so that it bears no other's memory."""

PARSERS = frozenset({"feedparser as shipped", "feedparser plain"})
"""These only parse: they play the round that brings documents, and their figures are CPU alone."""


def plays(way: str, played: Round) -> bool:
    """Tell whether a way has something to do in a round."""
    return way not in PARSERS or played.first


def measure(way: str, played: Round, task: Task) -> Cost:
    """Play a round in this process. Raises Wrong when not every feed was polled, or not every new entry found."""
    task = replace(task, laps=1 if played.new(task.entries) else 2)  # where nothing happens, starting up would weigh
    module, name = WAYS[way].split(":")
    poll: Callable[[Task], Cost] = getattr(import_module(f"benchmarks.loopback.{module}"), name)
    with urlopen(f"{task.hosts[0]}/round/{ROUNDS.index(played)}"):
        cost = poll(task)
    if way not in PARSERS and cost.polls != task.feeds:
        raise Wrong(f"{way}, {played.name}: {cost.polls} of {task.feeds} polls succeeded")
    wanted = task.feeds * played.new(task.entries)
    if cost.new is not None and cost.new != wanted:
        raise Wrong(f"{way}, {played.name}: {cost.new} new entries instead of {wanted}")
    return cost


def main() -> None:
    """Play what the arguments say: way, round, task as JSON. Print the cost as JSON."""
    way, number, task = sys.argv[1:]
    values = json.loads(task)
    cost = measure(way, ROUNDS[int(number)], Task(**values | {"hosts": tuple(values["hosts"])}))
    print(json.dumps(asdict(cost)))


if __name__ == "__main__":
    main()
