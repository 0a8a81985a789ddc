"""Polish words and phrases in every case."""

import re
from collections.abc import Iterator

from monitor.core.forms.nouns_pl import adjective, all_genders, is_adjective, is_plural, is_soft_feminine, noun
from monitor.core.forms.slots import Slots, joined, singular

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
        "według",
        "zdaniem",
    ]
)
_ADJECTIVE_ALONE = re.compile(r"(?:[sc]ki|dzki|[yi]czny|.{4}owy|[ljn]ny|.{5}[oa]ny|.{5}tny|.{4}użny|[A-ZŁ].*lny)$")
_MANY = ("ie", "e", "scy", "ccy", "eni", "ani")
_NOT_THINGS = re.compile(r"(?:[^n]cy|rzy|dzy|owie|anie)$")
_NOT_MEN = re.compile(r"(?:[kg]i|[^czr]y|[^d]zy|a)$")
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


def expand(term: str, *, plural: bool = True) -> Iterator[str]:
    """Yield the forms of a listed word or phrase: adjectives on either side agree with the noun, the rest stays.

    Without `plural` a noun listed in the singular has no other number.
    """
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
        own = term[0].isupper() and not term.endswith(("ski", "cki"))
        yield from joined([singular(adjective(term)) if own else all_genders(term)])
        return
    yield from _phrase(words[:leading], words[leading], words[leading + 1 :], plural)


def _ends(words: list[str], place: int) -> bool:
    return words[place + 1].lower() in _FIXED


def _phrase(leading: list[str], word: str, rest: list[str], plural: bool) -> Iterator[str]:
    if rest[:1] in (["i"], ["oraz"]) and len(rest) == 2:
        one = _noun(word, False)
        yield from joined([one, dict.fromkeys(one, (rest[0],)), _noun(rest[1], False)])
        return
    following = 0
    while following < len(rest) and _agrees(word, rest[following]):
        following += 1
    before, after = leading, rest[:following]
    slots = _noun(word, _listed_in_plural(word, [*before, *after]))
    if not plural:
        slots = singular(slots)
    virile = word.endswith(("ca", "sta", *_MANY_MEN)) or not (word[-1] in "aoeyi" or is_soft_feminine(word))
    first, last = ([adjective(_singular(one), virile=virile) for one in ones] for ones in (before, after))
    yield from _agreeing(first, last, slots, rest[following:])


def _listed_in_plural(word: str, adjectives: list[str]) -> bool:
    many = bool(adjectives) and adjectives[0].endswith(_MANY) and not word.endswith(("o", "nie", "cie"))
    return is_plural(word) or many


def _agreeing(before: list[Slots], after: list[Slots], noun_slots: Slots, rest: list[str]) -> Iterator[str]:
    """Join a noun and its adjectives; the plural of men has adjectives of its own: rosyjscy agenci, rosyjskie ataki."""
    if not before and not after:
        yield from joined([noun_slots], rest)
        return
    many, genitives = noun_slots.get("pn", ()), noun_slots.get("pg", ())
    accusatives = tuple(form for form in noun_slots.get("pa", ()) if form not in genitives)  # men have the genitive
    others: Slots = {slot: forms for slot, forms in noun_slots.items() if slot != "pn"} | {"pa": accusatives}
    yield from joined([*before, others, *after], rest)
    for nominatives, of_kind in ((slice(0, 1), _NOT_THINGS), (slice(1, 2), _NOT_MEN)):
        nouns: Slots = {"pn": tuple(form for form in many if not of_kind.search(form))}
        first, last = ([{"pn": word["pn"][nominatives]} for word in words] for words in (before, after))
        yield from joined([*first, nouns, *last], rest)


def _singular(word: str) -> str:
    """Return the men's plural of an adjective in the singular: rosyjscy → rosyjski."""
    for many, one in (("scy", "ski"), ("ccy", "cki"), ("eni", "ony"), ("ani", "any")):
        if word.endswith(many):
            return word[: -len(many)] + one
    return word


def _agrees(word: str, other: str) -> bool:
    """Tell whether an adjective behind a noun has the gender of it."""
    if not is_adjective(other) or other.lower() in _FIXED or _is_genitive(word, other):
        return False
    if is_plural(word):
        return other.endswith(("e", "y", "i"))
    if word.endswith("a"):
        return other.endswith("a") or (other.endswith("e") and not word.endswith(("cja", "ia")))
    if word.endswith(("o", "e", "y", "i")):
        return other.endswith(("e", "y", "i"))
    return other.endswith(("y", "i", "a") if word[-1] in "ńśćźżlczjw" else ("y", "i"))


def _is_genitive(word: str, other: str) -> bool:
    """Tell a name in the genitive from an adjective: rząd Tuska, rząd Polski, but most Krymski."""
    named = word.islower() and other[0].isupper()
    return named and (other == "Polski" or (other[-1] == "a" and not other.endswith(("eńska", "owska", "yjska"))))


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
    if word[0].isupper():
        slots = singular(slots)
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
