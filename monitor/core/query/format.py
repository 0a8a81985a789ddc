"""The one way in which a tree is written."""

import re

from monitor.core.query.tree import And, Fact, Near, Node, Not, Or, Rule, Sentence, Term, Title, walk, with_terms
from monitor.core.query.words import BARE, write_term


def format(node: Node) -> str:  # noqa: A001 - what it does to a query, and used as query.format
    """Write a query on one line, so that `parse` gives the same tree."""
    language = _language(node)
    if language and isinstance(node, And | Or):
        return f"{language}:({_chain(_without_language(node))})"
    return _chain(node)


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
    written = format(node)
    return written if _PREFIXED.match(written) and _language(node) else f"({_chain(node)})"


_PREFIXED = re.compile(r"[a-z]{2}:\(")


def _language(node: Node) -> str:
    """Return the language that all words of a chain of them have, if it is one."""
    terms = [part for part in walk(node) if isinstance(part, Term)]
    languages = {term.language for term in terms}
    return languages.pop() if len(terms) > 1 and len(languages) == 1 else ""


def _without_language(node: Node) -> Node:
    return with_terms(node, lambda term: Term(text=term.text, exact=term.exact, prefix=term.prefix))


def _value(text: str) -> str:
    return text if BARE.fullmatch(text) else f'"{text}"'
