"""Boolean rules of a watchlist: which are woken, how topics refer to topics, and what an entry's verdict says."""

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.late_words import Words
from monitor.core.matching import NO_PROVENANCE, match_entry
from monitor.core.model import Provenance, Publisher, RuleKind, TopicSpec, Verdict, WatchSpec
from monitor.core.query.format import format as written
from monitor.core.query.indexing import circle, index_of, words_of
from monitor.core.query.matcher import compile_query
from monitor.core.query.parse import parse_canonical
from monitor.core.query.rules import Asked
from monitor.core.query.scene import Scene, facts_of
from monitor.core.query.tree import And, Node, Not, Or, Rule, walk
from monitor.core.sightings import Reading
from monitor.core.spans import Span
from monitor.core.watchlist import compile_watchlist
from monitor.errors import ConfigError, QueryError
from tests.core.query_cases import NAMES, NODES, Case, cases, places
from tests.core.sample_watchlist import ACTORS, NOW, SCOPE, entry, ids, shown

# ── woken or not ─────────────────────────────────────────────────────────────────────────────────────────────────────

FIRST_TOPIC = len(NAMES)
MOST_TOPICS = 4


def topic(number: int) -> Rule:
    return Rule(kind=RuleKind.TOPIC, id=f"t{number}")


@st.composite
def trees(draw: st.DrawFn, before: int) -> Node:
    """A tree that may ask for topics with smaller numbers."""
    node = draw(NODES)
    if before and draw(st.booleans()):
        other: Node = topic(draw(st.integers(0, before - 1)))
        other = Not(part=other) if draw(st.booleans()) else other
        return And(parts=(node, other)) if draw(st.booleans()) else Or(parts=(node, other))
    return node


@st.composite
def asked(draw: st.DrawFn) -> list[Asked]:
    made = []
    for number in range(draw(st.integers(1, MOST_TOPICS))):
        query, unless = draw(st.none() | trees(number)), draw(st.none() | trees(number))
        made.append(Asked(FIRST_TOPIC + number, draw(st.booleans()), query, unless))
    return draw(st.permutations(made))


class Entering(NamedTuple):
    """An entry on its way to the boolean rules."""

    case: Case
    by_words: dict[int, list[Span]]
    relevant: bool


@st.composite
def entering(draw: st.DrawFn) -> Entering:
    case = draw(cases())
    reading = Reading(case.entry)
    shown = {
        number: [reading.place(one) for match in case.named if match[:2] == name for one in match.evidence]
        for number, name in enumerate(NAMES)
        if any(match[:2] == name for match in case.named)
    }
    topics = draw(st.sets(st.integers(FIRST_TOPIC, FIRST_TOPIC + MOST_TOPICS - 1)))
    return Entering(case, shown | {number: [(0, 1)] for number in topics}, draw(st.booleans()))


@given(asked(), entering())
def test_reading_the_woken_rules_is_as_good_as_reading_all(rules: list[Asked], entry: Entering) -> None:
    names = [*NAMES, *((RuleKind.TOPIC, f"t{number}") for number in range(MOST_TOPICS))]
    index = index_of(rules, names, len(names))
    assert index is not None
    reading = Reading(entry.case.entry)
    atoms = {len(names) + at: found for at, word in enumerate(words_of(rules)) if (found := places(word, reading.text))}
    outcomes = []
    for ranks in (None, index.everything(relevant=entry.relevant)):
        by_words = dict(entry.by_words)
        scene = Scene(
            reading,
            atoms=Words(atoms, {}, reading, ""),
            named=by_words,
            facts=facts_of(entry.case.entry, Provenance(), "en"),
        )
        index.settle(scene, by_words, ranks, relevant=entry.relevant)
        outcomes.append(by_words)
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    ("names", "way"),
    [
        ({"a": ["b"], "b": ["c"], "c": []}, ()),
        ({"a": ["a"]}, ("a", "a")),
        ({"a": ["b"], "b": ["c"], "c": ["a"]}, ("a", "b", "c", "a")),
    ],
)
def test_a_circle_is_told_by_the_way_round(names: dict[str, list[str]], way: tuple[str, ...]) -> None:
    found = circle(names)
    assert sorted(found[:-1]) == sorted(way[:-1])
    assert all(after in names[before] for before, after in pairwise(found))
    assert found[:1] == found[-1:]


# ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def judged(topics: list[TopicSpec], text: str, *, origin: Provenance = NO_PROVENANCE, **more: object) -> Verdict:
    watchlist = compile_watchlist(WatchSpec(actors=ACTORS, scope=SCOPE, topics=tuple(topics)))
    return match_entry(watchlist, entry(text, **more), now=NOW, origin=origin)  # type: ignore[arg-type] # whichever fields


def asks(name: str, query: str = "", *, unless: str = "", scoped: bool = True, **terms: tuple[str, ...]) -> TopicSpec:
    return TopicSpec(id=name, label={}, terms=terms, query=query, unless=unless, scoped=scoped)


def topics(*specs: TopicSpec, text: str, **more: object) -> set[str]:
    return ids(judged(list(specs), text, **more), RuleKind.TOPIC)  # type: ignore[arg-type] # whichever fields


def test_a_topic_matches_by_its_words_or_by_its_query() -> None:
    spec = asks("energy", "grid NEAR/3 strike", en=("blackout",))
    assert topics(spec, text="Ukraine: a blackout") == {"energy"}
    assert topics(spec, text="Ukraine: strikes on the grid") == {"energy"}
    assert topics(spec, text="Ukraine: strikes") == set()
    both = judged([spec], "Ukraine: strikes on the grid, then a blackout")
    assert shown(both, "energy") == [("title", "strikes"), ("title", "grid"), ("title", "blackout")]


def test_an_exception_takes_back_what_words_and_query_show() -> None:
    spec = asks("energy", "grid strike", unless="exercise OR actor:nato", en=("blackout",))
    assert topics(spec, text="Ukraine: blackout") == {"energy"}
    assert topics(spec, text="Ukraine: blackout in an exercise") == set()
    assert topics(spec, text="Ukraine: strike on the grid, says NATO") == set()


def test_a_query_is_read_in_relevant_entries_only() -> None:
    assert topics(asks("a", "cats dogs"), text="Cats and dogs") == set()
    assert topics(asks("a", "cats dogs", scoped=False), text="Cats and dogs") == {"a"}
    assert topics(asks("a", "cats dogs"), text="Ukraine: cats and dogs") == {"a"}


def test_topics_refer_to_topics_in_any_order() -> None:
    specs = [asks("c", "topic:b -topic:d"), asks("b", "topic:a cat"), asks("a", en=("dog",)), asks("d", "elk")]
    assert topics(*specs, text="Ukraine: dog, cat") == {"a", "b", "c"}
    assert topics(*specs, text="Ukraine: dog, cat, elk") == {"a", "b", "d"}
    assert topics(*specs, text="Ukraine: dog") == {"a"}


def test_topics_that_refer_to_each_other_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"topics name each other in a circle: (a → b → a|b → a → b)"):
        judged([asks("a", "cat OR topic:b"), asks("b", "dog topic:a")], "")


def test_a_rule_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="topic a: the query names an unknown actor 'nobody'"):
        judged([asks("a", "cat actor:nobody")], "")


def test_words_of_a_query_are_inflected_in_the_language_of_the_text() -> None:
    spec = asks("a", "дрон Київ", scoped=False)
    assert topics(spec, text="Удар дронами по Києву", lang="uk") == {"a"}
    assert topics(asks("a", "dron", scoped=False), text="Atak dronem", lang="pl") == {"a"}
    assert topics(asks("a", "dron", scoped=False), text="Atak dronem", lang="en") == set()
    assert topics(asks("a", "dron", scoped=False), text="Atak dronem", lang="es") == {"a"}
    assert topics(asks("a", "drone", scoped=False), text="Angriff mit Drohnen, drone", lang="de") == {"a"}
    assert topics(asks("a", "de:Drohne", scoped=False), text="mit Drohnen", lang="de") == {"a"}
    assert topics(asks("a", "de:Drohne", scoped=False), text="mit Drohnen", lang="fr") == set()


def test_exact_words_keep_their_case_and_open_ends_go_on() -> None:
    assert topics(asks("a", "=WHO", scoped=False), text="Who knows") == set()
    assert topics(asks("a", "=WHO", scoped=False), text="The WHO knows") == {"a"}
    found = judged([asks("a", "hypers*", scoped=False)], "Hypersonic missiles")
    assert shown(found, "a") == [("title", "Hypersonic")]


def test_places_of_actors_count() -> None:
    spec = asks("a", "actor:putin NEAR/2 talks")
    assert topics(spec, text="Ukraine: Putin wants talks") == {"a"}
    assert topics(spec, text="Ukraine: Putin says on Monday that talks go on") == set()
    assert topics(asks("a", "title:actor:putin"), text="Ukraine", summary="Putin") == set()
    assert topics(asks("a", "S(actor:putin talks)"), text="Ukraine: talks. Putin left.") == set()


def test_all_places_of_an_actor_count_however_many_are_shown() -> None:
    text = f"Ukraine: {'Putin. ' * 30} He left. Putin wants talks."
    assert topics(asks("a", "S(actor:putin talks)"), text=text) == {"a"}


@pytest.mark.parametrize(
    ("query", "origin", "url"),
    [
        ("source:bbc", Provenance(feed="bbc"), None),
        ("source:bbc.co.uk", Provenance(), "https://www.bbc.co.uk/news/1"),
        ("source:www.bbc.co.uk", Provenance(), "https://news.bbc.co.uk/news/1"),
        ('source:"bbc news"', Provenance(publisher=Publisher(name="BBC News")), None),
        ("country:UA", Provenance(publisher=Publisher(name="x", country="UA")), None),
        ("lang:en", Provenance(), None),
    ],
)
def test_facts_show_no_place(query: str, origin: Provenance, url: str | None) -> None:
    verdict = judged([asks("a", query, scoped=False)], "Nothing", origin=origin, url=url, lang="en")
    assert [(match.rule, match.evidence) for match in verdict.matches] == [("a", ())]
    assert judged([asks("a", query, scoped=False)], "Nothing", url="https://notbbc.co.uk/bbc.co.uk").matches == ()


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    queries = [
        "drone NEAR/50 kyiv",
        "S(drone kyiv -odesa)",
        "(drone OR kyiv) NEAR/1 (kyiv OR lviv)",
        "kyiv -S(lviv NEAR/2 drone)",
    ]
    specs = [asks(f"t{at}", query, scoped=False) for at, query in enumerate(queries)]
    side_by_side = "Drone drone Kyiv. Odesa drone Kyiv? " * 10_000
    assert topics(*specs, text="Long", content=side_by_side) == {"t0", "t1", "t2", "t3"}
    far_away = "Drone! " * 10_000 + "x " * 60 + "Kyiv Odesa drone."
    assert topics(*specs, text="Long", content=far_away) == {"t0", "t2", "t3"}


def test_equal_words_of_many_rules_are_one() -> None:
    one, many = (
        compile_watchlist(WatchSpec(topics=tuple(asks(f"t{at}", "cat dog") for at in range(count)))) for count in (1, 5)
    )
    assert [len(uses) for uses in one.uses] == [len(uses) for uses in many.uses]


@given(cases(), st.lists(NODES, min_size=1, max_size=3))
def test_a_watchlist_finds_what_each_query_finds_alone(case: Case, nodes: list[Node]) -> None:
    """Most words of a watchlist's queries are looked for late, those of a query alone at once."""
    specs = [asks(f"t{at}", query, scoped=False) for at, query in enumerate(filter(None, map(writable, nodes)))]
    origin = Provenance(feed="bbc", publisher=Publisher(name="x", country="UA"))
    watchlist = compile_watchlist(WatchSpec(topics=tuple(specs)))
    found = match_entry(watchlist, case.entry, now=NOW, origin=origin)
    alone = {spec.id: compile_query(parse_canonical(spec.query), watchlist) for spec in specs}
    answers = {name: matcher.match(case.entry, origin, ()) for name, matcher in alone.items()}
    assert {match.rule: match.evidence for match in found.matches} == {
        name: evidence for name, evidence in answers.items() if evidence is not None
    }


def writable(node: Node) -> str:
    """Return the query of a tree that names no rule; empty where the language has none for it."""
    try:
        parse_canonical(written(node))
    except QueryError:
        return ""
    return "" if any(isinstance(part, Rule) for part in walk(node)) else written(node)


@pytest.mark.parametrize("text", ["Grid; the grids' gridlock", "A GRID—ﬁne «grid»grid grid_ grid\u0301 Grid2 grid"])
@pytest.mark.parametrize("word", ["grid", "=Grid", "grid*", "en:grid", "ﬁne", '"the grids"'])
def test_a_word_that_is_looked_for_late_is_found_as_any_other(word: str, text: str) -> None:
    late = judged([asks("a", f"xylophonist OR -{word}", scoped=False)], f"xylophonist {text}")
    early = judged([asks("a", word, scoped=False)], text)
    several = judged([asks("a", f"xylophonist {word}", scoped=False)], f"{text} xylophonist")
    assert shown(late, "a") == [("title", "xylophonist")]
    assert shown(several, "a")[:-1] == shown(early, "a")


def test_words_of_queries_do_not_change_which_languages_terms_are_told_apart_by() -> None:
    plain = asks("plain", en=("drone",), scoped=False)
    assert topics(plain, text="Une drone", lang="fr") == {"plain"}
    assert topics(plain, asks("a", "cat", scoped=False), text="Une drone", lang="fr") == {"plain"}
