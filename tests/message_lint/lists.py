"""What a mail says of itself to programs: RFC 2369, 2919 and 8058 for lists, RFC 3834 and 3282 for all."""

import re

from tests.message_lint.entity import ATOM, DOT_ATOM, QUOTED, Entity, Faults

_URI = re.compile(r"(?P<scheme>https?|mailto):(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+;=-]|%[0-9A-Fa-f]{2})+")
_LIST_ID = re.compile(rf"(?:(?:{ATOM}|{QUOTED})(?:[ \t]+(?:{ATOM}|{QUOTED}))*[ \t]*)?<(?P<id>{DOT_ATOM})>")
_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_POST = "List-Unsubscribe=One-Click"


def program_faults(message: Entity) -> Faults:
    """Fields that every mail of ours has."""
    if message.all("Auto-Submitted") != ["auto-generated"]:
        yield "RFC 3834 §5: Auto-Submitted is not auto-generated, once"
    if not (len(message.all("Content-Language")) == 1 and _TAG.fullmatch(message.one("Content-Language") or "")):
        yield "RFC 3282 §2: Content-Language is not one language tag"


def list_faults(message: Entity) -> Faults:
    """List fields: all that are needed or none, each once, on one line, unencoded."""
    fields = [field for field in message.fields if field.key.startswith("list-")]
    if not fields:
        if message.all("Precedence"):
            yield "house: Precedence on a mail to one person"
        return
    for field in fields:
        if len(message.all(field.name)) > 1:
            yield f"RFC 2369 §3: {field.name} stands more than once"
        if "\r\n" in field.raw or "=?" in field.raw:
            yield f"house: {field.name} is folded or encoded, which mail programs do not read"
    yield from _list_id_faults(message)
    yield from _unsubscribe_faults(message)


def _list_id_faults(message: Entity) -> Faults:
    found = _LIST_ID.fullmatch(message.one("List-Id") or "")
    if not found or "." not in found["id"] or len(found["id"]) > 255:
        yield f"RFC 2919 §2: {message.one('List-Id')!r} is no List-Id"
    if message.one("Precedence") != "bulk":
        yield "house: a mail to a list says Precedence: bulk"


def _unsubscribe_faults(message: Entity) -> Faults:
    value = message.one("List-Unsubscribe") or ""
    if not re.fullmatch(r"<[^<>\s]+>(?:,[ \t]*<[^<>\s]+>)*", value):
        yield f"RFC 2369 §2: {value!r} is no list of <URL>s"
        return
    uris = re.findall(r"<([^<>]+)>", value)
    schemes = [found["scheme"] for uri in uris if (found := _URI.fullmatch(uri))]
    if len(schemes) != len(uris):
        yield f"RFC 3986 §2: {value!r} holds what is no URI"
    if "mailto" not in schemes and len(value) < 900:
        yield "house: List-Unsubscribe has no mailto form"
    yield from _one_click_faults(message.one("List-Unsubscribe-Post"), schemes.count("https"))


def _one_click_faults(post: str | None, ways: int) -> Faults:
    if post is not None and post != _POST:
        yield f"RFC 8058 §3.1: List-Unsubscribe-Post is {post!r}"
    if post is not None and ways != 1:
        yield f"RFC 8058 §3.1: List-Unsubscribe-Post beside {ways} https addresses"
    if post is None and ways:
        yield "RFC 8058 §3.1: an https address without List-Unsubscribe-Post"
