"""Letters as RFC 5322 messages: every header line written exactly as we built it, every byte 7-bit."""

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

import idna

from monitor.core.model import Letter, Outgoing
from monitor.errors import InputError

LINE_MAX = 998
"""The longest line that RFC 5322 §2.1.1 allows, in bytes without CRLF."""

_WORD_BYTES = (
    36  # fills 60 of the 75 characters that RFC 2047 §2 gives an encoded word, so that "Subject: " fits before
)
_ONE_LINE_MAX = 900
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_PLAIN = re.compile(r"[\t\n -~]*")
_LOCAL = re.compile(r"(?=.{1,64}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")
_NAMED = re.compile(r"([^<>]*)<([^<>]+)>")
_PHRASE = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")


class _Verbatim(EmailPolicy):
    """Writes each header line as it was given.

    The standard policy folds a long `List-Unsubscribe` into encoded words, which no mail program reads (RFC 8058).
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        return name, value

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")


_POLICY = _Verbatim(linesep="\r\n", cte_type="7bit", max_line_length=78)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mailbox:
    """An address, its domain in IDNA form, and the name beside it."""

    address: str
    name: str = ""

    def __str__(self) -> str:
        if not self.name:
            return self.address
        if _PHRASE.fullmatch(self.name) and "=?" not in self.name:
            return f"{self.name} <{self.address}>"
        return f"{encoded_words(self.name)}\r\n <{self.address}>"


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
    takes a one-click POST where it is https. Both, like `list_id`, are used by bulk letters only. Raises InputError
    for what cannot stand in a header. Sources: RFC 5322, RFC 2047, RFC 2369, RFC 2919, RFC 3834, RFC 8058.
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
    message = EmailMessage(policy=_POLICY)
    for name, value in headers.items():
        message[name] = value
    _add_body(message, letter, message_id)
    return Outgoing(sender=writer.address, recipient=reader.address, message_id=message_id, data=_flat(message))


def bare_address(text: str) -> str:
    """Return the address of `Name <address>` as it goes into an envelope, its domain in ASCII. Raises InputError."""
    return _mailbox(text, "the address").address


def _flat(message: EmailMessage) -> bytes:
    data = message.as_bytes()
    longest = max(data.split(b"\r\n"), key=len)
    if len(longest) > LINE_MAX:
        raise InputError(f"a header line is longer than {LINE_MAX} bytes: {longest[:40].decode()}…")
    return data


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
    plain = subject.isascii() and subject.isprintable() and "=?" not in subject
    return subject if plain and len(subject) <= _ONE_LINE_MAX else encoded_words(subject)


def encoded_words(text: str) -> str:
    """Return text as folded base64 words of at most 75 characters, no character cut in two (RFC 2047 §2, §5)."""
    chunks = [""]
    for character in text:
        if len((chunks[-1] + character).encode("utf-8", "replace")) > _WORD_BYTES:
            chunks.append("")
        chunks[-1] += character
    words = (b64encode(chunk.encode("utf-8", "replace")).decode() for chunk in chunks)
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def _list_headers(list_id: str, mailto: str | None, url: str | None, reader: str) -> dict[str, str]:
    ways = [f"<{_address(url)}>"] if url else []
    if mailto:
        subject = quote(f"unsubscribe {reader}", safe="")
        ways.append(
            f"<mailto:{quote(_mailbox(mailto, 'the unsubscribe address').address, safe='@+')}?subject={subject}>"
        )
    headers = {"List-Id": _list_id(list_id), "Precedence": "bulk"}
    if ways:
        headers["List-Unsubscribe"] = _joined(ways)
    if url and url.startswith("https://"):
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _joined(ways: list[str]) -> str:
    line = ", ".join(ways)
    return line if len(line) <= _ONE_LINE_MAX else ",\r\n ".join(ways)


def _address(url: str) -> str:
    if not (url.isascii() and url.isprintable()) or set(url) & set(' <>,"') or "://" not in url:
        raise InputError("the unsubscribe address must be a plain ASCII URL")
    return url


def _list_id(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise InputError("the list id must be one line of ASCII")
    return text if "<" in text else f"<{text}>"


# ── body ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _add_body(message: EmailMessage, letter: Letter, seed: str) -> None:
    if not _LANGUAGE.fullmatch(letter.lang):
        raise InputError(f"{letter.lang!r} is no language tag")
    _fill(message, letter.text, "plain")
    if letter.html is not None:
        # Not random, so that an edition can be made again byte by byte.
        message.make_alternative(boundary=f"=_{hashlib.sha256(seed.encode()).hexdigest()[:32]}")
        part = EmailMessage(policy=_POLICY)
        _fill(part, letter.html, "html")
        del part["MIME-Version"]
        message.attach(part)
    message["Content-Language"] = letter.lang


def _fill(part: EmailMessage, text: str, subtype: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    plain = _PLAIN.fullmatch(text) and all(len(line) <= 78 for line in text.split("\n"))
    part.set_content(text, subtype=subtype, charset="utf-8", cte="7bit" if plain else "base64")
