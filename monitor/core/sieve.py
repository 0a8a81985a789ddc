"""Which of many texts hold one of some forms: what passes is worth a whole look, the rest needs none.

Far quicker than a verdict: many texts are folded as one, and that one is searched for any form, inside words too.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from monitor.core.text import fold

_BETWEEN = "\x1e"
"""Parts texts that are read as one: no form has it, it folds to itself, and no letter changes beside it."""

_MARK = _BETWEEN.encode()
TOGETHER = 32
"""So many texts are read as one. What is longer than the processor's cache is no quicker."""

FEW = 2_000
"""Up to so many forms the quickest kind of automaton is small enough."""


class Sieve:
    """Forms, folded as `monitor.core.watchlist.fold_form` does, of which one is enough."""

    def __init__(self, forms: Collection[str]) -> None:
        kind = Implementation.DFA if len(forms) <= FEW else None
        patterns = sorted(form.encode() for form in forms)
        self._search = BytesAhoCorasick(patterns, MatchKind.LeftmostFirst, implementation=kind).find_matches_as_indexes

    def sift(self, texts: Sequence[Sequence[str]]) -> Iterator[int]:
        """Yield the places in the sequence of the texts that hold a form, in order; all have as many fields."""
        rest = iter(texts)
        begin = 0
        while some := list(islice(rest, TOGETHER)):
            yield from (begin + at for at in self._of(some))
            begin += len(some)

    def _of(self, texts: Sequence[Sequence[str]]) -> list[int]:
        fields = len(texts[0])
        data = fold(_BETWEEN.join(chain.from_iterable(texts))).text.encode()
        if data.count(_MARK) != fields * len(texts) - 1:  # one of them has the mark itself
            return [at for at, text in enumerate(texts) if self._search(fold(_BETWEEN.join(text)).text.encode())]
        found: list[int] = []
        done = marks = 0
        for _, start, _ in self._search(data):
            marks += data.count(_MARK, done, start)
            done = start
            if not found or found[-1] != marks // fields:
                found.append(marks // fields)
        return found
