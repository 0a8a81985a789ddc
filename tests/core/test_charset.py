"""Character sets: every sample in every set that it can be written in, undeclared and declared as another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import Fetched
from monitor.core.parsing.charset import CHARSETS, decode, detect
from tests.core.feed_documents import URL, item, parse, refusal, rss

UKRAINIAN = (
    "Під Харковом уночі збили двадцять безпілотників",
    "Єврокомісія погодила новий пакет допомоги, її обсяг ще обговорюють",
    "У Києві оголосили повітряну тривогу – мешканців просять залишатися в укриттях",
)
RUSSIAN = (
    "В Белгороде объявили воздушную тревогу",
    "Экономисты ждут ещё одного повышения ставки в этом году",
    "Переговоры в Стамбуле завершились без результата, заявил представитель делегации",
)
POLISH = ("Większość posłów poparła ustawę o pomocy dla uchodźców", "Żołnierze ćwiczą na granicy z Białorusią")
CZECH = ("Vláda schválila další dodávky munice pro Ukrajinu", "Čeští hasiči odjeli pomáhat do zničených měst")
GERMAN = ("Die Grünen fordern schärfere Maßnahmen für Öllieferungen", "Über Nacht wurden zwölf Städte beschossen")
FRENCH = ("L'été dernier, la forêt a brûlé près de la frontière", "Le ministère dément : « c'est inexact »")

SAMPLES = [
    *((UKRAINIAN, name) for name in ("windows-1251", "koi8-u", "iso-8859-5")),
    *((RUSSIAN, name) for name in ("windows-1251", "koi8-r", "ibm866", "iso-8859-5")),
    *((POLISH, name) for name in ("windows-1250", "iso-8859-2")),
    *((CZECH, name) for name in ("windows-1250", "iso-8859-2")),
    (GERMAN, "windows-1252"),
    (FRENCH, "windows-1252"),
]
WRONG = [None, "windows-1251", "koi8-r", "windows-1252", "iso-8859-1", "iso-8859-2", "utf-8", "us-ascii"]


@pytest.mark.parametrize("declared", WRONG)
@pytest.mark.parametrize(("titles", "name"), SAMPLES)
def test_undeclared_and_wrongly_declared_documents_are_read(
    titles: tuple[str, ...], name: str, declared: str | None
) -> None:
    written = [title.encode(name, "replace").decode(name) for title in titles]
    said = "" if declared is None else f' encoding="{declared}"'
    document = rss(*(item(title) for title in written)).replace(' encoding="utf-8"', said)
    assert [entry.title for entry in parse(document.encode(name)).entries] == written


@pytest.mark.parametrize("header", WRONG[1:])
@pytest.mark.parametrize(("titles", "name"), SAMPLES)
def test_a_wrong_header_does_not_matter(titles: tuple[str, ...], name: str, header: str) -> None:
    document = rss(*map(item, titles)).replace("utf-8", name).encode(name, "replace")
    entries = parse(document, f"text/xml; charset={header}").entries
    assert [entry.title for entry in entries] == [title.encode(name, "replace").decode(name) for title in titles]


@pytest.mark.parametrize(("titles", "name"), SAMPLES)
def test_a_right_declaration_is_believed_for_a_single_word(titles: tuple[str, ...], name: str) -> None:
    for word in " ".join(titles).split():
        encoded = word.encode(name, "ignore")
        if not encoded.isascii():
            assert decode(encoded, detect(encoded, name)) == encoded.decode(name), word


def test_what_cannot_be_judged_is_believed() -> None:
    greek = rss(item("Η Αθήνα ανακοίνωσε νέα βοήθεια")).replace("utf-8", "windows-1253").encode("windows-1253")
    assert parse(greek).entries[0].title == "Η Αθήνα ανακοίνωσε νέα βοήθεια"
    assert parse(greek).warnings == ()


def test_a_name_that_no_set_can_have_is_no_declaration_to_trip_over() -> None:
    assert detect("Зеленський у Києві".encode("windows-1251"), "koi8\0u") == "koi8\0u"


def test_latin_1_is_read_as_browsers_do() -> None:
    quoted = rss(item("“Große” – €5")).replace("utf-8", "iso-8859-1").encode("windows-1252")
    assert parse(quoted).entries[0].title == "“Große” – €5"


def test_a_wrong_declaration_is_told() -> None:
    document = rss(*map(item, RUSSIAN)).replace("utf-8", "koi8-r").encode("windows-1251")
    assert parse(document).warnings == ("not koi8-r as declared, read as windows-1251",)


@given(st.binary(max_size=300), st.sampled_from([None, *CHARSETS, "utf-8", "shift_jis", "no-such", "rot13", "hex"]))
def test_any_bytes_are_read_or_refused(body: bytes, declared: str | None) -> None:
    reason = refusal(Fetched(url=URL, body=b"<rss>" + body, body_hash="", content_type=f"text/xml; charset={declared}"))
    assert "cannot be read" not in (reason or "")
