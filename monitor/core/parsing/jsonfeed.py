"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

import json
import re
from collections.abc import Mapping, Sequence

from monitor.core.parsing.raw import RawDate, RawEntry, RawFeed
from monitor.core.urls import resolve
from monitor.errors import NotAFeedError, ParseError

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(\d+)(?:\.(\d+))?/?", re.IGNORECASE)


def load_json_feed(text: str) -> dict[str, object]:
    """Load a JSON Feed. Raises ParseError for any other JSON."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"is not valid JSON: {error}") from error
    if not isinstance(feed, dict) or _version(feed) is None:
        raise NotAFeedError("is JSON, but names no JSON Feed version")
    if not isinstance(feed.get("items"), list):
        raise ParseError("is a JSON Feed without a list of items")
    return feed


def json_items(feed: Mapping[str, object]) -> list[dict[str, object]]:
    """Return the items that can be read."""
    items = feed["items"]
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def read_json_feed(feed: Mapping[str, object], items: Sequence[dict[str, object]], base: str) -> RawFeed:
    """Read these items of a feed; relative addresses are resolved against `base`."""
    version, listed = _version(feed), feed["items"]
    odd = isinstance(listed, list) and len(json_items(feed)) < len(listed)
    return RawFeed(
        version=f"json{version[1]}{version[2] or ''}" if version else "",
        title=_string(feed, "title") or None,
        url=resolve(base, _string(feed, "home_page_url")),
        lang=_string(feed, "language") or None,
        entries=tuple(_entry(item, base) for item in items),
        warnings=("items that are no objects left out",) if odd else (),
        sound=True,
    )


def _version(feed: Mapping[str, object]) -> re.Match[str] | None:
    return _VERSION.fullmatch(_string(feed, "version"))


def _entry(item: dict[str, object], base: str) -> RawEntry:
    return RawEntry(
        guid=_string(item, "id") or None,
        url=resolve(base, _string(item, "url")) or resolve(base, _string(item, "external_url")),
        title=_string(item, "title"),
        summary=_string(item, "summary") or None,
        content=_string(item, "content_html") or _string(item, "content_text") or None,
        author=_author(item),
        lang=_string(item, "language") or None,
        published=_date(item, "date_published"),
        updated=_date(item, "date_modified"),
    )


def _string(holder: Mapping[str, object], key: str) -> str:
    """Return a value as text: ids of 1.0 may be numbers."""
    value = holder.get(key)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _author(item: dict[str, object]) -> str | None:
    """All names of 1.1's `authors`, or that of 1.0's `author`."""
    listed = item.get("authors")
    authors = listed if isinstance(listed, list) else [item.get("author")]
    names = [_string(author, "name") for author in authors if isinstance(author, dict)]
    return ", ".join(dict.fromkeys(name for name in names if name)) or None


def _date(item: dict[str, object], key: str) -> RawDate | None:
    text = _string(item, key)
    return RawDate(text=text) if text else None
