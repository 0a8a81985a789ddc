"""The watch language: what is written is read, and what is read is written the same."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.query.format import format as written
from monitor.core.query.parse import LIMIT, parse, parse_canonical
from monitor.core.query.tree import Node
from monitor.errors import QueryError
from tests.core.query_trees import TREES

PIECES = st.sampled_from(
    [
        *(
            "AND",
            "OR",
            "NOT",
            "NEAR/5",
            "NEAR",
            "near",
            "or",
            "und",
            "S(",
            "s(",
            "(",
            ")",
            "-",
            "=",
            "*",
            "title:",
            "uk:",
        ),
        *(
            "lang:uk",
            "source:",
            "topic:x",
            '"',
            "„",
            "“",
            "«",
            "»",
            "…",
            "|",
            "дрон",
            "a",
            "b c",
            " ",
            " ",
            "\t",
            "\x07",
            ":",
        ),
    ]
)
QUERIES = (
    st.text(max_size=60) | st.lists(PIECES, max_size=14).map("".join) | st.lists(PIECES, max_size=14).map(" ".join)
)


@given(TREES)
def test_what_is_written_is_read_as_the_same_tree(tree: Node) -> None:
    assert parse_canonical(written(tree)) == tree


@given(QUERIES)
@example("NOT " * 499 + "a")
@example("title:" * 333)
@example("(" * 2000)
@example("-" * 2000)
@example("(" * 29 + "a" + ")" * 29)
def test_any_text_is_read_or_refused_at_a_column(text: str) -> None:
    tree, error = read(text)
    if error:
        assert 1 <= error.column <= len(text) + 1
        assert error.problem
        assert error.text == text
    if tree:
        assert parse(written(tree)) == tree
        assert "\n" not in written(tree)


def read(text: str) -> tuple[Node | None, QueryError | None]:
    try:
        return parse(text), None
    except QueryError as error:
        return None, error


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("a AND b", "a b"),
        ("a  b\nc", "a b c"),
        ("(a (b AND (c)))", "a b c"),
        ("a OR (b OR c)", "a OR b OR c"),
        ("a NOT b", "a -b"),
        ("near-miss nearby", "near-miss nearby"),
        ("(a OR b) AND NOT (c OR d)", "(a OR b) -(c OR d)"),
        (
            "„Азов“ OR «Мирні переговори» OR “Peace Talks” OR “oil depot“ OR ”x y”",
            'Азов OR "Мирні переговори" OR "Peace Talks" OR "oil depot" OR "x y"',
        ),
        ('"or" "S" "NEAR/5"', '"or" "S" "NEAR/5"'),
        ("uk:a OR uk:b", "uk:(a OR b)"),
        ("uk:(a OR (b c)) d", "uk:(a OR (b c)) d"),
        ("lang:UK country:ua press:State", "lang:uk country:UA press:state"),
        ('source:"the guardian" x', 'source:"the guardian" x'),
        ('="Exact Phrase" OR "drone att*"', '="Exact Phrase" OR "drone att*"'),
        ("(a NEAR/5 b) c", "(a NEAR/5 b) c"),
        ("a NEAR/05 (b OR actor:putin)", "a NEAR/5 (b OR actor:putin)"),
        ("title:(a -b)", "title:(a -b)"),
        ("-(uk:a NEAR/5 uk:b) c", "-(uk:a NEAR/5 uk:b) c"),
        ("title:S(a b)", "title:S(a b)"),
    ],
)
def test_canonical_form(text: str, canonical: str) -> None:
    assert written(parse(text)) == canonical
    assert parse(canonical) == parse(text)


def test_a_query_has_an_end() -> None:
    assert len(written(parse(f"{'a' * (LIMIT - 2)} b"))) == LIMIT
    with pytest.raises(QueryError, match="longer than 2000 characters"):
        parse(f"{'a' * (LIMIT - 1)} b")
    with pytest.raises(QueryError, match="longer than 2000 characters"):
        parse(f"uk:({'a ' * 900}) b")  # the same on one level: uk:a uk:a …
