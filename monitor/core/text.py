"""HTML to plain text, and the two foldings of text: for comparing titles and for finding words."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from operator import attrgetter
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from monitor.core.lookalikes import has_mixed, unmixed

_BLOCKS = (
    "address|article|aside|blockquote|body|br|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure"
    "|footer|form|frameset|h[1-6]|header|hgroup|hr|legend|li|main|menu|nav|ol|optgroup|option|p|pre|section|select"
    "|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_UNSEEN = ("script", "style", "iframe", "noembed", "noframes", "title", "textarea")

# Every tag becomes a void element before the parser sees it: a tree without depth cannot be made slow or deep by a
# hostile document. The exceptions are the raw-text elements, which cannot nest and are dropped with what they hold.
_BLOCK_TAG = re.compile(rf"</?(?:{_BLOCKS})(?=[\s/>])", re.IGNORECASE)
_INLINE_TAG = re.compile(rf"</?(?!/?(?:{'|'.join(_UNSEEN)})[\s/>])(?=[a-z])[^\s/>]+", re.IGNORECASE)
# Tags that end where every reader sees their end. A text with no others needs no HTML parser.
_SOUND = r"(?:[ \t\r\n]++[a-z_:][\w:.-]*+(?:=(?:\"[^\"<>]*+\"|'[^'<>]*+'))?+)*+[ \t\r\n]*+/?>"
_SOUND_BLOCK = re.compile(rf"</?(?:{_BLOCKS}){_SOUND}", re.IGNORECASE)
_SOUND_INLINE = re.compile(rf"</?(?!(?:{'|'.join(_UNSEEN)})[\s/>])[a-z][a-z0-9:-]*+{_SOUND}", re.IGNORECASE)

# Publishers escape twice; what still is markup or an entity after one reading is read again.
_STILL_MARKUP = re.compile(
    rf"</?(?:a|b|i|u|s|em|strong|span|small|sup|sub|img|font|{_BLOCKS})(?:\s[^<>]*)?/?>"
    r"|&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,5});",
    re.IGNORECASE,
)
_READINGS = 3
_UNFIT = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\ud800-\udfff]")

_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_APOSTROPHES = "\u2018\u2019\u201b\u02bc\u02b9\u0060\u00b4\u2032\uff07"
_QUOTES = '\u00ab\u00bb\u2039\u203a\u201a\u201c\u201d\u201e\u201f\u2033\uff02"'
_HYPHENS = "\u2010\u2011\u2012\u2013\u2043\u2212\ufe63\uff0d"
_DASHES = "\u2014\u2015\u2e3a\u2e3b\ufe58"
_SPACES = (
    "\t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_STRESS = "\u0300\u0301"

_TITLE_MARKS = str.maketrans(
    dict.fromkeys(_INVISIBLE) | dict.fromkeys(_APOSTROPHES + _QUOTES, "'") | dict.fromkeys(_HYPHENS + _DASHES, "-")
)
_ALIKE = (
    dict.fromkeys(_APOSTROPHES, "'")
    | dict.fromkeys(_HYPHENS, "-")
    | dict.fromkeys(_SPACES, " ")
    | {"ё": "е", "Ё": "е", "ѐ": "е", "Ѐ": "е", "ѝ": "и", "Ѝ": "и", "İ": "i"}
)
_ALIKE_ANY = re.compile(f"[{re.escape(''.join(_ALIKE))}]")
_COMMON = tuple((char, _ALIKE[char]) for char in "\u2019\u2013\u00a0ёЁ\n\u2018\u0060")
"""What news writes most, in place of what it is folded to: replaced at once, so that few texts need more."""

# Letters and signs that fold by themselves into one character, and compose with nothing that stands here.
_LATIN = "\x1e !\"#$%&'()*+,\\-./0-9:;<=>?@A-Z\\[\\]\\^_a-z{|}~£§©«®°·»À-ÖØ-Þà-öø-þĀ-įĲ-ňŊ-ž—“”„…•€™"
_CYRILLIC = "Ё-ЌЎ-яё-ќўџҐґ№"
_NOT_LATIN = re.compile(f"[^{_LATIN}]")
_NOT_CYRILLIC = re.compile(f"[^{_CYRILLIC}\x1e -@\\[-`|«»“”„—…]")
_MIXABLE = re.compile("[\u0300-\u036f\u0400-\u052f]")
_ODD = re.compile(f"[^{_LATIN}{_CYRILLIC}]")
_ODDS = re.compile(rf"{_ODD.pattern}{_ODD.pattern}*")  # a search for one of a class is fast, for one or more it is not


class Stretch(NamedTuple):
    """A piece of a folded text: where it begins there and in the original, and how many places one character takes.

    `step` is 1 where the characters of both go together, 0 where all that was made of one letter is at its place.
    """

    start: int
    origin: int
    step: int


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded for finding words in it, and the way back to the original.

    `stretches` are in the order of the text, and an empty one stands at its end; None where every place is the same in
    both.
    """

    text: str
    stretches: tuple[Stretch, ...] | None

    def origin(self, index: int) -> int:
        """Return the place in the original of what became the character at the index, or the end of both."""
        if self.stretches is None:
            return index
        start, origin, step = self.stretches[bisect_right(self.stretches, index, key=_START) - 1]
        return origin + (index - start) * step

    def place(self, origin: int) -> int:
        """Return the place in the folded text of the first character that stands at or behind that of the original."""
        if self.stretches is None:
            return origin
        at = bisect_right(self.stretches, origin, key=_ORIGIN) - 1
        start, begin, step = self.stretches[at]
        return start + (origin - begin) if step else start if begin == origin else self.stretches[at + 1].start

    def inside_letter(self, index: int) -> bool:
        """Tell whether the place is inside a single letter that folds to several."""
        if self.stretches is None:
            return False
        start, _, step = self.stretches[bisect_right(self.stretches, index, key=_START) - 1]
        return not step and start < index < len(self.text)


_START, _ORIGIN = attrgetter("start"), attrgetter("origin")


def plain_text(html: str) -> str:
    """Return the text of an HTML fragment on one line: no markup, entities decoded, runs of white space made one space.

    Block elements and line breaks part words, inline elements do not; scripts and styles are dropped. Linear in the
    length of the input, however it is nested.
    """
    text = html
    for reading in range(_READINGS):
        if ("<" not in text and "&" not in text) or (reading and not _STILL_MARKUP.search(text)):
            break
        text = _read_html(text)
    return " ".join(storable(text).split())


def _read_html(html: str) -> str:
    source = storable(html).replace("<![CDATA[", "").replace("]]>", "")
    if (text := _without_tags(source)) is not None:
        return text
    source = _BLOCK_TAG.sub("\n<wbr", source)
    source = _INLINE_TAG.sub("<wbr", source)
    parser = LexborHTMLParser(source)
    parser.strip_tags(list(_UNSEEN))
    body = parser.body
    return "" if body is None else body.text(deep=True, separator="", strip=False)


def _without_tags(html: str) -> str | None:
    """Return what the parser would, where the tags are sound ones and the references have names.

    Control characters stand for the tags until the end: what was at their two sides makes no tag and no reference.
    """
    text = _SOUND_INLINE.sub("\0", _SOUND_BLOCK.sub("\1", html))
    return None if "<" in text or "&#" in text else unescape(text).replace("\0", "").replace("\1", "\n")


def storable(text: str) -> str:
    """Drop what neither an HTML parser nor a database takes: control characters and lone surrogates."""
    return _UNFIT.sub("", text)


def normalise_title(title: str) -> str:
    """Make typography, case and spacing alike, so that only a changed word is a retitle. For comparing only."""
    alike = unicodedata.normalize("NFKC", title.translate(_TITLE_MARKS))
    return " ".join(alike.casefold().split())


def fold(text: str) -> Folded:
    """Fold a text for finding words in it, and keep the way back to the original.

    Case-folded (ß is ss), composed (NFC), ё as е, Cyrillic stress marks and invisible characters dropped; apostrophes,
    hyphens and spaces each of one kind; a Latin look-alike inside a Cyrillic word is its double. Canonically equivalent
    texts fold alike.
    """
    simple = text
    for char, alike in _COMMON:
        simple = simple.replace(char, alike)
    if not simple.isascii() and _NOT_LATIN.search(simple) and _NOT_CYRILLIC.search(simple):
        if _MIXABLE.search(simple) and has_mixed(simple):
            simple, text = unmixed(simple), unmixed(text)
        if _ODD.search(simple):
            return _fold_odd(simple, text)
    return Folded(simple.casefold(), None)


def _fold_odd(simple: str, text: str) -> Folded:
    """Fold what is not simple letter by letter, with the letter before it where they compose, the rest as a whole."""
    pieces: list[str] = []
    stretches: list[Stretch] = []
    done = at = 0
    for odd in _ODDS.finditer(simple):
        begin = odd.start() - (odd.start() > done and _joins(text[odd.start()]))
        if begin > done:
            stretches.append(Stretch(at, done, 1))
            pieces.append(simple[done:begin].casefold())
            at += begin - done
        done = odd.end()
        for place, cluster in _clusters(text[begin:done]):
            pieces.append(_known_cluster(cluster) if len(cluster) <= _CLUSTER else _fold_cluster(cluster))
            stretches.append(Stretch(at, begin + place, 0))
            at += len(pieces[-1])
    stretches += [Stretch(at, done, 1), Stretch(at + len(simple) - done, len(simple), 0)]
    pieces.append(simple[done:].casefold())
    return Folded("".join(pieces), tuple(stretches))


def _fold_cluster(cluster: str) -> str:
    return _ALIKE_ANY.sub(lambda found: _ALIKE[found[0]], _composed(cluster)).casefold()


_CLUSTER = 8
"""A letter with more marks is a joke, and not kept."""

_known_cluster = lru_cache(maxsize=4096)(_fold_cluster)


def _clusters(word: str) -> Iterator[tuple[int, str]]:
    """Cut a word where no composition reaches across: each base character goes with the marks that follow it."""
    begin = 0
    for place in range(1, len(word) + 1):
        if place == len(word) or not _joins(word[place]):
            yield begin, word[begin:place]
            begin = place


def _joins(char: str) -> bool:
    """Tell whether the character may compose with the one before it: a mark, or a Hangul vowel or final consonant."""
    return unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff"


def _composed(cluster: str) -> str:
    composed = unicodedata.normalize("NFC", cluster)
    dropped = _INVISIBLE + _STRESS if "\u0400" <= composed[0] <= "\u052f" else _INVISIBLE
    return composed.translate(dict.fromkeys(map(ord, dropped)))
