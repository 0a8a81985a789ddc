"""How much a story matters, and in which order stories stand: points, each with its reason."""

import heapq
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.core.model import Item, Reason, Window

CROWD = 0.75
"""Points that a story loses for each story of its topic that stands before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What is weighed of a story: distinct matched words in its headline, the rest as counts; `recency` is 0 to 1."""

    words: int
    sources: int
    countries: int
    actors: int
    own_language: bool
    recency: float


def reasons(story: Weights) -> tuple[Reason, ...]:
    """Say what a story's points are for.

    2 for each distinct matched word in the headline (3 count), 1.5 for each doubling of the sources, 0.5 for each
    doubling of their countries, 0.5 for each actor (4 count), 1 for a headline in the reader's own language, and up to
    1 for recency inside the window. Thus wide coverage beats a telling headline, and the hour of publication decides
    only between stories otherwise much alike.
    """
    points = {
        "words in the headline": 2.0 * min(story.words, 3),
        "sources": 1.5 * math.log2(max(story.sources, 1)),
        "countries": 0.5 * math.log2(max(story.countries, 1)),
        "actors": 0.5 * min(story.actors, 4),
        "own language": float(story.own_language),
        "recent": story.recency,
    }
    return tuple(Reason(name=name, points=round(value, 6)) for name, value in points.items() if value)


def score(reasons: Sequence[Reason]) -> float:
    """Add the points up."""
    return round(sum(reason.points for reason in reasons), 6)


def recency(at: float, window: Window) -> float:
    """Place a moment (a POSIX timestamp) between the window's start (0) and its end (1)."""
    start, end = window.start.timestamp(), window.end.timestamp()
    return min(max((at - start) / (end - start), 0.0), 1.0) if end > start else 0.0


def ranked(items: Sequence[Item]) -> list[Item]:
    """Order stories so that the subject of the day does not crowd out the others: each story that stands before it
    under its topic costs a story `CROWD` points, which is said among its reasons."""
    queues: defaultdict[str | None, list[Item]] = defaultdict(list)
    for item in sorted(items, key=_place, reverse=True):
        queues[item.topic].append(item)
    heads = [(*_place(queue[-1]), 0, queue) for queue in queues.values()]
    heapq.heapify(heads)
    order = []
    while heads:
        _, _, taken, queue = heads[0]
        order.append(_crowded(queue.pop(), taken))
        if queue:
            points, group = _place(queue[-1])
            heapq.heapreplace(heads, (points + CROWD * (taken + 1), group, taken + 1, queue))
        else:
            heapq.heappop(heads)
    return order


def _place(item: Item) -> tuple[float, int]:
    return -item.score, item.group


def _crowded(item: Item, before: int) -> Item:
    if before == 0:
        return item
    lost = Reason(name="stories of its topic before it", points=-CROWD * before)
    return replace(item, reasons=(*item.reasons, lost), score=round(item.score + lost.points, 6))
