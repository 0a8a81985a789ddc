"""kill -9 while digests go out to a rude server: all arrive, and only mails in flight arrive twice; or none does."""

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from monitor.clock import utc_now
from monitor.core.model import Schedule, Subscriber, Subscription
from monitor.store import subscribers
from monitor.store.subscribers import Consent
from tests.e2e.place import OPERATOR, Place
from tests.e2e.process import Daemon
from tests.e2e.servers import Background, FeedServer, document
from tests.kill.moments import as_left, change, is_sound, pass_time, print_table
from tests.kill.rude_sink import Mood, RudeSink

pytestmark = pytest.mark.kill_mail

SEED = 20220224
KILLS = 200
READERS = 1000
PER_DOMAIN = 20
"""Fewer than it takes to hold a domain for its many refusals: that is tested elsewhere."""
CONNECTIONS = 4
WAIT_S = 60.0
PAST = "2000-01-01 00:00:00.000000"
TRY_AGAIN = f"UPDATE outbox SET next_try_at = '{PAST}' WHERE state = 'deferred'"
REST_NO_MORE = (
    f"UPDATE domain_hold SET until = '{PAST}', since = '1999-12-31 23:59:00.000000' "
    "WHERE until IS NOT NULL AND released_at IS NULL"
)
TITLES = [f"Drones over Kyiv, report {number}" for number in range(5)]


@dataclass
class Chronicle:
    """What each life left behind."""

    place: Place
    sink: RudeSink
    chance: Random
    hold: bool = False
    lives: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    released: int = 0

    def daemon(self) -> Daemon:
        self.lives += 1
        self.sink.life = self.lives
        change(self.place.database, TRY_AGAIN)
        change(self.place.database, REST_NO_MORE)
        return self.place.daemon(
            MONITOR_MAIL_CONNECTIONS=str(CONNECTIONS),
            MONITOR_MAIL_RATE_PER_DOMAIN="100000",
            MONITOR_SMTP_TIMEOUT="1",
            MONITOR_AMBIGUOUS="hold" if self.hold else "resend",
        )

    def life(self, most: int) -> None:
        """Start the daemon, kill it at a random moment of planning or sending, and read what it left."""
        enough = len(self.sink.taken) + self.chance.randint(0, most)
        with self.daemon() as daemon:
            started = daemon.wait("started")
            assert started["repaired"] == self.in_flight
            self.sink.wait(lambda: len(self.sink.taken) > enough, 5.0)
            pass_time(self.chance.choice((0, self.chance.uniform(0, 0.02), self.chance.uniform(0, 0.2))))
        self.read(daemon)

    def read(self, daemon: Daemon) -> None:
        """Compare what the server took with what the database knows of: they differ by what was in flight."""
        assert daemon.lines == [], daemon.tail()
        assert self.sink.wait(self.sink.silent, WAIT_S)
        with as_left(self.place.database, self.place.folder / "copy") as connection:
            assert is_sound(connection)
            states = dict(connection.execute("SELECT message_id, state FROM outbox").fetchall())
        sending = {message_id for message_id, state in states.items() if state == "sending"}
        assert len(sending) <= CONNECTIONS
        unsettled = {mail.message_id for mail in self.sink.of(self.lives) if states[mail.message_id] != "sent"}
        dropped = {message_id for message_id, count in self.sink.excused.items() if count}
        assert unsettled <= sending | dropped
        for message_id in unsettled & sending:
            self.killed[message_id] += 1
        self.in_flight = len(sending)
        self.most_in_flight = max(self.most_in_flight, len(sending))

    def operate(self) -> None:
        """Do what an operator does about domains that are held."""
        for record in self.place.cli("mail", "held", "--json").records:
            hold = record.get("hold")
            if hold and hold["until"] is None:
                assert self.place.cli("mail", "release", hold["domain"]).code == 0
                self.released += 1

    def undisturbed(self) -> None:
        """Let the rest go out to a server that takes everything, and end in order."""
        self.sink.kind()
        self.operate()
        with self.daemon() as daemon:
            daemon.wait("started")
            for _ in range(60):
                change(self.place.database, TRY_AGAIN)
                change(self.place.database, REST_NO_MORE)
                pass_time(1)
                if not self.waiting():
                    break
            assert daemon.end() == 0
        self.read(daemon)
        assert self.in_flight == 0

    def waiting(self) -> int:
        with sqlite3.connect(self.place.database, timeout=30) as connection:
            query = "SELECT count(*) FROM outbox WHERE state NOT IN ('sent', 'failed', 'held')"
            return int(connection.execute(query).fetchone()[0])


def play(folder: Path, *, readers: int, kills: int, hold: bool) -> Chronicle:
    place = Place(folder)
    with Background() as background:
        feeds, sink = background.enter(FeedServer()), background.enter(RudeSink(SEED, spared=OPERATOR))
        place.mail_to(sink.port)
        prepare(place, feeds, readers)
        chronicle = Chronicle(place, sink, Random(SEED), hold=hold)
        for number in range(kills):
            chronicle.life(most=2 * readers // kills)
            if number % 10 == 9:
                chronicle.operate()
        chronicle.undisturbed()
    return chronicle


def prepare(place: Place, feeds: FeedServer, readers: int) -> None:
    """Store entries, and subscribers whose digests are due."""
    feeds.replies["courier"] = document(*TITLES, age=timedelta(hours=3))
    place.write({"courier": feeds.url("courier")})
    assert place.cli("poll").code == 0
    now = utc_now()
    due = now - timedelta(hours=1)
    consent = Consent(at=now, how="test", wording="yes")
    when = Schedule(times=(due.time().replace(second=0, microsecond=0),))
    with place.db() as db:
        for number in range(readers):
            reader = Subscriber(pk=0, email=f"reader-{number}@d{number // PER_DOMAIN}.example")
            db.run_now(
                subscribers.add,
                reader,
                Subscription(pk=0, subscriber=reader, schedule=when),
                consent=consent,
                next_digest_at=due,
            )
    change(place.database, f"UPDATE subscription SET next_digest_at = '{PAST}'")


@dataclass(frozen=True, slots=True)
class Ends:
    """How the digests ended: Message-ID → state, recipient."""

    states: dict[str, str]
    recipients: dict[str, str]


def ends(chronicle: Chronicle, readers: int) -> Ends:
    with as_left(chronicle.place.database, chronicle.place.folder / "copy") as connection:
        assert is_sound(connection)
        rows = connection.execute(
            "SELECT message_id, state, recipient, body IS NULL FROM outbox WHERE kind = 'digest'"
        ).fetchall()
        editions = connection.execute("SELECT count(*), count(DISTINCT subscription_id) FROM edition").fetchone()
    assert editions == (readers, readers)
    assert len(rows) == readers
    assert all(bare for _, state, _, bare in rows if state in {"sent", "failed"})
    return Ends({one[0]: one[1] for one in rows}, {one[0]: one[2] for one in rows})


def all_arrived(chronicle: Chronicle, found: Ends) -> Counter[str]:
    """Return how many copies of each digest came. Fails where one was lost, or a copy is not the first's twin."""
    sink = chronicle.sink
    copies = Counter(mail.message_id for mail in sink.taken if mail.recipient != OPERATOR)
    assert set(copies) <= set(found.states)
    for message_id, state in found.states.items():
        if state == "sent":
            assert message_id in copies
        elif state == "failed":
            assert found.recipients[message_id] in sink.gone
    first = {mail.message_id: mail for mail in reversed(sink.taken)}
    assert all(first[mail.message_id].data == mail.data for mail in sink.taken)
    assert all(first[mail.message_id].recipient == mail.recipient for mail in sink.taken)
    return copies


def test_kill_9_while_a_rude_server_takes_a_thousand_digests(tmp_path: Path) -> None:
    began = monotonic()
    chronicle = play(tmp_path, readers=READERS, kills=KILLS, hold=False)
    found = ends(chronicle, READERS)
    copies = all_arrived(chronicle, found)
    assert set(found.states.values()) <= {"sent", "failed"}
    for message_id, count in copies.items():
        assert count - 1 <= chronicle.killed[message_id] + chronicle.sink.excused[message_id]
    show("kill -9 while a rude server takes digests", chronicle, found, copies, began)


def test_kill_9_where_nothing_may_arrive_twice(tmp_path: Path) -> None:
    began = monotonic()
    chronicle = play(tmp_path, readers=READERS // 5, kills=KILLS // 8, hold=True)
    found = ends(chronicle, READERS // 5)
    copies = all_arrived(chronicle, found)
    assert set(copies.values()) == {1}
    assert set(found.states.values()) <= {"sent", "failed", "held"}
    held = {message_id for message_id, state in found.states.items() if state == "held"}
    assert held
    assert {message_id for message_id in copies if found.states[message_id] != "sent"} <= held
    show("kill -9 with MONITOR_AMBIGUOUS=hold", chronicle, found, copies, began)


def show(title: str, chronicle: Chronicle, found: Ends, copies: Counter[str], began: float) -> None:
    moods, states = chronicle.sink.moods, Counter(found.states.values())
    figures = {
        "seed": SEED,
        "kills": chronicle.lives - 1,
        "digests": len(found.states),
        **{f"  {state}": count for state, count in sorted(states.items())},
        "answers of the server": moods.total(),
        **{f"  {mood}"[:47]: moods[mood] for mood in Mood},
        "connections at once": chronicle.sink.most,
        "mails in flight at a kill, at most": chronicle.most_in_flight,
        "times the operator released a domain": chronicle.released,
        "copies taken by the server": copies.total(),
        "  second copies": copies.total() - len(copies),
        "  most copies of one mail": max(copies.values()),
        "  excused by a kill": sum(chronicle.killed.values()),
        "  excused by a dropped connection": sum(chronicle.sink.excused.values()),
        "seconds": round(monotonic() - began),
    }
    print_table(title, figures)
