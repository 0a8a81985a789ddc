"""What a feed document says, before any of it is cleaned: the same for XML and JSON."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDate:
    """A date as it was written, and a reader's second opinion for what we cannot read ourselves."""

    text: str
    guess: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """One item: addresses absolute, texts as HTML or plain as they were sent."""

    guid: str | None = None
    url: str | None = None
    title: str = ""
    summary: str | None = None
    content: str | None = None
    author: str | None = None
    lang: str | None = None
    source_title: str | None = None
    source_url: str | None = None
    published: RawDate | None = None
    updated: RawDate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A document. `built` is the moment at which it says to have been made.

    `sound`: each entry says what its item says in whatever company, so that the next document may be read in part.
    """

    version: str
    entries: tuple[RawEntry, ...]
    title: str | None = None
    url: str | None = None
    lang: str | None = None
    built: RawDate | None = None
    warnings: tuple[str, ...] = ()
    sound: bool = False
