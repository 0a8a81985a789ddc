"""Which addresses of a page may be feeds, and what a document says of its feed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.discovery import (
    MAX_CANDIDATES,
    How,
    candidates,
    country_of,
    is_official,
    is_page,
    page_text,
    pages_near,
    profile,
    well_known,
)
from monitor.core.parsing import parse_feed
from tests.fakes import NOW, rss

PAGE = "https://courier.example/news/world"


def found(html: str, url: str = PAGE) -> list[tuple[str, How]]:
    return [(one.url, one.how) for one in candidates(html, url)]


# ── what a page announces ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tag", "address"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/rss">', "https://courier.example/rss"),
        ("<LINK REL=ALTERNATE TYPE='application/atom+xml' HREF=atom.xml>", "https://courier.example/news/atom.xml"),
        (
            '<link rel="alternate" type="application/feed+json" href="//cdn.example/f.json"/>',
            "https://cdn.example/f.json",
        ),
        ('<link href="?feed=1&amp;x=2" type="text/xml; charset=utf-8" rel="home alternate">', f"{PAGE}?feed=1&x=2"),
        ('<link rel="feed" href="/anything">', "https://courier.example/anything"),
        ('<link rel="alternate" type="application/json" href="/feed.json">', "https://courier.example/feed.json"),
        (
            '<link rel="alternate" type="application/rss+xml" href="feed://courier.example/x">',
            "http://courier.example/x",
        ),
        ('<link rel="alternate" type="application/rss+xml" href="feed:https://a.example/x">', "https://a.example/x"),
    ],
)
def test_announced(tag: str, address: str) -> None:
    assert found(f"<html><head><title>x</title>{tag}</head></html>") == [(address, How.LINK)]


@pytest.mark.parametrize(
    "tag",
    [
        '<link rel="stylesheet" type="text/css" href="/feed.css">',
        '<link rel="alternate" hreflang="uk" href="/uk/">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/1">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed">',
        '<link rel="alternate stylesheet" type="text/xml" href="/feed">',
        '<link rel="alternate" type="application/rss+xml">',
        '<link rel="alternate" type="application/rss+xml" href="">',
        '<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">',
        '<link rel="alternate" type="application/rss+xml" href="http://[::1/x">',
        '<!-- <link rel="alternate" type="application/rss+xml" href="/rss"> -->',
        '<script>write("<link rel=alternate type=application/rss+xml href=/rss>")</script>',
        '<textarea><a href="/rss">RSS</a></textarea>',
        f'<a href="/rss?{"x" * 2000}">RSS</a>',
        '<a href="https://user:password@courier.example/rss">RSS</a>',
        '<a href="/feedback">Feedback</a>',
        '<a href="/rss.html">help</a>',
        '<a href="/about">About us</a>',
        '<a href="https://feedly.com/i/subscription/feed/https://courier.example/rss">Feedly</a>',
        '<a href="mailto:rss@courier.example">RSS</a>',
        '<abbr href="/rss">RSS</abbr>',
        '<a name="rss">RSS</a>',
    ],
)
def test_no_feed(tag: str) -> None:
    assert found(tag) == []


@pytest.mark.parametrize(
    ("tag", "address"),
    [
        ('<p><a class="x" href="/rss/world">World</a>', "/rss/world"),
        ('<a href="/news.rss">News</a>', "/news.rss"),
        ('<a href="/?feed=atom">News</a>', "/?feed=atom"),
        ('<a href="/export/42"> <b>x</b></a><a href="/subscribe">RSS</a>', "/subscribe"),
        ('<a href="/export" title="RSS feed"><img src=x></a>', "/export"),
    ],
)
def test_links_that_look_like_feeds(tag: str, address: str) -> None:
    assert found(tag) == [(f"https://courier.example{address}", How.ANCHOR)]


def test_the_order_is_that_of_likelihood() -> None:
    html = """
    <a href="/rss/sport">Sport</a>
    <link rel=alternate type=application/rss+xml title="Comments" href="/comments/feed">
    <link rel=alternate type=application/rss+xml title="Main" href="/feed"><a href="/feed#again">RSS</a>
    """
    listed = candidates(html, PAGE)
    assert [one.url.removeprefix("https://courier.example") for one in listed] == [
        "/feed",
        "/rss/sport",
        "/comments/feed",
    ]
    assert [one.title for one in listed] == ["Main", "Sport", "Comments"]


def test_a_base_counts_and_there_are_not_too_many() -> None:
    html = '<base href="https://other.example/x/">' + "".join(f"<a href=rss/{n}>n</a>" for n in range(500))
    assert [url for url, _ in found(html)] == [f"https://other.example/x/rss/{n}" for n in range(MAX_CANDIDATES)]


@pytest.mark.parametrize(
    "part", ["<div>", "<a href=/rss>", "<a ", "<link rel='", "<b><table>", "<script>", "<!--", "</p>"]
)
def test_a_hostile_page_is_harmless(part: str) -> None:
    assert len(candidates(part * 50_000, PAGE)) <= 1


@given(
    st.text()
    | st.lists(st.sampled_from(["<a ", "<link ", "href=", '"', "/rss", ">", "rel=alternate ", "<base "])).map("".join)
)
def test_whatever_the_page_is_nothing_is_raised(html: str) -> None:
    assert all(one.url.startswith(("http://", "https://")) for one in candidates(html, PAGE))


def test_pages_are_read_as_their_server_says() -> None:
    body = "<a href=/стрічка>Стрічка</a>".encode("windows-1251")
    for content_type in ("text/html; charset=windows-1251", 'text/html; charset="cp1251"'):
        assert "стрічка" in page_text(body, content_type)
    for name in ("no-such", "idna", "undefined"):
        assert "href" in page_text(body, f"text/html; charset={name}")
    assert "href" in page_text(body, None)


@pytest.mark.parametrize(
    ("body", "content_type", "page"),
    [
        (b"<!DOCTYPE html><p>", None, True),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x --><HTML lang=en>', "text/plain", True),
        (b"<p>no root", "text/html; charset=utf-8", True),
        ("<html>".encode("utf-16"), "text/html", True),
        (b"<p>no root", "text/xml", False),
        (b"nothing", "text/html", False),
        (b"", "text/html", False),
        (b'{"a": 1}', "text/html", False),
        (b"<svg/>", "image/svg+xml", False),
        (b"<!--" * 20_000, None, False),
    ],
)
def test_a_page_is_told_from_other_documents(body: bytes, content_type: str | None, page: bool) -> None:
    assert is_page(body, content_type) is page


# ── usual places ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_usual_places_are_beside_the_page_and_at_the_root() -> None:
    urls = [one.url for one in well_known(PAGE)]
    assert urls[:2] == ["https://courier.example/news/world/feed", "https://courier.example/news/world/rss"]
    wanted = ["/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/posts/default"]
    wanted += ["/?feed=rss2"]
    assert {f"https://courier.example{path}" for path in wanted} < set(urls)
    assert len(urls) < 20
    assert {one.how for one in well_known("https://courier.example")} == {How.WELL_KNOWN}


def test_pages_near_a_feed() -> None:
    assert pages_near("https://feeds.courier.example/rss/world.xml") == (
        "https://feeds.courier.example/",
        "https://courier.example/",
        "https://www.courier.example/",
    )
    assert pages_near("http://127.0.0.1:80/x") == ("http://127.0.0.1:80/",)


# ── what a document says ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_profile_has_the_newest_entries_and_the_rhythm() -> None:
    hours = [5, 1, 25, 49, -100]
    document = rss(
        *((f"Headline {n}", f"{n}", NOW - timedelta(hours=n)) for n in hours), head="<language>en-GB</language>"
    )
    what = profile(parse_feed(document, now=NOW))
    assert (what.title, what.language, what.entries, what.per_day) == ("Courier", "en", 5, 1.5)
    assert [entry.title for entry in what.newest] == ["Headline 1", "Headline 5", "Headline 25"]
    bare = profile(parse_feed(rss(("One", "1", None), ("Two", "2", None)), now=NOW))
    assert ([entry.title for entry in bare.newest], bare.per_day, bare.language) == (["One", "Two"], None, None)
    assert profile(parse_feed(rss(), now=NOW)).newest == ()


@pytest.mark.parametrize(
    ("url", "country", "official"),
    [
        ("https://www.pravda.com.ua/rss", "UA", False),
        ("https://www.gov.uk/feed", "GB", True),
        ("https://mod.gov.ua/rss", "UA", True),
        ("https://news.example.co/rss", None, False),
        ("https://www.state.gov/feed", None, True),
        ("https://courier.example/rss", None, False),
        ("https://127.0.0.1/rss", None, False),
    ],
)
def test_what_an_address_tells(url: str, country: str | None, official: bool) -> None:
    assert (country_of(url), is_official(url)) == (country, official)
