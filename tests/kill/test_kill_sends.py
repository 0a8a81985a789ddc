"""kill -9 at any moment of planning and sending: every edition arrives, and only a mail in flight arrives twice."""

import re
import sqlite3
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from monitor.clock import utc_now
from monitor.core.model import Schedule, Subscriber, Subscription
from monitor.store import subscribers
from monitor.store.subscribers import Consent
from tests.e2e.place import Place
from tests.e2e.process import Daemon
from tests.e2e.servers import Background, FeedServer, document
from tests.kill.moments import KILLS, as_left, change, is_sound, pass_time, print_table
from tests.kill.quick_sink import QuickSink, Stage

pytestmark = pytest.mark.kill

SEED = 20220224
READERS = 240
PLANNING = 10
"""So many of the kills fall while editions are planned, the others while mails go out."""
MOST_MAILS = 18
REFUSED = 0.05
WAIT_S = 30.0
TRY_AGAIN = "UPDATE outbox SET next_try_at = '2000-01-01 00:00:00.000000' WHERE state = 'deferred'"

TITLES = [f"Drones over Kyiv, report {number}" for number in range(5)]
TITLES += [f"Putin on Kyiv, speech {number}" for number in range(4)]
TITLES += [f"Putin on drones over Kyiv, speech {number}" for number in range(3)]


@dataclass
class Chronicle:
    """What each life left behind."""

    place: Place
    sink: QuickSink
    chance: Random
    in_flight: int = 0
    half_planned: int = 0
    doubles: list[str] = field(default_factory=list)
    stages: Counter[str] = field(default_factory=Counter)
    repaired: int = 0

    def life(self, number: int) -> None:
        """Start the daemon, kill it while it plans or sends, and read what it left."""
        planning = number < PLANNING
        stage = self.chance.choice(list(Stage))
        rest = 2 * READERS - len({mail.message_id for mail in self.sink.taken})
        self.sink.next_life(stage, self.chance.randint(0, 2 if planning else min(MOST_MAILS, rest // 2)))
        with self.place.daemon() as daemon:
            self.begin(daemon)
            if planning:
                pass_time(self.chance.uniform(0, 0.5))
            else:
                assert self.sink.wait(self.sink.reached, WAIT_S), daemon.tail()
                pass_time(self.chance.uniform(0, 0.02) if stage == Stage.REPLIED else 0)
        self.stages["while editions were planned" if planning else stage] += 1
        self.read(daemon)

    def begin(self, daemon: Daemon) -> None:
        """See that the daemon repairs what its predecessor left in flight, and says so."""
        assert daemon.wait("started")["repaired"] == self.in_flight
        self.repaired += self.in_flight
        change(self.place.database, TRY_AGAIN)

    def read(self, daemon: Daemon) -> None:
        """Compare what the mail server took with what the database knows of. They may differ by the mail in flight."""
        assert daemon.lines == []
        assert self.sink.wait(self.sink.silent, WAIT_S)
        with as_left(self.place.database, self.place.folder / "copy") as connection:
            assert is_sound(connection)
            states = dict(connection.execute("SELECT message_id, state FROM outbox").fetchall())
        self.half_planned += 0 < len(states) < 2 * READERS
        sending = {message_id for message_id, state in states.items() if state == "sending"}
        unsettled = [mail.message_id for mail in self.sink.of(self.sink.life) if states[mail.message_id] != "sent"]
        assert len(unsettled) <= 1
        assert sending >= set(unsettled)
        self.doubles += unsettled
        self.in_flight = len(sending)


def test_kill_9_while_sending(tmp_path: Path) -> None:
    began = monotonic()
    place = Place(tmp_path)
    with Background() as background:
        feeds, sink = background.enter(FeedServer()), background.enter(QuickSink(SEED, refusing=REFUSED))
        place.mail_to(sink.port)
        place.environ |= {"MONITOR_MAIL_CONNECTIONS": "1", "MONITOR_MAIL_RATE_PER_DOMAIN": "100000"}
        prepare(place, feeds)
        chronicle = Chronicle(place, sink, Random(SEED))
        for number in range(KILLS):
            chronicle.life(number)
        undisturbed(chronicle)
        mails = Counter(mail.message_id for mail in sink.taken)
    with as_left(place.database, tmp_path / "copy") as connection:
        assert is_sound(connection)
        editions = every_edition_was_sent_once(connection)
        assert set(mails) == editions
        ledger = the_ledger_has_no_double(connection)
    assert mails - Counter(editions) == Counter(chronicle.doubles)
    copies_are_the_same(sink)
    nobody_was_told_twice(sink)
    figures = {
        "seed": SEED,
        "kills": KILLS,
        **{f"  {stage}": count for stage, count in sorted(chronicle.stages.items())},
        "  with some of the editions planned, not all": chronicle.half_planned,
        "subscribers": READERS,
        "editions, each arrived": len(editions),
        "rows of the ledger, none double": ledger,
        "refused for now, and sent later": sink.refused,
        "mails put back into the queue by a restart": chronicle.repaired,
        "mails taken by the server": mails.total(),
        "  of them second copies, with their Message-ID": len(chronicle.doubles),
        "seconds": round(monotonic() - began),
    }
    print_table("kill -9 while sending", figures)


def prepare(place: Place, feeds: FeedServer) -> None:
    """Store entries and subscribers; each has two subscriptions that overlap, both of them due."""
    feeds.replies["courier"] = document(*TITLES, age=timedelta(hours=3))
    place.write({"courier": feeds.url("courier")})
    assert place.cli("poll").code == 0
    now = utc_now()
    slot = (now - timedelta(hours=1)).time().replace(second=0, microsecond=0)
    consent = Consent(at=now, how="test", wording="yes")
    with place.db() as db:
        for number in range(READERS):
            reader = Subscriber(pk=0, email=f"reader-{number}@example.org")
            plain = Subscription(pk=0, subscriber=reader, schedule=Schedule(times=(slot,)))
            for wish in (replace(plain, topics=frozenset({"drones"})), replace(plain, actors=frozenset({"putin"}))):
                db.run_now(subscribers.add, reader, wish, consent=consent, next_digest_at=now - timedelta(hours=1))
    change(place.database, "UPDATE subscription SET next_digest_at = '2000-01-01 00:00:00.000000'")


def undisturbed(chronicle: Chronicle) -> None:
    """Let the rest go out, and end in order."""
    chronicle.sink.next_life()
    chronicle.sink.refusing = 0.0
    with chronicle.place.daemon() as daemon:
        chronicle.begin(daemon)
        ids = {mail.message_id for mail in chronicle.sink.taken}

        def complete() -> bool:
            ids.update(mail.message_id for mail in chronicle.sink.taken)
            return len(ids) == 2 * READERS

        daemon.until(complete, 3 * WAIT_S, "last mail")
        assert daemon.end() == 0
    chronicle.read(daemon)
    assert chronicle.in_flight == 0


def every_edition_was_sent_once(connection: sqlite3.Connection) -> set[str]:
    """Return the Message-IDs of all editions. Fails where one was planned twice, or is not known to be sent."""
    assert connection.execute("SELECT count(*), count(DISTINCT subscription_id) FROM edition").fetchall() == [
        (2 * READERS, 2 * READERS)
    ]
    assert connection.execute("SELECT DISTINCT state FROM edition").fetchall() == [("sent",)]
    rows = connection.execute("SELECT message_id, state FROM outbox WHERE kind = 'digest'").fetchall()
    assert {state for _, state in rows} == {"sent"}
    assert len(rows) == 2 * READERS
    return {message_id for message_id, _ in rows}


def the_ledger_has_no_double(connection: sqlite3.Connection) -> int:
    rows = connection.execute("SELECT subscriber_id, group_id FROM delivery").fetchall()
    assert len(rows) == len(set(rows)) == READERS * len(TITLES)
    return len(rows)


def copies_are_the_same(sink: QuickSink) -> None:
    first = {mail.message_id: mail for mail in reversed(sink.taken)}
    assert all(first[mail.message_id].data == mail.data for mail in sink.taken)


def nobody_was_told_twice(sink: QuickSink) -> None:
    """Read the mails themselves: each reader was given each entry in exactly one of them."""
    links: Counter[tuple[str, str]] = Counter()
    for mail in {mail.message_id: mail for mail in sink.taken}.values():
        links.update({(mail.recipient, link) for link in re.findall(r"https://courier\.example/\S+", text(mail.data))})
    assert set(links.values()) == {1}
    assert len(links) == READERS * len(TITLES)


def text(data: bytes) -> str:
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
