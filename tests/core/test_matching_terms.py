"""Namesakes, topics, and the notation of terms: what of a text names whom, and shows what."""

import pytest

from monitor.core.matching import match_entry
from monitor.core.model import ActorSpec, RuleKind, ScopeSpec, WatchSpec
from monitor.core.watchlist import compile_watchlist
from tests.core.sample_watchlist import NOW, actors, entry, ids, judge, shown

# ── names, and words that are no names ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Johnson", set()),
        ("Boris Johnson", {"johnson"}),
        ("Johnson leaves Downing Street", {"johnson"}),
        ("Melania Trump", set()),
        ("Melania Trump and Trump", {"trump"}),
        ("Melania, Trump", {"trump"}),
        ("President Trump", {"trump"}),
    ],
)
def test_a_last_name_is_not_every_bearer_of_it(text: str, expected: set[str]) -> None:
    assert actors(text) == expected


def test_a_doubtful_name_counts_beside_a_sure_one() -> None:
    verdict = judge("Ukraine: Johnson", summary="Boris Johnson")
    assert shown(verdict, "johnson") == [("title", "Johnson"), ("summary", "Boris Johnson")]


def doubtful(form: str, *, last: str) -> set[str]:
    spec = ActorSpec(id="a", label={}, first={"ru": ("Илон",)}, last={"ru": (last,)}, gender="m")
    watchlist = compile_watchlist(WatchSpec(actors=(spec,), scope=ScopeSpec(strong={"ru": ("Украина",)})))
    return ids(match_entry(watchlist, entry(f"Украина: {form}"), now=NOW), RuleKind.ACTOR)


def test_a_form_that_is_an_ordinary_word_needs_company() -> None:
    assert doubtful("маска", last="Маск") == set()
    assert doubtful("Маска", last="Маск") == set()
    assert doubtful("Илона Маска", last="Маск") == {"a"}
    assert doubtful("Маск и Маска", last="Маск") == {"a"}
    assert doubtful("песков", last="Песков") == set()
    assert doubtful("Песков", last="Песков") == {"a"}


# ── topics, and the notation of terms ────────────────────────────────────────────────────────────────────────────────


def topics(text: str, **more: object) -> set[str]:
    return ids(judge(f"Ukraine: {text}", **more), RuleKind.TOPIC)


@pytest.mark.parametrize(
    ("title", "summary", "shows"),
    [
        ("captivity", "", True),
        ("", "captivity", False),
        ("", "captivity, captivity", False),
        ("", "captivity and jail", True),
        ("POW", "", True),
        ("", "POW", True),
        ("pow", "", False),
        ("Pow", "", False),
        ("Gefangenenaustausch", "", True),
        ("Kriegsgefangenenaustausch", "", False),
        ("exchange of prisoners", "", True),
        ("exchanges the last 200 prisoners", "", False),
        ("exchanged 200 wounded prisoners", "", False),
        ("an exchange of 200 prisoners", "", True),
        ("an exchange. Of prisoners", "", False),
        ("prisoners exchange", "", False),
        ("an exchange", "", False),
        ("prisoners", "", False),
        ("an exchange", "prisoners", False),
    ],
)
def test_what_shows_a_topic(title: str, summary: str, shows: bool) -> None:
    assert ("prisoners" in topics(title, summary=summary)) is shows


def test_the_evidence_of_a_term_with_a_gap_is_the_whole() -> None:
    assert shown(judge("Ukraine: an exchange of 200 prisoners, by force"), "prisoners") == [
        ("title", "exchange of 200 prisoners")
    ]


def test_the_evidence_of_an_open_ended_term_is_the_word() -> None:
    assert shown(judge("Ukraine: Gefangenenaustausche!"), "prisoners") == [("title", "Gefangenenaustausche")]


@pytest.mark.parametrize("text", ["Kиїв", "Кuїв", "Kиïв", "К\u00adиїв", "Ки\u200bїв"])
def test_look_alikes_and_invisible_characters_do_not_matter(text: str) -> None:
    found = judge(text)
    assert shown(found, "ukraine-government") == ([("title", text)] if text != "Кuїв" else [])
