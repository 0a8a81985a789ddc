"""What may be a word or a phrase of a query, and what people of other search languages write instead."""

import re
from types import MappingProxyType

from monitor.core.query.mistake import Mistake, shown
from monitor.core.query.tree import Term
from monitor.core.text import fold

OPERATORS = MappingProxyType(
    dict.fromkeys(("and", "und", "et", "oraz", "и", "і", "й", "та"), "AND")
    | dict.fromkeys(("or", "oder", "ou", "lub", "albo", "или", "або", "чи"), "OR")
    | dict.fromkeys(("not", "nicht", "nie", "не", "ні"), "NOT")
)
"""The operators as people write them in six languages, casefolded."""

DASHES = "‐‑‒–—―−"
BARE = re.compile(r'[^\s()"„“”«»:=\-][^\s()"„“”«»:]*')
"""What can be a piece of its own without quotes."""

_LETTERS_BEFORE_STAR = 3

_Check = tuple[re.Pattern[str], str]
_CHECKS: tuple[_Check, ...] = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (r"…|\.\.\.", "“…” is for the lists of terms in feeds.yaml; write NEAR between the two parts: a NEAR/3 b"),
        (r"[|]", "| is no operator here; write OR between alternatives, with spaces around it"),
        (r"&", "& is no operator here; words side by side must all stand; a name such as “AT&T” goes into quotes"),
        (r"^!", "! is no operator here; write a minus before what must be lacking, as in -sport"),
        (r"^\+", "+ is no operator here; leave it out: words side by side must all stand"),
        (r"[{}\[\]]", "brackets are round here; write ( )"),
        (r"\\|\.[*+?]|^/.*/$|^\^", "there are no regular expressions; * at the end of a word is any ending"),
        (r"~", "~ is no operator here; for words that stand close together write NEAR, as in a NEAR/5 b"),
        (r"\?", "? is no sign of the language; * at the end of a word stands for any ending"),
        (r"\^", "^ is no sign of the language; every word counts alike"),
        (r"(?<!\d)[,;]|[,;](?!\d)", "words are parted by spaces alone; write OR between alternatives"),
        (r"^['‘’‚‹`´]", "a phrase goes into double quotes, as in \"peace talks\""),
        (f"^[{DASHES}]", "this is a dash; write the minus of the keyboard (-) right before what must be lacking"),
    )
)  # fmt: skip


def check_word(word: str, column: int) -> None:
    """Look at a word outside of quotes. Raises Mistake."""
    _refuse_operators(word, column)
    if word in ("-", "=", "*"):
        raise Mistake(column, f"{word} stands alone; {_ALONE[word]}")
    for pattern, advice in _CHECKS:
        if found := pattern.search(word):
            raise Mistake(column + found.start(), advice)
    _check_text(word, column)


_ALONE = MappingProxyType(
    {
        "-": "put it right before what must be lacking, as in -sport",
        "=": "put it right before a word, as in =EU, to have it in exactly this form",
        "*": "put it at the end of a word, as in drone*, for any ending",
    }
)


def _refuse_operators(word: str, column: int) -> None:
    if operator := OPERATORS.get(word.casefold()):
        raise Mistake(
            column,
            f'the operator is written {operator}, in capitals; the word itself goes into quotes, as in "{word}"',
        )
    if re.fullmatch(r"near(?:\W?\d+|\W)?", word.casefold()):
        raise Mistake(
            column,
            "NEAR is written in capitals with a number of words from 1 to 50, as in NEAR/5;"
            " the word itself goes into quotes",
        )


def check_phrase(phrase: str, column: int) -> None:
    """Look at what stands in quotes; `column` is that of its first sign. Raises Mistake."""
    pattern, advice = _CHECKS[0]
    if found := pattern.search(phrase):
        raise Mistake(column + found.start(), advice)
    _check_text(phrase, column)


def _check_text(text: str, column: int) -> None:
    body = text.rstrip()
    star = body.find("*")
    if 0 <= star < len(body) - 1:
        raise Mistake(column + star, "* must stand at the end of a word or phrase, for any ending")
    if star >= 0 and _letters(body.split()[-1]) < _LETTERS_BEFORE_STAR:
        raise Mistake(
            column + star,
            f"* needs at least {_LETTERS_BEFORE_STAR} letters before it; else it would stand for too many words",
        )
    if not _letters(fold(text).text):
        raise Mistake(column, f"nothing to look for in {shown(text)}: it has no letter and no digit")


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def read_term(raw: str, *, exact: bool, at: int) -> Term:
    """Return the term of a checked word, or of a phrase with its quotes. Raises Mistake."""
    quoted = raw[0] in QUOTES
    text = " ".join((raw[1:-1] if quoted else raw).split())
    prefix = text.endswith("*")
    if prefix and exact:
        raise Mistake(at, "= asks for exactly this form and * for any ending; keep one of them")
    return Term(text=text.removesuffix("*"), exact=exact, prefix=prefix, at=at)


QUOTES = MappingProxyType({'"': '"', "„": "“”", "“": "”“", "«": "»", "»": "«", "”": "”"})
"""The signs that begin a phrase, each with those that end it."""


def write_term(term: Term) -> str:
    """Write a term as `read_term` reads it, with `=` and without its language."""
    body = f"{term.text}*" if term.prefix else term.text
    return ("=" if term.exact else "") + (body if is_bare(body) else f'"{body}"')


def is_bare(word: str) -> bool:
    """Tell whether a word needs no quotes."""
    if not BARE.fullmatch(word) or word in ("S", "s"):
        return False
    try:
        check_word(word, 1)
    except Mistake:
        return False
    return True
