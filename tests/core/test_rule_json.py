"""A rule's stored text is the whole rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import ActorSpec, RuleKind, ScopeSpec, ScopeWeight, Title, TopicSpec, WatchSpec
from monitor.core.rule_json import spec_of, watch_of
from monitor.core.watchlist import RuleText, canonical_json, compile_watchlist
from monitor.errors import StoreError
from tests.core.sample_watchlist import SPEC

TEXTS = st.text(max_size=8)
TERMS = st.dictionaries(TEXTS, st.lists(TEXTS, max_size=3).map(tuple), max_size=3)
LABELS = st.dictionaries(TEXTS, TEXTS, max_size=3)
DAYS = st.none() | st.dates()
TITLES = st.builds(Title, terms=TERMS, since=DAYS, until=DAYS)
ACTORS = st.builds(
    ActorSpec,
    id=TEXTS,
    label=LABELS,
    person=st.booleans(),
    gender=st.sampled_from([None, "m", "f"]),
    first=TERMS,
    last=TERMS,
    alone=st.booleans(),
    aliases=TERMS,
    context=TERMS,
    titles=st.lists(TITLES, max_size=2).map(tuple),
    scope=st.sampled_from(ScopeWeight),
    group=TEXTS,
)
TOPICS = st.builds(
    TopicSpec, id=TEXTS, label=LABELS, terms=TERMS, hints=TERMS, scoped=st.booleans(), query=TEXTS, unless=TEXTS
)
SCOPES = st.builds(
    ScopeSpec,
    strong=TERMS,
    weak=st.dictionaries(TEXTS, TERMS, max_size=2),
    elsewhere=TERMS,
    leisure=TERMS,
    never=TERMS,
    first_names=TERMS,
    places=TERMS,
    doubtful_places=TERMS,
)


@given(ACTORS | TOPICS | SCOPES)
def test_a_spec_comes_back_from_its_text(spec: ActorSpec | TopicSpec | ScopeSpec) -> None:
    kinds = {ActorSpec: RuleKind.ACTOR, TopicSpec: RuleKind.TOPIC, ScopeSpec: RuleKind.SCOPE}
    text = canonical_json(spec)
    again = spec_of(RuleText(kinds[type(spec)], "x", text))
    assert again == spec
    assert canonical_json(again) == text


def test_a_watchlist_comes_back_from_the_texts_of_its_rules() -> None:
    rules = compile_watchlist(SPEC).rules
    again = watch_of(rules)
    assert compile_watchlist(again).rules == rules
    assert sorted(topic.id for topic in again.topics) == sorted(topic.id for topic in SPEC.topics)
    assert again.scope == SPEC.scope


def test_without_a_scope_there_is_an_empty_one() -> None:
    assert watch_of([]) == WatchSpec()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"id":"x","label":{},"terms":{},"later":1}', '{"id":"x"}'])
def test_a_text_that_is_not_ours_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(StoreError, match="the stored text of topic 'x' cannot be read back"):
        spec_of(RuleText(RuleKind.TOPIC, "x", text))
