"""Ukrainian forms that a rule by endings alone gets wrong."""

import pytest

from monitor.core.forms import forms_of_term


def texts(term: str) -> set[str]:
    """Return the forms of a Ukrainian term."""
    return {form.text for form in forms_of_term(term, "uk")}


@pytest.mark.parametrize(
    ("term", "form"),
    [
        ("війська РФ", "військ РФ"),
        ("судна", "суден"),
        ("Сили оборони", "Сил оборони"),
        ("підозрюваний у теракті", "підозрювану у теракті"),
    ],
)
def test_form_is_found(term: str, form: str) -> None:
    assert form in texts(term)


def test_plural_of_a_neuter_noun_is_no_feminine() -> None:
    assert not {"військи РФ", "війською РФ"} & texts("війська РФ")


def test_feminine_noun_keeps_its_singular() -> None:
    assert {"ракети", "ракетою"} <= texts("ракета")
