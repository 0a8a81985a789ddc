"""Lists of readers, both ways, and every mistake with its line."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core import roster
from monitor.core.model import Consent, Status
from monitor.core.roster import Form, Listed
from monitor.errors import InputError
from tests.core.test_wishes import KNOWN, WISHES, meant

AGREED = "consent_who,consent_at,consent_how,consent_wording"
YES = "the reader,2026-03-01T12:00:00+02:00,paper form,Send me digests"
CONSENT = Consent(
    who="the reader", at=datetime(2026, 3, 1, 10, tzinfo=UTC), how="paper form", wording="Send me digests"
)


def csv(*rows: str, heading: str = "email") -> str:
    return "\r\n".join([f"{heading},{AGREED}", *(f"{row},{YES}" for row in rows)])


def mistakes(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        roster.read(text, KNOWN)
    return str(caught.value).split("\n")


def test_a_list_of_spreadsheets() -> None:
    text = "\ufeff" + csv(
        'a@example.org,uk,drones; crimea,"Herald, The; Courier","putin -crimea; trump",mon 07:00,no,',
        "",
        "b@example.org,,,,,,,paused",
        heading="email,lang,topics,without,queries,weekly,quiet,status",
    ).replace(f"\r\n,{YES}", "\r\n")
    first, second = roster.read(text, KNOWN)
    expected = meant(
        email="a@example.org", tz="UTC", lang="uk", topics=("drones", "crimea"), without=("Herald, The", "Courier"),
        queries=("putin -crimea", "trump"), weekly="mon 07:00", quiet=False,
    )  # fmt: skip
    assert first == Listed(wish=expected, consent=CONSENT, line=2)
    assert (second.line, second.wish.subscriber.status) == (4, Status.PAUSED)


def test_a_list_of_json_lines() -> None:
    row = {"email": "a@example.org", "topics": ["drones"], "daily": "18:00", "cap": 5, "instant": False, "name": None}
    agreed = dict(zip(AGREED.split(","), YES.split(","), strict=True))
    [found] = roster.read(f"\n{json.dumps(row | agreed)}\n\n", KNOWN)
    wish = meant(email="a@example.org", tz="UTC", topics=("drones",), daily=("18:00",), cap=5)
    assert found == Listed(wish=wish, consent=CONSENT, line=2)


LISTED = st.builds(
    Listed,
    wish=st.tuples(WISHES, st.sampled_from([Status.ACTIVE, Status.PAUSED, Status.UNSUBSCRIBED])).map(
        lambda pair: replace(pair[0], subscriber=replace(pair[0].subscriber, status=pair[1]))
    ),
    consent=st.builds(
        Consent,
        at=st.datetimes(timezones=st.sampled_from([UTC])),
        who=st.sampled_from(["operator", "the reader"]),
        how=st.just("a, form"),
        wording=st.just('"Yes",\nsaid I; and meant it'),
    ),
)
TIDY = st.sampled_from(["Herald", "The “Herald”, Kyiv", "-x", '"', "'", "'=", "''+1", "@", "=HYPERLINK(1)"])


@given(st.lists(LISTED, max_size=3), st.sampled_from(["csv", "jsonl"]), TIDY)
def test_what_was_written_is_read_as_the_same(listed: list[Listed], form: Form, name: str) -> None:
    tidy = [replace(one, wish=replace(one.wish, name=name, without_sources=frozenset({name}))) for one in listed]
    found = roster.read(roster.write(tidy, form), KNOWN)
    assert [replace(one, line=0) for one in found] == tidy


def test_no_cell_is_a_formula() -> None:
    wish = replace(meant(queries=("-crimea putin",)), name='=HYPERLINK("https://evil.example")')
    [row] = roster.write([Listed(wish=wish, consent=CONSENT)], "csv").splitlines()[1:]
    assert "\"'=HYPERLINK(" in row
    assert ",'-crimea putin," in row
    assert roster.read(csv("a@example.org,-crimea putin", heading="email,queries"), KNOWN)[0].wish.queries == (
        "-crimea putin",
    )


def test_every_mistake_is_told_with_its_line() -> None:
    text = csv("a@example.org,drone,", "b@example.org,,", "nobody,,", "c@example.org,,5h", heading="email,topics,every")
    assert mistakes(text) == [
        "line 2: unknown topic 'drone', did you mean 'drones'?",
        "line 4: 'nobody' must be a mail address such as desk@example.org",
        "line 5: '5h' does not divide a day; write 1h, 2h, 3h, 4h, 6h, 8h, 12h or 24h",
    ]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    text = csv('a@example.org,"Evening\nand\nnight",', "b@example.org,,xx", heading="email,name,lang")
    assert mistakes(text)[0].startswith("line 5: unknown language")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("email,topix\n", "line 1: unknown column 'topix', did you mean 'topics'?"),
        ("email\na@example.org", "line 2: consent_who and consent_at and consent_how and consent_wording missing"),
        (csv("a@example.org").replace("Send me digests", " "), "line 2: consent_wording missing"),
        (csv("").replace(f"\r\n,{YES}", f"\r\n,{YES}"), "line 2: email missing"),
        (csv("a@example.org").replace("+02:00", ""), "line 2: consent_at '2026-03-01T12:00:00' has no zone"),
        (csv("a@example.org").replace("2026-03-01T", "long ago "), "is no moment"),
        (csv("a@example.org,b"), "line 2: 6 cells under 5 headings"),
        (csv('"a@example.org'), "no CSV"),
        (csv("a@example.org,maybe", heading="email,quiet"), "line 2: quiet must be yes or no, not 'maybe'"),
        (csv("a@example.org,many", heading="email,cap"), "line 2: cap must be a number, not 'many'"),
        (csv("a@example.org,pending", heading="email,status"), "line 2: unknown status 'pending'; it may be active"),
        ('{"email": 1}', "line 1: email must be a text, not 1"),
        ('{"topics": [1]}', "line 1: topics must be a text or a list of texts, not [1]"),
        ('{"a": 1}', "line 1: unknown column 'a'; there are email"),
        ('{"email"', "line 1: no JSON"),
        ('{}\n[]', "line 2: a line must be a JSON object"),
    ],
)  # fmt: skip
def test_what_is_no_row_is_told(text: str, told: str) -> None:
    assert any(told in line for line in mistakes(text)), mistakes(text)


def test_an_empty_list_has_no_readers() -> None:
    assert roster.read("", KNOWN) == []
    assert roster.read(csv(), KNOWN) == []


def test_the_first_twenty_mistakes_are_told_and_the_others_counted() -> None:
    told = mistakes(csv(*["nobody"] * 30))
    assert (len(told), told[-1]) == (21, "and 10 more mistakes")


@given(st.text() | st.text(alphabet='{}[]",;:\n\r emailcsv_'))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(InputError):
        roster.read(text, KNOWN)


def test_moments_keep_their_zone() -> None:
    [one] = roster.read(csv("a@example.org"), KNOWN)
    assert one.consent.at.utcoffset() == timedelta(hours=2)
