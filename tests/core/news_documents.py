"""Two successive documents of one feed, and what must hold between reading the second in part and as a whole."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.model import Entry, Fetched, News
from monitor.core.parsing import parse_feed, parse_news
from monitor.core.parsing.document import read_document
from monitor.core.publishers import article_site, home_site
from monitor.errors import ParseError

URL = "https://feed.example/a/rss.xml"
_ITEM = re.compile(r"<((?:[\w.-]+:)?(?:item|entry))(?=[\s/>]).*?</\1\s*>", re.DOTALL)


@dataclass(frozen=True)
class Cut:
    """A document cut by a rule of this test's own: `write` makes one of the items of these numbers."""

    size: int
    write: Callable[[Sequence[int]], bytes]


def fetched(body: bytes) -> Fetched:
    return Fetched(url=URL, body=body, body_hash="")


def cut(body: bytes) -> Cut | None:
    """Cut a document that can be read; None for any other."""
    try:
        document = read_document(fetched(body))
    except ParseError:
        return None
    return _cut_json(document.text) if document.is_json else _cut_xml(document.text)


def _cut_xml(text: str) -> Cut:
    spans = [found.span() for found in _ITEM.finditer(text)]
    head, tail = (text[: spans[0][0]], text[spans[-1][1] :]) if spans else (text, "")
    items = [text[start:end] for start, end in spans]
    return Cut(len(items), lambda numbers: "".join((head, *(items[n] for n in numbers), tail)).encode())


def _cut_json(text: str) -> Cut | None:
    try:
        feed = json.loads(text)
        items = list(feed["items"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return Cut(len(items), lambda numbers: json.dumps(feed | {"items": [items[n] for n in numbers]}).encode())


def whole(body: bytes, now: datetime) -> list[Entry] | str:
    try:
        return list(parse_feed(fetched(body), now=now).entries)
    except ParseError as error:
        return str(error)


def news(body: bytes, outline: bytes | None, now: datetime) -> News | str:
    try:
        return parse_news(fetched(body), outline, now=now)
    except ParseError as error:
        return str(error)


def check(before: bytes, after: bytes, now: datetime, later: timedelta) -> News | None:
    """Hold the second document, read with what is known of the first, against reading it as a whole.

    What comes out is, in its order, what the whole reading finds; what does not was in the first document with the same
    keys and the same fingerprint, so that the store would leave it alone.
    """
    first, known = news(before, None, now), whole(before, now)
    assert (first if isinstance(first, str) else list(first.entries)) == known
    second = news(after, None if isinstance(first, str) else first.outline, now + later)
    expected = whole(after, now + later)
    if isinstance(second, str) or isinstance(expected, str):
        assert second == expected
        return None
    _compare(second, expected, known if isinstance(known, list) else [])
    return second


def _compare(found: News, expected: Sequence[Entry], known: Sequence[Entry]) -> None:
    read = list(found.entries)
    left = []
    for entry in expected:
        if read and read[0] == entry:
            read.pop(0)
        else:
            left.append(entry)
    assert not read
    assert found.unchanged == len(left)
    stored = {(key, entry.fingerprint) for entry in known for key in entry.keys}
    assert all((key, entry.fingerprint) in stored for entry in left for key in entry.keys)
    assert found.home == home_site(article_site(entry.url) for entry in expected)
    assert not found.check or list(found.check) == [entry.keys[0] for entry in left]
