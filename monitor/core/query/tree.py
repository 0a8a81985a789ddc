"""What a query says, as a tree.

`at` is where a part begins in its text (columns from 1); trees that differ in it alone are equal.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

from monitor.core.model import RuleKind


class Origin(StrEnum):
    """What of an entry is no word of its text: who published it, in which language and where."""

    SOURCE = "source"
    LANGUAGE = "lang"
    COUNTRY = "country"
    PRESS = "press"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word or a phrase. `exact`: not inflected, the case of letters kept; `prefix`: any word that begins so.

    `language` is the one whose word it is (ISO 639-1), and in texts of which it counts, as in those of no known
    language; where it is empty, that is every language of the term's script.
    """

    text: str
    exact: bool = False
    prefix: bool = False
    language: str = ""
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An actor or a topic of the watchlist, which the entry names."""

    kind: RuleKind
    id: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Where the entry comes from."""

    origin: Origin
    value: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All parts hold."""

    parts: "tuple[Node, ...]"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """At least one part holds."""

    parts: "tuple[Node, ...]"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The part does not hold."""

    part: "Node"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Both parts stand in one field with at most `distance` words between them, in either order."""

    distance: int
    left: "Term | Rule | Or"
    right: "Term | Rule | Or"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """The part holds within one sentence."""

    part: "Node"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """The part holds within the title."""

    part: "Node"
    at: int = field(default=0, compare=False)


Node: TypeAlias = Term | Rule | Fact | And | Or | Not | Near | Sentence | Title


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts of a node, in the order of the text."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return parts
        case Not(part=part) | Sentence(part=part) | Title(part=part):
            return (part,)
        case Near(left=left, right=right):
            return (left, right)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all that is in it."""
    yield node
    for part in children(node):
        yield from walk(part)


def all_of(parts: Iterable[Node]) -> Node:
    """Join parts, at least one, so that all must hold; what is joined so already is taken apart."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,))]
    return flat[0] if len(flat) == 1 else And(parts=tuple(flat), at=flat[0].at)


def any_of(parts: Iterable[Node]) -> Node:
    """Join parts, at least one, so that one is enough; what is joined so already is taken apart."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,))]
    return flat[0] if len(flat) == 1 else Or(parts=tuple(flat), at=flat[0].at)


def with_terms(node: Node, change: Callable[[Term], Term]) -> Node:
    """Return the tree with every term changed."""
    match node:
        case Term():
            return change(node)
        case And(parts=parts) | Or(parts=parts):
            return replace(node, parts=tuple(with_terms(part, change) for part in parts))
        case Not(part=part) | Sentence(part=part) | Title(part=part):
            return replace(node, part=with_terms(part, change))
        case Near(left=left, right=right):
            both = with_terms(left, change), with_terms(right, change)
            return replace(node, left=operand(both[0]), right=operand(both[1]))
    return node


def operand(node: Node) -> Term | Rule | Or:
    """Return the node as what may stand beside NEAR. Raises ValueError where it may not."""
    if isinstance(node, Term | Rule) or (
        isinstance(node, Or) and all(isinstance(part, Term | Rule) for part in node.parts)
    ):
        return node
    raise ValueError(node)
