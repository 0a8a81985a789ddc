"""Plays recorded poll sequences through the whole monitor: real HTTP, store, digests and SMTP, on a simulated clock."""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from datetime import time as clock_time
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from monitor import logs
from monitor.app import App, open_app
from monitor.core import schedule
from monitor.core.model import PollOutcome, Recorded, Schedule, Subscriber, Subscription
from monitor.demo.sink import KeptMail, MailSink
from monitor.settings import load_settings
from monitor.store import entries, feeds, subscribers
from tests.e2e.servers import LintedSink
from tests.fakes import FrozenClock
from tests.recordings import RECORDINGS, SETS, RecordedSet, Recording, ReplayServer, State, between, by_moment, spread
from tests.recount import Recount, differences, stored, told_twice

AGAIN = 10
"""After every so many moments the feeds are asked once more, and have nothing new."""

READERS = (
    Subscription(pk=0, subscriber=Subscriber(pk=0, email="desk@example.org", zone="Europe/Kyiv")),
    Subscription(
        pk=0,
        topics=frozenset({"drones", "peace-talks", "sanctions", "energy"}),
        subscriber=Subscriber(pk=0, email="redaktsiia@example.org", lang="uk", zone="Europe/Kyiv"),
    ),
    Subscription(
        pk=0,
        schedule=Schedule(times=(clock_time(6),)),
        actors=frozenset({"putin", "zelensky", "trump"}),
        subscriber=Subscriber(pk=0, email="lage@example.org", lang="de", zone="Europe/Berlin"),
    ),
)
"""One reads everything, one some topics, one some people in German; for each it is 07:00 in Kyiv."""


# ── playing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Tally:
    """What a replay did. `digests` are planned editions, `seconds` without the recount, `peak_mb` of this process."""

    states: int = 0
    polls: int = 0
    unchanged: int = 0
    failed: int = 0
    bytes: int = 0
    wire: int = 0
    entries: int = 0
    groups: int = 0
    revisions: int = 0
    hits: int = 0
    digests: int = 0
    mails: int = 0
    seconds: float = 0.0
    peak_mb: int = 0

    def poll(self, outcome: PollOutcome, recorded: Recorded) -> None:
        """Count one poll."""
        self.polls += 1
        self.unchanged += outcome.not_modified
        self.failed += outcome.failure is not None
        self.hits += recorded.hits


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A replay that has ended: its figures, what was mailed, and where the recount came to something else."""

    tally: Tally
    mails: tuple[KeptMail, ...]
    database: Path
    recount: Recount
    differences: tuple[str, ...]


Tell = Callable[[int, int], object]
"""Told after each moment: how many were played, of how many."""


def mornings(since: datetime, until: datetime) -> list[datetime]:
    """Return the moments of 07:00 in Kyiv after `since`, up to the first after `until`."""
    found = [schedule.next_slot(READERS[0], since)]
    while found[-1] <= until:
        found.append(schedule.next_slot(READERS[0], found[-1]))
    return found


async def play(app: App, states: Sequence[State], clock: FrozenClock, tally: Tally, tell: Tell) -> None:
    """Poll what changed at each moment, and mail the digests of each morning between, and of the one after the last."""
    moments = by_moment(states)
    slots = mornings(moments[0][0], moments[-1][0])
    for number, (at, changed) in enumerate(moments, 1):
        while slots[0] < at:
            await _mail(app, clock, slots.pop(0), tally)
        clock.now = at
        await _poll(app, {state.feed for state in changed}, tally)
        if number % AGAIN == 0:
            await _poll(app, {state.feed for state in changed}, tally)
        tally.states += len(changed)
        tell(number, len(moments))
    await _mail(app, clock, slots[0], tally)


async def _poll(app: App, changed: set[str], tally: Tally) -> None:
    known = await app.db.read(feeds.states, app.watched.specs)
    await app.fleet.poll_all([state for state in known if state.spec.id in changed], tally.poll)


async def _mail(app: App, clock: FrozenClock, slot: datetime, tally: Tally) -> None:
    clock.now = slot
    tally.digests += await app.planner.plan_due()
    while sent := await app.notifier.send_due():
        tally.mails += sent


async def _subscribe(app: App) -> None:
    now = app.clock()
    consent = subscribers.Consent(at=now, how="replay", wording="an invented reader")
    for wish in READERS:
        due = schedule.next_slot(wish, now)
        await app.db.run(subscribers.add, wish.subscriber, wish, consent=consent, next_digest_at=due)


async def replay(
    played: RecordedSet, recording: Recording, states: Sequence[State], folder: Path, tell: Tell
) -> Played:
    """Play these states from an empty database in `folder`, then hold the recount against it."""
    clock, tally = FrozenClock(states[0].at), Tally()
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(ReplayServer(recording, states, clock))
        sink = stack.enter_context(LintedSink(folder / "mail"))
        await asyncio.to_thread((folder / "feeds.yaml").write_text, _feeds_yaml(played, server), "utf-8")
        environ = _environ(folder, sink)
        app = await stack.enter_async_context(
            open_app(load_settings(environ, None), environ, clock=clock, chance=lambda: 0.5)
        )
        await _subscribe(app)
        await play(app, states, clock, tally, tell)
        count = await app.db.read(entries.count)
    tally.entries, tally.groups, tally.revisions = count["entries"], count["groups"], count["revisions"]
    tally.bytes, tally.wire = server.body_bytes, server.wire_bytes
    tally.seconds, tally.peak_mb = time.monotonic() - began, _peak_mb()
    database, recount = folder / "monitor.db", Recount()
    for state in states:
        recount.add(state.feed, state.at, recording.read(state))
    found = [*differences(recount, stored(database), played.names), *told_twice(database)]
    return Played(tally=tally, mails=sink.mails, database=database, recount=recount, differences=tuple(found))


def _environ(folder: Path, sink: MailSink) -> dict[str, str]:
    return {
        "MONITOR_DATABASE": f"sqlite:///{folder / 'monitor.db'}",
        "MONITOR_FEEDS": str(folder / "feeds.yaml"),
        "MONITOR_VAR": str(folder),
        "MONITOR_SMTP_HOST": sink.host,
        "MONITOR_SMTP_PORT": str(sink.port),
        "MONITOR_SMTP_SECURITY": "none",
        "MONITOR_SENDER": "Ukraine monitor (replay) <monitor@example.org>",
        "MONITOR_HOST_GAP": "0",
        "MONITOR_MAIL_RATE_PER_DOMAIN": "100000",  # nothing waits while the simulated clock stands
    }


def _feeds_yaml(played: RecordedSet, server: ReplayServer) -> str:
    feeds = [
        {"id": feed, "url": server.url(feed), "allow_private": True, "interval": "1m"}
        | {name: value for name, value in asdict(about).items() if value}
        for feed, about in played.feeds.items()
    ]
    return f"extends: ukraine\nfeeds: {json.dumps(feeds, ensure_ascii=False)}\n"


def _peak_mb() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


# ── the command line ─────────────────────────────────────────────────────────────────────────────────────────────────

EXAMPLES = """examples:
  python -m tests.replay
  python -m tests.replay --set ru --since 2025-12-09 --until 2025-12-11 --keep var/replay
  python -m tests.replay --set temp --states 10 --json

The whole takes about eight minutes on two cores.
Exit status: 0 where the recount agrees, 1 where it does not, 2 where there is nothing to play."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    asked = _parser().parse_args(words)
    names = list(SETS) if asked.set == "all" else [asked.set]
    if absent := [SETS[name].path.name for name in names if not SETS[name].path.exists()]:
        _stop(f"not found: {', '.join(absent)} (looked in {RECORDINGS.resolve()})")
    reports = [_report(name, asked) for name in names] if len(names) == 1 else [_apart(name, asked) for name in names]
    if asked.json:
        print(json.dumps(reports, indent=2, ensure_ascii=False))
    else:
        _show(reports)
    return int(any(report["differences"] or report["tally"]["failed"] for report in reports))


def _parser() -> argparse.ArgumentParser:
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "python -m tests.replay", description=__doc__, epilog=EXAMPLES, formatter_class=layout
    )
    parser.add_argument("--set", choices=[*SETS, "all"], default="all", help="which recording (default: all)")
    parser.add_argument("--states", type=_count, metavar="N", help="only N moments, spread evenly from first to last")
    parser.add_argument("--since", type=_day, metavar="DAY", help="only from this day on (YYYY-MM-DD, UTC)")
    parser.add_argument("--until", type=_day, metavar="DAY", help="only before this day")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave databases and mails in this folder")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    return parser


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), clock_time(), UTC)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a day such as 2025-12-09") from None


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1 on")
    return int(text)


def _apart(name: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Play one recording in a process of its own, so that its peak memory is its own."""
    words = [sys.executable, "-m", "tests.replay", "--json", "--set", name]
    for option in ("states", "keep", "since", "until"):
        if (value := getattr(asked, option)) is not None:
            words += [f"--{option}", f"{value:%Y-%m-%d}" if isinstance(value, datetime) else str(value)]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(max(done.returncode, 2))
    found: dict[str, Any] = json.loads(done.stdout)[0]
    return found


def _report(name: str, asked: argparse.Namespace) -> dict[str, Any]:
    logs.configure("console", "warning")
    with tempfile.TemporaryDirectory() as scratch, Recording(SETS[name].path) as recording:
        folder = (asked.keep or Path(scratch)) / name
        if folder.exists():
            _stop(f"{folder} exists; name another folder, or remove it")
        folder.mkdir(parents=True)
        states = _chosen(recording, asked)
        with _progress(name) as tell:
            played = asyncio.run(replay(SETS[name], recording, states, folder, tell))
    return {
        "set": name,
        "tally": asdict(played.tally),
        "counted": played.recount.totals(),
        "differences": played.differences,
    }


def _stop(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise SystemExit(2)


def _chosen(recording: Recording, asked: argparse.Namespace) -> Sequence[State]:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    states = between(recording.states, asked.since or first, asked.until or last)
    if not states:
        _stop("no states between these days")
    return spread(states, asked.states) if asked.states else states


@contextmanager
def _progress(name: str) -> Iterator[Tell]:
    """Show how far it is, on a terminal."""
    err = Console(stderr=True)
    columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task(name)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show(reports: Sequence[dict[str, Any]]) -> None:
    table = Table("figure", title="Replay of recorded polls")
    for report in reports:
        table.add_column(report["set"], justify="right")
    for figure in reports[0]["tally"]:
        table.add_row(figure, *(f"{report['tally'][figure]:,.0f}" for report in reports))
    for figure in reports[0]["counted"]:
        table.add_row(f"recount: {figure}", *(f"{report['counted'][figure]:,}" for report in reports))
    table.add_row("differences", *(str(len(report["differences"])) for report in reports))
    out = Console(soft_wrap=True, highlight=False)
    out.print(table)
    for report in reports:
        for line in report["differences"]:
            out.print(f"{report['set']}: {line}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
