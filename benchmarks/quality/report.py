"""The figures, the misses and the labels one by one, laid out for a person."""

from collections.abc import Iterator, Mapping, Sequence

from rich import box
from rich.table import Table

from benchmarks.quality.scores import Counts, Found, Line, Score
from benchmarks.quality.sets import Labelled
from monitor.core.model import Verdict


def figures_table(title: str, ways: Mapping[str, Sequence[Line]]) -> Table:
    """Lay out one set: a row for each figure and way, percent with the interval behind it."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "labels", "way"):
        table.add_column(name, no_wrap=True)
    for name in ("precision", "recall", "F1"):
        table.add_column(name, justify="right", no_wrap=True)
    for row, first in enumerate(next(iter(ways.values()))):
        for at, (way, lines) in enumerate(ways.items()):
            line = lines[row]
            head = (first.figure, f"{first.labels:,}") if at == 0 else ("", "")
            table.add_row(*head, way, *map(percent, (line.precision, line.recall, line.f1)))
    return table


def percent(score: Score) -> str:
    """Write a score and its interval."""
    return f"{100 * score.value:.1f} ({100 * score.low:.0f}–{100 * score.high:.0f})"


def counts_table(kind: str, counts: Mapping[str, Counts]) -> Table:
    """Lay out the labels of a kind, those with the most mistakes first."""
    table = Table(kind, box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("tp", "fp", "fn"):
        table.add_column(name, justify="right")
    ordered = sorted(counts.items(), key=lambda item: (-item[1][1] - item[1][2], item[0]))
    for label, cell in ordered:
        table.add_row(label, *map(str, cell))
    return table


def misses(
    kind: str, labelled: Sequence[Labelled], found: Found, verdicts: Mapping[str, Verdict] | None
) -> Iterator[str]:
    """Yield a line for each entry that differs; with verdicts also its headline, and the words behind extras."""
    for one in labelled:
        truth, told = one.truth.of(kind), found[one.id].of(kind)
        if truth == told:
            continue
        yield f"{one.id}  missing: {_list(truth - told)}  extra: {_list(told - truth)}"
        if verdicts is not None:
            yield f"    {one.entry.title}"
            yield from _words(kind, told - truth, verdicts[one.id])


def _list(labels: frozenset[str]) -> str:
    return ", ".join(sorted(labels)) or "–"


def _words(kind: str, extra: frozenset[str], verdict: Verdict) -> Iterator[str]:
    wanted = {"relevance": "scope", "actors": "actor", "topics": "topic"}[kind] if extra else None
    for match in verdict.matches:
        if match.kind == wanted and (kind == "relevance" or match.rule in extra):
            words = dict.fromkeys(piece.text for piece in match.evidence)
            yield f"    {match.rule}: {', '.join(f'«{word}»' for word in words)}"
