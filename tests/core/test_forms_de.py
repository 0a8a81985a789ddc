"""German forms that the word table alone does not give."""

import pytest

from monitor.core.forms.german import expand


@pytest.mark.parametrize(
    ("term", "form"),
    [("Russland", "Russlands"), ("Moskau", "Moskaus"), ("Raketenangriff", "Raketenangriffen")],
)
def test_a_noun_has_its_cases(term: str, form: str) -> None:
    assert form in set(expand(term))
