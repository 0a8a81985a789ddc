"""Digests and operator's notices as letters."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import pytest

from monitor.core.digest import build_digest
from monitor.core.model import Candidate, Coverage, Digest, Item, Letter, Press, Publisher, Subscriber
from monitor.errors import ConfigError
from monitor.render import Renderer
from monitor.render.letters import HTML_BUDGET
from tests.sample_digest import COVERAGE, END, LABELS, SUBSCRIPTION, WINDOW, actor, report, reports, sample, topic

TEMPLATES = Path(__file__).parents[1] / "templates"
WIRE = Publisher(name="Wire")
OUT = "leave@monitor.example"
VOID = {"meta", "br", "img", "hr", "link", "input"}


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(TEMPLATES)


def reader(lang: str = "en", zone: str = "Europe/Kyiv") -> Subscriber:
    return replace(SUBSCRIPTION.subscriber, lang=lang, zone=zone)


def render(renderer: Renderer, digest: Digest, **asked: Any) -> Letter:
    return renderer.digest(digest, replace(SUBSCRIPTION, **asked), LABELS, unsubscribe=OUT)


def one(candidate: Candidate) -> Digest:
    return build_digest([candidate], SUBSCRIPTION, WINDOW, Coverage(watched=1), told=())


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in order, no attribute stands twice."""

    def __init__(self, html: str | None) -> None:
        super().__init__()
        assert html is not None
        self.html = html
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        assert "p" not in self.open[-1:] or tag in {"a", "strong", "span"}, (self.open, tag)
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_page_is_well_formed_and_calls_nobody(renderer: Renderer) -> None:
    page = Page(render(renderer, sample(catch_up=True)).html)
    assert page.all("html")[0]["lang"] == "en"
    assert not {"img", "script", "link", "iframe", "form"} & {tag for tag, _ in page.tags}
    assert not re.search(r"url\(|@import|@font-face", page.html)
    assert all(table["role"] == "presentation" for table in page.all("table"))
    assert [len(page.all(tag)) for tag in ("h1", "h2", "h3")] == [1, 5, 9]


def test_styles_are_inlined_and_the_dark_ones_survive(renderer: Renderer) -> None:
    page = Page(render(renderer, sample()).html)
    assert "@media (prefers-color-scheme: dark)" in page.html
    assert {"name": "color-scheme", "content": "light dark"} in page.all("meta")
    assert all("font-size: 17px" in (h3["style"] or "") for h3 in page.all("h3"))
    assert any("max-width: 640px" in (table["style"] or "") for table in page.all("table"))


def test_every_story_has_its_language_direction_link_and_marks(renderer: Renderer) -> None:
    page = Page(render(renderer, sample()).html)
    assert {(h3["lang"], h3["dir"]) for h3 in page.all("h3")} == {
        (lang, "auto") for lang in ("en", "uk", "de", "fr", "pl", "ru")
    }
    links = [a["href"] for a in page.all("a")]
    assert links[0] == "https://news.example/en/1"
    assert links[-1] == "mailto:leave@monitor.example?subject=unsubscribe"
    assert re.search(r'<span class="hit"[^>]*>ceasefire</span>', page.html)


def test_first_screen_story_and_footer_say_what_they_must(renderer: Renderer) -> None:
    text = Page(render(renderer, sample()).html).text
    for phrase in (
        "Ukraine monitor · 24 Nov, 07:00",
        "9 of 11 stories from 25 sources",
        "23 Nov, 07:00 – 24 Nov, 07:00 (Europe/Kyiv)",
        "Harbour Wire · news agency · United Kingdom · 05:48 · also in 18 other sources",
        "Why it is here: Kremlin, Peace talks",
        "Elbe-Bote · public media · Germany · 23 Nov, 22:00 (reached us late)",
        "Вести Заречья · state media · Russia · date unknown",
        "2 more stories matched",
        "212 feeds watched. Silent for longer than usual: Steppe Courier.",
        "Failing: Radio Vistula, Le Phare, Ostsee-Blatt, Вечірній Дзвін, Голос Порта and 2 more.",
        "Sent daily at 07:00, 19:00 (Europe/Kyiv).",
    ):
        assert phrase in text
    assert "Catch-up" not in text


def test_hostile_text_stays_text(renderer: Renderer) -> None:
    evil = "<script>alert(1)</script> {{ 7*7 }} \x00\u202e&amp;"
    digest = one(
        report(1, '"><b>', Publisher(name=evil, country=evil), evil, evil + evil, url='https://x.example/"onclick=1')
    )
    page = Page(render(renderer, digest).html)
    assert not {"script", "b"} & {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script> {{ 7*7 }} &amp;" in page.text
    assert page.all("h3")[0]["lang"] == '"><b>'
    assert not re.search("[\x00\u202e]", page.html)


@pytest.mark.parametrize(
    "url",
    [None, "", "javascript:alert(1)", "data:text/html,x", "ftp://x.example/", "//x.example/", "https://", "https:///a",
     "http://x.example/a b", "https://x.example/\n", "https://x.example/" + "a" * 2000],
)  # fmt: skip
def test_only_web_addresses_become_links(renderer: Renderer, url: str | None) -> None:
    letter = render(renderer, one(report(1, "en", WIRE, "Headline", "", url=url)))
    assert len(Page(letter.html).all("a")) == 1
    assert "Headline" in letter.text


def test_stories_without_a_topic_come_under_their_own_heading(renderer: Renderer) -> None:
    assert "Other reports" in Page(render(renderer, one(report(1, "en", WIRE, "Headline", ""))).html).text


def test_summary_that_repeats_the_headline_is_left_out(renderer: Renderer) -> None:
    letter = render(renderer, one(report(1, "en", WIRE, "Same  words", "same words")))
    assert "same words" not in letter.text


def test_longest_edition_stays_in_its_budget(renderer: Renderer) -> None:
    words = "Перемовини щодо припинення вогню тривають "
    title, summary = (words * 25)[:1000], (words * 500)[:20_000]
    found = [topic("peace-talks", "вогню"), topic("drones", "щодо"), actor("kremlin", "тривають")]
    found += [actor(f"actor-{n}", "Перемовини") for n in range(40)]
    long = [
        report(n, "uk", Publisher(name=words * 9, country="UA", press=Press.STATE), title, summary, *found,
               url=f"https://news.example/?{'&a=1' * 480}")
        for n in range(15)
    ]  # fmt: skip
    digest = build_digest(long, replace(SUBSCRIPTION, cap=15), WINDOW, COVERAGE, told=())
    letter = render(renderer, digest, cap=15)
    assert letter.html is not None
    assert len(letter.html.encode()) < HTML_BUDGET
    assert len(Page(letter.html).all("h3")) == 15


# ── words, zones, subjects ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("catch_up", "name"), [(False, "Ukraine monitor"), (True, "Ukraine monitor (catch-up)")])
def test_subject(renderer: Renderer, catch_up: bool, name: str) -> None:
    letter = render(renderer, sample(catch_up=catch_up))
    headline = "Kremlin calls report of a secret ceasefire call “pure…"
    assert letter.subject == f"{name}: {headline} and 10 more · 24 Nov, 07:00"


def test_subject_of_a_single_story_stays_on_one_line(renderer: Renderer) -> None:
    letter = render(renderer, one(report(1, "en", WIRE, "First\r\nBcc: all@example.org", "")))
    assert letter.subject == "Ukraine monitor: First Bcc: all@example.org · 24 Nov, 07:00"


@pytest.mark.parametrize(
    ("lang", "spoken", "phrases"),
    [
        ("uk", "uk", ["11 тем, показано 9 · 25 джерел", "Кремль, Мирні переговори", "також у 18 інших джерелах"]),
        ("de", "de", ["9 von 11 Meldungen · 25 Quellen", "Kreml, Friedensgespräche", "auch in 18 weiteren Quellen"]),
        ("pl", "en", ["9 of 11 stories from 25 sources", "Kremlin, Peace talks"]),
    ],
)
def test_reader_s_language(renderer: Renderer, lang: str, spoken: str, phrases: list[str]) -> None:
    letter = render(renderer, sample(), subscriber=reader(lang))
    page = Page(letter.html)
    assert (letter.lang, page.all("html")[0]["lang"]) == (spoken, spoken)
    assert [phrase for phrase in phrases if phrase not in page.text] == []


def test_label_falls_back_to_english_and_then_to_the_id(renderer: Renderer) -> None:
    story = report(1, "en", WIRE, "A B", "", topic("energy", "A"), topic("unnamed", "B"))
    labels = {key: {"en": label["en"]} for key, label in LABELS.items()}
    letter = renderer.digest(one(story), replace(SUBSCRIPTION, subscriber=reader("de")), labels, unsubscribe=OUT)
    assert "Warum hier: Energy, unnamed" in letter.text


def test_times_are_told_in_the_reader_s_zone(renderer: Renderer) -> None:
    letter = render(renderer, sample(), subscriber=reader(zone="America/New_York"))
    assert "23 Nov, 00:00 – 24 Nov, 00:00 (America/New_York)" in letter.text
    assert "Harbour Wire · news agency · United Kingdom · 23 Nov, 22:48" in letter.text
    with pytest.raises(ZoneInfoNotFoundError):
        render(renderer, sample(), subscriber=reader(zone="Mars/Phobos"))


def test_another_year_is_named(renderer: Renderer) -> None:
    old = report(1, "en", WIRE, "Headline", "", published=datetime(2021, 2, 3, 4, 5, tzinfo=UTC))
    assert "3 Feb 2021, 06:05 (reached us late)" in render(renderer, one(old)).text


@pytest.mark.parametrize(
    ("topics", "actors", "phrase"),
    [
        ((), (), "You asked for everything relevant"),
        (("drones", "energy"), (), "You asked for stories on: Drones, Energy."),
        ((), ("eu",), "You asked for stories that name: European Union."),
        (("drones",), ("eu",), "You asked for stories on: Drones – that name: European Union."),
    ],
)
def test_subscription_in_words(
    renderer: Renderer, topics: tuple[str, ...], actors: tuple[str, ...], phrase: str
) -> None:
    letter = render(renderer, sample(), topics=frozenset(topics), actors=frozenset(actors))
    assert phrase in letter.text


@pytest.mark.parametrize(
    ("given_as", "href", "shown"),
    [
        ("a@b.example", "mailto:a@b.example?subject=unsubscribe", "a@b.example"),
        ("mailto:a@b.example?subject=out-1&body=x", "mailto:a@b.example?subject=out-1&body=x", "a@b.example"),
        ("https://b.example/out/1", "https://b.example/out/1", "https://b.example/out/1"),
    ],
)
def test_way_out(renderer: Renderer, given_as: str, href: str, shown: str) -> None:
    letter = renderer.digest(sample(), SUBSCRIPTION, LABELS, unsubscribe=given_as)
    assert Page(letter.html).all("a")[-1]["href"] == href
    assert letter.text.endswith(f"To unsubscribe: {shown}\n")


# ── plain text ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_plain_text_is_wrapped_and_complete(renderer: Renderer) -> None:
    text = render(renderer, sample(catch_up=True)).text
    assert [line for line in text.splitlines() if len(line) > 72] == []
    assert "\u00a0" not in text
    assert "\n\n\n\n" not in text
    assert text.count("\n* ") == 9
    assert "  https://news.example/de/3\n" in text
    assert "PEACE TALKS\n===========\n\n* Kremlin" in text
    assert "Catch-up: this edition also covers" in text


def test_long_address_stays_on_one_line(renderer: Renderer) -> None:
    url = "https://news.example/" + "a-" * 100
    assert f"\n  {url}\n" in render(renderer, one(report(1, "en", WIRE, "Headline", "", url=url))).text


# ── other letters ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_quiet_notice(renderer: Renderer) -> None:
    empty = build_digest([], SUBSCRIPTION, WINDOW, Coverage(watched=1), told=())
    letter = renderer.quiet(empty, SUBSCRIPTION, LABELS, unsubscribe=OUT)
    assert letter.subject == "Ukraine monitor: nothing to tell · 24 Nov, 07:00"
    assert letter.text.startswith(
        "Nothing to tell between 23 Nov, 07:00 and 24 Nov, 07:00 (Europe/Kyiv).\n1 feed watched. All of them answer.\n"
    )
    assert (letter.html, letter.bulk) == (None, True)
    assert OUT in letter.text
    assert render(renderer, empty) == letter


def test_operator_s_notices(renderer: Renderer) -> None:
    problem = renderer.problem(key="disk\nfull", detail="12 MB left " * 20, since=END)
    assert problem.subject == "[Ukraine monitor] Problem: disk full"
    assert "Since:   2025-11-24 05:00 (UTC)" in problem.text
    assert max(map(len, problem.text.splitlines())) <= 72
    over = renderer.recovered(
        key="disk full", detail="3 GB left", since=END, until=END + timedelta(hours=26, minutes=5), zone="Europe/Berlin"
    )
    assert over.subject == "[Ukraine monitor] Recovered: disk full (1 d 2 h)"
    assert "Until:     2025-11-25 08:05 (Europe/Berlin)" in over.text
    assert [(letter.html, letter.bulk) for letter in (problem, over)] == [(None, False)] * 2


@pytest.mark.parametrize(("minutes", "lasted"), [(0, "0 min"), (59, "59 min"), (60, "1 h 0 min"), (1440, "1 d 0 h")])
def test_how_long_a_problem_lasted(renderer: Renderer, minutes: int, lasted: str) -> None:
    letter = renderer.recovered(key="k", detail="", since=END, until=END + timedelta(minutes=minutes))
    assert f"Lasted:    {lasted}\n" in letter.text


def test_template_with_an_unknown_name_is_refused(tmp_path: Path) -> None:
    for path in TEMPLATES.rglob("*.*"):
        copy = tmp_path / path.relative_to(TEMPLATES)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (tmp_path / "digest" / "subject.txt").write_text("\n{{ frame.nmae }}")
    with pytest.raises(ConfigError, match=r"digest/subject\.txt:2: .*nmae"):
        render(Renderer(tmp_path), sample())
    (tmp_path / "digest" / "subject.txt").write_text("{% if %}")
    with pytest.raises(ConfigError, match=r"digest/subject\.txt:1: "):
        render(Renderer(tmp_path), sample())


def test_sample_covers_what_it_should() -> None:
    items: list[Item] = [item for section in sample().sections for item in section.items]
    assert {item.lang for item in items} == {"en", "uk", "de", "fr", "pl", "ru"}
    assert {bool(item.late) for item in items} == {True, False}
    assert len(reports()) == 11
