"""Which candidates of a window a reader's queries take: by what they name, and by where they come from."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digest import asked_for
from monitor.core.model import Candidate, Match, Press, Publisher, RuleKind
from monitor.notify.windows import Offer
from tests.core.test_digest import EVERYTHING, candidate

PUTIN = Match(kind=RuleKind.ACTOR, rule="putin", evidence=())
TALKS = Match(kind=RuleKind.TOPIC, rule="peace-talks", evidence=())
DRONES = Match(kind=RuleKind.TOPIC, rule="drones", evidence=())
GUARDIAN = Publisher(name="The Guardian", country="GB", press=Press.PRIVATE)
TASS = Publisher(name="TASS", country="RU", press=Press.STATE)
NEWS: tuple[Candidate, ...] = (
    candidate(1, PUTIN, TALKS, publisher=GUARDIAN, feed="guardian", lang="en", url="https://www.theguardian.com/1"),
    candidate(2, PUTIN, DRONES, publisher=TASS, feed="tass-ru", lang="ru", title="Путин и эти дроны", url=None),
    candidate(3, DRONES, publisher=TASS, feed="tass-en", lang="en", url="https://tass.com/3"),
    candidate(4, TALKS, publisher=Publisher(name="Wire"), feed="wire", lang=None),
)


@pytest.mark.parametrize(
    ("query", "taken"),
    [
        ("putin", [1, 2]),
        ("putin -drones", [1]),
        ("putin OR drones", [1, 2, 3]),
        ("(putin OR drones) press:state", [2, 3]),
        ("press:state", [2, 3]),
        ("lang:ru OR country:GB", [1, 2]),
        ("drones -lang:ru", [3]),
        ("source:theguardian.com OR source:tass-en", [1, 3]),
        ('source:"the guardian"', [1]),
        ("peace-talks -country:GB", [4]),
    ],
)
def test_a_query_takes_what_it_says(query: str, taken: list[int]) -> None:
    found = Offer(list(NEWS)).asked(replace(EVERYTHING, queries=(query,)))
    assert [one.entry for one in found] == taken


QUERIES = st.sampled_from(["putin", "drones -putin", "press:state", "lang:en -drones", "(putin OR drones) country:RU"])


@given(st.sets(QUERIES, min_size=1), st.sets(st.sampled_from(["drones", "peace-talks"])))
def test_the_quick_way_takes_what_the_thorough_one_does(queries: set[str], topics: set[str]) -> None:
    wish = replace(EVERYTHING, queries=tuple(queries), topics=frozenset(topics))
    assert Offer(list(NEWS)).asked(wish) == asked_for(NEWS, wish)[0]
