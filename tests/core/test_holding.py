"""Which parts of a topic's query hold, and what is said of those that do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.explaining import explain
from monitor.core.matching import match_entry
from monitor.core.model import Entry, Press, Provenance, Publisher, RuleKind, ScopeSpec, TopicSpec, WatchSpec
from monitor.core.query.format import format as written
from monitor.core.query.parse import parse
from monitor.core.topic_cases import TopicCase
from monitor.core.watchlist import Watchlist, compile_watchlist
from tests.core.sample_watchlist import ACTORS, NOW, SCOPE, TOPICS, entry
from tests.core.test_explaining import dated

HERALD = Provenance(feed="herald", publisher=Publisher(name="The Herald", country="GB", press=Press.PRIVATE))


def watchlist(
    query: str = "", unless: str = "", *, terms: tuple[str, ...] = (), hints: tuple[str, ...] = ()
) -> Watchlist:
    topic = TopicSpec(
        id="asked",
        label={},
        terms={"en": terms} if terms else {},
        hints={"en": hints} if hints else {},
        query=written(parse(query)) if query else "",
        unless=written(parse(unless)) if unless else "",
    )
    return compile_watchlist(WatchSpec(actors=ACTORS, topics=(topic,), scope=ScopeSpec(strong={"en": ("Ukraine",)})))


def case(query: str, text: str, summary: str = "", **more: object) -> TopicCase:
    watched = watchlist(query, **more)  # type: ignore[arg-type] # whichever fields
    rule = next(index for index, rule in enumerate(watched.rules) if rule.id == "asked")
    item = entry(text, summary=f"{summary} Ukraine.")
    found = explain(watched, item, now=NOW, origin=HERALD, rule=rule)
    assert found.about
    assert found.about.matched == any(
        m.rule == "asked" for m in match_entry(watched, item, now=NOW, origin=HERALD).matches
    )
    [only] = found.topics
    assert found.about.why == only.problem
    return only


@pytest.mark.parametrize(
    ("query", "text", "problem"),
    [
        ("refinery AND Saratov", "A refinery burns", "Saratov does not stand there"),
        ("refinery OR pipeline", "Nothing", "none of refinery, pipeline"),
        ("refinery -drill", "A refinery holds a drill", "drill holds, and must not"),
        ("title:refinery", "Nothing", "refinery does not hold in the title"),
        (
            "refinery NEAR/2 drone",
            "A refinery, where all slept when it came, was hit by a drone",
            "refinery and drone stand more than 2 words apart",
        ),
        ("refinery NEAR/2 drone", "A drone", "refinery does not stand there"),
        ("S(refinery drone)", "A refinery burns. A drone came.", "S(refinery drone): there is no such sentence"),
        ("refinery lang:fr", "A refinery burns", "lang:fr does not hold"),
        ("refinery press:state", "A refinery burns", "press:state does not hold"),
        ("refinery actor:putin", "A refinery burns", "actor:putin is not found"),
        ("refinery (Saratov OR Tuapse)", "A refinery burns", "none of Saratov, Tuapse"),
    ],
)
def test_what_is_missing(query: str, text: str, problem: str) -> None:
    assert case(query, text).problem == f"its query does not hold: {problem}"


def test_each_part_is_told() -> None:
    found = case("refinery (Saratov OR Tuapse) -drill country:GB", "Refineries near Tuapse burn")
    assert [(part.depth, part.text, part.holds, [words.text for words in part.words]) for part in found.query] == [
        (0, "refinery (Saratov OR Tuapse) -drill country:GB", True, ["Refineries", "Tuapse"]),
        (1, "refinery", True, ["Refineries"]),
        (1, "Saratov OR Tuapse", True, ["Tuapse"]),
        (2, "Saratov", False, []),
        (2, "Tuapse", True, ["Tuapse"]),
        (1, "-drill", True, []),
        (2, "drill", False, []),
        (1, "country:GB", True, []),
    ]
    assert not found.problem


def test_what_excludes_it() -> None:
    found = case("refinery", "A refinery holds a drill", unless="drill")
    assert found.problem == "what excludes it holds: drill"
    assert [(part.text, part.holds) for part in found.unless] == [("drill", True)]


def test_a_hint_and_a_query_that_does_not_hold_are_both_told() -> None:
    found = case("refinery Saratov", "A refinery burns", "It smokes.", terms=("oil depot",), hints=("smokes",))
    assert found.problem.startswith("one hint outside the title is not enough")
    assert found.problem.endswith("; its query does not hold: Saratov does not stand there")


def test_it_is_not_read_in_an_entry_about_something_else() -> None:
    watched = watchlist("refinery")
    [found] = explain(watched, entry("A refinery burns"), now=NOW).topics
    assert found.problem == "it is read only in entries that concern the war"
    assert [part.holds for part in found.query] == [True]


ASKED = compile_watchlist(
    WatchSpec(
        actors=ACTORS,
        topics=(
            *TOPICS,
            TopicSpec(id="asked", label={}, terms={}, query="talks (actor:putin OR drone) -jail"),
            TopicSpec(id="wide", label={}, terms={}, query="(captivity NEAR/3 talks) OR front", scoped=False),
            TopicSpec(id="but", label={}, terms={"en": ("exchange",)}, unless="S(president exchange)"),
        ),
        scope=SCOPE,
    )
)


@given(dated(), st.integers(0, len(ASKED.rules) - 1))
def test_with_queries_too_the_story_is_that_of_the_verdict(item: Entry, rule: int) -> None:
    found = explain(ASKED, item, now=NOW, rule=rule)
    assert found.verdict == match_entry(ASKED, item, now=NOW)
    assert found.about
    assert bool(found.about.why) != found.about.matched
    for one in explain(ASKED, item, now=NOW).topics:
        matched = any((m.kind, m.rule) == (RuleKind.TOPIC, one.rule) for m in found.verdict.matches)
        assert matched != bool(one.problem)
        if matched and not one.terms and not one.hints:
            assert one.query[0].holds
        if matched and one.unless:
            assert not one.unless[0].holds
