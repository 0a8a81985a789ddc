"""RFC 5322: lines, names and numbers of fields, dates, addresses, and the encoded words of RFC 2047 in them."""

import re
from base64 import b64decode
from datetime import datetime

from tests.message_lint.entity import ATOM, DOT_ATOM, HOST, QUOTED, Entity, Faults, Field

LINE_MAX, LINE_WISHED, WORD_MAX, WORD_LINE_MAX = 998, 78, 75, 76
ONCE = ("From", "Date", "Message-ID", "To", "Subject")
AT_MOST_ONCE = ("Sender", "Reply-To", "Cc", "Bcc", "In-Reply-To", "References", "Precedence")
ADDRESSES = ("From", "To", "Sender", "Reply-To", "Cc")
WITH_WORDS = ("Subject", "Comments", *ADDRESSES)  # RFC 2047 §5: text and phrases alone
MAY_BE_LONG = re.compile(r"list-.*|received|x-.*|return-path|delivered-to")  # unfolded on purpose, or not ours

WORD = re.compile(r"=\?([A-Za-z0-9-]+)\?([BbQq])\?([!->@-~]*)\?=")
_PHRASE_WORD = rf"(?:{ATOM}|{QUOTED})"
_ADDRESS = rf"(?:{DOT_ATOM}|{QUOTED})@{HOST}"
_MAILBOX = re.compile(
    rf"(?:(?:{_PHRASE_WORD}(?:[ \t]+{_PHRASE_WORD})*[ \t]*)?<(?P<angle>{_ADDRESS})>|(?P<bare>{_ADDRESS}))"
)
_DATE = re.compile(r"[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}")


def line_faults(data: bytes) -> Faults:
    """Ends and lengths of all lines."""
    if re.search(rb"\r(?!\n)|(?<!\r)\n", data):
        yield "RFC 5322 §2.3: CR or LF stands alone"
    if b"\0" in data or not data.isascii():
        yield "RFC 5322 §2.1: a byte is not US-ASCII, or is NUL"
    longest = max(map(len, data.split(b"\r\n")))
    if longest > LINE_MAX:
        yield f"RFC 5322 §2.1.1: a line has {longest} bytes"
    if not data.endswith(b"\r\n"):
        yield "RFC 5322 §2.3: the last line does not end"


def field_faults(message: Entity) -> Faults:
    """Names and lines of the fields, and how often each stands."""
    for field in message.fields:
        yield from _written(field)
    for name in ONCE:
        if len(message.all(name)) != 1:
            yield f"RFC 5322 §3.6: {name} stands {len(message.all(name))} times"
    for name in AT_MOST_ONCE:
        if len(message.all(name)) > 1:
            yield f"RFC 5322 §3.6: {name} stands more than once"


def _written(field: Field) -> Faults:
    if not re.fullmatch(r"[!-9;-~]+", field.name):
        yield f"RFC 5322 §2.2: {field.name!r} is no field name"
    if not re.fullmatch(r"(?:[\t -~]|\r\n(?=[ \t]))*", field.raw):
        yield f"RFC 5322 §2.2: {field.name} holds control characters"
    if any(not line.strip(" \t") for line in field.lines[1:]):
        yield f"RFC 5322 §3.2.2: {field.name} is folded into an empty line"
    too_long = any(len(line) > LINE_WISHED and " " in line.partition(": ")[2].strip() for line in field.lines)
    if too_long and not MAY_BE_LONG.fullmatch(field.key):
        yield f"RFC 5322 §2.1.1: {field.name} has a line of more than {LINE_WISHED} characters that could be folded"


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def value_faults(message: Entity) -> Faults:
    """Dates, Message-ID and addresses by their grammar."""
    if not _is_date(message.one("Date") or ""):
        yield f"RFC 5322 §3.3: {message.one('Date')!r} is no date"
    if not re.fullmatch(rf"<{DOT_ATOM}@(?:{DOT_ATOM}|\[[!-Z^-~]*\])>", message.one("Message-ID") or ""):
        yield f"RFC 5322 §3.6.4: {message.one('Message-ID')!r} is no Message-ID"
    for field in message.named(ADDRESSES):
        yield from _address_faults(field)


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        read = datetime.strptime(text, "%a, %d %b %Y %H:%M:%S %z")
    except ValueError:
        return False
    return read.strftime("%a") == text[:3]


def _address_faults(field: Field) -> Faults:
    found = _MAILBOX.fullmatch(field.value)
    if not found:
        yield f"RFC 5322 §3.4: {field.name} is no mailbox: {field.value!r}"
        return
    local, _, host = (found["angle"] or found["bare"]).rpartition("@")
    if len(local) > 64 or len(host) > 255:
        yield f"RFC 5321 §4.5.3.1: {field.name} has an address that is too long"


# ── encoded words ────────────────────────────────────────────────────────────────────────────────────────────────────


def word_faults(message: Entity) -> Faults:
    """Encoded words: where they may stand, how long, and whole in themselves (RFC 2047 §2, §5)."""
    for field in message.fields:
        tokens = [token for token in re.split(r"[ \t]+", field.value) if "=?" in token]
        may_have = field.name.lower() in {name.lower() for name in WITH_WORDS}
        for token in tokens:
            if may_have:
                yield from (f"{fault} in {field.name}: {token!r}" for fault in _token_faults(token))
            elif WORD.search(token):
                yield f"RFC 2047 §5: {field.name} may have no encoded word"
        if may_have and any(WORD.search(line) and len(line) > WORD_LINE_MAX for line in field.lines):
            yield f"RFC 2047 §2: a line of {field.name} with an encoded word is longer than {WORD_LINE_MAX}"


def _token_faults(token: str) -> Faults:
    found = WORD.fullmatch(token)
    if not found:
        yield "RFC 2047 §5: what begins like an encoded word is none, or is not set apart"
        return
    if len(token) > WORD_MAX:
        yield f"RFC 2047 §2: an encoded word has {len(token)} characters"
    charset, encoding, text = found.groups()
    try:
        decoded = b64decode(text, validate=True) if encoding in "Bb" else _q_decoded(text)
        decoded.decode(charset)
    except (ValueError, LookupError):
        yield "RFC 2047 §5: an encoded word does not hold whole characters"


def _q_decoded(text: str) -> bytes:
    if re.search("=(?![0-9A-F]{2})", text):
        raise ValueError(text)
    plain = text.replace("_", " ").encode()
    return re.sub(rb"=([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), plain)
