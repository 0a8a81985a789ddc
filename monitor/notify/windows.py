"""What the digests of one moment share: candidates of a window, hits a day, and digests that come out equal."""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from monitor.core import digest_json, queries
from monitor.core.digest import RECALL, asked_for, build_digest
from monitor.core.digest.chart import DAYS, QUARTER, Daily, Named, daily, days
from monitor.core.model import (
    Candidate,
    Coverage,
    Day,
    Digest,
    DueDigest,
    Schedule,
    Subscriber,
    Subscription,
    Told,
    Window,
)
from monitor.store import candidates, editions, hits
from monitor.store.database import Connection

WINDOWS = 2
"""So many windows' candidates are kept at once: those of one hour share one."""

BUILT = 100
"""So many digests are kept, for readers who wish the same."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A digest and its frozen form, and from which state of the ledger it was made: the reader's newest edition."""

    digest: Digest
    content: str
    newest: int


class Recent(OrderedDict[Hashable, T]):
    """Keeps the last few values that were made."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def get_or_make(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept under the key, or make it."""
        if key in self:
            self.move_to_end(key)
        else:
            self[key] = make()
            if len(self) > self._most:
                self.popitem(last=False)
        return self[key]


class Offer:
    """The candidates of a window, found by the rules that they name."""

    def __init__(self, found: list[Candidate]) -> None:
        self.candidates = found
        self._naming: defaultdict[str, list[int]] = defaultdict(list)
        for place, candidate in enumerate(found):
            for match in candidate.matches:
                for spelling in queries.spellings(match.kind, match.rule):
                    self._naming[spelling].append(place)

    def asked(self, wish: Subscription) -> list[Candidate]:
        """Return those that a subscription asks for."""
        return asked_for(self._likely(wish), wish)[0]

    def _likely(self, wish: Subscription) -> list[Candidate]:
        """Leave out those that name nothing of what is asked for."""
        if not (wish.topics or wish.actors or wish.queries):
            return self.candidates
        needed = [queries.needs(queries.stored(query)) for query in wish.queries]
        if None in needed:
            return self.candidates
        named = {rule for rules in needed if rules for rule in rules}
        named |= {f"topic:{rule}" for rule in wish.topics} | {f"actor:{rule}" for rule in wish.actors}
        places = {place for rule in named for place in self._naming.get(rule, ())}
        return [self.candidates[place] for place in sorted(places)]


@dataclass(slots=True)
class Shelf:
    """What digests of one moment share. `seq_to` is the commit number up to which all of them reach."""

    coverage: Coverage
    seq_to: int
    news: "News"
    _windows: Recent[Offer] = field(default_factory=lambda: Recent(WINDOWS))
    _some: Recent[list[Candidate]] = field(default_factory=lambda: Recent(BUILT))
    _built: Recent[tuple[Digest, str]] = field(default_factory=lambda: Recent(BUILT))
    _days: Recent[tuple[Day, ...]] = field(default_factory=lambda: Recent(BUILT))
    _firsts: Recent[int] = field(default_factory=lambda: Recent(BUILT))

    def first(self, conn: Connection, moment: datetime) -> int:
        """Return the commit number that was the newest at a moment."""
        return self._firsts.get_or_make(moment, lambda: hits.seq_at(conn, moment))

    def is_asked(self, conn: Connection, due: DueDigest, window: Window) -> bool:
        """Tell whether anything in the window is asked for."""
        return bool(self._asked(conn, due.subscription, window))

    def build(self, conn: Connection, due: DueDigest, window: Window) -> Built:
        """Build the digest that is due, from what its reader was told until now."""
        wish, reader = due.subscription, due.subscription.subscriber.pk
        newest, asked = editions.newest(conn, reader), self._asked(conn, wish, window)
        told = self._told(conn, reader, asked, window)
        key = (_impersonal(wish), window, frozenset(told.items()))
        digest, content = self._built.get_or_make(key, lambda: self._make(conn, wish, window, asked, told))
        return Built(digest=digest, content=content, newest=newest)

    def explain(self, conn: Connection, due: DueDigest, window: Window) -> Digest:
        """Build the digest that is due, with all that it leaves out."""
        wish, offer = due.subscription, self._offer(conn, window)
        told = self._told(conn, wish.subscriber.pk, self._asked(conn, wish, window), window)
        return self._digest(conn, wish, window, offer.candidates, told)

    def _told(self, conn: Connection, reader: int, asked: Sequence[Candidate], window: Window) -> dict[int, Told]:
        groups = {candidate.group for candidate in asked}
        return editions.told(conn, reader, groups, since=window.start - RECALL) if groups else {}

    def _make(
        self, conn: Connection, wish: Subscription, window: Window, asked: Sequence[Candidate], told: dict[int, Told]
    ) -> tuple[Digest, str]:
        digest = replace(self._digest(conn, wish, window, asked, told), left_out=())
        return digest, digest_json.dumps(digest)

    def _digest(
        self, conn: Connection, wish: Subscription, window: Window, some: Sequence[Candidate], told: dict[int, Told]
    ) -> Digest:
        chart = () if wish.schedule.instant else self._chart(conn, wish, window.end)
        return build_digest(some, wish, window, self.coverage, told=told, days=chart)

    def _offer(self, conn: Connection, window: Window) -> Offer:
        span = (window.seq_from, window.seq_to)
        return self._windows.get_or_make(span, lambda: Offer(candidates.candidates(conn, *span)))

    def _asked(self, conn: Connection, wish: Subscription, window: Window) -> list[Candidate]:
        key = (_impersonal(wish), window.seq_from, window.seq_to)
        return self._some.get_or_make(key, lambda: self._offer(conn, window).asked(wish))

    def _chart(self, conn: Connection, wish: Subscription, end: datetime) -> tuple[Day, ...]:
        return self._days.get_or_make(
            (_impersonal(wish), end), lambda: days(self.news.daily(conn, self.seq_to, wish.subscriber.zone, end), wish)
        )


def _impersonal(wish: Subscription) -> Subscription:
    """Take away what changes nothing in a digest: readers who wish the same in one zone and language get the same."""
    reader = Subscriber(pk=0, email="", lang=wish.subscriber.lang, zone=wish.subscriber.zone)
    when = Schedule(instant=wish.schedule.instant)
    return replace(wish, pk=0, subscriber=reader, name="", schedule=when, quiet_hours=None, quiet=True)


class News:
    """Counts the reports of the last days, each commit once; may be asked from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counted: Counter[tuple[int, Named]] = Counter()
        self._seq = 0
        self._daily: Recent[Daily] = Recent(BUILT)

    def daily(self, conn: Connection, seq_to: int, zone: str, end: datetime) -> Daily:
        """Return the reports that were committed up to `seq_to`, by the days of a zone."""
        with self._lock:
            self._count(conn, seq_to, end - timedelta(days=DAYS + 2))
            return self._daily.get_or_make((zone, end, self._seq), lambda: daily(self._counted, zone, end))

    def _count(self, conn: Connection, seq_to: int, since: datetime) -> None:
        if seq_to <= self._seq:
            return
        first = since.timestamp() // QUARTER.total_seconds()
        old = {key: number for key, number in self._counted.items() if key[0] >= first}
        self._counted = Counter(old) + candidates.news(conn, self._seq, seq_to, since)
        self._seq = seq_to
