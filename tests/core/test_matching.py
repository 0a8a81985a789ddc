"""What the watchlist says of an entry, and the words that show it."""

import random
import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.forms import forms_of_actor, forms_of_scope, forms_of_topic
from monitor.core.matching import EVIDENCE_CAP, match_entry
from monitor.core.model import (
    ActorSpec,
    DateFlag,
    Entry,
    Evidence,
    Match,
    RuleKind,
    ScopeSpec,
    ScopeWeight,
    Title,
    TopicSpec,
    Verdict,
    WatchSpec,
)
from monitor.core.text import fold
from monitor.core.watchlist import Watchlist, compile_watchlist, fold_form

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
INAUGURATION = date(2025, 1, 20)


def person(name: str, *first: str, last: str, **more: object) -> ActorSpec:
    return ActorSpec(id=name, label={}, first={"en": first}, last={"en": (last,)}, **more)  # type: ignore[arg-type] # whichever fields


def body(name: str, *names: str, scope: ScopeWeight = ScopeWeight.NONE) -> ActorSpec:
    return ActorSpec(id=name, label={}, person=False, last={"en": names}, scope=scope)


def title(text: str, since: date | None, until: date | None) -> Title:
    return Title(terms={"en": (text,)}, since=since, until=until)


ACTORS = (
    person(
        "trump", "Donald", last="Trump", titles=(title("US president", INAUGURATION, None),), scope=ScopeWeight.WEAK
    ),
    person("biden", "Joe", last="Biden", titles=(title("US president", date(2021, 1, 20), INAUGURATION),)),
    person("putin", "Vladimir", last="Putin", aliases={"ru": ("Путин",), "fr": ("Poutine",)}, scope=ScopeWeight.WEAK),
    person("johnson", "Boris", last="Johnson", alone=False),
    person("zelensky", "Volodymyr", last="Zelensky", aliases={"uk": ("Зеленський",)}),
    body("nato", "NATO", "НАТО", scope=ScopeWeight.WEAK),
    body("white-house", "White House", "Trump administration"),
    body("ukraine-government", "Kyiv", "Київ", "ukrainische Regierung", scope=ScopeWeight.STRONG),
    body("un", "U.N.", "ООН"),
)
TOPICS = (
    TopicSpec(id="peace-talks", label={}, terms={"en": ("peace talks", "talks", "ceasefire"), "de": ("Großmächte",)}),
    TopicSpec(id="nuclear-weapons", label={}, terms={"en": ("nuclear weapons", "talks")}, scoped=False),
)
SCOPE = ScopeSpec(
    strong={"en": ("Ukraine", "Ukraine war"), "uk": ("Україна", "війна")},
    weak={"en": ("front", "front line", "drone"), "ru": ("фронт", "НАТО")},
    never={"en": ("Chicken Kyiv", "home front", "Putin Peak talks")},
)
SPEC = WatchSpec(actors=ACTORS, topics=TOPICS, scope=SCOPE)
WATCHLIST = compile_watchlist(SPEC)


def entry(text: str, *, summary: str = "", content: str = "", **more: object) -> Entry:
    return Entry(keys=("k",), key_version=1, title=text, summary=summary, content=content, fingerprint="f", **more)  # type: ignore[arg-type] # whichever fields


def judge(text: str, **more: object) -> Verdict:
    return match_entry(WATCHLIST, entry(text, **more), now=NOW)  # type: ignore[arg-type] # whichever fields


def ids(verdict: Verdict, kind: RuleKind) -> set[str]:
    return {match.rule for match in verdict.matches if match.kind is kind}


def actors(text: str, **more: object) -> set[str]:
    """The actors of a text made relevant by a word that names none of them."""
    return ids(judge(f"Ukraine: {text}", **more), RuleKind.ACTOR)


def shown(verdict: Verdict, rule: str) -> list[tuple[str, str]]:
    return [(e.field, e.text) for match in verdict.matches if match.rule == rule for e in match.evidence]


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
    ["Putinism", "Rasputin", "Путина", "Putin_", "_Putin", "Putin2", "Putine\u0301", "Put in", "Putin\u0323", "नPutin"],
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


def test_never_hides_everything_inside_it() -> None:
    verdict = judge("Putin Peak talks")
    assert verdict == Verdict(relevant=False)
    assert not judge("Chicken Kyiv").relevant
    assert judge("Chicken Kyiv in Kyiv").relevant
    assert judge("Chicken", summary="Kyiv").relevant
    assert judge("Chicken Kyiv", summary="Kyiv").relevant


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


# ── relevance ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "relevant"),
    [
        pytest.param("Ukraine", True, id="one strong term"),
        pytest.param("Kyiv", True, id="an actor that lends its weight"),
        pytest.param("a drone", False, id="one weak term"),
        pytest.param("a drone, a drone", False, id="one weak term twice"),
        pytest.param("a drone at the front", True, id="two weak terms"),
        pytest.param("Putin and a drone", True, id="a weak term and a weak actor"),
        pytest.param("Putin, Poutine, Путин", False, id="two names of one weak actor"),
        pytest.param("Putin, NATO", True, id="two weak actors"),
        pytest.param("НАТО, НАТО", False, id="a weak term that is a weak actor's name too"),
        pytest.param("the front line", False, id="a weak term inside another is one sign"),
        pytest.param("the front line, the front", True, id="and beside it two"),
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
        "nato",
        "putin",
        "trump",
        "scope",
        "nuclear-weapons",
        "peace-talks",
    ]


def test_evidence_is_capped_and_keeps_the_order_of_the_fields() -> None:
    verdict = judge("Ukraine", summary="Ukraine " * 3, content="Ukraine " * 30)
    assert [field for field, _ in shown(verdict, "scope")] == ["title"] + ["summary"] * 3 + ["content"] * (
        EVIDENCE_CAP - 4
    )


# ── properties ───────────────────────────────────────────────────────────────────────────────────────────────────────

RULE_FORMS: dict[str, set[str]] = {
    actor.id: {fold_form(form.text) for form in forms_of_actor(actor)} for actor in ACTORS
}
RULE_FORMS |= {topic.id: {fold_form(form.text) for form in forms_of_topic(topic)} for topic in TOPICS}
RULE_FORMS["scope"] = {fold_form(form.text) for _, form in forms_of_scope(SCOPE)}.union(
    *(RULE_FORMS[actor.id] for actor in ACTORS if actor.scope is not ScopeWeight.NONE)
)
NOISE = ["US", "president", "Київ", "ẞ", "İ", "ﬁ", "½", "й", "e", "s", "2", "_", "\u0301"]
WORDS = st.sampled_from([*sorted(set().union(*RULE_FORMS.values())), *NOISE]) | st.text(max_size=2)
JOINTS = st.sampled_from([*"     -'’", ". ", "", "\u00a0", "\n", "\u0301", "\u00ad", "\u200b", "😀"])
TEXTS = st.lists(st.tuples(WORDS, JOINTS).map("".join), max_size=14).map("".join)
CASES: st.SearchStrategy[Callable[[str], str]] = st.sampled_from([str.upper, str.lower, str.title, str.strip])


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    text, summary, content = (draw(CASES)(draw(TEXTS)) for _ in range(3))
    return entry(text, summary=summary, content=content)


def shuffled(spec: WatchSpec, seed: int) -> Watchlist:
    rng = random.Random(seed)
    return compile_watchlist(
        WatchSpec(
            actors=tuple(rng.sample(spec.actors, len(spec.actors))),
            topics=tuple(rng.sample(spec.topics, len(spec.topics))),
            scope=spec.scope,
        )
    )


@given(entries(), st.integers(0, 5))
def test_the_order_of_the_rules_does_not_matter(item: Entry, seed: int) -> None:
    assert match_entry(shuffled(SPEC, seed), item, now=NOW) == match_entry(WATCHLIST, item, now=NOW)


@given(entries())
def test_every_piece_of_evidence_is_a_form_of_its_rule(item: Entry) -> None:
    for match in match_entry(WATCHLIST, item, now=NOW).matches:
        assert 0 < len(match.evidence) <= EVIDENCE_CAP
        assert len(set(match.evidence)) == len(match.evidence)
        for evidence in match.evidence:
            assert evidence.text == getattr(item, evidence.field)[evidence.start : evidence.end]
            assert fold(evidence.text).text in RULE_FORMS[match.rule]


def normalized(item: Entry, form: str) -> Verdict:
    text, summary, content = (normalize(form, text) for text in (item.title, item.summary, item.content))  # type: ignore[arg-type] # NFC or NFD
    return match_entry(WATCHLIST, entry(text, summary=summary, content=content), now=NOW)


def outline(verdict: Verdict) -> tuple[bool, list[tuple[str, list[tuple[str, str]]]]]:
    return verdict.relevant, [
        (match.rule, [(e.field, fold(e.text).text) for e in match.evidence]) for match in verdict.matches
    ]


@given(entries())
def test_the_normal_form_of_the_text_does_not_matter(item: Entry) -> None:
    assert outline(normalized(item, "NFC")) == outline(normalized(item, "NFD"))


PLAIN_TERMS = ("drone", "drones", "air strike", "strike", "фронт", "ес")
PLAIN = compile_watchlist(WatchSpec(topics=(TopicSpec(id="t", label={}, terms={"en": PLAIN_TERMS}, scoped=False),)))
PLAIN_TEXTS = st.lists(st.sampled_from([*PLAIN_TERMS, *" -_'.2sа\u0301"]), max_size=9).map("".join)
OF_WORD = r"[\w\u0300-\u036f]"
LONGEST_FIRST = "|".join(sorted(PLAIN_TERMS, key=len, reverse=True))
REFERENCE = re.compile(rf"(?<!{OF_WORD})(?:{LONGEST_FIRST})(?!{OF_WORD})")


@given(PLAIN_TEXTS)
def test_the_automaton_finds_what_a_regular_expression_finds(text: str) -> None:
    expected = REFERENCE.findall(fold(text).text)[:EVIDENCE_CAP]
    assert [fold(found).text for _, found in shown(match_entry(PLAIN, entry(text), now=NOW), "t")] == expected
