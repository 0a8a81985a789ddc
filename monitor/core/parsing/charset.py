"""Which single-byte character set a text is in, by how its letters look: for documents that say nothing or are wrong.

Only those of the watched languages and their neighbours are told apart. Each reading of the bytes has a price, which is
low where its letters are the frequent ones of one language and words look like words; the cheapest is right.
"""

import codecs
import re
from collections import Counter
from itertools import pairwise

CHARSETS = ("windows-1252", "windows-1251", "koi8-u", "ibm866", "iso-8859-5", "windows-1250", "iso-8859-2")
"""What is told apart; the earlier one where two read the same. KOI8-U holds all letters of KOI8-R."""

_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "koi8-r": "koi8-u",
    "iso8859-1": "cp1252",  # as every browser reads it (WHATWG Encoding §4.2)
    "ascii": "cp1252",
}

# The letters beyond ASCII of each language, the most frequent first. The Cyrillic ones by common tables of Russian and
# Ukrainian, the Latin ones by those of each language.
_LETTERS = (
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "оанивіетрслкдумпязьбгйчхцїжєюшщфґ",
    "éèàêçôîûùâïœëæüÿ",
    "üäößéèà",
    "łóążęśćźńéü",
    "íáéěčšžýřůúťďňó",
    "áéőíóöűúü",
    "ăâîțșşţ",
    "čšžćđ",
    "óíáéñúüç¿¡ãõêàòèì",
    "åäöøæéü",
)
_RANKS = tuple({letter: rank for rank, letter in enumerate(letters)} for letters in _LETTERS)
_SIGNS = frozenset("«»„“”‘’–—…№\u00a0·•©®°§€™")
_FIRST, _STEP, _LAST = 2.0, 0.15, 6.0
_CAPITAL, _SIGN, _STRANGE, _IMPOSSIBLE = 1.0, 4.0, 9.0, 20.0
_BAD_PAIR = 6.0
_SURE, _FEW = 0.5, 12
"""How much dearer a letter must be, on the average, in the declared set than in another for the declaration to lose;
and for how many letters twice as much is asked."""

_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_SAMPLE = 8_000


def decode(body: bytes, name: str) -> str | None:
    """Decode by a declared character set, or the larger one that the name is used for; None where that fails."""
    try:
        canonical = codecs.lookup(name).name
        return body.decode(_SUPERSETS.get(canonical, canonical))
    except (ValueError, LookupError):
        return None


def detect(body: bytes, declared: str | None = None) -> str:
    """Return the set in which the bytes read best: the declared one unless another is surely better.

    A declaration is believed where it names a set that is not told apart here.
    """
    if declared is not None and not _is_judged(declared):
        return declared
    sample = _sample(body)
    prices = {name: _price(sample, name) for name in CHARSETS}
    best = min(prices, key=lambda name: prices[name])
    margin = _SURE * (1 + _FEW / max(_beyond_ascii(sample), 1))
    return declared if declared and _price(sample, declared) - prices[best] < margin else best


def _is_judged(name: str) -> bool:
    try:
        return codecs.lookup(name).name in _JUDGED
    except (ValueError, LookupError):
        return False


_OTHERS = ("koi8-r", "latin-1", "ascii", "iso-8859-15", "mac-cyrillic")
_JUDGED = {codecs.lookup(name).name for name in (*CHARSETS, *_OTHERS)}


def _sample(body: bytes) -> bytes:
    """Return the words with letters beyond ASCII from the beginning; the markup around them says nothing."""
    words, size = [], 0
    for found in _WORD.finditer(body):
        words.append(found[0][:100])
        size += len(words[-1])
        if size >= _SAMPLE:
            break
    return b" ".join(words)


def _beyond_ascii(sample: bytes) -> int:
    return sum(byte > 0x7F for byte in sample)


def _price(sample: bytes, name: str) -> float:
    """Return what a letter beyond ASCII costs on the average."""
    text = sample.decode(_SUPERSETS.get(codecs.lookup(name).name, name), "replace")
    letters = Counter(char for char in text if char > "\x7f")
    if not letters:
        return 0.0
    cheapest = min(sum(_letter_price(letter, ranks) * n for letter, n in letters.items()) for ranks in _RANKS)
    bad = sum(n for pair, n in Counter(pairwise(text)).items() if _is_bad(pair))
    return (cheapest + _BAD_PAIR * bad) / letters.total()


def _letter_price(letter: str, ranks: dict[str, int]) -> float:
    if letter in _SIGNS:
        return _SIGN
    small = letter.lower()
    if small in ranks:
        return min(_FIRST + _STEP * ranks[small], _LAST) + (_CAPITAL if small != letter else 0)
    return _STRANGE if letter.isalpha() else _IMPOSSIBLE if letter < "\xa0" or letter == "\ufffd" else _STRANGE + 1


def _is_bad(pair: tuple[str, str]) -> bool:
    """Tell whether two characters side by side are none of one word: a capital behind a small letter, two scripts."""
    first, second = pair
    if not (first.isalpha() and second.isalpha()):
        return False
    return (first.islower() and second.isupper()) or (_is_cyrillic(first) != _is_cyrillic(second))


def _is_cyrillic(char: str) -> bool:
    return "\u0400" <= char <= "\u052f"
