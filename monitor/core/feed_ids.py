"""Ids for feeds, made of their titles: small Latin letters, whatever the title is written in."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import suppress

from monitor.core.forms.latin import SPELLINGS, Spelling, latin
from monitor.core.publishers import site_of

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o", "đ": "d", "æ": "ae"})
_WORD = re.compile(r"[\u0400-\u04ff]+(?:['’ʼ][\u0400-\u04ff]+)*")
_RUSSIAN = re.compile(r"[ыэёъ]")
_ENGLISH = {spelling.source: spelling for spelling in reversed(SPELLINGS) if spelling.language == "en"}
"""By language the first spelling: as Ukraine's own table of 2010 has it, and as newspapers write Russian names."""

_LONGEST = 40
_PUNYCODE = "xn--"


def proposed_id(title: str | None, url: str, language: str | None, taken: Collection[str]) -> str:
    """Return an id for a feed: its title in small Latin letters, else its site's name, and its language."""
    words = _slug(title or "", language)
    site = _slug(_decoded((site_of(url) or "feed").split(".")[0]), language)
    name = (words if sum(map(str.isalpha, words)) > 2 else site) or "feed"
    if language and not name.endswith(f"-{language}"):
        name += f"-{language}"
    return next(one for one in _numbered(name) if one not in taken)


def _decoded(label: str) -> str:
    """Return a host's label as it is shown (RFC 3492), as it is where it cannot be."""
    if label.startswith(_PUNYCODE):
        with suppress(UnicodeError):
            return label.removeprefix(_PUNYCODE).encode("ascii").decode("punycode")
    return label


def _slug(text: str, language: str | None) -> str:
    folded = text.casefold()
    spelling = _ENGLISH["ru" if _RUSSIAN.search(folded) or language == "ru" else "uk"]
    written = _WORD.sub(lambda found: _romanised(found[0], spelling), folded).translate(_GERMAN)
    kept = re.sub(r"[^a-z0-9]+", "-", _without_marks(written).casefold()).strip("-")
    return kept[:_LONGEST].rstrip("-")


def _romanised(word: str, spelling: Spelling) -> str:
    """Return a Cyrillic word in Latin letters; as it is where it has letters of another language than the table's."""
    return (latin(word, spelling) or word).casefold()


def _without_marks(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1
