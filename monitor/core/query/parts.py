"""The parts of a compiled rule: each tells where it holds in an entry, and which places make it hold.

A part answers in numbers of its frame (`scene.Frame`), so that a rule is read once for all sentences, and not once for
each: the work is in proportion to the places of its words, whatever the text.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence, Set
from heapq import merge
from typing import NamedTuple, Protocol, TypeAlias

from monitor.core.query.scene import NOWHERE, Frame, Known
from monitor.core.spans import Span


class Part(Protocol):
    """A piece of a rule."""

    def holds(self, frame: Frame) -> Set[int]:
        """Return the numbers under which it holds."""

    def shown(self, frame: Frame, numbers: Set[int]) -> Iterator[Span]:
        """Yield the places that make it hold under these numbers, of those under which it does."""


class Word(NamedTuple):
    """A word or phrase, by its number."""

    atom: int

    def spans(self, frame: Frame) -> Sequence[Span]:
        """Return its places in the frame, in their order."""
        return frame.visible(frame.scene.atoms.get(self.atom))

    def holds(self, frame: Frame) -> Set[int]:
        """See `Part`."""
        return frame.of(self.spans(frame))

    def shown(self, frame: Frame, numbers: Set[int]) -> Iterator[Span]:
        """See `Part`."""
        yield from frame.within(self.spans(frame), numbers)


class Named(NamedTuple):
    """An actor or topic, by the number of its rule. One that shows no place is nowhere in particular."""

    rule: int

    def spans(self, frame: Frame) -> Sequence[Span]:
        """Return its places in the frame, in their order."""
        return frame.visible(frame.scene.named.get(self.rule, ()))

    def holds(self, frame: Frame) -> Set[int]:
        """See `Part`."""
        return frame.named(frame.scene.named.get(self.rule))

    def shown(self, frame: Frame, numbers: Set[int]) -> Iterator[Span]:
        """See `Part`."""
        yield from frame.within(self.spans(frame), numbers)


class From(NamedTuple):
    """Where the entry comes from; that is no place in it."""

    fact: Known

    def holds(self, frame: Frame) -> Set[int]:
        """See `Part`."""
        return frame.everywhere if self.fact in frame.scene.facts else NOWHERE

    def shown(self, frame: Frame, numbers: Set[int]) -> Iterator[Span]:
        """See `Part`."""
        return iter(())


class All(NamedTuple):
    """All of several."""

    parts: tuple[Part, ...]

    def holds(self, frame: Frame) -> Set[int]:
        """See `Part`."""
        found = frame.everywhere
        for part in self.parts:
            found = found & part.holds(frame)
            if not found:
                break
        return found

    def shown(self, frame: Frame, numbers: Set[int]) -> Iterator[Span]:
        """See `Part`."""
        for part in self.parts:
            yield from part.shown(frame, numbers)


class Any(NamedTuple):
    """One of several."""

    parts: tuple[Part, ...]

    def holds(self, frame: Frame) -> Set[int]:
        """See `Part`."""
        found: Set[int] = NOWHERE
        for part in self.parts:
            found = found | part.holds(frame)
        return found

    def shown(self, frame: Frame, numbers: Set[int]) -> Iterator[Span]:
        """See `Part`."""
        for part in self.parts:
            if own := numbers & part.holds(frame):
                yield from part.shown(frame, own)


class Lacking(NamedTuple):
    """The contrary of a part, which no place shows."""

    part: Part

    def holds(self, frame: Frame) -> Set[int]:
        """See `Part`."""
        return frame.everywhere - self.part.holds(frame)

    def shown(self, frame: Frame, numbers: Set[int]) -> Iterator[Span]:
        """See `Part`."""
        return iter(())


class InTitle(NamedTuple):
    """A part within the title."""

    part: Part

    def holds(self, frame: Frame) -> Set[int]:
        """See `Part`."""
        return self.part.holds(frame.title)

    def shown(self, frame: Frame, numbers: Set[int]) -> Iterator[Span]:
        """See `Part`."""
        return self.part.shown(frame.title, numbers)


class InSentence(NamedTuple):
    """A part within one sentence. A `plain` one asks for no absence: what does not hold at large, holds in none."""

    part: Part
    plain: bool = False

    def holds(self, frame: Frame) -> Set[int]:
        """See `Part`."""
        if self.plain and not self.part.holds(frame):
            return NOWHERE
        found = self.part.holds(frame.sentences)
        return found if frame.parted else frame.everywhere if found else NOWHERE

    def shown(self, frame: Frame, numbers: Set[int]) -> Iterator[Span]:
        """See `Part`."""
        inner = frame.sentences
        return self.part.shown(inner, numbers if frame.parted else self.part.holds(inner))


Placed: TypeAlias = Word | Named


class Close(NamedTuple):
    """Places of two sides that stand near each other: both in the frame, at most `distance` words between them.

    They do not overlap, and where sentences are looked at, both are in the same one.
    """

    distance: int
    left: tuple[Placed, ...]
    right: tuple[Placed, ...]

    def holds(self, frame: Frame) -> Set[int]:
        """See `Part`."""
        return frame.of(self._near(frame))

    def shown(self, frame: Frame, numbers: Set[int]) -> Iterator[Span]:
        """See `Part`."""
        yield from frame.within(self._near(frame), numbers)

    def _near(self, frame: Frame) -> Sequence[Span]:
        left, right = (_spans(side, frame) for side in (self.left, self.right))
        if not left or not right:
            return ()
        return [*self._beside(left, right, frame), *self._beside(right, left, frame)]

    def _beside(self, these: Sequence[Span], those: Sequence[Span], frame: Frame) -> Iterator[Span]:
        """Yield the first that have one of the others near them: the next one behind, or the last one before."""
        starts = [start for start, _ in those]
        ends = sorted((end, start) for start, end in those)
        for one in these:
            behind = bisect_left(starts, one[1])
            before = bisect_right(ends, (one[0], one[0]))
            if (behind < len(those) and self._is_near(one, those[behind], frame)) or (
                before and self._is_near(ends[before - 1][::-1], one, frame)
            ):
                yield one

    def _is_near(self, first: Span, second: Span, frame: Frame) -> bool:
        if frame.scene.between(first, second) > self.distance:
            return False
        return not frame.parted or frame.of([first]) == frame.of([second])


def _spans(side: tuple[Placed, ...], frame: Frame) -> Sequence[Span]:
    if len(side) == 1:
        return side[0].spans(frame)
    return [*dict.fromkeys(merge(*(one.spans(frame) for one in side)))]
