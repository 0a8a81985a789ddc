"""Letters as RFC 5322 messages: every line written exactly as we built it, every byte 7-bit.

The standard library's generator is not used: it folds a long `List-Unsubscribe` into encoded words, which no mail
program reads (RFC 8058).
"""

import hashlib
import re
from base64 import b64encode
from binascii import b2a_base64
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from textwrap import wrap
from urllib.parse import quote

import idna

from monitor.core.model import Letter, Outgoing
from monitor.errors import InputError

LINE_MAX = 998
"""The longest line that RFC 5322 §2.1.1 allows, in bytes without CRLF."""

_LINE_WISHED = 78  # RFC 5322 §2.1.1; fields that must not be folded may be longer
_BASE64_LINE = 76
_WORD_BYTES = (
    36  # fills 60 of the 75 characters that RFC 2047 §2 gives an encoded word, so that "Subject: " fits before
)
_SUBJECT = "Subject: "
_FOLD = "\r\n "
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MESSAGE_ID = re.compile(rf"<{_ATOM}(\.{_ATOM})*@{_ATOM}(\.{_ATOM})*>")  # RFC 5322 §3.6.4
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_PLAIN = re.compile(r"[\t\n -~]*")
_LOCAL = re.compile(rf"(?=.{{1,64}}$){_ATOM}(\.{_ATOM})*")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")
_NAMED = re.compile(r"([^<>]*)<([^<>]+)>")
_PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]{0,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mailbox:
    """An address, its domain in IDNA form, and the name beside it."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        if not self.name:
            return self.address
        plain = _PHRASE.fullmatch(self.name) and "=?" not in self.name
        name = self.name if plain else encoded_words(self.name)
        fits = plain and len(name) + len(self.address) < _LINE_WISHED - len("From:  <>")
        return f"{name} <{self.address}>" if fits else f"{name}{_FOLD}<{self.address}>"


def compose(
    letter: Letter,
    *,
    sender: str,
    recipient: str,
    message_id: str,
    date: datetime,
    list_id: str,
    unsubscribe: str | None,
    unsubscribe_url: str | None = None,
) -> Outgoing:
    """Make a letter into a message; the same arguments give the same bytes.

    `sender` and `recipient` may carry a name (`Name <address>`). `unsubscribe` is a mail address; `unsubscribe_url`
    takes a one-click POST where it is https. Both, like `list_id`, are used by bulk letters only: others must not
    carry the list fields. Raises InputError for what cannot stand in a header. Sources: RFC 5322, RFC 2045, RFC 2047,
    RFC 2369, RFC 2919, RFC 3282, RFC 3834, RFC 8058.
    """
    writer, reader = _mailbox(sender, "the sender"), _mailbox(recipient, "the recipient")
    headers = {
        "Date": format_datetime(date),
        "Message-ID": _message_id(message_id),
        "From": str(writer),
        "To": str(reader),
        "Subject": _subject(letter.subject),
        "Auto-Submitted": "auto-generated",
    }
    if letter.bulk:
        headers |= _list_headers(list_id, unsubscribe, unsubscribe_url, reader.address)
    headers |= {"MIME-Version": "1.0", "Content-Language": _language(letter.lang)}
    data = _message(headers, _body(letter, message_id))
    return Outgoing(sender=writer.address, recipient=reader.address, message_id=message_id, data=data)


def bare_address(text: str) -> str:
    """Return the address of `Name <address>` as it goes into an envelope, its domain in ASCII. Raises InputError."""
    return _mailbox(text, "the address").address


def _message(headers: dict[str, str], body: "_Part") -> bytes:
    head = _head(headers | body.headers)
    longest = max(head.split(b"\r\n"), key=len)
    if len(longest) > LINE_MAX:
        raise InputError(f"a header line is longer than {LINE_MAX} bytes: {longest[:40].decode()}…")
    return head + b"\r\n" + body.data


def _head(headers: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")


# ── header fields ────────────────────────────────────────────────────────────────────────────────────────────────────


def _mailbox(text: str, what: str) -> _Mailbox:
    named = _NAMED.fullmatch(_one_line(text, what))
    name, address = named.groups() if named else ("", text)
    local, _, domain = address.rpartition("@")
    ascii_domain = _ascii_domain(domain)
    if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(ascii_domain)) or len(ascii_domain) > 253:
        raise InputError(f"{what} {text!r} is no address that we can write to")
    return _Mailbox(address=f"{local}@{ascii_domain}", name=" ".join(name.strip(' "').splitlines()))


def _ascii_domain(domain: str) -> str:
    """Return a domain in the form that every mail server knows (RFC 5891); empty where there is none."""
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return ""


def _one_line(text: str, what: str) -> str:
    if "\r" in text or "\n" in text:
        raise InputError(f"{what} must be one line")
    return text


def _message_id(text: str) -> str:
    if not _MESSAGE_ID.fullmatch(text):
        raise InputError(f"{text!r} is no Message-ID: it must look like <left@right>")
    return text


def _subject(text: str) -> str:
    # splitlines() knows more line ends than CR and LF, and so do some mail programs.
    subject = " ".join(_one_line(text, "the subject").splitlines()).strip()
    if not subject.isascii() or not subject.isprintable() or "=?" in subject:
        return encoded_words(subject)
    lines = wrap(
        subject, _LINE_WISHED - 1, initial_indent=_SUBJECT, break_long_words=False, break_on_hyphens=False
    ) or [_SUBJECT]
    if max(map(len, lines)) > _LINE_WISHED:
        return encoded_words(subject)
    return _FOLD.join(lines).removeprefix(_SUBJECT)


def _language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        raise InputError(f"{tag!r} is no language tag")
    return tag


def encoded_words(text: str) -> str:
    """Return text as folded base64 words of at most 75 characters, no character cut in two (RFC 2047 §2, §5)."""
    chunks = [b""]
    for character in text:
        data = character.encode("utf-8", "replace")
        if len(chunks[-1]) + len(data) > _WORD_BYTES:
            chunks.append(b"")
        chunks[-1] += data
    words = (b64encode(chunk).decode() for chunk in chunks)
    return _FOLD.join(f"=?utf-8?b?{word}?=" for word in words)


def _list_headers(list_id: str, mailto: str | None, url: str | None, reader: str) -> dict[str, str]:
    ways = [f"<{_address(url)}>"] if url else []
    if mailto:
        subject = quote(f"unsubscribe {reader}", safe="")
        ways.append(
            f"<mailto:{quote(_mailbox(mailto, 'the unsubscribe address').address, safe='@+')}?subject={subject}>"
        )
    headers = {"List-Id": _list_id(list_id), "Precedence": "bulk"}
    if ways:
        headers["List-Unsubscribe"] = _one_field(ways)
    if url and url.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _one_field(ways: list[str]) -> str:
    """Return the ways out as one line that is never folded; the mailto form goes where both are too long for it."""
    line = ", ".join(ways)
    return line if len("List-Unsubscribe: ") + len(line) <= LINE_MAX else ways[0]


def _address(url: str) -> str:
    if not (url.isascii() and url.isprintable()) or set(url) & set(' <>,"') or "://" not in url:
        raise InputError("the unsubscribe address must be a plain ASCII URL")
    return url


def _list_id(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise InputError("the list id must be one line of ASCII")
    return text if "<" in text else f"<{text}>"


# ── body ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Part:
    """A MIME entity (RFC 2045 §2.4): what it is, and its bytes, which end with CRLF."""

    headers: dict[str, str]
    data: bytes


def _body(letter: Letter, seed: str) -> _Part:
    text = _text_part(letter.text, "plain")
    if letter.html is None:
        return text
    # Not random, so that an edition can be made again byte by byte.
    boundary = f"=_{hashlib.sha256(seed.encode()).hexdigest()[:32]}"
    line = f"--{boundary}".encode()
    parts = b"".join(
        b"%b\r\n%b\r\n%b\r\n" % (line, _head(part.headers), part.data)
        for part in (text, _text_part(letter.html, "html"))
    )
    return _Part({"Content-Type": f'multipart/alternative;{_FOLD}boundary="{boundary}"'}, b"%b%b--\r\n" % (parts, line))


def _text_part(text: str, subtype: str) -> _Part:
    text = text.encode("utf-8", "replace").decode()
    plain = _PLAIN.fullmatch(text) and all(len(line) <= _LINE_WISHED for line in text.split("\n"))
    lines = b"\r\n".join([*text.encode().splitlines(), b""])
    headers = {
        "Content-Type": f'text/{subtype}; charset="utf-8"',
        "Content-Transfer-Encoding": "7bit" if plain else "base64",
    }
    return _Part(headers, lines if plain else _base64(lines))


def _base64(data: bytes) -> bytes:
    encoded = b2a_base64(data, newline=False)
    lines = [encoded[at : at + _BASE64_LINE] for at in range(0, len(encoded), _BASE64_LINE)]
    return b"\r\n".join(lines) + b"\r\n"
