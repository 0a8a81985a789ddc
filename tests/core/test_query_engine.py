"""A compiled query against a slow reading that is plainly right, and what is found in real sentences."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import Press, Provenance, Publisher
from monitor.core.query.matcher import compile_query
from monitor.core.query.scene import facts_of
from monitor.core.query.tree import Node, Rule
from monitor.core.sightings import Reading
from tests.core.query_cases import FACTS, NODES, Case, Slow, cases

ORIGINS = [
    Provenance(),
    Provenance(feed="bbc", publisher=Publisher(name="BBC News")),
    Provenance(feed="x", publisher=Publisher(name="TASS", country="UA", press=Press.STATE)),
]


def slow(case: Case, origin: Provenance) -> tuple[Slow, Reading]:
    reading = Reading(case.entry)
    named = {
        Rule(kind=match.kind, id=match.rule): [reading.place(one) for one in match.evidence] for match in case.named
    }
    known = facts_of(case.entry, origin, "")
    facts = {fact for fact in FACTS if (fact.origin, fact.value.casefold()) in known}
    return Slow(reading.text, reading.bounds, named, facts), reading


@given(NODES, cases(), st.sampled_from(ORIGINS))
def test_a_query_finds_what_a_slow_reading_finds(node: Node, case: Case, origin: Provenance) -> None:
    reference, reading = slow(case, origin)
    found = compile_query(node).places(case.entry, origin, case.named, reading)
    assert found == reference.ask(node)


@given(NODES, cases(), st.sampled_from(ORIGINS))
def test_nothing_answers_that_does_not_wake(node: Node, case: Case, origin: Provenance) -> None:
    reference, reading = slow(case, origin)
    matcher = compile_query(node)
    woken = (
        matcher.wakes(reading.text)
        or any(fact in facts_of(case.entry, origin, "") for fact in matcher.facts)
        or any(match[:2] in matcher.rules for match in case.named)
    )
    assert woken or reference.ask(node) is None
