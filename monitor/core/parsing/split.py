"""A document as its items: each with a digest, so that only those are read that were not in the last document."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise

from monitor.core.model import NO_HINTS, Hints
from monitor.core.parsing.document import Document
from monitor.core.parsing.hints import read_hints
from monitor.core.parsing.jsonfeed import json_items, load_json_feed, read_json_feed
from monitor.core.parsing.raw import RawFeed
from monitor.core.parsing.xmlfeed import READER, read_xml_feed

DIGEST = 12
"""Bytes of an item's digest: among a million items two agree with a chance of 1 in 10^17."""

CONTEXT = 16
"""Bytes of the digest of what surrounds the items."""

# Comments, CDATA sections and processing instructions are passed over whole, to the end where they have none; the
# rest are the tags of items. Every part is possessive: the time grows with the length, whatever stands there.
_TOKEN = re.compile(
    r"<(?:!(?:--[^-]*+(?:-(?!->)[^-]*+)*+|\[CDATA\[[^\]]*+(?:\](?!\]>)[^\]]*+)*+)|\?[^?]*+(?:\?(?!>)[^?]*+)*+"
    r"|(?P<end>/?)(?P<name>item|entry|[\w.-]++:(?:item|entry))(?=[\s/>])[^<>]*+>)"
)
_COMMENT = r"<!--[^-]*+(?:-(?!->)[^-]*+)*+-->"
_BLANK = re.compile(rf"(?:\s++|{_COMMENT})*+")
# What changes at each building of a document and changes no item.
_PASSING = re.compile(
    rf"{_COMMENT}|<(?P<name>(?:[\w.-]++:)?(?:lastBuildDate|pubDate|updated|modified|date|ttl|generator))\b[^<>]*+>"
    r"[^<]*+</(?P=name)\s*+>|<items\b[^<>]*+>(?:[^<]++|<(?!/?items\b))*+</items\s*+>",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """A document and its items, in its order.

    `digests` are of the items, empty where the document can only be read as a whole. What an item says depends on it
    and on what `context` is the digest of: two documents with one context may share what is known of their items.
    `hints` say when to come again. `read` reads the items of these numbers with all that surrounds them, `whole` the
    document. `warnings` are those of the document itself.
    """

    context: bytes
    digests: tuple[bytes, ...]
    hints: Hints
    warnings: tuple[str, ...]
    read: Callable[[Sequence[int]], RawFeed]
    whole: Callable[[], RawFeed]


def split(document: Document, base: str, version: str) -> Pieces:
    """Cut a document into its items; `base` is its address, `version` that of the program that reads it.

    Raises ParseError for what is JSON and no feed.
    """
    made = f"{version}\0{READER}\0{base}"
    return _split_json(document, base, made) if document.is_json else _split_xml(document, base, made)


def _split_xml(document: Document, base: str, made: str) -> Pieces:
    text, spans = document.text, [] if document.cut_off else _spans(document.text)
    head, tail = (text[: spans[0][0]], text[spans[-1][1] :]) if spans else ("", "")

    def read(numbers: Sequence[int]) -> RawFeed:
        items = (text[start:end] for start, end in map(spans.__getitem__, numbers))
        return read_xml_feed(replace(document, text="".join((head, *items, tail))), base)

    return Pieces(
        context=_digest("\0".join((made, _lasting(head), _lasting(tail))), CONTEXT),
        digests=tuple(_digest(text[start:end], DIGEST) for start, end in spans),
        hints=read_hints(document.text),
        warnings=document.warnings,
        read=read,
        whole=lambda: read_xml_feed(document, base),
    )


def _lasting(envelope: str) -> str:
    return _PASSING.sub("", envelope).strip()


def _spans(text: str) -> list[tuple[int, int]]:
    """Find where the items stand; none where they nest, or do not stand side by side."""
    spans: list[tuple[int, int]] = []
    opened: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        if token.lastindex is None:
            continue
        end, name = token.groups()
        if end:
            if opened is None or opened["name"] != name:
                return []
            spans.append((opened.start(), token.end()))
            opened = None
        elif opened is not None:
            return []
        elif token[0].endswith("/>"):
            spans.append(token.span())
        else:
            opened = token
    return spans if opened is None and all(_apart(text, *pair) for pair in pairwise(spans)) else []


def _apart(text: str, one: tuple[int, int], other: tuple[int, int]) -> bool:
    return _BLANK.fullmatch(text, one[1], other[0]) is not None


def _split_json(document: Document, base: str, made: str) -> Pieces:
    feed = load_json_feed(document.text)
    items = json_items(feed)
    around = {name: value for name, value in feed.items() if name != "items"}
    try:
        text, *texts = map(_written, (around, *items))
    except RecursionError:  # writing reaches less deep than reading
        text, texts = "", []

    def read(numbers: Sequence[int]) -> RawFeed:
        found = read_json_feed(feed, [items[number] for number in numbers], base)
        return replace(found, warnings=(*document.warnings, *found.warnings))

    return Pieces(
        context=_digest(made + text, CONTEXT),
        digests=tuple(_digest(written, DIGEST) for written in texts),
        hints=NO_HINTS,
        warnings=read(()).warnings,
        read=read,
        whole=lambda: read(range(len(items))),
    )


def _written(value: Mapping[str, object]) -> str:
    return json.dumps(value, sort_keys=True)


def _digest(text: str, size: int) -> bytes:
    return sha256(text.encode("utf-8", "replace")).digest()[:size]
