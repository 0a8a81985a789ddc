"""Whether parts of a query can hold together: a search for a way in which no two of them exclude each other.

The query is taken as a boolean formula. Its atoms are words, rules, facts, and what stands near or in one sentence;
what is known of atoms is which imply and which exclude each other. A search that takes too long counts as one that
succeeded.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from monitor.core.query.tree import And, Fact, Near, Node, Not, Or, Origin, Rule, Sentence, Term, Title, all_of, any_of
from monitor.core.text import fold

STEPS = 1_000
"""So many choices are looked at."""

_SHORTEST = 3
"""No prefix is shorter."""


class Wish(NamedTuple):
    """That a part holds, or does not; within the title, or anywhere."""

    node: Node
    wanted: bool = True
    title: bool = False


def can_hold(wishes: Iterable[Wish]) -> bool:
    """Tell whether all wishes can come true in one entry."""
    first = _Way().with_all(wishes)
    ways = [first] if first else []
    for _ in range(STEPS):
        if not ways:
            return False
        way = ways.pop()
        if not way.choices:
            return True
        (branches, *others) = way.choices
        left = _Way(found=way.found, choices=tuple(others))
        ways.extend(grown for branch in reversed(branches) if (grown := left.with_all([branch])))
    return True


_Choice: TypeAlias = tuple[Wish, ...]
_Home: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """Atoms that hold or not, by where others look for them, and choices that are still to be made."""

    found: dict[_Home, tuple[Wish, ...]] = field(default_factory=dict)
    choices: tuple[_Choice, ...] = ()

    def with_all(self, wishes: Iterable[Wish]) -> "_Way | None":
        """Return the way with these wishes too; None where they exclude each other."""
        found, choices, todo = dict(self.found), list(self.choices), list(wishes)
        while todo:
            wish = todo.pop()
            if parts := _parts(wish):
                joined, inner = parts
                if joined:
                    todo.extend(inner)
                else:
                    choices.append(inner)
                continue
            atom = wish._replace(node=_plain(wish.node))
            if any(excludes(atom, other) for home in _looks(atom) for other in found.get(home, ())):
                return None
            for home in _homes(atom):
                if atom not in (there := found.get(home, ())):
                    found[home] = (*there, atom)
            todo.extend(_implied(wish))
        return _Way(found=found, choices=tuple(choices))


def _parts(wish: Wish) -> tuple[bool, _Choice] | None:
    """Take a wish apart: whether all of the parts must come true or one of them, and the parts. None for an atom."""
    node, wanted, title = wish
    match node:
        case And(parts=parts) | Or(parts=parts):
            return isinstance(node, And) is wanted, tuple(Wish(part, wanted, title) for part in parts)
        case Not(part=part):
            return True, (Wish(part, not wanted, title),)
        case Title(part=part):
            return True, (Wish(part, wanted, title=True),)
    return None


def _implied(wish: Wish) -> Iterator[Wish]:
    """Yield what holds of the words alone where they stand near each other, or in one sentence."""
    match wish.node:
        case Near(left=left, right=right) if wish.wanted:
            yield Wish(left, title=wish.title)
            yield Wish(right, title=wish.title)
        case Sentence(part=part) if wish.wanted and (asked := _asked(part)):
            yield Wish(asked, title=wish.title)


def _asked(node: Node) -> Node | None:
    """Return what a sentence must have, without what it must lack: another sentence may have that."""
    match node:
        case Not():
            return None
        case And(parts=parts):
            asked = [inner for part in parts if (inner := _asked(part))]
            return all_of(asked) if asked else None
        case Or(parts=parts):
            every = [inner for part in parts if (inner := _asked(part))]
            return any_of(every) if len(every) == len(parts) else None
    return node


# ── what two atoms have to do with each other ────────────────────────────────────────────────────────────────────────


def _plain(node: Node) -> Node:
    """Write an atom so that what means the same is equal."""
    match node:
        case Term(text=text, exact=False):
            return Term(text=" ".join(fold(text).text.split()), prefix=node.prefix, language=node.language)
        case Fact(origin=Origin.SOURCE, value=value):
            return Fact(origin=Origin.SOURCE, value=value.casefold().removeprefix("www."))
    return node


def _folded(term: Term) -> str:
    return " ".join(fold(term.text).text.split())


def _homes(wish: Wish) -> Iterator[_Home]:
    """Yield under what an atom is found by those that it has to do with."""
    match wish.node:
        case Term() as term:
            yield "term", _folded(term)
            yield "prefix", _folded(term)[:_SHORTEST]
            if term.language:
                yield "words", ""
        case Rule(id=name):
            yield "rule", name
        case Fact(origin=origin):
            yield "fact", origin
        case part:
            yield type(part).__name__, ""


def _looks(wish: Wish) -> Iterator[_Home]:
    match wish.node:
        case Term() as term:
            yield ("prefix", _folded(term)[:_SHORTEST]) if term.exact or term.prefix else ("term", _folded(term))
            if not wish.wanted:
                yield "prefix", _folded(term)[:_SHORTEST]
            if term.language:
                yield "fact", Origin.LANGUAGE
        case Fact(origin=Origin.LANGUAGE):
            yield "words", ""
            yield "fact", Origin.LANGUAGE
        case _:
            yield from _homes(wish)


def excludes(one: Wish, other: Wish) -> bool:
    """Tell whether two atoms cannot both be as wished."""
    if one.wanted and other.wanted:
        return _apart(one.node, other.node) or _apart(other.node, one.node)
    if one.wanted == other.wanted:
        return False
    holds, lacks = (one, other) if one.wanted else (other, one)
    return (holds.title or not lacks.title) and _implies(holds.node, lacks.node)


def _apart(one: Node, other: Node) -> bool:
    """Tell whether no entry has both: it has one language, and its publisher one country and kind."""
    match one, other:
        case Fact(origin=origin), Fact():
            return origin is other.origin and origin is not Origin.SOURCE and one.value != other.value
        case Term(language=language), Fact(origin=Origin.LANGUAGE):
            return bool(language) and language != other.value
    return False


def _implies(one: Node, other: Node) -> bool:
    match one, other:
        case Term(), Term():
            return _word_implies(one, other)
        case Fact(origin=Origin.SOURCE), Fact(origin=Origin.SOURCE):
            return one.value == other.value or ("." in other.value and one.value.endswith(f".{other.value}"))
        case Near(), Near():
            same = (one.left, one.right) in ((other.left, other.right), (other.right, other.left))
            return same and one.distance <= other.distance
    return one == other


def _word_implies(one: Term, other: Term) -> bool:
    if other.language not in ("", one.language) or (other.exact and one != other):
        return False
    if other.prefix:
        return (one.prefix or one.exact) and _folded(one).startswith(_folded(other))
    return not one.prefix and _folded(one) == _folded(other)
