"""A morning's digests by the program's own way: a database on disk, planning, sending; what it costs and holds.

Each of 50 feeds brought 60 entries that night, all about a topic of its own. Each reader asks for one of these topics,
so that the readers of one share candidates and a digest, and every mail is still the reader's own.
"""

import asyncio
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from time import process_time

from sqlalchemy import Connection

from benchmarks.mailing.made import CANDIDATES, END, LABELS, PAGES, SENDER, candidates, new_signer, reader
from benchmarks.mailing.wire import server, sink
from benchmarks.memory import memory_mb
from monitor.core.model import (
    Candidate,
    Consent,
    Entry,
    FeedSpec,
    FeedState,
    Judged,
    Match,
    NextPoll,
    PollOutcome,
    RuleKind,
    Subscription,
    Verdict,
)
from monitor.core.parsing import KEY_VERSION
from monitor.core.rates import Rates
from monitor.links import Links
from monitor.net.mail import Mailer
from monitor.notify import Notifier, Planner, Sender
from monitor.render import Renderer
from monitor.store import feeds, hits, maintenance, outbox, subscribers
from monitor.store.database import Database
from monitor.store.rules import sync_rules

ROOT = Path(__file__).parents[2]
WISHES = 50
DOMAINS = 20
FOUND = END - timedelta(minutes=5)
NOW = END + timedelta(hours=3)
"""The slots of all three zones have come."""

CONSENT = Consent(at=FOUND, how="benchmark", wording="yes")
A_TRANSACTION = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Milliseconds of CPU a mail, and MB that the process holds: before, and at most until all was planned, and sent.

    `start_mb` is the most that it held until then, too: nothing of the preparations is taken for the way's own.
    """

    subscribers: int
    plan_ms: float
    send_ms: float
    start_mb: float
    planned_mb: float
    peak_mb: float


def measure(readers: int, connections: int) -> Way:
    """Plan and send a digest to each of so many readers, once. Raises FileNotFoundError without `smtp-sink`."""
    with tempfile.TemporaryDirectory(prefix="mail-benchmark-") as folder, sink() as port, _database(folder) as db:
        maintenance.upgrade(db.engine)
        db.run_now(_publish)
        for first in range(0, readers, A_TRANSACTION):
            db.run_now(_subscribe, range(first, min(first + A_TRANSACTION, readers)))
        return asyncio.run(_measured(db, readers, port, connections))


def _database(folder: str) -> closing[Database]:
    return closing(Database(f"sqlite:///{folder}/monitor.db"))


async def _measured(db: Database, readers: int, port: int, connections: int) -> Way:
    start_mb, begun = memory_mb("VmHWM"), process_time()
    planned = await Planner(db=db, domain="example.org", clock=lambda: NOW).plan_due()
    planned_mb, between = memory_mb("VmHWM"), process_time()
    async with Mailer(server(port), connections=connections) as mailer:
        sent = await _notifier(db, mailer).send_due()
    ended = process_time()
    states = (await db.read(outbox.counts)).states
    if not planned == sent == readers or states != {"sent": readers}:
        raise RuntimeError(f"{readers} readers: {planned} planned, {sent} sent, in the outbox {states}")
    return Way(
        subscribers=readers,
        plan_ms=(between - begun) / readers * 1e3,
        send_ms=(ended - between) / readers * 1e3,
        start_mb=start_mb,
        planned_mb=planned_mb,
        peak_mb=memory_mb("VmHWM"),
    )


def _notifier(db: Database, mailer: Mailer) -> Notifier:
    return Notifier(
        db=db,
        render=Renderer(ROOT / "templates", sender=SENDER),
        send=mailer.send,
        labels=lambda: LABELS,
        sender=Sender(address=SENDER, domain="example.org", unsubscribe="desk@example.org"),
        links=Links(PAGES, "x" * 32, "desk@example.org", lambda: NOW),
        clock=lambda: NOW,
        rates=Rates(per_minute=1_000_000),
        at_once=mailer.connections,
        sign=new_signer().sign,
    )


# ── what is in the database ──────────────────────────────────────────────────────────────────────────────────────────


def _publish(conn: Connection) -> None:
    """Let each feed's poll bring the candidates of one wish."""
    specs = {f"f{at:02}": FeedSpec(id=f"f{at:02}", title=f"Feed {at}", url=f"https://f{at}.example/") for at in _all()}
    feeds.sync(conn, specs.values(), FOUND)
    rules = sync_rules(conn, [(RuleKind.TOPIC, _topic(at), "") for at in _all()], FOUND)
    for at, state in enumerate(sorted(feeds.states(conn, specs), key=lambda state: state.spec.id)):
        hits.record_poll(conn, _poll(at, state), rules)


def _all() -> range:
    return range(WISHES)


def _topic(wish: int) -> str:
    return f"topic-{wish}"


def _poll(wish: int, state: FeedState) -> PollOutcome:
    return PollOutcome(
        feed=state,
        at=FOUND,
        next_poll=NextPoll(at=NOW + timedelta(days=1), reason="on time"),
        shown=CANDIDATES,
        judged=tuple(_judged(wish, one) for one in candidates(wish)),
    )


def _judged(wish: int, one: Candidate) -> Judged:
    entry = Entry(
        keys=(one.url or "",),
        key_version=KEY_VERSION,
        title=one.title,
        fingerprint=sha256(one.title.encode()).hexdigest(),
        url=one.url,
        canonical_url=one.url,
        summary=one.summary,
        lang=one.lang,
        published=one.published,
    )
    match = Match(kind=RuleKind.TOPIC, rule=_topic(wish), evidence=one.matches[0].evidence)
    return Judged(entry=entry, publisher=one.publisher, verdict=Verdict(relevant=True, matches=(match,)))


def _subscribe(conn: Connection, numbers: range) -> None:
    for wish in map(_wish, numbers):
        subscribers.add(conn, wish.subscriber, wish, consent=CONSENT, next_digest_at=END)


def _wish(number: int) -> Subscription:
    wish = number % WISHES
    one = reader(number, wish)
    address = f"reader-{number}@d{number % DOMAINS}.example"
    return replace(one, subscriber=replace(one.subscriber, email=address), topics=frozenset([_topic(wish)]))
