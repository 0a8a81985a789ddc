"""A piece of a document a thousand times over takes no longer than its length: what is quadratic shows itself."""

from contextlib import suppress

from monitor.core.dates import parse_date
from monitor.core.model import Fetched
from monitor.core.parsing import parse_feed
from monitor.core.text import plain_text
from monitor.core.urls import canonical_url, resolve
from monitor.errors import ParseError
from tests.core.feed_documents import NOW, URL, item, rss
from tests.fuzz.strictness import linear

BREAK = b"\n=====\n"
SIZE = 60_000
_BEFORE, _, _AFTER = rss(item("@", "https://news.example/1")).encode().partition(b"@")
_UNITS = (
    b"<a>",
    b"&lt;",
    b"&amp;lt;b",
    b"<!--",
    b"<![CDATA[",
    b"]]>",
    b"<category>x</category>",
    b"a@",
    b"<b c='",
    b"&#1",
)
SEEDS = [BREAK.join((_BEFORE, unit, _AFTER)) for unit in _UNITS]
SEEDS += [BREAK.join(parts) for parts in ((b"<!DOCTYPE rss [", b"<!ENTITY a 'b'>", b"]><rss/>"), (b'{"a":', b"[", b""))]


def check(data: bytes) -> None:
    before, unit, after = (*data.split(BREAK, 2), b"", b"")[:3]
    body = before + unit * (SIZE // len(unit) if unit else 0) + after
    with linear(len(body)), suppress(ParseError):
        parse_feed(Fetched(url=URL, body=body, body_hash=""), now=NOW)
    text = body.decode("utf-8", "surrogateescape")
    for work in (plain_text, parse_date, canonical_url, lambda text: resolve(URL, text)):
        with linear(len(body)):
            work(text)
