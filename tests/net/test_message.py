"""Messages as the standard library's own parser reads them back, and as their bytes must be."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.core.model import Letter, Outgoing
from monitor.errors import InputError
from monitor.net.message import compose, encoded_words

DATE = datetime(2026, 8, 24, 7, 0, tzinfo=UTC)
PLAIN = Letter(subject="Morning", text="All quiet.\n")
BULK = Letter(subject="Ранковий огляд", text="Тихо.\n", html="<p lang='uk'>Тихо.</p>\n", lang="uk", bulk=True)
ENCODED_WORD = re.compile(rb"=\?[^?]+\?[bq]\?[^?]*\?=", re.IGNORECASE)
HEADER_TEXT = st.text(st.characters(exclude_characters="\r\n"), max_size=300)


def make(letter: Letter = PLAIN, **options: Any) -> Outgoing:
    usual: dict[str, Any] = {
        "sender": "desk@example.org",
        "recipient": "reader@example.org",
        "message_id": "<e1.s7@example.org>",
        "date": DATE,
        "list_id": "digest.example.org",
        "unsubscribe": None,
    }
    return compose(letter, **usual | options)


def read(mail: Outgoing) -> EmailMessage:
    parsed = message_from_bytes(mail.data, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def shown(part: EmailMessage) -> str:
    return str(part.get_content()).replace("\r\n", "\n")


def names(mail: Outgoing, header: str) -> tuple[str, str]:
    """The display name and the address, by the older parser: the newer one leaves gaps between encoded words."""
    raw = str(message_from_bytes(mail.data, policy=policy.compat32)[header])
    name, address = parseaddr(" ".join(raw.split()))
    return str(make_header(decode_header(name))), address


def lines(mail: Outgoing) -> list[bytes]:
    return mail.data.split(b"\r\n")


def test_a_plain_letter_to_the_last_byte() -> None:
    assert lines(make()) == [
        b"Date: Mon, 24 Aug 2026 07:00:00 +0000",
        b"Message-ID: <e1.s7@example.org>",
        b"From: desk@example.org",
        b"To: reader@example.org",
        b"Subject: Morning",
        b"Auto-Submitted: auto-generated",
        b"MIME-Version: 1.0",
        b"Content-Language: en",
        b'Content-Type: text/plain; charset="utf-8"',
        b"Content-Transfer-Encoding: 7bit",
        b"",
        b"All quiet.",
        b"",
    ]


def test_a_bulk_letter_has_both_bodies_the_text_first() -> None:
    parsed = read(make(BULK))
    assert parsed.get_content_type() == "multipart/alternative"
    assert parsed["Content-Language"] == "uk"
    assert parsed["Subject"] == BULK.subject
    text, html = parsed.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    assert [part["Content-Transfer-Encoding"] for part in (text, html)] == ["base64", "base64"]
    assert [shown(part) for part in (text, html)] == [BULK.text, BULK.html]
    assert not [defect for part in parsed.walk() for defect in part.defects]


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert make(BULK) == make(BULK)
    assert make(BULK).data != make(BULK, message_id="<e2.s7@example.org>").data


# ── list headers ─────────────────────────────────────────────────────────────────────────────────────────────────────

URL = "https://digest.example.org/unsubscribe/" + "x" * 300


def test_list_headers_are_written_as_they_are_however_long() -> None:
    mail = make(BULK, unsubscribe="bye@example.org", unsubscribe_url=URL, recipient="reader+news@example.org")
    way_out = f"<{URL}>, <mailto:bye@example.org?subject=unsubscribe%20reader%2Bnews%40example.org>"
    assert {
        b"List-Id: <digest.example.org>",
        b"Precedence: bulk",
        f"List-Unsubscribe: {way_out}".encode(),
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    } <= set(lines(mail))


def test_where_both_ways_out_are_too_long_for_a_line_the_web_address_stays() -> None:
    url = "https://digest.example.org/" + "x" * 930
    mail = make(BULK, unsubscribe="bye@example.org", unsubscribe_url=url)
    assert f"List-Unsubscribe: <{url}>".encode() in lines(mail)
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines(mail)


@pytest.mark.parametrize(
    ("options", "present"),
    [
        ({}, False),
        ({"unsubscribe": "bye@example.org"}, False),
        ({"unsubscribe_url": "http://127.0.0.1:8080/u/1"}, False),
        ({"unsubscribe_url": "https://example.org/u/1"}, True),
    ],
)
def test_one_click_needs_https(options: dict[str, str], *, present: bool) -> None:
    parsed = read(make(BULK, **options))
    assert ("List-Unsubscribe" in parsed) is bool(options)
    assert ("List-Unsubscribe-Post" in parsed) is present


def test_a_letter_to_one_person_has_no_list_headers() -> None:
    parsed = read(make(PLAIN, unsubscribe="bye@example.org", unsubscribe_url=URL))
    assert not [name for name in parsed if name.lower().startswith(("list-", "precedence"))]


def test_a_list_may_have_a_label() -> None:
    assert b"List-Id: War digest <digest.example.org>" in lines(make(BULK, list_id="War digest <digest.example.org>"))


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("desk@example.org", "", "desk@example.org"),
        ("<desk@example.org>", "", "desk@example.org"),
        ("War desk <desk@example.org>", "War desk", "desk@example.org"),
        ('"Desk, War" <desk@example.org>', "Desk, War", "desk@example.org"),
        ("Огляд «Війна», щоранку о сьомій за Києвом <d@example.org>", None, "d@example.org"),
        ("=?utf-8?q?x?= <d@example.org>", "=?utf-8?q?x?=", "d@example.org"),
        ("desk@localhost", "", "desk@localhost"),
        ("desk@приклад.укр", "", "desk@xn--80aikifvh.xn--j1amh"),
        ("desk@straße.de", "", "desk@xn--strae-oqa.de"),
        ("o'neil+war.news@example.org", "", "o'neil+war.news@example.org"),
    ],
)
def test_the_envelope_is_bare_and_the_header_tells_the_name(text: str, name: str | None, address: str) -> None:
    mail = make(sender=text, recipient=text)
    assert (mail.sender, mail.recipient) == (address, address)
    for header in ("From", "To"):
        assert names(mail, header) == (text.partition(" <")[0] if name is None else name, address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "desk",
        "@example.org",
        "desk@",
        "дід@example.org",
        "a b@example.org",
        "a@b@example.org",
        ".a@example.org",
        "a..b@example.org",
        "a@-example.org",
        "a@exa_mple.org",
        "a@example..org",
        "a@[127.0.0.1]",
        "a@example.org, b@example.org",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\n",
        "Name\r\nBcc: b@example.org <a@example.org>",
        "<a@example.org> b",
        "a" * 65 + "@example.org",
        "a@" + "x" * 64 + ".org",
        "a@" + "x." * 130 + "org",
        "a@хто..укр",
    ],
)
@pytest.mark.parametrize("role", ["sender", "recipient", "unsubscribe"])
def test_what_is_no_address_is_refused(text: str, role: str) -> None:
    if role == "unsubscribe" and not text:
        return
    with pytest.raises(InputError):
        make(BULK, **{role: text})


@pytest.mark.parametrize(
    "options",
    [
        {"message_id": "e1.s7@example.org"},
        {"message_id": "<e1\r\nX: y@example.org>"},
        {"message_id": "<e1>"},
        {"message_id": "<problem:1@example.org>"},
        {"message_id": "<e1..s7@example.org>"},
        {"list_id": "x\r\nBcc: b@example.org"},
        {"list_id": "огляд"},
        {"unsubscribe_url": "https://example.org/\r\nBcc: b@example.org"},
        {"unsubscribe_url": "https://example.org/>, <mailto:x@example.org"},
        {"unsubscribe_url": "https://приклад.укр/"},
        {"unsubscribe_url": "/u/1"},
        {"unsubscribe_url": "https://example.org/" + "x" * 1000},
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(InputError):
        make(BULK, **options)


def test_a_long_plain_subject_is_folded_at_its_spaces() -> None:
    subject = " ".join(["Morning", "report:", *["reconnaissance"] * 10])
    mail = make(Letter(subject=subject, text="x"))
    assert read(mail)["Subject"] == subject
    assert max(map(len, lines(mail))) <= 78
    assert b"=?" not in mail.data


@pytest.mark.parametrize("subject", ["a\r\nBcc: b@example.org", "a\nb", "a\r", "\r\n"])
def test_a_subject_is_one_line(subject: str) -> None:
    with pytest.raises(InputError):
        make(Letter(subject=subject, text="x"))


def test_a_language_is_a_language() -> None:
    with pytest.raises(InputError):
        make(Letter(subject="x", text="x", lang="en\r\nX: y"))


# ── any text at all ──────────────────────────────────────────────────────────────────────────────────────────────────


def well_formed(mail: Outgoing) -> None:
    mail.data.decode("ascii")
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", mail.data)
    assert max(map(len, lines(mail))) <= 998
    for line in lines(mail):
        words = ENCODED_WORD.findall(line)
        assert all(len(word) <= 75 for word in words)
        assert not words or len(line) <= 76


@given(HEADER_TEXT)
def test_any_subject_is_read_as_it_was_written(subject: str) -> None:
    mail = make(Letter(subject=subject, text="x"))
    well_formed(mail)
    assert read(mail)["Subject"].split() == subject.encode("utf-8", "replace").decode().split()


@given(st.text(max_size=300))
def test_encoded_words_keep_every_character(text: str) -> None:
    parsed = message_from_bytes(f"X-Any: {encoded_words(text)}\r\n\r\n".encode(), policy=policy.compat32)
    from_words = [
        part.decode(charset or "ascii") if isinstance(part, bytes) else part
        for part, charset in decode_header(parsed["X-Any"])
    ]
    assert "".join(from_words) == text.encode("utf-8", "replace").decode()


@given(text=st.text(st.characters(exclude_characters="\r"), max_size=2000), html=st.none() | st.text(max_size=500))
def test_any_body_is_read_as_it_was_written(text: str, html: str | None) -> None:
    mail = make(Letter(subject="x", text=text, html=html))
    well_formed(mail)
    body = read(mail).get_body(("plain",))
    assert isinstance(body, EmailMessage)
    assert shown(body).removesuffix("\n") == text.encode("utf-8", "replace").decode().removesuffix("\n")


@given(name=HEADER_TEXT)
@example(name="0000000¡¡¡¡¡¡¡¡¡ૹ")
def test_any_name_is_read_as_it_was_written(name: str) -> None:
    name = "".join(character for character in name if character.isprintable() and character not in '<>"')
    mail = make(sender=f"{name} <desk@example.org>")
    well_formed(mail)
    found, address = names(mail, "From")
    assert (found.split(), address) == (name.split(), "desk@example.org")
