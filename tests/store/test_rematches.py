"""After the past was matched anew, the stored hits are those that matching every entry anew would give."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from monitor.core.matching import match_entry
from monitor.core.model import (
    ActorSpec,
    FeedState,
    Judged,
    Provenance,
    Publisher,
    RuleKind,
    ScopeSpec,
    TopicSpec,
    WatchSpec,
)
from monitor.core.watchlist import Watchlist, compile_watchlist
from monitor.poll import Watch
from monitor.rematch import Rematcher
from monitor.store import candidates, feeds, hits, past, rematches
from monitor.store.database import Connection, Database
from monitor.store.rematches import Judgement
from monitor.store.rules import RuleRows, fingerprint, sync_rules
from monitor.store.schema import entry, hit, metadata, rule
from tests.fakes import NOW, FrozenClock, outcome, spec
from tests.fakes import entry as an_entry

WHO = Publisher(name="Courier", country="GB")
PUTIN = ActorSpec(id="putin", label={}, last={"en": ("Putin",)})
SCOPE = ScopeSpec(strong={"en": ("Kyiv",)})


def topic(name: str, *terms: str) -> TopicSpec:
    return TopicSpec(id=name, label={}, terms={"en": terms}, scoped=False)


SPECS = (
    WatchSpec(topics=(topic("drones", "drones"),), scope=SCOPE),
    WatchSpec(topics=(topic("drones", "drones", "missile"),), actors=(PUTIN,), scope=SCOPE),
    WatchSpec(topics=(topic("drones", "harvest"), topic("wheat", "harvest")), scope=SCOPE),
    WatchSpec(topics=(topic("wheat", "wheat"),), actors=(PUTIN,)),
)


@cache
def compiled(number: int) -> Watchlist:
    return compile_watchlist(SPECS[number])


class Desk:
    """A database, what is watched at the moment, and entries that were polled with it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.clock = FrozenClock()
        db.run_now(feeds.sync, [spec("courier")], NOW)
        self.watch(0)

    def watch(self, number: int) -> None:
        watchlist = compiled(number)
        rules = self.db.run_now(sync_rules, [(one.kind, one.id, one.text) for one in watchlist.rules], NOW)
        self.watched = Watch(watchlist=watchlist, rules=rules, publishers={})

    @property
    def feed(self) -> FeedState:
        [found] = self.db.read_now(feeds.states, {"courier": spec("courier")})
        return found

    def poll(self, *titles: str, **changes: Any) -> None:
        """Store entries by their addresses; a title under an address that is known changes its entry."""
        items = [self.judged(title, f"https://courier.example/{at}") for at, title in enumerate(titles)]
        self.db.run_now(hits.record_poll, outcome(self.feed, *items, at=self.clock(), **changes), self.watched.rules)

    def judged(self, title: str, url: str) -> Judged:
        found = an_entry(title, url=url)
        origin = Provenance(feed="courier", publisher=WHO)
        verdict = match_entry(self.watched.watchlist, found, now=self.clock(), origin=origin)
        return Judged(entry=found, publisher=WHO, verdict=verdict)

    @property
    def rematcher(self) -> Rematcher:
        return Rematcher(db=self.db, watch=lambda: self.watched, clock=self.clock, rest=0)

    def ask(self, days: int | None = None) -> rematches.Rematch:
        since = None if days is None else self.clock() - timedelta(days=days)
        return self.db.run_now(rematches.ask, since, self.clock())

    def work_off(self) -> rematches.Rematch | None:
        return asyncio.run(self.rematcher.work_off())

    def step(self) -> rematches.Rematch | None:
        return asyncio.run(self.rematcher.step())

    def hits(self) -> dict[tuple[int, str], Any]:
        return self.db.read_now(stored)


def stored(conn: Connection) -> dict[tuple[int, str], Any]:
    query = select(hit, rule.c.name).join(rule, rule.c.id == hit.c.rule_id)
    rows = conn.execute(query).all()
    found = {(row.entry_id, row.name): row for row in rows}
    assert len(found) == len(rows)
    return found


def named(desk: Desk) -> set[tuple[int, str]]:
    """Which entry, counted from 1, has which rule's hit."""
    first = min((number for number, _ in desk.hits()), default=1)
    return {(number - first + 1, name) for number, name in desk.hits() if name != "scope"}


def anew(desk: Desk) -> dict[tuple[int, str], tuple[int, int, list[list[object]]]]:
    """Match every entry anew: entry and rule → its revision, the rule's, the evidence."""
    expected = {}
    for one in desk.db.read_now(past.after, 0, limit=10_000):
        verdict = match_entry(desk.watched.watchlist, one.found, now=one.seen, origin=one.origin)
        for match in verdict.matches:
            row = desk.watched.rules[match.kind, match.rule]
            expected[one.entry, match.rule] = (one.revision, row.revision, [list(found) for found in match.evidence])
    return expected


def relevant(conn: Connection) -> dict[int, bool]:
    return {row.id: row.relevant for row in conn.execute(select(entry.c.id, entry.c.relevant))}


@pytest.fixture
def desk(db: Database) -> Desk:
    return Desk(db)


TITLES = ("Kyiv: drones and a missile", "Putin on the wheat harvest", "A missile over Kyiv", "Wheat is dear")


def test_new_hits_are_history_that_no_window_covers(desk: Desk) -> None:
    desk.poll(*TITLES)
    before, seq = desk.hits(), desk.db.read_now(hits.last_seq)
    desk.watch(1)
    desk.clock.forward(hours=1)
    desk.ask()
    job = desk.work_off()
    assert job is not None
    assert (job.total, job.done, job.added, job.dropped) == (4, 4, 1, 0)
    [new] = desk.hits().keys() - before.keys()
    found = desk.hits()[new]
    assert (new[1], found.history, found.seq, found.found_at) == ("drones", True, 0, desk.clock())
    assert desk.db.read_now(hits.last_seq) == seq
    assert desk.db.read_now(candidates.candidates, seq, seq + 10) == []
    everything = desk.db.read_now(candidates.candidates, 0, seq + 10)
    [offered] = [one for one in everything if one.entry == new[0]]  # it was news of the scope, and is that alone
    assert [match.kind for match in offered.matches] == [RuleKind.SCOPE]
    shown = {one.entry: one.rules for one in desk.db.read_now(hits.search)}
    assert shown[new[0]] == ("topic:drones",)
    assert desk.db.read_now(candidates.news, 0, seq + 10, NOW - timedelta(days=1)) == news_of(before)


def news_of(found: dict[tuple[int, str], Any]) -> dict[Any, int]:
    kinds = {"drones": RuleKind.TOPIC, "scope": RuleKind.SCOPE}
    counted: dict[Any, int] = {}
    for number in {number for number, _ in found}:
        rules = frozenset((kinds[name], name) for other, name in found if other == number)
        key = (int(NOW.timestamp() // 900), rules)
        counted[key] = counted.get(key, 0) + 1
    return counted


def test_hits_that_a_rule_no_longer_makes_go_and_those_of_removed_rules_stay(desk: Desk) -> None:
    desk.watch(1)
    desk.poll("Kyiv: drones", "Kyiv harvest, says Putin")
    assert named(desk) == {(1, "drones"), (2, "putin")}
    desk.watch(2)
    desk.ask()
    job = desk.work_off()
    assert job is not None
    assert (job.added, job.dropped) == (2, 1)
    assert named(desk) == {(2, "drones"), (2, "putin"), (2, "wheat")}


def test_a_hit_that_stays_gets_the_new_text_of_its_rule_and_keeps_its_news(desk: Desk) -> None:
    desk.poll("A missile and drones, Kyiv")
    [(key, before)] = [(key, row) for key, row in desk.hits().items() if key[1] == "drones"]
    desk.watch(1)
    desk.ask()
    desk.work_off()
    after = desk.hits()[key]
    assert len(after.evidence) == 2
    assert after.rule_revision_id != before.rule_revision_id
    assert (after.id, after.seq, after.history, after.found_at) == (before.id, before.seq, False, before.found_at)


@pytest.mark.parametrize("later", ["Kyiv: nothing of it", "Kyiv: “a missile”"])
def test_an_entry_that_was_polled_meanwhile_is_left_alone(desk: Desk, later: str) -> None:
    """Be it retitled, or its text replaced under the headline that it had."""
    desk.poll("Kyiv: a missile", "Kyiv: another missile")
    desk.watch(1)
    job = begun(desk)
    judged = [
        Judgement(one, match_entry(desk.watched.watchlist, one.found, now=one.seen))
        for one in desk.db.read_now(past.after, 0)
    ]
    desk.watch(0)
    desk.poll(later)
    desk.watch(1)
    after = desk.db.run_now(rematches.apply, job, judged, desk.watched.rules, NOW)
    assert after is not None
    assert (after.done, after.added) == (2, 1)
    assert named(desk) == {(2, "drones")}


def begun(desk: Desk) -> rematches.Rematch:
    job = desk.db.run_now(rematches.restart, desk.ask(), fingerprint(desk.watched.rules))
    assert job is not None
    return job


def test_what_was_pruned_meanwhile_gets_no_hits(desk: Desk) -> None:
    desk.poll("Kyiv: a missile")
    desk.watch(1)
    job = begun(desk)
    judged = [Judgement(one, a_verdict(desk, one)) for one in desk.db.read_now(past.after, 0)]
    with desk.db.engine.begin() as conn:
        conn.execute(entry.update().values(pruned=True))
    desk.db.run_now(rematches.apply, job, judged, desk.watched.rules, NOW)
    assert named(desk) == set()


def a_verdict(desk: Desk, one: past.Past) -> Any:
    return match_entry(desk.watched.watchlist, one.found, now=one.seen, origin=one.origin)


def test_a_batch_of_a_job_that_somebody_else_moved_writes_nothing(desk: Desk) -> None:
    desk.poll("Kyiv: a missile")
    desk.watch(1)
    job = begun(desk)
    judged = [Judgement(one, a_verdict(desk, one)) for one in desk.db.read_now(past.after, 0)]
    moved = desk.db.run_now(rematches.apply, job, judged, desk.watched.rules, NOW)
    assert moved is not None
    assert desk.db.run_now(rematches.apply, job, judged, desk.watched.rules, NOW) == moved
    assert not desk.db.run_now(rematches.finish, job, NOW)
    assert desk.db.run_now(rematches.finish, moved, NOW)
    assert desk.db.run_now(rematches.apply, moved, judged, desk.watched.rules, NOW) is None
    assert desk.db.read_now(rematches.running) is None
    last = desk.db.read_now(rematches.last)
    assert last is not None
    assert (last.pk, last.finished_at) == (job.pk, NOW)


def test_a_second_ask_widens_the_first(desk: Desk) -> None:
    desk.poll(*TITLES)
    narrow = desk.ask(days=1)
    desk.step()
    moved = desk.db.read_now(rematches.running)
    assert moved is not None
    assert moved.done == 4
    assert desk.ask(days=1) == moved
    wide = desk.ask()
    assert (wide.pk, wide.since, wide.cursor, wide.done) == (narrow.pk, None, 0, 0)
    assert desk.ask(days=30) == wide
    desk.work_off()
    assert desk.ask().pk != narrow.pk


def test_it_begins_anew_when_the_watchlist_changes_meanwhile(desk: Desk) -> None:
    desk.poll(*TITLES)
    desk.watch(1)
    desk.ask()
    desk.step()
    desk.watch(2)
    job = desk.work_off()
    assert job is not None
    assert (job.done, job.digest) == (4, fingerprint(desk.watched.rules))
    check(desk)


def test_since_leaves_older_entries_as_they_are(desk: Desk) -> None:
    desk.poll("Kyiv: a missile")
    desk.clock.forward(days=10)
    desk.poll("Kyiv: a missile", "Kyiv: another missile")
    desk.watch(1)
    assert desk.ask(days=5).total == 1
    desk.work_off()
    assert named(desk) == {(2, "drones")}


def check(desk: Desk) -> None:
    """The hits of what is watched are those that matching anew gives, and so is whether entries are relevant."""
    expected = anew(desk)
    watched = {row.rule for row in desk.watched.rules.values()}
    found = {
        key: (row.revision_id, row.rule_revision_id, row.evidence)
        for key, row in desk.hits().items()
        if row.rule_id in watched
    }
    assert found == expected
    verdicts = {one.entry: a_verdict(desk, one).relevant for one in desk.db.read_now(past.after, 0, limit=10_000)}
    assert desk.db.read_now(relevant) == verdicts


WORDS = ("Kyiv", "drones", "missile", "Putin", "harvest", "wheat")
TITLE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)
POLL = st.tuples(st.just("poll"), st.lists(TITLE, min_size=1, max_size=6))
EDIT = st.tuples(st.just("watch"), st.integers(0, len(SPECS) - 1))
ACTS = st.lists(st.one_of(POLL, EDIT, st.just(("ask", 0)), st.just(("step", 0))), max_size=8)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_whatever_happened_the_hits_are_those_of_matching_anew(db: Database, acts: Sequence[tuple[str, Any]]) -> None:
    empty(db)
    desk = Desk(db)
    desk.poll(*TITLES)
    for act, what in acts:
        if act == "poll":
            desk.poll(*what)
        elif act == "watch":
            desk.watch(what)
        elif act == "ask":
            desk.ask()
        else:
            desk.step()
    removed = {key: row for key, row in desk.hits().items() if row.rule_id not in ids(desk.watched.rules)}
    half_done = desk.work_off()
    event("a job was open" if half_done else "none was open")
    desk.ask()  # what was polled behind the cursor of the other job was judged by its poll, which drops no hit
    desk.work_off()
    check(desk)
    assert {key: desk.hits()[key] for key in removed} == removed


def ids(rules: RuleRows) -> set[int]:
    return {row.rule for row in rules.values()}


def empty(db: Database) -> None:
    with db.engine.begin() as conn:
        for table in reversed(metadata.sorted_tables):
            conn.execute(table.delete())
