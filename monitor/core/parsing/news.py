"""Reading a document in proportion to its news: only items that are new, changed, or bound up with others."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Self

from monitor.core.model import Entry
from monitor.core.parsing.entries import Spoken, clean_entry, cut_warnings, is_stamp, shared_moments, stamped
from monitor.core.parsing.identity import Marks, identify, mark, unite
from monitor.core.parsing.outline import Item, item_of
from monitor.core.parsing.raw import RawFeed
from monitor.core.parsing.split import Pieces


class Entangled(Exception):
    """The items do not stand for themselves: only the whole document tells what they say."""


class Reading:
    """A document of which the items were read, or are `left` because the last outline tells enough of them.

    `items` has all, in order; `raw` is what was read around them, if anything. Where the items do not come out one by
    one they do not `split`, and the next document cannot be read in part.
    """

    def __init__(self, pieces: Pieces, now: datetime, limit: int, spoken: Spoken) -> None:
        self.raw: RawFeed | None = None
        self.items: list[Item | None] = []
        self.splits = True
        self.left_out = 0
        self._marks: dict[int, Marks] = {}
        self._stamps: set[datetime] = set()
        self._pieces = pieces
        self._now = now
        self._limit = limit
        self._spoken = spoken

    @classmethod
    def whole(cls, pieces: Pieces, *, now: datetime, limit: int, spoken: Spoken) -> Self:
        """Read all items up to the limit."""
        reading = cls(pieces, now, limit, spoken)
        raw = pieces.whole()
        reading.splits = raw.sound and len(raw.entries) == len(pieces.digests)
        reading._begin(len(raw.entries))
        reading._take(raw, range(len(reading.items)))
        reading._stamps = reading._find_stamps()
        return reading

    @classmethod
    def news(cls, pieces: Pieces, known: Mapping[bytes, Item], *, now: datetime, limit: int, spoken: Spoken) -> Self:
        """Read what is not known, and what is bound up with others. Raises Entangled."""
        reading = cls(pieces, now, limit, spoken)
        reading._begin(len(pieces.digests))
        reading.items = [known.get(digest) for digest in pieces.digests[:limit]]
        wanted = [number for number, item in enumerate(reading.items) if item is None or not item.alone]
        while True:
            if wanted:
                reading._read(wanted)
            reading._stamps = reading._find_stamps()
            wanted = reading._bound()
            if not wanted:
                return reading

    @property
    def left(self) -> list[Item]:
        """The items that were not read."""
        return [item for number, item in enumerate(self.items) if item and number not in self._marks]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was odd about the document, one line each."""
        told = self.raw.warnings if self.raw else self._pieces.warnings
        more = [f"{self.left_out} entries above the limit of {self._limit} left out"] if self.left_out else []
        return (*told, *more, *cut_warnings(item.cuts for item in self.items if item))

    def entries(self) -> list[Entry]:
        """Return the entries that were read, with their identities; settles what is kept of all items."""
        numbers = sorted(self._marks)
        keyed = identify([self._dated(number) for number in numbers], self.raw.url if self.raw else None)
        for number, marks in zip(numbers, keyed, strict=True):
            stamp = marks.entry.published in self._stamps
            self.items[number] = self._item(number)._replace(key=marks.keys[0], stamped=stamp)
        if numbers:
            shared = _shared(self.items)
            self.items = [item and item._replace(alone=shared.isdisjoint(item.own_tokens)) for item in self.items]
        return unite(keyed)

    def _begin(self, number: int) -> None:
        self.left_out = max(number - self._limit, 0)
        self.items = [None] * (number - self.left_out)

    def _read(self, numbers: Sequence[int]) -> None:
        raw = self._pieces.read(numbers)
        if not raw.sound or len(raw.entries) != len(numbers):
            raise Entangled
        self._take(raw, numbers)

    def _take(self, raw: RawFeed, numbers: Iterable[int]) -> None:
        self.raw = raw
        for number, entry in zip(numbers, raw.entries, strict=False):
            cleaned, cuts = clean_entry(entry, raw, now=self._now, spoken=self._spoken)
            marks = self._marks[number] = mark(cleaned)
            digest = self._pieces.digests[number] if self.splits else b""
            self.items[number] = item_of(digest, marks, cuts)

    def _item(self, number: int) -> Item:
        item = self.items[number]
        assert item is not None
        return item

    def _dated(self, number: int) -> Marks:
        marks = self._marks[number]
        return marks._replace(entry=stamped(marks.entry)) if marks.entry.published in self._stamps else marks

    def _find_stamps(self) -> set[datetime]:
        """Find the publication dates that are the document's; who it is that says when it was built must be read."""
        shared = shared_moments([item.published for item in self.items if item])
        if shared and self.raw is None:
            self._read(())
        built = self.raw.built if self.raw else None
        return {moment for moment in shared if is_stamp(moment, built, self._now)}

    def _bound(self) -> list[int]:
        """Find the items not read that share what identifies them, or whose date is judged otherwise than before."""
        shared, stamps = _shared(self.items), self._stamps
        return [
            number
            for number, item in enumerate(self.items)
            if item
            and number not in self._marks
            and (item.stamped != (item.published in stamps) or not shared.isdisjoint(item.own_tokens))
        ]


def _shared(items: Iterable[Item | None]) -> set[bytes]:
    """Return the tokens that several items have."""
    tokens = [token for item in items if item for token in item.tokens if token]
    return (
        {token for token, number in Counter(tokens).items() if number > 1} if len(set(tokens)) < len(tokens) else set()
    )
