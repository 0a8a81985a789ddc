"""Why an entry has its verdict: the story is that of the verdict itself, and names what stood against a word."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.explaining import Explained, RuleCase, explain
from monitor.core.matching import match_entry
from monitor.core.model import DateFlag, Entry, RuleKind
from monitor.core.relevance import ENOUGH
from monitor.core.sightings import Why
from tests.core.sample_watchlist import NOW, WATCHLIST, entry
from tests.core.test_matching_properties import entries

IN_2026 = datetime(2026, 2, 1, tzinfo=UTC)
DATES = st.none() | st.datetimes(datetime(2019, 1, 1), datetime(2027, 1, 1)).map(lambda date: date.replace(tzinfo=UTC))  # noqa: DTZ001
FLAGS = st.sampled_from([frozenset[DateFlag](), frozenset({DateFlag.FUTURE})])
LANGUAGES = st.sampled_from([None, "en", "uk", "ru", "de", "xx"])


@st.composite
def dated(draw: st.DrawFn) -> Entry:
    return replace(draw(entries()), published=draw(DATES), date_flags=draw(FLAGS), lang=draw(LANGUAGES))


def story(text: str, **more: object) -> Explained:
    return explain(WATCHLIST, entry(text, **more), now=NOW)  # type: ignore[arg-type] # whichever fields


def of_rule(name: str, text: str, **more: object) -> RuleCase:
    item = entry(text, **more)  # type: ignore[arg-type] # whichever fields
    rule = next(index for index, rule in enumerate(WATCHLIST.rules) if rule.id == name)
    case = explain(WATCHLIST, item, now=NOW, rule=rule).about
    assert case is not None
    return case


def passed(text: str, **more: object) -> list[tuple[str, str, Why, str]]:
    return [(one.rule, one.words.text, one.why, one.detail) for one in story(text, **more).passed]


# ── never another story ──────────────────────────────────────────────────────────────────────────────────────────────


@given(dated())
def test_the_verdict_is_the_one_of_matching(item: Entry) -> None:
    assert explain(WATCHLIST, item, now=NOW).verdict == match_entry(WATCHLIST, item, now=NOW)


@given(dated())
def test_the_points_add_up_and_decide(item: Entry) -> None:
    found = explain(WATCHLIST, item, now=NOW)
    assert sum(one.points for one in found.signs) == found.points
    assert found.verdict.relevant == (found.points >= ENOUGH)


@given(dated())
def test_no_word_both_counts_and_is_passed_over(item: Entry) -> None:
    found = explain(WATCHLIST, item, now=NOW)
    evidence = {(match.kind, match.rule, one) for match in found.verdict.matches for one in match.evidence}
    assert not evidence & {(one.kind, one.rule, one.words) for one in found.passed}
    for match in found.verdict.matches:
        if match.kind is RuleKind.ACTOR:
            assert {one.words for one in found.counted if one.rule == match.rule} >= set(match.evidence)


@given(dated())
def test_every_topic_is_either_shown_or_has_a_problem(item: Entry) -> None:
    found = explain(WATCHLIST, item, now=NOW)
    shown = {match.rule for match in found.verdict.matches if match.kind is RuleKind.TOPIC}
    assert {case.rule for case in found.topics if not case.problem} == shown


@given(dated(), st.integers(0, len(WATCHLIST.rules) - 1))
def test_every_rule_has_a_reason(item: Entry, rule: int) -> None:
    found = explain(WATCHLIST, item, now=NOW, rule=rule)
    case = found.about
    assert case is not None
    assert bool(case.why) != case.matched
    assert case.matched == any((m.kind, m.rule) == WATCHLIST.rules[rule][:2] for m in found.verdict.matches)


# ── words that are passed over ───────────────────────────────────────────────────────────────────────────────────────


def test_an_office_names_who_held_it() -> None:
    words = "an office held from 2021-01-20 until 2025-01-20, in a text of 2026-02-01"
    assert passed("Ukraine: US president speaks", published=IN_2026) == [("biden", "US president", Why.OFFICE, words)]


def test_without_a_date_the_office_is_read_as_of_today() -> None:
    [one] = passed("Ukraine: US president speaks")
    assert one[0] == "biden"
    assert one[3].endswith("in a text without a date that can be trusted")


def test_an_office_of_somebody_named_is_his() -> None:
    [one] = passed("Ukraine: Biden, then US president")
    assert (one[0], one[2]) == ("trump", Why.OFFICE)


def test_a_word_of_another_language() -> None:
    words = "a word of de, in a text read as en"
    assert ("peace-talks", "Großmächte", Why.LANGUAGE, words) in passed("Ukraine: Großmächte", lang="en")


def test_a_word_inside_a_phrase_that_is_never_meant() -> None:
    assert passed("A recipe for Chicken Kyiv") == [
        ("ukraine-government", "Kyiv", Why.NEVER, "inside the phrase “Chicken Kyiv”")
    ]


def test_a_name_inside_a_longer_one() -> None:
    words = "inside the longer name “Trump administration”"
    assert passed("Ukraine: Trump administration") == [("trump", "Trump", Why.LONGER, words)]


def test_a_name_behind_the_first_name_of_somebody_else() -> None:
    assert passed("Ukraine: Melania Trump speaks") == [("trump", "Trump", Why.FIRST_NAME, Why.FIRST_NAME)]


def test_a_name_that_needs_its_context() -> None:
    assert passed("Ukraine: Johnson speaks") == [("johnson", "Johnson", Why.CONTEXT, Why.CONTEXT)]
    assert not passed("Ukraine: Johnson of Downing Street")


def test_a_term_whose_letters_are_as_written() -> None:
    assert passed("Ukraine: a pow") == [("prisoners", "pow", Why.CASE, "counts as “POW” alone, letter for letter")]


def test_a_part_of_a_term_alone() -> None:
    [one] = passed("Ukraine: an exchange of views")
    assert one[:3] == ("prisoners", "exchange", Why.PART)
    assert "exchange … prisoners" in one[3]
    assert not passed("Ukraine: an exchange of prisoners")


# ── where it fell out, and what was nearest ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "summary", "result", "nearest"),
    [
        ("Nothing at all", "", "fell out at the words: nothing that is watched stands there", ""),
        (
            "A recipe for Chicken Kyiv",
            "",
            "fell out at the words: all that stand there were passed over",
            "",
        ),
        (
            "A drone over the airport",
            "",
            "fell out at the signs of the war: 1 of 2 points",
            "one more sign would have been enough, of another group than those that are there",
        ),
        (
            "Trump speaks of Hamas",
            "",
            "fell out at the signs of the war: 0 of 2 points",
            "a strong sign would have been enough, or two of other groups than those that are there",
        ),
        (
            "Eurovision",
            "Ukraine wins",
            "fell out at the signs of the war: 0 of 2 points",
            "without “Eurovision” its 2 points would have been enough",
        ),
        (
            "Ceasefire",
            "x " * 300 + "Ukraine",
            "fell out at the signs of the war: 0 of 2 points",
            "“Ukraine” is a sign, but it stands behind the first 600 characters of its field",
        ),
        (
            "Ceasefire",
            "",
            "fell out at the signs of the war: there is none",
            "no sign of the war stands there",
        ),
        ("Ukraine", "", "fell out at the rules: it concerns the war, but shows no actor and no topic", ""),
        (
            "Ukraine",
            "In captivity",
            "fell out at the rules: it concerns the war, but shows no actor and no topic",
            "topic prisoners: one hint outside the title is not enough: a second, different one would do, "
            "or one in the title",
        ),
        ("Putin in Ukraine", "", "matched: actor:putin; the entry concerns the war", ""),
        (
            "Nuclear weapons",
            "",
            "matched: topic:nuclear-weapons; the entry does not concern the war",
            "no sign of the war stands there",
        ),
    ],
)
def test_where_it_fell_out(text: str, summary: str, result: str, nearest: str) -> None:
    found = story(text, summary=summary)
    assert (found.result, found.nearest) == (result, nearest)


def test_the_signs_are_told_with_their_points() -> None:
    found = story("Trump: drones hit Ukraine", summary="Hamas watches tennis")
    assert [(one.points, one.what, [words.text for words in one.words]) for one in found.signs] == [
        (3, "strong, in the title", ["Ukraine"]),
        (1, "weak, of the group trump", ["Trump"]),
        (1, "weak, of the group weapons", ["drones"]),
        (-1, "of another place or war", ["Hamas"]),
        (-2, "of sport or show business", ["tennis"]),
    ]
    assert found.points == 2


def test_how_the_text_was_read() -> None:
    found = story("Зеленський у Києві", lang="ru", published=IN_2026)
    assert (found.language, found.day) == ("uk", IN_2026.date())
    late = story("Talks", published=IN_2026 + timedelta(days=900), date_flags=frozenset({DateFlag.FUTURE}))
    assert late.day is None


# ── one rule ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rule", "text", "why"),
    [
        ("putin", "Ukraine: Putin", ""),
        ("putin", "Putin speaks", "it is named, but the entry does not concern the war"),
        ("putin", "Ukraine", "none of its words stands in the text"),
        ("trump", "Ukraine: Melania Trump", "“Trump”: behind somebody else's first name"),
        ("peace-talks", "Peace talks", "it is read only in entries that concern the war"),
    ],
)
def test_why_one_rule_matched_or_not(rule: str, text: str, why: str) -> None:
    case = of_rule(rule, text)
    assert (case.why, case.matched) == (why, why == "")


def test_a_name_within_a_longer_word_is_shown() -> None:
    case = of_rule("putin", "Ukraine: Putinism and anti-Putinists")
    assert case.why == "its words stand inside longer ones alone"
    assert [words.text for words in case.inside] == ["Putinism", "Putinists"]
