"""The shipped feeds.yaml is complete, consistent and made of known addresses only."""

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ruamel.yaml import YAML

from monitor.config.packs import pin, version_of
from monitor.core.model import Press

ROOT = Path(__file__).parents[2]
FEEDS_FILE = ROOT / "feeds.yaml"
CANDIDATES = ROOT / ".." / "shared" / "data" / "feed-lists" / "candidates.csv"

KEYS = {"id", "title", "url", "language", "country", "press", "interval", "timeout", "headers", "enabled"}
LEAST_BY_LANGUAGE = {"en": 10, "uk": 10, "ru": 10, "de": 10, "fr": 10, "pl": 8}
LEAST_BY_PRESS = 5


def load_yaml(text: str) -> dict[str, Any]:
    document = YAML(typ="safe").load(text)
    assert isinstance(document, dict)
    return document


@pytest.fixture(scope="module")
def text() -> str:
    return FEEDS_FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def feeds(text: str) -> list[dict[str, Any]]:
    entries = load_yaml(text)["feeds"]
    assert isinstance(entries, list)
    return entries


def repeated(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def ids_that_fail(feeds: list[dict[str, Any]], key: str, pattern: str) -> list[str]:
    return [feed["id"] for feed in feeds if not re.fullmatch(pattern, str(feed.get(key, "")))]


def test_it_extends_the_built_in_watchlist_and_sets_defaults(text: str) -> None:
    document = load_yaml(text)
    assert document["extends"] == pin("ukraine", version_of("ukraine") or 0), "after a change of the pack: the new pin"
    assert document["defaults"] == {"interval": "15m", "timeout": "30s"}


def test_editors_find_its_schema(text: str) -> None:
    assert text.splitlines()[0] == "# yaml-language-server: $schema=docs/feeds.schema.json"


def test_there_are_a_hundred_feeds(feeds: list[dict[str, Any]]) -> None:
    assert len(feeds) >= 100


@pytest.mark.parametrize("key", ["id", "url"])
def test_no_two_feeds_share(feeds: list[dict[str, Any]], key: str) -> None:
    assert repeated([feed[key] for feed in feeds]) == []


def test_no_two_addresses_differ_in_scheme_www_or_last_slash_only(feeds: list[dict[str, Any]]) -> None:
    bare = [re.sub(r"^https?://(www\.)?", "", feed["url"]).rstrip("/").lower() for feed in feeds]
    assert repeated(bare) == []


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        ("id", r"[a-z0-9]+(-[a-z0-9]+)*"),
        ("title", r"\S(.*\S)?"),
        ("url", r"https?://[^\s/]+/\S*"),
        ("language", r"[a-z]{2}"),
        ("country", r"[A-Z]{2}"),
        ("press", "|".join(Press)),
        ("interval", r"|[1-9]\d*[smhd]"),
    ],
)
def test_every_value_has_its_form(feeds: list[dict[str, Any]], key: str, pattern: str) -> None:
    assert ids_that_fail(feeds, key, pattern) == []


def test_no_feed_has_an_unknown_key(feeds: list[dict[str, Any]]) -> None:
    assert {feed["id"]: set(feed) - KEYS for feed in feeds if set(feed) - KEYS} == {}


def test_every_address_names_a_public_host_without_credentials(feeds: list[dict[str, Any]]) -> None:
    parts = {feed["id"]: urlsplit(feed["url"]) for feed in feeds}
    assert [key for key, part in parts.items() if part.username or part.port or "." not in (part.hostname or "")] == []


@pytest.mark.parametrize(("language", "least"), LEAST_BY_LANGUAGE.items())
def test_every_watched_language_is_well_served(feeds: list[dict[str, Any]], language: str, least: int) -> None:
    assert sum(feed["language"] == language for feed in feeds) >= least


@pytest.mark.parametrize("press", list(Press))
def test_every_press_kind_is_present(feeds: list[dict[str, Any]], press: Press) -> None:
    assert sum(feed["press"] == press for feed in feeds) >= LEAST_BY_PRESS


@pytest.mark.parametrize(
    ("feed_id", "press"),
    [
        ("tass-ru", Press.STATE),
        ("ukrinform-uk", Press.STATE),
        ("interfax-ukraine-uk", Press.AGENCY),
        ("bbc-world", Press.PUBLIC),
        ("meduza-ru", Press.PRIVATE),
        ("un-news", Press.OFFICIAL),
    ],
)
def test_well_known_publishers_have_their_press_kind(feeds: list[dict[str, Any]], feed_id: str, press: Press) -> None:
    assert {feed["id"]: feed["press"] for feed in feeds}[feed_id] == press


def test_one_publisher_has_one_press_kind_and_country(feeds: list[dict[str, Any]]) -> None:
    known: dict[str, set[tuple[str, str]]] = {}
    for feed in feeds:
        known.setdefault(feed["title"], set()).add((feed["press"], feed["country"]))
    assert {title: kinds for title, kinds in known.items() if len(kinds) > 1} == {}


def test_the_examples_in_comments_are_valid_once_uncommented(text: str) -> None:
    block = re.search(r"^# actors:\n(?:#.*\n)+", text, re.MULTILINE)
    assert block
    examples = load_yaml(re.sub(r"^# ", "", block[0], flags=re.MULTILINE))
    assert set(examples) == {"actors", "topics", "scope"}
    assert examples["topics"]["grain-prices"]["scope"] == "none"
    assert examples["actors"]["example-person"]["last"]["uk"] == ["Екземпл"]


@pytest.mark.skipif(not CANDIDATES.exists(), reason="the candidate list lies beside the repository, not in it")
def test_every_address_stands_in_the_candidate_list(feeds: list[dict[str, Any]]) -> None:
    with CANDIDATES.open(encoding="utf-8", newline="") as file:
        candidates = {row["url"] for row in csv.DictReader(file)}
    assert [feed["id"] for feed in feeds if feed["url"] not in candidates] == []


COUNT_ROW = re.compile(r"^\| `?(\w+)`?[^|]*\| (\d+) \|", re.MULTILINE)


@pytest.mark.parametrize("key", ["language", "country", "press"])
def test_the_guide_counts_what_the_file_holds(feeds: list[dict[str, Any]], key: str) -> None:
    guide = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    section = guide.split(f"### By {key}", 1)[1].split("\n#", 1)[0]
    counted = {code: int(count) for code, count in COUNT_ROW.findall(section)}
    assert counted == Counter(feed[key] for feed in feeds)
