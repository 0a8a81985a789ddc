"""A source in a query that no feed has is told: it may be an aggregate's, and is mostly a slip."""

from pathlib import Path

import pytest

from monitor.config import load_config

FILE = """\
feeds:
  - {{id: tass-ru, title: TASS (World), url: "https://tass.example/rss"}}
topics:
  oil:
    query: '{}'
"""


def doubts(folder: Path, query: str) -> list[str]:
    path = folder / "feeds.yaml"
    path.write_text(FILE.format(query), "utf-8")
    return [f"{found.line}:{found.column} {found.message}" for found in load_config(path, environ={}).warnings]


@pytest.mark.parametrize("source", ["tass-ru", "TASS", '"TASS (World)"', "TASS-RU", "any.example"])
def test_what_a_feed_has_and_every_site_is_taken(tmp_path: Path, source: str) -> None:
    assert doubts(tmp_path, f"oil source:{source}") == []


def test_a_slip_is_told_at_its_place(tmp_path: Path) -> None:
    told = "no feed has the id or the publisher “tas-ru”; did you mean tass-ru?"
    assert doubts(tmp_path, "oil -source:tas-ru") == [f"5:18 {told}"]


def test_what_is_near_to_nothing_is_told_too(tmp_path: Path) -> None:
    told = "no feed has the id or the publisher “Quux”; `run_monitor.py feeds list` names them all"
    assert doubts(tmp_path, "oil (source:Quux OR source:tass-ru)") == [f"5:18 {told}"]
