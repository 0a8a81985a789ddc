"""However much there is to tell, the HTML stays under its budget."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.digest import build_digest
from monitor.core.model import Digest, Item, Press, Publisher, Section
from monitor.render import Renderer
from monitor.render.fitting import LEVELS, fitted
from monitor.render.letters import HTML_BUDGET
from monitor.render.stories import Limits
from monitor.render.view import ranked
from tests.sample_digest import COVERAGE, SUBSCRIPTION, WINDOW, actor, report, topic
from tests.sample_letters import BY_PAGE, SENDER, TEMPLATES, Page, edition, render

RENDERER = Renderer(TEMPLATES, sender=SENDER)
WORDS = "Перемовини щодо припинення вогню тривають "
MARKUP = "<&\"' вогню " * 1000


def many(count: int, title: str, summary: str = "", url: str = "https://news.example/a?b=1&c=2") -> Digest:
    """Make an edition of so many stories, all of them shown."""
    found = [topic("peace-talks", "вогню"), topic("drones", "щодо"), actor("kremlin", "тривають")]
    found += [actor(f"actor-{n}", "Перемовини") for n in range(40)]
    publisher = Publisher(name=title[:400], country="UA", press=Press.STATE)
    one = build_digest([report(0, "uk", publisher, title, summary, *found, url=url)], SUBSCRIPTION, WINDOW, COVERAGE)
    item = one.sections[0].items[0]
    items = tuple(replace(item, group=n, url=f"{url}&n={n}", score=float(count - n)) for n in range(count))
    return replace(
        one,
        sections=(Section(topic="peace-talks", items=items[::2]), Section(topic=None, items=items[1::2])),
        total=count,
        top=tuple(range(min(count, 5))),
        alerted=edition().alerted * 30,
        days=edition().days,
    )


@pytest.mark.parametrize("instant", [False, True])
@pytest.mark.parametrize(
    ("count", "title", "summary", "url"),
    [
        (15, WORDS * 25, WORDS * 500, "https://news.example/?" + "&a=1" * 480),
        (500, WORDS, WORDS * 3, "https://news.example/2025/11/24/a-slug-of-some-length"),
        (500, MARKUP, MARKUP, "https://news.example/?" + "&" * 280),
        (60, "😀" * 10_000, "😀" * 10_000, "https://news.example/"),
        (3, "x" * 10_000, "", "https://news.example/"),
    ],
)
def test_heaviest_days_stay_in_their_budget(count: int, title: str, summary: str, url: str, instant: bool) -> None:
    letter = render(RENDERER, replace(many(count, title, summary, url), instant=instant), BY_PAGE)
    page = Page(letter.html)
    shown = len(page.all("h3"))
    assert len(page.html.encode()) <= HTML_BUDGET
    assert shown >= min(count, 12)
    assert (f"{count - shown} more" in page.text) == (shown < count)
    assert letter.text.count("\n* ") >= count
    assert max(map(len, letter.text.splitlines())) < 2100


def test_what_does_not_fit_is_shortened_from_the_weakest_on() -> None:
    digest = replace(many(50, WORDS * 2, WORDS * 8), alerted=())
    page = Page(render(RENDERER, digest, BY_PAGE).html)
    headline = r'<h3[^>]*><a[^>]*&amp;n=(\d+)"'
    headlines = [int(number) for number in re.findall(headline, page.html)]
    with_summary = [int(number) for number in re.findall(rf"{headline}.*</h3>\n<p [^>]*lang=", page.html)]
    assert sorted(headlines) == list(range(50))
    assert 0 < len(with_summary) < 50
    assert sorted(with_summary) == list(range(len(with_summary)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 900), min_size=1, max_size=30), st.integers(0, 9000))
def test_fitting_keeps_the_strongest_and_never_exceeds_its_room(sizes: list[int], room: int) -> None:
    items = ranked(many(len(sizes), "T"))
    by_group = {item.group: size for item, size in zip(items, sizes, strict=True)}

    def write(item: Item, limits: Limits) -> str:
        return "x" * (by_group[item.group] // (1 + LEVELS.index(limits)))

    written = fitted(items, write, room)
    kept = [item.group for item in items if item.group in written]
    assert sum(map(len, written.values())) <= room
    assert kept == [item.group for item in items[: len(kept)]]
    if sum(sizes) <= room:
        assert [len(written[item.group]) for item in items] == sizes
