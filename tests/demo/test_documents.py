"""Every invented outlet renders to a document that a feed reader understands, in both states."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import LANGUAGES, Press
from monitor.demo.documents import content_type, render
from monitor.demo.outlets import STATES, Format, Guid, Item, Outlet, Source, load_outlets

NOW = datetime(2026, 3, 9, 7, 0, 0, 250_000, tzinfo=UTC)
OUTLETS = load_outlets()
FEEDS = [outlet for outlet in OUTLETS if outlet.format is not Format.PAGE]
VERSIONS = {Format.RSS: "rss20", Format.ATOM: "atom10", Format.RDF: "rss10"}
both_states = pytest.mark.parametrize("state", STATES)
each_feed = pytest.mark.parametrize("outlet", FEEDS, ids=lambda outlet: outlet.id)


def outlet_of(form: Format, *items: Item, **options: Any) -> Outlet:
    fixed = {
        "id": "o",
        "title": "An <Outlet> & Sons",
        "site": "https://o.example",
        "description": "d",
        "language": "en",
        "country": "GB",
        "press": Press.PRIVATE,
    }
    return Outlet(**{**fixed, "format": form, "items": items, **options})


def entries(outlet: Outlet, state: int) -> list[dict[str, str | None]]:
    """Title, link and date of each entry, as an independent reader sees them."""
    body = render(outlet, state=state, now=NOW)
    if outlet.format is Format.JSON:
        items = json.loads(body)["items"]
        return [{"title": i["title"], "link": i["url"], "date": i.get("date_published")} for i in items]
    document = feedparser.parse(BytesIO(body))
    assert not document.bozo, document.get("bozo_exception")
    assert document.version == VERSIONS[outlet.format]
    return [
        {"title": e.title, "link": e.link, "date": e.get("published") or e.get("updated")} for e in document.entries
    ]


@both_states
@each_feed
def test_document_holds_every_item(outlet: Outlet, state: int) -> None:
    shown = outlet.shown(state)
    read = entries(outlet, state)
    assert 5 <= len(shown) <= 13
    assert [entry["link"] for entry in read] == [outlet.address(item) for item in shown]
    assert [entry["date"] is None for entry in read] == [item.minutes is None for item in shown]


@each_feed
def test_titles_survive(outlet: Outlet) -> None:
    told = [(item.title, entry["title"]) for item, entry in zip(outlet.shown(2), entries(outlet, 2), strict=True)]
    assert [read for title, read in told if "&" not in title] == [title for title, _ in told if "&" not in title]


@each_feed
def test_state_2_changes_the_document_and_its_date_together(outlet: Outlet) -> None:
    changed = render(outlet, state=1, now=NOW) != render(outlet, state=2, now=NOW)
    assert changed == (outlet.modified(1, NOW) < outlet.modified(2, NOW))


@each_feed
def test_nothing_is_published_after_now_or_twice(outlet: Outlet) -> None:
    assert all(item.minutes is None or item.minutes > 0 for item in outlet.items)
    assert all(item.touched is None or 0 < item.touched < (item.minutes or 0) for item in outlet.items)
    assert max(Counter(item.id for item in outlet.items).values()) == 1
    assert max(Counter(outlet.address(item) for item in outlet.items).values()) == 1


@each_feed
def test_every_link_leads_to_a_reserved_name(outlet: Outlet) -> None:
    links = [outlet.site, *(outlet.address(item) for item in outlet.items)]
    assert all((urlsplit(link).hostname or "").endswith(".example") for link in links)


def test_the_set_is_as_varied_as_promised() -> None:
    assert {outlet.format for outlet in OUTLETS} == set(Format)
    assert {outlet.language for outlet in OUTLETS} == set(LANGUAGES)
    assert {outlet.press for outlet in OUTLETS} == set(Press)
    assert "windows-1251" in {outlet.encoding for outlet in OUTLETS}
    assert any(outlet.gzip for outlet in OUTLETS)
    assert any(outlet.delay for outlet in OUTLETS)
    assert all(any(not item.related for item in outlet.items) for outlet in FEEDS)


def test_state_2_retitles_adds_and_drops() -> None:
    items = [item for outlet in OUTLETS for item in outlet.items]
    assert sum(item.retitled is not None for item in items) >= 5
    assert sum(item.since == 2 for item in items) >= 10
    assert sum(item.until == 1 for item in items) >= 1


def test_some_stories_stand_in_two_feeds() -> None:
    pages = Counter(outlet.address(item).partition("?")[0] for outlet in OUTLETS for item in outlet.items)
    assert sum(count > 1 for count in pages.values()) >= 3


def test_windows_1251_is_told_by_the_declaration_alone() -> None:
    outlet = next(outlet for outlet in OUTLETS if outlet.encoding == "windows-1251")
    body = render(outlet, state=1, now=NOW)
    assert body.startswith(b'<?xml version="1.0" encoding="windows-1251"?>')
    assert outlet.title.encode("cp1251") in body
    assert content_type(outlet) == "application/rss+xml"


def test_the_broken_outlet_is_a_web_page() -> None:
    outlet = next(outlet for outlet in OUTLETS if outlet.format is Format.PAGE)
    assert b"<!doctype html>" in render(outlet, state=1, now=NOW)
    assert content_type(outlet) == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("guid", "expected"), [(Guid.ID, "tag:o.example,2024:i"), (Guid.LINK, "https://o.example/a"), (Guid.NONE, None)]
)
def test_guid(guid: Guid, expected: str | None) -> None:
    outlet = outlet_of(Format.RSS, Item(id="i", link="/a", title="t", summary="s", minutes=1), guid=guid)
    entry = feedparser.parse(BytesIO(render(outlet, state=1, now=NOW))).entries[0]
    assert entry.get("id") == expected


def test_dates_are_told_in_the_outlets_own_zone() -> None:
    outlet = outlet_of(Format.RSS, Item(id="i", link="/a", title="t", summary="s", minutes=90), offset=2)
    entry = feedparser.parse(BytesIO(render(outlet, state=1, now=NOW))).entries[0]
    assert entry.published == "Mon, 09 Mar 2026 07:30:00 +0200"


def test_atom_tells_when_an_item_was_rewritten() -> None:
    item = Item(id="i", link="/a", title="old", summary="s", minutes=90, retitled="new", touched=30)
    before, after = (
        feedparser.parse(BytesIO(render(outlet_of(Format.ATOM, item), state=state, now=NOW))).entries[0]
        for state in STATES
    )
    assert (before.title, before.updated) == ("old", before.published)
    assert (after.title, after.updated) == ("new", "2026-03-09T06:30:00+00:00")


def test_rss_source() -> None:
    source = Source(title="Them & Us", url="https://them.example/?a=1&b=2")
    outlet = outlet_of(Format.RSS, Item(id="i", link="/a", title="t", summary="s", minutes=1, source=source))
    entry = feedparser.parse(BytesIO(render(outlet, state=1, now=NOW))).entries[0]
    assert (entry.source.title, entry.source.href) == (source.title, source.url)


xml_text = st.text(
    st.characters(blacklist_categories=["Cc", "Cs", "Cn", "Co"], blacklist_characters="\ufffe\uffff"), min_size=1
).filter(lambda text: text == " ".join(text.split()))


@given(xml_text, xml_text, st.booleans())
def test_plain_text_comes_out_of_json_as_it_went_in(title: str, summary: str, markup: bool) -> None:
    item = Item(id="i", link="/a", title=title, summary=summary, minutes=1, markup=markup)
    read = json.loads(render(outlet_of(Format.JSON, item), state=1, now=NOW))["items"][0]
    assert read["title"] == title
    assert read.get("summary") == (None if markup else summary)


@pytest.mark.parametrize("form", [Format.RSS, Format.ATOM, Format.RDF])
@pytest.mark.parametrize("cdata", [True, False])
@given(text=xml_text)
def test_any_text_leaves_the_xml_well_formed(form: Format, cdata: bool, text: str) -> None:
    item = Item(id="i", link="/a", title=text, summary=text + "]]>", content=text + "]]>", minutes=1, author=text)
    document = feedparser.parse(BytesIO(render(outlet_of(form, item, cdata=cdata), state=1, now=NOW)))
    assert not document.bozo
    assert len(document.entries) == 1


def test_an_undated_outlet_has_still_an_age() -> None:
    outlet = outlet_of(Format.RSS, Item(id="i", link="/a", title="t", summary="s"))
    assert outlet.modified(1, NOW) == NOW - timedelta(days=1)
