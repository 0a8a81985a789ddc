"""What the watchlist says of an entry, and the words that show it."""

import sys
from datetime import UTC, datetime
from unicodedata import normalize

import pytest

from monitor.core.matching import EVIDENCE_CAP, match_entry
from monitor.core.model import (
    DateFlag,
    Evidence,
    Match,
    RuleKind,
    ScopeSpec,
    TopicSpec,
    WatchSpec,
)
from monitor.core.relevance import READ
from monitor.core.text import fold
from monitor.core.watchlist import compile_watchlist
from tests.core.sample_watchlist import NOW, actors, entry, ids, judge, shown

# ── words and their boundaries ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "Putin",
        "PUTIN",
        "putin's men",
        "Putin’s men",
        "Putin-Besuch",
        "d'Putin",
        "«Putin»",
        "(Putin)",
        "Putin.",
        "x Putin",
        "ПУТИН",
    ],
)
def test_a_name_is_found_between_word_boundaries(text: str) -> None:
    assert actors(text) == {"putin"}


@pytest.mark.parametrize(
    "text",
    ["Putinism", "Rasputin", "Путинг", "Putin_", "_Putin", "Putin2", "Putine\u0301", "Put in", "Putin\u0323", "नPutin"],
)
def test_a_name_is_not_found_inside_a_word(text: str) -> None:
    assert actors(text) == set()


@pytest.mark.parametrize("text", ["the U.N. says", "the U.N.", "U.N.-led", "(U.N.)"])
def test_a_name_may_end_in_punctuation(text: str) -> None:
    assert actors(text) == {"un"}


def test_a_name_with_a_first_name_needs_it() -> None:
    assert actors("Johnson") == set()
    assert actors("Boris Johnson") == {"johnson"}


def test_evidence_is_the_original_text() -> None:
    verdict = judge("😀 Die GROẞMÄCHTE und die Ukraine", content="…\u00a0UKRAINE")
    topic = Evidence(field="title", start=6, end=16, text="GROẞMÄCHTE")
    assert Match(kind=RuleKind.TOPIC, rule="peace-talks", evidence=(topic,)) in verdict.matches
    assert shown(verdict, "scope") == [("title", "Ukraine"), ("content", "UKRAINE")]


def test_a_text_with_lone_surrogates_is_read_all_the_same() -> None:
    assert actors("\ud83d Putin \udc00") == {"putin"}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_decomposed_letters_are_the_same_letters(form: str) -> None:
    first, second = (normalize(form, name) for name in ("Київ", "Зеленський"))  # type: ignore[arg-type] # NFC or NFD
    verdict = judge(f"ї {first}, {second}!")
    assert shown(verdict, "ukraine-government") == [("title", first)]
    assert shown(verdict, "zelensky") == [("title", second)]


EXPANDING = [char for char in map(chr, range(sys.maxunicode + 1)) if len(char.casefold()) > 1]


def test_no_word_is_found_inside_a_letter_that_folds_to_several() -> None:
    folds = [fold(char).text for char in EXPANDING]
    parts = {text[i:j] for text in folds for i in range(len(text)) for j in range(i + 1, len(text) + 1)} - set(folds)
    topic = TopicSpec(id="t", label={}, terms={"en": tuple(parts)}, scoped=False)
    verdict = match_entry(compile_watchlist(WatchSpec(topics=(topic,))), entry(" ".join(EXPANDING)), now=NOW)
    assert len(parts) > 50
    assert verdict.matches == ()


# ── which of several ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_longest_actor_wins() -> None:
    assert actors("the Trump administration") == {"white-house"}
    assert actors("the Trump administration and Trump") == {"white-house", "trump"}


def test_a_longer_name_of_the_same_actor_is_one_piece_of_evidence() -> None:
    assert shown(judge("Ukraine: Vladimir Putin"), "putin") == [("title", "Vladimir Putin")]


def test_a_longer_term_hides_only_terms_of_its_own_topic() -> None:
    verdict = judge("Ukraine peace talks")
    assert shown(verdict, "peace-talks") == [("title", "peace talks")]
    assert shown(verdict, "nuclear-weapons") == [("title", "talks")]


def test_never_hides_the_names_and_signs_inside_it_and_no_topics() -> None:
    verdict = judge("Putin Peak talks, Chicken Kyiv")
    assert not verdict.relevant
    assert [(match.kind, match.rule) for match in verdict.matches] == [(RuleKind.TOPIC, "nuclear-weapons")]
    assert not judge("Chicken Kyiv").relevant
    assert judge("Chicken Kyiv in Kyiv").relevant
    assert judge("Chicken", summary="Kyiv").relevant
    assert judge("Chicken Kyiv", summary="Kyiv").relevant


def test_a_phrase_of_never_may_have_an_open_end_and_a_gap() -> None:
    scope = ScopeSpec(strong={"ru": ("Киев",)}, never={"ru": ("котлет* … Киев",)})
    watchlist = compile_watchlist(WatchSpec(scope=scope))
    assert not match_entry(watchlist, entry("Котлеты «Киев»"), now=NOW).relevant
    assert match_entry(watchlist, entry("Котлеты. Киев"), now=NOW).relevant


def language_bound(text: str, lang: str | None) -> set[str]:
    spec = WatchSpec(
        topics=(
            TopicSpec(
                id="t",
                label={},
                terms={"en": ("die",), "uk": ("ракета",), "ru": ("бомба",), "de": ("Ort",)},
                scoped=False,
            ),
        ),
        actors=(),
    )
    return ids(match_entry(compile_watchlist(spec), entry(text, lang=lang), now=NOW), RuleKind.TOPIC)


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("They die", "en", True),
        ("They die", None, True),
        ("They die", "it", True),
        ("They die", "en-GB", True),
        ("They die", "ru", True),
        ("Die Zeit", "de", False),
        ("Ракета і місто", "uk", True),
        ("Ракета і місто", "en", True),
        ("Ракета і місто", "ru", True),
        ("Ракета", "uk", True),
        ("Ракета", "en", True),
        ("Ракета и взрыв", "uk", False),
        ("Ракета", "ru", False),
        ("Ракета: взрыв і вибух", "uk", True),
    ],
)
def test_words_count_in_texts_of_their_language(text: str, lang: str | None, found: bool) -> None:
    assert bool(language_bound(text, lang)) is found


def test_never_hides_nothing_that_reaches_beyond_it() -> None:
    assert judge("home front line, a drone").relevant


@pytest.mark.parametrize(
    ("published", "flags", "expected"),
    [
        (datetime(2025, 1, 19, 23, 59, tzinfo=UTC), set(), {"biden"}),
        (datetime(2025, 1, 20, tzinfo=UTC), set(), {"trump"}),
        (datetime(2020, 1, 1, tzinfo=UTC), set(), set()),
        (datetime(2024, 1, 1, tzinfo=UTC), {DateFlag.STAMPED}, {"biden"}),
        (datetime(1970, 1, 1, tzinfo=UTC), {DateFlag.IMPLAUSIBLE}, {"trump"}),
        (datetime(2024, 1, 1, tzinfo=UTC), {DateFlag.FUTURE}, {"trump"}),
        (None, {DateFlag.MISSING}, {"trump"}),
    ],
)
def test_a_title_names_who_held_the_office(
    published: datetime | None, flags: set[DateFlag], expected: set[str]
) -> None:
    assert actors("the US president", published=published, date_flags=frozenset(flags)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the US president", {"trump"}),
        ("the US president, Joe Biden", {"biden"}),
        ("the US president; Biden and Trump", {"biden", "trump"}),
        ("Putin and the US president", {"putin", "trump"}),
    ],
)
def test_a_title_without_a_date_is_that_of_the_holder_who_is_named(text: str, expected: set[str]) -> None:
    assert actors(text) == expected


# ── relevance ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "relevant"),
    [
        pytest.param("Ukraine", True, id="one strong term"),
        pytest.param("Kyiv", True, id="an actor that lends its weight"),
        pytest.param("a drone", False, id="one weak term"),
        pytest.param("a drone, a missile", False, id="two weak terms of a group"),
        pytest.param("a drone at the front", True, id="weak terms of two groups"),
        pytest.param("Putin and a drone", True, id="a weak term and a weak actor"),
        pytest.param("Putin, Poutine, Путин", False, id="two names of one weak actor"),
        pytest.param("Putin, NATO", True, id="two weak actors"),
        pytest.param("НАТО, NATO", False, id="a group and an actor of one name"),
        pytest.param("the front line", False, id="a weak term inside another is one sign"),
        pytest.param("Putin and a drone in Gaza", False, id="another place takes a point"),
        pytest.param("Putin, NATO and a drone in Gaza", True, id="and one more sign outweighs it"),
        pytest.param("Ukraine on Gaza, on Hamas", True, id="a strong term in the title bears it, and bears it once"),
        pytest.param("Ukraine at Eurovision", False, id="sport and show take two"),
        pytest.param("Ukraine at Eurovision, drones at the front", True, id="which two signs outweigh"),
        pytest.param("the Trump administration and a drone", False, id="an actor that is not named lends nothing"),
        pytest.param("Boris Johnson", False, id="an actor without weight"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_relevance(text: str, relevant: bool) -> None:
    assert judge(text).relevant is relevant
    assert ("scope" in {match.rule for match in judge(text).matches}) is relevant


def test_signs_count_over_all_fields() -> None:
    verdict = judge("A drone", content="at the front")
    assert verdict.relevant
    assert shown(verdict, "scope") == [("title", "drone"), ("content", "front")]


def test_a_strong_sign_in_the_text_is_worth_less_than_in_the_title() -> None:
    assert judge("Ukraine", summary="Gaza").relevant
    assert not judge("Gaza", summary="Ukraine").relevant
    assert judge("Gaza", summary="Ukraine, the Ukraine war").relevant


def test_a_field_is_read_for_relevance_only_at_its_beginning() -> None:
    assert judge("x" * (READ - 1) + " Ukraine").relevant is False
    assert judge("x" * (READ - 2) + " Ukraine").relevant
    assert judge("x " * READ, content="x Ukraine").relevant


def test_strong_signs_alone_are_the_evidence_of_relevance() -> None:
    verdict = judge("A drone over Kyiv: the Ukraine war at the front")
    assert shown(verdict, "scope") == [("title", "Kyiv"), ("title", "Ukraine war")]


def test_an_entry_that_is_not_relevant_keeps_only_topics_that_need_no_scope() -> None:
    verdict = judge("Trump: talks")
    assert not verdict.relevant
    assert [(match.kind, match.rule) for match in verdict.matches] == [(RuleKind.TOPIC, "nuclear-weapons")]


def test_matches_stand_by_kind_and_id() -> None:
    verdict = judge("Trump, Putin, NATO, Ukraine talks")
    assert [match.rule for match in verdict.matches] == [
        "scope",
        "nato",
        "putin",
        "trump",
        "nuclear-weapons",
        "peace-talks",
    ]


def test_evidence_is_capped_and_keeps_the_order_of_the_fields() -> None:
    verdict = judge("Ukraine", summary="Ukraine " * 3, content="Ukraine " * 30)
    assert [field for field, _ in shown(verdict, "scope")] == ["title"] + ["summary"] * 3 + ["content"] * (
        EVIDENCE_CAP - 4
    )


def test_no_evidence_ends_before_a_mark_that_belongs_to_its_last_sign() -> None:
    assert actors("Kyiv and the U.N.\u0301") == {"ukraine-government"}
    assert actors("Kyiv and the U.N. \u0301") == {"ukraine-government", "un"}
