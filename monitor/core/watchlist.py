"""All actors, topics and scope words of a configuration, compiled to one matcher."""

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from itertools import chain, islice
from operator import itemgetter
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from monitor.core.automaton import Automaton, Packed, pack
from monitor.core.chains import Chains
from monitor.core.forms import GAP, Form, Forms, Sign, group_of_term, groups_of
from monitor.core.model import ActorSpec, RuleKind, ScopeSpec, TopicSpec, WatchSpec
from monitor.core.query.indexing import index_of, words_of
from monitor.core.query.rules import Asked, Index
from monitor.core.query.terms import groups_of_word
from monitor.core.query.tree import Node, Term
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
    """What a form stands for: `rule` indexes `Watchlist.rules`, or is the number of a query's word, which comes behind
    them. The rest is as in `Form`.

    Uses of one `lemma` are one sign. `cased` is how the form must be written, if that matters. Of a term with a gap,
    the uses of both parts have the same `gap` (counted from 1), and those of the second part the sign `TAIL`.
    `language`: it holds in texts of that language, or of none that is known; empty for names, which hold in all.
    `guarded`: something of the place must be looked at before the use holds there.
    """

    rule: int
    kind: RuleKind
    sign: Sign | None = None
    lemma: str = ""
    group: str = ""
    since: date | None = None
    until: date | None = None
    cased: str = ""
    capital: bool = False
    needs_context: bool = False
    bare: bool = False
    prefix: bool = False
    gap: int = 0
    language: str = ""
    guarded: bool = False

    @property
    def dated(self) -> bool:
        """Whether it is an office, held for a time."""
        return self.since is not None or self.until is not None

    def holds_on(self, day: date) -> bool:
        """Whether the form stands for its rule in a text of that day (UTC)."""
        return (self.since is None or self.since <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """The compiled watchlist: `uses[i]` tells what the automaton's form `i` stands for.

    `unscoped` are the indexes of the topics that are read in every entry, `languages` those that have words of their
    own. `labels` name the rules by language code. `queries` are the boolean rules among the topics, if there are any.
    """

    rules: tuple[RuleText, ...]
    labels: Mapping[tuple[RuleKind, str], Mapping[str, str]]
    automaton: Automaton
    uses: tuple[tuple[Use, ...], ...]
    unscoped: frozenset[int]
    languages: frozenset[str]
    queries: Index | None = None

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
    asked: tuple[Asked, ...] = ()

    def watchlist(self) -> Watchlist:
        """Build the matcher."""
        return Watchlist(
            rules=self.rules,
            labels=self.labels,
            automaton=Automaton(self.packed),
            uses=tuple(self.forms.values()),
            unscoped=self.unscoped,
            languages=self.languages,
            queries=queries_of(self.asked, self.rules),
        )


def queries_of(asked: Sequence[Asked], rules: Sequence[RuleText]) -> Index | None:
    """Compile the queries of a watchlist with these rules. Raises ConfigError for names that are none, and circles."""
    return index_of(asked, [rule[:2] for rule in rules], len(rules))


def compile_watchlist(spec: WatchSpec) -> Watchlist:
    """Compile a configuration; raises ConfigError for terms in which nothing is left to look for."""
    return compile_forms(spec).watchlist()


def compile_forms(spec: WatchSpec) -> Compiled:
    """Expand every name and term of a configuration. Raises ConfigError as `compile_watchlist` does.

    The dictionaries stay loaded for the next call; `monitor.core.forms.forget` frees them.
    """
    specs = _rule_specs(spec)
    asked = tuple(asked_by(rule for _, _, rule in specs))
    with no_collection():
        forms = dict(sorted(uses_by_form(spec, asked).items()))  # the automaton of sorted forms is built faster
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


def uses_by_form(spec: WatchSpec, asked: Sequence[Asked] = ()) -> Mapping[str, tuple[Use, ...]]:
    """Return every folded form with its uses, those of the queries' words too; equal tuples are one object.

    Raises ConfigError for terms in which nothing is left to look for.
    """
    words = _uses_of_words(words_of(asked), len(_rule_specs(spec)))
    return _by_form(chain(_uses_of_rules(spec), words))


def forms_of_words(words: Iterable[Term], first: int) -> Mapping[str, tuple[Use, ...]]:
    """Return every folded form of a query's words with its uses; the words are numbered from `first` on.

    Raises ConfigError for words in which nothing is left to look for.
    """
    return _by_form(_uses_of_words(words, first))


_Groups: TypeAlias = tuple[str, list[tuple[tuple[str, ...], Use]]]
"""Who looks for something, and the forms, each group with its use."""


def _by_form(groups_by_source: Iterable[_Groups]) -> Mapping[str, tuple[Use, ...]]:
    chains = Chains[Use]()
    ends: dict[str, int] = {}
    empty: list[Finding] = []
    for source, groups in groups_by_source:
        folded = iter(_folded([text for texts, _ in groups for text in texts]))
        for texts, use in groups:
            number = chains.number(use)
            for key in islice(folded, len(texts)):
                ends[key] = chains.longer(ends.get(key, 0), number)
                if not key:
                    empty.append(Finding(source=source, message=f"nothing to look for in the term {use.lemma!r}"))
    if empty:
        raise ConfigError(empty)
    return {key: chains.known[end] for key, end in ends.items()}


def _uses_of_rules(spec: WatchSpec) -> Iterator[_Groups]:
    for rule, (kind, name, rule_spec) in enumerate(_rule_specs(spec)):
        yield f"{kind} {name}", list(_uses(rule, kind, rule_spec))


def _uses_of_words(words: Iterable[Term], first: int) -> Iterator[_Groups]:
    """Yield words of queries as if they were a topic's."""
    for number, word in enumerate(words, first):
        groups = [alike for group in groups_of_word(word) for alike in _exact(group)]
        yield "a query", [(texts, _use(number, RuleKind.TOPIC, texts[0], like, 0)) for texts, like in groups]


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


def _uses(rule: int, kind: RuleKind, spec: _RuleSpec) -> Iterator[tuple[tuple[str, ...], Use]]:
    gap = 0
    for group in groups_of(spec):
        for texts, like in _exact(group):
            if GAP not in texts[0]:
                yield texts, _use(rule, kind, texts[0], like, 0)
                continue
            gap += 1
            head, _, tail = texts[0].partition(GAP)
            for part, sign in ((head, like.sign), (tail, Sign.TAIL)):
                found = group_of_term(part.strip(), like.language)
                alike = like._replace(sign=sign, cased=found.like.cased, prefix=found.like.prefix)
                yield found.texts, _use(rule, kind, found.texts[0], alike, gap)


def _exact(group: Forms) -> Iterable[Forms]:
    """Part what is no group: none of them, and those of which each has its own letters or its own gap."""
    texts, like = group
    if like.cased or (texts and GAP in texts[0]):
        return [Forms((text,), like) for text in texts]
    return [group] if texts else []


_NAMES = (Sign.NEVER, Sign.FIRST_NAME)


def _use(rule: int, kind: RuleKind, text: str, form: Form, gap: int) -> Use:
    return Use(
        rule,
        kind,
        form.sign,
        form.lemma,
        form.group,
        form.since,
        form.until,
        text if form.cased else "",
        form.capital,
        form.needs_context,
        form.bare,
        form.prefix,
        gap,
        "" if kind is RuleKind.ACTOR or form.sign in _NAMES else form.language,
        guarded=bool(form.since or form.until or form.cased or form.capital),
    )


def fold_form(text: str) -> str:
    """Fold a form as the automaton holds it: folded, with one space between words and none around them."""
    return " ".join(fold(text).text.split())


_PART = "\x1e"
"""Between forms that are folded together: no letter, so no form changes by what stands beside it."""


def _folded(texts: list[str]) -> Iterable[str]:
    """Fold forms as `fold_form` does, all at once."""
    folded = fold(_PART.join(texts)).text.split(_PART)
    if len(folded) != len(texts):
        return map(fold_form, texts)
    return (" ".join(text.split()) for text in folded)


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
