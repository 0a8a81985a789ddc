"""Which entry is which: keys, doubles, fingerprints."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import DateFlag, Entry
from tests.core.feed_documents import DATE, NOW, dated, item, only, parse, rss

OLD = datetime(2026, 2, 20, 8, 30, 17, tzinfo=UTC)
LINK = "https://news.example/1"


def kinds(entry: Entry) -> str:
    return "".join(key[0] for key in entry.keys)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([item("A", LINK, "1"), item("B", "https://news.example/2", "2")], ["gl", "gl"]),
        ([item("A", LINK), item("B", "https://news.example/2")], ["l", "l"]),
        ([item("A", guid="1"), item("B", guid="2")], ["g", "g"]),
        ([item("A", LINK, "same"), item("B", "https://news.example/2", "same")], ["l", "l"]),
        ([item("A", LINK, "1"), item("B", LINK, "2")], ["gml", "gml"]),
        ([item("A", LINK, "same"), item("B", LINK, "same")], ["ml", "ml"]),
        ([item("A", LINK), item("B", LINK + "?utm_source=rss")], ["ml", "ml"]),
        ([item("A", LINK), item("B", LINK), item("C", LINK)], ["t", "t", "t"]),
        ([item("A", LINK, "1"), item("B", LINK, "2"), item("C", LINK, "3")], ["g", "g", "g"]),
        ([item("A", "https://news.example/")], ["t"]),
        ([item("A", "https://elsewhere.example/")], ["t"]),
        ([item("A", guid="https://news.example/")], ["t"]),
        ([item("A")], ["t"]),
    ],
)
def test_what_tells_apart_identifies(items: list[str], expected: list[str]) -> None:
    assert [kinds(entry) for entry in parse(rss(*items)).entries] == expected


def test_a_link_that_does_not_identify_is_no_canonical_address() -> None:
    entries = parse(rss(item("A", LINK, "1"), item("B", LINK, "2"), item("C", LINK, "3"))).entries
    assert [entry.canonical_url for entry in entries] == [None, None, None]
    assert {entry.url for entry in entries} == {LINK}


def test_an_article_under_two_headlines_is_two_entries_of_one_address() -> None:
    one, other = parse(rss(item("A", LINK), item("B", LINK))).entries
    assert one.canonical_url == other.canonical_url == LINK
    assert one.keys[0] != other.keys[0]
    assert one.keys[1] == other.keys[1] == only(rss(item("C", LINK))).keys[0]


def test_keys_do_not_hang_on_typography_tracking_or_the_feed_address() -> None:
    one = only(rss("<title>«A»</title><guid>17</guid>" + f"<link>{LINK}?utm_source=rss</link>"))
    other = only(rss('<title>"A" again</title><guid>17</guid>' + f"<link>{LINK}?at_medium=RSS</link>"))
    assert one.keys == other.keys
    assert [kinds(entry) for entry in parse(rss(item("«A»", LINK), item('"A"', LINK))).entries] == ["l"]


def test_without_ids_the_title_and_its_date_identify() -> None:
    monday, tuesday = (rss(item("Morning news", more=dated(OLD + timedelta(days=day)))) for day in (0, 1))
    assert only(monday).keys != only(tuesday).keys
    assert only(monday).keys == only(monday.replace("Morning", "MORNING ")).keys
    epoch = only(rss(item("A", more="<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>")))
    assert len(epoch.keys) == 1
    assert epoch.keys != only(rss(item("A"))).keys


def test_dates_that_pass_leave_the_title_alone_to_identify() -> None:
    stamps = [NOW - timedelta(seconds=30), NOW + timedelta(hours=1, seconds=-7)]
    documents = [rss(item("A", more=dated(moment)), item("B", more=dated(moment))) for moment in stamps]
    first = parse(documents[0], now=NOW)
    second = parse(documents[1], now=NOW + timedelta(hours=1))
    assert all(DateFlag.STAMPED in entry.date_flags for entry in (*first.entries, *second.entries))
    assert [entry.keys for entry in first.entries] == [entry.keys for entry in second.entries]
    assert [entry.fingerprint for entry in first.entries] == [entry.fingerprint for entry in second.entries]


def test_an_entry_from_the_future_is_known_when_its_day_has_come() -> None:
    document = rss(item("A", more=dated(NOW + timedelta(hours=3))))
    early, late = (parse(document, now=NOW + timedelta(hours=hours)).entries[0] for hours in (0, 4))
    moved = only(document.replace("15:00:00", "16:00:00"))
    assert DateFlag.FUTURE in early.date_flags
    assert set(early.keys) & set(late.keys)
    assert set(early.keys) & set(moved.keys)


@pytest.mark.parametrize(
    ("moments", "channel", "stamped"),
    [
        ([NOW - timedelta(minutes=9, seconds=59)] * 2, "", True),
        ([NOW - timedelta(minutes=11, seconds=1)] * 2, "", False),
        ([NOW - timedelta(seconds=9), NOW - timedelta(seconds=8)], "", False),
        ([OLD] * 2, dated(OLD).replace("pubDate", "lastBuildDate"), True),
        ([OLD] * 2, "", False),
        ([NOW - timedelta(minutes=2)] * 2 + [OLD - timedelta(days=n) for n in range(10)], "", False),
        ([NOW - timedelta(minutes=2)] * 6 + [OLD - timedelta(days=n) for n in range(10)], "", True),
    ],
)
def test_stamped(moments: list[datetime], channel: str, stamped: bool) -> None:
    items = (item(f"Title {n}", more=dated(moment)) for n, moment in enumerate(moments))
    feed = parse(rss(*items, channel=channel))
    assert (DateFlag.STAMPED in feed.entries[0].date_flags) is stamped


def test_doubles_are_one_entry_and_the_honest_date_stays() -> None:
    stamp = dated(NOW - timedelta(seconds=30))
    feed = parse(
        rss(
            item("Other", "https://news.example/2", more=stamp),
            item("A", LINK, more=stamp),
            item("A", LINK, more=dated(OLD + timedelta(hours=1))),
            item("A", LINK + "#top", more=dated(OLD)),
        )
    )
    assert [entry.title for entry in feed.entries] == ["Other", "A"]
    assert feed.entries[1].published == OLD
    assert feed.entries[1].date_flags == frozenset()


def test_doubles_keep_all_their_keys() -> None:
    merged = only(rss(item("A", LINK, "1"), item("A", "https://news.example/2", "1"), item("A", LINK, "3")))
    assert kinds(merged) == "ggll"
    assert set(only(rss(item("A", LINK, "3"))).keys) <= set(merged.keys)


@pytest.mark.parametrize(
    "changed",
    [
        item("B", LINK, "1", DATE + "<description>x</description>"),
        item("A", LINK, "1", DATE + "<description>y</description>"),
        item("A", LINK, "1", DATE + "<description>&lt;b&gt;x&lt;/b&gt;</description>"),
        item("A", LINK, "1", DATE + "<description>x</description><author>z</author>"),
        item("A", LINK, "1", DATE + "<description>x</description><source>z</source>"),
        item("A", "https://news.example/2", "1", DATE + "<description>x</description>"),
        item("A", LINK, "1", dated(OLD) + "<description>x</description>"),
    ],
)
def test_a_change_changes_the_fingerprint(changed: str) -> None:
    before = only(rss(item("A", LINK, "1", DATE + "<description>x</description>")))
    assert only(rss(changed)).fingerprint != before.fingerprint


ITEMS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C", ""]),
        st.sampled_from(["", LINK, "https://news.example/2", "https://news.example/"]),
        st.sampled_from(["", "1", "2"]),
        st.sampled_from(["", DATE, dated(OLD), dated(NOW - timedelta(seconds=9)), dated(NOW + timedelta(days=1))]),
    ),
    max_size=12,
)


@given(ITEMS)
def test_within_a_document_no_key_is_held_twice(items: list[tuple[str, str, str, str]]) -> None:
    entries = parse(rss(*(item(*parts) for parts in items))).entries
    keys = [key for entry in entries for key in entry.keys if key[0] != "l" or "m" not in kinds(entry)]
    assert len(keys) == len(set(keys))
    assert len({entry.keys[0] for entry in entries}) == len(entries)


@given(ITEMS, st.randoms())
def test_the_order_of_items_does_not_matter(items: list[tuple[str, str, str, str]], random: object) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own Random
    one, other = (
        {entry.keys for entry in parse(rss(*(item(*i) for i in order))).entries} for order in (items, shuffled)
    )
    assert {frozenset(keys) for keys in one} == {frozenset(keys) for keys in other}
