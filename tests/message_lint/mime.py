"""RFC 2045 and 2046: types, encodings, parts."""

import re
from base64 import b64decode
from quopri import decodestring

from tests.message_lint.entity import Entity, Faults, parameters, parsed

ENCODED_LINE_MAX = 76
HTML_MOST = 90 * 1024
"""Mail programs cut a longer part off: Gmail near 102 KB."""

_ENCODINGS = {"7bit", "quoted-printable", "base64"}
_ONCE = ("Content-Type", "Content-Transfer-Encoding", "Content-ID", "Content-Description", "Content-Language")
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")


def mime_faults(message: Entity) -> Faults:
    """The message's own MIME fields, then its body."""
    if message.all("MIME-Version") != ["1.0"]:
        yield "RFC 2045 §4: MIME-Version is not 1.0, once"
    yield from _entity_faults(message)


def _entity_faults(entity: Entity) -> Faults:
    for name in _ONCE:
        if len(entity.all(name)) > 1:
            yield f"RFC 2045 §3: {name} stands more than once"
    kind, encoding = parameters(entity.one("Content-Type") or ""), entity.one("Content-Transfer-Encoding") or "7bit"
    if kind is None:
        yield f"RFC 2045 §5.1: {entity.one('Content-Type')!r} is no media type"
    elif encoding not in _ENCODINGS:
        yield f"RFC 2045 §6.1: {encoding!r} is no encoding that every server takes"
    elif kind[0].startswith("multipart/"):
        yield from _multipart_faults(entity, *kind, encoding)
    elif kind[0] in {"text/plain", "text/html"}:
        yield from _text_faults(entity, *kind, encoding)
    else:
        yield f"RFC 2046 §5.1.4: {kind[0]} is not what our mails have"


# ── several parts ────────────────────────────────────────────────────────────────────────────────────────────────────


def _multipart_faults(entity: Entity, kind: str, options: dict[str, str], encoding: str) -> Faults:
    boundary = options.get("boundary", "")
    if encoding != "7bit":
        yield f"RFC 2045 §6.4: a multipart is encoded as {encoding}"
    if not _BOUNDARY.fullmatch(boundary):
        yield f"RFC 2046 §5.1.1: {boundary!r} is no boundary"
        return
    line = re.escape(f"--{boundary}".encode())
    pieces = re.split(rb"(?:\A|\r\n)" + line + rb"[ \t]*(?=\r\n|--)", entity.body)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        yield "RFC 2046 §5.1.1: the last boundary is missing"
        return
    parts = [parsed(piece.removeprefix(b"\r\n")) for piece in pieces[1:-1]]
    yield from _alternative_faults(kind, parts)
    for part in parts:
        yield from _entity_faults(part)


def _alternative_faults(kind: str, parts: list[Entity]) -> Faults:
    if kind != "multipart/alternative":
        yield f"RFC 2046 §5.1.4: {kind} instead of multipart/alternative"
    kinds = [(parameters(part.one("Content-Type") or "") or ("none",))[0] for part in parts]
    if kinds != ["text/plain", "text/html"]:
        yield f"RFC 2046 §5.1.4: the parts are {kinds}, not text and then HTML"


# ── one text ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _text_faults(entity: Entity, kind: str, options: dict[str, str], encoding: str) -> Faults:
    yield from _encoding_faults(entity.body, encoding)
    try:
        data = _decoded(entity.body, encoding)
        text = data.decode(options["charset"])
    except (KeyError, LookupError, ValueError):
        yield f"RFC 2046 §4.1.2: {kind} is not in the charset that it says ({options.get('charset')})"
        return
    if re.search(r"\r(?!\n)|(?<!\r)\n", text):
        yield f"RFC 2046 §4.1.1: a line of {kind} does not end with CRLF once it is decoded"
    if not text.strip():
        yield f"RFC 2046 §5.1.4: {kind} is empty"
    if kind == "text/html" and len(data) >= HTML_MOST:
        yield f"house: the HTML part has {len(data):,} bytes; mail programs cut it off"


def _encoding_faults(body: bytes, encoding: str) -> Faults:
    lines = body.split(b"\r\n")
    if encoding != "7bit" and max(map(len, lines)) > ENCODED_LINE_MAX:
        yield f"RFC 2045 §6.7, §6.8: a line of {encoding} is longer than {ENCODED_LINE_MAX}"
    if encoding == "base64" and not _BASE64.fullmatch(b"".join(lines)):
        yield "RFC 2045 §6.8: the body is no base64"
    if encoding == "quoted-printable" and re.search(rb"=(?![0-9A-F]{2}|\r\n)|[ \t]\r\n", body):
        yield "RFC 2045 §6.7: the body is no quoted-printable"


def _decoded(body: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return b64decode(body)
    return decodestring(body) if encoding == "quoted-printable" else body
