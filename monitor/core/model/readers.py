"""Readers: what they asked for, and the digests made for them."""

from dataclasses import dataclass
from datetime import datetime, time

from monitor.core.model.entries import DateFlag, Publisher
from monitor.core.model.watch import Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who reads: address, interface language (ISO 639-1) and IANA zone."""

    pk: int
    email: str
    lang: str = "en"
    zone: str = "UTC"
    status: str = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a subscriber wants, and when. Within `topics` or `actors` any of them; both given: both; none: everything
    relevant. `daily` are local times of day. `quiet`: a one-line mail when there is nothing to tell, else none."""

    pk: int
    subscriber: Subscriber
    topics: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    daily: tuple[time, ...] = (time(7, 0),)
    cap: int = 15
    quiet: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDigest:
    """A subscription whose slot has come. `since` and `seq_from` are where its last edition that was not lost ended,
    or None before the first."""

    subscription: Subscription
    slot: datetime
    created_at: datetime
    since: datetime | None = None
    seq_from: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What an edition covers: everything committed with a sequence in (`seq_from`, `seq_to`].

    The times are what the reader is told, and what holds back history. `catch_up`: slots were missed before it.
    """

    start: datetime
    end: datetime
    seq_from: int
    seq_to: int
    catch_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry with hits inside a window: what the store offers to the digest.

    `sources` are the names of all publishers of its group, the entry's own included; `matches` all its hits.
    """

    group: int
    revision: int
    entry: int
    title: str
    summary: str
    url: str | None
    lang: str | None
    publisher: Publisher
    published: datetime | None
    date_flags: frozenset[DateFlag]
    seen: datetime
    history: bool
    matches: tuple[Match, ...]
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One group as a reader sees it. `marks` are the spans of matched words in `title`."""

    group: int
    revision: int
    title: str
    summary: str
    url: str | None
    lang: str | None
    publisher: Publisher
    published: datetime | None
    late: bool
    marks: tuple[tuple[int, int], ...]
    topic: str | None
    tags: tuple[str, ...]
    actors: tuple[str, ...]
    sources: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The items of one topic (None: no topic), best first."""

    topic: str | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A candidate that did not get in, the stage that dropped it, and why."""

    title: str
    stage: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How whole the picture is: how many feeds were watched, and which of them failed or fell silent (titles)."""

    watched: int = 0
    failing: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One edition, ready to be rendered: every figure and word in it, nothing of its looks."""

    window: Window
    sections: tuple[Section, ...]
    more: int
    total: int
    sources: int
    coverage: Coverage
    left_out: tuple[LeftOut, ...] = ()
