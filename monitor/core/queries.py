"""A reader's query: the watch language without words of the text, over what entries name and where they come from."""

from collections.abc import Collection
from functools import lru_cache

from monitor.core.model import RuleKind
from monitor.core.query.build import known
from monitor.core.query.mistake import did_you_mean, shown
from monitor.core.query.names import Names, check_names
from monitor.core.query.parse import parse as parse_query
from monitor.core.query.scene import Facts
from monitor.core.query.tree import And, Fact, Near, Node, Or, Rule, Sentence, Term, Title, walk
from monitor.core.query.truth import Leaf, truth
from monitor.errors import QueryError

LIMIT = 20
"""A subscription has at most so many queries."""

_NAMED = (RuleKind.ACTOR, RuleKind.TOPIC)
_ADVICE = "; words of a text are no part of a reader's query: make them a topic in feeds.yaml, and name that"


@lru_cache(maxsize=10_000)
def parse(text: str) -> Node:
    """Read a query such as `(putin OR trump) peace-talks -drones country:DE`.

    A word by itself is the id of an actor or a topic. Raises QueryError, also where a text's words are asked for.
    """
    node = parse_query(text)
    for part in walk(node):
        if what := _of_text(part):
            raise QueryError(text, max(part.at, 1), f"{what} asks for words{_ADVICE}")
    return node


def stored(text: str) -> Node | None:
    """Return a query that was sound when it was stored.

    None for one that the language no longer reads: it takes nothing, and the reader's other wishes go on.
    """
    try:
        return parse(text)
    except QueryError:
        return None


def _of_text(part: Node) -> str:
    """Name what of a query only a text could answer; empty for all else."""
    match part:
        case Near():
            return "NEAR"
        case Sentence():
            return "S( )"
        case Title():
            return "title:"
        case Term(text=text) if part.exact or part.prefix or part.language or " " in text:
            return shown(text)
    return ""


def check(text: str, names: Names) -> None:
    """Look whether a query can be read and names only what there is. Raises QueryError."""
    node = parse(text)
    check_names(node, names, text=text)
    ids = {*names.actors, *names.topics}
    for part in walk(node):
        if isinstance(part, Term) and part.text not in ids:
            guess = did_you_mean(part.text, ids) or _ADVICE
            raise QueryError(text, part.at, f"no topic and no actor is called {shown(part.text)}{guess}")


def takes(node: Node | None, named: Collection[tuple[RuleKind, str]], facts: Facts | None) -> bool:
    """Tell whether an entry that names these rules answers the query; without its facts, whether it may."""
    if node is None:
        return False
    names = {spelling for kind, rule in named for spelling in spellings(kind, rule)}

    def tells(leaf: Leaf) -> bool | None:
        if isinstance(leaf, Fact):
            return None if facts is None else known(leaf) in facts
        return _spelling(leaf) in names

    return truth(node, tells) is not False


def needs(node: Node | None) -> frozenset[str] | None:
    """Return spellings of rules, one of which every entry names that answers the query; None where there are none."""
    match node:
        case None:
            return frozenset()
        case Term() | Rule():
            return frozenset({_spelling(node)})
        case And(parts=parts):
            return min((found for part in parts if (found := needs(part)) is not None), key=len, default=None)
        case Or(parts=parts):
            every = [rules for part in parts if (rules := needs(part)) is not None]
            return frozenset().union(*every) if len(every) == len(parts) else None
    return None


def _spelling(leaf: Term | Rule) -> str:
    return leaf.text if isinstance(leaf, Term) else f"{leaf.kind}:{leaf.id}"


def spellings(kind: RuleKind, rule: str) -> tuple[str, ...]:
    """Give how a query may name a rule; a scope is named by none."""
    return (rule, f"{kind}:{rule}") if kind in _NAMED else ()
