"""What of an entry a rule may ask for: where its words stand, which rules it names, and where it comes from."""

import re
from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
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


def facts_of(entry: Entry, provenance: Provenance, language: str) -> "Facts":
    """Return what holds of an entry, of what the store keeps of it, so that a rule says the same of the past."""
    return Facts((entry.url, entry.canonical_url), provenance, language)


class Facts:
    """Where an entry with these addresses comes from; `language` is that of its text (empty: unknown).

    Each is told when it is asked for. Values are casefolded; a site is also that of every domain above its host.
    """

    def __init__(self, urls: Iterable[str | None], provenance: Provenance, language: str) -> None:
        self._urls = urls
        self._provenance = provenance
        self._language = language
        self._known: dict[Origin, Set[str]] = {}

    def of(self, origin: Origin) -> Set[str]:
        """Return what holds of the entry, casefolded."""
        if origin not in self._known:
            self._known[origin] = frozenset(value.casefold() for value in self._values(origin) if value)
        return self._known[origin]

    def __contains__(self, fact: Known) -> bool:
        """Tell whether it holds."""
        return fact[1] in self.of(fact[0])

    def _values(self, origin: Origin) -> Iterable[str | None]:
        who = self._provenance.publisher
        match origin:
            case Origin.LANGUAGE:
                return (self._language,)
            case Origin.SOURCE:
                return (self._provenance.feed, who.name if who else None, *self._sites())
            case Origin.COUNTRY:
                return (who.country if who else None,)
            case Origin.PRESS:
                return (who.press if who else None,)

    def _sites(self) -> Iterator[str]:
        for url in dict.fromkeys(self._urls):
            labels = ((url and host_of(url)) or "").split(".")
            yield from (".".join(labels[at:]) for at in range(len(labels)))


class Scene:
    """An entry as rules see it: `atoms` and `named` hold places in their order, by the number of a word or a rule."""

    def __init__(
        self,
        folded: Folded,
        *,
        atoms: Atoms,
        named: Mapping[int, Sequence[Span]],
        facts: Facts,
    ) -> None:
        self._folded = folded
        self.facts = facts
        self.atoms = atoms
        self.named = named
        self.title_end = folded.bounds[1]
        self.whole = Whole(self, titled=False)

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


class Frame(ABC):
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

    @abstractmethod
    def of(self, spans: Sequence[Span]) -> Set[int]:
        """Return the numbers under which visible places stand."""

    @abstractmethod
    def within(self, spans: Sequence[Span], numbers: Set[int]) -> Iterable[Span]:
        """Return the places that stand under the numbers."""

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
