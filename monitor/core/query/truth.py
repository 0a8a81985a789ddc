"""Whether a query holds where its leaves are told: for entries of which no words are at hand."""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from monitor.core.query.tree import And, Fact, Node, Not, Or, Rule, Term

Leaf: TypeAlias = Term | Rule | Fact


def truth(node: Node, tells: Callable[[Leaf], bool | None]) -> bool | None:
    """Tell whether AND, OR and NOT of leaves hold; None where that hangs on leaves of which nothing is known.

    Raises ValueError for what only a text can tell: NEAR, S( ) and title:.
    """
    match node:
        case And(parts=parts):
            return _all(truth(part, tells) for part in parts)
        case Or(parts=parts):
            return _not(_all(_not(truth(part, tells)) for part in parts))
        case Not(part=part):
            return _not(truth(part, tells))
        case Term() | Rule() | Fact():
            return tells(node)
    raise ValueError(node)


def _all(truths: Iterable[bool | None]) -> bool | None:
    found = set(truths)
    return False if False in found else None if None in found else True


def _not(one: bool | None) -> bool | None:
    return None if one is None else not one
