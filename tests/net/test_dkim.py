"""Signatures, verified by dkimpy, which is not the signer."""

from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import Letter
from monitor.errors import ConfigError
from monitor.net.dkim import Signer, relaxed_body
from monitor.net.message import compose
from tests.net.keys import dns_of, rsa_key, signer, written

AT = datetime(2026, 8, 24, 7, tzinfo=UTC)
URL = "https://digest.example.org/u/" + "x" * 271


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer(tmp_path_factory.mktemp("key"))


def message(*, text: str = "Тихо.\n", subject: str = "Ранковий огляд", bulk: bool = True) -> bytes:
    return compose(
        Letter(subject=subject, text=text, html="<p>Тихо.</p>" if bulk else None, lang="uk", bulk=bulk),
        sender="Огляд «Війна», щоранку о сьомій за Києвом <desk@example.org>",
        recipient="reader@example.org",
        message_id="<e1.s7@example.org>",
        date=AT,
        list_id="digest.example.org",
        unsubscribe="bye@example.org",
        unsubscribe_url=URL,
    ).data


def verified(mail: bytes, *published: Signer) -> bool:
    return bool(dkim.verify(mail, dnsfunc=dns_of(*published)))


def test_a_digest_verifies_and_its_bytes_stay_as_they_were(ours: Signer) -> None:
    signed = ours.sign(message(), AT)
    assert verified(signed, ours)
    assert signed.endswith(message())
    assert max(map(len, signed.removesuffix(message()).split(b"\r\n"))) <= 78


def test_what_is_signed(ours: Signer) -> None:
    checked = dkim.DKIM(ours.sign(message(), AT))
    assert checked.verify(dnsfunc=dns_of(ours))
    tags = checked.signature_fields
    assert {name: tags[name] for name in (b"v", b"a", b"c", b"d", b"s", b"t")} == {
        b"v": b"1",
        b"a": b"rsa-sha256",
        b"c": b"relaxed/relaxed",
        b"d": b"example.org",
        b"s": b"news",
        b"t": str(int(AT.timestamp())).encode(),
    }
    assert b"l" not in tags
    wanted = "From To Subject Date Message-ID List-Id List-Unsubscribe List-Unsubscribe-Post MIME-Version Content-Type"
    assert {name.lower().encode() for name in wanted.split()} <= {name.lower() for name in checked.include_headers}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<e1.s7@", b"<e2.s7@"),
        (b"24 Aug", b"25 Aug"),
        (b"To: reader", b"To: writer"),
        (b"Subject: =?utf-8?b?", b"Subject: Hi =?utf-8?b?"),
        (b"From: ", b"From: x@example.org\r\nFrom: "),
        (b"From: ", b"Subject: Another one\r\nFrom: "),
        (b"digest.example.org/u/x", b"digest.example.com/u/x"),
        (b"=One-Click", b"=Two-Click"),
        (b"MIME-Version: 1.0", b"MIME-Version: 1.1"),
        (b"Content-Type: multipart/alternative", b"Content-Type: multipart/mixed"),
        (b"0KLQuNGF0L4u", b"0KLQuNGF0L8u"),
        (b"--\r\n", b"--\r\nmore\r\n"),
        (b"d=example.org", b"d=example.com"),
    ],
)
def test_what_was_changed_on_the_way_does_not_verify(ours: Signer, before: bytes, after: bytes) -> None:
    signed = ours.sign(message(), AT)
    assert before in signed
    assert not verified(signed.replace(before, after, 1), ours)


def test_what_relays_may_change_still_verifies(ours: Signer) -> None:
    signed = ours.sign(message(), AT)
    moved = signed.replace(b"Subject: =?", b"subject:\t  =?").replace(b"MIME-Version: 1.0", b"MIME-Version:   1.0 ")
    assert moved != signed
    assert verified(b"Received: from desk by relay; today\r\n" + moved + b"\r\n\r\n", ours)


def test_another_key_in_the_dns_does_not_verify(ours: Signer, tmp_path: Path) -> None:
    other = signer(tmp_path, number=1)
    assert other.name == ours.name
    assert not verified(ours.sign(message(), AT), other)
    assert not verified(ours.sign(message(), AT))


def test_a_list_header_cannot_be_added_to_a_letter_to_one_person(ours: Signer) -> None:
    signed = ours.sign(message(bulk=False), AT)
    assert verified(signed, ours)
    assert not verified(signed.replace(b"Subject:", b"List-Unsubscribe: <https://evil.example/>\r\nSubject:", 1), ours)


@given(st.text("a \t\nя.", max_size=200), st.text("b =?ї", max_size=120))
def test_any_mail_verifies(text: str, subject: str) -> None:
    one = Signer(domain="example.org", selector="news", _key=rsa_key())
    assert verified(one.sign(message(text=text, subject=subject, bulk=False), AT), one)


@pytest.mark.parametrize(
    ("body", "hashed"),
    [
        (b"", b""),
        (b"\r\n\r\n", b""),
        (b" \r\n\t\r\n", b""),
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),  # RFC 6376 §3.4.5
        (b"a b\r\n", b"a b\r\n"),
        (b"a b", b"a b\r\n"),
        (b"a\tb \r\n", b"a b\r\n"),
    ],
)
def test_bodies_as_they_are_hashed(body: bytes, hashed: bytes) -> None:
    assert relaxed_body(body) == hashed


# ── the key's file ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("mode", [0o400, 0o600, 0o640])
def test_keys_that_are_read(tmp_path: Path, form: PrivateFormat, mode: int) -> None:
    path = written(tmp_path / "dkim.pem", form=form, mode=mode)
    one = Signer.from_file(path, domain="example.org", selector="news")
    assert one.name == "news._domainkey.example.org"
    assert verified(one.sign(message(), AT), one)
    assert "_key" not in repr(one)


def mistake(path: Path) -> str:
    with pytest.raises(ConfigError) as raised:
        Signer.from_file(path, domain="example.org", selector="news")
    (finding,) = raised.value.findings
    assert finding.source == str(path)
    return finding.message


@pytest.mark.parametrize("mode", [0o644, 0o606, 0o620, 0o601])
def test_a_key_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "dkim.pem", mode=mode)
    assert mistake(path) == f"others may use this key: chmod 600 {path}"


def test_files_that_are_no_such_key(tmp_path: Path) -> None:
    path = tmp_path / "dkim.pem"
    assert mistake(path) == "the key cannot be read: no such file or directory"
    assert mistake(tmp_path).startswith("the key cannot be read")
    path.write_text("-----BEGIN")
    path.chmod(0o600)
    assert "no private key in PEM" in mistake(path)
    assert "passphrase" in mistake(written(path, passphrase=b"secret"))
    assert "RSA with 2048 to 4096 bits" in mistake(written(path, ec.generate_private_key(ec.SECP256R1())))
    assert "RSA with 2048 to 4096 bits" in mistake(written(path, rsa_key(1024)))
