"""A reader's queries: what they ask for, what they refuse, and what is no query."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import Press, Provenance, Publisher, RuleKind
from monitor.core.queries import check, needs, parse, spellings, stored, takes
from monitor.core.query.names import Names
from monitor.core.query.scene import Facts
from monitor.core.query.tree import Fact, Node, Origin, Rule, Term
from monitor.core.query.truth import truth
from monitor.errors import QueryError
from tests.core.query_trees import trees

ACTOR, TOPIC, SCOPE = RuleKind.ACTOR, RuleKind.TOPIC, RuleKind.SCOPE
BBC = Provenance(feed="bbc-world", publisher=Publisher(name="BBC News", country="GB", press=Press.PUBLIC))
FACTS = Facts(["https://www.bbc.co.uk/news/1"], BBC, "en")


@pytest.mark.parametrize(
    ("query", "named", "taken"),
    [
        ("putin", {(ACTOR, "putin")}, True),
        ("putin", {(ACTOR, "trump")}, False),
        ("putin peace-talks", {(ACTOR, "putin")}, False),
        ("putin peace-talks", {(ACTOR, "putin"), (TOPIC, "peace-talks")}, True),
        ("putin -crimea", {(ACTOR, "putin"), (TOPIC, "drones")}, True),
        ("putin -crimea", {(ACTOR, "putin"), (TOPIC, "crimea")}, False),
        ("topic:nato", {(ACTOR, "nato")}, False),
        ("topic:nato", {(TOPIC, "nato")}, True),
        ("nato", {(TOPIC, "nato")}, True),
        ("nato", {(ACTOR, "nato")}, True),
        ("nato -actor:nato", {(TOPIC, "nato"), (ACTOR, "nato")}, False),
        ("war", {(SCOPE, "war")}, False),
        ("putin OR trump", {(ACTOR, "trump")}, True),
        ("(putin OR trump) -crimea", {(ACTOR, "trump"), (TOPIC, "crimea")}, False),
        ("putin NOT (crimea drones)", {(ACTOR, "putin"), (TOPIC, "crimea")}, True),
    ],
)
def test_what_an_entry_names_answers(query: str, named: set[tuple[RuleKind, str]], taken: bool) -> None:
    assert takes(parse(query), named, FACTS) is taken


@pytest.mark.parametrize(
    ("query", "taken"),
    [
        ("source:bbc.co.uk", True),
        ("source:www.bbc.co.uk", True),
        ("source:co.uk-news", False),
        ("source:bbc-world", True),
        ('source:"bbc news"', True),
        ("source:tass.ru", False),
        ("lang:en country:GB press:public", True),
        ("lang:uk OR country:UA", False),
        ("putin -country:GB", False),
        ("putin -press:state", True),
    ],
)
def test_where_an_entry_comes_from_answers(query: str, taken: bool) -> None:
    assert takes(parse(query), {(ACTOR, "putin")}, FACTS) is taken


@pytest.mark.parametrize(
    ("query", "may"),
    [
        ("putin country:GB", True),
        ("putin -country:GB", True),
        ("trump country:GB", False),
        ("trump OR lang:en", True),
        ("trump (lang:en OR crimea)", False),
    ],
)
def test_without_its_facts_an_entry_may_answer(query: str, may: bool) -> None:
    assert takes(parse(query), {(ACTOR, "putin")}, None) is may


@pytest.mark.parametrize(
    ("query", "column", "words"),
    [
        ("", 1, "the query is empty"),
        ("-crimea", 1, "only what must be lacking is named"),
        ("putin - crimea", 7, "- stands alone"),
        ("putin -putin", 7, "can never hold together"),
        ('putin "peace talks"', 7, "“peace talks” asks for words"),
        ("putin talk*", 7, "“talk” asks for words"),
        ("putin OR =EU", 10, "“EU” asks for words"),
        ("uk:putin", 1, "“putin” asks for words"),
        ("putin NEAR/5 trump", 1, "NEAR asks for words"),
        ("trump title:putin", 7, "title: asks for words"),
        ("S(putin trump)", 1, "asks for words"),
        ("putin wheat", 7, "no topic and no actor is called “wheat”"),
        ("putin krimea", 7, "did you mean crimea"),
        ("topic:putin", 1, "it is one of the actors: actor:putin"),
        ("putin country:XX", 7, "no country has the code"),
    ],
)
def test_what_is_no_query_is_told(query: str, column: int, words: str) -> None:
    names = Names(actors=["putin", "trump"], topics=["crimea"], languages=["uk"], countries=["GB"], press=["state"])
    with pytest.raises(QueryError) as caught:
        check(query, names)
    assert caught.value.column == column
    assert words in caught.value.problem


LEAVES: st.SearchStrategy[Node] = st.sampled_from(
    [
        Term(text="a"),
        Term(text="b"),
        Rule(kind=ACTOR, id="a"),
        Rule(kind=TOPIC, id="b"),
        Fact(origin=Origin.LANGUAGE, value="en"),
        Fact(origin=Origin.COUNTRY, value="UA"),
    ]
)
NAMED = st.sets(st.sampled_from([(ACTOR, "a"), (TOPIC, "a"), (ACTOR, "b"), (TOPIC, "b")]))


@given(trees(LEAVES, 6), NAMED)
def test_what_answers_names_one_of_what_is_needed(node: Node, named: set[tuple[RuleKind, str]]) -> None:
    needed = needs(node)
    names = {spelling for kind, rule in named for spelling in spellings(kind, rule)}
    if takes(node, named, FACTS) and needed is not None:
        assert needed & names


@given(trees(LEAVES, 6), NAMED)
def test_what_answers_may_answer(node: Node, named: set[tuple[RuleKind, str]]) -> None:
    assert takes(node, named, None) or not takes(node, named, FACTS)


@given(trees(LEAVES, 6))
def test_of_nothing_known_nothing_is_sure(node: Node) -> None:
    assert truth(node, lambda _: None) is None


def test_a_stored_query_that_is_no_longer_read_takes_nothing_and_stops_nothing() -> None:
    assert stored("putin OR") is None
    assert not takes(stored("putin OR"), {(ACTOR, "putin")}, FACTS)
    assert needs(stored("putin OR")) == frozenset()
    assert stored("putin") == parse("putin")
