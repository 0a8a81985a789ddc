"""The compiled watchlist on disk: what it saves, and that it never changes what is found."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config import Loaded, load_watched
from monitor.config.compiled import KEPT, compiled_of
from monitor.core.watchlist import Watchlist
from monitor.errors import ConfigError

PACK = """
version: 1
scope: {strong: {en: [Ukraine]}, weak: {war: {en: ["exchange … prisoners", "=UAV"]}}}
actors:
  trump:
    last: {en: [Trump], ru: [Трамп]}
    titles: [{since: 2025-01-20, en: [US president]}]
topics:
  drones: {terms: {en: ["drone*"]}, hints: {de: [Luftraum]}, scope: none}
  energy: {query: '(S(en:grid NEAR/3 en:"power line") -title:=GRID) OR (actor:trump topic:drones source:bbc uk:мереж*)'}
  grids: {any: {en: [grid], uk: ["мереж*"]}, all: {en: [strike], uk: [удар]}, none: {en: [sports grid]}}
"""
FEEDS = "extends: small\nfeeds: [{id: a, url: 'https://example.org/feed'}]\n"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "small.yaml").write_text(PACK, "utf-8")
    return folder


def load(packs: Path, text: str = FEEDS, *, cached: bool = True) -> Loaded:
    path = packs.parent / "feeds.yaml"
    path.write_text(text, "utf-8")
    return load_watched(path, environ={}, folder=packs.parent / "cache" if cached else None, packs=packs)


def kept(packs: Path) -> list[Path]:
    return sorted((packs.parent / "cache").glob("*"))


def content(watchlist: Watchlist) -> tuple[object, ...]:
    labels = {key: dict(label) for key, label in watchlist.labels.items()}
    return watchlist.rules, labels, watchlist.uses, watchlist.queries, dict(watchlist.late)


def test_what_was_kept_is_what_would_be_made(packs: Path) -> None:
    made, read, fresh = load(packs), load(packs), load(packs, cached=False)
    assert len(kept(packs)) == 1
    assert content(made.watchlist) == content(read.watchlist) == content(fresh.watchlist)
    assert made.watchlist.unscoped == read.watchlist.unscoped == {2}
    assert made.feeds == read.feeds == fresh.feeds
    assert made.watchlist.languages == read.watchlist.languages == fresh.watchlist.languages == {"en", "de"}
    found = [watchlist.automaton.find("drones, трампа") for watchlist in (made.watchlist, read.watchlist)]
    assert found[0] == found[1] != []


def test_the_second_time_it_is_read(packs: Path) -> None:
    load(packs)
    (file,) = kept(packs)
    kept_forms = file.read_bytes()
    file.write_bytes(kept_forms.replace(b'"drones"', b'"dragon"'))
    assert load(packs).watchlist.rules[2].id == "dragon"


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: b"{",
        lambda whole: b"[]",
        lambda whole: b'["", {}, 0]\n{"uses": [[[0]]], "of": []}',
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole.replace(b'"of":[0,', b'"of":[99,'),
        lambda whole: whole.replace(b'"of":[0,', b'"of":['),
        lambda whole: whole.replace(b'"strong"', b'"wrong"'),
        lambda whole: whole.replace(b'"asked":', b'"other":'),
        lambda whole: whole.replace(b'["Sentence",', b'["Paragraph",'),
        lambda whole: whole.replace(b'["Rule","actor","trump"]', b'["Rule","actor","trumpet"]'),
        lambda whole: whole.replace(b'["Fact","source","bbc"]', b'["Fact","source"]'),
    ],
)
def test_a_damaged_file_is_made_anew(packs: Path, damage: Callable[[bytes], bytes]) -> None:
    expected = content(load(packs).watchlist)
    (file,) = kept(packs)
    whole = file.read_bytes()
    assert damage(whole) != whole
    file.write_bytes(damage(whole))
    assert content(load(packs).watchlist) == expected
    assert file.read_bytes() == whole


def test_only_what_is_watched_makes_another_file(packs: Path) -> None:
    load(packs)
    load(packs, FEEDS.replace("example.org", "example.com"))
    assert len(kept(packs)) == 1
    load(packs, FEEDS + "topics: {energy: {terms: {en: [power cut]}}}\n")
    assert len(kept(packs)) == 2
    (packs / "small.places.txt").write_text("en: Bakhmut\n", "utf-8")
    assert load(packs).watchlist.automaton.find("bakhmut") != []
    assert len(kept(packs)) == 3


def test_few_files_are_kept(packs: Path) -> None:
    for count in range(KEPT + 2):
        load(packs, FEEDS + f"topics: {{energy: {{terms: {{en: [power cut {count}]}}}}}}\n")
    assert len(kept(packs)) == KEPT


def test_a_folder_that_cannot_be_written_costs_only_time(packs: Path) -> None:
    (packs.parent / "cache").write_text("a file where a folder should be", "utf-8")
    assert load(packs).watchlist.form_count == load(packs, cached=False).watchlist.form_count


def test_mistakes_are_told_whatever_is_kept(packs: Path) -> None:
    load(packs)
    with pytest.raises(ConfigError, match="must begin with"):
        load(packs, FEEDS.replace("https://example.org/feed", "nowhere"))
    with pytest.raises(ConfigError, match="no built-in watchlist"):
        load(packs, FEEDS.replace("small", "smal"))


def test_stored_rules_are_compiled_once(packs: Path) -> None:
    folder = packs.parent / "cache"
    rules = load(packs, cached=False).watchlist.rules
    made, read, fresh = compiled_of(rules, folder), compiled_of(rules, folder), compiled_of(rules, None)
    assert len(kept(packs)) == 1
    assert made.rules == read.rules == fresh.rules == rules
    assert made.uses == read.uses == fresh.uses


def test_stored_rules_are_found_in_what_was_made_of_the_file(packs: Path) -> None:
    rules = load(packs).watchlist.rules
    load(packs, FEEDS + "topics: {energy: {terms: {en: [power cut]}}}\n")
    assert compiled_of(rules[::-1], packs.parent / "cache").rules == rules
    assert len(kept(packs)) == 2


def test_what_the_stored_rules_need_outlasts_later_edits(packs: Path) -> None:
    folder = packs.parent / "cache"
    rules = load(packs).watchlist.rules
    [first] = kept(packs)
    for count in range(KEPT + 2):
        os.utime(first, (count, count))  # long ago
        compiled_of(rules, folder)
        load(packs, FEEDS + f"topics: {{energy: {{terms: {{en: [power cut {count}]}}}}}}\n")
    assert first in kept(packs)
