"""`watch forms` and `watch explain`: what is looked for, what was guessed on the way, and what a rule says."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli.main import app
from tests.e2e.place import call


@pytest.mark.parametrize(
    ("more", "guess"),
    [("", "a woman, by a guess"), (", gender: f", None), (", gender: m", None)],
)
def test_a_guessed_gender_is_said(tmp_path: Path, more: str, guess: str | None) -> None:
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text(f"actors: {{x: {{first: {{uk: [Олена]}}, last: {{uk: [Прикладенко]}}{more}}}}}\n", "utf-8")
    done = CliRunner().invoke(app, ["--config", str(feeds), "watch", "forms", "x"])
    assert done.exit_code == 0
    assert "Прикладенко" in done.stdout
    assert (guess in done.stderr) if guess else not done.stderr


FEEDS = "actors: {putin: {last: {en: [Putin]}}}\ntopics: {talks: {terms: {en: [talks]}}}\n"


@pytest.fixture
def feeds(tmp_path: Path) -> str:
    path = tmp_path / "feeds.yaml"
    path.write_text(FEEDS, "utf-8")
    return str(path)


def test_a_rule_is_read_back(feeds: str) -> None:
    done = CliRunner().invoke(app, ["--config", feeds, "watch", "explain", "uk:дрон AND NOT actor:putin"])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "Entries that have “дрон” (Ukrainian), but not the actor putin."
    assert "Written in one form: uk:дрон -actor:putin" in done.stdout
    assert "uk: дрон, дрона, дрону" in done.stdout


def test_a_rule_is_read_back_for_programs(feeds: str) -> None:
    done = CliRunner().invoke(app, ["--config", feeds, "watch", "explain", "=EU OR drone", "--json"])
    record = json.loads(done.stdout)
    assert record["canonical"] == "=EU OR drone"
    assert record["means"][0] == "Entries that have exactly “EU” or “drone”."
    assert record["words"][0] == {"word": "=EU", "language": "", "forms": ["EU"]}
    assert ["drones"] in [one["forms"] for one in record["words"]]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("drone OR", "column 7: nothing stands after OR; write a word there, or remove it"),
        ("drone actor:puttin", "column 7: no actor is called “puttin”; did you mean putin?"),
        ("drone -drone", "column 7: "),
    ],
)
def test_a_wrong_rule_is_code_2_with_its_column(feeds: str, query: str, said: str) -> None:
    done = call("--config", feeds, "watch", "explain", query, environ={})
    assert (done.code, done.out) == (2, "")
    assert [query, "      ^"] == [line.rstrip() for line in done.err.splitlines()[:2]]
    assert said in done.err


def test_of_a_rule_there_is_no_rule(feeds: str) -> None:
    done = call("--config", feeds, "watch", "explain", "drone", "--rule", "talks", environ={})
    assert done.code == 2
    assert "--rule goes with the number or the address of a stored entry" in done.err


def test_a_source_that_no_feed_has_is_doubted(feeds: str) -> None:
    done = call("--config", feeds, "watch", "explain", "drone source:nobody", environ={})
    assert done.code == 0
    assert done.err.startswith("column 7: no feed has the id or the publisher “nobody”")
