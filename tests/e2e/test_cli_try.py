"""`watch test` and `watch diff`: a rule is tried on the stored past before it counts."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.clock import utc_now
from monitor.config.compiled import load_watched
from monitor.core.matching import match_entry
from monitor.core.model import Judged, Press, Provenance, Publisher
from monitor.core.watchlist import Watchlist
from monitor.store import feeds, hits, maintenance
from monitor.store.database import Database
from monitor.store.rules import sync_rules
from tests.e2e.place import Place
from tests.fakes import entry as an_entry
from tests.fakes import outcome, spec

DAY = timedelta(days=1)
WATCH = """\
scope:
  strong: {en: [Ukraine, Kyiv], de: [Kyiv], uk: [Kyiv]}
actors:
  putin: {last: {en: [Putin], uk: [Путін]}}
topics:
  drones: {label: {en: Drones}, terms: {en: [drones]}}
  peace-talks: {label: {en: Peace talks}, terms: {en: [ceasefire, peace talks]}}
"""
PAST = [
    (20, "en", "Drones over Kyiv", "Three were shot down."),
    (3, "en", "Ukraine: ceasefire talks", "Putin stays away."),
    (2, "uk", "Дрони над Києвом, Kyiv", ""),
    (2, "en", "Museum shows drones", "A quiet evening."),
    (1, "de", "Drohnen über Kyiv", "Das Museum blieb heil."),
    (0, "en", "Wheat prices rise", "Kyiv and Odesa trade."),
]


def fill(db: Database, watchlist: Watchlist, now: datetime) -> None:
    """Store `PAST`, each entry so many days ago, as polls would have."""
    db.run_now(feeds.sync, [spec()], now)
    rules = db.run_now(sync_rules, watchlist.rules, now)
    [state] = db.read_now(feeds.states, {"courier": spec()})
    who = Publisher(name="The Courier", country="GB", press=Press.PRIVATE)
    for days, lang, title, summary in PAST:
        at = now - days * DAY - timedelta(minutes=1)
        one = an_entry(title, summary=summary, lang=lang, published=at)
        verdict = match_entry(watchlist, one, now=at, origin=Provenance(feed="courier", publisher=who))
        db.run_now(hits.record_poll, outcome(state, Judged(entry=one, publisher=who, verdict=verdict), at=at), rules)


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place with three weeks of entries. Only to be read."""
    place = Place(tmp_path_factory.mktemp("tried"))
    place.feeds.write_text(WATCH, encoding="utf-8")
    with place.db() as db:
        maintenance.upgrade(db.engine)
        fill(db, load_watched(place.feeds, environ={}, folder=None).watchlist, utc_now())
    return place


@pytest.fixture
def edited(tried: Place, tmp_path: Path) -> Path:
    """A copy of the place's feeds.yaml, to be edited."""
    path = tmp_path / "edited.yaml"
    path.write_text(WATCH, encoding="utf-8")
    return path


def test_a_query_is_tried_on_entries_about_the_war(tried: Place) -> None:
    [found] = tried.cli("watch", "test", "drone", "--json").records
    titles = [one["title"] for one in found["samples"]]
    assert titles == ["Drones over Kyiv"]
    assert (found["hits"], found["elsewhere"], found["read"]) == (1, 1, 6)
    assert found["samples"][0]["evidence"] == [{"field": "title", "start": 0, "end": 6, "text": "Drones"}]
    assert found["samples"][0]["source"] == "The Courier"
    assert len(found["days"]) == 21
    assert sum(day["hits"] for day in found["days"]) == 1


def test_everywhere_counts_what_is_not_about_the_war_too(tried: Place) -> None:
    [found] = tried.cli("watch", "test", "drone", "--everywhere", "--json").records
    assert [one["title"] for one in found["samples"]] == ["Museum shows drones", "Drones over Kyiv"]
    assert (found["hits"], found["elsewhere"]) == (2, 1)


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("drone OR Drohne OR дрон", 3),
        ("kyiv NOT museum", 3),
        ("title:kyiv", 3),
        ("lang:de kyiv", 1),
        ("lang:de", 1),
        ("press:private kyiv", 4),
        ("press:state kyiv", 0),
        ("source:courier kyiv", 4),
        ("actor:putin", 1),
        ("topic:drones kyiv", 1),
        ("topic:peace-talks actor:putin", 1),
        ("museum NEAR/3 heil", 1),
    ],
)
def test_every_kind_of_query_finds_its_entries(tried: Place, query: str, hits: int) -> None:
    [found] = tried.cli("watch", "test", query, "--json").records
    assert found["hits"] == hits


@pytest.mark.parametrize(("since", "read"), [("30d", 6), ("12h", 1), ("3d", 4), ("1w", 5)])
def test_since_narrows_the_past(tried: Place, since: str, read: int) -> None:
    [found] = tried.cli("watch", "test", "kyiv", "--since", since, "--json").records
    assert found["read"] == read
    day = f"{utc_now() - 10 * DAY:%Y-%m-%d}"
    [found] = tried.cli("watch", "test", "kyiv", "--since", day, "--json").records
    assert found["read"] == 5


def test_a_person_reads_figures_days_and_marked_words(tried: Place) -> None:
    done = tried.cli("watch", "test", "drone OR Drohne", "--samples", "1")
    assert (done.code, done.err) == (0, "")
    assert "rule: drone OR Drohne" in done.out
    assert "2 of 6 entries since" in done.out
    assert "0.10 a day" in done.out
    assert "1 more are not about the war (--everywhere: `scope: none`)" in done.out
    assert "the stored past is shorter: it begins on" in done.out
    assert "[Drohnen] über Kyiv" in done.out
    assert "[Drones]" not in done.out
    assert "The Courier  2" in done.out


def test_words_of_the_summary_are_shown_in_their_place(tried: Place) -> None:
    done = tried.cli("watch", "test", "odesa")
    assert "Wheat prices rise  summary: Kyiv and [Odesa] trade." in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["drone AND"], ["column"]),
        (["actor:puttin"], ["no actor is called", "putin"]),
        (["lang:ua drone"], ["did you mean uk?"]),
        (["drone", "--since", "soon"], ["'soon' is no span and no day", "30d", "2026-11-01"]),
        (["drone", "--since", "2090-01-01"], ["is not in the past"]),
    ],
)
def test_a_wrong_input_says_what_would_be_right(tried: Place, arguments: list[str], words: list[str]) -> None:
    done = tried.cli("watch", "test", *arguments)
    assert (done.code, done.out) == (2, "")
    assert [word for word in words if word not in done.err] == []


def test_texts_that_retention_dropped_are_told(place: Place) -> None:
    place.write({})
    now = utc_now()
    with place.db() as db:
        maintenance.upgrade(db.engine)
        fill(db, load_watched(place.feeds, environ={}, folder=None).watchlist, now)
        cutoffs = maintenance.Cutoffs(content=now - DAY / 2, hits=now - 10 * DAY, ledger=now - 99 * DAY)
        while db.run_now(maintenance.prune, cutoffs):
            pass
    done = place.cli("watch", "test", "kyiv")
    assert "2 older entries have lost their texts and are not counted" in done.out
    assert "(without a hit they are kept for 30 days: MONITOR_KEEP_CONTENT_DAYS)" in done.out


def test_an_empty_store_says_so(place: Place) -> None:
    place.write({})
    done = place.cli("watch", "test", "kyiv")
    assert done.code == 0
    assert "nothing is stored of that time" in done.out


# ── watch diff ───────────────────────────────────────────────────────────────────────────────────────────────────────


def diff(place: Place, path: Path, *more: str) -> dict[str, Any]:
    done = place.cli("--config", path, "watch", "diff", "--json", *more)
    assert (done.code, done.err) == (0, "")
    [found] = done.records
    return {rule["rule"]: rule for rule in found["rules"]}


def test_nothing_changed_is_said(tried: Place, edited: Path) -> None:
    done = tried.cli("watch", "diff")
    assert (done.code, done.out) == (0, "nothing changed: the rules are those of what the daemon last took up\n")
    assert diff(tried, edited) == {}


def test_a_changed_rule_tells_what_it_adds_and_drops(tried: Place, edited: Path) -> None:
    edited.write_text(WATCH.replace("en: [drones]", "de: [Drohne], uk: [дрон]"), encoding="utf-8")
    rules = diff(tried, edited)
    assert rules.keys() == {"topic:drones"}
    drones = rules["topic:drones"]
    assert (drones["change"], drones["added"], drones["dropped"]) == ("changed", 2, 1)
    assert [one["title"] for one in drones["samples"]["added"]] == ["Drohnen über Kyiv", "Дрони над Києвом, Kyiv"]
    assert [one["title"] for one in drones["samples"]["dropped"]] == ["Drones over Kyiv"]
    assert (drones["before_a_day"], drones["after_a_day"]) == (0.05, 0.1)


def test_new_and_removed_rules_and_what_follows_from_them(tried: Place, edited: Path) -> None:
    text = WATCH.replace("[Ukraine, Kyiv]", "[Ukraine]").replace(
        "  drones:", "  museum: {terms: {en: [Museum]}}\n  uavs:"
    )
    edited.write_text(text, encoding="utf-8")
    rules = diff(tried, edited)
    told = {rule: (found["change"], found["added"], found["dropped"]) for rule, found in rules.items()}
    assert told == {
        "scope": ("changed", 0, 2),
        "topic:drones": ("removed", 0, 1),
        "topic:museum": ("new", 0, 0),
        "topic:uavs": ("new", 0, 0),
    }


def test_a_rule_that_is_the_same_may_find_something_else(tried: Place, edited: Path) -> None:
    edited.write_text(WATCH.replace("[Ukraine, Kyiv]", "[Ukraine, Kyiv, museum]"), encoding="utf-8")
    rules = diff(tried, edited)
    told = {rule: (found["change"], found["added"], found["dropped"]) for rule, found in rules.items()}
    assert told == {"scope": ("changed", 1, 0), "topic:drones": (None, 1, 0)}


def test_a_person_reads_a_line_a_rule_and_samples(tried: Place, edited: Path) -> None:
    edited.write_text(WATCH.replace("en: [drones]", "de: [Drohne]"), encoding="utf-8")
    done = tried.cli("--config", edited, "watch", "diff")
    assert "1 rule differs from what the daemon last took up; tried on 6 entries since" in done.out
    assert "topic:drones  changed  +1     −1       0.05 → 0.05" in done.out
    assert "topic:drones, added, the newest:" in done.out
    assert "[Drohnen] über Kyiv" in done.out
    assert "topic:drones, dropped, the newest:" in done.out


def test_two_files_are_compared(tried: Place, edited: Path) -> None:
    edited.write_text(WATCH.replace("en: [drones]", "de: [Drohne]"), encoding="utf-8")
    done = tried.cli("watch", "diff", "--against", edited, "--json")
    [drones] = done.records[0]["rules"]
    assert (drones["rule"], drones["added"], drones["dropped"]) == ("topic:drones", 1, 1)
    assert [one["title"] for one in drones["samples"]["added"]] == ["Drones over Kyiv"]


def test_a_mistake_in_either_file_is_told_with_its_place(tried: Place, edited: Path) -> None:
    edited.write_text(WATCH.replace("terms: {en: [drones]}", "termz: {en: [drones]}"), encoding="utf-8")
    for arguments in (("--config", edited, "watch", "diff"), ("watch", "diff", "--against", edited)):
        done = tried.cli(*arguments)
        assert done.code == 2
        assert f"{edited}:" in done.err
        assert "termz" in done.err


def test_without_a_past_there_is_nothing_to_compare_with(place: Place) -> None:
    place.write({})
    done = place.cli("watch", "diff")
    assert done.code == 2
    assert "nothing was ever watched with the database" in done.err
    assert "--against FILE" in done.err


def test_where_nothing_is_found_each_word_is_counted_by_itself(tried: Place) -> None:
    asked = ("watch", "test", "S(drone refinery) actor:putin -museum")
    assert tried.cli(*asked).out.splitlines()[-1] == "by themselves: drone 1, refinery 0, actor:putin 1"
    assert tried.cli(*asked, "--json").records[0]["alone"] == {"drone": 1, "refinery": 0, "actor:putin": 1}
    assert tried.cli("watch", "test", "drone", "--json").records[0]["alone"] == {}
