"""Feed documents for tests, written here word by word."""

import json
from datetime import UTC, datetime
from email.utils import format_datetime

from monitor.core.model import Entry, Fetched, ParsedFeed
from monitor.core.parsing import parse_feed
from monitor.errors import ParseError

NOW = datetime(2026, 2, 24, 12, tzinfo=UTC)
URL = "https://news.example/world/feed.xml"
DATE = "<pubDate>Tue, 24 Feb 2026 05:00:00 +0200</pubDate>"

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="uk">
  <title>Приклад</title><link href="https://news.example/"/><updated>2026-02-24T05:00:00Z</updated>
  <entry>
    <id>urn:example:1</id><title type="html">Перша &lt;b&gt;новина&lt;/b&gt;</title>
    <link href="https://news.example/1?utm_source=atom"/><updated>2026-02-24T05:00:00+02:00</updated>
    <author><name>Олена</name></author><author><name>Іван</name></author>
    <summary>Коротко</summary><content type="html">&lt;p&gt;Довго&lt;/p&gt;&lt;p&gt;і ще&lt;/p&gt;</content>
    <source><title>Інше видання</title><link href="https://other.example/"/></source>
  </entry>
</feed>"""


def rss(*items: str, channel: str = "") -> str:
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>Example</title>'
        f"<link>https://news.example/</link>{channel}{body}</channel></rss>"
    )


def item(title: str = "", link: str = "", guid: str = "", more: str = "") -> str:
    return "".join(
        (
            f"<title>{title}</title>" if title else "",
            f"<link>{link}</link>" if link else "",
            f'<guid isPermaLink="false">{guid}</guid>' if guid else "",
            more,
        )
    )


def dated(moment: datetime) -> str:
    return f"<pubDate>{format_datetime(moment)}</pubDate>"


def parse(
    document: str | bytes, content_type: str | None = None, *, now: datetime = NOW, limit: int = 5_000
) -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    fetched = Fetched(url=URL, body=body, body_hash="", content_type=content_type)
    return parse_feed(fetched, now=now, max_entries=limit)


def only(document: str | bytes, content_type: str | None = None) -> Entry:
    (entry,) = parse(document, content_type).entries
    return entry


def refusal(document: Fetched) -> str | None:
    """Return why the document is no feed, or None where it is one."""
    try:
        parse_feed(document, now=NOW)
    except ParseError as error:
        return str(error)
    return None


JSON_ITEM = {
    "id": 7,
    "url": "/1",
    "title": "One",
    "content_html": "<p>Whole <b>text</b></p>",
    "summary": "Short",
    "date_published": "2026-02-24T05:00:00+02:00",
    "date_modified": "2026-02-24T06:00:00+02:00",
    "authors": [{"name": "A"}, {"name": "B"}],
    "language": "de-AT",
}


def json_feed(*items: object, version: str = "https://jsonfeed.org/version/1.1", **more: object) -> str:
    return json.dumps({"version": version, "title": "Example", "items": items, **more})


CYRILLIC = rss(item("Зеленський у Києві", "https://news.example/1"))
