"""kill -9 at any moment of polling loses no recorded entry, doubles none, and leaves no poll half recorded."""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from tests.e2e.place import Place
from tests.e2e.process import Daemon
from tests.e2e.servers import Background
from tests.kill.changing_feeds import FEEDS, Answer, ChangingFeeds, digest, name, rules, titles
from tests.kill.moments import KILLS, as_left, change, is_sound, pass_time, print_table

pytestmark = pytest.mark.kill

SEED = 20221011
WAIT_S = 30.0
POLLED = ("polled", "polled, nothing new")
ALL_DUE = "UPDATE feed SET next_poll_at = '2000-01-01 00:00:00.000000'"


@dataclass
class Chronicle:
    """What was asked for, what the log said and what the database held, life by life."""

    place: Place
    feeds: ChangingFeeds
    chance: Random
    recorded: dict[int, list[Answer]] = field(default_factory=lambda: {feed: [] for feed in range(FEEDS)})
    lives: int = 0
    before_started: int = 0
    unlogged: int = 0
    lost: int = 0
    start_s: float = 1.0

    def life(self) -> None:
        """Start the daemon, kill it at a random moment, and read what it left."""
        with self.daemon() as daemon:
            if self.chance.random() < 0.2:
                pass_time(self.chance.uniform(0.2, 1.1 * self.start_s))
            else:
                self.poll(daemon, self.chance.randint(1, int(1.5 * FEEDS)))
                pass_time(self.chance.choice((0, self.chance.uniform(0, 0.02), self.chance.uniform(0, 0.3))))
        self.before_started += not daemon.find("started")
        self.read(daemon)

    def daemon(self) -> Daemon:
        self.lives += 1
        return self.place.daemon(MONITOR_LOG_LEVEL="debug", MONITOR_CONTACT=f"life-{self.lives}@example.org")

    def poll(self, daemon: Daemon, requests: int) -> None:
        """Let time pass for the feeds until they have been asked so often."""
        began = monotonic()
        daemon.wait("started")
        self.start_s = monotonic() - began
        target = self.feeds.served + requests
        while (now := self.feeds.served) < target:
            change(self.place.database, ALL_DUE)
            assert self.feeds.wait(min(target, now + FEEDS), WAIT_S), daemon.tail()

    def read(self, daemon: Daemon) -> None:
        """Learn from log and database which polls were recorded. They cannot differ by more than the one in flight."""
        assert daemon.find("poll failed") == []
        assert daemon.lines == []
        with as_left(self.place.database, self.place.folder / "copy") as connection:
            assert is_sound(connection)
            polls = dict(connection.execute("SELECT key, polls FROM feed").fetchall())
            hashes = dict(connection.execute("SELECT key, body_hash FROM feed").fetchall())
        for feed in range(FEEDS):
            self.judge(feed, daemon, polls.get(name(feed), 0), hashes.get(name(feed)))

    def judge(self, feed: int, daemon: Daemon, polls: int, body_hash: str | None) -> None:
        asked = [answer for answer in self.feeds.answers[feed] if f"life-{self.lives}@" in answer.asker]
        logged = sum(len(daemon.find(event, feed=name(feed))) for event in POLLED)
        recorded = polls - len(self.recorded[feed])
        assert logged <= recorded <= min(logged + 1, len(asked)), (feed, logged, recorded, asked, daemon.tail())
        self.unlogged += recorded - logged
        self.lost += len(asked) - recorded
        self.recorded[feed] += asked[:recorded]
        if self.recorded[feed]:
            assert body_hash == digest(feed, self.recorded[feed][-1].version)

    @property
    def versions(self) -> dict[int, list[int]]:
        return {feed: [answer.version for answer in answers] for feed, answers in self.recorded.items()}


def test_kill_9_while_polling(tmp_path: Path) -> None:
    began = monotonic()
    place = Place(tmp_path, {"MONITOR_CONCURRENCY": "16"})
    with Background() as background:
        feeds = background.enter(ChangingFeeds(SEED))
        place.write(feeds.urls())
        assert place.cli("db", "upgrade").code == 0
        chronicle = Chronicle(place, feeds, Random(SEED))
        for _ in range(KILLS):
            chronicle.life()
        undisturbed(chronicle)
    with as_left(place.database, tmp_path / "copy") as connection:
        assert is_sound(connection)
        found = stored(connection)
        assert found == titles(chronicle.versions)
        assert hits(connection) == rules(chronicle.versions)
        count_feeds(connection, chronicle)
    figures = {
        "seed": SEED,
        "kills": KILLS,
        "  before the daemon said that it had started": chronicle.before_started,
        "requests served": feeds.served,
        "polls recorded": sum(map(len, chronicle.recorded.values())),
        "  of them after the last log line": chronicle.unlogged,
        "polls that a kill left unrecorded": chronicle.lost,
        "entries, each stored once": len(found),
        "entries retitled": sum(len(seen) > 1 for seen in found.values()),
        "hits, each stored once": len(rules(chronicle.versions)),
        "seconds": round(monotonic() - began),
    }
    print_table("kill -9 while polling", figures)


def undisturbed(chronicle: Chronicle) -> None:
    """Poll every feed once more and end in order."""
    with chronicle.daemon() as daemon:
        daemon.wait("started")
        change(chronicle.place.database, ALL_DUE)
        wanted = {name(feed) for feed in range(FEEDS)}
        daemon.until(
            lambda: wanted <= {one.get("feed") for event in POLLED for one in daemon.find(event)}, WAIT_S, "all"
        )
        assert daemon.end() == 0
    chronicle.read(daemon)


def stored(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Map each entry's address to its titles, the oldest first. Fails where a feed has an entry twice."""
    twice = "SELECT {0} FROM {1} GROUP BY {0} HAVING count(*) > 1"
    for columns, table in (("feed_id, key", "entry"), ("feed_id, url", "entry"), ("feed_id, key", "entry_key")):
        assert connection.execute(twice.format(columns, table)).fetchall() == []
    query = "SELECT url, title FROM entry JOIN revision ON entry_id = entry.id ORDER BY entry.id, number"
    found: dict[str, list[str]] = defaultdict(list)
    for url, title in connection.execute(query):
        found[url].append(title)
    assert len(found) == connection.execute("SELECT count(*) FROM entry").fetchone()[0]
    return dict(found)


def hits(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    query = """SELECT url, kind || ':' || name FROM hit JOIN entry ON entry.id = entry_id JOIN rule ON rule.id = rule_id
               WHERE kind != 'scope'"""
    rows = connection.execute(query).fetchall()
    assert len(rows) == len(set(rows))
    [(newest,)] = connection.execute("SELECT max(seq) FROM hit").fetchall()
    assert connection.execute("SELECT value FROM counter WHERE name = 'commit'").fetchall() == [(newest,)]
    return set(rows)


def count_feeds(connection: sqlite3.Connection, chronicle: Chronicle) -> None:
    """Compare each feed's counters with what it was asked and answered.

    One poll in a hundred asks without conditions, so that a body which has not changed may come whole.
    """
    query = "SELECT key, polls, not_modified, failures, failure_kind FROM feed ORDER BY key"
    wanted = [
        (name(feed), len(answers), sum(one.version == other.version for one, other in pairwise(answers)), 0, None)
        for feed, answers in chronicle.recorded.items()
    ]
    assert connection.execute(query).fetchall() == wanted
