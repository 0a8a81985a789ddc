"""Ukrainian words and phrases in every case."""

import re
from collections.abc import Iterator

from monitor.core.forms.nouns_uk import adjective, all_genders, is_adjective, noun
from monitor.core.forms.slots import Slots, joined
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


def expand(term: str) -> Iterator[str]:
    """Yield the forms of a listed word or phrase: adjectives agree with their noun, what follows it stays."""
    for form in dict.fromkeys((term, *_expanded(term))):
        if form == term or " " in form or not _other_word(form, term):
            yield form


def _other_word(form: str, term: str) -> bool:
    """Tell whether a rare form of a word is another one's: «газові» (of gas), «енергетик» (a man)."""
    if not (form.endswith("ові") or len(form) < len(term)):
        return False
    base = base_of(form.lower(), "uk")
    return base is not None and base not in {term.lower(), base_of(term.lower(), "uk")}


def _expanded(term: str) -> Iterator[str]:
    words = term.split()
    if words[0].lower() in _FIXED:
        return
    leading = 0
    while leading < len(words) and is_adjective(words[leading]):
        leading += 1
    if len(words) == 2 and re.fullmatch(r"[А-ЯІЇЄҐ]\w+ів [А-ЯІЇЄҐ]\w+", term):  # Часів Яр
        yield from _phrase([words[0][:-2] + "овий"], words[1], [])
        return
    if leading == 1 < len(words) and words[1] in _FIXED:  # підозрюваний у теракті
        yield from joined([all_genders(words[0])], words[1:])
    elif leading == len(words):
        yield from joined([(all_genders if leading == 1 else adjective)(word) for word in words])
    elif not (len(words) > leading + 1 and _is_verb(words[leading + 1])):
        yield from _phrase(words[:leading], words[leading], words[leading + 1 :])


def _phrase(adjectives: list[str], word: str, rest: list[str]) -> Iterator[str]:
    if rest[:1] in (["та"], ["і"], ["й"]) and len(rest) == 2:
        slots = [_noun(one, False) for one in (word, rest[1])]
        if all(slots):
            yield from joined([slots[0], dict.fromkeys(slots[0], (rest[0],)), slots[1]])
        return
    if not adjectives and _is_verb(word):
        yield from _past(word, rest)
        return
    yield from joined([*map(adjective, adjectives), _noun(word, _plural(adjectives))], rest)


def _plural(adjectives: list[str]) -> bool:
    return bool(adjectives) and adjectives[-1].endswith("і")


def _noun(word: str, plural: bool) -> Slots:
    head, hyphen, tail = word.rpartition("-")
    if len(tail) < 2 or (not tail.isalpha() and "'" not in tail) or tail.isupper():
        return {"sn": (word,)} if word else {}
    if not word.islower() and any(letter.isupper() for letter in tail[1:]):
        return {"sn": (word,)}
    slots = noun(tail, plural=plural)
    if word[0].isupper():  # of a proper name no plural, which may be another word: Рада, рад
        slots = {slot: forms for slot, forms in slots.items() if slot[0] == "s" or not _has_singular(slots)}
    if not hyphen:
        return slots
    return _compound(head, slots)


def _has_singular(slots: Slots) -> bool:
    return any(slot[0] == "s" for slot in slots)


def _compound(head: str, slots: Slots) -> Slots:
    first = (
        noun(head)
        if head.islower() and head not in {"віце", "екс", "прес", "онлайн", "прем'єр"} and len(head) > 4
        else {}
    )
    return {
        slot: tuple(dict.fromkeys(f"{a}-{b}" for b in forms for a in (head, *first.get(slot, ()))))
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
