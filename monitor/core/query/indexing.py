"""From the queries of a watchlist to the index that says which rules an entry wakes."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias, TypeVar

from monitor.core.model import RuleKind
from monitor.core.query.build import Numbers, built
from monitor.core.query.plan import Keys, keys_of
from monitor.core.query.rules import Asked, Index, Reader
from monitor.core.query.terms import languages_of, terms_of
from monitor.core.query.tree import Node, Rule, Term, walk
from monitor.errors import ConfigError, Finding

RuleName: TypeAlias = tuple[RuleKind, str]
Numbered: TypeAlias = tuple[int, Term]
"""A word of queries, and its number."""

KeyT = TypeVar("KeyT", bound=Hashable)

_COST, _OF_PHRASE, _OF_PREFIX = 100.0, 0.25, 3.0


def index_of(asked: Sequence[Asked], rules: Sequence[RuleName], first: int) -> Index | None:
    """Compile the queries of these rules; their words have numbers from `first` on, in the order of `words_of`.

    None where there are no queries. Raises ConfigError for a name that is no rule's, and for a circle of topics.
    """
    if not asked:
        return None
    words = words_of(asked)
    numbers = Numbers({word: first + at for at, word in enumerate(words)}, {rule: at for at, rule in enumerate(rules)})
    _check_names(asked, numbers, rules)
    readers = [_reader(one, numbers) for one in _in_order(asked, numbers, rules)]
    costs = word_costs([node for one in asked for node in one.nodes])
    by_number = {numbers.atoms[word]: cost for word, cost in costs.items()}
    return _indexed(
        readers,
        [keys_of(one.query, by_number.__getitem__) if one.query else Keys(0) for one in readers],
        languages_of(words),
        numbers,
    )


def words_of(asked: Iterable[Asked]) -> tuple[Term, ...]:
    """Return the different words of all rules, in the order of their numbers."""
    return terms_of(node for one in asked for node in one.nodes)


LATE_MOST = 40
"""A rule with more words than this has all of them looked for in every entry: one by one they would take longer."""


def parted(asked: Iterable[Asked], index: Index) -> tuple[list[Numbered], list[Numbered]]:
    """Part the words of all rules: those that are to be found in every entry, and those that wake no rule."""
    many = {word for one in asked if len(words := terms_of(one.nodes)) > LATE_MOST for word in words}
    early, late = list[Numbered](), list[Numbered]()
    for word, number in index.numbers.atoms.items():
        (early if number in index.by_atom or word in many else late).append((number, word))
    return early, late


def word_costs(nodes: Sequence[Node]) -> Mapping[Term, float]:
    """Guess how often each word stands in a text: seldom if it is long or a phrase, often if many rules have it."""
    users = Counter(word for node in nodes for word in terms_of([node]))
    return {word: _cost(word) * count**0.5 for word, count in users.items()}


def _cost(word: Term) -> float:
    return _COST / len(word.text) * (_OF_PHRASE if " " in word.text else 1) * (_OF_PREFIX if word.prefix else 1)


def _reader(one: Asked, numbers: Numbers) -> Reader:
    query, unless = (built(node, numbers) if node else None for node in (one.query, one.unless))
    return Reader(one.rule, one.scoped, query, unless)


def _indexed(
    readers: Sequence[Reader], keys: Sequence[Keys | None], languages: frozenset[str], numbers: Numbers
) -> Index:
    wakes = [(rank, one) for rank, one in enumerate(keys) if one is not None]
    return Index(
        readers=tuple(readers),
        by_atom=_grouped((atom, rank) for rank, one in wakes for atom in one.atoms),
        by_rule=_grouped((rule, rank) for rank, one in wakes for rule in one.rules),
        by_fact={
            origin: _grouped((value, rank) for rank, one in wakes for kind, value in one.facts if kind is origin)
            for origin in {fact[0] for _, one in wakes for fact in one.facts}
        },
        own={reader.rule: rank for rank, reader in enumerate(readers) if reader.unless},
        always=tuple(rank for rank, one in enumerate(keys) if one is None),
        unscoped=frozenset(rank for rank, reader in enumerate(readers) if not reader.scoped),
        languages=languages,
        numbers=numbers,
    )


def _grouped(pairs: Iterable[tuple[KeyT, int]]) -> dict[KeyT, tuple[int, ...]]:
    found: defaultdict[KeyT, list[int]] = defaultdict(list)
    for key, rank in pairs:
        found[key].append(rank)
    return {key: tuple(ranks) for key, ranks in found.items()}


# ── names, and the order in which topics are read ────────────────────────────────────────────────────────────────────


def _named_by(one: Asked) -> Iterator[RuleName]:
    return ((part.kind, part.id) for node in one.nodes for part in walk(node) if isinstance(part, Rule))


def _check_names(asked: Iterable[Asked], numbers: Numbers, rules: Sequence[RuleName]) -> None:
    unknown = [
        Finding(source=" ".join(rules[one.rule]), message=f"the query names an unknown {kind} {name!r}")
        for one in asked
        for kind, name in _named_by(one)
        if (kind, name) not in numbers.rules
    ]
    if unknown:
        raise ConfigError(unknown)


def _in_order(asked: Sequence[Asked], numbers: Numbers, rules: Sequence[RuleName]) -> list[Asked]:
    """Put each rule behind those that it names."""
    graph = {one.rule: [numbers.rules[name] for name in _named_by(one)] for one in asked}
    if way := circle(graph):
        names = " → ".join(rules[rule][1] for rule in way)
        raise ConfigError(
            [Finding(source=" ".join(rules[way[0]]), message=f"topics name each other in a circle: {names}")]
        )
    by_rule = {one.rule: one for one in asked}
    return [by_rule[rule] for rule in TopologicalSorter(graph).static_order() if rule in by_rule]


def circle(names: Mapping[KeyT, Iterable[KeyT]]) -> tuple[KeyT, ...]:
    """Return the way round a circle in what names what, its first at its end again; empty where there is none."""
    try:
        TopologicalSorter(names).prepare()
    except CycleError as error:
        found: list[KeyT] = error.args[1]
        return tuple(reversed(found))
    return ()
