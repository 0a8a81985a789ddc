"""Foreign text made fit to show."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.render.text import cleaned, cut, link, segments, wrap


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("one two three", 9, "one two…"),
        ("one two, three", 10, "one two…"),
        ("abcdefghijkl", 6, "abcde…"),
        ("a bcdefghijkl", 9, "a bcdefg…"),
        (" a\n\tb\x00 ", 5, "a b"),
        ("", 5, ""),
    ],
)
def test_cut(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


@given(st.text(), st.integers(2, 30))
def test_cut_never_exceeds_its_limit_and_keeps_the_beginning(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit
    assert " ".join(cleaned(text).split()).startswith(short.removesuffix("…"))


@given(st.text(max_size=40), st.sets(st.integers(0, 40), max_size=8), st.integers(2, 50))
def test_segments_keep_text_and_marks(text: str, edges: set[int], limit: int) -> None:
    ordered = sorted(edge for edge in edges if edge <= len(text))
    marks = list(pairwise(ordered))[::2]
    pieces = segments(text, marks, limit)
    whole = "".join(piece.text for piece in pieces)
    if len(text) <= limit:
        assert whole == cleaned(text)
        assert [piece.text for piece in pieces if piece.marked] == [cleaned(text)[a:b] for a, b in marks]
    assert len(whole) <= max(limit, 1)
    assert all(piece.text for piece in pieces)


@given(st.text())
def test_link_lets_nothing_through_that_breaks_out(url: str) -> None:
    passed = link("https://" + url, 100)
    assert passed is None or not re.search(r'[\s<>"\x00-\x20]', passed)


def test_wrap_keeps_long_words_whole() -> None:
    assert wrap("a " + "b" * 80, "* ", "  ") == "* a\n  " + "b" * 80
