"""From a configuration to one matcher."""

import json
from datetime import date
from types import MappingProxyType

import pytest

from monitor.core.forms import Sign
from monitor.core.model import ActorSpec, RuleKind, ScopeSpec, ScopeWeight, Title, TopicSpec, WatchSpec
from monitor.core.uses import Use
from monitor.core.watchlist import Watchlist, canonical_json, compile_watchlist
from monitor.errors import ConfigError

NATO = ActorSpec(
    id="nato", label={"en": "NATO"}, person=False, last={"en": ("NATO",), "de": ("Nato",)}, scope=ScopeWeight.WEAK
)
MEMBERSHIP = TopicSpec(id="membership", label={"en": "Membership"}, terms={"en": ("NATO",)}, scoped=False)
SPEC = WatchSpec(actors=(NATO,), topics=(MEMBERSHIP,), scope=ScopeSpec(strong={"en": ("Ukraine",)}))


def uses(watchlist: Watchlist, text: str) -> set[Use]:
    found = watchlist.automaton.find(text)
    return {use for form, _, _ in found for use in watchlist.uses[form]}


def test_the_rules_are_the_scope_the_actors_and_the_topics() -> None:
    watchlist = compile_watchlist(SPEC)
    assert [(rule.kind, rule.id) for rule in watchlist.rules] == [
        (RuleKind.SCOPE, "scope"),
        (RuleKind.ACTOR, "nato"),
        (RuleKind.TOPIC, "membership"),
    ]
    assert watchlist.unscoped == {2}


def test_one_folded_form_stands_for_every_rule_that_lists_it() -> None:
    watchlist = compile_watchlist(SPEC)
    assert watchlist.form_count == 4  # "NATO's" and "Natos" too
    assert uses(watchlist, "nato") == {
        Use(1, RuleKind.ACTOR, Sign.WEAK, "nato", "nato"),
        Use(2, RuleKind.TOPIC, None, "NATO", language="en"),
    }
    assert uses(watchlist, "ukraine") == {Use(0, RuleKind.SCOPE, Sign.STRONG, "Ukraine", language="en")}


def test_spaces_in_a_listed_term_do_not_matter() -> None:
    watchlist = compile_watchlist(WatchSpec(topics=(TopicSpec(id="t", label={}, terms={"en": (" peace \n talks",)}),)))
    assert uses(watchlist, "peace talks")


def test_places_count_code_points() -> None:
    watchlist = compile_watchlist(SPEC)
    assert watchlist.automaton.find("😀 єс nato") == [(0, 5, 9)]


def test_an_empty_watchlist_finds_nothing() -> None:
    watchlist = compile_watchlist(WatchSpec())
    assert watchlist.form_count == 0
    assert watchlist.automaton.find("nato") == []


def test_every_term_with_nothing_to_look_for_is_told() -> None:
    topics = (
        TopicSpec(id="drones", label={}, terms={"en": ("drone", " ")}),
        TopicSpec(id="energy", label={}, terms={"uk": ("",)}),
    )
    with pytest.raises(ConfigError) as caught:
        compile_watchlist(WatchSpec(topics=topics))
    assert [finding.source for finding in caught.value.findings] == ["topic drones", "topic energy"]


def test_labels_are_found_by_kind_and_id() -> None:
    labels = compile_watchlist(SPEC).labels
    assert labels[RuleKind.ACTOR, "nato"] == {"en": "NATO"}
    assert labels[RuleKind.TOPIC, "membership"] == {"en": "Membership"}
    assert labels[RuleKind.SCOPE, "scope"] == {}


def test_the_text_of_a_rule_is_the_same_for_equal_specs() -> None:
    one = TopicSpec(id="t", label={"en": "T", "de": "Tee"}, terms=MappingProxyType({"en": ("a",), "de": ("b",)}))
    other = TopicSpec(id="t", label={"de": "Tee", "en": "T"}, terms={"de": ("b",), "en": ("a",)})
    assert canonical_json(one) == canonical_json(other)
    assert (
        canonical_json(one)
        == '{"hints":{},"id":"t","label":{"de":"Tee","en":"T"},"scoped":true,"terms":{"de":["b"],"en":["a"]}}'
    )


@pytest.mark.parametrize(
    "changed",
    [
        ActorSpec(id="a", label={"en": "A"}, scope=ScopeWeight.STRONG),
        ActorSpec(id="a", label={"en": "A"}, alone=False),
        ActorSpec(id="a", label={"en": "A"}, titles=(Title(terms={"en": ("chief",)}, until=date(2025, 1, 20)),)),
    ],
)
def test_the_text_of_a_rule_tells_every_change(changed: ActorSpec) -> None:
    assert canonical_json(changed) != canonical_json(ActorSpec(id="a", label={"en": "A"}))


def test_the_text_of_a_rule_keeps_its_letters_and_dates_readable() -> None:
    spec = ActorSpec(id="a", label={}, titles=(Title(terms={"uk": ("речниця",)}, since=date(2025, 1, 20)),))
    text = canonical_json(spec)
    assert "речниця" in text
    assert json.loads(text)["titles"] == [{"since": "2025-01-20", "terms": {"uk": ["речниця"]}, "until": None}]
