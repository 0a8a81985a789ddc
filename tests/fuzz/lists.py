"""Any bytes are a list of feeds or InputError; what was listed is written and read again as it was."""

from monitor.core.model import FeedSpec
from monitor.core.opml import read_opml, write_opml
from monitor.errors import InputError
from tests.core.feed_documents import NOW
from tests.fuzz.strictness import linear

_FEED = '<outline type="rss" text="One &amp; two" xmlUrl="https://news.example/1" language="uk" monitor:id="one"/>'
SEEDS = [
    f'<opml version="2.0"><body><outline text="Folder">{_FEED}</outline>{_FEED}</body></opml>'.encode(),
    b'<?xml version="1.0" encoding="windows-1251"?><OPML><body><Outline TEXT="\xcf" XMLURL="//x"/></body></OPML>',
    b'<!DOCTYPE opml [<!ENTITY a "b">]><opml><body><outline text="&a;" xmlUrl="&#x41;"/></body></opml>',
]


def check(data: bytes) -> None:
    with linear(len(data)):
        try:
            listed = read_opml(data)
        except InputError:
            return
    specs = [
        FeedSpec(id=f"feed-{number}", title=one.title or "none", url=one.url, language=one.language or None)
        for number, one in enumerate(listed.outlines)
    ]
    again = read_opml(write_opml(specs, title="List", now=NOW).encode()).outlines
    assert [(one.url, one.title, one.language) for one in again] == [(s.url, s.title, s.language) for s in specs]
