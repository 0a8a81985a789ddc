"""What a verdict passed on the way: which places were dropped and why, and what the signs of the war weighed."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from monitor.core.forms import Sign
from monitor.core.query.scene import Scene
from monitor.core.sightings import Dropped, Reading, Sighting, Why
from monitor.core.spans import Span


class Weighed(NamedTuple):
    """What may be a sign of the war: all, those at the beginning of a field, of these the strong and the weak ones
    that no longer one contains, and the points of all."""

    signs: Sequence[Sighting]
    early: Sequence[Sighting]
    strong: Sequence[Sighting]
    weak: Sequence[Sighting]
    points: int


class Trace:
    """Filled by `match_entry` where one is given to it: the verdict is the same with it and without.

    `day` is that against which titles were read (None: the date is missing or doubtful), `language` the one in which
    the text was read (empty: unknown). `never` are the places of the phrases that are never meant, `actors` those that
    name an actor, `topics` those of the topics' words, `scene` is what the queries saw (None: there are none).
    """

    def __init__(self) -> None:
        self.reading: Reading | None = None
        self.day: date | None = None
        self.language = ""
        self.dropped: list[Dropped] = []
        self.never: Sequence[Span] = ()
        self.actors: Sequence[Sighting] = ()
        self.topics: Sequence[Sighting] = ()
        self.scene: Scene | None = None
        self.weighed = Weighed((), (), (), (), 0)

    def begin(self, reading: Reading, day: date | None, language: str) -> list[Dropped]:
        """Note how the entry is read; returns the list for the places that are passed over."""
        self.reading, self.day, self.language = reading, day, language
        return self.dropped

    def found(self, actors: Sequence[Sighting], topics: Sequence[Sighting]) -> None:
        """Note what is left before the entry is judged."""
        self.actors, self.topics = actors, topics

    def without(self, before: Sequence[Sighting], after: Sequence[Sighting], why: Why) -> None:
        """Note the places of names and terms that a step has taken out."""
        kept = set(after)
        self.dropped += [Dropped(one, why) for one in before if one not in kept and one.use.sign not in _NO_NAMES]


_NO_NAMES = frozenset({Sign.NEVER, Sign.FIRST_NAME, Sign.CONTEXT, Sign.TAIL})
