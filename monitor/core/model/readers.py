"""Readers: what they asked for, and the digests made for them."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from monitor.core.model.entries import DateFlag, Publisher
from monitor.core.model.feeds import Press
from monitor.core.model.watch import Match


class Status(StrEnum):
    """Whether a subscriber is sent digests: only an active one is."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Who reads: address, interface language (ISO 639-1) and IANA zone. Links that were signed for another `version`
    are void."""

    pk: int
    email: str
    lang: str = "en"
    zone: str = "UTC"
    status: Status = Status.ACTIVE
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Who agreed to what, when and how."""

    at: datetime
    how: str
    wording: str
    who: str = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When digests come: at local times of day, on some weekdays (0 is Monday; none: every day). Every n hours is the
    times 00:00, n:00 and so on. `instant`: as soon as there is something; times and weekdays then do not count."""

    times: tuple[time, ...] = (time(7),)
    weekdays: frozenset[int] = frozenset()
    instant: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Local hours from `start` until before `end`, over midnight where `end` is earlier; a digest waits for `end`."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a subscriber wants, and when.

    Within `topics` or `actors` any of them; both given: both; none: everything relevant. `queries` are one more way in:
    "putin peace-talks -drones" takes what names all the rules, and none of those with a minus. `without_sources` are
    publishers' names, feeds' ids or hosts; `langs` are languages of entries, none: all. `cap`: so many items are
    mailed. `quiet`: a one-line mail when there is nothing to tell, else none.
    """

    pk: int
    subscriber: Subscriber
    name: str = ""
    topics: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    queries: tuple[str, ...] = ()
    without_sources: frozenset[str] = frozenset()
    without_press: frozenset[Press] = frozenset()
    langs: frozenset[str] = frozenset()
    schedule: Schedule = field(default_factory=Schedule)
    quiet_hours: QuietHours | None = None
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

    `sources` and `countries` are those of all publishers of its group, the entry's own included; `matches` all its
    hits; `feed` is its feed's id. `retitled`: it has no new hit, only a new headline.
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
    countries: tuple[str, ...] = ()
    feed: str = ""
    retitled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the ledger knows of one group for one subscriber: its newest delivery, and whether that was an alert.

    `title` is the headline that was mailed ("" where it is no longer kept), `earlier` are those mailed before it.
    """

    at: datetime
    instant: bool
    revision: int
    title: str
    entry: int | None = None
    lang: str | None = None
    publisher: str = ""
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What gave or cost an item points of its score."""

    name: str
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One story as a reader sees it: a group, and `also` the groups (with a revision) whose headlines say the same.

    `marks` are the spans of matched words in `title`. `before` is the headline that was mailed before. `original`: the
    headline is in no language that was asked for. `countries` are those of all publishers. The points of `reasons` make
    the `score`.
    """

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
    before: str | None = None
    reasons: tuple[Reason, ...] = ()
    original: bool = False
    countries: tuple[str, ...] = ()
    also: tuple[tuple[int, int], ...] = ()


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
class Alerted:
    """A group that an instant mail told at `at`, and how many reports of it came `since` then."""

    title: str
    url: str | None
    lang: str | None
    at: datetime
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """How many hits a local day had."""

    date: date
    hits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One edition, ready to be rendered: every figure and word in it, nothing of its looks.

    `top` are the groups that matter most, best first; their items stand in `sections`. `rest` are items beyond the cap,
    for the web page. `new` and `updated` count items, `days` ends with the last local day.
    """

    window: Window
    sections: tuple[Section, ...]
    more: int
    total: int
    sources: int
    coverage: Coverage
    left_out: tuple[LeftOut, ...] = ()
    top: tuple[int, ...] = ()
    rest: tuple[Item, ...] = ()
    alerted: tuple[Alerted, ...] = ()
    new: int = 0
    updated: int = 0
    countries: int = 0
    days: tuple[Day, ...] = ()
    instant: bool = False
