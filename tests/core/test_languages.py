"""The language of an entry: what is declared for it, unless its text speaks against that."""

import subprocess
import sys

import pytest

from monitor.core.languages import by_script, is_doubtful
from monitor.core.model import LANGUAGES
from monitor.core.parsing.detection import language_of
from tests.core.feed_documents import ATOM, item, json_feed, only, rss

GERMAN = (
    "Die Bundesregierung hat am Abend mitgeteilt, dass die Lieferung der Flugabwehr in den kommenden Wochen beginnt"
)
FRENCH = (
    "Le ministre des Armées a annoncé que la livraison des premiers canons à la brigade est prévue pour le mois de mai"
)
POLISH = "Rzecznik rządu powiedział, że Polska nie wyśle wojska na Ukrainę i że decyzja w tej sprawie jest ostateczna"
ENGLISH = (
    "The government said in the evening that the delivery of the air defence systems will begin in the coming weeks"
)
UKRAINIAN = "Уночі над містом працювала протиповітряна оборона, уламки впали на дах лікарні"
RUSSIAN = "Ночью над городом работала противовоздушная оборона, обломки были найдены на крыше"
SPANISH = "El presidente anunció que las tropas atacaron la ciudad durante la noche y que los daños son muy grandes hoy"
BULGARIAN = "Президентът заяви, че войските са атакували града през нощта и че няма пострадали сред жителите"
BELARUSIAN = "Прэзідэнт заявіў, што войскі атакавалі горад уначы, але пацярпелых сярод жыхароў няма"


def language(*declared: str | None, text: str, summary: str = "", among: tuple[str, ...] = LANGUAGES) -> str | None:
    return language_of(declared, text, summary, among)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        *((ENGLISH, "en"), (GERMAN, "de"), (FRENCH, "fr"), (POLISH, "pl"), (UKRAINIAN, "uk"), (RUSSIAN, "ru")),
        *((SPANISH, None), (BULGARIAN, None), (BELARUSIAN, None), ("", None), ("2026", None), ("Київ", "uk")),
    ],
)
def test_undeclared(text: str, lang: str | None) -> None:
    assert language(None, text=text) == lang


@pytest.mark.parametrize(
    ("declared", "text", "lang"),
    [
        ("en", UKRAINIAN, "uk"),
        ("en", RUSSIAN, "ru"),
        ("uk", RUSSIAN, "ru"),
        ("ru", UKRAINIAN, "uk"),
        ("uk", "Новини", "uk"),  # no letter speaks against it
        ("ru", "Новини", "ru"),
        ("uk", ENGLISH, "en"),
        ("uk", "Bloomberg", None),
        ("bg", BULGARIAN, "bg"),
        ("be", BELARUSIAN, "be"),
        ("en", GERMAN, "de"),
        ("en", FRENCH, "fr"),
        ("de", POLISH, "pl"),
        ("fr", ENGLISH, "en"),
        ("en", SPANISH, None),
        ("es", SPANISH, "es"),
        ("en", "Der Krieg und die Folgen", "en"),  # too short to be sure
        ("en", "Kremlin denies “война” is the word to use", "en"),
        ("en", ENGLISH, "en"),
    ],
)
def test_declared(declared: str, text: str, lang: str | None) -> None:
    assert language(declared, text=text) == lang


def test_the_next_declaration_counts_where_the_first_is_wrong() -> None:
    assert language("uk", "de", text="Bericht") == "de"
    assert language(None, "pl", "en", text="Raport") == "pl"


def test_the_summary_tells_where_the_title_has_other_letters() -> None:
    assert language("uk", text="Bloomberg, F-16", summary=UKRAINIAN) == "uk"
    assert by_script("uk", "F-16", RUSSIAN) == "ru"


def test_only_configured_languages_are_detected() -> None:
    assert language(None, text=SPANISH, among=("en", "es")) == "es"
    assert language(None, text=FRENCH, among=("en", "es")) is None
    assert language(None, text=ENGLISH, among=("en", "no-such")) == "en"


def test_a_feed_is_believed_entry_by_entry() -> None:
    site = "<language>uk</language>"
    assert only(rss(item(RUSSIAN), channel=site)).lang == "ru"
    assert only(rss(item(UKRAINIAN), channel="<language>en-US</language>")).lang == "uk"
    assert only(rss(item(GERMAN))).lang == "de"
    assert only(ATOM).lang == "uk"
    assert only(json_feed({"id": "1", "title": RUSSIAN, "language": "uk"})).lang == "ru"


def test_doubt_needs_words_of_another_language() -> None:
    assert is_doubtful("en", GERMAN)
    assert not is_doubtful("en", "Zelensky: Putin, Trump, Macron, Merz")
    assert not is_doubtful("es", SPANISH)


def test_the_model_is_not_loaded_where_a_declaration_will_do() -> None:
    code = (
        "import sys; from tests.core.test_languages import *\n"
        "texts = {'en': ENGLISH, 'de': GERMAN, 'fr': FRENCH, 'pl': POLISH, 'uk': UKRAINIAN, 'ru': RUSSIAN}\n"
        "assert all(language(lang, text=text) == lang for lang, text in texts.items())\n"
        "assert language('uk', text=RUSSIAN) == 'ru'\n"
        "assert 'py3langid' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
