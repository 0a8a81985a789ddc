"""Selection, grouping, ranking and freezing of digests."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digest import STAGES, build_digest
from monitor.core.model import (
    Candidate,
    Coverage,
    DateFlag,
    Digest,
    Evidence,
    Item,
    LeftOut,
    Match,
    Publisher,
    RuleKind,
    Subscriber,
    Subscription,
    Told,
    Window,
)

END = datetime(2025, 11, 24, 6, 0, tzinfo=UTC)
WINDOW = Window(start=END - timedelta(days=1), end=END, seq_from=0, seq_to=10)
READER = Subscriber(pk=1, email="desk@example.org")
EVERYTHING = Subscription(pk=1, subscriber=READER)
TOLD = Told(at=END - timedelta(days=1, hours=1), instant=False, revision=0, title="")
BASE = Candidate(
    group=1,
    revision=1,
    entry=1,
    title="headline",
    summary="",
    url=None,
    lang="en",
    publisher=Publisher(name="Wire"),
    published=END - timedelta(hours=12),
    date_flags=frozenset(),
    seen=END - timedelta(hours=12),
    history=False,
    matches=(),
)


def match(kind: str, rule: str, *words: str, field: str = "title") -> Match:
    evidence = tuple(Evidence(field=field, start=0, end=len(word), text=word) for word in words)
    return Match(kind=RuleKind(kind), rule=rule, evidence=evidence)


def candidate(number: int, *matches: Match, **fields: object) -> Candidate:
    numbered = replace(BASE, group=number, revision=number, entry=number, title=f"headline {number}", matches=matches)
    return replace(numbered, **fields)  # type: ignore[arg-type]  # names and values are the test's


def subscription(topics: str = "", actors: str = "", cap: int = 15) -> Subscription:
    return replace(EVERYTHING, topics=frozenset(topics.split()), actors=frozenset(actors.split()), cap=cap)


def build(*candidates: Candidate, asked: Subscription = EVERYTHING, told: Collection[int] = ()) -> Digest:
    return build_digest(candidates, asked, WINDOW, Coverage(), told=dict.fromkeys(told, TOLD))


def shown(digest: Digest) -> list[Item]:
    return [item for section in digest.sections for item in section.items]


def stages(digest: Digest) -> list[str]:
    return [out.stage for out in digest.left_out]


# ── who gets in ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("topics", "actors", "expected"),
    [
        ("", "", [1, 2, 3, 4]),
        ("drones energy", "", [1, 3]),
        ("", "kremlin", [2, 3]),
        ("drones", "kremlin", [3]),
        ("kremlin", "", []),
        ("energy", "nato", []),
    ],
)
def test_subscription_takes_any_within_a_list_and_both_lists(topics: str, actors: str, expected: list[int]) -> None:
    drones, kremlin = match("topic", "drones", "drone"), match("actor", "kremlin", "Kremlin")
    digest = build(
        candidate(1, drones),
        candidate(2, kremlin),
        candidate(3, drones, kremlin),
        candidate(4),
        asked=subscription(topics, actors),
    )
    assert sorted(item.group for item in shown(digest)) == expected
    assert stages(digest) == ["subscription"] * (4 - len(expected))


def test_what_was_told_is_never_told_again() -> None:
    digest = build(candidate(1), candidate(2), told=(1,))
    assert [item.group for item in shown(digest)] == [2]
    assert digest.left_out == (
        LeftOut(title="headline 1", stage="told", reason="this story was sent before, 23 Nov 2025 05:00 UTC"),
    )


@pytest.mark.parametrize(
    ("published", "flags", "kept"),
    [
        (WINDOW.start, frozenset(), True),
        (WINDOW.end, frozenset(), True),
        (WINDOW.start - timedelta(seconds=1), frozenset(), False),
        (WINDOW.end + timedelta(seconds=1), frozenset(), False),
        (None, frozenset({DateFlag.MISSING}), False),
        (END, frozenset({DateFlag.STAMPED}), False),
    ],
)
def test_history_needs_a_sure_date_inside_the_window(
    published: datetime | None, flags: frozenset[DateFlag], kept: bool
) -> None:
    entry = candidate(1, published=published, date_flags=flags)
    assert len(shown(build(replace(entry, history=True)))) == kept
    assert len(shown(build(entry))) == 1


def test_history_published_between_the_slot_and_the_planning_is_not_lost() -> None:
    late = WINDOW.end + timedelta(minutes=3)
    entry = candidate(1, published=WINDOW.end + timedelta(minutes=1), seen=late, history=True)
    assert len(shown(build(entry))) == 1


def test_stages_are_asked_in_order() -> None:
    old = candidate(1, history=True, published=None)
    assert stages(build(old, asked=subscription("drones"), told=(1,))) == ["subscription"]
    assert stages(build(old, told=(1,))) == ["told"]
    assert stages(build(old)) == ["history"]


# ── one story ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_strongest_report_stands_for_its_group_and_sources_are_united() -> None:
    weak = candidate(1, match("topic", "drones", "drone", field="summary"), sources=("A", "Wire"))
    strong = candidate(2, match("topic", "drones", "drone"), group=1, publisher=Publisher(name="B"), sources=("C",))
    digest = build(weak, strong)
    (item,) = shown(digest)
    assert (item.title, item.sources, digest.sources) == ("headline 2", 4, 4)
    assert [(out.title, out.stage) for out in digest.left_out] == [("headline 1", "group")]


def test_newest_revision_of_an_entry_wins_even_with_weaker_matches() -> None:
    first = candidate(1, match("topic", "drones", "drone", "drones"), title="as first told")
    second = candidate(1, match("topic", "drones", "drone"), revision=2, title="as corrected")
    assert [item.title for item in shown(build(second, first))] == ["as corrected"]


def test_outdated_revision_does_not_come_in_where_the_newest_is_unasked() -> None:
    first = candidate(1, match("topic", "drones", "drone"))
    second = candidate(1, match("topic", "energy", "grid"), revision=2)
    assert stages(build(first, second, asked=subscription("drones"))) == ["subscription", "group"]


@pytest.mark.parametrize(
    ("matches", "asked", "topic", "tags"),
    [
        ((match("topic", "b", "x", "y", "z", field="summary"), match("topic", "c", "x")), "", "c", ("b",)),
        ((match("topic", "b", "x", field="summary"), match("topic", "c", "x", "y", field="summary")), "", "c", ("b",)),
        ((match("topic", "c", "x"), match("topic", "b", "y")), "", "b", ("c",)),
        ((match("topic", "b", "x"), match("topic", "c", "X", "x")), "", "b", ("c",)),
        ((match("topic", "b", "x"), match("topic", "c", "y", field="summary")), "c", "c", ("b",)),
        ((match("actor", "b", "x"),), "", None, ()),
    ],
    ids=["title weighs most", "then words", "then id", "distinct words", "asked for first", "no topic"],
)
def test_best_topic(matches: tuple[Match, ...], asked: str, topic: str | None, tags: tuple[str, ...]) -> None:
    (item,) = shown(build(candidate(1, *matches), asked=subscription(asked)))
    assert (item.topic, item.tags) == (topic, tags)


def test_marks_are_merged_sorted_and_inside_the_title() -> None:
    def at(*spans: tuple[int, int], field: str = "title") -> Match:
        evidence = tuple(Evidence(field=field, start=start, end=end, text="w") for start, end in spans)
        return Match(kind=RuleKind.SCOPE, rule="war", evidence=evidence)

    entry = candidate(
        1, at((6, 9), (0, 3)), at((2, 4), (4, 5), (8, 99), (50, 60)), at((5, 6), field="summary"), title="0123456789ab"
    )
    assert shown(build(entry))[0].marks == ((0, 5), (6, 12))


@pytest.mark.parametrize(
    ("hours", "flags", "published", "late"),
    [(6, frozenset(), True, False), (6.01, frozenset(), True, True), (99, frozenset({DateFlag.FUTURE}), False, False)],
)
def test_late_and_doubtful_dates(hours: float, flags: frozenset[DateFlag], published: bool, late: bool) -> None:
    entry = candidate(1, published=BASE.seen - timedelta(hours=hours), date_flags=flags)
    (item,) = shown(build(entry))
    assert (item.published is not None, item.late) == (published, late)


# ── order ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ((match("topic", "t", "x"),), (match("topic", "t", "x", field="summary"),)),
        ((match("topic", "t", "x", "y"),), (match("topic", "t", "x"),)),
        ((match("topic", "t", "x"), match("actor", "a", "x")), (match("topic", "t", "x"),)),
    ],
    ids=["in the title", "more words", "more actors"],
)
def test_evidence_ranks(better: tuple[Match, ...], worse: tuple[Match, ...]) -> None:
    assert [item.group for item in shown(build(candidate(1, *worse), candidate(2, *better)))] == [2, 1]


def test_sources_rank_before_recency_and_the_group_number_decides_last() -> None:
    early, late = END - timedelta(hours=20), END - timedelta(hours=1)
    digest = build(
        candidate(4, published=early),
        candidate(3, published=early),
        candidate(2, published=late),
        candidate(1, published=early, sources=("A", "B")),
    )
    assert [item.group for item in shown(digest)] == [1, 2, 3, 4]


def test_sections_follow_their_best_item_and_none_comes_last() -> None:
    digest = build(
        candidate(1, sources=("A", "B", "C", "D")),
        candidate(2, match("topic", "a", "x", field="summary")),
        candidate(3, match("topic", "b", "x")),
        candidate(4, match("topic", "a", "x", "y")),
    )
    assert [(s.topic, [i.group for i in s.items]) for s in digest.sections] == [("a", [4, 2]), ("b", [3]), (None, [1])]


def test_cap_counts_what_it_leaves_out() -> None:
    digest = build(*(candidate(n) for n in range(1, 6)), asked=subscription(cap=3))
    assert (len(shown(digest)), digest.total, digest.more) == (3, 5, 2)
    assert digest.left_out[-1] == LeftOut(title="headline 5", stage="cap", reason="ranked 5 of 5, 3 are shown")


def test_a_headline_in_the_readers_language_goes_first_among_equals() -> None:
    drones = match("topic", "drones", "drone")
    digest = build(candidate(1, drones, lang="de"), candidate(2, drones, lang="en"))
    assert [item.group for item in shown(digest)] == [2, 1]


def test_the_subject_of_the_day_does_not_crowd_out_the_others() -> None:
    loud = [candidate(number, match("topic", "us-policy", "Trump", "Putin")) for number in range(1, 21)]
    quiet = [candidate(number, match("topic", "energy", "power")) for number in range(21, 24)]
    topics = Counter(item.topic for item in shown(build(*loud, *quiet, asked=subscription(cap=10))))
    assert topics == {"us-policy": 7, "energy": 3}


def test_nothing_comes_of_nothing() -> None:
    digest = build()
    assert (digest.sections, digest.total, digest.more, digest.sources, digest.left_out) == ((), 0, 0, 0, ())


def test_a_window_without_length_still_ranks() -> None:
    window = replace(WINDOW, start=END)
    assert build_digest([candidate(1)], EVERYTHING, window, Coverage()).total == 1


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────────────

IDS = st.sampled_from(("a", "b", "c"))
INSTANTS = st.timedeltas(timedelta(days=-4), timedelta(days=2)).map(END.__add__)
EVIDENCE = st.builds(
    Evidence,
    field=st.sampled_from(("title", "summary")),
    start=st.integers(0, 5),
    end=st.integers(0, 9),
    text=st.sampled_from(("x", "y", "z")),
)
MATCHES = st.builds(
    Match, kind=st.sampled_from(RuleKind), rule=IDS, evidence=st.lists(EVIDENCE, min_size=1, max_size=3).map(tuple)
)


@st.composite
def offered(draw: st.DrawFn) -> list[Candidate]:
    """Draw entries with several revisions each; an entry stays in its group."""
    keys = draw(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3)), unique=True, max_size=9))
    return [
        candidate(
            number * 10 + revision,
            *draw(st.lists(MATCHES, max_size=3)),
            entry=number,
            group=number % 4,
            published=draw(st.none() | INSTANTS),
            seen=draw(INSTANTS),
            history=draw(st.booleans()),
            sources=tuple(draw(st.lists(IDS, max_size=3))),
        )
        for number, revision in keys
    ]


ASKED = st.builds(
    Subscription,
    pk=st.just(1),
    subscriber=st.just(READER),
    topics=st.frozensets(IDS, max_size=2),
    actors=st.frozensets(IDS, max_size=1),
    cap=st.integers(0, 4),
)


@given(offered(), ASKED, st.frozensets(st.integers(0, 3), max_size=2))
def test_every_candidate_is_shown_once_or_left_out_once(
    candidates: list[Candidate], asked: Subscription, told: frozenset[int]
) -> None:
    digest = build_digest(candidates, asked, WINDOW, Coverage(), told=dict.fromkeys(told, TOLD))
    items = shown(digest)
    titles = [item.title for item in items] + [out.title for out in digest.left_out]
    assert Counter(titles) == Counter(offer.title for offer in candidates)
    assert len(items) <= asked.cap
    assert len({item.group for item in items} - told) == len(items) == digest.total - digest.more
    assert stages(digest) == sorted(stages(digest), key=STAGES.index)
    assert stages(digest).count("cap") == digest.more


@given(offered(), ASKED, st.randoms(use_true_random=False))
def test_the_order_of_candidates_and_matches_changes_nothing(
    candidates: list[Candidate], asked: Subscription, random: Random
) -> None:
    mixed = [replace(offer, matches=tuple(random.sample(offer.matches, len(offer.matches)))) for offer in candidates]
    random.shuffle(mixed)
    expected = build_digest(candidates, asked, WINDOW, Coverage())
    assert build_digest(mixed, asked, WINDOW, Coverage()) == expected


@given(offered(), ASKED)
def test_marks_never_overlap(candidates: list[Candidate], asked: Subscription) -> None:
    for item in shown(build_digest(candidates, asked, WINDOW, Coverage())):
        edges = [edge for mark in item.marks for edge in mark]
        assert edges == sorted(set(edges))
        assert all(0 <= edge <= len(item.title) for edge in edges)
