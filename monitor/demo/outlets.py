"""Reads the invented outlets of the demonstration from `samples/*.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from monitor.core.model import Press

SAMPLES = Path(__file__).parent / "samples"
STATES = (1, 2)
"""The two moments that are told: before the denial, and after it."""


class Format(StrEnum):
    """The document that an outlet serves; `page` is a web page where a feed should be."""

    RSS = "rss"
    ATOM = "atom"
    RDF = "rdf"
    JSON = "json"
    PAGE = "page"


class Guid(StrEnum):
    """What an RSS item carries as its guid."""

    ID = "id"
    LINK = "link"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The outlet from which an aggregator took an item (RSS 2.0 `source`)."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One report. It came out `minutes` before now, and was rewritten for state 2 `touched` minutes before now.

    It is shown in the states `since` to `until`. `related`: it tells of the war, so that the watchlist should find it.
    `markup`: the summary is HTML, else plain text; `content` is always HTML.
    """

    id: str
    link: str
    title: str
    summary: str
    minutes: int | None = None
    related: bool = True
    markup: bool = False
    content: str | None = None
    author: str | None = None
    source: Source | None = None
    since: int = 1
    until: int = 2
    retitled: str | None = None
    rewritten: str | None = None
    touched: int | None = None

    def at(self, state: int) -> "Item":
        """Return the item as it reads in `state`."""
        if state == 1:
            return replace(self, touched=None)
        return replace(self, title=self.retitled or self.title, summary=self.rewritten or self.summary)

    def published(self, now: datetime) -> datetime | None:
        """Tell when it came out; None where the outlet does not say."""
        return None if self.minutes is None else now - timedelta(minutes=self.minutes)

    def updated(self, now: datetime) -> datetime | None:
        """Tell when it was last rewritten, else when it came out."""
        return self.published(now) if self.touched is None else now - timedelta(minutes=self.touched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An invented publisher and its feed. `delay` is in seconds, `offset` its clock's hours east of UTC."""

    id: str
    title: str
    site: str
    description: str
    language: str
    country: str
    press: Press
    format: Format
    encoding: str = "utf-8"
    gzip: bool = False
    delay: float = 0.0
    cdata: bool = False
    guid: Guid = Guid.ID
    offset: int = 0
    page: str = ""
    items: tuple[Item, ...] = ()

    def shown(self, state: int) -> tuple[Item, ...]:
        """List the items of the document in `state`, the newest first, undated ones last."""
        items = [item.at(state) for item in self.items if item.since <= state <= item.until]
        return tuple(sorted(items, key=lambda item: (item.minutes is None, item.minutes)))

    def address(self, item: Item) -> str:
        """Make the absolute link of an item."""
        return self.site + item.link if item.link.startswith("/") else item.link

    def modified(self, state: int, now: datetime) -> datetime:
        """Tell when the document last changed: its newest item or rewrite; a day ago where nothing is dated."""
        moments = (item.updated(now) for item in self.shown(state))
        return max((moment for moment in moments if moment), default=now - timedelta(days=1))


def load_outlets(folder: Path = SAMPLES) -> tuple[Outlet, ...]:
    """Read every outlet in `folder`, in the order of the file names.

    Raises `OSError`, `tomllib.TOMLDecodeError`, and `TypeError` or `ValueError` for a key or value that is not known.
    """
    return tuple(_outlet(tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.toml")))


def _outlet(table: Mapping[str, Any]) -> Outlet:
    known = {
        "press": Press(table["press"]),
        "format": Format(table["format"]),
        "guid": Guid(table.get("guid", Guid.ID)),
        "items": tuple(_item(item) for item in table.get("items", ())),
    }
    return Outlet(**{**table, **known})


def _item(table: Mapping[str, Any]) -> Item:
    source = table.get("source")
    return Item(**{**table, "summary": table["summary"].strip(), "source": Source(**source) if source else None})
