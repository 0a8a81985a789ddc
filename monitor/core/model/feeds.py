"""Feeds: what is configured, what was known, what a server answered."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Through what a feed is asked: an http or https address, and a Proxy-Authorization value (RFC 9110 §11.7.2)."""

    url: str
    authorization: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSpec:
    """A feed as the configuration describes it. `id` is stable: the history hangs on it, not on the address.

    `headers` may hold secrets (passwords and cookies among them), so they are never shown.
    """

    id: str
    title: str
    url: str
    language: str | None = None
    country: str | None = None
    press: Press | None = None
    interval: timedelta = timedelta(minutes=15)
    timeout: timedelta = timedelta(seconds=30)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    proxy: Proxy | None = None
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
