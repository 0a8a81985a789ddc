"""What of an entry a rule may ask for: where its words stand, which rules it names, and where it comes from."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from typing import Protocol, TypeAlias

from monitor.core.model import Entry, Provenance
from monitor.core.query.tree import Origin
from monitor.core.spans import Span
from monitor.core.urls import host_of

Known: TypeAlias = tuple[Origin, str]
"""A fact, its value casefolded."""

NEAREST_MOST = 50
"""The most words that may be asked for between two that are near."""

HERE: Set[int] = frozenset({0})
NOWHERE: Set[int] = frozenset()

_WORD = re.compile(r"\w[\w'-]*")


class Folded(Protocol):
    """The fields of an entry as one folded text."""

    @property
    def text(self) -> str:
        """The whole."""

    @property
    def bounds(self) -> Sequence[int]:
        """Where each field begins."""

    def sentences(self) -> Iterable[int]:
        """Return where sentences begin."""


class Atoms(Protocol):
    """The places of words, by their numbers."""

    def __iter__(self) -> Iterator[int]:
        """Yield the words that wake rules, of those that stand there."""

    def get(self, word: int, /) -> Sequence[Span]:
        """Return the places of a word, in their order."""


class Scene:
    """An entry as rules see it: `atoms` and `named` hold places in their order, by the number of a word or a rule."""

    def __init__(
        self,
        folded: Folded,
        *,
        atoms: Atoms,
        named: Mapping[int, Sequence[Span]],
        facts: Callable[[], Set[Known]],
    ) -> None:
        self._folded = folded
        self._facts = facts
        self.atoms = atoms
        self.named = named
        self.title_end = folded.bounds[1]
        self.whole = Whole(self, titled=False)

    @cached_property
    def facts(self) -> Set[Known]:
        """What is known of where the entry comes from."""
        return self._facts()

    @cached_property
    def sentences(self) -> Sequence[int]:
        """Where each sentence begins; a field is the end of one."""
        return sorted({*self._folded.sentences(), *self._folded.bounds})

    @cached_property
    def words(self) -> Sequence[int]:
        """Where each word begins; fields are further apart than any two words that are near."""
        apart = [bound for bound in self._folded.bounds[1:] for _ in range(NEAREST_MOST + 1)]
        return sorted([*(word.start() for word in _WORD.finditer(self._folded.text)), *(bound - 1 for bound in apart)])

    def between(self, left: Span, right: Span) -> int:
        """Return how many words begin between two places of which the left one ends before the right one."""
        return bisect_left(self.words, right[0]) - bisect_left(self.words, left[1])

    @cached_property
    def titled(self) -> "Frame":
        """The title alone."""
        return Whole(self, titled=True)

    def by_sentence(self, *, titled: bool) -> "Frame":
        """Return the sentences of the entry, or of its title."""
        return self._titled_sentences if titled else self._sentences

    @cached_property
    def _sentences(self) -> "Frame":
        return Sentences(self, titled=False)

    @cached_property
    def _titled_sentences(self) -> "Frame":
        return Sentences(self, titled=True)


class Frame:
    """Where a rule is asked: of the whole entry or its title, and at once or sentence by sentence.

    What holds is told by numbers: those of the sentences in which it does, or `HERE` and `NOWHERE`.
    """

    everywhere: Set[int]
    parted = False
    """Whether it is asked sentence by sentence."""

    def __init__(self, scene: Scene, *, titled: bool) -> None:
        self.scene = scene
        self.titled = titled

    def visible(self, spans: Sequence[Span]) -> Sequence[Span]:
        """Return the places that are in the frame, of places in their order."""
        if not self.titled or not spans:
            return spans
        return spans[: bisect_left(spans, (self.scene.title_end,))]

    def of(self, spans: Sequence[Span]) -> Set[int]:
        """Return the numbers under which visible places stand."""
        raise NotImplementedError

    def within(self, spans: Sequence[Span], numbers: Set[int]) -> Iterable[Span]:
        """Return the places that stand under the numbers."""
        raise NotImplementedError

    def named(self, spans: Sequence[Span] | None) -> Set[int]:
        """Return where a rule with these places is named; None is one that is not."""
        return NOWHERE if spans is None else self.of(self.visible(spans))

    @property
    def sentences(self) -> "Frame":
        """The same, sentence by sentence."""
        return self

    @property
    def title(self) -> "Frame":
        """The title of the same."""
        return self


class Whole(Frame):
    """The entry, or its title, at once."""

    everywhere = HERE

    def of(self, spans: Sequence[Span]) -> Set[int]:
        """See `Frame`."""
        return HERE if spans else NOWHERE

    def within(self, spans: Sequence[Span], numbers: Set[int]) -> Iterable[Span]:
        """See `Frame`."""
        return spans if numbers else ()

    def named(self, spans: Sequence[Span] | None) -> Set[int]:
        """See `Frame`."""
        if spans is None or (self.titled and not self.visible(spans)):
            return NOWHERE
        return HERE

    @property
    def sentences(self) -> Frame:
        """See `Frame`."""
        return self.scene.by_sentence(titled=self.titled)

    @property
    def title(self) -> Frame:
        """See `Frame`."""
        return self.scene.titled


class Sentences(Frame):
    """The entry, or its title, sentence by sentence. A place that reaches into the next sentence is in none."""

    parted = True

    def __init__(self, scene: Scene, *, titled: bool) -> None:
        super().__init__(scene, titled=titled)
        starts = scene.sentences
        count = bisect_left(starts, scene.title_end) if titled else len(starts)
        self.everywhere = frozenset(range(count))

    def of(self, spans: Sequence[Span]) -> Set[int]:
        """See `Frame`."""
        return {number for number in map(self._number, spans) if number is not None}

    def within(self, spans: Sequence[Span], numbers: Set[int]) -> Iterable[Span]:
        """See `Frame`."""
        return [span for span in spans if self._number(span) in numbers]

    def visible(self, spans: Sequence[Span]) -> Sequence[Span]:
        """See `Frame`."""
        return [span for span in super().visible(spans) if self._number(span) is not None]

    def _number(self, span: Span) -> int | None:
        starts = self.scene.sentences
        number = bisect_right(starts, span[0]) - 1
        return number if number + 1 == len(starts) or span[1] <= starts[number + 1] else None

    @property
    def title(self) -> Frame:
        """See `Frame`."""
        return self.scene.by_sentence(titled=True)


def facts_of(entry: Entry, origin: Provenance, language: str) -> Set[Known]:
    """Return every fact that holds of an entry: its `language` (empty: unknown), its feed, site and publisher.

    Only what the store keeps of an entry is asked, so that a rule says the same of the past.
    """
    return facts_at((entry.url, entry.canonical_url), origin, language)


def facts_at(urls: Iterable[str | None], origin: Provenance, language: str) -> Set[Known]:
    """Return every fact that holds of what has these addresses. A site is also that of every domain above its host."""
    known = {(Origin.LANGUAGE, language), (Origin.SOURCE, origin.feed.casefold())}
    if who := origin.publisher:
        known |= {(Origin.SOURCE, who.name.casefold()), (Origin.COUNTRY, (who.country or "").casefold())}
        known.add((Origin.PRESS, (who.press or "").casefold()))
    for url in urls:
        labels = ((url and host_of(url)) or "").split(".")
        known |= {(Origin.SOURCE, ".".join(labels[at:])) for at in range(len(labels))}
    return {fact for fact in known if fact[1]}
