"""How long the built-in watchlist takes to load, and how much memory it adds; each time in a fresh process.

Run as a program, it loads once, from the cache in the folder that is named, if one is, and prints one JSON object.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from benchmarks.memory import memory_mb
from monitor.config import load_watched
from monitor.core.watchlist import Watchlist

ROOT = Path(__file__).parents[2]
DEFAULT = Path(__file__).with_name("default.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One way to load: seconds of the wall and of the CPU, and the memory that it added, now and at its peak."""

    way: str
    forms: int
    wall_s: float
    cpu_s: float
    added_mb: float
    peak_mb: float


def load_default(cache: Path | None) -> Watchlist:
    """Load the built-in watchlist, by way of the cache in a folder, or without any."""
    return load_watched(DEFAULT, environ={}, folder=cache).watchlist


def loads(repeat: int) -> Iterator[Load]:
    """Yield the medians of loading without a cache, and from one where there is such a thing."""
    yield _median("cold", [_fresh(None) for _ in range(repeat)])
    with tempfile.TemporaryDirectory(prefix="match-benchmark-") as folder:
        filled = _fresh(Path(folder))
        if any(Path(folder).iterdir()):
            yield _median("cold, and filling the cache", [filled])
            yield _median("from the cache", [_fresh(Path(folder)) for _ in range(repeat)])


def _fresh(cache: Path | None) -> Load:
    command = [sys.executable, "-m", "benchmarks.matching.loading", *([str(cache)] if cache else [])]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Load(**json.loads(done.stdout))


def _median(way: str, found: list[Load]) -> Load:
    return Load(
        way=way,
        forms=found[0].forms,
        wall_s=median(one.wall_s for one in found),
        cpu_s=median(one.cpu_s for one in found),
        added_mb=median(one.added_mb for one in found),
        peak_mb=median(one.peak_mb for one in found),
    )


def main() -> None:
    """Load once and print what it took."""
    cache = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    before, wall, cpu = memory_mb("VmRSS"), perf_counter(), process_time()
    watchlist = load_default(cache)
    load = Load(
        way="",
        forms=watchlist.form_count,
        wall_s=perf_counter() - wall,
        cpu_s=process_time() - cpu,
        added_mb=memory_mb("VmRSS") - before,
        peak_mb=memory_mb("VmHWM") - before,
    )
    print(json.dumps(asdict(load)))


if __name__ == "__main__":
    main()
