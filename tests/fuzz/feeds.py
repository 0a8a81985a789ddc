"""Any bytes under any content type are a feed or ParseError, and what comes out can be stored."""

from dataclasses import fields

from monitor.core.model import Entry, Fetched
from monitor.core.parsing import parse_feed
from monitor.errors import ParseError
from tests.core.feed_documents import ATOM, CYRILLIC, DATE, JSON_ITEM, NOW, URL, item, json_feed, rss
from tests.fuzz.strictness import judge, linear

TYPES = (None, "application/rss+xml; charset=windows-1251", "text/xml; charset=koi8-u", "text/html; charset=utf-7")
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://news.example/"><title>Example</title></channel>
 <item rdf:about="https://news.example/1"><title>One</title><link>https://news.example/1</link>
 <dc:date>2026-02-24T05:00:00+02:00</dc:date><dc:creator>A</dc:creator></item></rdf:RDF>"""
MEDIA = item("One", "1", more='<media:group><media:description type="html">&lt;b&gt;</media:description></media:group>')
DOCUMENTS = (
    rss(item("One", "https://news.example/1", "id-1", DATE), item("Two &amp; <![CDATA[<b>three</b>]]>", "/2")),
    rss(MEDIA, channel="<ttl>60</ttl><skipHours><hour>3</hour></skipHours><skipDays><day>Sunday</day></skipDays>"),
    '<!DOCTYPE rss [<!ENTITY co "Corp"><!ENTITY sp "&#160;">]>' + rss(item("A&sp;&co;"))[39:],
    ATOM,
    RDF,
    json_feed(JSON_ITEM, {"id": "2", "content_text": "x", "date_published": "yesterday"}),
)
SEEDS = [b"\0" + document.encode() for document in DOCUMENTS] + [
    b"\1" + CYRILLIC.encode("windows-1251"),
    b"\2" + CYRILLIC.encode("koi8-u"),
    b"\0" + CYRILLIC.encode("utf-16"),
]


def check(data: bytes) -> None:
    body = data[1:]
    kind = TYPES[data[0] % len(TYPES)] if data else None
    with linear(len(data)):
        try:
            feed = parse_feed(Fetched(url=URL, body=body, body_hash="", content_type=kind), now=NOW)
        except ParseError as error:
            judge(error)
            return
    for text in (feed.title, feed.url, feed.lang, *feed.warnings):
        (text or "").encode()
    for entry in feed.entries:
        check_entry(entry)
    keys = [entry.keys[0] for entry in feed.entries]
    assert len(set(keys)) == len(keys)


def check_entry(entry: Entry) -> None:
    """No half characters, no NUL, absolute addresses."""
    texts = [value for field in fields(entry) if isinstance(value := getattr(entry, field.name), str)]
    for text in texts:
        assert "\0" not in text.encode().decode()
    assert entry.url is None or entry.url.lower().startswith(("http://", "https://")), entry.url
    assert entry.keys
