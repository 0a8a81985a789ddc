"""Words that mix Cyrillic with Latin letters of the same look: typed on a wrong keyboard, or to dodge filters."""

import re

_LATIN = "AaBCcEeHIiKMOoPpTXxyÏï"
_CYRILLIC = "АаВСсЕеНІіКМОоРрТХхуЇї"
_TO_CYRILLIC = str.maketrans(_LATIN, _CYRILLIC)
_MARKS = "\u0300-\u036f"
_LETTERS = re.compile(rf"(?:[^\W\d_]|[{_MARKS}])+")
_UNIT = rf"[\u0400-\u052f][{_MARKS}]*|[{_LATIN}](?![{_MARKS}])|[iI]\u0308"
_MIXED = re.compile(rf"(?=.*[\u0400-\u052f])(?=.*[{_LATIN}])(?:{_UNIT})+")
_BESIDE = re.compile(rf"[{_LATIN}](?:(?<=[\u0400-\u052f{_MARKS}].)|(?=[\u0400-\u052f{_MARKS}]))")


def has_mixed(text: str) -> bool:
    """Tell, quickly, whether a look-alike stands beside a Cyrillic letter, or a mark that may belong to one."""
    return _BESIDE.search(text) is not None


def unmixed(text: str) -> str:
    """Write words of Cyrillic letters and Latin look-alikes in Cyrillic alone; the length stays, other words too.

    Parts of a word joined by a hyphen are looked at one by one, and one with a Latin letter that has no Cyrillic
    double («iPhoneи») is left as it is. A Latin i becomes the Ukrainian letter.
    """
    pieces: list[str] = []
    done = 0
    for beside in _BESIDE.finditer(text):
        if beside.start() >= done:
            start = _start_of_letters(text, beside.start(), done)
            letters = _LETTERS.match(text, start)
            assert letters is not None
            pieces += text[done:start], _unmixed_letters(letters[0])
            done = letters.end()
    return "".join((*pieces, text[done:]))


def _start_of_letters(text: str, index: int, least: int) -> int:
    while index > least and _LETTERS.match(text[index - 1]):
        index -= 1
    return index


def _unmixed_letters(letters: str) -> str:
    return letters.translate(_TO_CYRILLIC) if _MIXED.fullmatch(letters) else letters
