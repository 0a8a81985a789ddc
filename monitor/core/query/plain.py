"""Trees as plain lists, and back: the form in which they are kept in a file."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType

from monitor.core.model import RuleKind
from monitor.core.query.tree import And, Fact, Near, Node, Not, Or, Origin, Rule, Sentence, Term, Title

_KINDS: Mapping[str, type] = MappingProxyType(
    {kind.__name__: kind for kind in (Term, Rule, Fact, And, Or, Not, Near, Sentence, Title)}
)
_NAMES = {name: tuple(member.name for member in fields(kind) if member.name != "at") for name, kind in _KINDS.items()}
_ENUMS: Mapping[str, type] = MappingProxyType({"kind": RuleKind, "origin": Origin})


def as_list(node: Node) -> list[object]:
    """Return a tree as lists, texts and numbers: the name of its kind and its members; columns are left out."""
    name = type(node).__name__
    return [name, *(_plain(getattr(node, member)) for member in _NAMES[name])]


def from_list(plain: list[object]) -> Node:
    """Return the tree. Raises ValueError, LookupError or TypeError for what is none."""
    name, *values = plain
    members = {member: _read(member, value) for member, value in zip(_NAMES[str(name)], values, strict=True)}
    node: Node = _KINDS[str(name)](**members)
    return node


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [as_list(part) for part in value]
    return as_list(value) if type(value).__name__ in _KINDS else value  # type: ignore[arg-type] # told by its kind


def _read(member: str, value: object) -> object:
    if member in _ENUMS:
        return _ENUMS[member](value)
    if not isinstance(value, list):
        return value
    return tuple(map(from_list, value)) if member == "parts" else from_list(value)
