"""Plays recorded poll sequences through the whole monitor: real HTTP, store, digests and SMTP, on a simulated clock."""

import argparse
import asyncio
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from aiohttp import hdrs, web
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from monitor import logs
from monitor.app import App, open_app
from monitor.core import schedule
from monitor.core.model import PollOutcome, Recorded, Subscriber, Subscription
from monitor.demo.sink import KeptMail, MailSink
from monitor.settings import load_settings
from monitor.store import entries, feeds, subscribers
from tests.fakes import FrozenClock
from tests.recordings import RECORDINGS, Recording, State, between, by_moment, spread
from tests.recount import Recount, differences, stored, told_twice

HOST = "127.0.0.1"
KYIV = ZoneInfo("Europe/Kyiv")
MORNING = clock_time(7)
AGAIN = 10
"""After every so many moments all feeds are asked once more, and have nothing new."""


READERS = (
    Subscription(pk=0, subscriber=Subscriber(pk=0, email="desk@example.org", zone="Europe/Kyiv")),
    Subscription(
        pk=0,
        topics=frozenset({"drones", "peace-talks", "sanctions", "energy"}),
        subscriber=Subscriber(pk=0, email="redaktsiia@example.org", lang="uk", zone="Europe/Kyiv"),
    ),
    Subscription(
        pk=0,
        daily=(clock_time(6),),
        actors=frozenset({"putin", "zelensky", "trump"}),
        subscriber=Subscriber(pk=0, email="lage@example.org", lang="de", zone="Europe/Berlin"),
    ),
)
"""One reads everything, one some topics, one some people in German; for each it is 07:00 in Kyiv."""


class ReplayServer:
    """Serves `/<feed>` as it was at the moment that `clock` tells: the newest state not later than that.

    With validators, 304 (RFC 9110 §13) and gzip where it is accepted; 503 before a feed's first state. `replies` counts
    statuses, `body_bytes` and `wire_bytes` what was sent, before and after compression.
    """

    def __init__(self, recording: Recording, states: Sequence[State], clock: Callable[[], datetime]) -> None:
        self.replies: Counter[int] = Counter()
        self.body_bytes = 0
        self.wire_bytes = 0
        self._recording = recording
        self._clock = clock
        self._states: dict[str, list[State]] = {}
        for state in sorted(states):
            self._states.setdefault(state.feed, []).append(state)
        self._at = dict.fromkeys(self._states, -1)
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{feed}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def url(self, feed: str) -> str:
        """Return where a feed is served."""
        return f"http://{HOST}:{self._port}/{feed}"

    def current(self, feed: str) -> State | None:
        """Return what a feed shows at this moment; the clock only moves on."""
        states, at, now = self._states[feed], self._at[feed], self._clock()
        while at + 1 < len(states) and states[at + 1].at <= now:
            at += 1
        self._at[feed] = at
        return states[at] if at >= 0 else None

    async def _answer(self, request: web.Request) -> web.Response:
        feed = request.match_info["feed"]
        if feed not in self._states:
            raise web.HTTPNotFound
        state = self.current(feed)
        response = web.Response(status=503) if state is None else self._response(request, state)
        self.replies[response.status] += 1
        return response

    def _response(self, request: web.Request, state: State) -> web.Response:
        body = self._recording.read(state)
        response = web.Response(headers={hdrs.CACHE_CONTROL: "no-cache"})
        response.etag = sha256(body).hexdigest()[:16]
        response.last_modified = state.at
        if response.etag in (request.if_none_match or ()):
            response.set_status(304)
            return response
        zipped = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        response.headers[hdrs.CONTENT_TYPE] = "application/rss+xml"
        response.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
        if zipped:
            response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        response.body = gzip.compress(body, 1, mtime=0) if zipped else body
        self.body_bytes += len(body)
        self.wire_bytes += len(response.body)
        return response


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
    differences: tuple[str, ...]


Tell = Callable[[int, int], None]
"""Told after each moment: how many were played, of how many."""


def mornings(since: datetime, until: datetime) -> list[datetime]:
    """Return the moments of 07:00 in Kyiv after `since`, up to the first after `until`."""
    found = [schedule.next_slot((MORNING,), KYIV.key, since)]
    while found[-1] <= until:
        found.append(schedule.next_slot((MORNING,), KYIV.key, found[-1]))
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
    tally.digests += len(await app.notifier.plan_due())
    while sent := await app.notifier.send_due():
        tally.mails += sent


async def _subscribe(app: App) -> None:
    now = app.clock()
    consent = subscribers.Consent(at=now, how="replay", wording="an invented reader")
    for wish in READERS:
        due = schedule.next_slot(wish.daily, wish.subscriber.zone, now)
        await app.db.run(subscribers.add, wish.subscriber, wish, consent=consent, next_digest_at=due)


async def replay(played: RecordedSet, recording: Recording, states: Sequence[State], folder: Path, tell: Tell) -> Played:
    """Play these states from an empty database in `folder`, then hold the recount against it."""
    clock, tally = FrozenClock(states[0].at), Tally()
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(ReplayServer(recording, states, clock))
        sink = stack.enter_context(MailSink(folder / "mail"))
        await asyncio.to_thread((folder / "feeds.yaml").write_text, _feeds_yaml(played, server), "utf-8")
        environ = _environ(folder, sink)
        app = await stack.enter_async_context(open_app(load_settings(environ, None), environ, clock=clock))
        await _subscribe(app)
        await play(app, states, clock, tally, tell)
        count = await app.db.read(entries.count)
    tally.entries, tally.groups, tally.revisions = count["entries"], count["groups"], count["revisions"]
    tally.bytes, tally.wire = server.body_bytes, server.wire_bytes
    tally.seconds, tally.peak_mb = time.monotonic() - began, _peak_mb()
    database = folder / "monitor.db"
    found = compare(played, recording, states, database)
    return Played(tally=tally, mails=sink.mails, database=database, differences=tuple(found))


def compare(played: RecordedSet, recording: Recording, states: Sequence[State], database: Path) -> list[str]:
    """Return where a database is not what the recount of the states says, and what of the mail went wrong."""
    recount = Recount()
    for state in states:
        recount.add(state.feed, state.at, recording.read(state))
    return [*differences(recount, stored(database), played.names), *told_twice(database)]


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
  python -m tests.replay                                          every recording, about a quarter of an hour
  python -m tests.replay --set ru --since 2025-12-09 --until 2025-12-11 --keep var/replay
  python -m tests.replay --set temp --states 10 --json"""


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; 0: the recount agrees, 1: it does not, 2: there is nothing to play."""
    asked = _parser().parse_args(words)
    err = Console(stderr=True)
    names = list(SETS) if asked.set == "all" else [asked.set]
    if absent := [SETS[name].path.name for name in names if not SETS[name].path.exists()]:
        err.print(f"not there: {', '.join(absent)} (looked in {RECORDINGS})")
        return 2
    if asked.set == "all":
        reports = [_in_a_process(name, asked) for name in names]
    else:
        reports = [_play_one(asked, err)]
    print(json.dumps(reports, indent=2, ensure_ascii=False)) if asked.json else _show(reports)
    return 1 if any(report["differences"] or report["failed"] for report in reports) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.replay", description=__doc__, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--set", choices=[*SETS, "all"], default="all", help="which recording (default: all)")
    parser.add_argument("--states", type=int, metavar="N", help="only so many moments, spread from first to last")
    parser.add_argument("--since", type=_day, metavar="DAY", help="only from this day on (UTC, YYYY-MM-DD)")
    parser.add_argument("--until", type=_day, metavar="DAY", help="only before this day")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave database and mails there, in a new folder")
    parser.add_argument("--json", action="store_true", help="print JSON for programs")
    return parser


def _day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), clock_time(), UTC)
