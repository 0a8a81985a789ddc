"""The one way in which a tree is written."""

from dataclasses import replace

from monitor.core.query.tree import And, Fact, Near, Node, Not, Or, Rule, Sentence, Term, Title, walk, with_terms
from monitor.core.query.words import BARE, write_term


def format(node: Node) -> str:  # noqa: A001 - what it does to a query, and used as query.format
    """Write a query on one line, so that `parse` gives the same tree."""
    return _in_language(node) or _chain(node)


def _chain(node: Node) -> str:
    match node:
        case And(parts=parts):
            return " ".join(_part(part) for part in parts)
        case Or(parts=parts):
            return " OR ".join(_part(part) for part in parts)
    return _part(node, alone=True)


def _part(node: Node, *, alone: bool = False) -> str:
    """Write a node as part of a chain."""
    match node:
        case Not(part=part):
            return f"-{_unit(part)}"
        case Near(distance=distance, left=left, right=right):
            near = f"{_unit(left)} NEAR/{distance} {_unit(right)}"
            return near if alone else f"({near})"
    return _unit(node)


def _unit(node: Node) -> str:
    """Write a node so that nothing beside it can part it."""
    match node:
        case Term(language=language):
            return f"{language}:{write_term(node)}" if language else write_term(node)
        case Rule(kind=kind, id=name):
            return f"{kind}:{_value(name)}"
        case Fact(origin=origin, value=value):
            return f"{origin}:{_value(value)}"
        case Sentence(part=part):
            return f"S({_chain(part)})"
        case Title(part=part):
            return f"title:{_unit(part)}"
    return _in_language(node) or f"({_chain(node)})"


def _in_language(node: Node) -> str:
    """Write a chain whose words are all of one language with that before it; empty for every other node."""
    if not isinstance(node, And | Or):
        return ""
    terms = [part for part in walk(node) if isinstance(part, Term)]
    languages = {term.language for term in terms}
    if len(terms) < 2 or len(languages) > 1 or languages == {""}:
        return ""
    plain = with_terms(node, lambda term: replace(term, language=""))
    return f"{languages.pop()}:({_chain(plain)})"


def _value(text: str) -> str:
    return text if BARE.fullmatch(text) else f'"{text}"'
