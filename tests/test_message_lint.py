"""The lint of messages: right ones pass, and each rule finds the message that breaks it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from monitor.core.model import Letter
from monitor.net.dkim import Signer
from monitor.net.message import compose
from tests.message_lint.lint import assert_clean, faults
from tests.net.keys import signer

AT = datetime(2026, 8, 24, 7, tzinfo=UTC)
URL = "https://digest.example.org/u/" + "x" * 271
PLAIN = Letter(subject="Morning", text="All quiet.\n")
DIGEST = Letter(subject="Ранковий огляд: 80 дронів", text="Тихо.\n" * 30, html="<p>Тихо.</p>\n", lang="uk", bulk=True)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer(tmp_path_factory.mktemp("key"))


def made(letter: Letter) -> bytes:
    return compose(
        letter,
        sender="Огляд «Війна» <desk@example.org>",
        recipient="reader@example.org",
        message_id="<e1.s7@example.org>",
        date=AT,
        list_id="War digest <digest.example.org>",
        unsubscribe="bye@example.org",
        unsubscribe_url=URL,
    ).data


@pytest.mark.parametrize("letter", [PLAIN, DIGEST], ids=["to one person", "to a list"])
def test_right_messages_have_no_fault(ours: Signer, letter: Letter) -> None:
    assert_clean([made(letter), ours.sign(made(letter), AT)])


def test_what_relays_put_above_is_no_fault(ours: Signer) -> None:
    above = [
        b"Return-Path: <desk@example.org>",
        b"Received: from desk by relay.example.net (Postfix) with ESMTP id 1",
        b"\tfor <reader@example.org>; Mon, 24 Aug 2026 07:00:01 +0000 (UTC)",
        ours.sign(made(DIGEST), AT),
    ]
    assert_clean([b"\r\n".join(above)])


def test_quoted_printable_is_right_too() -> None:
    body = b"=D0=A2=D0=B8=D1=85=D0=BE=\r\n.\r\n"
    assert_clean([re.sub(rb"7bit\r\n\r\n.*", b"quoted-printable\r\n\r\n" + body, made(PLAIN), flags=re.DOTALL)])


def replaced(before: bytes, after: bytes) -> Callable[[bytes], bytes]:
    def change(mail: bytes) -> bytes:
        assert before in mail, before
        return mail.replace(before, after, 1)

    return change


def without(name: bytes) -> Callable[[bytes], bytes]:
    def change(mail: bytes) -> bytes:
        changed = re.sub(rb"(?m)^" + name + rb":.*(?:\r\n[ \t].*)*\r\n", b"", mail)
        assert changed != mail
        return changed

    return change


def added(line: bytes) -> Callable[[bytes], bytes]:
    return lambda mail: line + b"\r\n" + mail


def broken_body(mail: bytes) -> bytes:
    """The first base64 line with one character less."""
    return re.sub(rb"(base64\r\n\r\n.)", rb"\1\r\n", mail.replace(b"base64\r\n\r\n0", b"base64\r\n\r\n"), count=1)


WRONG: list[tuple[str, Callable[[bytes], bytes]]] = [
    # RFC 5322
    ("RFC 5322 §2.3", replaced(b"\r\nTo:", b"\nTo:")),
    ("RFC 5322 §2.3", replaced(b"Subject:", b"X-A: a\rb\r\nSubject:")),
    ("RFC 5322 §2.3", lambda mail: mail + b"more"),
    ("RFC 5322 §2.1:", replaced(b"Subject: ", "Subject: Огляд ".encode())),
    ("RFC 5322 §2.1:", replaced(b"Subject: ", b"Subject: \0")),
    ("RFC 5322 §2.1.1: a line has", added(b"X-A: " + b"x" * 1000)),
    ("RFC 5322 §2.1.1: Comments", added(b"Comments: " + b"word " * 20 + b"end")),
    ("RFC 5322 §2.2: 'Sub ject'", replaced(b"\r\nSubject:", b"\r\nSub ject:")),
    ("RFC 5322 §2.2: 'Subject '", replaced(b"\r\nSubject:", b"\r\nSubject :")),
    ("RFC 5322 §2.2: X-A holds", added(b"X-A: a\x07b")),
    ("RFC 5322 §3.2.2", replaced(b"Auto-Submitted: ", b"Auto-Submitted: \r\n \r\n ")),
    ("RFC 5322 §3.6: Date", without(b"Date")),
    ("RFC 5322 §3.6: Message-ID", without(b"Message-ID")),
    ("RFC 5322 §3.6: From", added(b"From: desk@example.org")),
    ("RFC 5322 §3.6: Subject", added(b"Subject: x")),
    ("RFC 5322 §3.6: Sender", added(b"Sender: a@example.org\r\nSender: a@example.org")),
    ("RFC 5322 §3.3", replaced(b"Mon, 24", b"Tue, 24")),
    ("RFC 5322 §3.3", replaced(b"24 Aug", b"32 Aug")),
    ("RFC 5322 §3.3", replaced(b"+0000", b"UTC")),
    ("RFC 5322 §3.6.4", replaced(b"<e1.s7@example.org>", b"e1.s7@example.org")),
    ("RFC 5322 §3.6.4", replaced(b"<e1.s7@", b"<e1..s7@")),
    ("RFC 5322 §3.4", replaced(b"To: reader@", b"To: reader news@")),
    ("RFC 5322 §3.4", replaced(b"To: reader@example.org", b"To: St. Reader <reader@example.org>")),
    ("RFC 5322 §3.4", replaced(b"To: reader@example.org", b"To: <reader>")),
    ("RFC 5321 §4.5.3.1", replaced(b"To: reader@", b"To: " + b"r" * 65 + b"@")),
    # RFC 2047
    ("RFC 2047 §2: an encoded word has", replaced(b"Subject: ", b"Subject: =?utf-8?b?" + b"QUJD" * 17 + b"?=\r\n ")),
    ("RFC 2047 §2: a line of Subject", replaced(b"Subject: ", b"Subject: " + b"=?utf-8?b?QUJD?= " * 4)),
    ("RFC 2047 §5: what begins", replaced(b"Subject: ", b"Subject: A=?utf-8?b?QUJD?=\r\n ")),
    ("RFC 2047 §5: what begins", replaced(b"Subject: ", b"Subject: =?utf-8?b?QU JD?=\r\n ")),
    ("RFC 2047 §5: an encoded word does not", replaced(b"Subject: ", b"Subject: =?utf-8?b?0A==?=\r\n ")),
    ("RFC 2047 §5: an encoded word does not", replaced(b"Subject: ", b"Subject: =?utf-9?q?a?=\r\n ")),
    ("RFC 2047 §5: an encoded word does not", replaced(b"Subject: ", b"Subject: =?utf-8?q?a=g?=\r\n ")),
    ("RFC 2047 §5: an encoded word does not", replaced(b"Subject: ", b"Subject: =?utf-8?b?QUJ?=\r\n ")),
    ("RFC 2047 §5: Content-Language may", replaced(b"Language: uk", b"Language: =?utf-8?q?uk?=")),
    # RFC 2045, 2046
    ("RFC 2045 §4", without(b"MIME-Version")),
    ("RFC 2045 §4", added(b"MIME-Version: 1.0")),
    ("RFC 2045 §3", added(b"Content-Type: text/plain")),
    ("RFC 2045 §5.1", replaced(b"multipart/alternative", b"multipart alternative")),
    ("RFC 2045 §5.1", replaced(b"text/plain; charset", b"text/plain, charset")),
    ("RFC 2045 §6.1", replaced(b"Transfer-Encoding: base64", b"Transfer-Encoding: 8bit")),
    ("RFC 2045 §6.4", added(b"Content-Transfer-Encoding: base64")),
    ("RFC 2045 §6.7, §6.8", lambda mail: re.sub(rb"(base64\r\n\r\n.{76})\r\n", rb"\1", mail, count=1)),
    ("RFC 2045 §6.8", broken_body),
    ("RFC 2045 §6.8", replaced(b"base64\r\n\r\n", b"base64\r\n\r\n!")),
    (
        "RFC 2046 §4.1.1",
        lambda mail: re.sub(rb"(base64\r\n\r\n).*?(?=\r\n\r\n--)", rb"\1QQpC", mail, count=1, flags=16),
    ),
    ("RFC 2046 §4.1.2", replaced(b'charset="utf-8"', b'charset="us-ascii"')),
    ("RFC 2046 §4.1.2", replaced(b'charset="utf-8"', b'charset="utf-88"')),
    ("RFC 2046 §4.1.2", replaced(b'; charset="utf-8"', b"")),
    ("RFC 2046 §5.1.1", lambda mail: mail.removesuffix(b"--\r\n") + b"\r\n"),
    ("RFC 2046 §5.1.1", lambda mail: re.sub(rb'boundary=".*"', b'boundary="' + b"x" * 71 + b'"', mail)),
    ("RFC 2046 §5.1.1", lambda mail: re.sub(rb'boundary=".*"', b'boundary="x"', mail)),
    ("RFC 2046 §5.1.4: the parts", replaced(b"text/html", b"text/plain")),
    ("RFC 2046 §5.1.4: image/png", replaced(b"text/html", b"image/png")),
    ("RFC 2046 §5.1.4: multipart/mixed", replaced(b"multipart/alternative", b"multipart/mixed")),
    ("RFC 2046 §5.1.4: text/plain is empty", lambda _: made(Letter(subject="x", text=" \n"))),
    ("house: the HTML part", lambda _: made(Letter(subject="x", text="x", html="<p>x</p>\n" * 11_000))),
    # what it says to programs
    ("RFC 3834 §5", without(b"Auto-Submitted")),
    ("RFC 3834 §5", replaced(b"auto-generated", b"no")),
    ("RFC 3282 §2", without(b"Content-Language")),
    ("RFC 3282 §2", replaced(b"Language: uk", b"Language: uk en")),
    # lists
    ("RFC 2369 §3", added(b"List-Id: <digest.example.org>")),
    ("house: List-Unsubscribe is folded", replaced(b">, <mailto", b">,\r\n <mailto")),
    ("house: List-Unsubscribe is folded", replaced(b": <https", b": =?utf-8?q?=3Chttps?= <https")),
    ("house: Precedence on", lambda _: b"Precedence: bulk\r\n" + made(PLAIN)),
    ("house: a mail to a list", without(b"Precedence")),
    ("RFC 2919 §2", without(b"List-Id")),
    ("RFC 2919 §2", replaced(b"<digest.example.org>", b"digest.example.org")),
    ("RFC 2919 §2", replaced(b"<digest.example.org>", b"<digest>")),
    ("RFC 2369 §2", without(b"List-Unsubscribe")),
    ("RFC 2369 §2", replaced(b"<mailto:bye@example.org", b"mailto:bye@example.org")),
    ("RFC 2369 §2", replaced(b"org/u/", b"org/u /")),
    ("RFC 3986 §2", replaced(b"org/u/", b"org/u/%zz")),
    ("RFC 3986 §2", replaced(b"<https", b"<javascript")),
    ("house: List-Unsubscribe has no mailto", lambda mail: re.sub(rb", <mailto.*>", b"", mail)),
    ("RFC 8058 §3.1: List-Unsubscribe-Post is", replaced(b"=One-Click", b"=one-click")),
    ("RFC 8058 §3.1: List-Unsubscribe-Post beside 0", replaced(b"<https:", b"<http:")),
    ("RFC 8058 §3.1: List-Unsubscribe-Post beside 2", replaced(b": <https:", b": <https://example.org/>, <https:")),
    ("RFC 8058 §3.1: an https address", without(b"List-Unsubscribe-Post")),
    # DKIM
    ("RFC 6376 §3.2: the signature", replaced(b"v=1; a=", b"v; a=")),
    ("RFC 6376 §3.2: a tag", replaced(b"v=1; a=", b"v=1; v=1; a=")),
    ("RFC 6376 §8.2", replaced(b"v=1; a=", b"l=10; v=1; a=")),
    ("RFC 6376 §3.5: the tags ['v']", replaced(b"v=1; a=", b"v=2; a=")),
    ("RFC 6376 §3.5: the tags ['a']", replaced(b"a=rsa-sha256", b"a=rsa-sha1")),
    ("RFC 6376 §3.5: the tags ['t']", lambda mail: re.sub(rb"t=\d+;", b"", mail)),
    ("RFC 6376 §3.5: the tags ['bh']", replaced(b"bh=", b"bh=x")),
    ("RFC 6376 §3.5: the tags ['b']", lambda mail: re.sub(rb"(?s) b=.*?\r\n(?=Date)", b" b=QUJD\r\n", mail)),
    ("RFC 6376 §5.4: List-Unsubscribe-Post", lambda mail: re.sub(rb"List-Unsubscribe-Post(?=:[A-Z\r])", b"X", mail)),
    ("RFC 6376 §8.15", replaced(b"h=From:", b"h=")),
    ("RFC 6376 §3.7", lambda mail: mail.removesuffix(b"--\r\n") + b"--\r\n.\r\n"),
    ("RFC 7489 §3.1.1", replaced(b"d=example.org", b"d=example.com")),
]


@pytest.mark.parametrize(
    ("paragraph", "change"), WRONG, ids=[f"{at}-{what[:40]}" for at, (what, _) in enumerate(WRONG)]
)
def test_each_rule_finds_what_breaks_it(ours: Signer, paragraph: str, change: Callable[[bytes], bytes]) -> None:
    found = faults(change(ours.sign(made(DIGEST), AT)))
    assert any(fault.startswith(paragraph) for fault in found), found


def test_what_is_wrong_fails_a_test() -> None:
    with pytest.raises(AssertionError, match=r"RFC 5322 §3\.6: Date stands 0 times"):
        assert_clean([without(b"Date")(made(PLAIN))])
