"""The stored past is read page by page, for what is worth a whole look, beside whoever writes."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from monitor.core.model import Entry, Match, RuleKind
from monitor.scan import PAGE, Page, Wakes, pages
from monitor.store import feeds, hits
from monitor.store.database import Database
from monitor.store.rules import sync_rules
from tests.fakes import NOW, judged, match, outcome, spec
from tests.fakes import entry as an_entry

PUTIN = (RuleKind.ACTOR, "putin")


def record(db: Database, items: Sequence[Entry], *found: Match) -> None:
    db.run_now(feeds.sync, [spec()], NOW)
    [state] = db.read_now(feeds.states, {"courier": spec()})
    rules = db.run_now(sync_rules, [(one.kind, one.rule, "{}") for one in found], NOW)
    db.run_now(hits.record_poll, outcome(state, *(judged(item, *found) for item in items)), rules)


def woken(found: Sequence[Page]) -> list[str]:
    return [one.found.title for page in found for one in page.woken]


@pytest.fixture
def stored(db: Database) -> Database:
    record(db, [an_entry("Drones over Kyiv"), an_entry("Wheat", summary="and a drone"), an_entry("Chess")])
    record(db, [an_entry("Visit")], match(*PUTIN))
    return db


@pytest.mark.parametrize(
    ("wakes", "titles"),
    [
        (Wakes(), []),
        (Wakes(forms=frozenset({"drone"})), ["Drones over Kyiv", "Wheat"]),
        (Wakes(forms=frozenset({"chess", "kyiv"})), ["Drones over Kyiv", "Chess"]),
        (Wakes(rules=frozenset({PUTIN})), ["Visit"]),
        (Wakes(forms=frozenset({"chess"}), rules=frozenset({PUTIN})), ["Chess", "Visit"]),
        (Wakes(always=True), ["Drones over Kyiv", "Wheat", "Chess", "Visit"]),
    ],
)
def test_only_what_may_answer_is_looked_at(stored: Database, wakes: Wakes, titles: list[str]) -> None:
    found = list(pages(stored, wakes, None))
    assert woken(found) == titles
    assert sum(page.read for page in found) == 4


def test_an_entry_comes_with_its_hits_where_they_are_asked_for(stored: Database) -> None:
    [page] = pages(stored, Wakes(rules=frozenset({PUTIN}), named=True), NOW)
    assert page.named == {page.woken[0].entry: [match(*PUTIN)]}
    [page] = pages(stored, Wakes(rules=frozenset({PUTIN})), NOW)
    assert page.named == {}


def test_older_entries_are_passed_over(stored: Database) -> None:
    assert list(pages(stored, Wakes(always=True), NOW + timedelta(seconds=1))) == []


def test_between_two_pages_nobody_is_kept_from_writing(db: Database) -> None:
    record(db, [an_entry(f"Story {number}") for number in range(PAGE)])
    reading = pages(db, Wakes(forms=frozenset({"story"})), None)
    first = next(reading)
    assert len(first.woken) == PAGE
    assert "Current Checked out connections: 0" in db.engine.pool.status()
    record(db, [an_entry("A late story")])
    assert woken(list(reading)) == ["A late story"]
