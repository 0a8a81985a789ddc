"""Two documents, the second read with what is known of the first: the same entries as a whole reading finds."""

from datetime import timedelta

from tests.core.feed_documents import DATE, NOW, item, rss
from tests.core.news_documents import check as compare
from tests.core.news_documents import cut
from tests.fuzz import feeds
from tests.fuzz.strictness import linear

BREAK = b"\n=====\n"
LATER = timedelta(hours=1)
_ONE, _TWO, _THREE = (item(f"Title {n}", f"https://news.example/{n}", f"id-{n}", DATE) for n in range(3))
SEEDS = [seed[1:] for seed in feeds.SEEDS] + [
    BREAK.join((rss(_ONE, _TWO).encode(), rss(_THREE, _ONE, _TWO).encode())),
    BREAK.join((rss(_ONE, _TWO).encode(), rss(_TWO.replace("Title", "New title"), _ONE).encode())),
    BREAK.join((rss(_ONE, item("Title 1")).encode(), rss(item("Title 1"), "<!-- x -->", _ONE).encode())),
]


def check(data: bytes) -> None:
    before, found, after = data.partition(BREAK)
    with linear(3 * len(data)):
        if found:
            compare(before, after, NOW, LATER)
            return
        compare(data, data, NOW, LATER)
        if parts := cut(data):
            compare(parts.write(range(1, parts.size)), parts.write(range(parts.size)), NOW, LATER)
