"""A subscription's queries: what they ask for, what they refuse, and what is no query."""

import pytest

from monitor.core.model import RuleKind
from monitor.core.queries import parse
from monitor.errors import InputError

ACTOR, TOPIC, SCOPE = RuleKind.ACTOR, RuleKind.TOPIC, RuleKind.SCOPE


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
        ("nato -actor:nato", {(TOPIC, "nato"), (ACTOR, "nato")}, False),
        ("war", {(SCOPE, "war")}, False),
    ],
)
def test_all_that_is_wanted_and_nothing_unwanted(query: str, named: set[tuple[RuleKind, str]], taken: bool) -> None:
    assert parse(query).takes(named) is taken


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "asks for nothing"),
        ("-crimea", "asks for nothing"),
        ("putin - crimea", "minus that stands alone"),
        ("putin -putin", "both asks for 'putin' and refuses it"),
    ],
)
def test_what_is_no_query_is_told(query: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse(query)
