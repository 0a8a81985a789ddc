"""One digest, end to end: planned once, told once, and no mail lost on its way."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from monitor.core.model import Failure, FailureKind, Outgoing
from monitor.errors import MailDeferred, MailRefused
from monitor.store import accounts, maintenance, outbox, problems
from tests.app.conftest import Harness
from tests.fakes import NOW, rss, spec

SLOT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""07:00 in Kyiv, the morning after NOW."""


def message(mail: Outgoing) -> EmailMessage:
    found = message_from_bytes(mail.data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def text(mail: Outgoing) -> str:
    body = message(mail).get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def morning(harness: Harness, *, days: int = 0) -> list[str]:
    """Plan and send what the morning brings; returns the texts of its mails."""
    harness.clock.now = SLOT + timedelta(days=days)
    before = len(harness.send.mails)
    await harness.planner.plan_due()
    while await harness.notifier.send_due():
        pass
    return [text(mail) for mail in harness.send.mails[before:]]


async def news(harness: Harness, *titles: str, feed: str = "courier", site: str = "https://courier.example") -> None:
    """Let a feed that was polled before bring these headlines."""
    old = ("Old", "old", NOW - timedelta(days=40))
    await harness.poll(feed, rss(old, site=site))
    items = [(title, title.replace(" ", "-"), harness.clock()) for title in titles]
    await harness.poll(feed, rss(old, *items, site=site))


async def test_a_reader_gets_the_news_of_the_night(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, "Drones over Kyiv", "Kyiv: ceasefire talks", "How to bake bread")
    [body] = await morning(harness)
    assert "Drones over Kyiv" in body
    assert "ceasefire" in body
    assert "bread" not in body


async def test_history_is_not_news(harness: Harness) -> None:
    """A fresh start with 100 feeds of 50 old entries: only what was published inside the window is mailed."""
    harness.watching(*(spec(f"feed{number}") for number in range(100)))
    harness.subscribe()
    for number in range(100):
        items = [(f"Kyiv story {number}.{age}", f"{number}/{age}", NOW - timedelta(days=3 + age)) for age in range(50)]
        if number in (3, 7):
            items[0] = (f"Kyiv drones tonight {number}", f"{number}/new", SLOT - timedelta(hours=20))
        await harness.poll(f"feed{number}", rss(*items, site=f"https://feed{number}.example"))
    assert harness.db.read_now(maintenance.stats)["entry"] == 5000
    [body] = await morning(harness)
    assert [title for title in (f"Kyiv drones tonight {number}" for number in (3, 7)) if title in body] == [
        "Kyiv drones tonight 3",
        "Kyiv drones tonight 7",
    ]
    assert "Kyiv story" not in body


async def test_nobody_is_told_twice(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, "Drones over Kyiv")
    [first] = await morning(harness)
    await news(harness, "Drones over Kyiv", "More drones over Kyiv")
    await news(harness, "Drones over Kyiv", feed="herald")  # the same address, from another feed
    [second] = await morning(harness, days=1)
    assert "Drones over Kyiv" in first
    assert "More drones over Kyiv" in second
    assert second.count("rones over Kyiv") == second.count("More drones over Kyiv")


async def test_two_subscriptions_of_one_reader_share_the_ledger(harness: Harness) -> None:
    harness.subscribe(topics=["drones"])
    harness.subscribe(actors=["putin"])
    await news(harness, "Putin on drones over Kyiv")
    bodies = await morning(harness)
    assert sum("Putin on drones" in body for body in bodies) == 1
    assert len(bodies) == 2


async def test_rules_are_any_within_and_both_between(harness: Harness) -> None:
    harness.subscribe(topics=["drones", "peace-talks"], actors=["putin"])
    titles = ("Putin on drones over Kyiv", "Drones over Kyiv", "Putin on Kyiv and a ceasefire", "Putin in Kyiv")
    await news(harness, *titles)
    [body] = await morning(harness)
    assert "Putin on drones" in body
    assert "ceasefire" in body
    assert "Putin in Kyiv" not in body
    assert body.count("rones over Kyiv") == body.count("Putin on drones over Kyiv")


@pytest.mark.parametrize(("quiet", "mails"), [(True, 1), (False, 0)])
async def test_nothing_to_tell_is_one_line_or_nothing(harness: Harness, quiet: bool, mails: int) -> None:
    harness.subscribe(quiet=quiet)
    assert len(await morning(harness)) == mails
    assert await morning(harness) == []


async def test_planning_from_everywhere_at_once_plans_once(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, "Drones over Kyiv")
    harness.clock.now = SLOT
    planned = await asyncio.gather(*(harness.planner.plan_due() for _ in range(8)))
    assert sum(planned) == 1
    assert harness.db.read_now(outbox.counts).states == {"queued": 1}


async def test_after_downtime_one_catch_up_digest(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, "Drones over Kyiv")
    await morning(harness)
    harness.clock.now = SLOT + timedelta(days=1, hours=4)
    await news(harness, "Drones over Kyiv", "Kyiv ceasefire")
    bodies = await morning(harness, days=5)
    assert len(bodies) == 1
    assert "ceasefire" in bodies[0]
    assert "catch-up" in message(harness.send.mails[-1])["Subject"]
    assert await morning(harness, days=5) == []


async def test_at_most_the_cap_is_shown_and_the_rest_counted(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, *(f"Kyiv drones report {number}" for number in range(19)))
    [body] = await morning(harness)
    assert sum(f"Kyiv drones report {number}\n" in body for number in range(19)) <= 15
    assert "4 more" in body


async def test_a_mail_carries_what_bulk_mail_must(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, "Drones over Kyiv")
    await morning(harness)
    mail = message(harness.send.mails[0])
    assert mail["List-Unsubscribe"].startswith("<mailto:unsubscribe@example.org")
    assert mail["To"] == "reader@example.org"
    assert mail["Message-ID"] == harness.send.mails[0].message_id
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


# ── mail that does not get through ───────────────────────────────────────────────────────────────────────────────────


async def test_a_deferred_mail_is_tried_again_with_the_same_bytes(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, "Drones over Kyiv")
    sent: list[Outgoing] = []
    harness.send.errors = [MailDeferred("451 later", code=451), MailDeferred("connection lost")]
    assert await morning(harness) == []
    for minutes in (1, 3):
        assert await harness.notifier.send_due() == 0
        harness.clock.now = SLOT + timedelta(minutes=minutes)
        sent += harness.send.mails
        await harness.notifier.send_due()
    assert len(harness.send.mails) == 1
    assert harness.send.mails[0].message_id in harness.send.mails[0].data.decode("ascii")


async def test_a_refused_mail_frees_its_items_for_the_next_digest(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, "Drones over Kyiv")
    harness.send.errors = [MailRefused("550 no", code=550)]
    assert await morning(harness) == []
    assert harness.db.read_now(outbox.counts).states == {"failed": 1}
    [body] = await morning(harness, days=1)
    assert "Drones over Kyiv" in body


async def test_a_mail_is_given_up_after_a_day(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, "Drones over Kyiv")
    harness.send.errors = [MailDeferred("451 later")] * 100
    await morning(harness)
    for _ in range(40):
        harness.clock.forward(hours=1)
        await harness.notifier.send_due()
    assert harness.db.read_now(outbox.counts).states == {"failed": 1}


async def test_without_a_mail_server_digests_wait(harness: Harness) -> None:

    harness.subscribe()
    await news(harness, "Drones over Kyiv")
    harness.clock.now = SLOT
    silent = replace(harness.notifier, send=None)
    await harness.planner.plan_due()
    assert await silent.send_due() == 0
    assert harness.db.read_now(outbox.counts).states == {"queued": 1}
    assert len(await morning(harness)) == 1


async def test_days_without_a_mail_server_end_in_one_catch_up_digest(harness: Harness) -> None:
    harness.subscribe()
    for day, title in enumerate(("Drones over Kyiv", "Kyiv ceasefire", "Putin in Kyiv")):
        harness.clock.now = SLOT + timedelta(days=day, hours=-4)
        await news(harness, title)
        harness.clock.now = SLOT + timedelta(days=day)
        await harness.planner.plan_due()
    bodies = await morning(harness, days=2)
    assert len(bodies) == 1
    assert all(title in bodies[0] for title in ("Drones over Kyiv", "Kyiv ceasefire", "Putin in Kyiv"))
    assert "catch-up" in message(harness.send.mails[0])["Subject"]


async def test_the_end_between_two_mails_gives_the_rest_back(harness: Harness) -> None:
    for number in range(3):
        harness.subscribe(f"reader{number}@example.org")
    harness.clock.now = SLOT
    await harness.planner.plan_due()
    stopping = replace(harness.notifier, going=lambda: len(harness.send.mails) < 1)
    assert await stopping.send_due() == 1
    assert harness.db.read_now(outbox.counts).states == {"sent": 1, "queued": 2}
    assert await harness.notifier.send_due() == 2


async def test_a_removed_reader_gets_no_mail(harness: Harness) -> None:
    reader = harness.subscribe()
    await news(harness, "Drones over Kyiv")
    harness.clock.now = SLOT
    await harness.planner.plan_due()
    harness.db.run_now(accounts.erase, reader.subscriber.pk)
    assert await morning(harness) == []


async def test_failing_feeds_stand_in_the_coverage_line(harness: Harness) -> None:
    harness.subscribe()
    await news(harness, "Drones over Kyiv")
    await harness.poll("herald", Failure(kind=FailureKind.DNS, detail="no such host"))
    [body] = await morning(harness)
    assert "Herald" in body


# ── the operator ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_operator_is_told_once_and_told_when_it_is_over(harness: Harness) -> None:
    for _ in range(3):
        await harness.notifier.problem("disk", "10 MB free")
    await harness.notifier.send_due()
    assert [message(mail)["To"] for mail in harness.send.mails] == ["operator@example.org"]
    assert "10 MB free" in text(harness.send.mails[0])
    for _ in range(3):
        await harness.notifier.recovered("disk")
    await harness.notifier.send_due()
    assert len(harness.send.mails) == 2
    assert harness.db.read_now(problems.current) == []
    assert "List-Unsubscribe" not in message(harness.send.mails[0])
