"""All actors, topics and scope words of a configuration, compiled to one matcher."""

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from itertools import chain
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple

from monitor.core.automaton import Automaton, Packed, pack
from monitor.core.model import ActorSpec, RuleKind, ScopeSpec, TopicSpec, WatchSpec
from monitor.core.query.indexing import Numbered, index_of, parted
from monitor.core.query.rules import Asked, Index
from monitor.core.query.tree import Node
from monitor.core.uses import Late, Use, by_form, late_words, of_rule, of_words

SCOPE_RULE = 0
"""Where the one rule of kind `RuleKind.SCOPE` stands in `Watchlist.rules`."""

SCOPE_ID = "scope"
"""Its id."""


class RuleText(NamedTuple):
    """A rule as it is kept for its history: `text` is the canonical JSON of its spec."""

    kind: RuleKind
    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """The compiled watchlist: `uses[i]` tells what the automaton's form `i` stands for.

    `unscoped` are the indexes of the topics that are read in every entry, `languages` those that have words of their
    own. `labels` name the rules by language code. `queries` are the boolean rules among the topics, if there are any;
    `late` are those of their words that wake none of them, and are not in the automaton.
    """

    rules: tuple[RuleText, ...]
    labels: Mapping[tuple[RuleKind, str], Mapping[str, str]]
    automaton: Automaton
    uses: tuple[tuple[Use, ...], ...]
    unscoped: frozenset[int]
    languages: frozenset[str]
    queries: Index | None = None
    late: Mapping[int, Late] = field(default_factory=dict)

    @property
    def form_count(self) -> int:
        """How many different folded forms the watchlist looks for."""
        return len(self.uses)


class Compiled(NamedTuple):
    """A watchlist before its automaton is built: the folded forms with their uses, and packed in the same order."""

    rules: tuple[RuleText, ...]
    labels: Mapping[tuple[RuleKind, str], Mapping[str, str]]
    forms: Mapping[str, tuple[Use, ...]]
    packed: Packed
    unscoped: frozenset[int]
    languages: frozenset[str]
    asked: tuple[Asked, ...]
    late: Mapping[int, Late]

    def watchlist(self) -> Watchlist:
        """Build the matcher."""
        return Watchlist(
            rules=self.rules,
            labels=self.labels,
            automaton=Automaton(self.packed),
            uses=tuple(self.forms.values()),
            unscoped=self.unscoped,
            languages=self.languages,
            queries=queries_of(self.asked, [rule[:2] for rule in self.rules]),
            late=self.late,
        )


def queries_of(asked: Sequence[Asked], rules: Sequence[tuple[RuleKind, str]]) -> Index | None:
    """Compile the queries of a watchlist with these rules. Raises ConfigError for names that are none, and circles."""
    return index_of(asked, rules, len(rules))


def compile_watchlist(spec: WatchSpec) -> Watchlist:
    """Compile a configuration; raises ConfigError for terms in which nothing is left to look for."""
    return compile_forms(spec).watchlist()


def compile_forms(spec: WatchSpec) -> Compiled:
    """Expand every name and term of a configuration. Raises ConfigError as `compile_watchlist` does.

    The dictionaries stay loaded for the next call; `monitor.core.forms.forget` frees them.
    """
    specs = _rule_specs(spec)
    asked = tuple(asked_by(rule for _, _, rule in specs))
    queries = queries_of(asked, [(kind, name) for kind, name, _ in specs])
    early, late = parted(asked, queries) if queries else ([], [])
    with no_collection():
        forms = dict(sorted(uses_by_form(spec, early).items()))  # the automaton of sorted forms is built faster
    return Compiled(
        rules=texts_of(spec),
        labels=_labels(spec),
        forms=forms,
        packed=pack(tuple(forms)),
        unscoped=frozenset(
            i for i, (_, _, rule) in enumerate(specs) if isinstance(rule, TopicSpec) and not rule.scoped
        ),
        languages=frozenset(
            use.language for uses in forms.values() for use in uses if use.language and use.rule < len(specs)
        ),
        asked=asked,
        late=late_words(late),
    )


def texts_of(spec: WatchSpec) -> tuple[RuleText, ...]:
    """Return the rules of a configuration as they are kept, in the order of `Watchlist.rules`."""
    return tuple(RuleText(kind, name, canonical_json(rule)) for kind, name, rule in _rule_specs(spec))


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep the garbage collector from walking, again and again, a growing heap in which nothing is garbage."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def uses_by_form(spec: WatchSpec, words: Iterable[Numbered] = ()) -> Mapping[str, tuple[Use, ...]]:
    """Return every folded form with its uses, those of these words of queries too; equal tuples are one object.

    Raises ConfigError for terms in which nothing is left to look for.
    """
    of_rules = (of_rule(number, kind, name, rule) for number, (kind, name, rule) in enumerate(_rule_specs(spec)))
    return by_form(chain(of_rules, of_words(words)))


def asked_by(specs: Iterable[object]) -> Iterator[Asked]:
    """Yield what the topics among some rules ask for in queries; a rule's number is its place. Raises QueryError."""
    for rule, spec in enumerate(specs):
        if isinstance(spec, TopicSpec) and (spec.query or spec.unless):
            query, unless = (_tree(text) if text else None for text in (spec.query, spec.unless))
            yield Asked(rule, spec.scoped, query, unless)


def _tree(query: str) -> Node:
    from monitor.core.query.parse import parse_canonical  # noqa: PLC0415 - lark takes a tenth of a second to load

    return parse_canonical(query)


def canonical_json(value: object) -> str:
    """Write a spec as JSON that is the same for equal specs: keys sorted, no spaces, dates in ISO 8601."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


_RuleSpec = ActorSpec | TopicSpec | ScopeSpec
_RuleSpecs = list[tuple[RuleKind, str, _RuleSpec]]


def _rule_specs(spec: WatchSpec) -> _RuleSpecs:
    """Return the scope first, then actors, then topics, each by id: a match's place among others is its rule's."""
    actors: _RuleSpecs = [(RuleKind.ACTOR, actor.id, actor) for actor in spec.actors]
    topics: _RuleSpecs = [(RuleKind.TOPIC, topic.id, topic) for topic in spec.topics]
    return [(RuleKind.SCOPE, SCOPE_ID, spec.scope), *sorted(actors + topics, key=itemgetter(0, 1))]


def _labels(spec: WatchSpec) -> Mapping[tuple[RuleKind, str], Mapping[str, str]]:
    labels: dict[tuple[RuleKind, str], Mapping[str, str]] = {(RuleKind.SCOPE, SCOPE_ID): {}}
    labels |= {(RuleKind.ACTOR, actor.id): actor.label for actor in spec.actors}
    labels |= {(RuleKind.TOPIC, topic.id): topic.label for topic in spec.topics}
    return MappingProxyType({key: MappingProxyType(dict(label)) for key, label in labels.items()})


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
        inner = getattr(value, member.name)
        if inner != "" or member.name not in _LATER:
            yield member.name, _plain(inner)


_LATER = frozenset({"query", "unless"})
"""Keys that specs did not always have: left out where they are empty, so that older rules keep their revisions."""
