"""Which forms a rule has."""

from datetime import date

import pytest

from monitor.core.forms import Form, Sign, forms_of_actor, forms_of_scope, forms_of_topic
from monitor.core.model import ActorSpec, ScopeSpec, Title, TopicSpec

PUTIN = ActorSpec(
    id="putin",
    label={"en": "Vladimir Putin"},
    first={"en": ("Vladimir",), "ru": ("Владимир", "Вова")},
    last={"en": ("Putin",), "ru": ("Путин",), "fr": ("Poutine",)},
)


def texts(spec: ActorSpec) -> set[str]:
    return {form.text for form in forms_of_actor(spec)}


def test_a_person_has_every_first_name_before_every_last_name_of_one_language() -> None:
    assert texts(PUTIN) == {"Vladimir Putin", "Владимир Путин", "Вова Путин", "Putin", "Путин", "Poutine"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            ActorSpec(id="j", label={}, first={"en": ("Boris",)}, last={"en": ("Johnson",)}, alone=False),
            {"Boris Johnson"},
            id="a last name that is not enough alone",
        ),
        pytest.param(
            ActorSpec(id="j", label={}, last={"en": ("Johnson",)}, alone=False, aliases={"en": ("BoJo",)}),
            {"BoJo"},
            id="alone is false and there is no first name",
        ),
        pytest.param(
            ActorSpec(id="nato", label={}, person=False, last={"en": ("NATO",), "fr": ("OTAN",)}, alone=False),
            {"NATO", "OTAN"},
            id="a body's names need nothing before them",
        ),
        pytest.param(ActorSpec(id="x", label={}), set(), id="nothing listed"),
    ],
)
def test_forms_of_actor(spec: ActorSpec, expected: set[str]) -> None:
    assert texts(spec) == expected


def test_only_titles_carry_dates_and_all_forms_of_an_actor_are_one_lemma() -> None:
    title = Title(
        terms={"en": ("US president",), "de": ("US-Präsident",)}, since=date(2025, 1, 20), until=date(2029, 1, 20)
    )
    spec = ActorSpec(id="trump", label={}, last={"en": ("Trump",)}, titles=(title,))
    assert set(forms_of_actor(spec)) == {
        Form("Trump", lemma="trump"),
        Form("US president", date(2025, 1, 20), date(2029, 1, 20), "trump"),
        Form("US-Präsident", date(2025, 1, 20), date(2029, 1, 20), "trump"),
    }


def test_every_term_of_a_topic_is_its_own_lemma() -> None:
    spec = TopicSpec(id="drones", label={}, terms={"en": ("drone", "drones"), "de": ("Drohne",)})
    assert list(forms_of_topic(spec)) == [Form(term, lemma=term) for term in ("drone", "drones", "Drohne")]


def test_scope_forms_say_what_they_are_worth() -> None:
    spec = ScopeSpec(strong={"en": ("Ukraine",)}, weak={"ru": ("фронт",)}, never={"en": ("Kyiv cake",)})
    assert [(sign, form.text) for sign, form in forms_of_scope(spec)] == [
        (Sign.STRONG, "Ukraine"),
        (Sign.WEAK, "фронт"),
        (Sign.NEVER, "Kyiv cake"),
    ]
