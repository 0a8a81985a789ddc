"""Two watchlists over the stored past: what the second finds and the first does not, and the other way round.

core.changes ─► scan ─► core.matching, twice, for the entries that can tell
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from monitor.core.changes import RuleName, stirred
from monitor.core.matching import match_entry
from monitor.core.model import Evidence
from monitor.core.watchlist import Watchlist
from monitor.scan import Wakes, pages
from monitor.store import past
from monitor.store.database import Database
from monitor.store.past import Past

Sample: TypeAlias = tuple[Past, tuple[Evidence, ...]]
"""An entry, and the words for which a rule found it."""

_Found: TypeAlias = Mapping[RuleName, tuple[Evidence, ...]]


@dataclass(slots=True)
class Differences:
    """By rule: how many entries the old watchlist finds, how many the new one adds and drops, and the newest of both.

    `before` is what stands stored, where the two cannot differ, so that it is told what readers had.
    """

    kept: int
    before: Counter[RuleName] = field(default_factory=Counter)
    added: Counter[RuleName] = field(default_factory=Counter)
    dropped: Counter[RuleName] = field(default_factory=Counter)
    judged: int = 0
    """How many entries were judged at all."""

    samples: defaultdict[tuple[RuleName, bool], deque[Sample]] = field(init=False)

    def __post_init__(self) -> None:
        self.samples = defaultdict(lambda: deque(maxlen=self.kept))

    def after(self, rule: RuleName) -> int:
        """Return how many entries the new watchlist finds."""
        return self.before[rule] + self.added[rule] - self.dropped[rule]

    def newest(self, rule: RuleName, *, added: bool) -> list[Sample]:
        """Return the newest entries that a rule adds or drops, the newest first."""
        return list(reversed(self.samples.get((rule, added), ())))

    def note(self, one: Past, old: _Found, new: _Found) -> None:
        """Take in what both found in an entry; entries come in the order in which they were stored."""
        self.judged += 1
        self.before.update(old.keys())
        for rule in new.keys() - old.keys():
            self.added[rule] += 1
            self.samples[rule, True].append((one, new[rule]))
        for rule in old.keys() - new.keys():
            self.dropped[rule] += 1
            self.samples[rule, False].append((one, old[rule]))


def compare(
    db: Database,
    old: Watchlist,
    new: Watchlist,
    *,
    since: datetime,
    samples: int = 5,
    advance: Callable[[int], object] = lambda _: None,
) -> Differences:
    """Judge what was first seen at `since` or later by both, wherever they can differ; the rest is taken as stored.

    `advance` hears how many more entries are done. Raises StoreError.
    """
    where = stirred(old, new)
    found = Differences(kept=samples, before=db.read_now(past.found, since))
    for page in pages(db, Wakes(forms=where.forms, always=where.all), since):
        if page.woken:
            found.before.subtract(db.read_now(past.found, ids=[one.entry for one in page.woken]))
        for one in page.woken:
            found.note(one, _found(old, one), _found(new, one))
        advance(page.read)
    return found


def _found(watchlist: Watchlist, one: Past) -> _Found:
    """Judge an entry as it was judged when it was new."""
    verdict = match_entry(watchlist, one.found, now=one.seen, origin=one.origin)
    return {match[:2]: match.evidence for match in verdict.matches}
