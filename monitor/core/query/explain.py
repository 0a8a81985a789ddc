"""A query read back in plain English."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from monitor.core.query.tree import And, Fact, Near, Node, Not, Or, Origin, Rule, Sentence, Term, Title, walk

_LANGUAGES = MappingProxyType(
    {"en": "English", "uk": "Ukrainian", "ru": "Russian", "de": "German", "fr": "French", "pl": "Polish"}
)
_INDENT = "  "


def explain(node: Node) -> str:
    """Say what a query matches, and how its words are looked for; one thought a line."""
    if plain := _plain(node):
        first = [f"Entries that have {plain}."]
    else:
        heading, *rest = _outline(node)
        first = [f"Entries that have {heading}", *rest]
    return "\n".join([*first, *_notes(node)])


def _notes(node: Node) -> Iterator[str]:
    terms = [part for part in walk(node) if isinstance(part, Term)]
    if any(not term.exact and not term.prefix for term in terms):
        marked = any(term.exact or term.prefix for term in terms)
        yield f"Words count in any inflection{', unless said otherwise' if marked else ''}."
    if any(term.language for term in terms):
        yield "Words of a language count in texts in that language, and in texts of an unknown one."


# ── on one line ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _plain(node: Node) -> str:
    """Say a node within a line; empty where that would not be clear."""
    match node:
        case And(parts=parts):
            wanted, refused = _split(parts)
            have, lack = [_leaf(part) for part in wanted], [_refused(part) for part in refused]
            if not (all(have) and all(lack)):
                return ""
            sides = [_list(have, "and")] if have else []
            return ", but ".join([*sides, f"not {_or(lack)}"] if lack else sides)
        case Or(parts=parts):
            either = [_leaf(part) for part in parts]
            return _or(either) if all(either) else ""
        case Not(part=part):
            return f"not {said}" if (said := _refused(part)) else ""
    return _leaf(node)


def _split(parts: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Part what must hold from what must not."""
    return [part for part in parts if not isinstance(part, Not)], [part.part for part in parts if isinstance(part, Not)]


def _refused(node: Node) -> str:
    return _plain(node) if isinstance(node, Or) else _leaf(node)


def _leaf(node: Node) -> str:
    """Say a node that stays clear beside others; empty for AND, OR, NOT and what holds much of them."""
    match node:
        case Term():
            return _word(node)
        case Rule(kind=kind, id=name):
            return f"the {kind} {name}"
        case Fact(origin=origin, value=value):
            return _fact(origin, value)
        case Near(distance=distance, left=left, right=right):
            words = "1 word" if distance == 1 else f"{distance} words"
            return f"{_side(left)} and {_side(right)} with at most {words} between them"
        case Title(part=part) | Sentence(part=part):
            return f"{said} {_where(node)}" if (said := _plain(part)) else ""
    return ""


def _where(node: Node) -> str:
    return "in the title" if isinstance(node, Title) else "in one sentence"


def _word(term: Term) -> str:
    said = f"“{term.text}”"
    if term.prefix:
        said = f"a word that begins with {said}" if " " not in term.text else f"a phrase that begins with {said}"
    if term.exact:
        said = f"exactly {said}"
    return f"{said} ({_language(term.language)})" if term.language else said


def _language(code: str) -> str:
    return _LANGUAGES.get(code, code)


def _fact(origin: Origin, value: str) -> str:
    match origin:
        case Origin.SOURCE:
            return f"the source {value}"
        case Origin.LANGUAGE:
            return f"the language {_language(value)}"
        case Origin.COUNTRY:
            return f"a publisher in {value}"
    return f"a publisher of the {value} press"


def _side(node: Node) -> str:
    return f"one of {_list([_leaf(part) for part in node.parts], 'and')}" if isinstance(node, Or) else _leaf(node)


def _or(said: Sequence[str]) -> str:
    return _list(said, "or")


def _list(said: Sequence[str], word: str) -> str:
    *most, last = said
    return f"{', '.join(most)} {word} {last}" if most else last


# ── on several lines ─────────────────────────────────────────────────────────────────────────────────────────────────


def _outline(node: Node) -> Iterator[str]:
    """Say a node as a heading and what stands under it."""
    match node:
        case And(parts=parts):
            wanted, refused = _split(parts)
            if wanted:
                yield "all of:"
                yield from _items(wanted)
            if refused:
                yield "but none of:" if wanted else "none of:"
                yield from _items(refused)
        case Or(parts=parts):
            yield "one of:"
            yield from _items(parts)
        case Not(part=part):
            yield "none of:"
            yield from _items([part])
        case Title(part=part) | Sentence(part=part):
            heading, *rest = _outline(part)
            yield f"{_where(node)} {heading}"
            yield from rest


def _items(parts: Sequence[Node]) -> Iterator[str]:
    for part in parts:
        first, *rest = [plain] if (plain := _plain(part)) else _outline(part)
        yield f"{_INDENT}- {first}"
        yield from (f"{_INDENT * 2}{line}" for line in rest)
