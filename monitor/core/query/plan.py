"""What must be found in an entry before a rule is worth reading: the presearch.

For each part the cheapest set of things of which one must be there for it to hold. Of a conjunction that is the best
set of one of its parts, of a choice all of theirs together; what asks for an absence has none.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from monitor.core.query.parts import All, Any, Close, From, InSentence, InTitle, Named, Part, Word
from monitor.core.query.scene import Known
from monitor.core.query.tree import Origin

_OF_RULE = 200.0
"""Costs are guesses at how many of 10,000 entries have a thing: a word beats an actor, an actor beats a source."""

_OF_ORIGIN: Mapping[Origin, float] = {
    Origin.SOURCE: 500.0,
    Origin.COUNTRY: 2_000.0,
    Origin.PRESS: 3_000.0,
    Origin.LANGUAGE: 5_000.0,
}


class Keys(NamedTuple):
    """Words and rules (by number) and facts, of which an entry must have one; `cost` is a guess at how many do."""

    cost: float
    atoms: frozenset[int] = frozenset()
    rules: frozenset[int] = frozenset()
    facts: frozenset[Known] = frozenset()


def keys_of(part: Part, costs: Callable[[int], float]) -> Keys | None:
    """Return the cheapest keys of a part, by the cost of each word; None where there are none."""
    match part:
        case Word(atom=atom):
            return Keys(costs(atom), atoms=frozenset({atom}))
        case Named(rule=rule):
            return Keys(_OF_RULE, rules=frozenset({rule}))
        case From(fact=fact):
            return Keys(_OF_ORIGIN[fact[0]], facts=frozenset({fact}))
        case InTitle(part=inner) | InSentence(part=inner):
            return keys_of(inner, costs)
    return _of_several(part, costs)


def _of_several(part: Part, costs: Callable[[int], float]) -> Keys | None:
    match part:
        case All(parts=parts):
            return _cheapest(keys_of(one, costs) for one in parts)
        case Any(parts=parts):
            return _together([keys_of(one, costs) for one in parts])
        case Close(left=left, right=right):
            return _cheapest(_together([keys_of(one, costs) for one in side]) for side in (left, right))
    return None


def _cheapest(choices: Iterable[Keys | None]) -> Keys | None:
    return min((keys for keys in choices if keys is not None), key=lambda keys: keys.cost, default=None)


def _together(choices: list[Keys | None]) -> Keys | None:
    keys = [one for one in choices if one is not None]
    if len(keys) < len(choices):
        return None
    return Keys(
        sum(one.cost for one in keys),
        frozenset().union(*(one.atoms for one in keys)),
        frozenset().union(*(one.rules for one in keys)),
        frozenset().union(*(one.facts for one in keys)),
    )
