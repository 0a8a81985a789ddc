"""Russian words and phrases in every case and number, by the dictionary of pymorphy3."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import pymorphy3

from monitor.core.forms.slots import Slots, joined, like, of_number

_CASES = {"nomn": "n", "gent": "g", "datv": "d", "accs": "a", "ablt": "i", "loct": "l", "gen2": "g", "loc2": "l"}
_NAMED = ("Surn", "Name", "Geox", "Patr", "Orgn", "Trad", "Abbr", "Init")
_VERBS = {"VERB", "INFN"}
_RARE_NOUNS = {"Infr", "V-be", "V-ej", "V-oy", "V-ey"}
_RARE_ADJECTIVES = {"Supr", "V-ej", "V-oy", "V-ey"}
_PAIR = re.compile(r"(\w+) (и) (\w+)")


@lru_cache(maxsize=1)
def _analyzer() -> Any:
    return pymorphy3.MorphAnalyzer()


@lru_cache(maxsize=8192)
def _parses(word: str) -> tuple[Any, ...]:
    return tuple(_analyzer().parse(word))


def expand(term: str, *, plural: bool = True) -> Iterator[str]:
    """Yield the forms of a listed word or phrase; a phrase without a noun in the nominative stays as it is.

    Without `plural` a noun listed in the singular has no other number.
    """
    yield term
    words = term.split()
    if pair := _PAIR.fullmatch(term):
        yield from _pair(*pair.groups())
        return
    leading: list[str] = []
    for place, word in enumerate(words):
        rest = words[place + 1 :]
        noun = _noun(word, leading)
        if noun is not None and not (rest and _is_adjective(word) and _noun(rest[0], ()) is not None):
            yield from _phrases(leading, word, noun, rest, plural)
            return
        if not _is_adjective(word):
            break
        leading.append(word)
    if leading and len(leading) == len(words):
        yield from _alone(leading)
    elif len(words) == 1:
        yield from _verb(words[0])


def _pair(first: str, link: str, second: str) -> Iterator[str]:
    nouns = [(word, _noun(word, ())) for word in (first, second)]
    if all(found is not None for _, found in nouns):
        one, other = (_noun_slots(word, found) for word, found in nouns)
        yield from joined([one, dict.fromkeys(one, (link,)), other])


def _phrases(leading: list[str], word: str, noun: Any, rest: list[str], plural: bool) -> Iterator[str]:
    if rest and (_parses(rest[0])[0].tag.POS in _VERBS or rest[0] == "и"):
        return
    slots = _noun_slots(word, noun)
    listed = _trait(str(noun.tag)).slot[:1]
    if not plural and listed == "s":
        slots = of_number(listed, slots)
    gender, living = noun.tag.gender, noun.tag.animacy == "anim"
    adjectives = [_adjective_slots(one, gender or "masc", living) for one in leading]
    yield from joined([*adjectives, slots], rest)


def _noun(word: str, leading: list[str] | tuple[str, ...]) -> Any:
    if not word[-1:].isalpha() or (word.isupper() and len(word) > 1):
        return None
    plural = bool(leading) and leading[-1].endswith(("ые", "ие"))
    found = [one for one in _parses(word) if one.tag.POS == "NOUN" and one.tag.case == "nomn"]
    found = [one for one in found if (one.tag.number == "plur") == plural] or found if leading else found
    first = _parses(word)[0]
    if found and not leading and first.tag.POS not in {"NOUN", "ADJF"} and found[0].score < 0.2:
        return None
    return found[0] if found else None


@lru_cache(maxsize=4096)
def _noun_slots(word: str, noun: Any) -> Slots:
    slots: dict[str, dict[str, None]] = {}
    numbers = {"s", "p"}
    if word[0].isupper():  # of a proper name no plural, which may be another word: Рада, рад
        numbers = {noun.tag.number[0]} if noun.tag.number else set()
    for form in noun.lexeme:
        trait = _trait(str(form.tag))
        if trait.slot and trait.slot[0] in numbers and trait.common_noun:
            slots.setdefault(trait.slot, {})[like(word, form.word)] = None
    return {slot: tuple(forms) for slot, forms in slots.items()}


def _is_adjective(word: str) -> bool:
    return _adjective(word) is not None


@lru_cache(maxsize=4096)
def _adjective(word: str) -> Any:
    if word.isupper():
        return None
    return next((one for one in _parses(word) if one.tag.POS in {"ADJF", "PRTF"} and one.tag.case == "nomn"), None)


class _Trait(NamedTuple):
    """What matters of a tag of pymorphy3: slow to ask of it again and again. `slot` is empty without a case."""

    slot: str
    gender: str
    animacy: str
    participle: tuple[str, ...]
    common_noun: bool
    common_adjective: bool


@lru_cache(maxsize=4096)
def _trait(tag: str) -> _Trait:
    marks = dict.fromkeys(tag.replace(",", " ").split())
    number = next((short for mark, short in (("sing", "s"), ("plur", "p")) if mark in marks), "")
    case = next((short for mark, short in _CASES.items() if mark in marks), "")
    return _Trait(
        slot=number + case if number and case else "",
        gender=next((mark for mark in ("masc", "femn", "neut") if mark in marks), ""),
        animacy=next((mark for mark in ("anim", "inan") if mark in marks), ""),
        participle=tuple(mark for mark in ("past", "pres", "futr", "actv", "pssv") if mark in marks),
        common_noun=_RARE_NOUNS.isdisjoint(marks),
        common_adjective=("ADJF" in marks or "PRTF" in marks) and _RARE_ADJECTIVES.isdisjoint(marks),
    )


_Cells: TypeAlias = Sequence[tuple[_Trait, str]]


@lru_cache(maxsize=4096)
def _adjective_cells(word: str) -> _Cells:
    listed = _adjective(word)
    kind = _trait(str(listed.tag)).participle
    cells = [(_trait(str(form.tag)), like(word, form.word)) for form in listed.lexeme]
    return [cell for cell in cells if cell[0].common_adjective and cell[0].slot and cell[0].participle == kind]


@lru_cache(maxsize=4096)
def _adjective_slots(word: str, gender: str, living: bool) -> Slots:
    slots: dict[str, dict[str, None]] = {}
    animacy = "anim" if living else "inan"
    for trait, form in _adjective_cells(word):
        if trait.gender in ("", gender) and trait.animacy in ("", animacy):
            slots.setdefault(trait.slot, {})[form] = None
    return {slot: tuple(forms) for slot, forms in slots.items()}


def _alone(words: list[str]) -> Iterator[str]:
    if words[0][0].isupper() and not words[-1].endswith(("ский", "цкий")):  # but Хмельницкая область
        yield from _named(words)
        return
    for gender in ("masc", "femn", "neut"):
        for living in (True, False):
            yield from joined([_adjective_slots(word, gender, living) for word in words])


def _named(words: list[str]) -> Iterator[str]:
    """Yield an adjective that is a name in its own gender and number: Верхнее."""
    listed = _trait(str(_adjective(words[-1]).tag))
    slots = [_adjective_slots(word, listed.gender or "masc", False) for word in words]
    yield from joined([*slots[:-1], of_number(listed.slot[:1], slots[-1])])


def _verb(word: str) -> Iterator[str]:
    best = _parses(word)[0]
    if best.tag.POS == "VERB" and not word.isupper():
        for form in best.lexeme:
            if form.tag.POS == "VERB" and form.tag.person in {None, "3per"} and form.tag.mood != "impr":
                yield like(word, form.word)


@lru_cache(maxsize=8192)
def ordinary(word: str, name: str) -> tuple[bool, bool]:
    """Tell whether a form of a name is an ordinary word too, and whether one of another base form is likelier."""
    if not _analyzer().word_is_known(word):
        return False, False
    parses = _parses(word)
    words = [one for one in parses if not any(mark in one.tag for mark in _NAMED)]
    common = [one.score for one in words if one.normal_form != name]
    named = [one.score for one in parses if any(mark in one.tag for mark in _NAMED)]
    return bool(words), bool(common) and word != name and sum(common) > sum(named)


def forget() -> None:
    """Free the dictionary and what was kept."""
    for kept in (_analyzer, _parses, _noun_slots, _adjective, _trait, _adjective_cells, _adjective_slots, ordinary):
        kept.cache_clear()
