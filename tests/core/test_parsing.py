"""Feed documents to entries: formats, characters, texts, limits, dates."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.model import DateFlag, Fetched
from monitor.core.parsing import KEY_VERSION, parse_feed
from monitor.errors import ParseError
from tests.core.feed_documents import (
    ATOM,
    CYRILLIC,
    DATE,
    JSON_ITEM,
    NOW,
    URL,
    dated,
    item,
    json_feed,
    only,
    parse,
    rss,
)

# ── formats ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_rss() -> None:
    feed = parse(
        rss(
            item("One &amp;amp; only", "/1", "id-1", DATE)
            + "<description>&lt;p&gt;Short &lt;b&gt;text&lt;/b&gt;&lt;/p&gt;</description>"
            + '<content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/">'
            + "<![CDATA[<p>Whole</p><p>text</p>]]></content:encoded><author>desk@news.example (Desk)</author>"
            + '<source url="https://other.example/rss">Other</source>',
            channel="<language>en-GB</language>",
        )
    )
    assert (feed.title, feed.url, feed.lang, feed.version) == ("Example", "https://news.example/", "en", "rss20")
    assert feed.warnings == ()
    (entry,) = feed.entries
    assert entry.title == "One & only"
    assert entry.url == "https://news.example/1"
    assert entry.guid == "id-1"
    assert (entry.summary, entry.summary_html) == ("Short text", "<p>Short <b>text</b></p>")
    assert (entry.content, entry.content_html) == ("Whole text", "<p>Whole</p><p>text</p>")
    assert (entry.author, entry.lang) == ("Desk", "en")
    assert (entry.source_title, entry.source_url) == ("Other", "https://other.example/rss")
    assert (entry.published, entry.updated) == (datetime(2026, 2, 24, 3, tzinfo=UTC), None)
    assert entry.date_flags == frozenset()
    assert entry.canonical_url == "https://news.example/1"
    assert [key[:2] for key in entry.keys] == ["g:", "l:"]
    assert all(len(key) == 34 for key in entry.keys)
    assert entry.key_version == KEY_VERSION
    assert len(entry.fingerprint) == 32


def test_atom() -> None:
    feed = parse(ATOM)
    (entry,) = feed.entries
    assert (feed.version, feed.lang, entry.lang) == ("atom10", "uk", "uk")
    assert entry.title == "Перша новина"
    assert (entry.summary, entry.content) == ("Коротко", "Довго і ще")
    assert entry.author == "Олена, Іван"
    assert entry.published == entry.updated == datetime(2026, 2, 24, 3, tzinfo=UTC)
    assert (entry.source_title, entry.source_url) == ("Інше видання", "https://other.example/")
    assert (entry.url, entry.canonical_url) == ("https://news.example/1?utm_source=atom", "https://news.example/1")


def test_rdf_with_dublin_core() -> None:
    entry = only(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Example</title></channel>'
        '<item rdf:about="https://news.example/1"><title>One</title><link>https://news.example/1</link>'
        "<dc:date>2026-02-24T05:00:00Z</dc:date><dc:creator>Desk</dc:creator><dc:language>pl-PL</dc:language></item></rdf:RDF>"
    )
    assert (entry.published, entry.author, entry.lang) == (datetime(2026, 2, 24, 5, tzinfo=UTC), "Desk", "pl")


def test_json_feed() -> None:
    feed = parse("\ufeff\n" + json_feed(JSON_ITEM, home_page_url="https://news.example/", language="fr"))
    (entry,) = feed.entries
    assert (feed.version, feed.title, feed.url, feed.lang) == ("json11", "Example", "https://news.example/", "fr")
    assert (entry.guid, entry.url, entry.title, entry.lang) == ("7", "https://news.example/1", "One", "de")
    assert (entry.summary, entry.content, entry.content_html) == ("Short", "Whole text", "<p>Whole <b>text</b></p>")
    assert (entry.published, entry.author) == (datetime(2026, 2, 24, 3, tzinfo=UTC), "A, B")
    assert entry.updated == datetime(2026, 2, 24, 4, tzinfo=UTC)


def test_json_feed_1_0_and_odd_items() -> None:
    old = {"id": "a", "content_text": "Only a text", "author": {"name": "A"}, "external_url": "https://other.example/"}
    feed = parse(json_feed(old, 5, {"title": "\ud800half\u0000"}, version="https://jsonfeed.org/version/1"))
    assert feed.version == "json1"
    assert [(entry.title, entry.author) for entry in feed.entries] == [("Only a text", "A"), ("half", None)]
    assert feed.warnings == ("items that are no objects left out",)


@pytest.mark.parametrize(
    "document", [rss(), ATOM[: ATOM.index("<entry>")] + "</feed>", json_feed(), "<rss version='2.0'/>"]
)
def test_a_feed_without_entries_is_a_feed(document: str) -> None:
    assert parse(document).entries == ()


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "empty"),
        (" \n\t\ufeff ", "empty"),
        ("<!DOCTYPE html><html><body><p>Checking your browser</p></body></html>", "is an HTML page, not a feed"),
        ("<?xml version='1.0'?><!-- x --><html xmlns='http://www.w3.org/1999/xhtml'/>", "is an HTML page, not a feed"),
        ("<opml version='2.0'><body/></opml>", "is not a feed: its root element is <opml>"),
        ("Service unavailable", "is neither XML nor JSON"),
        ("{", "is not valid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ('{"a": 1}', "is JSON, but names no JSON Feed version"),
        ('{"version": "https://jsonfeed.org/version/1.1"}', "is a JSON Feed without a list of items"),
        (rss(item("One"))[:120], "cut off before the end of the first entry"),
    ],
)
def test_reasons(document: str, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse(document)
    assert str(caught.value) == reason


# ── characters ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (CYRILLIC.encode(), "application/rss+xml"),
        (CYRILLIC.encode(), "text/xml; charset=windows-1251"),
        (CYRILLIC.replace('"utf-8"', '"windows-1251"').encode(), None),
        (CYRILLIC.replace('"utf-8"', '"windows-1251"').encode(), "text/xml; charset=iso-8859-1"),
        (CYRILLIC.replace('"utf-8"', '"windows-1251"').encode("windows-1251"), None),
        (CYRILLIC.replace('"utf-8"', '"windows-1251"').encode("windows-1251"), "text/xml; charset=utf-8"),
        (CYRILLIC.replace('"utf-8"', '"windows-1251"').encode("windows-1251"), "text/xml; charset=ISO-8859-1"),
        (CYRILLIC.replace('"utf-8"', '"koi8-u"').encode("koi8-u"), "application/xml"),
        (CYRILLIC.encode("windows-1251"), "application/rss+xml; charset=windows-1251"),
        (CYRILLIC.encode("utf-8-sig"), None),
        (CYRILLIC.replace('"utf-8"', '"utf-16"').encode("utf-16"), None),
        (CYRILLIC.encode("utf-16-le"), None),
        (CYRILLIC.encode("utf-32"), None),
        (b"\n\n" + CYRILLIC.replace('"utf-8"', '"windows-1251"').encode("windows-1251"), None),
        (CYRILLIC.encode() + b"<!-- \xff -->", None),
        (CYRILLIC.encode() + "ї".encode()[:1], None),
        (CYRILLIC.replace('"utf-8"', '"no-such-set"').encode(), None),
        (CYRILLIC.replace('"utf-8"', '"punycode"').encode(), None),
    ],
)
def test_character_sets(body: bytes, content_type: str | None) -> None:
    assert only(body, content_type).title == "Зеленський у Києві"


def test_a_wrong_declaration_is_told() -> None:
    assert parse(CYRILLIC.encode(), "text/xml; charset=windows-1251").warnings == (
        "declared as windows-1251, but is UTF-8",
    )


def test_an_undeclared_character_set_is_told() -> None:
    latin = rss(item("Caf\u00e9")).replace(' encoding="utf-8"', "").encode("latin-1")
    feed = parse(latin)
    assert feed.entries[0].title == "Café"
    assert feed.warnings == ("of no declared character set, read as windows-1252",)


# ── texts, limits, dates ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("document", "title"),
    [
        (rss(item(more="<description>&lt;p&gt;From the summary&lt;/p&gt;</description>")), "From the summary"),
        (rss(item(more=f"<description>{'word ' * 40}</description>")), ("word " * 16).strip()),
        (rss(item(link="https://news.example/1")), "https://news.example/1"),
        (rss(item(more=DATE)), "(untitled)"),
        (rss(item("&lt;b&gt;&lt;/b&gt; &amp;nbsp;", "https://news.example/1")), "https://news.example/1"),
    ],
)
def test_a_title_is_never_empty(document: str, title: str) -> None:
    assert only(document).title == title


def test_content_stands_in_for_a_missing_summary() -> None:
    entry = only(json_feed({"id": "a", "content_text": "word " * 400}))
    assert entry.summary_html is None
    assert entry.content.startswith(entry.summary)
    assert 900 < len(entry.summary) <= 1_000


def test_limits() -> None:
    long = "x" * 300_000
    entries = [{"id": n, "title": long, "summary": long, "content_text": long} for n in range(3)]
    feed = parse(json_feed(*entries), limit=2)
    assert [(len(e.title), len(e.summary), len(e.content)) for e in feed.entries] == [(1_000, 20_000, 200_000)] * 2
    assert set(feed.warnings) == {
        "1 entries above the limit of 2 left out",
        "2 × summary cut to 20000 characters",
        "2 × content cut to 200000 characters",
        "2 × title cut to 1000 characters",
    }


def test_a_whole_article_in_the_description_is_content() -> None:
    entry = only(rss(item("One", more=f"<description>{'word ' * 10_000}</description>")))
    assert (entry.summary_html, len(entry.content)) == (None, 49_999)


@pytest.mark.parametrize(
    ("code", "lang"),
    [
        *(("uk", "uk"), ("uk-UA", "uk"), ("ru_RU", "ru"), ("EN", "en"), ("ua", "uk"), ("ukr", "uk"), ("deu", "de")),
        *(("Russian", None), ("x", None), ("tlh", None)),
    ],
)
def test_languages(code: str, lang: str | None) -> None:
    assert only(rss(item("2026"), channel=f"<language>{code}</language>")).lang == lang


@pytest.mark.parametrize("name", ["", "Unknown", "unknown "])
def test_an_unknown_source_is_none(name: str) -> None:
    assert only(rss(item("One", more=f"<source>{name}</source>"))).source_title is None


@pytest.mark.parametrize(
    ("date", "published", "flags"),
    [
        ("", None, {DateFlag.MISSING}),
        ("<pubDate>soon</pubDate>", None, {DateFlag.UNREADABLE}),
        ("<pubDate>1771</pubDate>", datetime(1771, 1, 1, tzinfo=UTC), {DateFlag.IMPLAUSIBLE}),
        ("<pubDate>177190200</pubDate>", None, {DateFlag.UNREADABLE}),
        (dated(NOW + timedelta(hours=1)), NOW + timedelta(hours=1), {DateFlag.FUTURE}),
        (DATE, datetime(2026, 2, 24, 3, tzinfo=UTC), set()),
        ("<pubDate>Tue, 24 Feb 2026 05:00:00 ET</pubDate>", datetime(2026, 2, 24, 10, tzinfo=UTC), set()),
        ("<pubDate>soon</pubDate><dc:date>2026-02-24</dc:date>", datetime(2026, 2, 24, tzinfo=UTC), set()),
    ],
)
def test_dates(date: str, published: datetime | None, flags: set[DateFlag]) -> None:
    document = rss(item("One", more=date)).replace("<rss ", '<rss xmlns:dc="http://purl.org/dc/elements/1.1/" ')
    entry = only(document)
    assert entry.published == published
    assert entry.date_flags == flags


def test_addresses_are_made_absolute_and_html_is_left_alone() -> None:
    entry = only(rss(item("One", "a?b=1&amp;c=2", more='<description>&lt;a href="/x"&gt;x&lt;/a&gt;</description>')))
    assert entry.url == "https://news.example/world/a?b=1&c=2"
    assert entry.summary_html == '<a href="/x">x</a>'


def test_content_location_is_the_base() -> None:
    body = rss(item("One", "a")).encode()
    fetched = Fetched(url=URL, body=body, body_hash="", content_location="/other/feed.xml")
    assert parse_feed(fetched, now=NOW).entries[0].url == "https://news.example/other/a"


def test_a_guid_that_is_no_address_is_no_link() -> None:
    entry = only(rss("<title>One</title><guid>12345</guid>"))
    assert (entry.guid, entry.url) == ("12345", None)
    entry = only(rss("<title>One</title><guid>https://news.example/1</guid>"))
    assert (entry.guid, entry.url) == ("https://news.example/1", "https://news.example/1")


@pytest.mark.parametrize(
    ("written", "author"),
    [
        ("Desk", "Desk"),
        ("desk@news.example (Desk)", "Desk"),
        ("Jane Doe &lt;jane@news.media&gt;", "Jane Doe"),
        ("desk@news.example", "desk@news.example"),
    ],
)
def test_authors(written: str, author: str) -> None:
    assert only(rss(item("One", more=f"<author>{written}</author>"))).author == author


MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


@pytest.mark.parametrize(
    ("inside", "title", "summary", "content"),
    [
        ("<media:title>A</media:title><media:description>B</media:description>", "A", "B", ""),
        (
            "<media:group><media:title>A</media:title><media:description>B</media:description></media:group>",
            "A",
            "B",
            "",
        ),
        ("<title>T</title><media:title>A</media:title><description>D</description>", "T", "D", ""),
        (
            '<media:content url="/p.jpg"><media:title>A</media:title><media:description>B</media:description>'
            "</media:content><title>T</title><description>D</description>",
            *("T", "D", ""),
        ),
        (
            "<title>T</title><description>D</description><media:description>B</media:description>"
            '<c:encoded xmlns:c="http://purl.org/rss/1.0/modules/content/">&lt;p&gt;C&lt;/p&gt;</c:encoded>',
            *("T", "D", "C"),
        ),
        ("<dc:title>T</dc:title><dc:description>D</dc:description>", "T", "D", ""),
    ],
)
def test_media_and_dublin_core(inside: str, title: str, summary: str, content: str) -> None:
    entry = only(rss(inside).replace("<rss ", f"<rss {MEDIA} "))
    assert (entry.title, entry.summary, entry.content) == (title, summary, content)


def test_two_authors_with_addresses() -> None:
    author = "<author><name>Олена</name>"
    addressed = author.replace("<name>", "<email>olena@news.example</email><name>")
    document = ATOM.replace(author, addressed).replace("<name>Іван", "<email>ivan@news.example</email><name>Іван")
    assert only(document).author == "Олена, Іван"


def test_the_link_behind_feedburner_is_taken() -> None:
    burner = 'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    original = f"<feedburner:origLink {burner}>https://news.example/1</feedburner:origLink>"
    assert only(rss(item("One", "http://feedproxy.google.com/~r/x", more=original))).url == "https://news.example/1"


def test_relative_links_are_read_against_the_nearest_base() -> None:
    based = rss("<title>One</title><link>a</link>").replace("<item>", '<item xml:base="https://other.example/b/">')
    fetched = Fetched(url=URL, body=based.encode(), body_hash="", content_location="/other/feed.xml")
    assert parse_feed(fetched, now=NOW).entries[0].url == "https://other.example/b/a"


def test_a_title_with_markup_is_plain() -> None:
    assert (
        only(rss(item("&lt;i&gt;War&lt;/i&gt; &amp;amp; peace&lt;br/&gt;&#8212; live"))).title == "War & peace — live"
    )
