"""What matching the past anew finds is stored and listed, and nobody is mailed it as news."""

from dataclasses import replace
from datetime import timedelta

from monitor.core.model import Digest, RuleKind, TopicSpec
from monitor.rematch import Rematcher
from monitor.store import hits, rematches
from tests.app.conftest import WATCHED, Harness
from tests.app.test_notify import text
from tests.app.test_planning import AT_ONCE, frozen, tick, titles
from tests.fakes import rss

HARVEST = TopicSpec(id="harvest", label={"en": "Harvest"}, terms={"en": ("harvest",)}, scoped=False)
BOTH = replace(WATCHED, topics=(*WATCHED.topics, HARVEST))


async def polled(harness: Harness, *headlines: str) -> None:
    published = harness.clock() - timedelta(minutes=1)
    items = [(title, str(number), published) for number, title in enumerate(headlines)]
    await harness.poll("courier", rss(*items))


async def matched_anew(harness: Harness) -> rematches.Rematch:
    harness.watching(*harness.specs.values(), watched=BOTH)
    await harness.db.run(rematches.ask, None, harness.clock())
    job = await Rematcher(db=harness.db, watch=harness.poller.watch, clock=harness.clock, rest=0).work_off()
    assert job is not None
    return job


async def at_the_slot(harness: Harness) -> list[Digest]:
    """Return the day's digests that tell something."""
    return [digest for digest in await tick(harness, seconds=86_400) if digest.sections]


async def test_no_digest_and_no_alert_hears_of_it_though_it_was_published_in_their_window(harness: Harness) -> None:
    await polled(harness, "Kyiv: wheat is dear")  # the feed's first poll is history
    harness.subscribe("daily@example.org", topics=["harvest"])
    harness.subscribe("alert@example.org", topics=["harvest"], schedule=AT_ONCE)
    assert await tick(harness) == []
    await polled(harness, "Kyiv: wheat is dear", "Kyiv: drones over the harvest", "The harvest of rye")
    job = await matched_anew(harness)
    assert job.added == 2
    found = harness.db.read_now(hits.search, rules=[(RuleKind.TOPIC, "harvest")])
    assert {one.title for one in found} == {"Kyiv: drones over the harvest", "The harvest of rye"}
    assert await tick(harness) == []
    assert await at_the_slot(harness) == []
    assert [digest.sections for digest in frozen(harness)] == [()]  # that of the day, which says so


async def test_what_is_news_by_another_rule_is_told_to_those_who_asked_for_that(harness: Harness) -> None:
    await polled(harness, "Kyiv: wheat is dear")
    harness.subscribe("harvest@example.org", topics=["harvest"])
    harness.subscribe("drones@example.org", topics=["drones"])
    await polled(harness, "Kyiv: wheat is dear", "Kyiv: drones over the harvest")
    await matched_anew(harness)
    [digest] = await at_the_slot(harness)
    assert titles(digest) == ["Kyiv: drones over the harvest"]
    told = {mail.recipient for mail in harness.send.mails if "drones over the harvest" in text(mail)}
    assert told == {"drones@example.org"}


async def test_a_report_that_comes_after_the_edit_is_news(harness: Harness) -> None:
    await polled(harness, "Kyiv: wheat is dear")
    harness.subscribe("harvest@example.org", topics=["harvest"], schedule=AT_ONCE)
    await tick(harness)
    await matched_anew(harness)
    await polled(harness, "Kyiv: wheat is dear", "The harvest of rye")
    [alert] = await tick(harness)
    assert titles(alert) == ["The harvest of rye"]


async def test_a_new_headline_of_what_was_found_only_so_is_no_news(harness: Harness) -> None:
    await polled(harness, "Kyiv: wheat is dear")
    harness.subscribe("harvest@example.org", topics=["harvest"], schedule=AT_ONCE)
    harness.subscribe("all@example.org", schedule=AT_ONCE)
    await tick(harness)
    await polled(harness, "Kyiv: wheat is dear", "The harvest of rye")
    await matched_anew(harness)
    await polled(harness, "Kyiv: wheat is dear", "The harvest of rye is over")
    assert await tick(harness) == []


async def test_it_stops_between_two_batches_when_told_and_goes_on_later(harness: Harness) -> None:
    await polled(harness, "Kyiv: harvest")
    harness.watching(*harness.specs.values(), watched=BOTH)
    await harness.db.run(rematches.ask, None, harness.clock())
    tools = {"db": harness.db, "watch": harness.poller.watch, "clock": harness.clock}
    steps: list[rematches.Rematch] = []
    await Rematcher(**tools, going=lambda: not steps, rest=0).work_off(steps.append)  # type: ignore[arg-type]
    assert [(job.done, job.finished_at) for job in steps] == [(1, None)]
    await Rematcher(**tools, rest=0).work_off(steps.append)  # type: ignore[arg-type]
    assert (steps[-1].done, steps[-1].finished_at) == (1, harness.clock())
    assert await Rematcher(**tools, rest=0).work_off() is None  # type: ignore[arg-type]
