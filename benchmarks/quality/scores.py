"""Precision, recall and F1 with bootstrap intervals.

Resampling draws entries with replacement, the same draws for every way. So that a thousand rounds take a second, all
counts of an entry stand side by side in one big integer: a round is one sum.
"""

import random
import struct
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.quality.sets import Labelled, Labels

ROUNDS = 1_000
SEED = 1
SPREAD = 0.025
"""An interval leaves out so large a share of the rounds at either end."""

MACRO_LABELS = 10
"""A topic counts in the macro average when the set has so many labels of it."""

KINDS = ("relevance", "actors", "topics")
MACRO = "topics, macro"

Counts: TypeAlias = tuple[int, int, int]
"""True positives, false positives, false negatives."""

Triple: TypeAlias = tuple[float, float, float]
"""Precision, recall, F1."""

Found: TypeAlias = Mapping[str, Labels]
"""Entry id → what one way says of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One figure with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How well one way does one thing. `labels` is how many the readers gave."""

    figure: str
    labels: int
    precision: Score
    recall: Score
    f1: Score


def count(truth: frozenset[str], found: frozenset[str]) -> Counts:
    """Compare two sets of labels."""
    return len(truth & found), len(found - truth), len(truth - found)


def rates(counts: Counts) -> Triple:
    """Return precision, recall and F1; each is 0 where nothing speaks for it."""
    hit, extra, missing = counts
    return _share(hit, hit + extra), _share(hit, hit + missing), _share(2 * hit, 2 * hit + extra + missing)


def by_id(kind: str, labelled: Sequence[Labelled], found: Found) -> dict[str, Counts]:
    """Count for each label of a kind by itself, whoever gave it."""
    sums: dict[str, list[int]] = {}
    for one in labelled:
        truth, told = one.truth.of(kind), found[one.id].of(kind)
        for label in truth | told:
            tally = sums.setdefault(label, [0, 0, 0])
            tally[0 if label in truth & told else 1 if label in told else 2] += 1
    return {label: (hit, extra, missing) for label, (hit, extra, missing) in sums.items()}


def score(labelled: Sequence[Labelled], ways: Mapping[str, Found]) -> dict[str, list[Line]]:
    """Score every way on one set; way → its figures."""
    figures = _Figures(labelled)
    packed = [
        _pack([n for found in ways.values() for cell in figures.cells(one, found[one.id]) for n in cell])
        for one in labelled
    ]
    rng = random.Random(SEED)
    width = len(ways) * figures.width * 3
    whole = figures.triples(_unpack(sum(packed), width), len(ways))
    rounds = [
        figures.triples(_unpack(sum(rng.choices(packed, k=len(packed))), width), len(ways)) for _ in range(ROUNDS)
    ]
    return {
        way: [_line(figures, row, value, [r[at][row] for r in rounds]) for row, value in enumerate(whole[at])]
        for at, way in enumerate(ways)
    }


class _Figures:
    """What is counted for one set: three kinds, actors by language, and each topic that has labels enough."""

    def __init__(self, labelled: Sequence[Labelled]) -> None:
        tally = Counter(topic for one in labelled for topic in one.truth.topics)
        self._topics = sorted(topic for topic, labels in tally.items() if labels >= MACRO_LABELS)
        self._langs = sorted({one.lang for one in labelled})
        self.names = [*KINDS, *(f"actors, {lang}" for lang in self._langs)]
        self.width = len(self.names) + len(self._topics)
        self.names.append(MACRO)
        self.labels = {kind: sum(len(one.truth.of(kind)) for one in labelled) for kind in KINDS}
        for lang in self._langs:
            self.labels[f"actors, {lang}"] = sum(len(one.truth.actors) for one in labelled if one.lang == lang)
        self.labels[MACRO] = sum(tally[topic] for topic in self._topics)

    def cells(self, one: Labelled, told: Labels) -> Iterator[Counts]:
        """Yield the counts of one entry."""
        for kind in KINDS:
            yield count(one.truth.of(kind), told.of(kind))
        actors = count(one.truth.actors, told.actors)
        yield from (actors if lang == one.lang else (0, 0, 0) for lang in self._langs)
        for topic in self._topics:
            yield count(one.truth.topics & {topic}, told.topics & {topic})

    def triples(self, sums: Sequence[int], ways: int) -> list[list[Triple]]:
        """Turn sums into the rates of each way, in the order of `names`."""
        cells = [rates((sums[at], sums[at + 1], sums[at + 2])) for at in range(0, len(sums), 3)]
        parts = [cells[at * self.width : (at + 1) * self.width] for at in range(ways)]
        split = len(self.names) - 1
        return [[*part[:split], _mean(part[split:])] for part in parts]


def _line(figures: _Figures, row: int, value: Triple, rounds: Sequence[Triple]) -> Line:
    precision, recall, f1 = (_interval(value[at], [one[at] for one in rounds]) for at in range(3))
    name = figures.names[row]
    return Line(figure=name, labels=figures.labels[name], precision=precision, recall=recall, f1=f1)


def _interval(value: float, rounds: Sequence[float]) -> Score:
    ordered = sorted(rounds)
    cut = int(len(ordered) * SPREAD)
    return Score(value=value, low=ordered[cut], high=ordered[-1 - cut])


def _mean(triples: Sequence[Triple]) -> Triple:
    precision, recall, f1 = (_share(sum(one[at] for one in triples), len(triples)) for at in range(3))
    return precision, recall, f1


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _pack(numbers: Sequence[int]) -> int:
    return int.from_bytes(struct.pack(f"<{len(numbers)}I", *numbers), "little")


def _unpack(total: int, width: int) -> tuple[int, ...]:
    return struct.unpack(f"<{width}I", total.to_bytes(4 * width, "little"))
