"""The mails in a browser: how they stand at three widths, light and dark, without styles, and to a screen reader."""

import json
import os
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from monitor.core.model import Day, Digest, Publisher
from monitor.render import Renderer
from tests.e2e.chromium import BROWSER, Tab, chromium
from tests.sample_digest import END, LABELS, SUBSCRIPTION
from tests.sample_letters import BY_MAIL, BY_PAGE, SENDER, TEMPLATES, altered, edition, reader, render

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium is found; MONITOR_TEST_CHROMIUM names one that is not on the path"
)

_AXE_FILE = Path(
    os.environ.get("MONITOR_TEST_AXE") or Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
)
_AXE = _AXE_FILE.read_text(encoding="utf-8") if _AXE_FILE.is_file() else ""
_RUN_AXE = """
axe.run(document, {resultTypes: ["violations"]}).then(found => JSON.stringify(found.violations.map(one => ({
  id: one.id, impact: one.impact, where: one.nodes.map(node => node.html).slice(0, 3)}))))
"""
_WIDE = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
_LOOKS = [(width, dark) for width in (320, 600, 1200) for dark in (False, True)]


def widest() -> Digest:
    """Give an edition with words and figures that want to be wider than a telephone."""
    digest = altered(edition(), 1, title=f"{_WIDE} {_WIDE}", summary=_WIDE, publisher=Publisher(name=_WIDE))
    digest = altered(digest, 4, before=_WIDE, original=True)
    days = tuple(Day(date=day.date, hits=day.hits * 98_765) for day in digest.days)
    return replace(digest, days=days, sources=1_234_567, new=7_654_321, alerted=(digest.alerted[0],) * 3)


def letters() -> Mapping[str, str]:
    """Give the HTML of every kind of letter."""
    renderer = Renderer(TEMPLATES, sender=SENDER)
    wish = replace(SUBSCRIPTION, subscriber=reader("uk"))
    found = {
        "digest": render(renderer, altered(edition(), 4, before="Було інакше", original=True), BY_PAGE),
        "widest": render(renderer, widest(), subscriber=reader("de")),
        "alert": render(renderer, replace(edition(), instant=True), BY_MAIL),
        "confirm": renderer.confirm(wish, LABELS, link=f"https://m.example/c/{'x' * 200}", expires=END),
        "manage": renderer.manage(reader("de"), manage="https://m.example/m", data="https://m.example/y", expires=END),
    }
    return {name: letter.html or "" for name, letter in found.items()}


LETTERS = letters()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab() -> AsyncIterator[Tab]:
    async with chromium() as found:
        yield found


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", LETTERS)
async def test_nothing_is_wider_than_the_window(tab: Tab, name: str) -> None:
    for width, dark in _LOOKS:
        await tab.look(width=width, dark=dark)
        await tab.show(LETTERS[name])
        assert await tab.evaluate("document.documentElement.scrollWidth") <= width, (width, dark)


@pytest.mark.asyncio(loop_scope="module")
async def test_dark_readers_get_it_dark(tab: Tab) -> None:
    background = "getComputedStyle(document.querySelector('table table')).backgroundColor"
    seen = set()
    for dark in (False, True):
        await tab.look(width=600, dark=dark)
        await tab.show(LETTERS["digest"])
        seen.add(await tab.evaluate(background))
    assert seen == {"rgb(255, 255, 255)", "rgb(26, 32, 40)"}


@pytest.mark.asyncio(loop_scope="module")
async def test_the_first_screen_has_the_figures_and_the_five(tab: Tab) -> None:
    await tab.look(width=320, height=844)
    await tab.show(LETTERS["digest"])
    ends = await tab.evaluate("document.querySelector('ol').getBoundingClientRect().bottom")
    assert ends < 844
    assert await tab.evaluate("document.querySelectorAll('ol > li').length") == 5


@pytest.mark.asyncio(loop_scope="module")
async def test_it_reads_without_styles(tab: Tab) -> None:
    bare = re.sub(r"<style>.*?</style>", "", LETTERS["digest"], flags=re.DOTALL)
    bare = re.sub(r' (style|class)="[^"]*"', "", bare)
    await tab.look(width=320)
    await tab.show(bare)
    text = " ".join(str(await tab.evaluate("document.body.innerText")).split())
    told = (
        "Ukraine monitor · 24 November, 07:00", "8 new 1 updated 25 sources 6 countries", "What matters most",
        "Power plant off the grid", "Peace talks Kremlin calls report", "Headline changed. Before: Було інакше",
        "2 more stories on the web page", "Reports a day", "Coverage 212 feeds watched.", "Why you get this",
        "Change what you get · Unsubscribe",
    )  # fmt: skip
    places = [text.find(phrase) for phrase in told]
    assert -1 not in places, told[places.index(-1)]
    assert places == sorted(places)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.skipif(not _AXE, reason="axe-core is not installed; docs/contributing.md says how")
@pytest.mark.parametrize("name", LETTERS)
async def test_axe_finds_nothing_serious(tab: Tab, name: str) -> None:
    for width, dark in _LOOKS:
        await tab.look(width=width, dark=dark)
        await tab.show(LETTERS[name])
        await tab.evaluate(f"{_AXE};0")
        found = json.loads(await tab.evaluate(_RUN_AXE))
        assert [one for one in found if one["impact"] in {"serious", "critical"}] == [], (width, dark)
