"""Every mistake in feeds.yaml is told, at its place, in plain words."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from monitor.config import load_config
from monitor.errors import ConfigError, Finding

ENVIRON = {"EMPTY": "", "BROKEN": "hidden\r\nX: y"}
PACK = """\
version: 1
actors: {johnson: {last: {en: [Johnson]}}}
topics: {sanctions: {terms: {en: [sanctions]}}}
"""
JARGON = re.compile(r"Input should|pydantic|value_error|Value error|Extra inputs|Field required|<block|found character")
CHAPTER = re.compile("\n*^## .*\n+", re.MULTILINE)
"""A heading of the table, which parts it for its readers only."""


def cases() -> Iterator[tuple[str, str, list[str]]]:
    text = (Path(__file__).parent / "mistakes.txt").read_text("utf-8")
    for case in re.split("^== ", CHAPTER.sub("\n", text), flags=re.MULTILINE)[1:]:
        name, *lines = case.rstrip("\n").split("\n")
        told = [line.removeprefix("-> ") for line in lines if line.startswith("-> ")]
        yield name, "".join(f"{line}\n" for line in lines if not line.startswith("-> ")), told


CASES = [*cases()]


@pytest.fixture(scope="module")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packs")
    (folder / "ukraine.yaml").write_text(PACK, "utf-8")
    return folder


def findings(content: str | bytes, packs: Path) -> tuple[Finding, ...]:
    path = packs / "feeds.yml"  # the ending keeps it from being a pack
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigError) as caught:
        load_config(path, environ=ENVIRON, packs=packs)
    assert "hidden" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert all(finding.source == str(path) for finding in caught.value.findings)
    return caught.value.findings


@pytest.mark.parametrize(("text", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_mistake(packs: Path, text: str, told: list[str]) -> None:
    assert [f"{found.line}:{found.column} {found.message}" for found in findings(text, packs)] == told


def test_table_is_whole() -> None:
    names = [name for name, _, _ in CASES]
    assert len(names) > 150
    assert len(set(names)) == len(names)
    assert all(told for _, _, told in CASES)


def test_title_of_301_characters(packs: Path) -> None:
    (found,) = findings(f"feeds: [{{id: x, url: https://a.example/, title: {'x' * 301}}}]", packs)
    assert found.message == '"title" is longer than 300 characters; shorten it'


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (b"feeds:\n  - \xff\n", 2, 5, "this is not UTF-8; save the file in that encoding"),
        ("extends: мир".encode("cp1251"), 1, 10, "this is not UTF-8; save the file in that encoding"),
        ("feeds: []".encode("utf-16"), 1, 1, "this is not UTF-8; save the file in that encoding"),
        (b"\xef\xbb\xbffeeds: \xff\n", 1, 8, "this is not UTF-8; save the file in that encoding"),
        (b"extends: a\x07b\n", 1, 11, "a control character stands here; remove it"),
        (b"extends: a\n\x00", 2, 1, "a control character stands here; remove it"),
    ],
)
def test_bytes_that_are_no_text(packs: Path, content: bytes, line: int, column: int, message: str) -> None:
    (found,) = findings(content, packs)
    assert (found.line, found.column, found.message) == (line, column, message)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    with pytest.raises(ConfigError) as caught:
        load_config(path, environ={})
    assert str(caught.value) == f"{path}: there is no such file; name another, or let `run_monitor.py init` write one"


def test_folder_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the file cannot be read: is a directory"):
        load_config(tmp_path, environ={})


def test_messages_hold_no_control_characters(packs: Path) -> None:
    (unknown, press) = findings('feeds: [{id: x, url: "https://a.example/", "\\e[31mx": 1, press: "\\x9bx"}]', packs)
    assert (unknown.message[:22], press.message[:21]) == (r'unknown key "\u001b[31', r'"press" is "\u009bx",')


def test_mistake_under_an_anchor_is_told_once(packs: Path) -> None:
    text = "defaults: {headers: &h {X: 1}}\nfeeds: [{id: x, url: https://a.example/, headers: *h}]\n"
    (found,) = findings(text, packs)
    assert (found.line, found.column) == (1, 28)


KEYS = ["feeds", "actors", "topics", "scope", "defaults", "extends", "id", "url", "title", "press", "headers", "titles"]
WORDS = st.sampled_from([*KEYS, "en", "since", "terms", "last", "null", "~", "state", "15m", "https://a.example/", "1"])
VALUES = st.recursive(
    WORDS | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=25,
)
FILES = st.fixed_dictionaries(
    {},
    optional={
        "feeds": VALUES | st.lists(st.dictionaries(WORDS, VALUES, max_size=4), max_size=3),
        "actors": VALUES | st.dictionaries(WORDS, st.dictionaries(WORDS, VALUES, max_size=4), max_size=3),
        "topics": VALUES | st.dictionaries(WORDS, st.dictionaries(WORDS, VALUES, max_size=4), max_size=3),
        "scope": VALUES,
        "defaults": VALUES,
        "extends": VALUES,
        "other": VALUES,
    },
)


@given(FILES)
def test_any_data_is_taken_or_refused_in_plain_words(packs: Path, data: object) -> None:
    path = packs / "any.yml"
    YAML(typ="safe", pure=True).dump(data, path)
    check_words(path, packs)


@given(st.sampled_from([text for _, text, _ in CASES]), st.data())
def test_any_damage_is_taken_or_refused_in_plain_words(packs: Path, text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    new = data.draw(st.text("abc:-[]{}'\"#&*!|>%@`,?\n\t \\\x07é", max_size=4))
    path = packs / "any.yml"
    path.write_text(text[:start] + new + text[end:], "utf-8")
    check_words(path, packs)


def check_words(path: Path, packs: Path) -> None:
    found: tuple[Finding, ...] = ()
    try:
        load_config(path, environ={}, packs=packs)
    except ConfigError as error:
        found = error.findings or (Finding(source="", message="Input should be told"),)
    assert not JARGON.search("\n".join(map(str, found)))
    places = [(finding.line or 0, finding.column or 0) for finding in found]
    assert places == sorted(places)
