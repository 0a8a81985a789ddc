"""Feed documents: bytes as they were fetched → entries with texts, dates and identity."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from monitor.core.model import LANGUAGES, Fetched, ParsedFeed
from monitor.core.parsing.document import read_document
from monitor.core.parsing.entries import MAX_TITLE, Cuts, clean_entries, code_of
from monitor.core.parsing.identity import KEY_VERSION, identify
from monitor.core.parsing.jsonfeed import read_json_feed
from monitor.core.parsing.raw import RawFeed
from monitor.core.parsing.xmlfeed import read_xml_feed
from monitor.core.text import plain_text
from monitor.core.urls import resolve
from monitor.errors import ParseError

__all__ = ["KEY_VERSION", "parse_feed"]


def parse_feed(
    fetched: Fetched,
    *,
    now: datetime,
    max_entries: int = 5_000,
    language: str | None = None,
    languages: Collection[str] = LANGUAGES,
) -> ParsedFeed:
    """Read RSS 0.9–2.0, RDF, Atom or JSON Feed. A sound feed without entries is a feed.

    `language` is what the operator says of the feed; `languages` are those that may be detected where no declaration
    can be believed.

    Whatever the bytes are, the outcome is a feed or ParseError, whose message says what the document is instead.
    """
    try:
        raw = _read(fetched)
        return _parsed(raw, now, max_entries, language, languages)
    except ParseError:
        raise
    except Exception as error:  # feedparser and what it calls raise of every kind on hostile input
        raise ParseError(f"cannot be read: {type(error).__name__}: {str(error)[:200]}") from error


def _read(fetched: Fetched) -> RawFeed:
    document = read_document(fetched)
    base = resolve(fetched.url, fetched.content_location or "") or fetched.url
    return read_json_feed(document.text, base) if document.is_json else read_xml_feed(document, base)


def _parsed(
    raw: RawFeed, now: datetime, max_entries: int, language: str | None, languages: Collection[str]
) -> ParsedFeed:
    cuts = Cuts()
    kept = replace(raw, entries=raw.entries[:max_entries])
    cleaned = clean_entries(kept, now=now, cuts=cuts, language=language, languages=languages)
    entries = identify(cleaned, raw.url)
    left_out = len(raw.entries) - len(kept.entries)
    more = [f"{left_out} entries above the limit of {max_entries} left out"] if left_out else []
    return ParsedFeed(
        entries=tuple(entries),
        title=plain_text(raw.title or "")[:MAX_TITLE] or None,
        url=raw.url,
        lang=code_of(raw.lang),
        version=raw.version,
        warnings=(*raw.warnings, *more, *cuts.warnings()),
    )
