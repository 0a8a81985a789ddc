"""Polish words and phrases in every case."""

import re
from collections.abc import Iterator

from monitor.core.forms.nouns_pl import adjective, all_genders, is_adjective, is_plural, noun
from monitor.core.forms.slots import Slots, joined

_FIXED = frozenset(
    [
        "na",
        "w",
        "we",
        "do",
        "z",
        "ze",
        "od",
        "przeciw",
        "przeciwko",
        "wobec",
        "przy",
        "pod",
        "nad",
        "za",
        "bez",
        "dla",
        "o",
        "u",
        "po",
        "przez",
        "i",
        "oraz",
        "lub",
        "się",
        "nie",
        "między",
        "przed",
    ]
)
_ADJECTIVE_ALONE = re.compile(r"(?:[sc]ki|dzki|[yi]czny|.{4}owy|[ljn]ny|.{5}[oa]ny|.{5}tny|.{4}użny|[A-ZŁ].*lny)$")
_MANY = ("ie", "e", "scy", "ccy", "eni", "ani")
_MANY_MEN = ("cy", "rze", "dzy", "rzy", "ści")
_VERBAL = (
    "ął",
    "ęła",
    "ęli",
    "ał",
    "ała",
    "ali",
    "ił",
    "iła",
    "ili",
    "ył",
    "yła",
    "ować",
    "ają",
    "uje",
    "ują",
    "ał się",
)


def expand(term: str) -> Iterator[str]:
    """Yield the forms of a listed word or phrase: adjectives on either side agree with the noun, the rest stays."""
    yield term
    words = term.split()
    if len(words) == 1 and term.endswith("ł") and _is_verb(term):
        stem = term[:-2] + "ę" if term.endswith("ął") else term[:-1]
        yield from (stem + ending for ending in ("ła", "ło", "li", "ły"))
    if words[0].lower() in _FIXED or _is_verb(words[0]) or any(map(_is_verb, words[1:2])):
        return
    leading = 0
    while leading < len(words) - 1 and is_adjective(_singular(words[leading])) and not _ends(words, leading):
        leading += 1
    if len(words) == 1 and _ADJECTIVE_ALONE.search(term) and is_adjective(term):
        yield from joined([all_genders(term)])
        return
    yield from _phrase(words[:leading], words[leading], words[leading + 1 :])


def _ends(words: list[str], place: int) -> bool:
    return words[place + 1].lower() in _FIXED


def _phrase(leading: list[str], word: str, rest: list[str]) -> Iterator[str]:
    if rest[:1] in (["i"], ["oraz"]) and len(rest) == 2:
        slots = [_noun(one, False) for one in (word, rest[1])]
        yield from joined([slots[0], dict.fromkeys(slots[0], (rest[0],)), slots[1]])
        return
    following = 0
    while following < len(rest) and _agrees(word, rest[following]):
        following += 1
    both = [*leading, *rest[:following]]
    plural = is_plural(word) or (bool(both) and both[0].endswith(_MANY) and not word.endswith(("o", "nie", "cie")))
    virile = word.endswith(("ca", "sta", *_MANY_MEN)) or not word.endswith(("a", "o", "e", "y", "i"))
    before, after = ([adjective(_singular(one), virile=virile) for one in ones] for ones in (leading, rest[:following]))
    yield from joined([*before, _noun(word, plural), *after], rest[following:])


def _singular(word: str) -> str:
    """Return the men's plural of an adjective in the singular: rosyjscy → rosyjski."""
    for many, one in (("scy", "ski"), ("ccy", "cki"), ("eni", "ony"), ("ani", "any")):
        if word.endswith(many):
            return word[: -len(many)] + one
    return word


def _agrees(word: str, other: str) -> bool:
    """Tell whether an adjective behind a noun has the gender of it."""
    if not is_adjective(other) or other.lower() in _FIXED:
        return False
    if is_plural(word):
        return other.endswith(("e", "y", "i"))
    if word.endswith("a"):
        return other.endswith("a") or (other.endswith("e") and not word.endswith(("cja", "ia")))
    if word.endswith(("o", "e", "y", "i")):
        return other.endswith(("e", "y", "i"))
    return other.endswith(("y", "i", "a"))


def _noun(word: str, plural: bool) -> Slots:
    if word.isupper() and len(word) > 1:
        return _acronym(word)
    head, hyphen, tail = word.rpartition("-")
    if len(tail) < 3 or not tail.isalpha():
        return {"sn": (word,)}
    if (
        tail.endswith(("iego", "emu", "owi"))
        or (word.islower() and tail.endswith("ów"))
        or (word[0].isupper() and tail.endswith("kim"))
    ):
        return {"sn": (word,)}  # listed in an oblique case
    slots = adjective_noun(tail) or noun(tail, plural=plural)
    if word[0].isupper() and any(slot[0] == "s" for slot in slots):
        slots = {slot: forms for slot, forms in slots.items() if slot[0] == "s"}
    return {slot: tuple(f"{head}{hyphen}{one}" for one in forms) for slot, forms in slots.items()}


def adjective_noun(word: str) -> Slots:
    """Return the forms of an adjective used as a noun (Krymski, uczony), or nothing."""
    return all_genders(word) if _ADJECTIVE_ALONE.search(word) and is_adjective(word) else {}


def _acronym(word: str) -> Slots:
    if not word.isalpha() or word[-1] in "AEIOUY" or len(word) > 4:
        return {"sn": (word,)}
    return {"sn": (word,), "sg": (f"{word}-u", f"{word}-owi"), "si": (f"{word}-em",), "sl": (f"{word}-ie",)}


def _is_verb(word: str) -> bool:
    return (
        word.islower()
        and len(word) > 5
        and word.endswith(_VERBAL)
        and not word.endswith(("dział", "wydział", "kapitał", "generał"))
    )
