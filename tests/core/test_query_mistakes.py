"""Every mistake in a query is told, at its column, in plain words."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.core.model import Press
from monitor.core.query.names import Names, check_names
from monitor.core.query.parse import parse
from monitor.errors import QueryError

NAMES = Names(
    actors=("putin", "zelensky", "un"),
    topics=("sanctions", "peace-talks"),
    languages=("uk", "ru", "de"),
    countries=("UA", "RU", "GB"),
    press=[kind.value for kind in Press],
    slips={"ua": "uk", "UK": "GB"},
)
JARGON = re.compile(r"Token|terminal|Unexpected|Expected|lark|TERM|\$END|None|<")


def cases() -> Iterator[tuple[str, int, str]]:
    """Read a query on its line, the column by a caret under it, and what is said."""
    text = (Path(__file__).parent / "query_mistakes.txt").read_text("utf-8")
    for case in re.sub("^## .*\n\n", "", text, flags=re.MULTILINE).split("\n\n")[1:]:
        query, caret, message = case.rstrip("\n").split("\n")
        yield query.removeprefix("    "), len(caret) - 4, message


CASES = [*cases()]


@pytest.mark.parametrize(("query", "column", "message"), CASES, ids=[case[0] for case in CASES])
def test_mistake(query: str, column: int, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        check_names(parse(query), NAMES, text=query)
    assert (caught.value.column, caught.value.problem) == (column, message)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_table_is_whole() -> None:
    queries = [query for query, _, _ in CASES]
    assert len(queries) > 90
    assert len(set(queries)) == len(queries)
    assert not [message for _, _, message in CASES if JARGON.search(message) or message != message.strip()]


@pytest.mark.parametrize(
    ("query", "column", "message"),
    [
        ("", 1, "the query is empty; write a word, or several as in drone -sport"),
        (" \t", 1, "the query is empty; write a word, or several as in drone -sport"),
        ("a\x1b[31mb", 2, "an invisible character (U+001B) stands here; remove it"),
        ("a \u202e b", 3, "an invisible character (U+202E) stands here; remove it"),
        ("\ud800", 1, "an invisible character (U+D800) stands here; remove it"),
        ("a " * 1001, 2001, "the query is longer than 2000 characters; make parts of it topics of their own"),
        (
            "(" * 31 + "a" + ")" * 31,
            31,
            "brackets stand more than 30 deep in each other; make parts of it topics of their own",
        ),
    ],
)
def test_what_cannot_be_printed_in_the_table(query: str, column: int, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert (caught.value.column, caught.value.problem) == (column, message)
