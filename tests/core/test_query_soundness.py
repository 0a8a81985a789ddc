"""Queries that cannot match, that match everything, or that ask for nothing are refused: beside truth tables."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import RuleKind
from monitor.core.query.format import format as written
from monitor.core.query.mistake import Mistake
from monitor.core.query.parse import parse
from monitor.core.query.satisfy import Wish, can_hold
from monitor.core.query.soundness import check_sound
from monitor.core.query.tree import And, Fact, Node, Not, Or, Origin, Rule, Term, Title
from monitor.errors import QueryError
from tests.core.query_trees import trees

A, B = Term(text="a"), Term(text="b")
EXACT_A = Term(text="a", exact=True)
UK_B = Term(text="b", language="uk")
PUTIN = Rule(kind=RuleKind.ACTOR, id="putin")
IN_UK, IN_RU = Fact(origin=Origin.LANGUAGE, value="uk"), Fact(origin=Origin.LANGUAGE, value="ru")
ATOMS: tuple[Node, ...] = (A, B, EXACT_A, UK_B, PUTIN, IN_UK, IN_RU)
LEAVES = st.sampled_from([*ATOMS, Title(part=A), Title(part=B)])
World = frozenset[tuple[Node, bool]]
"""What is in an entry: atoms, anywhere or (True) in the title."""


def worlds() -> Iterator[World]:
    """Yield every entry that can be, as far as these atoms tell it apart."""
    atoms = [(atom, False) for atom in ATOMS] + [(A, True), (B, True)]
    for chosen in product([False, True], repeat=len(atoms)):
        world = frozenset(atom for atom, there in zip(atoms, chosen, strict=True) if there)
        if is_possible(world):
            yield world


def is_possible(world: World) -> bool:
    brings: dict[tuple[Node, bool], tuple[Node, bool]] = {
        (A, True): (A, False),
        (B, True): (B, False),
        (EXACT_A, False): (A, False),
        (UK_B, False): (B, False),
    }
    apart: list[World] = [frozenset({(IN_UK, False), (IN_RU, False)}), frozenset({(UK_B, False), (IN_RU, False)})]
    return all(brings.get(atom, atom) in world for atom in world) and not any(pair <= world for pair in apart)


def holds(node: Node, world: World, *, title: bool = False) -> bool:
    match node:
        case And(parts=parts):
            return all(holds(part, world, title=title) for part in parts)
        case Or(parts=parts):
            return any(holds(part, world, title=title) for part in parts)
        case Not(part=part):
            return not holds(part, world, title=title)
        case Title(part=part):
            return holds(part, world, title=True)
    return (node, title) in world


WORLDS = tuple(worlds())


@given(trees(LEAVES, 7))
def test_what_can_hold_is_what_a_truth_table_has(node: Node) -> None:
    assert can_hold([Wish(node)]) == any(holds(node, world) for world in WORLDS)
    assert can_hold([Wish(node, wanted=False)]) == (not all(holds(node, world) for world in WORLDS))


@given(trees(LEAVES, 7))
def test_what_is_sound_can_match_and_can_fail_and_asks_for_something(node: Node) -> None:
    truths = [holds(node, world) for world in WORLDS]
    if is_sound(node):
        assert any(truths)
        assert not holds(node, frozenset())
    elif any(truths) and not holds(node, frozenset()):
        assert has_idle_part(node)


def is_sound(node: Node) -> bool:
    try:
        check_sound(node)
    except Mistake:
        return False
    return True


def has_idle_part(node: Node) -> bool:
    """Tell whether a part can be left out, or put as never or always holding, with nothing changed."""
    mine = [holds(node, world) for world in WORLDS]
    return any([holds(other, world) for world in WORLDS] == mine for other in shorter(node))


def shorter(node: Node) -> Iterator[Node]:
    """Yield the tree with one part of an AND or OR taken out."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            for place, part in enumerate(parts):
                rest = (*parts[:place], *parts[place + 1 :])
                yield type(node)(parts=rest)
                for less in shorter(part):
                    yield type(node)(parts=(*parts[:place], less, *parts[place + 1 :]))
        case Not(part=part):
            yield from (Not(part=less) for less in shorter(part))


@pytest.mark.parametrize(
    "query",
    [
        "a -title:a",
        "b title:(-a)",
        "S(a -b) b",
        "EU -=EU",
        "дрон* -дрони*",
        "a -(a b)",
        "lang:uk -дрон",
        "lang:uk",
        "lang:uk OR lang:ru",
        "uk:дрон de:Drohne",
        "source:bbc.co.uk -source:news.bbc.co.uk",
        "source:bbc.co.uk source:TASS",
        "(a NEAR/5 b) -(a NEAR/3 b)",
        "actor:nato -topic:nato",
        "(a OR b) -(a b)",
    ],
)
def test_what_sounds_odd_and_is_sound(query: str) -> None:
    assert parse(written(parse(query))) == parse(query)


@pytest.mark.parametrize(
    ("query", "column"),
    [
        ("S(a b) -a", 8),
        ("title:(a b) -b", 13),
        ("title:S(a b) -title:b", 14),
        ("=EU -eu", 5),
        ("дрони* -дрон*", 8),
        ("(a NEAR/3 b) -(b NEAR/5 a)", 14),
        ("(a NEAR/3 b) -b", 14),
        ("source:news.bbc.co.uk -source:bbc.co.uk", 23),
        ("(a OR b) -a -b", 13),
        ("a S(b -b)", 7),
        ("c OR S(-a -b)", 6),
        ("uk:(a b) lang:de", 10),
    ],
)
def test_what_can_never_be_is_refused_where_it_shows(query: str, column: int) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.column == column


def test_a_search_without_end_refuses_nothing() -> None:
    hard = " ".join(f"({' OR '.join(f'p{pigeon}h{hole}' for hole in range(7))})" for pigeon in range(8))
    apart = " ".join(f"-(p{one}h{hole} p{two}h{hole})" for hole in range(2) for one in range(8) for two in range(one))
    assert isinstance(parse(f"{hard} {apart}"), And)
