"""The date zoo."""

from datetime import UTC, datetime, timedelta
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.dates import judge, parse_date
from monitor.core.model import DateFlag

NOW = datetime(2026, 2, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        ("Tue, 24 Feb 2026 05:00:00 +0200", "2026-02-24T03:00"),
        ("Tue, 24 Feb 2026 05:00:00 -0330", "2026-02-24T08:30"),
        ("Tue, 24 Feb 2026 05:00:00 GMT", "2026-02-24T05:00"),
        ("Tue, 24 Feb 2026 05:00:00", "2026-02-24T05:00"),
        ("24 Feb 2026 05:00 +0000", "2026-02-24T05:00"),
        ("Tue,24 Feb 2026 05:00:00 +0200 (EET)", "2026-02-24T03:00"),
        ("Tue, 24 Feb 26 05:00:00 EET", "2026-02-24T03:00"),
        ("Tue, 24 Feb 98 05:00:00 GMT", "1998-02-24T05:00"),
        ("Wed, 24 Jun 2026 05:00:00 EEST", "2026-06-24T02:00"),
        ("Tue, 24 Feb 2026 05:00:00 MSK", "2026-02-24T02:00"),
        ("Tue, 24 Feb 2009 05:00:00 MSD", "2009-02-24T01:00"),
        ("Tue, 24 Feb 2026 05:00:00 CET", "2026-02-24T04:00"),
        ("Wed, 24 Jun 2026 05:00:00 CEST", "2026-06-24T03:00"),
        ("Tue, 24 Feb 2026 05:00:00 WET", "2026-02-24T05:00"),
        ("Wed, 24 Jun 2026 05:00:00 WEST", "2026-06-24T04:00"),
        ("Wed, 24 Jun 2026 05:00:00 BST", "2026-06-24T04:00"),
        ("Tue, 24 Feb 2026 05:00:00 EST", "2026-02-24T10:00"),
        ("Wed, 24 Jun 2026 05:00:00 PDT", "2026-06-24T12:00"),
        ("Tue, 24 Feb 2026 05:00:00 GMT+2", "2026-02-24T03:00"),
        ("Thu,28 Jul 2022 4:35:5 GMT+9", "2022-07-27T19:35:05"),
        ("Tue, 24 Feb 2026 05:00:00 A", "2026-02-24T05:00"),
        ("Tuesday, 24-Feb-26 05:00:00 GMT", "2026-02-24T05:00"),
        ("Вт, 24 лют 2026 05:00:00 +0200", "2026-02-24T03:00"),
        ("24 февраля 2026 05:00 MSK", "2026-02-24T02:00"),
        ("Di, 24 März 2026 05:00 MEZ", "2026-03-24T04:00"),
        ("mar., 24 févr. 2026 05:00 +0100", "2026-02-24T04:00"),
        ("24 juillet 2026", "2026-07-24T00:00"),
        ("24 września 2026", "2026-09-24T00:00"),
        ("24.02.2026 05:00", "2026-02-24T05:00"),
        ("February 24, 2026 5:00 PM EST", "2026-02-24T22:00"),
        ("Tue Feb 24 05:00:00 2026", "2026-02-24T05:00"),
        ("Tue Feb 24 05:00:00 EET 2026", "2026-02-24T03:00"),
        ("2026-02-24T05:00:00Z", "2026-02-24T05:00"),
        ("2026-02-24T05:00:00.123+02:00", "2026-02-24T03:00"),
        ("2026-02-24t05:00z", "2026-02-24T05:00"),
        ("2026-02-24 05:00:00 MSK", "2026-02-24T02:00"),
        ("2026-02-24 05:00", "2026-02-24T05:00"),
        ("2026-02-24", "2026-02-24T00:00"),
        ("2026-02", "2026-02-01T00:00"),
        ("20260224T050000Z", "2026-02-24T05:00"),
        ("1771902000", "2026-02-24T03:00"),
        ("2026-02-24T24:00:00Z", "2026-02-25T00:00"),
        ("2026-12-31T23:59:60Z", "2027-01-01T00:00"),
        ("Thu, 01 Jan 1970 00:00:00 +0000", "1970-01-01T00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00"),
        ("  Tue,  24 Feb\n2026 05:00:00 +0200 ", "2026-02-24T03:00"),
        ("2003-07-01 T 01:55:07-05:00", "2003-07-01T06:55:07"),
        ("2002-12-31T192030+01:00", "2002-12-31T18:20:30"),
        ("20021231T19:20:30.45+01:00", "2002-12-31T18:20:30"),
        ("2026-02-24T05:00:00+02:00[Europe/Kyiv]", "2026-02-24T03:00"),
        ("24.02.2026, 05:00", "2026-02-24T05:00"),
        ("вт, 24.02.2026 05:00 GMT+2", "2026-02-24T03:00"),
        ("05:00, 24.02.2026", "2026-02-24T05:00"),
        ("24.02.2026 05:00 UTC+03:00", "2026-02-24T02:00"),
        ("24 Feb 2026 05:00 (UTC+3)", "2026-02-24T05:00"),
        ("п’ятниця, 27 лютого 2026 р., 05:00", "2026-02-27T05:00"),
        ("воскресенье, 1 марта 2026 г. в 05:00 МСК", "2026-03-01T02:00"),
        ("Dienstag, 24. Februar 2026 um 05:00 Uhr MEZ", "2026-02-24T04:00"),
        ("Dienstag, 24. Februar 2026 um 05:00 Uhr", "2026-02-24T05:00"),
        ("le 1er mars 2026 à 5h05", "2026-03-01T05:05"),
        ("poniedziałek, 2 marca 2026 r., godz. 05:00", "2026-03-02T05:00"),
        ("February 24th, 2026 at 5:00 p.m.", "2026-02-24T17:00"),
        ("24/02/2026 05:00", "2026-02-24T05:00"),
        ("02/24/2026 05:00", "2026-02-24T05:00"),
    ],
)
def test_read(raw: str, iso: str) -> None:
    assert parse_date(raw) == datetime.fromisoformat(iso).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        *(
            "",
            "yesterday",
            "04/02/2026",
            "сьогодні, 14:05",
            "24 лютого, 05:00",
            "31 Feb 2026",
            "2026-13-01",
            "2026-02-24T25:00:00Z",
            "2026-02-24T05:61Z",
        ),
        *("Tue, 24 Feb 2026 05:00:00 XYZT", "Tue, 24 Feb 2026 05:00:00 +9900", "24 Foo 2026", "13:00 PM 24 Feb 2026"),
        *("0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-05:00", "2026-02-24" + " " * 100, "24 Feb 026"),
    ],
)
def test_not_read(raw: str) -> None:
    assert parse_date(raw) is None


MONTHS = (  # nominative, genitive and the abbreviations of each month, by language
    (
        "January Jan",
        "січень січня січ",
        "январь января янв",
        "Januar Jänner Jan",
        "janvier janv",
        "styczeń stycznia sty",
    ),
    ("February Feb", "лютий лютого лют", "февраль февраля февр фев", "Februar Feb", "février févr", "luty lutego lut"),
    ("March Mar", "березень березня бер", "март марта мар", "März Mär Mrz", "mars", "marzec marca mar"),
    ("April Apr", "квітень квітня квіт", "апрель апреля апр", "April Apr", "avril avr", "kwiecień kwietnia kwi"),
    ("May", "травень травня трав", "май мая", "Mai", "mai", "maj maja"),
    ("June Jun", "червень червня черв", "июнь июня июн", "Juni Jun", "juin", "czerwiec czerwca cze"),
    ("July Jul", "липень липня лип", "июль июля июл", "Juli Jul", "juillet juil", "lipiec lipca lip"),
    ("August Aug", "серпень серпня серп", "август августа авг", "August Aug", "août aout", "sierpień sierpnia sie"),
    ("September Sept Sep", "вересень вересня вер", "сентябрь сентября сент", "September", "septembre sept", "września"),
    ("October Oct", "жовтень жовтня жовт", "октябрь октября окт", "Oktober Okt", "octobre oct", "październik paź"),
    ("November Nov", "листопад листопада лист", "ноябрь ноября нояб", "November Nov", "novembre", "listopad lis"),
    ("December Dec", "грудень грудня груд", "декабрь декабря дек", "Dezember Dez", "décembre déc", "grudzień gru"),
)
IN_PROSE = (
    *("24 {} 2026 05:00", "24 {}. 2026, 05:00", "24. {} 2026 05:00", "24-{}-2026 05:00", "24 {}, 2026, 05:00"),
    *("вівторок, 24 {} 2026 р., 05:00", "24 {} 2026 года, 05:00", "24 {} 2026 г. в 05:00", "24 {} 2026 року о 05:00"),
    *(
        "05:00, 24 {} 2026",
        "le 24 {} 2026 à 05h00",
        "24 {} 2026 um 05:00 Uhr",
        "24 {} 2026 - 05:00",
        "24 {} 2026, 05:00:00",
    ),
    *("24 {} 2026 05:00 UTC", "{} 24, 2026 5:00 AM"),
)


@pytest.mark.parametrize("number", range(1, 13))
def test_months_in_six_languages_in_all_forms_and_frames(number: int) -> None:
    for word in " ".join(MONTHS[number - 1]).split():
        for written in (word, word.upper(), word.lower(), normalize("NFD", word)):
            for frame in IN_PROSE:
                expected = datetime(2026, number, 24, 5, tzinfo=UTC)
                assert parse_date(frame.format(written)) == expected, frame.format(written)


@given(
    st.lists(st.sampled_from([*"0123456789 :./,-+TZ", " в ", " um ", "GMT", "лют", "Feb", "24", "2026"]), max_size=30)
)
def test_what_looks_like_a_date_is_a_moment_or_nothing(parts: list[str]) -> None:
    moment = parse_date("".join(parts))
    assert moment is None or moment.tzinfo is UTC


@given(st.text(max_size=120))
def test_any_text_gives_a_moment_in_utc_or_nothing(raw: str) -> None:
    moment = parse_date(raw)
    assert moment is None or moment.tzinfo is UTC


@given(st.integers(0, 4_000_000_000), st.integers(-12 * 60, 14 * 60))
def test_what_the_standard_writes_is_read_back(seconds: int, minutes: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    local = moment + timedelta(minutes=minutes)
    offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    assert parse_date(f"{local:%Y-%m-%dT%H:%M:%S}{offset}") == moment
    assert parse_date(f"{local:%a, %d %b %Y %H:%M:%S} {offset.replace(':', '')}") == moment


@pytest.mark.parametrize(
    ("published", "raw", "flags"),
    [
        (NOW, "x", set()),
        (NOW + timedelta(minutes=10), "x", set()),
        (NOW + timedelta(minutes=11), "x", {DateFlag.FUTURE}),
        (datetime(1970, 1, 1, tzinfo=UTC), "x", {DateFlag.IMPLAUSIBLE}),
        (datetime(1, 1, 1, tzinfo=UTC), "x", {DateFlag.IMPLAUSIBLE}),
        (None, None, {DateFlag.MISSING}),
        (None, " ", {DateFlag.MISSING}),
        (None, "soon", {DateFlag.UNREADABLE}),
    ],
)
def test_judge(published: datetime | None, raw: str | None, flags: set[DateFlag]) -> None:
    assert judge(published, raw, now=NOW) == flags
