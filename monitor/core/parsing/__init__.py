"""Feed documents: bytes as they were fetched → entries with texts, dates and identity."""

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from monitor.core.model import LANGUAGES, Fetched, News, ParsedFeed
from monitor.core.parsing.document import read_document
from monitor.core.parsing.entries import MAX_TITLE, Spoken, code_of
from monitor.core.parsing.identity import KEY_VERSION
from monitor.core.parsing.news import Reading
from monitor.core.parsing.outline import Outline, pack, unpack
from monitor.core.parsing.split import Pieces, split
from monitor.core.publishers import article_site, home_site
from monitor.core.text import plain_text
from monitor.core.urls import resolve
from monitor.errors import ParseError

__all__ = ["CHECK_AFTER", "KEY_VERSION", "parse_feed", "parse_news"]

T = TypeVar("T")

PARSER_VERSION = 2
"""To be raised with every change of what a document's bytes are read as, so that nothing of old readings is kept."""

MAX_ENTRIES = 5_000
CHECK_AFTER = timedelta(hours=3)
"""So often the store is asked whether it has the entries that an outline says that it has."""


def parse_feed(
    fetched: Fetched,
    *,
    now: datetime,
    max_entries: int = MAX_ENTRIES,
    language: str | None = None,
    languages: Collection[str] = LANGUAGES,
) -> ParsedFeed:
    """Read RSS 0.9–2.0, RDF, Atom or JSON Feed. A sound feed without entries is a feed.

    `language` is what the operator says of the feed; `languages` are those that may be detected where no declaration
    can be believed.

    Whatever the bytes are, the outcome is a feed or ParseError, whose message says what the document is instead.
    """
    return _refusing(lambda: _feed(_pieces(fetched), now, max_entries, Spoken(language, languages)))


def parse_news(
    fetched: Fetched,
    outline: bytes | None = None,
    *,
    now: datetime,
    max_entries: int = MAX_ENTRIES,
    language: str | None = None,
    languages: Collection[str] = LANGUAGES,
) -> News:
    """Read what a document has that the one with this `outline` had not: the entries that come out are the same that
    `parse_feed` finds, and those that it leaves out are those that it would find unchanged. Raises ParseError.
    """
    return _refusing(lambda: _news(_pieces(fetched), outline, now, max_entries, Spoken(language, languages)))


def _refusing(read: Callable[[], T]) -> T:
    try:
        return read()
    except (MemoryError, ParseError):  # memory is whose process it is to judge
        raise
    except Exception as error:  # feedparser and what it calls raise of every kind on hostile input
        raise ParseError(f"cannot be read: {type(error).__name__}: {str(error)[:200]}") from error


def _pieces(fetched: Fetched) -> Pieces:
    document = read_document(fetched)
    base = resolve(fetched.url, fetched.content_location or "") or fetched.url
    return split(document, base, f"{PARSER_VERSION}.{KEY_VERSION}")


def _feed(pieces: Pieces, now: datetime, limit: int, spoken: Spoken) -> ParsedFeed:
    reading = Reading.whole(pieces, now=now, limit=limit, spoken=spoken)
    raw = reading.raw
    assert raw is not None
    return ParsedFeed(
        entries=tuple(reading.entries()),
        title=plain_text(raw.title or "")[:MAX_TITLE] or None,
        url=raw.url,
        lang=code_of(raw.lang),
        version=raw.version,
        hints=pieces.hints,
        warnings=reading.warnings,
    )


def _news(pieces: Pieces, outline: bytes | None, now: datetime, limit: int, spoken: Spoken) -> News:
    old = unpack(outline, pieces.context) if outline else None
    reading = _read(pieces, old, now, limit, spoken)
    entries, left = reading.entries(), reading.left
    check = old is not None and not timedelta() <= now - old.checked < CHECK_AFTER
    new = Outline(
        context=pieces.context,
        checked=now if old is None or check else old.checked,
        items=tuple(item for item in reading.items if item),
    )
    return News(
        entries=tuple(entries),
        unchanged=len(left),
        check=tuple(item.key for item in left) if check else (),
        home=home_site([*(article_site(entry.url) for entry in entries), *(item.site for item in left)]),
        hints=pieces.hints,
        outline=b"" if not reading.splits else pack(new) if new != old else None,
        warnings=reading.warnings,
    )


def _read(pieces: Pieces, old: Outline | None, now: datetime, limit: int, spoken: Spoken) -> Reading:
    known = old.by_digest() if old else {}
    if not known.keys().isdisjoint(pieces.digests):
        with suppress(Exception):  # whatever a part trips over, the whole document tells what it is
            return Reading.news(pieces, known, now=now, limit=limit, spoken=spoken)
    return Reading.whole(pieces, now=now, limit=limit, spoken=spoken)
