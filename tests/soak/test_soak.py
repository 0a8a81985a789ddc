"""As many polls as fit into the time, of feeds that often fail: nothing grows, is left over or is lost."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitor import logs
from tests.kill.moments import is_sound, print_table
from tests.soak import plan
from tests.soak.figures import PROC, Held, Samples
from tests.soak.ledger import RECORDED, differences, seen
from tests.soak.run import Failures, server, soak, write_feeds

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not PROC.exists(), reason="what a process holds is read from Linux's /proc"),
]

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
WARM = min(max(0.1, 2 / MINUTES), 0.8)
"""Share of the polls after which memory must be flat: a tenth, but never less than two minutes."""

GROWTH = 0.05
NOISE_MB = 8.0
"""What memory may grow by after that: a share, or so many MiB where that is more."""

WAL_MB = 64.0


def test_soak(tmp_path: Path) -> None:
    samples, failures = Samples(), Failures()
    logs.configure("json", "warning", failures)
    with server(tmp_path) as (port, ledger):
        write_feeds(tmp_path / "feeds.yaml", port)
        before, after = asyncio.run(soak(tmp_path, samples, MINUTES))
    with closing(sqlite3.connect(tmp_path / "monitor.db")) as connection:
        assert is_sound(connection)
        rows = connection.execute("SELECT key, polls, gaps FROM feed").fetchall()
    polled, unsure = seen(ledger, {key: polls for key, polls, _ in rows}, failures.feeds)
    lost, count = differences(tmp_path / "monitor.db", polled)
    figures = {
        **polls_of(samples, failures),
        "feeds whose last polls are not sure": unsure,
        "entries shown": f"{count.shown:,}",
        "entries stored": f"{count.stored:,}",
        "entries of recorded feeds": f"{count.recorded:,}",
        "entries lost, doubled or told otherwise": len(lost),
        "gaps": f"{sum(gaps for *_, gaps in rows):,}",
        **held_by(samples),
        "before: descriptors, tasks, threads, children": _in_short(before),
        "after": _in_short(after),
    }
    print_table(f"soak, {plan.FEEDS} invented feeds and {len(RECORDED)} recorded ones", figures)
    assert lost[:20] == []
    assert failures.odd == []
    nothing_left(before, after)
    first, last = samples.around(WARM, "rss"), samples.around(1.0, "rss")
    assert last - first <= max(GROWTH * first, NOISE_MB), f"memory grew from {first:.0f} to {last:.0f} MiB"
    assert samples.largest_wal <= WAL_MB


def polls_of(samples: Samples, failures: Failures) -> dict[str, object]:
    return {
        "minutes": MINUTES,
        "polls": f"{samples.polls:,}",
        "polls a second": f"{samples.polls / (60 * MINUTES):.0f}",
        "polls that half an hour would hold": f"{samples.polls * 30 / MINUTES:,.0f}",
        "polls that failed": f"{failures.feeds.total():,}",
        **{f"  {reason}": f"{number:,}" for reason, number in failures.reasons.most_common()},
    }


def held_by(samples: Samples) -> dict[str, object]:
    kinds = {
        "rss": "RSS (MiB)",
        "blocks": "Python's blocks (thousands)",
        "descriptors": "descriptors",
        "tasks": "tasks",
        "threads": "threads",
    }
    found: dict[str, object] = {
        f"{words} at {share:.0%}": f"{samples.around(share, kind):.0f}"
        for kind, words in kinds.items()
        for share in sorted({0.1, 0.5, 1.0, WARM})
    }
    return found | {
        "child processes at most, the server too": samples.most_children,
        "largest write-ahead log (MiB)": f"{samples.largest_wal:.1f}",
    }


def nothing_left(before: Held, after: Held) -> None:
    assert after.descriptors <= before.descriptors
    assert after.tasks <= before.tasks
    assert after.threads <= before.threads
    assert after.children <= before.children


def _in_short(now: Held) -> str:
    return f"{now.descriptors}, {now.tasks}, {now.threads}, {len(now.children)}"
