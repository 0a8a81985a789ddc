"""The grammar of the watch language: from a text to lark's tree, or a Mistake at its place.

Lark splits the text into coarse pieces; `pieces` makes operators, fields and words of them, and knows what people
write by mistake; lark's LALR parser then puts them together. What it does not expect is told by its neighbours.
"""

from collections.abc import Iterator
from functools import lru_cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedToken

from monitor.core.query.mistake import Mistake
from monitor.core.query.pieces import COARSE, Pieces, column

GRAMMAR = r"""
    start: chain
    chain: part ((AND | OR)? part)*
    part: (NOT | MINUS)* near
    near: unit (NEAR unit)*
    unit: (TITLE | LANGUAGE)* atom
    atom: EQUALS? TERM
        | (FACT | RULE) VALUE
        | SENTENCE chain CLOSE
        | OPEN chain CLOSE

    PHRASE.6: /"[^"]*"|„[^"„“”]*[“”]|“[^"„“”]*[“”]|«[^"«»]*»|»[^"«»]*«|”[^"„“”]*”/
    SENTENCE.5: "S("
    QUOTE.4: /["„“”«»]/
    MINUS.3: /-(?=[^\s)])/
    EQUALS.3: /=(?=[^\s)])/
    FIELD.2: /[^\s()"„“”«»:]*:/
    WORD.1: /[^\s()"„“”«»:]+/
    OPEN: "("
    CLOSE: ")"
    SPACE: /\s+/
    %ignore SPACE
    %declare AND OR NOT NEAR TITLE LANGUAGE FACT RULE TERM VALUE
"""


def tree_of(text: str) -> Tree[Token]:
    """Return lark's tree of a text. Raises Mistake."""
    try:
        return _lark().parse(text)
    except UnexpectedToken as error:
        taken = error.interactive_parser.parser_state.value_stack
        raise _misplaced(taken[-1] if taken else None, error.token) from None


@lru_cache(maxsize=1)
def _lark() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="basic", postlex=_Postlex())


class _Postlex:
    always_accept = COARSE

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return Pieces().refine(stream)


# ── what the parser did not expect ───────────────────────────────────────────────────────────────────────────────────

_JOINS = ("AND", "OR", "NEAR")
_OPENING = ("OPEN", "SENTENCE")


def _misplaced(before: Token | None, token: Token) -> Mistake:
    """Say what is wrong where the parser wanted a word, a phrase or a bracket."""
    if token.type in ("$END", "CLOSE"):
        return _unfollowed(before)
    if token.type in _JOINS:
        return _joining_nothing(before, token)
    assert before is not None
    if token.type in ("NOT", "MINUS"):
        if before.type == "NEAR":
            return Mistake(column(token), "what is lacking cannot stand near; write it apart, as in (a NEAR/5 b) -c")
        return Mistake(column(token), f"write {token} before {before}, not behind it")
    return Mistake(column(token), f'after {before} comes a word or a phrase, as in =EU or ="Exact Phrase"')


def _joining_nothing(before: Token | None, token: Token) -> Mistake:
    if before is None or before.type in _OPENING:
        return Mistake(column(token), f"nothing stands before {token}; it goes between two parts")
    if before.type in _JOINS:
        return Mistake(column(token), f"{before} and {token} stand side by side; keep one of them")
    return _unfollowed(before)


def _unfollowed(before: Token | None) -> Mistake:
    if before is None:
        return Mistake(1, "the query is empty; write a word, or several as in drone -sport")
    if before.type in _OPENING:
        return Mistake(column(before), "nothing stands between these brackets; write words in them, or remove them")
    return Mistake(column(before), f"nothing stands after {before}; write a word there, or remove it")
