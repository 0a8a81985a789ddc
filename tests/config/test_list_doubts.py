"""Words that stand at the wrong language, or that every text has, are told: they are allowed, and mostly slips."""

from importlib.resources import files
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.config.lists import list_doubts
from monitor.config.models import PackFile
from monitor.config.positions import read_document
from monitor.config.problems import validated


def doubts(folder: Path, text: str) -> list[str]:
    path = folder / "feeds.yaml"
    path.write_text(text, "utf-8")
    return [f"{found.line}:{found.column} {found.message}" for found in load_config(path, environ={}).warnings]


CYRILLIC = 'stands under "{}" but is written in Cyrillic; did you mean {}?'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "topics: {x: {terms: {en: [oil, дрон, ракета]}}}",
            ['1:32 "дрон" ' + CYRILLIC.format("en", '"uk" or "ru"')],
        ),
        ("topics: {x: {query: oil, none: {de: [їжак]}}}", ['1:38 "їжак" ' + CYRILLIC.format("de", '"uk"')]),
        ("actors: {x: {last: {pl: [Крылов]}}}", ['1:26 "Крылов" ' + CYRILLIC.format("pl", '"ru"')]),
        ("actors: {x: {titles: [{fr: [міністр]}]}}", ['1:29 "міністр" ' + CYRILLIC.format("fr", '"uk"')]),
        ("topics: {x: {any: {uk: [NATO, Patriot], ru: [НАТО, F-16], bg: [дрон]}}}", []),
        ("topics: {}\nactors: {x: {kind: body, names: {en: [NATO], uk: [НАТО]}}}", []),
    ],
)
def test_words_in_the_letters_of_another_language(tmp_path: Path, text: str, told: list[str]) -> None:
    assert doubts(tmp_path, text) == told


@pytest.mark.parametrize(
    ("lists", "word", "column"),
    [
        ("terms: {en: [oil, The]", "The", 32),
        ("any: {de: [und]", "und", 25),
        ("any: {en: [=was]", "=was", 25),
        ("any: {uk: [на]", "на", 25),
        ("any: {ru: [это]", "это", 25),
    ],
)
def test_words_that_every_text_has(tmp_path: Path, lists: str, word: str, column: int) -> None:
    (told,) = doubts(tmp_path, f"topics: {{x: {{{lists}}}}}}}")
    start = f'1:{column} "{word}" stands in nearly every text of the language '
    assert told.startswith(start)
    assert told.endswith("; write a rarer word, or a phrase")


@pytest.mark.parametrize("lists", ["any: {en: [=IS]}", "any: {en: [the port]}", "any: {fr: [the]}", "all: {en: [the]}"])
def test_what_is_rarer_or_does_no_harm_is_taken(tmp_path: Path, lists: str) -> None:
    assert doubts(tmp_path, f"topics: {{x: {{{lists}}}}}") == []


def test_the_built_in_watchlist_raises_no_doubts() -> None:
    document = read_document(files("monitor") / "packs" / "ukraine.yaml")
    file, findings = validated(document, PackFile)
    assert len(file.topics) > 10
    assert not findings
    assert list(list_doubts(document, file)) == []
