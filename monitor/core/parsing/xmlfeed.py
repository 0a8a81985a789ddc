"""RSS, RDF and Atom, by feedparser: this is its only home."""

import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urljoin

import feedparser

from monitor.core.parsing.document import Document
from monitor.core.parsing.guards import guard, mend
from monitor.core.parsing.raw import RawDate, RawEntry, RawFeed
from monitor.core.urls import resolve
from monitor.errors import NotAFeedError, ParseError

READER = f"feedparser {feedparser.__version__}"
"""What reads: another version may read differently."""

_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_OPENED = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)\b[^<>]*>")
_CLOSED = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>")
_RELATIVE_ID = re.compile(
    r"<(?:\w+:)?(?:guid|id)\b[^<>]*>\s*+(?:<!\[CDATA\[\s*+)?(?![a-zA-Z][\w+.-]*:)([^<>\]]{1,500})(?:\]\]>\s*+)?</"
)
_BASE = re.compile(r"base\s*=")
_SCHEME = re.compile(r"[a-zA-Z][\w+.-]*:")
_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s(<@]++@[^\s)>]+")
_TEXT_TYPES = ("text/plain", "text/html", "application/xhtml+xml")


def read_xml_feed(document: Document, base: str) -> RawFeed:
    """Read a feed in XML. What is not well-formed is read leniently, with a warning.

    Raises ParseError where there is no feed, or none but a broken piece of one. feedparser may raise anything else.
    """
    based = _BASE.search(document.text) is not None
    result, sound = _parse(document.text, base if based else "")
    entries, warnings = list(result["entries"]), list(document.warnings)
    if result["bozo"]:
        warnings.append(f"not well-formed XML: {_reason(result)}")
        if document.cut_off:
            entries = _whole(entries, document.text)
            warnings.append("cut off; the entries that were whole are kept")
    if not entries and ((document.cut_off and result["bozo"]) or not result["version"]):
        raise _nothing(document, result)
    relative = _relative_ids(document.text, base) if based else {}
    feed = result["feed"]
    return RawFeed(
        version=result["version"] or "",
        title=_text(feed, "title"),
        url=resolve(base, _text(feed, "link") or ""),
        lang=_text(feed, "language"),
        built=_date(feed, "updated"),
        entries=tuple(_entry(entry, base, relative) for entry in entries),
        warnings=tuple(warnings),
        sound=sound,
    )


def _parse(text: str, base: str) -> tuple[feedparser.FeedParserDict, bool]:
    """Return what feedparser makes of a document, and whether it was well-formed and nothing had to be mended."""
    guarded, whole = guard(text)
    try:
        result = _feedparser(guarded, base)
    except Exception:
        mended = mend(guarded)
        if mended == guarded:
            raise
        return _feedparser(mended, base), False
    return result, whole and not result["bozo"]


def _feedparser(text: str, base: str) -> feedparser.FeedParserDict:
    """Hand over a stream and nothing else: feedparser takes bytes and strings for file names and addresses.

    Given a `base` it resolves addresses, and that of the base itself at every tag: a fifth of its time. So it gets one
    only where elements have bases of their own (xml:base); elsewhere its addresses come as written.
    """
    stream = io.BytesIO(text.encode("utf-8", "replace"))
    headers = {**_HEADERS, "content-location": base}
    return feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)


def _reason(result: feedparser.FeedParserDict) -> str:
    error = result.get("bozo_exception")
    message = error.getMessage() if hasattr(error, "getMessage") else str(error)
    line = error.getLineNumber() if hasattr(error, "getLineNumber") else None
    return f"{message} (line {line})" if line else message


def _nothing(document: Document, result: feedparser.FeedParserDict) -> ParseError:
    if not result["version"]:
        return NotAFeedError(f"is not a feed: its root element is <{document.root}>")
    return ParseError("cut off before the end of the first entry")


def _whole(entries: list[feedparser.FeedParserDict], text: str) -> list[feedparser.FeedParserDict]:
    """Leave out the entry that the cut went through."""
    opened = max((found.start() for found in _OPENED.finditer(text)), default=-1)
    closed = max((found.start() for found in _CLOSED.finditer(text)), default=-1)
    return entries[:-1] if opened > closed else entries


def _relative_ids(text: str, base: str) -> dict[str, str]:
    """Map resolved to written ids, where they are no addresses.

    feedparser resolves every id like a link; an identity must not change when the feed moves.
    """
    written = {unescape(found).strip() for found in _RELATIVE_ID.findall(text)}
    return {urljoin(base, raw): raw for raw in written if raw}


def _entry(entry: Mapping[str, object], base: str, relative: Mapping[str, str]) -> RawEntry:
    source = _mapping(entry, "source")
    return RawEntry(
        guid=_guid(entry, base, relative),
        url=_link(entry, base, relative),
        title=_text(entry, "title") or "",
        summary=_summary(entry),
        content=_content(entry),
        author=_author(entry),
        lang=_language(entry),
        source_title=_text(source, "title"),
        source_url=resolve(base, _text(source, "link") or _text(source, "href") or ""),
        published=_date(entry, "published") or _date(entry, "created"),
        updated=_date(entry, "updated"),
    )


def _value(holder: Mapping[str, object], key: str) -> object:
    """Look up without feedparser's aliases, of which the one from `updated` to `published` is deprecated."""
    return dict.get(holder, key) if isinstance(holder, dict) else None


def _text(holder: Mapping[str, object], key: str) -> str | None:
    value = _value(holder, key)
    return value.strip() or None if isinstance(value, str) else None


def _mapping(holder: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = _value(holder, key)
    return value if isinstance(value, dict) else {}


def _mappings(holder: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    value = _value(holder, key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _guid(entry: Mapping[str, object], base: str, relative: Mapping[str, str]) -> str | None:
    """Return the id: an address in the spelling of a resolved one, anything else as it was written."""
    guid = _text(entry, "id")
    if guid is None or not _WEB_ADDRESS.match(guid):
        return guid
    guid = relative.get(guid, guid)
    try:
        return urljoin(base, guid) if _WEB_ADDRESS.match(guid) else guid
    except ValueError:
        return guid


def _link(entry: Mapping[str, object], base: str, relative: Mapping[str, str]) -> str | None:
    """Find the entry's page: never an id that is no address.

    Feeds that go through FeedBurner or Pheedo say beside their link where it leads.
    """
    own = _text(entry, "feedburner_origlink") or _text(entry, "pheedo_origlink")
    link = _text(entry, "link")
    if link and link == _text(entry, "id") and not _is_address(relative.get(link, link)):
        link = None
    alternates = [_text(item, "href") for item in _mappings(entry, "links") if _text(item, "rel") == "alternate"]
    return next((found for address in (own, link, *alternates) if address and (found := resolve(base, address))), None)


def _is_address(text: str) -> bool:
    return text.startswith("/") or _SCHEME.match(text) is not None


def _summary(entry: Mapping[str, object]) -> str | None:
    """Return what the source called a summary; feedparser fills a missing one with the content, without a detail."""
    return _text(entry, "summary") if _mapping(entry, "summary_detail") else None


def _content(entry: Mapping[str, object]) -> str | None:
    texts = [item for item in _mappings(entry, "content") if _value(item, "type") in _TEXT_TYPES]
    return max((text for item in texts if (text := _text(item, "value"))), key=len, default=None)


def _author(entry: Mapping[str, object]) -> str | None:
    """Return the names; where there is an address, without it (feedparser cuts those of long domains in two)."""
    written = _text(entry, "author") or ""
    names = [name for author in _mappings(entry, "authors") if (name := _text(author, "name"))]
    if "@" in written and len(names) < 2:
        return _ADDRESS.sub("", written).strip(" ()<>,") or written
    return ", ".join(dict.fromkeys(names)) or written or None


def _language(entry: Mapping[str, object]) -> str | None:
    """Return `dc:language`, else the `xml:lang` that held where the entry's texts stand."""
    details = [_mapping(entry, "title_detail"), _mapping(entry, "summary_detail"), *_mappings(entry, "content")]
    return _text(entry, "language") or next((lang for detail in details if (lang := _text(detail, "language"))), None)


def _date(holder: Mapping[str, object], key: str) -> RawDate | None:
    text = _text(holder, key)
    return RawDate(text=text, guess=_guessed(_value(holder, f"{key}_parsed"), text)) if text else None


def _guessed(parsed: object, text: str) -> datetime | None:
    """Trust feedparser only where its year stands in the text: it reads 1771902000 as the year 1771."""
    if not isinstance(parsed, tuple) or str(parsed[0]) not in text or text.isdigit():
        return None
    try:
        year, month, day, hour, minute, second = parsed[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
