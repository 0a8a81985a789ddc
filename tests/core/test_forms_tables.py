"""The word tables: read in blocks, they say what simplemma says; and forms that are not made."""

import lzma
from itertools import islice

import pytest
from simplemma.strategies.dictionaries import StreamDictionaryFactory

from monitor.core.forms import forms_of_term, group_of_term
from monitor.core.forms.stream import Table
from monitor.core.forms.tables import base_of


@pytest.mark.parametrize("language", ["uk", "de"])
def test_a_table_says_what_simplemma_says(language: str) -> None:
    theirs = StreamDictionaryFactory().get_dictionary(language)
    words = list(islice(theirs, 0, None, 997))
    assert len(words) > 500
    assert {word: base_of(word, language) for word in words} == {word: theirs[word] for word in words}
    assert [base_of(word, language) for word in ("", "ґґґ", "zzzz")] == [None, None, None]


@pytest.mark.parametrize("data", [b"", b"SMFC2\x00\x01", lzma.compress(b"x"), b"SMFC1\x00\x01\x00\xff\xff"])
def test_another_format_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="format"):
        Table(data, 5)


@pytest.mark.parametrize(
    ("language", "term", "made", "never"),
    [
        (
            "de",
            "russischer General",
            "russischem General|russischen Generals",
            "russisches General|russischer Generals",
        ),
        ("de", "russische Streitkräfte", "russischen Streitkräften|russischer Streitkräfte", "russische Streitkräftes"),
        ("de", "eingefrorenes Vermögen", "eingefrorener Vermögen", "eingefrorener Vermögens"),
        ("de", "Krywyj Rih", "Krywyj Rihs", "Krywyjs Rih"),
        ("pl", "rząd Tuska", "rządu Tuska|rządem Tuska", "rządu Tuskiej|rzęda Tuska"),
        ("pl", "most Krymski", "mostem Krymskim", "mostem Krymski"),
        ("pl", "rosyjski atak", "rosyjskie ataki", "rosyjscy ataki"),
        ("pl", "mistrzostwa świata", "mistrzostw świata", "mistrzostwej świata"),
        ("uk", "Tomahawk", "Tomahawk", "Tomahawkа"),
        ("uk", "Рівне", "Рівного", "Рівної"),
        ("uk", "Хмельницький", "Хмельницькій", "Хмельницькею"),
        ("ru", "российская армия", "российской армией", "российскою армиею"),
    ],
)
def test_what_is_made_and_what_nobody_writes(language: str, term: str, made: str, never: str) -> None:
    forms = {form.text for form in forms_of_term(term, language)}
    assert set(made.split("|")) <= forms
    assert forms.isdisjoint(never.split("|"))


@pytest.mark.parametrize(
    ("language", "term", "last"),
    [("ru", "президент России", "президенте России"), ("uk", "голова уряду", "голові уряду")],
)
def test_an_office_has_one_holder(language: str, term: str, last: str) -> None:
    one, many = (set(group_of_term(term, language, plural=plural).texts) for plural in (False, True))
    assert last in one < many


def test_an_office_listed_in_the_plural_keeps_it() -> None:
    assert "вооружённым силам" in group_of_term("вооружённые силы", "ru", plural=False).texts
