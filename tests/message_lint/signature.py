"""RFC 6376: the form of a signature, what it covers, and the hash of the body. Whether it verifies needs the key."""

import hashlib
import re
from base64 import b64encode

from tests.message_lint.entity import HOST, Entity, Faults

COVERED = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
)
_TAGS = re.compile(r"\s*[A-Za-z]\w*\s*=[^;]*(?:;\s*[A-Za-z]\w*\s*=[^;]*)*;?\s*")
_FORMS = {
    "v": "1",
    "a": "rsa-sha256",
    "c": "(?:relaxed|simple)/(?:relaxed|simple)",
    "d": HOST,
    "s": HOST,
    "h": r"[!-9;-~]+(?::[!-9;-~]+)*",
    "bh": "[A-Za-z0-9+/]{43}=",
    "b": "[A-Za-z0-9+/]{342}==|[A-Za-z0-9+/]{683}=",  # of 2048 and of 4096 bits
    "t": "[0-9]{1,12}",
}


def signature_faults(message: Entity) -> Faults:
    """Every DKIM-Signature of a message."""
    for value in message.all("DKIM-Signature"):
        if not _TAGS.fullmatch(value):
            yield "RFC 6376 §3.2: the signature is no list of tags"
            continue
        yield from _tag_faults(message, value)


def _tag_faults(message: Entity, value: str) -> Faults:
    pairs = [part.partition("=") for part in value.rstrip("; \t").split(";")]
    tags = {name.strip(): re.sub(r"\s", "", text) for name, _, text in pairs}
    if len(tags) != len(pairs):
        yield "RFC 6376 §3.2: a tag stands twice"
    if "l" in tags:
        yield "RFC 6376 §8.2: the signature covers a part of the body only"
    wrong = [name for name, form in _FORMS.items() if not re.fullmatch(form, tags.get(name, ""))]
    if wrong:
        yield f"RFC 6376 §3.5: the tags {wrong} are missing or wrong"
        return
    yield from _coverage_faults(message, tags)
    if _body_hash(message.body, tags["c"].partition("/")[2]) != tags["bh"]:
        yield "RFC 6376 §3.7: the hash is not that of the body"


def _coverage_faults(message: Entity, tags: dict[str, str]) -> Faults:
    named = [name.lower() for name in tags["h"].split(":")]
    for name in COVERED:
        if named.count(name.lower()) < len(message.all(name)):
            yield f"RFC 6376 §5.4: {name} is not signed"
    if named.count("from") <= len(message.all("From")):
        yield "RFC 6376 §8.15: another From could be added"
    if not re.search(rf"@(?:.*\.)?{re.escape(tags['d'])}>?$", message.one("From") or "", re.IGNORECASE):
        yield f"RFC 7489 §3.1.1: the signature's domain {tags['d']} is not that of From"


def _body_hash(body: bytes, canonicalization: str) -> str:
    if canonicalization == "relaxed":
        body = re.sub(rb"[ \t]+", b" ", re.sub(rb"[ \t]+(?=\r\n)", b"", body))
    body = re.sub(rb"(?:\r\n)*\Z", b"\r\n", body, count=1)
    empty = canonicalization == "relaxed" and body == b"\r\n"
    return b64encode(hashlib.sha256(b"" if empty else body).digest()).decode()
