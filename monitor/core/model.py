"""Every domain type: frozen, slotted, keyword-only; no behaviour beyond what the data itself says.

Types are named by their moment: `FeedState` is what we knew before a poll, `PollOutcome` what shall be kept after it.
All datetimes are aware and in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeAlias

LANGUAGES = ("en", "uk", "ru", "de", "fr", "pl")
"""The watched languages, as ISO 639-1 codes."""


class Press(StrEnum):
    """Who stands behind a publisher."""

    STATE = "state"
    PUBLIC = "public"
    PRIVATE = "private"
    AGENCY = "agency"
    OFFICIAL = "official"


# ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """A feed as the configuration describes it. `id` is stable: the history hangs on it, not on the address."""

    id: str
    title: str
    url: str
    language: str | None = None
    country: str | None = None
    press: Press | None = None
    interval: timedelta = timedelta(minutes=15)
    timeout: timedelta = timedelta(seconds=30)
    headers: tuple[tuple[str, str], ...] = ()
    enabled: bool = True
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is known of a feed before it is polled."""

    pk: int
    spec: FeedSpec
    next_poll_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    failures: int = 0
    first_ok_at: datetime | None = None
    last_ok_at: datetime | None = None


class FailureKind(StrEnum):
    """Why a poll brought nothing."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    ADDRESS = "address"
    BLOCKED = "blocked"
    NOT_FOUND = "not-found"
    GONE = "gone"
    RATE_LIMITED = "rate-limited"
    SERVER = "server"
    STATUS = "status"
    REDIRECT = "redirect"
    TOO_LARGE = "too-large"
    ENCODING = "encoding"
    EMPTY = "empty"
    NOT_A_FEED = "not-a-feed"
    PARSE = "parse"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A poll that brought nothing: data, not an exception. `detail` is one line for a person."""

    kind: FailureKind
    detail: str
    status: int | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One hop: the status that sent us on, and the absolute address it named."""

    status: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document as the server gave it, decompressed. `body_hash` is the SHA-256 of `body` in hexadecimal."""

    url: str
    body: bytes
    body_hash: str
    content_type: str | None = None
    content_location: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    redirects: tuple[Redirect, ...] = ()
    wire_bytes: int = 0
    elapsed: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304: the document is the one that we have. Validators that the reply repeats replace ours (RFC 9111)."""

    etag: str | None = None
    last_modified: str | None = None
    redirects: tuple[Redirect, ...] = ()
    elapsed: timedelta = timedelta()


FetchResult: TypeAlias = Fetched | NotModified | Failure


# ── entries ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class DateFlag(StrEnum):
    """What is odd about an entry's dates. The date itself is never invented or moved."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    FUTURE = "future"
    IMPLAUSIBLE = "implausible"
    STAMPED = "stamped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a feed, normalised.

    `keys` are its identities, the strongest first; an entry is known when any of them is. `canonical_url` is None where
    the link does not tell the entry from its neighbours. `title`, `summary` and `content` are plain text, the `_html`
    fields what the source sent. `fingerprint` changes whenever anything that we keep changes.
    """

    keys: tuple[str, ...]
    key_version: int
    title: str
    fingerprint: str
    guid: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    summary: str = ""
    summary_html: str | None = None
    content: str = ""
    content_html: str | None = None
    author: str | None = None
    lang: str | None = None
    source_title: str | None = None
    source_url: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    date_flags: frozenset[DateFlag] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A feed document. `warnings` tell what was mended on the way, one line each."""

    entries: tuple[Entry, ...]
    title: str | None = None
    url: str | None = None
    lang: str | None = None
    version: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who speaks: a property of the entry, since an aggregate feed mixes publishers."""

    name: str
    country: str | None = None
    press: Press | None = None


# ── the watchlist ────────────────────────────────────────────────────────────────────────────────────────────────────

Terms: TypeAlias = Mapping[str, tuple[str, ...]]
"""Language code → words or phrases."""


class RuleKind(StrEnum):
    """What a rule decides."""

    SCOPE = "scope"
    ACTOR = "actor"
    TOPIC = "topic"


class ScopeWeight(StrEnum):
    """How far the naming of an actor shows that a text is about the war: alone, beside another sign, or not at all."""

    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """An office: `terms` name the actor in texts dated from `since` (inclusive) until `until` (exclusive)."""

    terms: Terms
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorSpec:
    """A person or body to watch. `alone`: the last name by itself is enough (not so for Johnson or Michel)."""

    id: str
    label: Mapping[str, str]
    person: bool = True
    gender: str | None = None
    first: Terms = field(default_factory=dict)
    last: Terms = field(default_factory=dict)
    alone: bool = True
    aliases: Terms = field(default_factory=dict)
    titles: tuple[Title, ...] = ()
    scope: ScopeWeight = ScopeWeight.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """A subject to watch. `scoped` topics are read only in relevant entries."""

    id: str
    label: Mapping[str, str]
    terms: Terms
    scoped: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeSpec:
    """What makes an entry relevant: one strong term, or two different weak ones. `never` hides the words inside it."""

    strong: Terms = field(default_factory=dict)
    weak: Terms = field(default_factory=dict)
    never: Terms = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSpec:
    """The whole watchlist as the configuration describes it."""

    actors: tuple[ActorSpec, ...] = ()
    topics: tuple[TopicSpec, ...] = ()
    scope: ScopeSpec = ScopeSpec()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The words that made a rule match: `text` is the original field's `[start:end]`, in code points."""

    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule that matched, with at least one piece of evidence."""

    kind: RuleKind
    rule: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the watchlist says of one entry."""

    relevant: bool
    matches: tuple[Match, ...] = ()


# ── polls ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPoll:
    """When a feed is due again, and why (`reason` is one line for a person)."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An entry that is new or changed, with its publisher and the watchlist's verdict."""

    entry: Entry
    publisher: Publisher
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What one poll shall leave in the store: recorded whole or not at all.

    `shown` counts the entries of the document, `known` those of them that the store already had unchanged.
    `judged` are the others. `history` says that they are no news: the feed's first poll, or a flood of new ids.
    `gap`: nothing of the last document was left in this one, so entries were lost between the polls. `touch` are the
    stored entries whose "last seen" is to be moved on.
    """

    feed: FeedState
    at: datetime
    next_poll: NextPoll
    failure: Failure | None = None
    not_modified: bool = False
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    redirects: tuple[Redirect, ...] = ()
    shown: int = 0
    known: int = 0
    judged: tuple[Judged, ...] = ()
    touch: tuple[int, ...] = ()
    history: bool = False
    gap: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A stored entry, as far as a poll must know it."""

    entry: int
    fingerprint: str
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a poll changed in the store."""

    entries: int = 0
    revisions: int = 0
    hits: int = 0


# ── subscribers and digests ──────────────────────────────────────────────────────────────────────────────────────────


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


class MailState(StrEnum):
    """Where a mail stands. The last two are final."""

    QUEUED = "queued"
    SENDING = "sending"
    DEFERRED = "deferred"
    SENT = "sent"
    FAILED = "failed"


class MailKind(StrEnum):
    """What a mail is for."""

    DIGEST = "digest"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMail:
    """A mail of the outbox that is to be tried now. `attempts` counts this one. `body` is None until the first attempt
    has frozen it; `subject` tells what it is about (an edition's id, a problem's key)."""

    pk: int
    kind: MailKind
    subject: str
    recipient: str
    message_id: str
    attempts: int
    created_at: datetime
    payload: str | None = None
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail says, before it has an address. `bulk` mails carry the list headers, others must not (RFC 8058)."""

    subject: str
    text: str
    html: str | None = None
    lang: str = "en"
    bulk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A mail as bytes, ready for the wire: RFC 5322 message and its SMTP envelope."""

    sender: str
    recipient: str
    message_id: str
    data: bytes
