"""From a query's text to its tree."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from lark import Token, Tree

from monitor.core.model import RuleKind
from monitor.core.query.format import format as written
from monitor.core.query.grammar import tree_of
from monitor.core.query.mistake import Mistake, shown
from monitor.core.query.pieces import column
from monitor.core.query.soundness import check_sound
from monitor.core.query.tree import (
    And,
    Fact,
    Near,
    Node,
    Not,
    Or,
    Origin,
    Rule,
    Sentence,
    Term,
    Title,
    all_of,
    any_of,
    operand,
    walk,
    with_terms,
)
from monitor.core.query.words import QUOTES, read_term
from monitor.errors import QueryError

LIMIT = 2_000
"""A query that a person writes has at most so many characters."""

_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
_WANTED = "\t\n\r\u200c\u200d"
"""White space, and the two joiners that Persian spells with."""


def parse(text: str) -> Node:
    """Read a query that a person wrote. Raises QueryError, which tells the first mistake and its column."""
    try:
        _check_length(text)
        node = _read(text)
        check_sound(node)
        _check_length(written(node))
    except Mistake as mistake:
        raise QueryError(text, mistake.column, mistake.problem) from None
    return node


def parse_canonical(text: str) -> Node:
    """Read what `format` wrote, however long it is, without asking whether it is sound. Raises QueryError."""
    try:
        return _read(text)
    except Mistake as mistake:
        raise QueryError(text, mistake.column, mistake.problem) from None


def _check_length(text: str) -> None:
    if len(text) > LIMIT:
        raise Mistake(LIMIT + 1, f"the query is longer than {LIMIT} characters; make parts of it topics of their own")


def _read(text: str) -> Node:
    for place, char in enumerate(text, 1):
        if unicodedata.category(char) in _UNSEEN and char not in _WANTED:
            raise Mistake(place, f"an invisible character (U+{ord(char):04X}) stands here; remove it")
    return _Builder(text).chain(_trees(tree_of(text))[0])


class _Builder:
    """Makes nodes of lark's tree; the text is there to quote the person's own words."""

    def __init__(self, text: str) -> None:
        self._text = text

    def chain(self, tree: Tree[Token]) -> Node:
        """Join parts by AND or OR."""
        joins, parts = _apart(tree)
        if len(set(joins)) > 1:
            raise self._mixed(tree, joins, parts)
        nodes = [self._part(part) for part in parts]
        return any_of(nodes) if "OR" in joins else all_of(nodes)

    def _mixed(self, tree: Tree[Token], joins: list[str], parts: list[Tree[Token]]) -> Mistake:
        words = [self._words(part) for part in parts]
        second = next(place for place, join in enumerate(joins) if join != joins[0])
        at = parts[second + 1]
        readings = " or ".join(f"“{_reading(words, joins, first)}”" for first in ("AND", "OR"))
        return Mistake(
            _start(at), f"AND and OR stand side by side (words beside each other mean AND); put brackets: {readings}"
        )

    def _words(self, tree: Tree[Token]) -> str:
        tokens = list(_tokens(tree))
        return " ".join(self._text[tokens[0].start_pos : tokens[-1].end_pos].split())

    def _part(self, tree: Tree[Token]) -> Node:
        signs, near = _signs(tree), _trees(tree)[0]
        node = self._near(near)
        if len(signs) > 1:
            raise Mistake(column(signs[1]), f"{signs[0]} and {signs[1]} take each other back; leave both out")
        if not signs:
            return node
        if isinstance(node, Near) and _signs(near):
            raise Mistake(column(signs[0]), f"put brackets round what is refused: -({self._words(near)})")
        return Not(part=node, at=column(signs[0]))

    def _near(self, tree: Tree[Token]) -> Node:
        units, signs = _trees(tree), _signs(tree)
        if not signs:
            return self._unit(units[0])
        if len(signs) > 1:
            raise Mistake(
                column(signs[1]), "NEAR joins two parts only; write two pairs, as in (a NEAR/5 b) (b NEAR/5 c)"
            )
        left, right = (self._operand(unit) for unit in units)
        return Near(distance=int(signs[0].partition("/")[2]), left=left, right=right, at=left.at)

    def _operand(self, tree: Tree[Token]) -> Term | Rule | Or:
        try:
            return operand(self._unit(tree))
        except ValueError:
            raise Mistake(
                _start(tree),
                "NEAR stands between words, phrases, actor: and topic:, or brackets in which OR joins such;"
                f" {shown(self._words(tree))} is none of these",
            ) from None

    def _unit(self, tree: Tree[Token]) -> Node:
        node = self._atom(_trees(tree)[0])
        for field in reversed(_signs(tree)):
            node = _in_title(node, column(field)) if field.type == "TITLE" else _in_language(node, field)
        return node

    def _atom(self, tree: Tree[Token]) -> Node:
        first, *rest = _signs(tree)
        match first.type:
            case "TERM":
                return read_term(first, exact=False, at=column(first))
            case "EQUALS":
                return read_term(rest[0], exact=True, at=column(first))
            case "FACT":
                return _fact(first, rest[0])
            case "RULE":
                return Rule(kind=RuleKind(first[:-1]), id=_value(rest[0]), at=column(first))
        inner = self.chain(_trees(tree)[0])
        return _in_sentence(inner, column(first)) if first.type == "SENTENCE" else inner


# ── pieces of lark's tree ────────────────────────────────────────────────────────────────────────────────────────────


def _trees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _signs(tree: Tree[Token]) -> list[Token]:
    return [child for child in tree.children if isinstance(child, Token)]


def _apart(tree: Tree[Token]) -> tuple[list[str], list[Tree[Token]]]:
    """Part a chain into what joins it (side by side is AND) and its parts."""
    joins: list[str] = []
    parts: list[Tree[Token]] = []
    sign = "AND"
    for child in tree.children:
        if isinstance(child, Token):
            sign = child.type
            continue
        if parts:
            joins.append(sign)
        parts.append(child)
        sign = "AND"
    return joins, parts


def _reading(words: list[str], joins: list[str], first: str) -> str:
    """Write a mixed chain with brackets round what `first` joins."""
    groups = [[words[0]]]
    for join, word in zip(joins, words[1:], strict=True):
        if join == first:
            groups[-1].append(word)
        else:
            groups.append([word])
    between = {"AND": " ", "OR": " OR "}
    inner, outer = between.pop(first), *between.values()
    return outer.join(f"({inner.join(group)})" if len(group) > 1 else group[0] for group in groups)


def _tokens(tree: Tree[Token]) -> Iterator[Token]:
    return tree.scan_values(lambda _: True)


def _start(tree: Tree[Token]) -> int:
    return column(next(_tokens(tree)))


def _value(token: Token) -> str:
    return " ".join((token[1:-1] if token[0] in QUOTES else token).split())


def _fact(field: Token, token: Token) -> Fact:
    origin, value = Origin(field[:-1]), _value(token)
    if value.endswith("*"):
        raise Mistake(column(token), f"{field} takes one whole value; * is for words only")
    if "," in value and origin is not Origin.SOURCE:
        several = " OR ".join(f"{field}{one.strip()}" for one in value.split(",") if one.strip())
        raise Mistake(column(token), f"{field} takes one value; for one of several write ({several})")
    match origin:
        case Origin.COUNTRY:
            value = value.upper()
        case Origin.LANGUAGE | Origin.PRESS:
            value = value.lower()
    return Fact(origin=origin, value=value, at=column(field))


# ── what stands in what ──────────────────────────────────────────────────────────────────────────────────────────────


def _in_title(part: Node, at: int) -> Title:
    for node in walk(part):
        if isinstance(node, Fact):
            raise Mistake(node.at, f"{node.origin}: is nothing that a title has; write it outside of title:")
        if isinstance(node, Title):
            raise Mistake(node.at, "title: stands within title: already; leave this one out")
    return Title(part=part, at=at)


def _in_sentence(part: Node, at: int) -> Sentence:
    for node in walk(part):
        if isinstance(node, Fact):
            raise Mistake(node.at, f"{node.origin}: is nothing that a sentence has; write it outside of S( )")
        if isinstance(node, Title):
            raise Mistake(node.at, "title: does not go into S( ); write it before, as in title:S(a b)")
        if isinstance(node, Sentence):
            raise Mistake(node.at, "S( ) stands within S( ) already; leave this one out")
    if not any(isinstance(node, And | Near) for node in walk(part)):
        raise Mistake(at, "S( ) wants at least two parts that stand in one sentence, as in S(drone Kyiv)")
    return Sentence(part=part, at=at)


def _in_language(node: Node, field: Token) -> Node:
    """Make all words of a part those of one language."""
    terms = [part for part in walk(node) if isinstance(part, Term)]
    if not terms:
        raise Mistake(column(field), f"{field} goes before words; for texts in that language write lang:{field[:-1]}")
    for term in terms:
        if term.language:
            both = f"{term.language}: stands within {field}"
            raise Mistake(term.at, f"a word is of one language, and {both}; keep one of them")
    only = isinstance(node, Term)
    return with_terms(node, lambda term: replace(term, language=field[:-1], at=column(field) if only else term.at))
