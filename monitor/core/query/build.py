"""From the tree of a query to the parts that are asked of entries."""

from collections.abc import Mapping
from typing import NamedTuple

from monitor.core.model import RuleKind
from monitor.core.query.parts import All, Any, Close, From, InSentence, InTitle, Lacking, Named, Part, Placed, Word
from monitor.core.query.scene import Known
from monitor.core.query.tree import And, Fact, Near, Node, Not, Or, Origin, Rule, Sentence, Term, Title, children, walk


class Numbers(NamedTuple):
    """The numbers of words and rules."""

    atoms: Mapping[Term, int]
    rules: Mapping[tuple[RuleKind, str], int]


def built(node: Node, numbers: Numbers) -> Part:
    """Compile a tree; its words and rules must all have numbers."""
    match node:
        case Term() | Rule():
            return _placed(node, numbers)
        case Fact():
            return From(known(node))
        case And() | Or():
            return _of_several(node, numbers)
        case Near(distance=distance, left=left, right=right):
            return Close(distance, _side(left, numbers), _side(right, numbers))
    return _wrapped(node, numbers)


def _wrapped(node: Not | Sentence | Title, numbers: Numbers) -> Part:
    part = built(node.part, numbers)
    match node:
        case Not():
            return Lacking(part)
        case Sentence():
            return InSentence(part, plain=not any(isinstance(one, Not) for one in walk(node)))
        case Title():
            return InTitle(part)


def known(fact: Fact) -> Known:
    """Return the fact as an entry has it."""
    value = fact.value.casefold()
    return fact.origin, value.removeprefix("www.") if fact.origin is Origin.SOURCE else value


def _placed(node: Term | Rule, numbers: Numbers) -> Placed:
    return Word(numbers.atoms[node]) if isinstance(node, Term) else Named(numbers.rules[node.kind, node.id])


def _of_several(node: And | Or, numbers: Numbers) -> Part:
    parts = tuple(built(part, numbers) for part in node.parts)
    return All(tuple(sorted(parts, key=_dearness))) if isinstance(node, And) else Any(parts)


_CHEAP = (Word, Named, From)
_DEAR = (Close, InSentence)


def _dearness(part: Part) -> int:
    """Rank a part: what is quickly told comes first, and where it fails, the rest is not asked."""
    return 0 if isinstance(part, _CHEAP) else 2 if isinstance(part, _DEAR) else 1


def _side(node: Term | Rule | Or, numbers: Numbers) -> tuple[Placed, ...]:
    found: list[Placed] = []
    waiting: list[Node] = [node]
    while waiting:
        match waiting.pop():
            case (Term() | Rule()) as one:
                found.append(_placed(one, numbers))
            case Or() as choice:
                waiting += children(choice)
    return tuple(found)
