"""Reading a document in part: the entries are those of the whole, whatever was known of it and in what order."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from monitor.core.model import Fetched, News
from monitor.core.parsing import CHECK_AFTER, parse_news
from monitor.core.parsing.outline import ITEM_BYTES
from tests.conformance import members
from tests.core.feed_documents import ATOM, DATE, NOW, URL, dated, item, json_feed, rss
from tests.core.news_documents import Cut, check, cut
from tests.core.test_recorded_feeds import DATA, recorded

LATER = timedelta(minutes=15)
ARCHIVES = [("feedparser", ""), ("feedvalidator", "testcases/"), ("gofeed", "testdata/parser/")]
SUFFIXES = (".xml", ".json", ".atom", ".rss", ".rdf")


def read(document: str, outline: bytes | None = None, *, now: datetime = NOW, url: str = URL) -> News:
    return parse_news(Fetched(url=url, body=document.encode(), body_hash=""), outline, now=now)


def again(before: str, after: str, *, later: timedelta = LATER) -> News:
    """Read one document after the other; and hold that against reading both as a whole."""
    check(before.encode(), after.encode(), NOW, later)
    return read(after, read(before).outline, now=NOW + later)


def titles(news: News) -> list[str]:
    return [entry.title for entry in news.entries]


# ── what is read ─────────────────────────────────────────────────────────────────────────────────────────────────────

A = item("A", "https://news.example/a", "a", DATE)
B = item("B", "https://news.example/b", "b")
C = item("C", "https://other.example/c", "c")


def test_only_what_is_new_is_read() -> None:
    news = again(rss(A, B), rss(C, A, B, channel="<lastBuildDate>Tue, 24 Feb 2026 05:00:00 +0200</lastBuildDate>"))
    assert (titles(news), news.unchanged, news.home) == (["C"], 2, "news.example")


def test_nothing_is_read_of_a_document_with_nothing_new() -> None:
    news = again(rss(A, B), rss(B, channel="<!-- made in 0.3 s --><ttl>5</ttl>"))
    assert (titles(news), news.unchanged) == ([], 1)
    assert read(rss(A), read(rss(A)).outline).outline is None


def test_a_changed_item_is_read() -> None:
    assert titles(again(rss(A, B), rss(A.replace("A<", "A!<"), B))) == ["A!"]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("<rss ", '<rss xml:base="https://moved.example/" '),
        lambda text: text.replace("<rss ", '<rss xml:lang="uk" '),
        lambda text: text.replace("<title>Example", "<language>uk</language><title>Example"),
        lambda text: text.replace("https://news.example/<", "https://news.example/a<", 1),
        lambda text: text.replace("</channel>", "<language>uk</language></channel>"),
    ],
)
def test_all_is_read_where_what_surrounds_the_items_says_something_else(change: Callable[[str], str]) -> None:
    news = again(rss(A, B), change(rss(A, B)))
    assert titles(news) == ["A", "B"]


def test_all_is_read_at_another_address() -> None:
    outline = read(rss(A)).outline
    assert titles(read(rss(A), outline, url="https://moved.example/feed.xml")) == ["A"]


@pytest.mark.parametrize("broken", [b"", b"x", b"\0" * 500])
def test_a_broken_outline_is_none(broken: bytes) -> None:
    whole = read(rss(A, B))
    assert whole.outline is not None
    for outline in (broken, whole.outline[:-1], whole.outline[: -ITEM_BYTES - 1], whole.outline[:20]):
        assert titles(read(rss(A, B), outline)) in (["A", "B"], [])


@given(place=st.integers(0, 10_000), value=st.integers(0, 255))
def test_no_outline_makes_a_document_unreadable(place: int, value: int) -> None:
    outline = bytearray(read(rss(A, B)).outline or b"")
    outline[place % len(outline)] = value
    news = read(rss(A, B, C), bytes(outline))
    assert len(news.entries) + news.unchanged == 3


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([A, B], [A, item("A, retold", "https://news.example/a", "a2"), B], ["A", "A, retold"]),
        ([A, item("X", "https://news.example/x", "a"), B], [A, B], ["A"]),
        ([A, item("X", "https://news.example/x", "a"), B], [item("X", "https://news.example/x", "a"), B], ["X"]),
        ([item("Same"), B], [item("Same", more=DATE), item("Same"), B], ["Same", "Same"]),
        ([item("Same"), B], [item("Same", "https://news.example/s"), item("Same"), B], ["Same", "Same"]),
        ([A, A], [A, A], ["A"]),
        ([B, A], [A, B], []),
    ],
)
def test_what_shares_an_identity_is_read_with_it(before: list[str], after: list[str], found: list[str]) -> None:
    assert titles(again(rss(*before), rss(*after))) == found


def test_dates_are_told_for_stamps_by_all_items() -> None:
    stamp = dated(NOW.replace(second=30))
    one, two = item("One", "https://news.example/1", "1", stamp), item("Two", "https://news.example/2", "2", stamp)
    news = again(rss(one, B), rss(two, one, B), later=timedelta(0))
    assert titles(news) == ["Two", "One"], "the old one's date has turned out to be a stamp"
    assert titles(again(rss(two, one), rss(two, one))) == ["Two", "One"], "and later to be none"
    built = f"<lastBuildDate>{stamp[9:-10]}</lastBuildDate>"
    assert titles(again(rss(two, one), rss(two, one, channel=built), later=timedelta(hours=1))) == []


def test_warnings_are_those_of_the_whole_document() -> None:
    long = item("x" * 2000, "https://news.example/long")
    assert again(rss(long), rss(long, A)).warnings == ("1 × title cut to 1000 characters",)


def test_the_store_is_asked_now_and_then() -> None:
    outline = read(rss(A, B)).outline
    assert read(rss(A, B), outline, now=NOW + CHECK_AFTER - LATER).check == ()
    asked = read(rss(A, B), outline, now=NOW + CHECK_AFTER)
    assert [key[0] for key in asked.check] == ["g", "g"]
    assert read(rss(A, B), asked.outline, now=NOW + CHECK_AFTER + LATER).check == ()
    assert read(rss(A, B), outline, now=NOW - LATER).check, "a clock that was put back"


@pytest.mark.parametrize(
    "document",
    [
        rss(A, B).replace("<title>B", "<title>B & co"),
        rss(A, B).replace("</item>", "</item><title>between</title>", 1),
        rss(A, B).replace("</channel></rss>", ""),
        rss(A, "<item>nested</item>" + B),
        rss(A, item("B", more=f"<author>{'x' * 400}@{'y' * 20_000}</author>")),
    ],
)
def test_what_cannot_be_split_is_read_whole_each_time(document: str) -> None:
    news = again(document, document)
    assert news.unchanged == 0
    assert titles(news)


def test_the_outline_is_small() -> None:
    items = [item(f"Title {n}", f"https://site{n % 3}.example/{n}", f"{n}") for n in range(50)]
    outline = read(rss(*items)).outline
    assert outline is not None
    assert len(outline) < 50 * ITEM_BYTES + 100 < 3_200


# ── whatever the document ────────────────────────────────────────────────────────────────────────────────────────────


def play(draw: random.Random, whole: Cut) -> None:
    """Read a document after another that had some of its items, in some order."""
    old = [number for number in range(whole.size) if draw.random() < draw.choice((0.2, 0.7, 0.95))]
    if draw.random() < 0.3:
        draw.shuffle(old)
    new = [number for number in range(whole.size) if draw.random() < draw.choice((0.8, 1, 1))]
    later = timedelta(minutes=draw.choice((0, 5, 15, 400)))
    check(whole.write(old), whole.write(new), NOW, later)


needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded feeds are not beside the repository")
twice = settings(max_examples=2, deadline=None, phases=[Phase.generate], database=None)


@needs_data
@pytest.mark.parametrize(("archive", "wanted"), ARCHIVES, ids=lambda value: value.strip("/") or "all")
@twice
@given(draw=st.randoms(use_true_random=True))
def test_every_conformance_document(archive: str, wanted: str, draw: random.Random) -> None:
    number = 0
    for name, body in members(DATA / "conformance" / f"{archive}.tar.xz", wanted):
        if name.endswith(SUFFIXES) and (whole := cut(body)):
            number += 1
            play(draw, whole)
    assert number > 300


@needs_data
@twice
@given(draw=st.randoms(use_true_random=True))
def test_every_recorded_document(draw: random.Random) -> None:
    cuts = [whole for path in recorded() if (whole := cut(path.read_bytes()))]
    assert len(cuts) > 100
    for whole in cuts:
        play(draw, whole)


TEXTS = st.sampled_from(["", "One", "Two", "Two ", "Three &amp; four", "&lt;b&gt;Five&lt;/b&gt;"])
PLACES = st.sampled_from(["", "https://news.example/", "/1", "/2", "https://other.example/2", "/2?utm_source=rss"])
MOMENTS = st.sampled_from(["", DATE, dated(NOW), dated(NOW - timedelta(seconds=90)), dated(NOW + timedelta(days=2))])
MORE = st.sampled_from(
    ["", "", "<!-- <item> -->", "<description><![CDATA[</item> ]]></description>", "<x:y>z</x:y>", "<author/>"]
)


def made(title: str, link: str, guid: str, moment: str, more: str) -> str:
    return item(title, link, guid, moment + more)


ITEMS = st.builds(made, TEXTS, PLACES, PLACES, MOMENTS, MORE)
CHANNELS = st.sampled_from(["", "<link/>", "<lastBuildDate>2026-02-24T12:00:00Z</lastBuildDate>", "<!-- <item/> -->"])


@settings(max_examples=300, deadline=None)
@given(
    pool=st.lists(ITEMS, max_size=6),
    choice=st.tuples(st.lists(st.integers(0, 5), max_size=7), st.lists(st.integers(0, 5), max_size=7)),
    channels=st.tuples(CHANNELS, CHANNELS),
    later=st.sampled_from([timedelta(0), LATER, timedelta(hours=7)]),
)
def test_invented_documents(
    pool: list[str], choice: tuple[list[int], list[int]], channels: tuple[str, str], later: timedelta
) -> None:
    before, after = (
        rss(*(pool[at] for at in chosen if at < len(pool)), channel=channel).encode()
        for chosen, channel in zip(choice, channels, strict=True)
    )
    check(before, after, NOW, later)


@settings(max_examples=50, deadline=None)
@given(old=st.permutations(range(5)), size=st.integers(0, 5))
@pytest.mark.parametrize("kind", ["atom", "json"])
def test_other_formats(kind: str, old: list[int], size: int) -> None:
    entries = ATOM[ATOM.index("<entry>") : ATOM.index("</feed>")].strip()
    copies = [entries.replace("urn:example:1", f"urn:{n}").replace("/1?", f"/{n}?") for n in range(5)]
    atom = ATOM.replace(entries, "".join(copies))
    whole = cut(
        (atom if kind == "atom" else json_feed(*({"id": n, "title": f"T{n}", "x": [1.5]} for n in range(5)))).encode()
    )
    assert whole is not None
    assert whole.size == 5
    news = check(whole.write(old[:size]), whole.write(range(5)), NOW, LATER)
    assert news is not None
    assert news.unchanged == size
