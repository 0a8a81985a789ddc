"""How inflected words are put together: a word has variants in each case and number, the words of a phrase agree."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import TypeAlias

CASES = "ngdail"
"""Nominative, genitive, dative, accusative, instrumental, locative."""

Slot: TypeAlias = str
"""A number (`s` or `p`) and a case: `sg` is the genitive singular."""

Slots: TypeAlias = Mapping[Slot, tuple[str, ...]]
"""What a word becomes in each slot that it has."""

Name: TypeAlias = tuple[tuple[str, ...], ...]
"""The variants of a name in each of the six cases."""


def spread(stem: str, singular: str = "", plural: str = "") -> dict[Slot, tuple[str, ...]]:
    """Put endings, one word a case and `/` between variants, on a stem; `-` is an empty ending."""
    return {slot: tuple([stem + ending for ending in endings]) for slot, endings in _endings(singular, plural)}


@lru_cache(maxsize=512)
def _endings(singular: str, plural: str) -> tuple[tuple[Slot, tuple[str, ...]], ...]:
    """Return the endings by slot: they are written in a few ways only."""
    return tuple(
        (number + case, tuple(ending.replace("-", "") for ending in variants.split("/")))
        for number, endings in (("s", singular), ("p", plural))
        for case, variants in zip(CASES, endings.split(), strict=False)
    )


def name(stem: str, endings: str) -> Name:
    """Put the endings of six cases on the stem of a name, written as in `spread`."""
    return tuple(spread(stem, endings).values())


def fixed(word: str) -> Name:
    """Return a name that never changes."""
    return ((word,),) * len(CASES)


def merged(*words: Slots) -> dict[Slot, tuple[str, ...]]:
    """Join the variants of several paradigms of one word."""
    found: dict[Slot, dict[str, None]] = {}
    for slots in words:
        for slot, variants in slots.items():
            found.setdefault(slot, {}).update(dict.fromkeys(variants))
    return {slot: tuple(variants) for slot, variants in found.items()}


def singular(slots: Slots) -> Slots:
    """Leave out the plural of a word that has a singular too."""
    return of_number("s", slots) or slots


def of_number(number: str, slots: Slots) -> Slots:
    """Leave out the other number than `s` or `p`."""
    return {slot: forms for slot, forms in slots.items() if slot[0] == number}


def joined(words: Sequence[Slots], rest: Sequence[str] = ()) -> Iterator[str]:
    """Yield the phrase in every slot of its last inflected word; `rest` follows unchanged."""
    for slot in words[-1]:
        for chosen in product(*(word.get(slot, ()) for word in words)):
            yield " ".join((*chosen, *rest))


def agreed(parts: Iterable[Name]) -> Iterator[str]:
    """Yield a name of several words, each case of one with the same case of the others."""
    for variants in zip(*parts, strict=True):
        for chosen in product(*variants):
            yield " ".join(chosen)


def like(model: str, word: str) -> str:
    """Write a word in capitals as its model begins."""
    return word[:1].upper() + word[1:] if model[:1].isupper() else word
