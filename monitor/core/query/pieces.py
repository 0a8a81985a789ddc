"""The pieces of a query: what is an operator, a field, a value, a word, and what is none of these."""

import re
from collections.abc import Iterator
from types import MappingProxyType

from lark import Token

from monitor.core.query.mistake import Mistake, did_you_mean, shown
from monitor.core.query.words import QUOTES, check_phrase, check_word

COARSE = ("WORD", "PHRASE", "FIELD", "QUOTE")
"""What the lexer yields and the grammar knows nothing of."""

DEPTH = 30
"""Brackets stand at most so deep in each other."""

DISTANCE = 50
"""At most so many words stand between what is NEAR."""

FIELDS = MappingProxyType(
    {"title": "TITLE"}
    | dict.fromkeys(("source", "lang", "country", "press"), "FACT")
    | dict.fromkeys(("actor", "topic"), "RULE")
)
"""The words that a colon may follow, with the sort of piece that they are."""

_MEANT = MappingProxyType(
    dict.fromkeys(("headline", "intitle", "titel", "heading", "subject"), "title")
    | dict.fromkeys(("site", "domain", "feed", "publisher", "url", "inurl", "host", "from"), "source")
    | dict.fromkeys(("language", "sprache", "langue"), "lang")
    | dict.fromkeys(("land", "place", "region"), "country")
    | dict.fromkeys(("person", "people", "who", "name"), "actor")
    | dict.fromkeys(("tag", "theme", "category"), "topic")
)
_LANGUAGE = re.compile("[a-z]{2}")
_NEAR = re.compile(r"NEAR(?:/(.*))?")


class Pieces:
    """One text's pieces on their way to the parser."""

    def __init__(self) -> None:
        self._last: Token | None = None
        self._open: list[int] = []

    def refine(self, stream: Iterator[Token]) -> Iterator[Token]:
        """Yield each piece as what it is. Raises Mistake at the first that is nothing."""
        for token in stream:
            self._check_field(token)
            piece = self._piece(token)
            self._last = piece
            yield piece
        self._check_field(None)
        if self._open:
            raise Mistake(self._open[-1], "this bracket is never closed; write ) where it ends")

    def _piece(self, token: Token) -> Token:
        match token.type:
            case "WORD":
                return self._word(token)
            case "PHRASE":
                return self._phrase(token)
            case "FIELD":
                return self._field(token)
            case "QUOTE":
                sign = str(token)
                other = "" if sign == '"' else "; the plain quotes of the keyboard do as well"
                closing = f"what begins with {sign} ends with {' or '.join(QUOTES.get(sign, sign))}{other}"
                raise Mistake(column(token), f"this quote is never closed; {closing}")
            case "OPEN" | "SENTENCE" | "CLOSE":
                self._bracket(token)
        return token

    # ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _word(self, token: Token) -> Token:
        if self._in_field():
            return _as(token, "VALUE")
        if self._touches(token, "TERM", "VALUE"):
            raise self._glued(token)
        if token in ("AND", "OR", "NOT"):
            return _as(token, str(token))
        if found := _NEAR.fullmatch(str(token)):
            return _near(token, found[1])
        check_word(str(token), column(token))
        return _as(token, "TERM")

    def _phrase(self, token: Token) -> Token:
        if self._in_field():
            if not token[1:-1].strip():
                raise Mistake(column(token), "nothing stands between these quotes; write words in them, or remove them")
            return _as(token, "VALUE")
        if self._touches(token, "TERM", "VALUE"):
            raise self._glued(token)
        if not token[1:-1].strip():
            raise Mistake(column(token), "nothing stands between these quotes; write words in them, or remove them")
        check_phrase(token[1:-1], column(token) + 1)
        return _as(token, "TERM")

    def _glued(self, token: Token) -> Mistake:
        if token.startswith("~"):
            return Mistake(
                column(token), "~ is no operator here; for words that stand close together write NEAR, as in a NEAR/5 b"
            )
        return Mistake(column(token), "a space is missing before this; words and phrases are parted by spaces")

    # ── fields ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _field(self, token: Token) -> Token:
        name = token[:-1]
        if self._in_field():
            raise Mistake(
                column(token),
                "a value has no colon; of an address name the site alone, as in source:bbc.co.uk",
            )
        if kind := FIELDS.get(name):
            return _as(token, kind)
        if _LANGUAGE.fullmatch(name):
            return _as(token, "LANGUAGE")
        raise Mistake(column(token), _unknown(name))

    def _check_field(self, token: Token | None) -> None:
        """Look at what follows a field: its value, with no space between."""
        last = self._last
        if last is None or last.type not in ("TITLE", "LANGUAGE", "FACT", "RULE"):
            return
        if token is not None and token.start_pos == last.end_pos and token.type != "CLOSE":
            if last.type in ("FACT", "RULE") and token.type not in COARSE:
                raise Mistake(column(token), _no_value(last, token))
            return
        spaced = token is not None and token.type in ("WORD", "PHRASE", "OPEN", "SENTENCE", "FIELD", "EQUALS")
        after = f"leave out the space after {last}" if spaced else f"{last} has nothing after it"
        raise Mistake(
            column(last) if not spaced else end(last) + 1,
            f"{after}; write it as in {_EXAMPLES.get(str(last), f'{last}drone')}",
        )

    def _in_field(self) -> bool:
        return self._last is not None and self._last.type in ("FACT", "RULE")

    # ── brackets ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _bracket(self, token: Token) -> None:
        if token.type == "CLOSE":
            if not self._open:
                raise Mistake(column(token), "this bracket closes nothing; remove it, or write ( where it begins")
            self._open.pop()
            return
        self._check_before(token)
        self._open.append(end(token))
        if len(self._open) > DEPTH:
            raise Mistake(
                column(token),
                f"brackets stand more than {DEPTH} deep in each other; make parts of it topics of their own",
            )

    def _check_before(self, token: Token) -> None:
        last = self._last
        if last is None or last.type not in ("TERM", "VALUE"):
            return
        if last in ("S", "s") and last.type == "TERM":
            raise Mistake(
                column(last),
                "what must stand in one sentence is written S(a b), with a large S and no space before the bracket",
            )
        if last.end_pos != token.start_pos:
            return
        if last.casefold() in FIELDS:
            raise Mistake(column(token), f"a colon is missing before this bracket; write {last.casefold()}:")
        raise Mistake(column(token), "a space is missing before this bracket; write one")

    def _touches(self, token: Token, *types: str) -> bool:
        return self._last is not None and self._last.type in types and self._last.end_pos == token.start_pos


def column(token: Token) -> int:
    """Return the column of a piece, from 1."""
    return (token.start_pos or 0) + 1


def end(token: Token) -> int:
    """Return the column of a piece's last character."""
    return token.end_pos or 0


def _as(token: Token, kind: str) -> Token:
    return Token.new_borrow_pos(kind, str(token), token)


def _near(token: Token, number: str | None) -> Token:
    if number is None or not (number.isascii() and number.isdigit()):
        raise Mistake(column(token), f"NEAR needs a number of words from 1 to {DISTANCE}, as in NEAR/5")
    if not 1 <= int(number[:4]) <= DISTANCE:
        raise Mistake(column(token), f"NEAR must have from 1 to {DISTANCE} words between the two, not {number[:9]}")
    return _as(token, "NEAR")


_EXAMPLES = MappingProxyType(
    {
        "title:": 'title:drone or title:"peace talks"',
        "source:": "source:bbc.co.uk",
        "lang:": "lang:uk",
        "country:": "country:UA",
        "press:": "press:state",
        "actor:": "actor:putin",
        "topic:": "topic:sanctions",
    }
)


def _no_value(field: Token, token: Token) -> str:
    if token.type in ("MINUS", "NOT"):
        return f"write {token} before {field}, not behind it"
    example = _EXAMPLES[str(field)]
    return f"after {field} comes one value, as in {example}; for one of several write ({example} OR {field}…)"


def _unknown(name: str) -> str:
    if not name:
        return "nothing stands before this colon; a field is written as in title:drone"
    if name in ("http", "https"):
        return "an address is no word; to name who publishes, write source: and the site, as in source:bbc.co.uk"
    fields = ", ".join(f"{field}:" for field in FIELDS)
    if not name.isalpha():
        return f"a colon only follows a field ({fields}); put a word with a colon into quotes"
    lower = name.casefold()
    meant = _MEANT.get(lower) or (lower if lower in FIELDS or _LANGUAGE.fullmatch(lower) else None)
    guess = (
        f"; did you mean {meant}:?"
        if meant
        else did_you_mean(lower, (f"{field}:" for field in FIELDS)).replace(":?", ":?")
    )
    return f"no field is called {shown(name)}{guess or f'; there are {fields} and a language such as uk:'}"
