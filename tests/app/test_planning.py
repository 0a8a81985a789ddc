"""What is planned, and when: alerts, digests that know of them, new headlines, what readers share."""

import asyncio
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from monitor.core import digest_json
from monitor.core.model import Digest, QuietHours, Schedule
from monitor.errors import MailDeferred
from monitor.notify import planning
from monitor.store import accounts, editions, outbox
from monitor.store.database import Connection
from monitor.store.schema import edition
from tests.app.conftest import Harness
from tests.app.test_notify import SLOT, message, morning, news, text
from tests.fakes import NOW, rss

AT_ONCE = Schedule(instant=True)


def frozen(harness: Harness) -> list[Digest]:
    """Return the editions that were planned and mailed."""

    def contents(conn: Connection) -> list[str]:
        query = select(edition.c.content).where(edition.c.content.is_not(None)).order_by(edition.c.id)
        return list(conn.execute(query).scalars())

    return [digest_json.loads(text) for text in harness.db.read_now(contents)]


def titles(digest: Digest) -> list[str]:
    return [item.title for section in digest.sections for item in section.items]


async def tick(harness: Harness, *, seconds: float = 5, send: bool = True) -> list[Digest]:
    """Let some time go by, plan and send; returns the editions that were planned to be mailed."""
    before = len(frozen(harness))
    harness.clock.forward(seconds=seconds)
    await harness.planner.plan_due()
    while send and await harness.notifier.send_due():
        pass
    return frozen(harness)[before:]


# ── alerts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_alert_is_planned_by_the_tick_after_the_hit(harness: Harness) -> None:
    harness.subscribe(topics=["drones"], schedule=AT_ONCE)
    assert await tick(harness) == []
    await news(harness, "Drones over Kyiv", "Kyiv ceasefire")
    [alert] = await tick(harness)
    assert (titles(alert), alert.instant, alert.window.catch_up) == (["Drones over Kyiv"], True, False)
    assert await tick(harness) == []
    await news(harness, "Drones over Kyiv", "Kyiv ceasefire", "More drones near Kyiv")
    [alert] = await tick(harness)
    assert titles(alert) == ["More drones near Kyiv"]


async def test_an_alert_waits_for_the_end_of_quiet_hours(harness: Harness) -> None:
    quiet = QuietHours(start=time(22), end=time(7))
    harness.subscribe(schedule=AT_ONCE, quiet_hours=quiet)
    await tick(harness)
    harness.clock.now = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)  # 23:00 in Kyiv
    await news(harness, "Drones over Kyiv")
    for _ in range(3):
        assert await tick(harness, seconds=3600) == []
    harness.clock.now = SLOT
    [alert] = await tick(harness, seconds=1)
    assert (titles(alert), alert.window.catch_up) == (["Drones over Kyiv"], False)


async def test_an_alert_after_downtime_is_marked(harness: Harness) -> None:
    harness.subscribe(schedule=AT_ONCE)
    await tick(harness)
    await news(harness, "Drones over Kyiv")
    [alert] = await tick(harness, seconds=3 * 3600)
    assert alert.window.catch_up


async def test_an_alert_has_a_cap_and_leaves_the_rest_to_the_daily(harness: Harness) -> None:
    harness.subscribe(schedule=AT_ONCE, cap=2)
    harness.subscribe()
    await news(harness, *(f"Drones hit target {number} in Kyiv" for number in range(5)))
    [alert] = await tick(harness)
    assert (len(titles(alert)), alert.more, len(alert.rest)) == (2, 3, 3)
    harness.clock.now = SLOT
    [daily] = await tick(harness)
    assert sorted(titles(daily)) == sorted(item.title for item in alert.rest)
    assert sorted(one.title for one in daily.alerted) == sorted(titles(alert))


async def test_nothing_alerts_with_nothing(harness: Harness) -> None:
    harness.subscribe(topics=["wheat"], schedule=AT_ONCE)
    await news(harness, "Drones over Kyiv")
    for _ in range(4):
        assert await tick(harness, seconds=700) == []
    spans = harness.db.read_now(lambda conn: conn.execute(select(edition.c.state, edition.c.content)).all())
    assert [tuple(row) for row in spans] == [(editions.EMPTY, None)]


async def test_an_alert_that_waits_is_not_made_anew_by_every_tick(harness: Harness) -> None:
    harness.subscribe(schedule=AT_ONCE)
    await news(harness, "Drones over Kyiv")
    assert len(await tick(harness, send=False)) == 1
    await news(harness, "Drones over Kyiv", "Kyiv ceasefire")
    assert len(await tick(harness, send=False)) == 1
    assert harness.db.read_now(outbox.counts).states == {"queued": 2}


async def test_the_daily_tells_in_one_line_what_an_alert_brought(harness: Harness) -> None:
    harness.subscribe(schedule=AT_ONCE)
    harness.subscribe()
    await news(harness, "Drones over Kyiv hit a grid station")
    assert len(await tick(harness)) == 1
    harness.clock.forward(hours=2)
    await news(harness, "Drones over Kyiv hit a grid station", site="https://herald.example", feed="herald")
    assert await tick(harness) == []
    harness.clock.now = SLOT
    [daily] = await tick(harness)
    [line] = daily.alerted
    assert (daily.sections, line.title, line.since) == ((), "Drones over Kyiv hit a grid station", 1)
    assert line.at == NOW + timedelta(seconds=5)
    harness.clock.now = SLOT + timedelta(days=1)
    [next_one] = await tick(harness)
    assert next_one.alerted == ()


# ── never twice ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_another_address_with_the_same_headline_is_not_told_again(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, "Drones over Kyiv hit a grid station")
    harness.clock.now = SLOT
    assert len(await tick(harness)) == 1
    await news(harness, "Drones over Kyiv hit grid station", site="https://herald.example", feed="herald")
    harness.clock.now = SLOT + timedelta(days=1)
    [second] = await tick(harness)
    assert second.total == 0


async def test_a_headline_that_changed_is_told_once(harness: Harness) -> None:
    harness.subscribe()
    await retitled(harness, "Drones over Kyiv")
    [first] = await at(harness, SLOT)
    await retitled(harness, "Drones over Kyiv kill nobody, mayor says")
    [second] = await at(harness, SLOT + timedelta(days=1))
    await retitled(harness, "Drones over Kyiv kill nobody, mayor says!")
    [third] = await at(harness, SLOT + timedelta(days=2))
    await retitled(harness, "Drones over Kyiv")
    [fourth] = await at(harness, SLOT + timedelta(days=3))
    assert (first.new, first.updated) == (1, 0)
    [item] = second.sections[0].items
    assert (second.new, second.updated, item.before) == (0, 1, "Drones over Kyiv")
    assert (third.total, fourth.total) == (0, 0)


async def retitled(harness: Harness, title: str) -> None:
    """Let the courier show one article under this headline."""
    old = ("Old", "old", NOW - timedelta(days=40))
    await harness.poll("courier", rss(old))
    await harness.poll("courier", rss(old, (title, "article", NOW)))


async def at(harness: Harness, moment: datetime) -> list[Digest]:
    harness.clock.now = moment
    return await tick(harness)


async def test_two_subscriptions_of_one_moment_share_out_the_news(harness: Harness) -> None:
    for topics in ([], ["drones"], ["peace-talks"]):
        harness.subscribe(topics=topics)
    await news(harness, "Drones over Kyiv", "Kyiv ceasefire")
    planned = await at(harness, SLOT)
    told = [title for one in planned for title in titles(one)]
    assert sorted(told) == ["Drones over Kyiv", "Kyiv ceasefire"]


async def test_a_mail_that_fails_late_brings_its_stories_back(harness: Harness) -> None:
    """Its successor was planned while it waited: a story must not get lost between the two."""
    harness.subscribe()
    await news(harness, "Drones over Kyiv")
    harness.send.errors = [MailDeferred("451 later")]
    assert len(await at(harness, SLOT)) == 1
    await news(harness, "Drones over Kyiv", "Kyiv ceasefire")
    harness.clock.now = SLOT + timedelta(days=1)
    [second] = await tick(harness, seconds=10)
    assert titles(second) == ["Kyiv ceasefire"]
    assert harness.db.read_now(outbox.counts).states == {"failed": 1, "sent": 1}
    [third] = await at(harness, SLOT + timedelta(days=2))
    assert titles(third) == ["Drones over Kyiv"]


# ── many readers ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_readers_who_wish_the_same_get_the_same_content(harness: Harness) -> None:
    for number in range(5):
        harness.subscribe(f"reader{number}@example.org", name=f"of reader {number}")
    await news(harness, "Drones over Kyiv", "Kyiv ceasefire")
    await at(harness, SLOT)
    contents = harness.db.read_now(lambda conn: set(conn.execute(select(edition.c.content)).scalars()))
    assert len(contents) == 1
    assert "example.org" not in contents.pop()


async def test_more_readers_than_a_batch_are_planned_in_one_go(harness: Harness) -> None:
    number = planning.BATCH + 20
    for one in range(number):
        harness.subscribe(f"reader{one}@example.org")
    await news(harness, "Drones over Kyiv")
    harness.clock.now = SLOT
    assert await harness.planner.plan_due() == number
    assert await harness.planner.plan_due() == 0


async def test_planning_ends_between_two_batches(harness: Harness) -> None:
    harness.subscribe()
    harness.clock.now = SLOT
    stopping = planning.Planner(db=harness.db, domain="example.org", clock=harness.clock, going=lambda: False)
    assert await stopping.plan_due() == 0
    assert await harness.planner.plan_due() == 1


async def test_who_left_while_it_was_planned_gets_nothing(harness: Harness) -> None:
    wish = harness.subscribe()
    await news(harness, "Drones over Kyiv")
    harness.clock.now = SLOT
    planned, _ = await asyncio.gather(
        harness.planner.plan_due(), harness.db.run(accounts.unsubscribe, wish.subscriber.pk, SLOT)
    )
    assert planned == 0
    assert harness.db.read_now(outbox.counts).states in ({}, {"failed": 1})


# ── the rest of a digest ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_chart_has_fourteen_local_days(harness: Harness) -> None:
    harness.subscribe(topics=["drones"])
    await news(harness, "Drones over Kyiv", "Kyiv ceasefire")
    harness.clock.now = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)  # past midnight in Kyiv
    await news(harness, "Drones over Kyiv", "Kyiv ceasefire", "More drones over Kyiv", "Still more drones over Kyiv")
    [first] = await at(harness, SLOT)
    assert [(f"{day.date:%d %b}", day.hits) for day in first.days[-3:]] == [("28 Feb", 0), ("01 Mar", 1), ("02 Mar", 2)]
    assert len(first.days) == 14
    [second] = await at(harness, SLOT + timedelta(days=1))
    assert [day.hits for day in second.days[-3:]] == [1, 2, 0]


async def test_quiet_readers_leave_one_edition(harness: Harness) -> None:
    harness.subscribe(quiet=False)
    for day in range(4):
        assert await at(harness, SLOT + timedelta(days=day)) == []
    rows = harness.db.read_now(lambda conn: conn.execute(select(edition.c.window_start, edition.c.window_end)).all())
    assert [tuple(row) for row in rows] == [(SLOT - timedelta(days=1), SLOT + timedelta(days=3))]
    await news(harness, "Drones over Kyiv")
    [found] = await at(harness, SLOT + timedelta(days=4))
    assert found.window.start == SLOT + timedelta(days=3)


async def test_a_digest_again_is_the_same_under_another_message_id(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, "Drones over Kyiv")
    [first] = await morning(harness)
    harness.clock.forward(minutes=3)
    pk = harness.db.read_now(editions.last_sent, "reader@example.org")
    assert pk is not None
    assert await harness.planner.plan_again(pk) == "reader@example.org"
    await harness.notifier.send_due()
    one, again = harness.send.mails
    assert one.message_id != again.message_id
    assert text(again) == first
    assert message(again)["Subject"] == message(one)["Subject"]
