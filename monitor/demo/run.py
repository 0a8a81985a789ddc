"""The whole chain in one go: sample feeds over HTTP, two polls, matches, three readers, mail through a real server."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from monitor import daemon
from monitor.app import App, open_app
from monitor.clock import utc_now
from monitor.core import schedule
from monitor.core.model import PollOutcome, Recorded, Schedule, Subscriber, Subscription
from monitor.demo.server import SampleServer, feeds_yaml
from monitor.demo.sink import KeptMail, MailSink
from monitor.errors import InputError
from monitor.settings import load_settings
from monitor.store import entries, feeds, subscribers

MARK = "made-by-demo"
MORNING = Schedule(times=(time(7),))

READERS = (
    Subscription(pk=0, schedule=MORNING, subscriber=Subscriber(pk=0, email="desk@example.org", zone="Europe/Brussels")),
    Subscription(
        pk=0,
        schedule=MORNING,
        topics=frozenset({"peace-talks", "us-policy"}),
        actors=frozenset({"trump", "putin", "peskov", "zelensky"}),
        subscriber=Subscriber(pk=0, email="redaktsiia@example.org", lang="uk", zone="Europe/Kyiv"),
    ),
    Subscription(
        pk=0,
        schedule=MORNING,
        topics=frozenset({"foreign-fighters"}),
        subscriber=Subscriber(pk=0, email="lage@example.org", lang="de", zone="Europe/Berlin"),
    ),
)
"""One reads everything, one the telephone call and the talks, and one waits for something that does not happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What polling every feed once brought."""

    polls: tuple[tuple[PollOutcome, Recorded], ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the demonstration did, and what it left."""

    rounds: tuple[Round, ...]
    stored: dict[str, int]
    mails: tuple[KeptMail, ...]
    database: Path


async def run(folder: Path, *, tell: Callable[[str], None], show: Callable[[Report], None], stay: bool = False) -> None:
    """Run the demonstration in an emptied `folder` and show what it did; with `stay` go on as a daemon.

    Raises InputError where the folder holds something else.
    """
    _clear(folder)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(SampleServer(now=utc_now()))
        sink = stack.enter_context(MailSink(folder / "mail"))
        await asyncio.to_thread((folder / "feeds.yaml").write_text, feeds_yaml(server), "utf-8")
        environ = _environ(folder, sink)
        tell("reading the watchlist")
        app = await stack.enter_async_context(open_app(load_settings(environ, None), environ))
        rounds = []
        for state, what in ((1, "first poll: what the feeds hold is history"), (2, "second poll: news and retitles")):
            tell(what)
            server.state = state
            rounds.append(await _poll(app))
        tell("planning and mailing three digests")
        mails = await _mail(app, sink)
        stored = await app.db.read(entries.count)
        show(Report(rounds=tuple(rounds), stored=stored, mails=tuple(mails), database=folder / "monitor.db"))
        if stay:
            tell("staying up as a daemon; Ctrl-C ends it")
            await daemon.live(app)


def _clear(folder: Path) -> None:
    if folder.exists():
        if not (folder / MARK).exists() and any(folder.iterdir()):
            raise InputError(f"{folder} holds something that the demonstration did not make; name another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).touch()


def _environ(folder: Path, sink: MailSink) -> dict[str, str]:
    return {
        "MONITOR_DATABASE": f"sqlite:///{folder / 'monitor.db'}",
        "MONITOR_FEEDS": str(folder / "feeds.yaml"),
        "MONITOR_VAR": str(folder),
        "MONITOR_SMTP_HOST": sink.host,
        "MONITOR_SMTP_PORT": str(sink.port),
        "MONITOR_SMTP_SECURITY": "none",
        "MONITOR_SENDER": "Ukraine monitor (invented news) <monitor@example.org>",
        "MONITOR_HOST_GAP": "0",
        "MONITOR_DISK_FREE_MB": "1",
    }


async def _poll(app: App) -> Round:
    polls: list[tuple[PollOutcome, Recorded]] = []
    states = await app.db.read(feeds.states, app.watched.specs)
    began = asyncio.get_running_loop().time()
    await app.fleet.poll_all(states, lambda outcome, recorded: polls.append((outcome, recorded)))
    return Round(polls=tuple(polls), seconds=asyncio.get_running_loop().time() - began)


async def _mail(app: App, sink: MailSink) -> Sequence[KeptMail]:
    now = app.clock()
    consent = subscribers.Consent(at=now, how="demonstration", wording="an invented reader")
    for wish in READERS:
        due = schedule.next_slot(wish, now)
        await app.db.run(subscribers.add, wish.subscriber, wish, consent=consent, next_digest_at=due)
        await app.planner.plan_now(wish.subscriber.email)
    await app.notifier.send_due()
    return sink.mails
