"""Ukrainian personal names in the six cases, by the rules of shevchenko."""

import re
from functools import lru_cache

import shevchenko

from monitor.core.forms.slots import Name, fixed

_CYRILLIC = re.compile(r"[а-яіїєґё'’ʼ-]+", re.IGNORECASE)
_ORDER = ("nominative", "genitive", "dative", "accusative", "ablative", "locative")
_GENDERS = {"m": "masculine", "f": "feminine"}


@lru_cache(maxsize=4096)
def last_name(word: str, gender: str) -> Name:
    """Decline a last name; `gender` is `m` or `f`."""
    head, gap, tail = word.rpartition(" ")
    declined = _declined("family_name", tail, gender)
    return tuple(tuple(f"{head}{gap}{one}" for one in variants) for variants in declined)


@lru_cache(maxsize=4096)
def first_name(word: str, gender: str) -> Name:
    """Decline one word of a first name."""
    return _declined("given_name", word, gender)


def _declined(part: str, word: str, gender: str) -> Name:
    if not _CYRILLIC.fullmatch(word) or len(word) < 3:
        return fixed(word)
    found = [
        shevchenko.in_case(case, gender=_GENDERS[gender], **{part: word})[part] if case != "nominative" else word
        for case in _ORDER
    ]
    n, g, d, a, i, l = found  # noqa: E741
    if gender == "m" and g != n and g[-1:] in "ая" and d[-1:] in "ую":
        long = (g[:-1] + ("єві" if n.endswith("й") else "еві" if g[-1] == "я" or _hushing(g[:-1]) else "ові"),)
        return (
            (n,),
            (g,),
            tuple({d: None, long[0]: None}),
            (a,),
            (i,),
            tuple({l: None, d: None, long[0]: None, g[:-1] + "і": None}),
        )
    return tuple((one,) for one in found)


def _hushing(stem: str) -> bool:
    return stem[-1:] in "жчшщ"


def forget() -> None:
    """Free what was kept."""
    last_name.cache_clear()
    first_name.cache_clear()
