"""What the digests of one moment share: candidates of a window, hits a day, and digests that come out equal."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from monitor.core import digest_json
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


@dataclass(slots=True)
class Shelf:
    """What digests of one moment share. `seq_to` is the commit number up to which all of them reach."""

    coverage: Coverage
    seq_to: int
    news: "News"
    _windows: Recent[list[Candidate]] = field(default_factory=lambda: Recent(WINDOWS))
    _groups: Recent[frozenset[int]] = field(default_factory=lambda: Recent(BUILT))
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
        newest, groups = editions.newest(conn, reader), self._asked(conn, wish, window)
        told = editions.told(conn, reader, groups, since=window.start - RECALL) if groups else {}
        key = (_impersonal(wish), window, frozenset(told.items()))
        digest, content = self._built.get_or_make(key, lambda: self._make(conn, wish, window, told))
        return Built(digest=digest, content=content, newest=newest)

    def _make(self, conn: Connection, wish: Subscription, window: Window, told: dict[int, Told]) -> tuple[Digest, str]:
        found = self._candidates(conn, window)
        chart = () if wish.schedule.instant else self._chart(conn, wish, window.end)
        digest = build_digest(found, wish, window, self.coverage, told=told, days=chart)
        return digest, digest_json.dumps(replace(digest, left_out=()))

    def _candidates(self, conn: Connection, window: Window) -> list[Candidate]:
        span = (window.seq_from, window.seq_to)
        return self._windows.get_or_make(span, lambda: candidates.candidates(conn, *span))

    def _asked(self, conn: Connection, wish: Subscription, window: Window) -> frozenset[int]:
        key = (_impersonal(wish), window.seq_from, window.seq_to)
        return self._groups.get_or_make(key, lambda: _groups(self._candidates(conn, window), wish))

    def _chart(self, conn: Connection, wish: Subscription, end: datetime) -> tuple[Day, ...]:
        return self._days.get_or_make(
            (_impersonal(wish), end), lambda: days(self.news.daily(conn, self.seq_to, wish.subscriber.zone, end), wish)
        )


def _impersonal(wish: Subscription) -> Subscription:
    """Take away what changes nothing in a digest: readers who wish the same in one zone and language get the same."""
    reader = Subscriber(pk=0, email="", lang=wish.subscriber.lang, zone=wish.subscriber.zone)
    when = Schedule(instant=wish.schedule.instant)
    return replace(wish, pk=0, subscriber=reader, name="", schedule=when, quiet_hours=None, quiet=True)


def _groups(found: list[Candidate], wish: Subscription) -> frozenset[int]:
    return frozenset(candidate.group for candidate in asked_for(found, wish)[0])


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
