"""Any page, whatever it is declared as, links to a few feeds or none."""

from monitor.core.discovery import MAX_CANDIDATES, candidates, page_text
from tests.fuzz.strictness import linear

URL = "https://news.example/page"
SEEDS = [
    b"utf-8\n<link rel='alternate' type='application/rss+xml' title='All' href='/rss'><base href='//x.example/'>",
    b'windows-1251\n<html><body><a href="https://news.example/feed/">RSS</a><script>"<a href=/feed>"</script>',
    b"idna\n<a href='feed:https://news.example/atom.xml'><img alt='Feed'></a>",
]


def check(data: bytes) -> None:
    name, _, body = data.partition(b"\n")
    with linear(len(data)):
        text = page_text(body, f"text/html; charset={name.decode('ascii', 'replace')}")
        found = candidates(text, URL)
    assert len({one.url for one in found}) == len(found) <= MAX_CANDIDATES
    for one in found:
        assert one.url.lower().startswith(("http://", "https://")), one.url
        (one.url + (one.title or "")).encode()
