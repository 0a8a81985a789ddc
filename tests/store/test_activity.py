"""What the rules find: counted by day, apart from what was no news, and since each rule is as it is."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from monitor.core.model import Judged, RuleKind
from monitor.store import activity, hits
from monitor.store.activity import Read
from monitor.store.database import Connection, Database
from monitor.store.rules import RuleRows, sync_rules
from monitor.store.schema import entry, hit
from tests.fakes import NOW, judged, match, outcome
from tests.fakes import entry as an_entry
from tests.store.test_polls import RULES, the_feed

DAY = timedelta(days=1)


@pytest.fixture
def rules(db: Database) -> RuleRows:
    return db.run_now(sync_rules, RULES, NOW - 40 * DAY)


def poll(db: Database, rules: RuleRows, when: datetime, *items: Judged, history: bool = False) -> None:
    done = outcome(the_feed(db), *items, at=when, history=history)
    db.run_now(hits.record_poll, done, rules)


def drone(title: str) -> Judged:
    return judged(an_entry(title), match())


def counted(db: Database, days: int = 28) -> list[tuple[int, int, bool, bool, bool]]:
    found = db.read_now(activity.fired, NOW, days)
    return sorted((one.day, one.hits, one.history, one.rematched, one.own) for one in found)


def test_hits_are_counted_by_the_day_on_which_the_entry_was_found(db: Database, rules: RuleRows) -> None:
    poll(db, rules, NOW - timedelta(hours=1), drone("A"), drone("B"))
    poll(db, rules, NOW - timedelta(hours=25), drone("C"))
    poll(db, rules, NOW - 27.5 * DAY, drone("D"))
    poll(db, rules, NOW - 28.5 * DAY, drone("E"))
    assert counted(db) == [(0, 2, False, False, True), (1, 1, False, False, True), (27, 1, False, False, True)]
    assert counted(db, days=1) == [(0, 2, False, False, True)]


def test_what_was_no_news_is_counted_apart(db: Database, rules: RuleRows) -> None:
    poll(db, rules, NOW - DAY / 2, drone("A"), history=True)
    poll(db, rules, NOW - DAY / 4, drone("B"))
    poll(db, rules, NOW - DAY / 8, drone("C"))
    again = update(hit).where(hit.c.entry_id == db.read_now(_id, "C")).values(seq=0, history=True)
    db.run_now(lambda conn: conn.execute(again).rowcount)
    assert counted(db) == [(0, 1, False, False, True), (0, 1, True, False, True), (0, 1, True, True, True)]


def _id(conn: Connection, title: str) -> int:
    return int(conn.execute(entry.select().where(entry.c.url == an_entry(title).url)).one().id)


def test_what_an_older_text_found_is_not_the_rules_own(db: Database, rules: RuleRows) -> None:
    poll(db, rules, NOW - 2.5 * DAY, drone("A"))
    edited = db.run_now(sync_rules, [(kind, name, '{"x":1}') for kind, name, _ in RULES], NOW - DAY)
    poll(db, edited, NOW - DAY / 2, drone("B"))
    assert counted(db) == [(0, 1, False, False, True), (2, 1, False, False, False)]


def test_the_newest_find_is_told(db: Database, rules: RuleRows) -> None:
    poll(db, rules, NOW - 40 * DAY, drone("A"))
    poll(db, rules, NOW - 3 * DAY, drone("B"))
    poll(db, rules, NOW - 2 * DAY, drone("C"))
    drones = rules[RuleKind.TOPIC, "drones"].rule
    assert max(one.last for one in db.read_now(activity.fired, NOW, 28)) == NOW - 2 * DAY
    assert db.read_now(activity.last_hits, [drones]) == {drones: NOW - 2 * DAY}
    assert db.read_now(activity.last_hits, [rules[RuleKind.ACTOR, "putin"].rule]) == {}


def test_what_was_read_as_news_since_some_moments(db: Database, rules: RuleRows) -> None:
    poll(db, rules, NOW - 5 * DAY, drone("A"), judged(an_entry("B"), relevant=False), history=True)
    poll(db, rules, NOW - 3 * DAY, drone("C"), judged(an_entry("D"), relevant=False))
    poll(db, rules, NOW - 1 * DAY, drone("E"))
    moments = [NOW - 28 * DAY, NOW - 2 * DAY, NOW]
    found = db.read_now(activity.read, moments)
    assert found == {moments[0]: Read(3, 2), moments[1]: Read(1, 1), moments[2]: Read(0, 0)}
    assert db.read_now(activity.read, []) == {}


def test_an_empty_database(db: Database) -> None:
    assert db.read_now(activity.begun) is None
    assert db.read_now(activity.fired, NOW, 28) == []
    assert db.read_now(activity.read, [NOW]) == {NOW: Read(0, 0)}
    assert db.read_now(activity.newest_at, "courier.example") == []
    assert not db.read_now(activity.is_stored, 1)


def test_the_first_entry_is_where_the_past_begins(db: Database, rules: RuleRows) -> None:
    poll(db, rules, NOW - 5 * DAY, drone("A"))
    poll(db, rules, NOW - 3 * DAY, drone("B"))
    assert db.read_now(activity.begun) == NOW - 5 * DAY


def test_the_hits_of_an_entry_name_the_text_that_made_them(db: Database, rules: RuleRows) -> None:
    url = "https://courier.example/a"
    poll(db, rules, NOW - 2 * DAY, judged(an_entry("A", url=url), match()))
    edited = db.run_now(sync_rules, [(kind, name, '{"x":1}') for kind, name, _ in RULES], NOW - DAY)
    both = judged(an_entry("A, updated", url=url), match(), match(RuleKind.ACTOR, "putin"))
    poll(db, edited, NOW, both)
    number = db.read_now(lambda conn: int(conn.execute(entry.select()).one().id))
    putin, drones = db.read_now(activity.standing, number)
    assert (drones.name, drones.text, drones.current, drones.title) == ("drones", "{}", False, "A")
    assert (putin.name, putin.text, putin.current, putin.title) == ("putin", '{"x":1}', True, "A, updated")
    assert (drones.found, drones.since, drones.history) == (NOW - 2 * DAY, NOW - 40 * DAY, False)
    assert drones.evidence[0].text == "Kyiv"
    assert db.read_now(activity.is_stored, number)


def test_the_newest_of_a_host(db: Database, rules: RuleRows) -> None:
    urls = ["https://courier.example/a", "https://courier.example/b", "https://other.example/?of=courier.example"]
    poll(db, rules, NOW, *(judged(an_entry(url[-1], url=url)) for url in urls))
    assert [title for _, title, _ in db.read_now(activity.newest_at, "courier.example")] == ["b", "a"]
    assert [title for _, title, _ in db.read_now(activity.newest_at, "courier.example", 1)] == ["b"]
    assert db.read_now(activity.newest_at, "c_urier.example") == []
