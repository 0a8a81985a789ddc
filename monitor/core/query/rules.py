"""All boolean rules of a watchlist: which of them an entry wakes, and which of those match.

Each rule stands under the cheapest things of which an entry must have one for it to hold (`plan`). So an entry pays
for the rules that have something to do with it, and not for how many there are.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence, Set
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from monitor.core.query.build import Numbers
from monitor.core.query.parts import Part
from monitor.core.query.scene import Scene
from monitor.core.query.tree import Node, Origin
from monitor.core.spans import Span, outermost


class Asked(NamedTuple):
    """What a topic asks beyond its words: `rule` is its number; one that is `scoped` is read in relevant entries only.

    It matches where its words show it or the query holds, and `unless` does not.
    """

    rule: int
    scoped: bool
    query: Node | None = None
    unless: Node | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Its trees."""
        return tuple(node for node in (self.query, self.unless) if node is not None)


class Reader(NamedTuple):
    """A compiled rule."""

    rule: int
    scoped: bool
    query: Part | None
    unless: Part | None

    def read(self, scene: Scene, words: Sequence[Span] | None) -> list[Span] | None:
        """Return the places that make it match, beside those of its words (None: they do not show it).

        None where it does not match.
        """
        frame = scene.whole
        held = self.query.holds(frame) if self.query else None
        if (words is None and not held) or (self.unless and self.unless.holds(frame)):
            return None
        return outermost([*(words or ()), *(self.query.shown(frame, held) if self.query and held else ())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Which rules are woken by what, by their rank: a rule comes behind all that it refers to.

    `own`: those with an exception, which must be read once their words show them. `always`: those that nothing in
    particular wakes.
    """

    readers: tuple[Reader, ...]
    by_atom: Mapping[int, tuple[int, ...]]
    by_rule: Mapping[int, tuple[int, ...]]
    by_fact: Mapping[Origin, Mapping[str, tuple[int, ...]]]
    own: Mapping[int, int]
    always: tuple[int, ...]
    unscoped: frozenset[int]
    languages: frozenset[str]
    numbers: Numbers

    def woken(self, scene: Scene, shown: Mapping[int, object], *, relevant: bool) -> Set[int]:
        """Return the ranks of the rules to be read in an entry that shows these rules."""
        found = set(self.always)
        by_atom, by_rule = self.by_atom, self.by_rule
        for atom in scene.atoms:
            if atom in by_atom:
                found.update(by_atom[atom])
        for rule in shown:
            if rule in by_rule:
                found.update(by_rule[rule])
            if rule in self.own:
                found.add(self.own[rule])
        for origin, by_value in self.by_fact.items():
            for value in scene.facts.of(origin) & by_value.keys():
                found.update(by_value[value])
        return found if relevant else found & self.unscoped

    def everything(self, *, relevant: bool) -> Set[int]:
        """Return the ranks of all rules: what would be read without the index."""
        return frozenset(range(len(self.readers))) if relevant else self.unscoped

    def settle(
        self,
        scene: Scene,
        shown: MutableMapping[int, list[Span]],
        ranks: Iterable[int] | None = None,
        *,
        relevant: bool,
    ) -> None:
        """Read the woken rules, or these; put into `shown` what matches, and drop what does not.

        `scene.named` must be that same mapping: a rule sees what those before it found.
        """
        waiting = list(self.woken(scene, shown, relevant=relevant) if ranks is None else ranks)
        heapify(waiting)
        done = -1
        while waiting:
            rank = heappop(waiting)
            if rank == done:
                continue
            done = rank
            reader = self.readers[rank]
            places = reader.read(scene, shown.get(reader.rule))
            if places is None:
                shown.pop(reader.rule, None)
                continue
            shown[reader.rule] = places
            for later in self.by_rule.get(reader.rule, ()):
                if relevant or later in self.unscoped:
                    heappush(waiting, later)
