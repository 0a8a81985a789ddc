"""From a body's bytes to text that a parser can be trusted with: its characters, its prolog, its entities."""

import codecs
import re
from dataclasses import dataclass

from monitor.core.model import Fetched
from monitor.core.parsing.charset import decode, detect
from monitor.errors import NotAFeedError, ParseError

_SIGNATURES = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00<\x00", "utf-16-be"),
    (b"<\x00", "utf-16-le"),
)
# Codecs of Python's that are no character sets, or that a document without a signature cannot be in.
_NO_CHARSETS = re.compile(r"utf[_-]?(?:16|32).*|.*(?:escape|punycode|idna|undefined|ucs).*", re.IGNORECASE)
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_IN_PROLOG = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_PROLOG_REACH = 400
_BAD_SHARE = 0.1
_BROKEN = "\ufffd"

_MISCELLANY = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_DELIMITER = re.compile(r"[\"'\[\]>]|<!--|<\?")
_CLOSERS = {'"': '"', "'": "'", "<!--": "-->", "<?": "?>"}
_ENTITY = re.compile(r"<!ENTITY\b", re.IGNORECASE)
# Short text or one character reference: nothing that grows when it is expanded again and again.
_HARMLESS_ENTITY = re.compile(
    r"<!ENTITY\s+(\w{1,40})\s+(?:\"(&#\w{1,8};|[^&<%\"]{0,64})\"|'(&#\w{1,8};|[^&<%'\"]{0,64})')\s*>"
)
_MAX_ENTITIES = 300
_ROOT = re.compile(r"<([\w:.-]+)")
_FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_PAGE_ROOTS = frozenset({"html", "head", "body"})
_FEED_START = re.compile(r"<\?xml\s|<(?:rss|feed|rdf:RDF)[\s>]")
_JUNK_REACH = 20_000
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_EACH_NOT_XML = tuple(map(chr, (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)))  # far quicker one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A body as text. `root` is the name of the outermost element in small letters, without its prefix."""

    text: str
    root: str = ""
    cut_off: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def is_json(self) -> bool:
        """Tell whether it is an object in JSON rather than XML."""
        return self.text.startswith("{")


def read_document(fetched: Fetched) -> Document:
    """Decode a body, and for XML make its prolog plain. Raises ParseError for an empty body and a web page."""
    text, warnings = _decode(fetched.body, fetched.content_type or "")
    text = text.lstrip("\ufeff\x00 \t\r\n")
    if not text:
        raise ParseError("empty")
    return Document(text=text, warnings=warnings) if text.startswith("{") else _read_xml(text, warnings)


def _decode(body: bytes, content_type: str) -> tuple[str, tuple[str, ...]]:
    """Decode by signature, UTF-8 where the bytes are that, declaration where the letters agree, and by the letters."""
    for signature, encoding in _SIGNATURES:
        if body.startswith(signature):
            return body.decode(encoding, "replace"), ()
    declared = _declared(body, content_type)
    if not body.isascii() and (text := _from_utf8(body)) is not None:
        other = [name for name in declared if name not in ("utf-8", "utf8")]
        return text, (f"declared as {other[0]}, but is UTF-8",) if other else ()
    if (nearly := _nearly_utf8(body)) is not None:
        return nearly, (f"{nearly.count(_BROKEN)} characters were not UTF-8",)
    for name in declared:
        if (text := decode(body, name)) is not None and (body.isascii() or detect(body, name) == name):
            return text, ()
    return _guess(body, declared)


def _declared(body: bytes, content_type: str) -> list[str]:
    """Return the character sets that the header and the prolog name, in the order of RFC 7303 §3.

    But Latin-1 comes last: servers add it to whatever they send, and it never fails to decode.
    """
    header = _IN_HEADER.search(content_type)
    prolog = _IN_PROLOG.match(body[:_PROLOG_REACH].lstrip())
    names = [header[1] if header else "", prolog[1].decode("ascii", "ignore") if prolog else ""]
    sound = [name.lower() for name in names if name and not _NO_CHARSETS.fullmatch(name)]
    return sorted(sound, key=lambda name: name == "iso-8859-1")


def _from_utf8(body: bytes) -> str | None:
    """Decode what is UTF-8, be it that a cut at the end split a character; None for anything else."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data" and error.end == len(body)
    return body.decode("utf-8", "replace") if cut else None


def _nearly_utf8(body: bytes) -> str | None:
    """Decode what is UTF-8 but for a few bytes: they must not turn a whole document into gibberish."""
    text = body.decode("utf-8", "replace")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text if 0 < text.count(_BROKEN) <= _BAD_SHARE * beyond_ascii else None


def _guess(body: bytes, declared: list[str]) -> tuple[str, tuple[str, ...]]:
    if body.isascii():
        return body.decode("ascii"), ()
    found = detect(body)
    said = f"not {declared[0]} as declared" if declared else "of no declared character set"
    return decode(body, found) or body.decode(found, "replace"), (f"{said}, read as {found}",)


def _read_xml(text: str, warnings: tuple[str, ...]) -> Document:
    told = list(warnings)
    if any(char in text for char in _EACH_NOT_XML):
        text = _NOT_XML.sub("", text)
        told.append("control characters removed")
    text, root = _from_root(text, told)
    name = root.rpartition(":")[2].lower()
    if name in _PAGE_ROOTS:
        raise NotAFeedError("is an HTML page, not a feed")
    return Document(text=text, root=name, cut_off=f"</{root}" not in text, warnings=tuple(told))


def _from_root(text: str, told: list[str]) -> tuple[str, str]:
    """Return the document with a prolog of our own making, and the name of its root element."""
    doctype, rest = _prolog(text, told)
    root = _ROOT.match(rest)
    if root is None or root[1].rpartition(":")[2].lower() not in _FEED_ROOTS | _PAGE_ROOTS:
        start = _FEED_START.search(rest, 0, _JUNK_REACH)
        if start and start.start():
            told.append("text before the feed left out")
            doctype, rest = _prolog(rest[start.start() :], told)
            root = _ROOT.match(rest)
    if root is None:
        raise NotAFeedError("is neither XML nor JSON")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{doctype}{rest}', root[1]


def _prolog(text: str, told: list[str]) -> tuple[str, str]:
    """Return a harmless document type declaration, and what follows the prolog."""
    rest = _after_miscellany(text)
    if rest[:9].upper() != "<!DOCTYPE":
        return "", rest
    doctype = rest[: _doctype_end(rest)]
    entities = _harmless(doctype, told)
    kind = " netscape" if "netscape" in doctype.lower() else ""
    plain = f"<!DOCTYPE feed{kind} [\n{entities}]>\n" if entities else f"<!DOCTYPE feed{kind}>\n" if kind else ""
    return plain, _after_miscellany(rest[len(doctype) :])


def _doctype_end(text: str) -> int:
    """Find where a document type declaration ends: at the first bracket outside of its internal subset."""
    place, inside = 0, False
    while found := _DELIMITER.search(text, place):
        mark, place = found[0], found.end()
        if mark == ">" and not inside:
            return place
        if mark in "[]":
            inside = mark == "["
        elif closer := _CLOSERS.get(mark):
            place = text.find(closer, place) + len(closer)
            if place < len(closer):
                break
    return text.find(">") + 1 or len(text)


def _after_miscellany(text: str) -> str:
    found = _MISCELLANY.match(text)
    return text[found.end() :] if found else text


def _harmless(doctype: str, told: list[str]) -> str:
    """Keep the declarations of entities that cannot blow up, one a line, as feedparser wants them."""
    kept = _HARMLESS_ENTITY.findall(doctype)[:_MAX_ENTITIES]
    if len(kept) < len(_ENTITY.findall(doctype)):
        told.append("entity declarations removed")
    return "".join(f'<!ENTITY {name} "{quoted or single}">\n' for name, quoted, single in kept)
