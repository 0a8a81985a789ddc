"""What a process holds of its machine, sample by sample."""

import asyncio
import os
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

PROC = Path("/proc/self")
_MIB = 2**20
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What this process holds at a moment; `rss` in MiB, `blocks` Python's own in thousands, `children` their ids."""

    rss: float
    blocks: float
    descriptors: int
    threads: int
    tasks: int
    children: frozenset[int]


def held() -> Held:
    return Held(
        rss=int((PROC / "statm").read_text().split()[1]) * _PAGE / _MIB,
        blocks=sys.getallocatedblocks() / 1_000,
        descriptors=sum(1 for _ in (PROC / "fd").iterdir()),
        threads=threading.active_count(),
        tasks=len(asyncio.all_tasks()),
        children=frozenset(int(pid) for file in PROC.glob("task/*/children") for pid in file.read_text().split()),
    )


@dataclass(slots=True)
class Samples:
    """Samples of a run by the number of polls done."""

    taken: list[tuple[int, Held, float]] = field(default_factory=list)

    def add(self, polls: int, now: Held, wal: float) -> None:
        """Take one more; `wal` in MiB."""
        self.taken.append((polls, now, wal))

    @property
    def polls(self) -> int:
        return self.taken[-1][0] if self.taken else 0

    @property
    def largest_wal(self) -> float:
        return max(wal for _, _, wal in self.taken)

    @property
    def most_children(self) -> int:
        return max(len(now.children) for _, now, _ in self.taken)

    def around(self, share: float, attribute: str) -> float:
        """Return the median of the samples, one in sixteen, that are nearest to a share of the polls."""
        nearest = sorted(self.taken, key=lambda sample: abs(sample[0] - share * self.polls))
        return median(float(getattr(now, attribute)) for _, now, _ in nearest[: len(nearest) // 16 + 1])
