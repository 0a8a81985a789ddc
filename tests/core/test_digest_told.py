"""Never twice: what one digest told, no other of the same reader tells again, but for what became of it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digest import NOTHING, build_digest
from monitor.core.digest.headlines import near, read_headline
from monitor.core.model import (
    Alerted,
    Candidate,
    Coverage,
    Digest,
    Item,
    Match,
    Publisher,
    RuleKind,
    Schedule,
    Subscriber,
    Subscription,
    Told,
    Window,
)

MORNING = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WINDOW = Window(start=MORNING - DAY, end=MORNING, seq_from=0, seq_to=9)
DAILY = Subscription(pk=1, subscriber=Subscriber(pk=1, email="desk@example.org"))
ALERTS = replace(DAILY, pk=2, schedule=Schedule(instant=True))
PORT = "Drones hit the port of Izmail overnight"


def report(number: int, title: str, hours: float = 12, **changes: object) -> Candidate:
    seen = MORNING - timedelta(hours=hours)
    made = Candidate(
        group=number,
        revision=number,
        entry=number,
        title=title,
        summary="",
        url=f"https://wire.example/{number}",
        lang="en",
        publisher=Publisher(name=f"Wire {number}"),
        published=seen,
        date_flags=frozenset(),
        seen=seen,
        history=False,
        matches=(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # names and values are the test's


def told(title: str, hours: float, *, instant: bool = False, number: int = 1, **changes: object) -> Told:
    at = MORNING - timedelta(hours=hours)
    known = Told(
        at=at, instant=instant, revision=number, title=title, entry=number, lang="en", publisher=f"Wire {number}"
    )
    return replace(known, **changes)  # type: ignore[arg-type]  # names and values are the test's


def build(*reports: Candidate, known: Mapping[int, Told] = NOTHING, wish: Subscription = DAILY) -> Digest:
    return build_digest(reports, wish, WINDOW, Coverage(), told=known)


def items(digest: Digest) -> list[Item]:
    return [item for section in digest.sections for item in section.items]


# ── one story under several addresses ────────────────────────────────────────────────────────────────────────────────


def test_near_identical_headlines_are_one_story() -> None:
    digest = build(
        report(1, PORT), report(2, PORT + " - Wire 2"), report(3, "Drones hit port of Izmail overnight, report")
    )
    [item] = items(digest)
    assert (item.sources, digest.total, [group for group, _ in item.also]) == (3, 1, [1, 2])
    assert [out.stage for out in digest.left_out] == ["group", "group"]


@pytest.mark.parametrize(
    ("hours", "publisher", "title", "stories"),
    [
        (30, "Wire 2", PORT, 1),
        (37, "Wire 2", PORT, 2),
        (11, "Wire 1", PORT, 1),
        (13, "Wire 1", PORT, 2),
        (2, "Wire 2", "Explosions in Kyiv", 1),
        (4, "Wire 2", "Explosions in Kyiv", 2),
    ],
    ids=["a day", "two days", "one publisher", "a series", "brief", "brief and later"],
)
def test_how_long_a_headline_is_the_same_story(hours: float, publisher: str, title: str, stories: int) -> None:
    later = report(2, title, 0, publisher=Publisher(name=publisher))
    assert build(report(1, title, hours), later).total == stories


def test_two_events_stay_two_stories() -> None:
    assert build(report(1, "12 killed in strike on Kharkiv"), report(2, "3 killed in strike on Kharkiv")).total == 2


def test_a_chain_of_small_differences_joins_nothing() -> None:
    words = ["one", "strike", "on", "grid", "of", "Odesa", "leaves", "many", "homes", "dark"]
    chain = [" ".join([*words, *extra]) for extra in ([], ["today"], ["today", "officials"])]
    assert near(read_headline(chain[1], "", "en"), read_headline(chain[2], "", "en"))
    assert build(*(report(number, title) for number, title in enumerate(chain, 1))).total == 2


# ── what was told ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_near_identical_headline_of_another_address_counts_as_told() -> None:
    known = {1: told(PORT, 20)}
    digest = build(report(2, "Drones hit port of Izmail overnight"), report(3, "Grid holds in Sumy"), known=known)
    assert [item.title for item in items(digest)] == ["Grid holds in Sumy"]
    assert [out.stage for out in digest.left_out] == ["told"]
    assert build(report(2, PORT), known={1: told(PORT, 60)}).total == 1


def test_a_story_is_told_where_one_of_its_addresses_was() -> None:
    digest = build(report(1, PORT + " - Wire 1"), report(2, PORT), known={1: told("Another headline", 200, entry=7)})
    assert (digest.total, [out.stage for out in digest.left_out]) == (0, ["told", "told"])


def test_a_daily_tells_in_one_line_what_an_alert_brought() -> None:
    alert = told(PORT, 5, instant=True)
    digest = build(report(1, PORT, 5.1), report(2, PORT, 4), report(3, PORT, 1), known={1: alert})
    assert digest.alerted == (Alerted(title=PORT, url="https://wire.example/1", lang="en", at=alert.at, since=2),)
    assert (digest.total, digest.sections) == (0, ())
    assert [out.stage for out in digest.left_out] == ["told"] * 3
    assert all("alerted" in out.reason for out in digest.left_out)


def test_an_alert_is_told_of_once_and_by_digests_only() -> None:
    assert build(report(1, PORT, 1), known={1: told(PORT, 25, instant=True)}).alerted == ()
    assert build(report(1, PORT, 1), known={1: told(PORT, 5, instant=True)}, wish=ALERTS).alerted == ()
    assert build(report(1, PORT, 1), known={1: told(PORT, 5)}).alerted == ()


# ── headline changed ─────────────────────────────────────────────────────────────────────────────────────────────────


def changed(title: str, **changes: object) -> Candidate:
    return report(1, title, 1, revision=9, retitled=True, **changes)


def test_a_report_that_was_mailed_comes_again_under_a_new_headline() -> None:
    digest = build(changed("Fire at the port of Izmail put out"), known={1: told(PORT, 20)})
    [item] = items(digest)
    assert (item.title, item.before, item.revision) == ("Fire at the port of Izmail put out", PORT, 9)
    assert (digest.new, digest.updated, digest.total) == (0, 1, 1)


@pytest.mark.parametrize("title", [PORT + "!", PORT.upper(), f"  {PORT}", "“" + PORT + "”", PORT.replace("the ", "")])
def test_typography_is_no_new_headline(title: str) -> None:
    digest = build(changed(title), known={1: told(PORT, 20)})
    assert (digest.total, [out.stage for out in digest.left_out]) == (0, ["told"])


def test_a_headline_is_new_once() -> None:
    known = {1: told("Fire at the port put out", 3, revision=8, earlier=(PORT,))}
    assert build(changed(PORT), known=known).total == 0
    assert build(changed("Fire at the port put out"), known=known).total == 0
    assert build(changed("Port of Izmail works again"), known=known).updated == 1


def test_another_report_of_the_group_is_no_retitle() -> None:
    assert build(changed("Fire put out", entry=5), known={1: told(PORT, 20)}).total == 0


def test_a_new_headline_is_no_news_to_who_was_not_sent_the_old_one() -> None:
    digest = build(changed("Fire put out"))
    assert (digest.total, [out.stage for out in digest.left_out]) == (0, ["history"])


def test_alerts_leave_new_headlines_to_digests() -> None:
    assert build(changed("Fire put out"), known={1: told(PORT, 20)}, wish=ALERTS).total == 0


def test_an_alert_whose_headline_changed_is_told_as_that_alone() -> None:
    digest = build(changed("Fire put out"), known={1: told(PORT, 5, instant=True)})
    assert (digest.updated, digest.alerted) == (1, ())


# ── over successive digests ──────────────────────────────────────────────────────────────────────────────────────────

TITLES = (PORT, "Drones hit port of Izmail overnight", "Grid holds in Sumy", "12 killed in Sumy", "3 killed in Sumy")
TOPICS = st.sampled_from(("drones", "energy"))


@dataclass
class Ledger:
    """Keeps what a reader was sent, as the store does."""

    rows: list[tuple[int, Told]] = field(default_factory=list)

    def told(self) -> dict[int, Told]:
        found: dict[int, Told] = {}
        for group, row in self.rows:
            before = found.get(group)
            earlier = (*before.earlier, before.title) if before else ()
            found[group] = replace(row, earlier=earlier)
        return found

    def keep(self, digest: Digest, offered: Iterable[Candidate], now: datetime) -> None:
        by_revision = {offer.revision: offer for offer in offered}
        for item in items(digest):
            for group, revision in ((item.group, item.revision), *item.also):
                offer = by_revision[revision]
                row = Told(
                    at=now, instant=digest.instant, revision=revision, title=offer.title, entry=offer.entry,
                    lang=offer.lang, publisher=offer.publisher.name,
                )  # fmt: skip
                self.rows.append((group, row))


@st.composite
def windows(draw: st.DrawFn) -> list[list[Candidate]]:
    """Draw what some successive windows offer: new reports, and old ones under a new headline or with a new hit."""
    revision, found = 0, []
    for hour in range(draw(st.integers(2, 4))):
        offered = []
        for entry in draw(st.sets(st.integers(1, 6), max_size=4)):
            revision += 1
            match = Match(RuleKind.TOPIC, draw(TOPICS), ())
            title = draw(st.sampled_from(TITLES))
            offer = report(
                revision,
                title,
                12 - hour,
                entry=entry,
                group=entry // 2,
                matches=(match,),
                retitled=draw(st.booleans()),
            )
            offered.append(offer)
        found.append(offered)
    return found


WISHES = st.builds(
    Subscription,
    pk=st.just(1),
    subscriber=st.just(DAILY.subscriber),
    topics=st.frozensets(TOPICS, max_size=2),
    schedule=st.builds(Schedule, instant=st.booleans()),
    cap=st.integers(1, 4),
)


@given(windows(), st.lists(WISHES, min_size=1, max_size=3))
def test_nothing_is_told_twice_over_several_subscriptions(
    offers: list[list[Candidate]], wishes: list[Subscription]
) -> None:
    ledger, mailed = Ledger(), []
    for hour, offered in enumerate(offers):
        end = MORNING + timedelta(hours=hour)
        for wish in wishes:
            window = replace(WINDOW, start=end - timedelta(hours=2), end=end)
            known = ledger.told()
            digest = build_digest(offered, wish, window, Coverage(), told=known)
            assert digest.new + digest.updated == digest.total == len(items(digest)) + digest.more
            for item in items(digest):
                assert (item.group in known) == (item.before is not None)
                mailed.append((item.group, read_headline(item.title, item.publisher.name, "en").words))
            ledger.keep(digest, offered, end)
    assert max(Counter(mailed).values(), default=0) <= 1, "no group came twice under one headline"
    keys = Counter((group, row.revision) for group, row in ledger.rows)
    assert max(keys.values(), default=0) <= 1, "the ledger's key holds"


@given(windows())
def test_no_story_stands_twice_in_a_digest(offers: list[list[Candidate]]) -> None:
    offered = [replace(offer, retitled=False) for window in offers for offer in window]
    newest = {offer.entry: offer for offer in offered}
    digest = build_digest(newest.values(), DAILY, WINDOW, Coverage())
    groups = [group for item in (*items(digest), *digest.rest) for group in (item.group, *(g for g, _ in item.also))]
    assert len(groups) == len(set(groups))
    assert digest.total == len(items(digest)) + len(digest.rest)
