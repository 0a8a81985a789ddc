"""Whether an entry concerns the war at all, from the signs that stand in it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from monitor.core.forms import Sign
from monitor.core.sightings import Reading, Sighting, longest
from monitor.core.tracing import Trace, Weighed

READ = 600
"""How many characters of a field are looked at: what a text is about, it says at its beginning."""

ENOUGH = 2
"""The points that make an entry relevant."""

STRONG_IN_TITLE = 3
STRONG = 2
SECOND_STRONG = 1
WEAK_GROUP = 1
ELSEWHERE = -1
LEISURE = -2


def signs_of_war(signs: Sequence[Sighting], reading: Reading, trace: Trace | None = None) -> list[Sighting]:
    """Return what makes the entry relevant, or nothing where that is not enough.

    A strong sign gives 3 points in the title and 2 elsewhere, a second different one 1 more; each group of weak signs
    gives 1, so that drones and missiles without a country stay one. A sign of another place or war takes 1 away, one
    of sport or show business 2. An entry with 2 points is relevant.
    """
    early = _early(signs, reading.bounds)
    strong = longest([s for s in early if s.use.sign is Sign.STRONG])
    weak = longest([s for s in early if s.use.sign is Sign.WEAK])
    points = _strong_points(strong, reading) + WEAK_GROUP * len({s.use.group for s in weak})
    if points < ENOUGH and trace is None:
        return []
    against = {s.use.sign for s in early}
    points += ELSEWHERE * (Sign.ELSEWHERE in against) + LEISURE * (Sign.LEISURE in against)
    if trace is not None:
        trace.weighed = Weighed(signs, early, strong, weak, points)
    return (strong or weak) if points >= ENOUGH else []


class Share(NamedTuple):
    """What some of the signs give, or take away."""

    points: int
    what: str
    signs: Sequence[Sighting]


def shares(weighed: Weighed, reading: Reading) -> Iterator[Share]:
    """Yield how the points of `signs_of_war` come together, by what was weighed there."""
    if weighed.strong:
        points = _strong_points(weighed.strong, reading)
        titled = "in the title" if any(s.start < reading.bounds[1] for s in weighed.strong) else "not in the title"
        several = "two different ones, " * (len({s.use.lemma for s in weighed.strong}) > 1)
        yield Share(points, f"strong, {several}{titled}", weighed.strong)
    for group in sorted({s.use.group for s in weighed.weak}):
        yield Share(WEAK_GROUP, f"weak, of the group {group}", [s for s in weighed.weak if s.use.group == group])
    for sign, points, what in _AGAINST:
        if found := [s for s in weighed.early if s.use.sign is sign]:
            yield Share(points, what, found)


_AGAINST = (
    (Sign.ELSEWHERE, ELSEWHERE, "of another place or war"),
    (Sign.LEISURE, LEISURE, "of sport or show business"),
)


def _early(signs: Sequence[Sighting], bounds: Sequence[int]) -> list[Sighting]:
    _, summary, content = bounds
    return [
        s for s in signs if (start := s[0]) - (0 if start < summary else summary if start < content else content) < READ
    ]


def _strong_points(strong: Sequence[Sighting], reading: Reading) -> int:
    if not strong:
        return 0
    titled = any(s.start < reading.bounds[1] for s in strong)
    several = len({s.use.lemma for s in strong}) > 1
    return (STRONG_IN_TITLE if titled else STRONG) + SECOND_STRONG * several
