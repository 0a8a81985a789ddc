"""Many sequences of few things, each made once."""

from collections.abc import Hashable
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT", bound=Hashable)


class Chains(Generic[ItemT]):
    """Every sequence that was made, by its number; 0 is the empty one. Equal sequences are one object.

    To hash a hundred thousand sequences, and what is in them, would take a second.
    """

    def __init__(self) -> None:
        self.known: list[tuple[ItemT, ...]] = [()]
        self._numbers: dict[ItemT, int] = {}
        self._listed: list[ItemT] = []
        self._longer: dict[tuple[int, int], int] = {}

    def number(self, item: ItemT) -> int:
        """Return the number of a thing."""
        number = self._numbers.setdefault(item, len(self._listed))
        if number == len(self._listed):
            self._listed.append(item)
        return number

    def longer(self, chain: int, number: int) -> int:
        """Return the sequence with this thing at its end, or the same where it holds it."""
        found = self._longer.get((chain, number))
        if found is None:
            before, item = self.known[chain], self._listed[number]
            found = chain if item in before else len(self.known)
            self._longer[chain, number] = found
            if found != chain:
                self.known.append((*before, item))
        return found
