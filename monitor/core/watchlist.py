"""All actors, topics and scope words of a configuration, compiled to one matcher."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from monitor.core.forms import Form, Sign, forms_of_actor, forms_of_scope, forms_of_topic
from monitor.core.model import ActorSpec, RuleKind, ScopeSpec, ScopeWeight, TopicSpec, WatchSpec
from monitor.core.text import fold
from monitor.errors import ConfigError, Finding

SCOPE_RULE = 0
"""Where the one rule of kind `RuleKind.SCOPE` stands in `Watchlist.rules`."""

SCOPE_ID = "scope"
"""Its id."""


class RuleText(NamedTuple):
    """A rule as it is kept for its history: `text` is the canonical JSON of its spec."""

    kind: RuleKind
    id: str
    text: str


class Use(NamedTuple):
    """What a form stands for: `rule` indexes `Watchlist.rules`; `sign` is what it says of relevance, if anything.

    It holds in texts dated from `since` (inclusive) until `until` (exclusive). Uses of one `lemma` are one sign.
    """

    rule: int
    kind: RuleKind
    sign: Sign | None
    lemma: str
    since: date | None
    until: date | None

    def holds_on(self, day: date) -> bool:
        """Whether the form stands for its rule in a text of that day (UTC)."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """The compiled watchlist: `uses[i]` tells what the automaton's pattern `i`, a folded form, stands for.

    `unscoped` are the indexes of the topics that are read in every entry. `labels` name the rules by language code.
    """

    rules: tuple[RuleText, ...]
    labels: Mapping[tuple[RuleKind, str], Mapping[str, str]]
    automaton: AhoCorasick
    uses: tuple[tuple[Use, ...], ...]
    unscoped: frozenset[int]

    @property
    def form_count(self) -> int:
        """How many different folded forms the watchlist looks for."""
        return len(self.uses)


def compile_watchlist(spec: WatchSpec) -> Watchlist:
    """Compile a configuration; raises ConfigError for terms in which nothing is left to look for."""
    specs = _rule_specs(spec)
    rules = tuple(RuleText(kind, name, canonical_json(rule)) for kind, name, rule in specs)
    uses = _uses_by_form(specs)
    return Watchlist(
        rules=rules,
        labels=_labels(spec),
        automaton=AhoCorasick(uses, MatchKind.Standard, store_patterns=False),
        uses=tuple(tuple(found) for found in uses.values()),
        unscoped=frozenset(
            i for i, (_, _, rule) in enumerate(specs) if isinstance(rule, TopicSpec) and not rule.scoped
        ),
    )


def canonical_json(value: object) -> str:
    """Write a spec as JSON that is the same for equal specs: keys sorted, no spaces, dates in ISO 8601."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_RuleSpec = ActorSpec | TopicSpec | ScopeSpec
_RuleSpecs = list[tuple[RuleKind, str, _RuleSpec]]


def _rule_specs(spec: WatchSpec) -> _RuleSpecs:
    scope: _RuleSpecs = [(RuleKind.SCOPE, SCOPE_ID, spec.scope)]
    actors: _RuleSpecs = [(RuleKind.ACTOR, actor.id, actor) for actor in spec.actors]
    return scope + actors + [(RuleKind.TOPIC, topic.id, topic) for topic in spec.topics]


def _labels(spec: WatchSpec) -> Mapping[tuple[RuleKind, str], Mapping[str, str]]:
    labels: dict[tuple[RuleKind, str], Mapping[str, str]] = {(RuleKind.SCOPE, SCOPE_ID): {}}
    labels |= {(RuleKind.ACTOR, actor.id): actor.label for actor in spec.actors}
    labels |= {(RuleKind.TOPIC, topic.id): topic.label for topic in spec.topics}
    return MappingProxyType({key: MappingProxyType(dict(label)) for key, label in labels.items()})


def _uses_by_form(specs: _RuleSpecs) -> dict[str, dict[Use, None]]:
    uses: dict[str, dict[Use, None]] = {}
    empty: list[Finding] = []
    for rule, (kind, name, spec) in enumerate(specs):
        for sign, form in _signed_forms(spec):
            key = fold_form(form.text)
            use = Use(rule, kind, sign, fold_form(form.lemma), form.since, form.until)
            uses.setdefault(key, {})[use] = None
            if not key:
                empty.append(Finding(source=f"{kind} {name}", message=f"nothing to look for in the term {form.text!r}"))
    if empty:
        raise ConfigError(empty)
    return uses


_LENT = {ScopeWeight.STRONG: Sign.STRONG, ScopeWeight.WEAK: Sign.WEAK, ScopeWeight.NONE: None}


def _signed_forms(spec: _RuleSpec) -> Iterable[tuple[Sign | None, Form]]:
    match spec:
        case ScopeSpec():
            return forms_of_scope(spec)
        case ActorSpec():
            return ((_LENT[spec.scope], form) for form in forms_of_actor(spec))
        case TopicSpec():
            return ((None, form) for form in forms_of_topic(spec))


def fold_form(text: str) -> str:
    """Fold a form as the automaton holds it: folded, with one space between words and none around them."""
    return " ".join(fold(text).text.split())


def _plain(value: object) -> object:
    match value:
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case tuple():
            return [_plain(item) for item in value]
        case date():
            return value.isoformat()
    return dict(_members(value)) if is_dataclass(value) else value


def _members(value: object) -> Iterator[tuple[str, object]]:
    assert is_dataclass(value)
    for member in fields(value):
        yield member.name, _plain(getattr(value, member.name))
