"""What the tests of feedparser, gofeed and the W3C's validator expect: held, or listed with a reason."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from monitor.errors import ParseError
from tests.conformance import CONFORMANCE, Expectation, expectations, members, pairs, read

LIST = Path(__file__).with_name("conformance_differences.txt")

pytestmark = pytest.mark.skipif(not CONFORMANCE.is_dir(), reason="the conformance suites are not beside the repository")


def listed(suite: str) -> dict[str, str]:
    """The documents of a suite whose expectations do not hold (by pattern), and why."""
    lines = (line.split(maxsplit=2) for line in LIST.read_text(encoding="utf-8").splitlines() if line[:1].isalpha())
    return {pattern: reason for name, pattern, reason in lines if name == suite}


def failing(documents: Iterator[tuple[str, bytes, list[Expectation]]]) -> tuple[int, set[str]]:
    """How many expectations there were, and the documents where one does not hold."""
    number, names = 0, set()
    for name, body, expected in documents:
        feed = read(name, body)
        number += len(expected)
        if expected and (isinstance(feed, ParseError) or not all(one.holds(feed) for one in expected)):
            names.add(name)
    return number, names


def assert_listed(suite: str, names: set[str]) -> None:
    patterns = listed(suite)
    assert sorted(name for name in names if not any(fnmatchcase(name, one) for one in patterns)) == []
    assert sorted(one for one in patterns if not any(fnmatchcase(name, one) for name in names)) == []


def test_feedparser() -> None:
    archive = members(CONFORMANCE / "feedparser.tar.xz", "tests/")
    number, names = failing((name, body, expectations(body)) for name, body in archive)
    assert number >= 1_200
    assert_listed("feedparser", names)


def test_gofeed() -> None:
    number, names = failing(pairs(CONFORMANCE / "gofeed.tar.xz"))
    assert number >= 280
    assert_listed("gofeed", names)


@pytest.mark.parametrize(
    ("suite", "least", "most_refused"), [("feedparser", 2_106, 9), ("gofeed", 541, 3), ("feedvalidator", 2_156, 291)]
)
def test_every_document_is_read_or_refused_with_a_reason(suite: str, least: int, most_refused: int) -> None:
    documents = [one for one in members(CONFORMANCE / f"{suite}.tar.xz") if one[0].endswith(".xml")]
    outcomes = {name: read(name, body) for name, body in documents}
    refused = {name: str(outcome) for name, outcome in outcomes.items() if isinstance(outcome, ParseError)}
    assert len(documents) >= least
    assert [name for name, reason in refused.items() if not reason or "cannot be read" in reason] == []
    assert len(refused) <= most_refused
