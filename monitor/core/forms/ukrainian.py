"""Ukrainian words and phrases in every case."""

import re
from collections.abc import Iterator

from monitor.core.forms.nouns_uk import adjective, all_genders, is_adjective, noun
from monitor.core.forms.slots import Slots, joined, singular
from monitor.core.forms.tables import base_of

_FIXED = frozenset(
    [
        "на",
        "у",
        "в",
        "до",
        "з",
        "із",
        "зі",
        "від",
        "проти",
        "між",
        "під",
        "над",
        "за",
        "без",
        "для",
        "про",
        "через",
        "біля",
        "щодо",
        "та",
        "і",
        "й",
        "або",
        "не",
        "по",
        "при",
        "поза",
        "після",
        "перед",
    ]
)
_PAST = ("в", "ла", "ло", "ли")


def expand(term: str, *, plural: bool = True) -> Iterator[str]:
    """Yield the forms of a listed word or phrase: adjectives agree with their noun, what follows it stays.

    Without `plural` a noun listed in the singular has no other number.
    """
    for form in dict.fromkeys((term, *_expanded(term, plural))):
        if form == term or " " in form or not _other_word(form, term):
            yield form


def _other_word(form: str, term: str) -> bool:
    """Tell whether a rare form of a word is another one's: «газові» (of gas), «енергетик» (a man)."""
    if not (form.endswith("ові") or len(form) < len(term)):
        return False
    base = base_of(form.lower(), "uk")
    return base is not None and base not in {term.lower(), base_of(term.lower(), "uk")}


def _expanded(term: str, plural: bool) -> Iterator[str]:
    words = term.split()
    if words[0].lower() in _FIXED:
        return
    leading = 0
    while leading < len(words) and is_adjective(words[leading]):
        leading += 1
    if len(words) == 2 and re.fullmatch(r"[А-ЯІЇЄҐ]\w+ів [А-ЯІЇЄҐ]\w+", term):  # Часів Яр
        yield from _phrase([words[0][:-2] + "овий"], words[1], [], plural)
        return
    if leading == 1 < len(words) and words[1] in _FIXED:  # підозрюваний у теракті
        yield from joined([all_genders(words[0])], words[1:])
    elif leading == len(words):
        yield from _alone(words)
    elif not (len(words) > leading + 1 and _is_verb(words[leading + 1])):
        yield from _phrase(words[:leading], words[leading], words[leading + 1 :], plural)


def _alone(words: list[str]) -> Iterator[str]:
    if words[0][0].isupper() and not words[-1].endswith(("ський", "цький")):  # Рівне, but Хмельницька область
        yield from joined([*map(adjective, words[:-1]), singular(adjective(words[-1]))])
    else:
        yield from joined([(all_genders if len(words) == 1 else adjective)(word) for word in words])


def _phrase(adjectives: list[str], word: str, rest: list[str], plural: bool) -> Iterator[str]:
    if rest[:1] in (["та"], ["і"], ["й"]) and len(rest) == 2:
        one, other = _noun(word, False), _noun(rest[1], False)
        if one and other:
            yield from joined([one, dict.fromkeys(one, (rest[0],)), other])
        return
    if not adjectives and _is_verb(word):
        yield from _past(word, rest)
        return
    slots = _noun(word, _plural(adjectives))
    if not plural:
        slots = singular(slots)
    yield from joined([*map(adjective, adjectives), slots], rest)


def _plural(adjectives: list[str]) -> bool:
    return bool(adjectives) and adjectives[-1].endswith("і")


def _noun(word: str, plural: bool) -> Slots:
    head, hyphen, tail = word.rpartition("-")
    if tail[-1:].isascii():  # a Latin name
        return {"sn": (word,)}
    if len(tail) < 2 or (not tail.isalpha() and "'" not in tail) or tail.isupper():
        return {"sn": (word,)} if word else {}
    if not word.islower() and any(letter.isupper() for letter in tail[1:]):
        return {"sn": (word,)}
    slots = noun(tail, plural=plural)
    if word[0].isupper():  # of a proper name no plural, which may be another word: Рада, рад
        slots = singular(slots)
    if not hyphen:
        return slots
    return _compound(head, slots)


def _compound(head: str, slots: Slots) -> Slots:
    first = (
        noun(head)
        if head.islower() and head not in {"віце", "екс", "прес", "онлайн", "прем'єр"} and len(head) > 4
        else {}
    )
    return {
        slot: tuple(dict.fromkeys(f"{a}-{b}" for b in forms for a in first.get(slot, (head,))))
        for slot, forms in slots.items()
    }


def _is_verb(word: str) -> bool:
    base = base_of(word, "uk") if word.islower() else None
    return base is not None and base.endswith(("ти", "тися", "тись")) and base != word


def _past(word: str, rest: list[str]) -> Iterator[str]:
    for ending in _PAST:
        if word.endswith(ending) and (len(ending) > 1 or word[-2] in "аияіув"):
            for other in _PAST:
                yield " ".join((word[: -len(ending)] + other, *rest))
            return
