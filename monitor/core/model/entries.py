"""Entries: what a feed document says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.core.model.feeds import NO_HINTS, Hints, Press


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
    hints: Hints = NO_HINTS
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who speaks: a property of the entry, since an aggregate feed mixes publishers."""

    name: str
    country: str | None = None
    press: Press | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where an entry comes from: the id of its feed (empty where there is none), and who speaks, if that is known."""

    feed: str = ""
    publisher: Publisher | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a document has beyond the one before it.

    `entries` are new, changed, or bound up with such ones; `unchanged` counts the others, which were not read. `check`
    are keys of unchanged ones, where it is time to ask whether the store still has them. `outline` is what the next
    reading must know of all (empty: it must be whole; None: the one given holds). `home` is the site to which most of
    all entries lead.
    """

    entries: tuple[Entry, ...]
    unchanged: int = 0
    check: tuple[str, ...] = ()
    home: str | None = None
    hints: Hints = NO_HINTS
    outline: bytes | None = None
    warnings: tuple[str, ...] = ()
