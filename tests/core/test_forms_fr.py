"""French forms: capitals without accents, plural and feminine."""

import pytest

from monitor.core.forms import forms_of_term


@pytest.mark.parametrize(
    ("term", "form"),
    [
        ("chef de l'État russe", "chef de l'Etat russe"),
        ("président des États-Unis", "présidents des Etats-Unis"),
        ("échange de prisonniers", "echanges de prisonniers"),
        ("évacué", "evacuées"),
    ],
)
def test_capitals_may_lack_their_accents(term: str, form: str) -> None:
    assert form in {made.text for made in forms_of_term(term, "fr")}


def test_accents_inside_words_stay() -> None:
    assert {made.text for made in forms_of_term("mémorandum", "fr")} == {"mémorandum", "mémorandums"}
