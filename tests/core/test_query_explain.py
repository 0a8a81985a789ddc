"""A query read back in plain words."""

import re
from pathlib import Path

import pytest
from hypothesis import given

from monitor.core.query.explain import explain
from monitor.core.query.parse import parse
from monitor.core.query.tree import Fact, Node, Rule, Term, walk
from tests.core.query_trees import TREES

EXAMPLES = (Path(__file__).parent / "query_explained.txt").read_text("utf-8").split("== ")[1:]


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.partition("\n")[0] for example in EXAMPLES])
def test_read_back(example: str) -> None:
    query, _, said = example.partition("\n")
    assert explain(parse(query)) == said.strip()


@given(TREES)
def test_nothing_of_a_query_is_left_unsaid(tree: Node) -> None:
    said = explain(tree)
    for part in walk(tree):
        match part:
            case Term(text=name) | Rule(id=name):
                assert name in said
            case Fact(value=value):
                assert value.replace("uk", "Ukrainian") in said or value in said
    assert not re.search(r"\(\)|“”|  $|, \.", said)
