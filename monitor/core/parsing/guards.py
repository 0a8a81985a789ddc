"""What would make feedparser slow or fall is taken out of its way; none of it is anything that we keep."""

import re
from itertools import pairwise

from monitor.errors import ParseError

MAX_NAMESPACES = 200
MAX_RELATIVE_BASES = 1_000
"""feedparser compares every element with every prefix, and lets nested relative bases grow without end."""

_LONG_NAME = 300
_LONG_AUTHOR = 10_000
_TAGS = re.compile(r"<(/?(?:[\w.-]+:)?(?:category|keywords|subject|tags))\b", re.IGNORECASE)
_UNKEPT = re.compile(
    r"(<!\[CDATA\[[^\]]*+(?:\](?!\]>)[^\]]*+)*+|<!--[^-]*+(?:-(?!->)[^-]*+)*+)"
    r"|<((?:[\w.-]++:)?+(?:category|keywords|subject|tags|comments|commentRss|enclosure))(?=[\s/>])[^<>\"']*+"
    r"(?:\"[^<\"]*+\"[^<>\"']*+|'[^<']*+'[^<>\"']*+)*+(?:(?<=/)>|>[^<]*+(?:<!\[CDATA\[[^\]]*+\]\]>[^<]*+)*+</\2\s*+>)"
)
_AUTHOR = re.compile(r"</?(?:[\w.-]+:)?(?:author|creator|managingeditor|owner|publisher|webmaster)\b", re.IGNORECASE)
_MARKUP = re.compile(r"<!\[CDATA\[|\]\]>|<!--.*?-->|<[^<>]*>", re.DOTALL)
_LONG_WORD = re.compile(rf"\S{{{_LONG_NAME},}}")
_PREFIX = re.compile(r"\bxmlns:([^\s=]+)")
_RELATIVE_BASE = re.compile(r"\bbase\s*=\s*[\"'](?![a-zA-Z][\w+.-]*:)")
_ITEM = re.compile(r"</?(?:[\w.-]+:)?(?:item|entry)\b")
_TEXT = re.compile(r"<(?:description|summary|content|content:encoded|dc:description)\b")
_CAPTION = re.compile(r"<(/?media:description)\b")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")
_LAST_CHARACTER = 0x10FFFF
_TRIPWIRE = re.compile(r"</?(?:(?:gml|georss):|(?:width|height|textinput)\b)[^<>]*>", re.IGNORECASE)


def guard(text: str) -> tuple[str, bool]:
    """Return a document that feedparser reads in a time that grows with its length and no faster; whether it is whole.

    Captions of pictures are hidden from it where an item has a text of its own (it takes them for summary or content).
    So are categories (it compares each with all before), and the names of all authors where one has words of hundreds
    of letters (it looks for an address in them, again from every letter): no longer whole. Raises ParseError for more
    namespaces or relative bases than any honest feed has.
    """
    _refuse(text)
    tagless = _TAGS.sub(r"<\1-x", _UNKEPT.sub(r"\1", _hide_captions(text)))
    guarded = _hide_long_authors(tagless)
    return guarded, guarded is tagless


def mend(text: str) -> str:
    """Leave out what feedparser is known to trip over: references to what is no character, misplaced elements."""
    return _TRIPWIRE.sub("", _REFERENCE.sub(_sound_reference, text))


def _refuse(text: str) -> None:
    if text.count("xmlns:") > MAX_NAMESPACES and len(set(_PREFIX.findall(text))) > MAX_NAMESPACES:
        raise ParseError(f"declares more than {MAX_NAMESPACES} namespaces")
    if text.count("base") > MAX_RELATIVE_BASES and len(_RELATIVE_BASE.findall(text)) > MAX_RELATIVE_BASES:
        raise ParseError(f"has more than {MAX_RELATIVE_BASES} relative bases")


def _hide_captions(text: str) -> str:
    if "<media:description" not in text:
        return text
    edges = [0, *(found.start() for found in _ITEM.finditer(text)), len(text)]
    return "".join(_without_captions(text[start:end]) for start, end in pairwise(edges))


def _without_captions(item: str) -> str:
    return _CAPTION.sub(r"<\1-x", item) if _TEXT.search(item) else item


def _hide_long_authors(text: str) -> str:
    ends = [found.end() for found in _AUTHOR.finditer(text)]
    if all(_is_short(text, start, end) for start, end in pairwise([*ends, len(text)])):
        return text
    return _AUTHOR.sub(r"\g<0>-x", text)


def _is_short(text: str, start: int, end: int) -> bool:
    if end - start < _LONG_NAME or text.startswith("/", text.rindex("<", 0, start) + 1):
        return True
    return end - start < _LONG_AUTHOR and not _LONG_WORD.search(_MARKUP.sub("", text[start:end].partition(">")[2]))


def _sound_reference(found: re.Match[str]) -> str:
    digits, radix = (found[1], 16) if found[1] else (found[2], 10)
    code = int(digits, radix) if len(digits) <= 8 else _LAST_CHARACTER + 1
    return "" if code > _LAST_CHARACTER or 0xD800 <= code <= 0xDFFF else found[0]
