"""What a newer pack changes, and that a person's own changes outlive it."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config import load_config, load_pack
from monitor.config.edit import extending, planned, removing_rule
from monitor.config.load import read_source
from monitor.config.merge import Layer, needless
from monitor.config.models import ConfigFile
from monitor.config.packdiff import Change, RuleChange, pack_changes
from monitor.core.model import WatchSpec

OLD = """\
version: 1
scope:
  strong: {en: [Ukraine, Kyiv], uk: [Україна]}
  weak: {war: {en: [drone]}}
actors:
  putin:
    first: {en: [Vladimir]}
    last: {en: [Putin]}
    scope: weak
    titles: [{since: 2012-05-07, en: [president]}, {until: 2008-05-07, en: [president]}]
  johnson: {last: {en: [Johnson]}, alone: false}
  nato: {kind: body, names: {en: [NATO]}, label: {en: Nato}}
topics:
  drones: {terms: {en: [drone, UAV]}, hints: {en: [swarm]}}
  sanctions: {terms: {en: [sanctions]}}
"""
NEW = """\
version: 2
scope:
  strong: {en: [Ukraine, Odesa], uk: [Україна]}
  weak: {war: {en: [drone], uk: [дрон]}}
actors:
  putin:
    first: {en: [Vladimir]}
    last: {en: [Putin]}
    scope: strong
    gender: m
    titles: [{since: 2012-05-07, en: [president, leader]}, {until: 2008-05-07, en: [president]}]
  nato: {kind: body, names: {en: [NATO]}, label: {en: NATO}}
  macron: {last: {fr: [Macron]}}
topics:
  drones: {terms: {en: [UAV, Shahed], uk: [дрон]}, hints: {en: [swarm]}}
  grain: {terms: {en: [grain]}}
"""


def layer(folder: Path, text: str, places: str = "") -> Layer:
    folder.mkdir()
    (folder / "small.yaml").write_text(text, "utf-8")
    (folder / "small.places.txt").write_text(places, "utf-8")
    return load_pack("small", folder)


def told(changes: list[RuleChange]) -> list[str]:
    """Write the changes on a line each, for reading."""
    lines = []
    for rule in changes:
        lines.append(f"{rule.kind} {rule.id} {rule.state}")
        lines += [f"  {' '.join(one.key)} +{','.join(one.added)} -{','.join(one.removed)}" for one in rule.changes]
        lines += [f"  {'!' if rule.warns else '='} {note}" for note in rule.notes]
    return lines


@pytest.fixture
def layers(tmp_path: Path) -> tuple[Layer, Layer]:
    return layer(tmp_path / "old", OLD, "uk: Суми | en: ~Sumy"), layer(tmp_path / "new", NEW, "uk: Суми, Рені")


def test_everything_that_differs_is_told_by_language(layers: tuple[Layer, Layer]) -> None:
    assert told(pack_changes(*layers, ConfigFile())) == [
        "scope scope changed",
        "  strong en +Odesa -Kyiv",
        "  weak war uk +дрон -",
        "places places changed",
        "  certain uk +Рені -",
        "  doubtful en + -Sumy",
        "actor putin changed",
        "  scope +strong -weak",
        "  titles from 2012-05-07 en +leader -",
        "  gender +m -",
        "actor johnson removed",
        "  last en + -Johnson",
        "  alone + -false",
        "actor nato changed",
        "  label en +NATO -Nato",
        "actor macron new",
        "  last fr +Macron -",
        "topic drones changed",
        "  terms en +Shahed -drone",
        "  terms uk +дрон -",
        "topic sanctions removed",
        "  terms en + -sanctions",
        "topic grain new",
        "  terms en +grain -",
    ]
    assert pack_changes(layers[1], layers[1], ConfigFile()) == []


OWN = """\
extends: small@1
scope: {strong: {en: [Odesa, Kyiv]}}
actors:
  putin: {scope: none, last: {en: [Poutine]}}   # mine
  johnson: null
  macron: {last: {en: [Macron]}}
  nato: {label: {en: The alliance}}
topics:
  drones: null
  sanctions: {terms: {en: [embargo]}}
"""


def test_what_the_own_file_has_to_do_with_it_is_told(layers: tuple[Layer, Layer], tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(OWN, "utf-8")
    own = read_source(tmp_path / "feeds.yaml", environ={}).file
    notes = {rule.id: (rule.notes, rule.warns) for rule in pack_changes(*layers, own)}
    assert notes == {
        "scope": (("your own strong en has it already: Odesa", "stays by your own strong en: Kyiv"), False),
        "places": ((), False),
        "putin": (("your scope stays: none",), False),
        "johnson": (("the line of your file that takes it out is needless then, and goes",), False),
        "nato": (("your label en stays: The alliance",), False),
        "macron": (
            (
                "your file has its own macron: the two would become one, words joined, your values first; "
                "give yours another id to keep them apart",
            ),
            True,
        ),
        "drones": (("your file takes it out, and it stays out",), False),
        "sanctions": (
            ("what your file adds to sanctions would stand alone: see that it says all that it needs",),
            True,
        ),
        "grain": ((), False),
    }
    assert list(needless(own, layers[1].file)) == [("actors", "johnson")]


def test_overrides_and_removals_survive_the_upgrade(tmp_path: Path) -> None:
    layer(tmp_path / "var", OLD)
    (tmp_path / "var").rename(tmp_path / "small@1")
    layer(tmp_path / "new", NEW)
    file = tmp_path / "feeds.yaml"
    file.write_text(OWN, "utf-8")

    def watch() -> WatchSpec:
        return load_config(file, environ={}, packs=tmp_path / "new", kept=tmp_path).watch

    assert [actor.id for actor in watch().actors] == ["putin", "nato", "macron"]
    planned(file, extending("small@2"), removing_rule("actors", "johnson")).write()
    assert file.read_text("utf-8") == OWN.replace("small@1", "small@2").replace("  johnson: null\n", "")
    actors = {actor.id: actor for actor in watch().actors}
    assert list(actors) == ["putin", "nato", "macron"]
    assert (actors["putin"].scope, actors["putin"].gender) == ("none", "m")
    assert actors["putin"].last == {"en": ("Putin", "Poutine")}
    assert actors["nato"].label == {"en": "The alliance"}
    assert actors["macron"].last == {"fr": ("Macron",), "en": ("Macron",)}
    assert {topic.id: topic.terms for topic in watch().topics} == {
        "grain": {"en": ("grain",)},
        "sanctions": {"en": ("embargo",)},
    }
    assert watch().scope.strong["en"] == ("Ukraine", "Odesa", "Kyiv")


# ── for any two versions ─────────────────────────────────────────────────────────────────────────────────────────────

IDS = ("a", "b", "c", "d")
WORDS = st.lists(st.sampled_from(["one", "two", "three", "four"]), min_size=1, max_size=3, unique=True)
BY_LANGUAGE = st.dictionaries(st.sampled_from(["en", "uk", "de"]), WORDS, min_size=1)
ACTOR = st.fixed_dictionaries(
    {"last": BY_LANGUAGE},
    optional={
        "gender": st.sampled_from(["m", "f"]),
        "alone": st.booleans(),
        "scope": st.sampled_from(["strong", "none"]),
        "aliases": BY_LANGUAGE,
        "label": st.dictionaries(st.sampled_from(["en", "uk"]), st.sampled_from(["X", "Y"]), min_size=1),
    },
)
TOPIC = st.fixed_dictionaries(
    {"terms": BY_LANGUAGE}, optional={"hints": BY_LANGUAGE, "scope": st.sampled_from(["required", "none"])}
)
PACK = st.fixed_dictionaries(
    {
        "scope": st.fixed_dictionaries({"strong": BY_LANGUAGE, "weak": st.just({}) | st.just({"w": {"en": ["x"]}})}),
        "actors": st.dictionaries(st.sampled_from(IDS), ACTOR),
        "topics": st.dictionaries(st.sampled_from(IDS), TOPIC),
    }
)


def _loaded(folder: Path, pack: Any, own: Any, name: str) -> WatchSpec:
    (folder / name).mkdir()
    (folder / name / "small.yaml").write_text(json.dumps(pack), "utf-8")
    file = folder / "feeds.yaml"
    file.write_text(json.dumps({"extends": "small"} | own), "utf-8")
    return load_config(file, environ={}, packs=folder / name).watch


@given(new=PACK, own=PACK, off=st.sets(st.sampled_from(IDS)))
@settings(max_examples=150, deadline=None)
def test_own_values_words_and_removals_hold_over_any_pack(new: Any, own: Any, off: set[str]) -> None:
    removed = {key: dict.fromkeys(off & new[key].keys()) for key in ("actors", "topics")}
    mine = own | {key: own[key] | removed[key] for key in removed}
    with TemporaryDirectory() as folder:
        watch = _loaded(Path(folder), new, mine, "new")
    actors = {actor.id: actor for actor in watch.actors}
    topics = {topic.id: topic for topic in watch.topics}
    assert not removed["actors"].keys() & actors.keys()
    assert not removed["topics"].keys() & topics.keys()
    for id_ in own["actors"].keys() - removed["actors"].keys():
        section, actor = own["actors"][id_], actors[id_]
        assert {key: getattr(actor, key) for key in ("gender", "alone", "scope") if key in section} == {
            key: section[key] for key in ("gender", "alone", "scope") if key in section
        }
        assert actor.label.items() >= section.get("label", {}).items()
        for key in ("last", "aliases"):
            for language, words in section.get(key, {}).items():
                assert set(words) <= set(getattr(actor, key)[language])
    for id_ in own["topics"].keys() - removed["topics"].keys():
        section, topic = own["topics"][id_], topics[id_]
        assert "scope" not in section or topic.scoped == (section["scope"] == "required")
        for language, words in section["terms"].items():
            assert set(words) <= set(topic.terms[language])


def words_of(data: Any, key: tuple[str, ...]) -> set[str]:
    for part in key:
        data = data.get(part, {}) if isinstance(data, dict) else {}
    listed = data if isinstance(data, list) else [] if isinstance(data, dict) else [data]
    return {str(word).lower() if isinstance(word, bool) else str(word) for word in listed}


@given(old=PACK, new=PACK)
@settings(max_examples=150, deadline=None)
def test_the_changes_lead_from_the_old_to_the_new(old: Any, new: Any) -> None:
    with TemporaryDirectory() as folder:
        for name, data in (("old", old), ("new", new)):
            (Path(folder) / name).mkdir()
            (Path(folder) / name / "small.yaml").write_text(json.dumps(data), "utf-8")
        before, after = (load_pack("small", Path(folder) / name) for name in ("old", "new"))
        changes = pack_changes(before, after, ConfigFile())
    for rule in changes:
        key = () if rule.kind == "scope" else (f"{rule.kind}s", rule.id)
        for change in rule.changes:
            way = (*(("scope",) if rule.kind == "scope" else key), *change.key)
            assert words_of(old, way) - set(change.removed) | set(change.added) == words_of(new, way)
            assert isinstance(change, Change)
    states = {(rule.kind, rule.id): rule.state for rule in changes}
    for kind in ("actor", "topic"):
        before, after = old[f"{kind}s"], new[f"{kind}s"]
        expected = {(kind, id_): "new" for id_ in after.keys() - before.keys()}
        expected |= {(kind, id_): "removed" for id_ in before.keys() - after.keys()}
        expected |= {
            (kind, id_): "changed" for id_ in after.keys() & before.keys() if set_of(before[id_]) != set_of(after[id_])
        }
        assert {key: state for key, state in states.items() if key[0] == kind} == expected


def set_of(section: Any) -> Any:
    """Return a section with its lists as sets: the order of words says nothing."""
    if isinstance(section, dict):
        return {key: set_of(value) for key, value in section.items()}
    return frozenset(section) if isinstance(section, list) else section
