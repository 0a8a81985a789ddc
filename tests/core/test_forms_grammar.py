"""The forms made are those that grammar asks for."""

import pytest

from monitor.core.forms import forms_of_actor, forms_of_term
from monitor.core.model import ActorSpec
from tests.core.grammar import NAMES, TERMS


@pytest.mark.parametrize(
    ("lang", "gender", "first", "last", "lasts", "whole"), NAMES, ids=lambda value: str(value)[:20]
)
def test_a_person_is_found_in_every_case(lang: str, gender: str, first: str, last: str, lasts: str, whole: str) -> None:
    spec = ActorSpec(id="x", label={}, gender=gender, first={lang: (first,)}, last={lang: (last,)})
    made = {form.text for form in forms_of_actor(spec)}
    assert {last, f"{first} {last}", *lasts.split(), whole} <= made


@pytest.mark.parametrize(("lang", "term", "forms"), TERMS, ids=lambda value: value[:20])
def test_a_term_is_found_in_every_case(lang: str, term: str, forms: str) -> None:
    assert {term, *forms.split("|")} <= {form.text for form in forms_of_term(term, lang)}


def test_the_table_is_large_enough_to_mean_something() -> None:
    names = sum(len(lasts.split()) + 1 for *_, lasts, _ in NAMES)
    assert names + sum(len(forms.split("|")) for *_, forms in TERMS) >= 350


@pytest.mark.parametrize(
    ("lang", "term", "never"),
    [
        ("ru", "Рада", "рад"),
        ("uk", "Рада", "рад"),
        ("uk", "НАТО", "ната"),
        ("uk", "Київ", "кий"),
        ("ru", "Часов Яр", "часы"),
        ("en", "Kyiv", "kyivs"),
        ("fr", "contre la Russie", "contres la russie"),
        ("uk", "на фронті", "на фронту"),
        ("pl", "w Moskwie", "w moskwa"),
    ],
)
def test_what_is_no_form_of_a_term(lang: str, term: str, never: str) -> None:
    assert never not in {form.text.lower() for form in forms_of_term(term, lang)}


@pytest.mark.parametrize(
    ("lang", "first", "last", "spellings"),
    [
        ("uk", "Володимир", "Зеленський", "Zelenskyi Zelenskyy Zelensky Zelenskiy Selenskyj Zelenskyj Zełenski"),
        ("ru", "Владимир", "Зеленский", "Zelenskiy Zelensky Zelenski Selenski"),
    ],
)
def test_a_cyrillic_name_has_its_latin_spellings(lang: str, first: str, last: str, spellings: str) -> None:
    spec = ActorSpec(id="x", label={}, first={lang: (first,)}, last={lang: (last,), "en": ("Zelensky",)})
    assert set(spellings.split()) <= {form.text for form in forms_of_actor(spec)}


def test_a_foreign_name_is_not_written_back_from_cyrillic() -> None:
    spec = ActorSpec(id="x", label={}, last={"en": ("Trump",), "uk": ("Трамп",), "ru": ("Трамп",)})
    assert "Tramp" not in {form.text for form in forms_of_actor(spec)}
