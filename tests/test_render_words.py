"""The interface words of every language."""

import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from monitor.render.words import load_tables, plural

TEMPLATES = Path(__file__).parents[1] / "templates"


def phrases(value: Any, path: str = "") -> Iterator[tuple[str, frozenset[str | None]]]:
    """Give the path of each phrase of a language, and the names of the values that it takes."""
    if isinstance(value, str):
        yield path, frozenset(name for _, name, _, _ in string.Formatter().parse(value) if name)
    elif isinstance(value, list):
        yield path, frozenset({str(len(value))})
    else:
        for key, inner in value.items():
            if key != "few":
                yield from phrases(inner, f"{path}/{key}")


def test_every_language_says_everything_with_the_same_values() -> None:
    tables = load_tables(TEMPLATES / "digest" / "words")
    assert set(tables) == {"de", "en", "uk"}
    for table in tables.values():
        assert dict(phrases(table)) == dict(phrases(tables["en"]))


@pytest.mark.parametrize(
    ("lang", "forms"),
    [
        ("en", {"one": [1], "other": [0, 2, 11, 21, 100]}),
        ("uk", {"one": [1, 21, 101], "few": [2, 4, 22, 104], "other": [0, 5, 11, 12, 14, 20, 112]}),
    ],
)
def test_plural(lang: str, forms: Mapping[str, list[int]]) -> None:
    assert {form: [n for n in numbers if plural(lang, n) == form] for form, numbers in forms.items()} == forms
