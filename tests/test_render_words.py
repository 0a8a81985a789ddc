"""The interface texts of every language."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

from monitor.core.model import Press
from monitor.render.catalogues import load_catalogues
from monitor.render.words import Words

ROOT = Path(__file__).parents[1]
LOCALES = ROOT / "templates" / "locale"
LANGUAGES = ("de", "uk")


def catalogue(path: Path) -> Catalog:
    return read_po(StringIO(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Collect the texts as `make words` does."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "pybabel -q extract -F pyproject.toml -k say -k count:1,2" in makefile
    target = tmp_path_factory.mktemp("words") / "words.pot"
    command = ["pybabel", "-q", "extract", "-F", str(ROOT / "pyproject.toml"), "-k", "say", "-k", "count:1,2"]
    CommandLineInterface().run([*command, "-o", str(target), str(ROOT)])  # type: ignore[no-untyped-call]  # Babel's own
    return catalogue(target)


def ids(found: Catalog) -> Iterator[str]:
    for message in found:
        yield from (message.id,) if isinstance(message.id, str) else message.id


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_is_translated(collected: Catalog, lang: str) -> None:
    translated = catalogue(LOCALES / f"{lang}.po")
    assert set(ids(translated)) == set(ids(collected))
    assert len(set(ids(collected))) > 60
    for message in translated:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms), message.id
        assert not message.fuzzy
        assert list(message.check(translated)) == [], message.id


def test_languages_are_those_that_readers_may_choose() -> None:
    assert {path.stem for path in LOCALES.iterdir()} == set(LANGUAGES)


def words(lang: str) -> Words:
    return Words(load_catalogues([ROOT / "templates"]), lang, "Europe/Kyiv", {})


@pytest.mark.parametrize(
    ("lang", "forms"),
    [
        ("en", {"source": [1], "sources": [0, 2, 11, 21, 100]}),
        ("de", {"Quelle": [1], "Quellen": [0, 2, 11, 21, 100]}),
        (
            "uk",
            {"джерело": [1, 21, 101], "джерела": [2, 4, 22, 104], "джерел": [0, 5, 11, 12, 14, 20, 112]},
        ),
    ],
)
def test_plurals(lang: str, forms: Mapping[str, list[int]]) -> None:
    said = words(lang)
    for form, numbers in forms.items():
        for n in numbers:
            assert said.count("%(n)s source", "%(n)s sources", n) == f"{n} {form}"


@pytest.mark.parametrize(
    ("lang", "dated", "older", "country", "language", "days", "press"),
    [
        ("en", "24 November", "3 February 2021", "United Kingdom", "Ukrainian", "Mon, Sun", "state media"),
        ("de", "24. November", "3. Februar 2021", "Vereinigtes Königreich", "Ukrainisch", "Mo., So.", "Staatsmedium"),
        ("uk", "24 листопада", "3 лютого 2021 р.", "Велика Британія", "українська", "пн, нд", "державне ЗМІ"),
    ],
)
def test_names_and_dates(lang: str, dated: str, older: str, country: str, language: str, days: str, press: str) -> None:
    said = words(lang)
    end = datetime(2025, 11, 24, 5, tzinfo=UTC)
    assert said.moment(end) == f"{dated}, 07:00".replace(" ", "\u00a0")
    assert said.moment(datetime(2021, 2, 3, 4, 5, tzinfo=UTC), end).replace("\u00a0", " ") == f"{older}, 06:05"
    assert (said.country("gb"), said.country("Atlantis")) == (country, "Atlantis")
    assert (said.language("uk"), said.language("zz")) == (language, "zz")
    assert said.weekdays({6, 0}) == days
    assert said.press(Press.STATE) == press
    assert said.dated(date(2021, 2, 3), year=True).replace("\u00a0", " ") == older


def test_every_kind_of_press_has_a_name() -> None:
    for lang in ("en", *LANGUAGES):
        assert len({words(lang).press(press) for press in Press}) == len(Press)


def test_a_language_without_texts_is_spoken_to_in_english() -> None:
    assert words("pl").say("Unsubscribe") == "Unsubscribe"
    assert words("pl").lang == "en"
