"""Which forms a rule has."""

from datetime import date

import pytest

from monitor.core.forms import (
    Form,
    Sign,
    forget,
    forms_of_actor,
    forms_of_scope,
    forms_of_term,
    forms_of_terms,
    forms_of_topic,
)
from monitor.core.lookalikes import has_mixed, unmixed
from monitor.core.model import ActorSpec, ScopeSpec, ScopeWeight, Title, TopicSpec


def texts(spec: ActorSpec) -> set[str]:
    return {form.text for form in forms_of_actor(spec)}


def test_every_first_name_stands_before_every_last_name_of_one_language() -> None:
    first = {"en": ("Vladimir", "Vlad"), "fr": ("Vladimir",)}
    spec = ActorSpec(id="putin", label={}, first=first, last={"en": ("Putin",), "fr": ("Poutine",)})
    plain = {"Vladimir Putin", "Vlad Putin", "Putin", "Vladimir Poutine", "Poutine"}
    assert texts(spec) == plain | {"Vladimir Putin's", "Vlad Putin's", "Putin's"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            ActorSpec(id="j", label={}, first={"en": ("Boris",)}, last={"en": ("Johnson",)}, alone=False),
            {"Boris Johnson", "Boris Johnson's", "B. Johnson", "B. Johnson's"},
            id="a last name that is not enough alone",
        ),
        pytest.param(
            ActorSpec(id="j", label={}, last={"en": ("Johnson",)}, alone=False, aliases={"en": ("BoJo",)}),
            {"BoJo"},
            id="alone is false and there is no first name",
        ),
        pytest.param(
            ActorSpec(id="nato", label={}, person=False, last={"en": ("NATO",), "fr": ("OTAN",)}, alone=False),
            {"NATO", "NATO's", "OTAN"},
            id="a body's names need nothing before them",
        ),
        pytest.param(ActorSpec(id="x", label={}), set(), id="nothing listed"),
    ],
)
def test_forms_of_actor(spec: ActorSpec, expected: set[str]) -> None:
    assert texts(spec) == expected


def test_only_titles_carry_dates_and_all_forms_of_an_actor_are_one_lemma() -> None:
    since, until = date(2025, 1, 20), date(2029, 1, 20)
    title = Title(terms={"en": ("US president",)}, since=since, until=until)
    forms = list(forms_of_actor(ActorSpec(id="trump", label={}, last={"fr": ("Trump",)}, titles=(title,))))
    assert {(form.text, form.since, form.until) for form in forms} == {
        ("Trump", None, None),
        ("US president", since, until),
        ("US presidents", since, until),
    }
    assert {form.lemma for form in forms} == {"trump"}


def test_every_term_of_a_topic_is_its_own_lemma() -> None:
    spec = TopicSpec(id="drones", label={}, terms={"en": ("drone",), "de": ("Drohne",)})
    assert {(form.text, form.lemma, form.language) for form in forms_of_topic(spec)} == {
        ("drone", "drone", "en"),
        ("drones", "drone", "en"),
        ("Drohne", "Drohne", "de"),
        ("Drohnen", "Drohne", "de"),
    }


def test_scope_forms_say_what_they_are_worth_and_never_phrases_stay_as_listed() -> None:
    spec = ScopeSpec(
        strong={"en": ("Ukraine",)},
        weak={"war": {"en": ("drone",)}},
        elsewhere={"en": ("Gaza",)},
        leisure={"en": ("Eurovision",)},
        never={"ru": ("сборная Украины",)},
        first_names={"en": ("Melania",)},
        places={"en": ("Lviv",)},
        doubtful_places={"en": ("Bar",)},
    )
    listed = {(form.sign, form.group, form.text) for form in forms_of_scope(spec)}
    assert listed >= {
        (Sign.STRONG, "", "Ukraine"),
        (Sign.STRONG, "", "Lviv"),
        (Sign.WEAK, "war", "drone"),
        (Sign.WEAK, "war", "drones"),
        (Sign.WEAK, "place", "Bar"),
        (Sign.ELSEWHERE, "", "Gaza"),
        (Sign.LEISURE, "", "Eurovision"),
        (Sign.FIRST_NAME, "", "Melania"),
    }
    assert [found for found in listed if found[0] is Sign.NEVER] == [(Sign.NEVER, "", "сборная Украины")]


def test_an_actor_lends_its_weight_and_a_context_makes_a_common_name_count() -> None:
    common = {"first": {"en": ("Boris",)}, "last": {"en": ("Johnson",)}, "alone": False}
    spec = ActorSpec(id="j", label={}, **common, context={"en": ("Downing Street",)}, scope=ScopeWeight.WEAK)  # type: ignore[arg-type] # as listed
    forms = {form.text: form for form in forms_of_actor(spec)}
    assert forms["Boris Johnson"].sign is Sign.WEAK
    assert (forms["Johnson"].bare, forms["Johnson"].needs_context) == (True, True)
    assert forms["Downing Street"].sign is Sign.CONTEXT


def test_a_term_with_a_gap_is_taken_apart_later() -> None:
    assert [form.text for form in forms_of_term("exchange … prisoners", "en")] == ["exchange … prisoners"]


def test_marks_of_a_term_say_exactly_or_any_word_that_begins_so() -> None:
    assert forms_of_term("=EU", "en") == (Form("EU", lemma="EU", language="en", cased=True),)
    assert forms_of_term("Drohnen*", "de") == (Form("Drohnen", lemma="Drohnen", language="de", prefix=True),)


def test_terms_may_be_taken_as_they_are() -> None:
    assert [form.text for form in forms_of_terms({"ru": ("ракета",)}, inflect=False)] == ["ракета"]


def test_a_term_of_another_language_is_not_inflected() -> None:
    assert [form.text for form in forms_of_term("drone", "it")] == ["drone"]


def test_forgetting_changes_nothing() -> None:
    before = forms_of_term("ракета", "uk"), forms_of_term("ракета", "ru"), forms_of_term("Rakete", "de")
    forget()
    assert (forms_of_term("ракета", "uk"), forms_of_term("ракета", "ru"), forms_of_term("Rakete", "de")) == before


@pytest.mark.parametrize(
    ("last", "form", "ordinary", "needs_context"),
    [
        ("Маск", "Маска", True, True),
        ("Маск", "Маском", False, False),
        ("Путин", "Путина", True, False),
        ("Лавров", "Лавровым", True, True),
        ("Песков", "Песков", True, False),
        ("Зеленский", "Зеленского", False, False),
    ],
)
def test_a_form_that_is_an_ordinary_word_is_marked(last: str, form: str, ordinary: bool, needs_context: bool) -> None:
    spec = ActorSpec(id="x", label={}, gender="m", last={"ru": (last,)})
    found = {one.text: one for one in forms_of_actor(spec)}[form]
    assert (found.ordinary, found.capital, found.needs_context) == (ordinary, ordinary, needs_context)


@pytest.mark.parametrize(("gender", "expected"), [(None, True), ("f", True), ("m", False)])
def test_gender_is_given_or_guessed(gender: str | None, expected: bool) -> None:
    spec = ActorSpec(id="x", label={}, gender=gender, first={"ru": ("Мария",)}, last={"ru": ("Захарова",)})
    assert ("Марии Захаровой" in texts(spec)) is expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Пyтин", "Путин"),
        ("Kиeв", "Киев"),
        ("Укрaїнa", "Україна"),
        ("Putin", "Putin"),
        ("Путин", "Путин"),
        ("SMS-ка", "SMS-ка"),
        ("IT-компания", "IT-компания"),
        ("COBECT-Украïна", "COBECT-Україна"),
        ("", ""),
    ],
)
def test_lookalikes_in_a_cyrillic_word_become_cyrillic(word: str, expected: str) -> None:
    assert unmixed(word) == expected
    assert has_mixed(word) >= (word != expected)
    assert len(unmixed(word)) == len(word)
