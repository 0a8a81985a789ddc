"""What a subscription's query says: rules that an entry must all name, and rules that it must not."""

from collections.abc import Collection
from dataclasses import dataclass

from monitor.core.model import RuleKind
from monitor.errors import InputError

LIMIT = 20
"""A subscription has at most so many queries."""

_NAMED = (RuleKind.ACTOR, RuleKind.TOPIC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Ids of actors and topics; "topic:nato" and "actor:nato" tell apart what bears the same id."""

    wanted: frozenset[str]
    unwanted: frozenset[str]

    def takes(self, named: Collection[tuple[RuleKind, str]]) -> bool:
        """Tell whether an entry that names these rules answers the query."""
        names = {spelling for kind, rule in named for spelling in spellings(kind, rule)}
        return self.wanted <= names and not self.unwanted & names

    @property
    def rules(self) -> frozenset[str]:
        """All ids that the query speaks of."""
        return self.wanted | self.unwanted


def parse(text: str) -> Query:
    """Read a query such as `putin peace-talks -drones`. Raises InputError."""
    words = text.split()
    wanted = frozenset(word for word in words if not word.startswith("-"))
    unwanted = frozenset(word[1:] for word in words if word.startswith("-"))
    if not wanted:
        raise InputError(
            f"the query {text!r} asks for nothing; name a topic or actor, and with a minus what it must lack"
        )
    if "" in unwanted:
        raise InputError(f"the query {text!r} has a minus that stands alone; write it before an id, such as -drones")
    if both := sorted(wanted & unwanted):
        raise InputError(f"the query {text!r} both asks for {both[0]!r} and refuses it")
    return Query(wanted=wanted, unwanted=unwanted)


def spellings(kind: RuleKind, rule: str) -> tuple[str, ...]:
    """Give how a query may name a rule; a scope is named by none."""
    return (rule, f"{kind}:{rule}") if kind in _NAMED else ()
