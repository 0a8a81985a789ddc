"""The quick way to read YAML: it gives what the thorough way gives, or nothing."""

from datetime import date
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from monitor.config.packs import built_in
from monitor.config.plain import plain_data
from monitor.config.positions import _Builder

SOUND = [
    "a: [no, on, yes, y, n, off, True, false, null, ~, NULL]",
    "a: [0o17, 017, 0x1f, 1_000, 1e3, .inf, -.INF, +7, 1.5, '1', \"true\"]",
    "a: 2024-02-29\nb: 2024-2-9\nc: 24-02-29\nd: 2024-02-31",
    "a:\n- b: 1\n  c: [x, 'it''s', \"two\\nlines\"]\n-\n- d\n",
    "a: {b: c, d: [e f, g], h: }\ni:\n",
    "a: [Russia's war,\n    strike on Russia, x # a remark\n   ]\n# the end\n",
    "a: |\n  text\n  more\nb: >-\n  folded\n  text\n",
    "url: https://example.org/a:b?c=d#e\ntime: 12:30:45",
    "'': 1\n1: 2\ntrue: 3\n",
    "[a, b]",
    "just text",
    "a: [=EU, Drohnen*, exchange … prisoners, «Рада», 'ё']",
    "- - - x\n",
    "a: 'x: y'\nb: x#y\nc: -x\nd: .\ne: '...'\n",
]
LEFT = [
    "a: &x 1",
    "a: &x [1]\nb: *x",
    "a: !!str 1",
    "a: !!python/name:os.system ''",
    "a: 1\na: 2",
    "a:\n  <<: {b: 1}",
    "? [a, b]\n: c",
    "--- \na: 1",
    "%YAML 1.1\n---\na: no",
    "a: 1\n---\nb: 2",
    "a:\tb",
    "a: [",
    "a: b: c",
    "",
    "# nothing",
    "[" * 40 + "]" * 40,
    "a: [" + "x, " * 200_001 + "]",
]


def _thoroughly(text: str) -> object:
    return _Builder(source="x").build(YAML(typ="safe", pure=True).compose(text))


@pytest.mark.parametrize("text", SOUND)
def test_what_it_reads_is_what_the_thorough_way_reads(text: str) -> None:
    assert repr(plain_data(text)) == repr(_thoroughly(text))


def test_what_the_c_parser_refuses_is_read_thoroughly_or_alike() -> None:
    assert plain_data("a: [b:c, https://d/e]") in (None, {"a": ["b:c", "https://d/e"]})


def test_yaml_is_of_version_1_2() -> None:
    assert plain_data("a: [no, on, 017, 2024-02-29]") == {"a": ["no", "on", "017", date(2024, 2, 29)]}


@pytest.mark.parametrize("text", LEFT)
def test_what_is_unusual_or_wrong_is_left_to_the_thorough_way(text: str) -> None:
    assert plain_data(text) is None


def test_the_pack_and_the_shipped_feeds_are_read_the_quick_way_alike() -> None:
    for text in (built_in() / "ukraine.yaml").read_text(encoding="utf-8"), Path("feeds.yaml").read_text("utf-8"):
        assert plain_data(text) == _thoroughly(text) != None  # noqa: E711
