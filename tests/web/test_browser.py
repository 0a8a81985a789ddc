"""The pages in a real browser: forms with the headers that it sends, the looks on a narrow screen, the keyboard."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from monitor.core.model import Status
from monitor.links import Purpose
from monitor.store import accounts
from tests.e2e.chromium import BROWSER, Tab, chromium
from tests.web.conftest import Desk

pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here; set MONITOR_TEST_CHROMIUM")

NEW = "new@example.org"


@dataclass(slots=True)
class Visitor:
    """Somebody who looks at the pages, and presses buttons."""

    tab: Tab
    base: str

    async def go(self, path: str) -> str:
        """Open a page; return its heading."""
        await self.tab.call("Page.navigate", url=self.base + path)
        return await self.heading()

    async def press(self, selector: str) -> str:
        """Press what is there; return the heading of the page that comes."""
        await self.tab.evaluate(f"document.querySelector({selector!r}).click()")
        return await self.heading()

    async def heading(self) -> str:
        while (await self.tab.socket.receive_json()).get("method") != "Page.loadEventFired":
            pass
        return str(await self.tab.evaluate("document.querySelector('h1').innerText"))

    async def write(self, field: str, text: str) -> None:
        await self.tab.evaluate(f"document.querySelector('[name={field}]').value = {text!r}")


@pytest.fixture
async def visitor(desk: Desk) -> AsyncIterator[Visitor]:
    async with chromium() as tab:
        await tab.call("Page.enable")
        await tab.look(width=320)
        yield Visitor(tab, desk.browser.base)


async def test_from_the_form_to_erasing_everything(desk: Desk, visitor: Visitor) -> None:
    assert await visitor.go("/") == "Digests by mail"
    assert await visitor.press("a[href^='/s/']") == "Subscribe"
    await visitor.write("email", NEW)
    await visitor.tab.evaluate("document.querySelector('[value=energy]').click()")
    assert await visitor.press("form button") == "Look into your mail"
    assert len(await desk.mails(NEW)) == 1
    reader = desk.found(NEW)
    assert reader is not None
    assert await visitor.go(desk.path(Purpose.CONFIRM, reader)) == "Do you want these digests?"
    assert await visitor.press("form button") == "Your subscription is confirmed"
    assert [set(wish.topics) for wish in desk.wishes(reader)] == [{"energy"}]
    assert await visitor.press("a[href^='/m/']") == "Your subscriptions"
    await visitor.press("form[action$='/pause'] button")
    assert desk.known(reader.pk).status == Status.PAUSED
    await visitor.press("form[action$='/resume'] button")
    assert desk.known(reader.pk).status == Status.ACTIVE
    assert await visitor.press("a[href^='/u/']") == "Unsubscribe?"
    assert await visitor.press("form button") == "You are unsubscribed"
    assert desk.known(reader.pk).status == Status.UNSUBSCRIBED
    assert await visitor.go(desk.path(Purpose.DATA, reader)) == "Your data"
    await visitor.tab.evaluate("document.querySelector('[name=sure]').click()")
    assert await visitor.press("form[action$='/erase'] button") == "Erased"
    assert desk.found(NEW) is None


@pytest.mark.parametrize("lang", ["en", "uk", "de"])
async def test_nothing_sticks_out_of_a_narrow_screen(desk: Desk, visitor: Visitor, lang: str) -> None:
    reader = desk.reader("somebody.with.a.rather.long.name@newsroom.department.example.org", name="W" * 80)
    desk.db.run_now(accounts.settle, reader.pk, lang=lang, zone="America/Argentina/ComodRivadavia", now=desk.clock())
    home = desk.path(Purpose.MANAGE, reader)
    [wish] = desk.wishes(reader)
    own = [desk.path(each, reader) for each in Purpose if each != Purpose.EDITION]
    own += [f"{home}/s/{wish.pk}", f"{home}/new"]
    for path in [f"/s/?lang={lang}", f"/m/?lang={lang}", f"/sent?lang={lang}", f"/?lang={lang}", *own]:
        await visitor.go(path)
        await visitor.tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert await visitor.tab.evaluate("document.documentElement.scrollWidth") == 320, path


async def test_every_field_has_a_name_and_every_target_room(desk: Desk, visitor: Visitor) -> None:
    """WCAG 2.2: 4.1.2 (names), 2.5.8 (targets of 24 pixels)."""
    reader = desk.reader()
    home = desk.path(Purpose.MANAGE, reader)
    for path in ("/s/", "/m/", home, f"{home}/new", desk.path(Purpose.DATA, reader)):
        await visitor.go(path)
        await visitor.tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        nameless = """[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
            .filter(one => !one.labels.length && !one.getAttribute('aria-label')).map(one => one.name)"""
        assert await visitor.tab.evaluate(nameless) == []
        small = """[...document.querySelectorAll('button, .button, select, input:not([type=hidden])')]
            .map(one => one.closest('label') || one)
            .filter(one => one.getBoundingClientRect().height < 24).map(one => one.outerHTML)"""
        assert await visitor.tab.evaluate(small) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_what_has_the_focus_shows_it(desk: Desk, visitor: Visitor, dark: bool) -> None:
    await visitor.tab.look(width=1200, dark=dark)
    await visitor.go("/m/")
    for _ in range(3):
        await visitor.tab.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
        outline = await visitor.tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline not in {"none", None}
