"""Digests as letters: what they say, in which language and zone."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import pytest

from monitor.core.model import Digest, Item, Press, Publisher, QuietHours, Schedule
from monitor.render import Renderer
from tests.sample_digest import LABELS, SUBSCRIPTION, report, reports, sample, topic
from tests.sample_letters import BY_MAIL, BY_PAGE, SENDER, TEMPLATES, Page, altered, edition, reader, render, single

WIRE = Publisher(name="Wire")


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(TEMPLATES, sender=SENDER)


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("digest", [edition(), edition(instant=True), altered(edition(), 4, before="Before", url=None)])
def test_page_is_well_formed_and_calls_nobody(renderer: Renderer, digest: Digest) -> None:
    page = Page(render(renderer, digest, BY_PAGE).html)
    assert page.all("html")[0]["lang"] == "en"
    assert not {"img", "script", "link", "iframe", "form"} & {tag for tag, _ in page.tags}
    assert not re.search(r"url\(|@import|@font-face", page.html)
    assert all(table.get("role") == "presentation" or table.get("aria-label") for table in page.all("table"))
    assert len(page.all("h1")) == 1
    assert len(page.all("h3")) == 9


def test_styles_are_inlined_and_the_dark_ones_survive(renderer: Renderer) -> None:
    page = Page(render(renderer, edition()).html)
    assert "@media (prefers-color-scheme: dark)" in page.html
    assert {"name": "color-scheme", "content": "light dark"} in page.all("meta")
    assert all("font-size:17px" in (h3["style"] or "") for h3 in page.all("h3"))
    assert any("max-width:640px" in (table["style"] or "") for table in page.all("table"))


def test_every_story_has_its_language_direction_link_and_marks(renderer: Renderer) -> None:
    page = Page(render(renderer, edition()).html)
    assert {(h3["lang"], h3["dir"]) for h3 in page.all("h3")} == {
        (lang, "auto") for lang in ("en", "uk", "de", "fr", "pl", "ru")
    }
    links = [a["href"] for a in page.all("a")]
    assert links[0] == "https://news.example/en/1"
    assert links[-1] == BY_MAIL.unsubscribe
    assert re.search(r'<b class="hit"[^>]*>ceasefire</b>', page.html)


def test_first_screen_story_and_footer_say_what_they_must(renderer: Renderer) -> None:
    text = Page(render(renderer, edition()).html).text
    for phrase in (
        "Ukraine monitor · 24 November, 07:00",
        "8 new 1 updated 25 sources 6 countries The 9 strongest of 11 stories.",
        "23 November, 07:00 – 24 November, 07:00 (Europe/Kyiv)",
        "What matters most Kremlin calls report of a secret ceasefire call “pure fiction” Harbour Wire · 19 sources",
        "Power plant off the grid Alerted 06:00, since then 4 more reports",
        "Harbour Wire · news agency · United Kingdom · 05:48 · also in 18 other sources",
        "Why it is here: Kremlin · Peace talks",
        "Elbe-Bote · public media · Germany · 23 November, 22:00 (reached us late)",
        "Вести Заречья · state media · Russia · date unknown",
        "2 more stories matched; only the strongest are shown.",
        "65 a day on average; most on 24 November: 130.",
        "212 feeds watched. Silent for longer than usual: Steppe Courier.",
        "Failing: Radio Vistula, Le Phare, Ostsee-Blatt, Вечірній Дзвін, Голос Порта and 2 more.",
        "Sent daily at 07:00, 19:00 (Europe/Kyiv).",
        "Sent to desk@example.org by Desk <desk@monitor.example>.",
    ):
        assert phrase in text
    assert "Catch-up" not in text


def test_a_headline_that_changed_shows_both(renderer: Renderer) -> None:
    letter = render(renderer, altered(edition(), 4, before="За ніч збито 70 дронів"))
    assert "Headline changed. Before: За ніч збито 70 дронів" in Page(letter.html).text
    assert "\n  Headline changed. Before: За ніч збито 70 дронів\n" in letter.text


def test_a_headline_in_another_language_is_marked_as_the_original(renderer: Renderer) -> None:
    letter = render(renderer, altered(edition(), 6, original=True), subscriber=reader("de"))
    assert "Original: Französisch · Le Phare du Nord" in Page(letter.html).text
    assert "Original: Französisch · Le Phare du Nord" in letter.text
    assert "  Le Phare du Nord" in render(renderer, altered(edition(), 6, original=True, lang=None)).text


def test_few_stories_are_not_told_twice(renderer: Renderer) -> None:
    few = sample()
    few = replace(few, sections=few.sections[:1], top=tuple(item.group for item in few.sections[0].items))
    assert len(few.top) == 3
    assert "What matters most" not in Page(render(renderer, few).html).text


def test_chart_tells_each_day_in_words_too(renderer: Renderer) -> None:
    letter = render(renderer, edition())
    page = Page(letter.html)
    assert [th["abbr"] for th in page.all("th")][-1] == "24\u00a0November"
    heights = [int(found) for found in re.findall(r";height:(\d+)px", page.html)]
    assert (len(heights), min(heights), max(heights)) == (14, 1, 48)
    assert "23 November: 120 · 24 November: 130" in " ".join(letter.text.split())
    assert "Reports a day" not in render(renderer, edition(days=())).text


@pytest.mark.parametrize("own", [BY_MAIL, BY_PAGE])
def test_what_is_beyond_the_cap_is_told_and_led_to(renderer: Renderer, own: object) -> None:
    letter = render(renderer, edition(), own)  # type: ignore[arg-type]  # one of the two
    linked = "https://m.example/d/1" in [a["href"] for a in Page(letter.html).all("a")]
    assert linked == (own is BY_PAGE)
    assert ("2 more stories on the web page of this digest:\nhttps://m.example/d/1\n" in letter.text) == linked
    assert ("2 more stories matched" in letter.text) != linked


def test_hostile_text_stays_text(renderer: Renderer) -> None:
    evil = "<script>alert(1)</script> {{ 7*7 }} %(x)s \x00\x01manage\x01\u202e&amp;"
    digest = single(
        report(1, '"><b>', Publisher(name=evil, country=evil), evil, evil + evil, url='https://x.example/"onclick=1')
    )
    digest = altered(digest, 1, before=evil, original=True)
    letter = render(renderer, digest, BY_PAGE)
    page = Page(letter.html)
    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script> {{ 7*7 }} %(x)s manage &amp;" in page.text
    assert page.all("h3")[0]["lang"] == ""
    assert not re.search("[\x00\x01\u202e]", page.html + letter.text + letter.subject)


@pytest.mark.parametrize(
    "url",
    [None, "", "javascript:alert(1)", "data:text/html,x", "ftp://x.example/", "//x.example/", "https://", "https:///a",
     "http://x.example/a b", "https://x.example/\n", "https://x.example/" + "a" * 2000],
)  # fmt: skip
def test_only_web_addresses_become_links(renderer: Renderer, url: str | None) -> None:
    letter = render(renderer, single(report(1, "en", WIRE, "Headline", "", url=url)))
    assert len(Page(letter.html).all("a")) == 1
    assert "Headline" in letter.text


def test_stories_without_a_topic_come_under_their_own_heading(renderer: Renderer) -> None:
    assert "Other reports" in Page(render(renderer, single(report(1, "en", WIRE, "Headline", ""))).html).text


def test_summary_that_repeats_the_headline_is_left_out(renderer: Renderer) -> None:
    letter = render(renderer, single(report(1, "en", WIRE, "Same  words", "same words")))
    assert "same words" not in letter.text


# ── words, zones, subjects ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("catch_up", "name"), [(False, "Ukraine monitor"), (True, "Ukraine monitor (catch-up)")])
def test_subject(renderer: Renderer, catch_up: bool, name: str) -> None:
    letter = render(renderer, sample(catch_up=catch_up))
    headline = "Kremlin calls report of a secret ceasefire call “pure…"
    assert letter.subject == f"{name}: {headline} and 10 more · 24 November, 07:00"
    assert ("missed before it" in letter.text) == catch_up


def test_subject_of_a_single_story_stays_on_one_line(renderer: Renderer) -> None:
    letter = render(renderer, single(report(1, "en", WIRE, "First\r\nBcc: all@example.org", "")))
    assert letter.subject == "Ukraine monitor: First Bcc: all@example.org · 24 November, 07:00"


@pytest.mark.parametrize(
    ("lang", "spoken", "phrases"),
    [
        ("uk", "uk", ["8 нових 1 оновлений 25 джерел 6 країн", "Кремль · Мирні переговори", "Велика Британія"]),
        ("de", "de", ["8 neu 1 geändert 25 Quellen 6 Länder", "Kreml · Friedensgespräche", "24. November, 07:00"]),
        ("pl", "en", ["8 new 1 updated 25 sources 6 countries", "Kremlin · Peace talks", "United Kingdom"]),
    ],
)
def test_reader_s_language(renderer: Renderer, lang: str, spoken: str, phrases: list[str]) -> None:
    letter = render(renderer, edition(), subscriber=reader(lang))
    page = Page(letter.html)
    assert (letter.lang, page.all("html")[0]["lang"]) == (spoken, spoken)
    assert [phrase for phrase in phrases if phrase not in page.text] == []


def test_label_falls_back_to_english_and_then_to_the_id(renderer: Renderer) -> None:
    story = report(1, "en", WIRE, "A B", "", topic("energy", "A"), topic("unnamed", "B"))
    labels = {key: {"en": label["en"]} for key, label in LABELS.items()}
    wish = replace(SUBSCRIPTION, subscriber=reader("de"))
    letter = renderer.digest(single(story), wish, labels, pages=False).personal(BY_MAIL)
    assert "Warum hier: Energy · unnamed" in letter.text


def test_times_are_told_in_the_reader_s_zone(renderer: Renderer) -> None:
    letter = render(renderer, sample(), subscriber=reader(zone="America/New_York"))
    assert "23 November, 00:00 – 24 November, 00:00 (America/New_York)" in letter.text
    assert "Harbour Wire · news agency · United Kingdom · 23 November, 22:48" in " ".join(letter.text.split())
    with pytest.raises(ZoneInfoNotFoundError):
        render(renderer, sample(), subscriber=reader(zone="Mars/Phobos"))


def test_another_year_is_named(renderer: Renderer) -> None:
    old = report(1, "en", WIRE, "Headline", "", published=datetime(2021, 2, 3, 4, 5, tzinfo=UTC))
    assert "3 February 2021, 06:05 (reached us late)" in render(renderer, single(old)).text


@pytest.mark.parametrize(
    ("asked", "phrase"),
    [
        ({}, "You asked for everything relevant to Russia’s war against Ukraine. Sent"),
        ({"topics": {"drones", "energy"}}, "You asked for stories on: Drones, Energy."),
        ({"actors": {"eu"}}, "You asked for stories that name: European Union."),
        ({"topics": {"drones"}, "actors": {"eu"}}, "You asked for stories on: Drones – that name: European Union."),
        ({"queries": ("eu -drones",)}, "You asked for stories that fit: eu -drones."),
        ({"topics": {"drones"}, "queries": ("a b", "c")}, "stories on: Drones. Also what fits: a b · c."),
        ({"langs": {"uk", "de"}}, "Only reports in: German, Ukrainian."),
        ({"without_press": {Press.STATE}, "without_sources": {"Wire"}}, "Left out at your wish: state media, Wire."),
    ],
)
def test_subscription_in_words(renderer: Renderer, asked: dict[str, object], phrase: str) -> None:
    wish: dict[str, Any] = {name: frozenset(part) if isinstance(part, set) else part for name, part in asked.items()}
    assert phrase in Page(render(renderer, sample(), **wish).html).text


@pytest.mark.parametrize(
    ("times", "weekdays", "phrase"),
    [
        (("07:00",), "", "Sent daily at 07:00 (Europe/Kyiv)."),
        (("18:30", "07:00"), "40", "Sent on Mon, Fri at 07:00, 18:30 (Europe/Kyiv)."),
        (tuple(f"{hour:02}:00" for hour in range(0, 24, 6)), "", "Sent every 6 hours, from midnight on (Europe/Kyiv)."),
        (tuple(f"{hour:02}:00" for hour in range(24)), "", "Sent every hour (Europe/Kyiv)."),
        (("01:00", "09:00", "17:00"), "", "Sent daily at 01:00, 09:00, 17:00 (Europe/Kyiv)."),
    ],
)
def test_schedule_in_words(renderer: Renderer, times: tuple[str, ...], weekdays: str, phrase: str) -> None:
    clock = tuple(datetime.strptime(at, "%H:%M").time() for at in times)  # noqa: DTZ007 # a time of day has no zone
    plan = Schedule(times=clock, weekdays=frozenset(map(int, weekdays)))
    quiet = QuietHours(start=clock[0].replace(hour=22), end=clock[0].replace(hour=6, minute=0))
    text = Page(render(renderer, sample(), schedule=plan, quiet_hours=quiet).html).text
    assert f"{phrase} Nothing is sent from 22:{times[0][3:]} to 06:00." in text


# ── plain text ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_plain_text_is_wrapped_and_complete(renderer: Renderer) -> None:
    text = render(renderer, replace(edition(), window=replace(edition().window, catch_up=True))).text
    assert [line for line in text.splitlines() if len(line) > 72] == []
    assert "\u00a0" not in text
    assert "\n\n\n\n" not in text
    assert text.count("\n* ") == 10
    assert "  https://news.example/de/3\n" in text
    assert "PEACE TALKS\n===========\n\n* Kremlin" in text
    assert "\n1. Kremlin calls" in text
    assert "Catch-up: this edition also covers" in text
    assert "write “unsubscribe” and your address to:\nleave@monitor.example" in text


def test_plain_text_leads_to_the_pages_where_there_are_any(renderer: Renderer) -> None:
    text = render(renderer, edition(), BY_PAGE).text
    assert "Change what you get: https://m.example/m/1\nUnsubscribe: https://m.example/u/1?a&b\n" in text


def test_long_address_stays_on_one_line(renderer: Renderer) -> None:
    url = "https://news.example/" + "a-" * 100
    assert f"\n  {url}\n" in render(renderer, single(report(1, "en", WIRE, "Headline", "", url=url))).text


def test_sample_covers_what_it_should() -> None:
    items: list[Item] = [item for section in sample().sections for item in section.items]
    assert {item.lang for item in items} == {"en", "uk", "de", "fr", "pl", "ru"}
    assert {bool(item.late) for item in items} == {True, False}
    assert len(reports()) == 11
