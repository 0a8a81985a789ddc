"""Feeds: what is configured, what was known, what a server answered."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

LANGUAGES = ("en", "uk", "ru", "de", "fr", "pl")
"""The watched languages, as ISO 639-1 codes."""


DEFAULT_INTERVAL = timedelta(minutes=15)
"""How often a feed is asked where nobody says otherwise."""


class Press(StrEnum):
    """Who stands behind a publisher."""

    STATE = "state"
    PUBLIC = "public"
    PRIVATE = "private"
    AGENCY = "agency"
    OFFICIAL = "official"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Through what a feed is asked: an http or https address, and a Proxy-Authorization value (RFC 9110 §11.7.2)."""

    url: str
    authorization: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """A feed as the configuration describes it. `id` is stable: the history hangs on it, not on the address.

    It is asked every `interval`, more often (down to `min_interval`) while much is new and less often (up to
    `max_interval`) while nothing is. `hints`: what the publisher says about that counts.
    `headers` may hold secrets (passwords and cookies among them), so they are never shown.
    """

    id: str
    title: str
    url: str
    language: str | None = None
    country: str | None = None
    press: Press | None = None
    interval: timedelta = DEFAULT_INTERVAL
    min_interval: timedelta | None = None
    max_interval: timedelta | None = None
    hints: bool = True
    timeout: timedelta = timedelta(seconds=30)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    proxy: Proxy | None = None
    enabled: bool = True
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a document says about when to come again.

    `ttl` is that of RSS, `period` is `sy:updatePeriod` over `sy:updateFrequency`. `skip_hours` of the day in UTC and
    `skip_days` of the week (0 is Monday) are those in which nothing is published.
    """

    ttl: timedelta | None = None
    period: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()

    @property
    def interval(self) -> timedelta | None:
        """The longest interval that it asks for."""
        return max((span for span in (self.ttl, self.period) if span), default=None)


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Where a feed's address leads by redirects, and how sure that is.

    `polls` were sent `to` there one after the other since `since`, with `status` as the last answer; `permanent` where
    every hop said so (301, 308). `used`: the address is asked in place of the configured one.
    """

    to: str
    status: int
    permanent: bool
    polls: int
    since: datetime
    used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is known of a feed before it is polled.

    `pace` is the interval that suits it at the moment, `backoff` the ceiling of its last wait after a failure.
    """

    pk: int
    spec: FeedSpec
    next_poll_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    failures: int = 0
    first_ok_at: datetime | None = None
    last_ok_at: datetime | None = None
    pace: timedelta | None = None
    backoff: timedelta | None = None
    hints: Hints = NO_HINTS
    move: Move | None = None

    @property
    def address(self) -> str:
        """The address to ask."""
        return self.move.to if self.move and self.move.used else self.spec.url


class FailureKind(StrEnum):
    """Why a poll brought nothing. CONNECT: there was no connection. BROKEN: there was, and no whole reply came."""

    DNS = "dns"
    CONNECT = "connect"
    BROKEN = "broken"
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
    """A poll that brought nothing: data, not an exception. `detail` is one line for a person.

    `of_proxy`: it was the proxy that refused or failed, which says nothing of the feed.
    """

    kind: FailureKind
    detail: str
    status: int | None = None
    retry_after: timedelta | None = None
    of_proxy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """One hop: the status that sent us on, and the absolute address it named."""

    status: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document as the server gave it, decompressed. `body_hash` is the SHA-256 of `body` in hexadecimal.

    `fresh`: how long the server says that it will stay as it is (RFC 9111 §4.2).
    """

    url: str
    body: bytes
    body_hash: str
    content_type: str | None = None
    content_location: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    redirects: tuple[Redirect, ...] = ()
    fresh: timedelta | None = None
    wire_bytes: int = 0
    elapsed: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304: the document is the one that we have. Validators that the reply repeats replace ours (RFC 9111)."""

    etag: str | None = None
    last_modified: str | None = None
    redirects: tuple[Redirect, ...] = ()
    fresh: timedelta | None = None
    elapsed: timedelta = timedelta()


FetchResult: TypeAlias = Fetched | NotModified | Failure
