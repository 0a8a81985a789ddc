"""What differs between two watchlists: by rule, and in which entries it can show."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.changes import Change, changes, stirred
from monitor.core.matching import match_entry
from monitor.core.model import (
    ActorSpec,
    Entry,
    Provenance,
    Publisher,
    RuleKind,
    ScopeSpec,
    ScopeWeight,
    Title,
    TopicSpec,
    WatchSpec,
)
from monitor.core.query.format import format as written
from monitor.core.query.parse import parse
from monitor.core.sieve import Sieve
from monitor.core.watchlist import Watchlist, compile_watchlist
from tests.fakes import NOW
from tests.fakes import entry as an_entry

WORDS = ("kyiv", "drone", "putin", "talks", "peace", "krieg", "chess", "vladimir", "president")
LISTED = st.lists(st.sampled_from([*WORDS, "peace … talks", "=Krieg", "dro*"]), min_size=1, max_size=2).map(tuple)
SOME = st.dictionaries(st.sampled_from(["en", "de", "it"]), LISTED, min_size=1, max_size=2)
TERMS: st.SearchStrategy[dict[str, tuple[str, ...]]] = st.just({}) | SOME
QUERIES = st.sampled_from(
    [
        "",
        "drone",
        "drone AND NOT chess",
        "drone OR talks",
        "peace NEAR/3 talks",
        "de:krieg",
        "it:drone",
        "actor:a",
        "topic:u AND drone",
        "topic:u OR press:state",
        "lang:de AND NOT chess",
        "S(drone kyiv)",
        "title:krieg",
        "=Krieg country:DE",
    ]
).map(lambda text: text and written(parse(text)))
ACTORS = st.builds(
    ActorSpec,
    id=st.just("a"),
    label=st.just({}),
    person=st.just(False),
    last=st.just({"en": ("putin",)}),
    alone=st.booleans(),
    context=TERMS,
    aliases=TERMS,
    scope=st.sampled_from(ScopeWeight),
    titles=st.sampled_from([(), (Title(terms={"en": ("president",)}, since=NOW.date()),)]),
)
TOPICS = st.tuples(
    st.builds(
        TopicSpec,
        id=st.just("t"),
        label=st.just({}),
        terms=TERMS,
        hints=TERMS,
        scoped=st.booleans(),
        query=QUERIES,
        unless=st.sampled_from(["", "chess", "peace OR putin"]),
    ),
    st.builds(
        TopicSpec,
        id=st.just("u"),
        label=st.just({}),
        terms=SOME,
        scoped=st.booleans(),
        query=st.sampled_from(["", "chess", "press:state peace"]),
    ),
)
SCOPES = st.builds(
    ScopeSpec,
    strong=TERMS,
    weak=st.dictionaries(st.sampled_from(["x", "y"]), SOME, max_size=2),
    elsewhere=TERMS,
    never=TERMS,
    first_names=st.sampled_from([{}, {"en": ("vladimir",)}]),
)
EVERY_LANGUAGE = TopicSpec(
    id="v", label={}, terms={"en": ("zinc",), "de": ("Zink",), "it": ("zinco",)}, query=written(parse("it:zinco"))
)
"""With it, an edit seldom changes by which languages words are told apart: that alone would stir every entry."""

SPECS = st.builds(
    lambda actor, topics, scope, more: WatchSpec(actors=(actor,), topics=(*topics, *more), scope=scope),
    ACTORS,
    TOPICS,
    SCOPES,
    st.sampled_from([(), (EVERY_LANGUAGE,), (EVERY_LANGUAGE,), (EVERY_LANGUAGE,)]),
)
FIELDS = st.lists(st.sampled_from([*WORDS, "Krieg", "drones", "the", "und", "."]), max_size=6).map(" ".join)
ENTRIES = st.builds(
    an_entry,
    FIELDS,
    summary=FIELDS,
    content=FIELDS,
    lang=st.sampled_from([None, "en", "de", "it"]),
    published=st.sampled_from([None, NOW]),
)
ORIGIN = Provenance(feed="f", publisher=Publisher(name="P", country="DE", press=None))
SCOPE = ScopeSpec(strong={"en": ("kyiv",)})
BASE = WatchSpec(
    actors=(ActorSpec(id="a", label={}, last={"en": ("putin",)}),),
    topics=(
        TopicSpec(id="t", label={}, terms={"en": ("drone", "missile")}),
        TopicSpec(id="u", label={}, terms={"en": ("peace",)}),
    ),
    scope=SCOPE,
)


PARTS = (
    "query",
    "query",
    "unless",
    "scoped",
    "terms",
    "topic",
    "other topic",
    "actor",
    "no actor",
    "scope",
    "scope",
    "all",
)


def one_part_of(old: WatchSpec, new: WatchSpec, part: str) -> WatchSpec:
    """The old watchlist with a part of the new one: as an edit changes it."""
    first, *others = old.topics
    rest = others[1:]
    if part in {"query", "unless", "scoped", "terms"}:
        return replace(old, topics=(replace(first, **{part: getattr(new.topics[0], part)}), *others))
    unnamed = all("actor:a" not in topic.query for topic in old.topics)
    parts = {
        "scope": replace(old, scope=new.scope),
        "actor": replace(old, actors=new.actors),
        "no actor": replace(old, actors=()) if unnamed else old,
        "topic": replace(old, topics=(new.topics[0], *others)),
        "other topic": replace(old, topics=(first, new.topics[1], *rest)),
        "all": new,
    }
    return parts[part]


def is_stirred(old: Watchlist, new: Watchlist, entry: Entry) -> bool:
    found = stirred(old, new)
    return found.all or bool(list(Sieve(found.forms).sift([(entry.title, entry.summary, entry.content)])))


@settings(max_examples=200)
@given(
    SPECS,
    SPECS,
    st.sampled_from(PARTS),
    st.lists(ENTRIES, min_size=1, max_size=12),
)
def test_what_is_not_stirred_is_judged_alike(old: WatchSpec, new: WatchSpec, part: str, some: list[Entry]) -> None:
    before, after = (compile_watchlist(spec) for spec in (old, one_part_of(old, new, part)))
    for entry in some:
        verdicts = [match_entry(each, entry, now=NOW, origin=ORIGIN) for each in (before, after)]
        assert verdicts[0] == verdicts[1] or is_stirred(before, after, entry)


def with_topic(**changed: Any) -> WatchSpec:
    return replace(BASE, topics=(replace(BASE.topics[0], **changed), BASE.topics[1]))


def with_query(base: WatchSpec) -> WatchSpec:
    return replace(base, topics=(base.topics[0], replace(base.topics[1], query="chess")))


@pytest.mark.parametrize(
    ("edited", "forms"),
    [
        (BASE, set()),
        (with_topic(label={"en": "Drones"}), set()),
        (with_topic(terms={"en": ("drone", "missile", "rocket")}), {"rocket"}),
        (with_topic(terms={"en": ("drone",)}), {"missile"}),
        (with_topic(query="tank"), {"tank", "drone", "missile"}),
        (with_topic(unless="chess"), {"drone", "missile"}),
        (with_topic(scoped=False), {"drone", "missile"}),
        (with_topic(query="actor:a lang:uk"), {"putin", "drone", "missile"}),
        (replace(BASE, scope=ScopeSpec(strong={"en": ("kyiv", "lviv")})), {"lviv"}),
        (replace(BASE, actors=()), {"putin"}),
    ],
)
def test_the_forms_that_tell_two_watchlists_apart(edited: WatchSpec, forms: set[str]) -> None:
    found = stirred(compile_watchlist(BASE), compile_watchlist(edited))
    assert forms <= found.forms
    assert not found.forms & ({"drone", "missile", "kyiv", "putin", "peace"} - forms)
    assert not found.all


@pytest.mark.parametrize(
    "edited",
    [
        with_query(with_topic(query="press:state")),
        with_query(with_topic(terms={"en": ("drone", "missile"), "it": ("drone",)})),
        with_query(with_topic(query="it:pace")),
    ],
)
def test_every_entry_is_looked_at_where_no_form_tells(edited: WatchSpec) -> None:
    assert stirred(compile_watchlist(with_query(BASE)), compile_watchlist(edited)).all


def test_a_topic_whose_query_names_one_without_words_stirs_all() -> None:
    of_origin = TopicSpec(id="u", label={}, terms={}, query="press:state")
    old = replace(BASE, topics=(BASE.topics[0], of_origin))
    new = replace(old, topics=(replace(BASE.topics[0], query="topic:u"), of_origin))
    assert stirred(compile_watchlist(old), compile_watchlist(new)).all


def test_rules_are_new_changed_or_removed() -> None:
    edited = replace(with_topic(hints={"en": ("rocket",)}), actors=(replace(BASE.actors[0], id="b"),))
    rules: Callable[[WatchSpec], Any] = lambda spec: compile_watchlist(spec).rules  # noqa: E731
    assert changes(rules(BASE), rules(edited)) == {
        (RuleKind.ACTOR, "a"): Change.REMOVED,
        (RuleKind.ACTOR, "b"): Change.NEW,
        (RuleKind.TOPIC, "t"): Change.CHANGED,
    }
    assert changes(rules(BASE), rules(BASE)) == {}
