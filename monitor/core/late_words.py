"""Words of boolean rules that are looked for only once an entry has woken a rule that asks for them.

The automaton holds the words that wake rules. The others, most of them far more frequent, are in it no use to the many
entries that wake nothing: each would be found there again and again. A few forms are found in a text by themselves in
a microsecond.
"""

from collections.abc import Iterator, Mapping, Sequence

from monitor.core.sightings import Reading, place_of_form
from monitor.core.spans import Span, outermost
from monitor.core.uses import Late


class Words:
    """The places of a query's words in an entry, by their number; those that wake no rule are looked for when asked.

    `language` is that of the text, where words of others do not count; empty where all do.
    """

    def __init__(
        self, found: Mapping[int, Sequence[Span]], late: Mapping[int, Late], reading: Reading, language: str
    ) -> None:
        self._found = found
        self._late = late
        self._reading = reading
        self._language = language
        self._asked: dict[int, Sequence[Span]] = {}

    def __iter__(self) -> Iterator[int]:
        """Yield the words that may wake a rule, of those that stand in the entry."""
        return iter(self._found)

    def get(self, word: int) -> Sequence[Span]:
        """Return the places of a word, in their order."""
        spans = self._found.get(word) or self._asked.get(word)
        if spans is None:
            spans = self._asked[word] = outermost(self._places(word)) if word in self._late else ()
        return spans

    def _places(self, word: int) -> Iterator[Span]:
        language, text = self._language, self._reading.text
        stem, sought = self._late[word]
        if stem not in text:
            return
        for use, forms in sought:
            if language and use.language and use.language != language:
                continue
            for form in forms:
                start = text.find(form)
                while start >= 0:
                    if span := place_of_form(self._reading, start, start + len(form), use):
                        yield span
                    start = text.find(form, start + 1)
