"""Where the sentences of a text begin."""

import re
from collections.abc import Iterator

_CLOSING = "\"'’”»“)\\]"
_OPENING = "\"'‘“„«(\\[—–\\-"
_END = re.compile(
    rf"(?<![.!?…])[.!?…]++[{_CLOSING}]*+\s++|(?<![。！？؟۔।])[。！？؟۔।]++[{_CLOSING}]*+\s*+|(?<!\n)\n\s*?\n\s*+"
)
"""What may end a sentence, with the space behind it: marks and what closes, or an empty line.

Each way begins only where a run of its marks does, and gives nothing back: linear, whatever the text.
"""

_FIRST = re.compile(rf"[{_OPENING}\s]{{0,8}}(\w)")
_LONGEST_WORD = 24

_SHORT_WORDS = """
mr mrs ms dr st prof gen lt col sgt capt maj cmdr adm gov sen rep pres rev hon sr jr vs nos art vol fig est dept
jan feb mar apr jun jul aug sept sep oct nov dec mt ft approx
hr fr nr str ca bzw usw ggf evtl inkl mio mrd tel abs bd jh geb gest sog vgl okt dez
mme mlle mm av env janv févr avr juil déc éd
np tj tzw ul pl gen płk ppłk mjr kpt por godz tys mln mld pkt św ks im woj wg al
г гг ул им обл руб тыс тис млн млрд трлн др пр см стр проф акад ген полк рис долл чел кв тел св ст
р рр вул ім грн дол див напр ред просп буд пл с смт м с-ще
"""
_SHORT = frozenset(_SHORT_WORDS.split())
"""Words that are written short, in the languages of the built-in watchlist, and stand before what belongs to them."""


def sentence_starts(text: str) -> list[int]:
    """Return where each sentence begins, the first at 0.

    A full stop ends none behind an abbreviation, an initial, or a number of one or two digits («24. Februar»); nothing
    does before a small letter («“Why?” he asked»). Linear in the length of the text.
    """
    return [0, *(found.end() for found in _END.finditer(text) if found.end() < len(text) and _ends(text, found))]


def _ends(text: str, found: "re.Match[str]") -> bool:
    start, end = found.span()
    if text[start] in "\n。！？؟۔।":
        return True
    first = _FIRST.match(text, end)
    if first is not None and first[1].islower():
        return False
    return text[start] != "." or text[start + 1 : start + 2] == "." or not _is_short(text, start)


def _is_short(text: str, end: int) -> bool:
    """Tell whether the word that ends there, before a full stop, is an abbreviation, an initial or an ordinal."""
    word = next(_last_words(text[max(0, end - _LONGEST_WORD) : end]), "").strip("\"'’”»“„«()[]").casefold()
    return word in _SHORT or (len(word) == 1 and word.isalpha()) or "." in word or (len(word) < 3 and word.isdigit())


def _last_words(piece: str) -> Iterator[str]:
    return reversed(piece.split())
