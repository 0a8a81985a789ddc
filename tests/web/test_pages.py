"""Every way through the pages, as a reader goes it."""

import json
from datetime import time, timedelta

import pytest

from monitor.core.model import MailKind, Press, QuietHours, Schedule, Status
from monitor.links import LIFETIME, Purpose
from monitor.store import accounts
from tests.web.conftest import EMAIL, Desk

NEW = "new@example.org"

# ── in ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_subscribing_takes_a_form_a_mail_and_a_button(desk: Desk) -> None:
    form = await desk.browser.get("/s/?lang=uk")
    done = await desk.browser.send(form, "/s/", {"email": NEW, "zone": "Europe/Berlin", "topic": ["drones", "energy"]})
    assert done.path == "/sent"
    assert await desk.mails(NEW) == [MailKind.CONFIRM]
    reader = desk.found(NEW)
    assert reader is not None
    assert (reader.status, reader.lang, reader.zone) == (Status.PENDING, "uk", "Europe/Berlin")
    page = await desk.browser.get(desk.path(Purpose.CONFIRM, reader))
    assert (page.heading, desk.known(reader.pk).status) == ("Бажаєте отримувати ці випуски?", Status.PENDING)
    assert "Дрони" in page.text
    after = await desk.browser.send(page)
    assert after.heading == "Вашу підписку підтверджено"
    assert desk.known(reader.pk).status == Status.ACTIVE
    assert [wish.topics for wish in desk.wishes(reader)] == [{"drones", "energy"}]
    [manage] = [link for link in after.links if "/m/" in link]
    assert (await desk.browser.get(manage)).heading == "Ваші підписки"


async def test_the_consent_tells_how_it_came(desk: Desk) -> None:
    reader = desk.reader(status=Status.PENDING)
    desk.db.run_now(accounts.settle, reader.pk, lang="de", zone="UTC", now=desk.clock())
    page = await desk.browser.get(desk.path(Purpose.CONFIRM, reader))
    await desk.browser.send(page)
    taken = desk.db.read_now(accounts.export, reader.pk)
    assert taken is not None
    consent = {name: taken["subscriber"][f"consent_{name}"] for name in ("who", "how", "wording")}
    assert consent == {
        "who": "the reader",
        "how": "double opt-in: form, mail, button",
        "wording": "Ja, diese Ausgaben zusenden",
    }
    assert [button.text() for button in page.tree.css("button")] == [consent["wording"]]


async def test_the_way_out_of_a_confirmation_is_to_do_nothing(desk: Desk) -> None:
    reader = desk.reader(status=Status.PENDING)
    desk.clock.now += LIFETIME[Purpose.CONFIRM]
    link = desk.path(Purpose.CONFIRM, reader)
    desk.clock.now += LIFETIME[Purpose.CONFIRM] + timedelta(seconds=1)
    assert (await desk.browser.get(link)).status == 404


@pytest.mark.parametrize("public", [False])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_subscribing_is_closed_unless_the_operator_opens_it(desk: Desk, method: str) -> None:
    assert (await desk.browser.ask(method, "/s/", headers={})).status == 404
    assert "/s/" not in (await desk.browser.get("/")).text


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("email", "nobody", "This is no mail address"),
        ("email", "a@example.org\r\nBcc: b@example.org", "This is no mail address"),
        ("zone", "Europe/Atlantis", "Choose a time zone"),
        ("time", "25:00", "Give at least one time"),
        ("cap", "0", "1 to 100 stories"),
        ("cap", "many", "1 to 100 stories"),
        ("quiet_from", "22:00", "Quiet hours need"),
        ("without_sources", "\n".join(f"{n}.example" for n in range(51)), "At most 50 publishers"),
    ],
)
async def test_a_form_that_cannot_be_used_comes_back_as_it_was_filled_in(
    desk: Desk, field: str, value: str, told: str
) -> None:
    form = await desk.browser.get("/s/")
    back = await desk.browser.send(form, "/s/", {"email": NEW, "topic": "energy", field: value})
    assert back.status == 422
    [alert] = back.tree.css("[role=alert]")
    assert told in alert.text()
    assert [node.attributes["value"] for node in back.tree.css("input[name=topic][checked]")] == ["energy"]
    assert await desk.mails(NEW) == []
    assert all(back.tree.css_first(f"[id='{link.partition('#')[2]}']") for link in back.links if "#" in link)


async def test_a_reader_asks_for_the_link(desk: Desk) -> None:
    desk.reader()
    done = await desk.browser.send(await desk.browser.get("/m/"), "/m/", {"email": EMAIL.upper()})
    assert done.path == "/sent"
    assert await desk.mails() == [MailKind.MANAGE]


async def test_who_never_confirmed_is_asked_again(desk: Desk) -> None:
    desk.reader(status=Status.PENDING)
    await desk.browser.send(await desk.browser.get("/m/"), "/m/", {"email": EMAIL})
    assert await desk.mails() == [MailKind.CONFIRM]


# ── one's own page ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_pausing_and_resuming(desk: Desk) -> None:
    reader = desk.reader()
    page = await desk.browser.send(await desk.browser.get(desk.path(Purpose.MANAGE, reader)), "/pause")
    assert "Paused." in page.text
    assert desk.known(reader.pk).status == Status.PAUSED
    page = await desk.browser.send(page, "/resume")
    assert "sent again" in page.text
    assert desk.known(reader.pk).status == Status.ACTIVE


async def test_every_wish_can_be_changed(desk: Desk) -> None:
    reader = desk.reader(queries=("crimea",))
    [before] = desk.wishes(reader)
    page = await desk.browser.get(f"{desk.path(Purpose.MANAGE, reader)}/s/{before.pk}")
    changes = {
        "name": " Evening\u202e news ",
        "topic": ["energy", "no-such-topic"],
        "actor": "nato",
        "reads": ["uk", "en", "xx"],
        "without_press": ["state", "nonsense"],
        "without_sources": "Herald\n\n tabloid.example \n",
        "when": "times",
        "time": ["18:30", "06:15", "", "18:30"],
        "weekday": ["0", "4", "9"],
        "quiet_from": "22:00",
        "quiet_to": "06:00",
        "cap": "30",
        "quiet": "",
    }
    after = await desk.browser.send(page, f"/s/{before.pk}", changes)
    assert "Saved." in after.text
    [wish] = desk.wishes(reader)
    assert (wish.name, wish.queries) == ("Evening news", ("crimea",))
    assert [set(some) for some in (wish.topics, wish.actors, wish.langs)] == [{"energy"}, {"nato"}, {"uk", "en"}]
    assert wish.without_press == {Press.STATE}
    assert wish.without_sources == {"Herald", "tabloid.example"}
    assert wish.schedule == Schedule(times=(time(6, 15), time(18, 30)), weekdays=frozenset({0, 4}))
    assert wish.quiet_hours == QuietHours(start=time(22), end=time(6))
    assert (wish.cap, wish.quiet) == (30, False)


@pytest.mark.parametrize(
    ("changes", "schedule"),
    [
        ({"when": "hours", "every": "6"}, Schedule(times=(time(0), time(6), time(12), time(18)))),
        ({"when": "instant"}, Schedule(instant=True)),
        ({"when": "times", "time": "07:05"}, Schedule(times=(time(7, 5),))),
    ],
)
async def test_a_form_that_is_sent_as_it_stands_changes_nothing(
    desk: Desk, changes: dict[str, str], schedule: Schedule
) -> None:
    reader = desk.reader()
    [wish] = desk.wishes(reader)
    own = f"{desk.path(Purpose.MANAGE, reader)}/s/{wish.pk}"
    await desk.browser.send(await desk.browser.get(own), own, changes)
    [changed] = desk.wishes(reader)
    assert changed.schedule == schedule
    await desk.browser.send(await desk.browser.get(own), own)
    assert desk.wishes(reader) == [changed]


async def test_subscriptions_are_added_and_ended(desk: Desk) -> None:
    reader = desk.reader()
    home = desk.path(Purpose.MANAGE, reader)
    new = await desk.browser.get(f"{home}/new")
    page = await desk.browser.send(new, "/new", {"topic": "energy", "when": "instant"})
    assert "Added." in page.text
    first, second = desk.wishes(reader)
    assert [set(wish.topics) for wish in (first, second)] == [{"drones"}, {"energy"}]
    assert second.schedule.instant
    again = await desk.browser.send(new, "/new", {"topic": "energy", "when": "instant"})
    assert "already" in again.text
    await desk.browser.send(again, f"/s/{first.pk}/end")
    assert [wish.pk for wish in desk.wishes(reader)] == [second.pk]


async def test_a_reader_reaches_no_subscription_of_another(desk: Desk) -> None:
    reader, other = desk.reader(), desk.reader("other@example.org")
    [theirs] = desk.wishes(other)
    home = desk.path(Purpose.MANAGE, reader)
    assert (await desk.browser.get(f"{home}/s/{theirs.pk}")).status == 404
    seal = desk.site.links.seal(home)
    for path in (f"{home}/s/{theirs.pk}", f"{home}/s/{theirs.pk}/end"):
        assert (await desk.browser.post(path, [("seal", seal), ("cap", "1")])).status == 404
    assert desk.wishes(other) == [theirs]


async def test_language_and_zone(desk: Desk) -> None:
    reader = desk.reader()
    home = desk.path(Purpose.MANAGE, reader)
    page = await desk.browser.send(
        await desk.browser.get(home), "/reader", {"lang": "de", "zone": "America/Argentina/Ushuaia"}
    )
    assert page.tree.css_first("html[lang=de]")
    known = desk.known(reader.pk)
    assert (known.lang, known.zone) == ("de", "America/Argentina/Ushuaia")
    wrong = await desk.browser.send(page, "/reader", {"lang": "xx", "zone": "nowhere"})
    assert wrong.status == 422
    assert desk.known(reader.pk) == known


# ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_unsubscribing_on_the_page(desk: Desk) -> None:
    reader = desk.reader()
    page = await desk.browser.get(desk.path(Purpose.UNSUBSCRIBE, reader))
    assert desk.known(reader.pk).status == Status.ACTIVE
    after = await desk.browser.send(page)
    assert (after.status, after.heading) == (200, "You are unsubscribed")
    assert desk.known(reader.pk).status == Status.UNSUBSCRIBED


async def test_who_left_may_come_back_by_the_link(desk: Desk) -> None:
    reader = desk.reader(status=Status.UNSUBSCRIBED)
    page = await desk.browser.get(desk.path(Purpose.MANAGE, reader))
    await desk.browser.send(page, "/resume")
    assert desk.known(reader.pk).status == Status.ACTIVE


async def test_taking_ones_data_along(desk: Desk) -> None:
    reader = desk.reader()
    page = await desk.browser.get(desk.path(Purpose.DATA, reader))
    [link] = [link for link in page.links if link.endswith("/export")]
    answer = await desk.browser.get(link)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(answer.text) == desk.db.read_now(accounts.export, reader.pk)


async def test_erasing_needs_a_tick_and_leaves_nothing(desk: Desk) -> None:
    reader = desk.reader()
    links = [desk.path(each, reader) for each in Purpose if each != Purpose.EDITION]
    page = await desk.browser.get(desk.path(Purpose.DATA, reader))
    page = await desk.browser.send(page, "/erase")
    assert "Tick the box" in page.text
    assert desk.known(reader.pk) == reader
    done = await desk.browser.send(page, "/erase", {"sure": "yes"})
    assert done.heading == "Erased"
    assert desk.found(EMAIL) is None
    assert EMAIL not in repr(desk.everything())
    assert [(await desk.browser.get(link)).status for link in links] == [404] * len(links)


async def test_the_data_need_a_link_of_their_own(desk: Desk) -> None:
    """A digest that is passed on carries the link to the reader's page: it must not open the data."""
    reader = desk.reader()
    home = desk.path(Purpose.MANAGE, reader)
    page = await desk.browser.send(await desk.browser.get(home), "/data")
    assert "on its way" in page.text
    assert await desk.mails() == [MailKind.MANAGE]
    assert not [link for link in page.links if "/y/" in link or "export" in link]
    token = home.removeprefix("/m/")
    assert (await desk.browser.get(f"/y/{token}")).status == 404


async def test_old_links_can_be_made_void(desk: Desk) -> None:
    reader = desk.reader()
    links = [desk.path(each, reader) for each in Purpose if each != Purpose.EDITION]
    page = await desk.browser.send(await desk.browser.get(desk.path(Purpose.DATA, reader)), "/revoke")
    assert (page.status, page.heading) == (200, "Your subscriptions")
    assert [(await desk.browser.get(link)).status for link in links] == [404] * len(links)


# ── looks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "header", "lang"),
    [
        ("", "", "en"),
        ("?lang=de", "uk", "de"),
        ("?lang=xx", "fr-CH, de;q=0.3, uk;q=0.9", "uk"),
        ("", "de-AT", "de"),
        ("", "en;q=x, *", "en"),
    ],
)
async def test_the_language_of_a_page_that_is_nobodys(desk: Desk, query: str, header: str, lang: str) -> None:
    page = await desk.browser.get(f"/{query}", **{"Accept-Language": header})
    assert page.tree.css_first(f"html[lang={lang}]")
    assert page.headers["Content-Language"] == lang


async def test_a_page_of_a_reader_speaks_the_readers_language(desk: Desk) -> None:
    reader = desk.reader()
    desk.db.run_now(accounts.settle, reader.pk, lang="uk", zone="UTC", now=desk.clock())
    page = await desk.browser.get(desk.path(Purpose.MANAGE, reader), **{"Accept-Language": "de"})
    assert page.tree.css_first("html[lang=uk]")
