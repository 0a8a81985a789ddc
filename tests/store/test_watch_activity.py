"""What the figures of a rule mean: never, nearly always, or too early to tell; each over its own life."""

from datetime import timedelta

import pytest

from monitor.cli.watch_activity import Activity, Mark, State, activities, look, removed
from monitor.core.model import ActorSpec, Judged, RuleKind, TopicSpec, WatchSpec
from monitor.core.watchlist import texts_of
from monitor.store import hits
from monitor.store.database import Database
from monitor.store.rules import RuleRows, sync_rules
from tests.fakes import NOW, judged, match, outcome
from tests.fakes import entry as an_entry
from tests.store.test_polls import the_feed

DAY = timedelta(days=1)
PUTIN = ActorSpec(id="putin", label={"en": "Putin"}, last={"en": ("Putin",)})
DRONES = TopicSpec(id="drones", label={"en": "Drones", "uk": "Дрони"}, terms={"en": ("drone",)})
GRAIN = TopicSpec(id="grain", label={"uk": "Зерно"}, terms={"en": ("wheat",)}, scoped=False)
SPEC = WatchSpec(actors=(PUTIN,), topics=(DRONES, GRAIN))


def take_up(db: Database, spec: WatchSpec = SPEC, *, days_ago: float = 60) -> RuleRows:
    return db.run_now(sync_rules, texts_of(spec), NOW - DAY * days_ago)


def poll(db: Database, rules: RuleRows, days_ago: float, *items: Judged, history: bool = False) -> None:
    done = outcome(the_feed(db), *items, at=NOW - DAY * days_ago, history=history)
    db.run_now(hits.record_poll, done, rules)


def about_drones(count: int, name: str = "drones") -> list[Judged]:
    return [judged(an_entry(f"{name} {number}"), match(rule=name)) for number in range(count)]


def others(count: int, *, relevant: bool = True) -> list[Judged]:
    return [judged(an_entry(f"other {relevant} {number}"), relevant=relevant) for number in range(count)]


def listed(db: Database, spec: WatchSpec = SPEC, days: int = 28) -> dict[str, Activity]:
    return {one.id: one for one in activities(spec, db.read_now(look, NOW, days))}


def test_hits_a_day_are_those_of_the_time_that_there_is(db: Database) -> None:
    rules = take_up(db)
    poll(db, rules, 4, *about_drones(6))
    found = listed(db)["drones"]
    assert (found.label, found.state, found.mark) == ("Drones", State.SAME, Mark.NONE)
    assert (found.hits, found.measured, found.per_day) == (6, 4 * DAY, 1.5)
    assert found.days == (*(0,) * 24, 6, 0, 0, 0)


@pytest.mark.parametrize(
    ("hit", "other", "mark"),
    [(0, 99, Mark.NONE), (0, 100, Mark.NEVER), (1, 120, Mark.NONE), (60, 40, Mark.ALWAYS), (59, 41, Mark.NONE)],
)
def test_never_and_nearly_always_are_said_once_enough_was_read(db: Database, hit: int, other: int, mark: Mark) -> None:
    rules = take_up(db)
    poll(db, rules, 4, *about_drones(hit), *others(other))
    assert listed(db)["drones"].mark is mark


def test_a_topic_without_scope_is_measured_on_all_that_was_read(db: Database) -> None:
    rules = take_up(db)
    wheat = [judged(an_entry(f"wheat {number}"), match(rule="grain"), relevant=False) for number in range(60)]
    poll(db, rules, 4, *wheat, *others(60, relevant=False))
    found = listed(db)
    assert (found["grain"].label, found["grain"].read, found["grain"].share) == ("Зерно", 120, 0.5)
    assert (found["drones"].read, found["drones"].mark) == (0, Mark.NONE)


def test_what_was_found_as_history_is_no_news_and_yet_not_never(db: Database) -> None:
    rules = take_up(db)
    poll(db, rules, 5, *about_drones(3), history=True)
    poll(db, rules, 4, *others(100))
    found = listed(db)["drones"]
    assert (found.hits, found.history, found.mark, sum(found.days)) == (0, 3, Mark.NONE, 0)
    assert found.last == NOW - 5 * DAY


def test_an_edited_rule_is_measured_since_its_edit(db: Database) -> None:
    rules = take_up(db)
    poll(db, rules, 10, *others(100), *about_drones(9))
    edited = WatchSpec(actors=(PUTIN,), topics=(TopicSpec(id="drones", label={}, terms={"en": ("quadcopter",)}), GRAIN))
    rules = take_up(db, edited, days_ago=2)
    poll(db, rules, 1, *others(4, relevant=False), judged(an_entry("late"), match()))
    found = listed(db, edited)["drones"]
    assert (found.measured, found.hits, found.read, found.per_day) == (2 * DAY, 1, 1, 0.5)
    assert sum(found.days) == 10
    assert listed(db, edited)["putin"].read == 110


def test_what_the_daemon_has_not_taken_up(db: Database) -> None:
    take_up(db, WatchSpec(actors=(PUTIN,), topics=(DRONES,)))
    edited = WatchSpec(
        actors=(ActorSpec(id="putin", label={}, last={"en": ("Putin", "Poutine")}),), topics=(DRONES, GRAIN)
    )
    found = {name: one.state for name, one in listed(db, edited).items()}
    assert found == {"putin": State.EDITED, "drones": State.SAME, "grain": State.NEW}
    assert listed(db, edited)["grain"].per_day is None


def test_a_rule_that_was_removed_and_came_back_is_new_until_it_is_taken_up(db: Database) -> None:
    take_up(db)
    take_up(db, WatchSpec(actors=(PUTIN,), topics=(GRAIN,)), days_ago=1)
    assert listed(db)["drones"].state is State.NEW


def test_removed_rules_with_hits_are_apart(db: Database) -> None:
    rules = take_up(db)
    poll(db, rules, 40, *about_drones(2))
    left = WatchSpec(topics=(GRAIN,))
    [gone] = removed(left, db.read_now(look, NOW, 28))
    assert (gone.kind, gone.id, gone.state, gone.last) == (RuleKind.TOPIC, "drones", State.REMOVED, NOW - 40 * DAY)
    assert set(listed(db, left)) == {"grain"}


def test_an_empty_database_measures_nothing(db: Database) -> None:
    take_up(db)
    found = listed(db)["drones"]
    assert (found.per_day, found.share, found.mark, found.last) == (None, None, Mark.NONE, None)
