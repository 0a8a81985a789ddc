"""OPML 1.0 and 2.0, the form in which feed readers exchange their lists (opml.org/spec2.opml)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from itertools import groupby
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from monitor.core.model import FeedSpec, Press
from monitor.core.text import storable
from monitor.errors import InputError

MAX_BYTES = 10_000_000
MAX_DEPTH = 50
MAX_FEEDS = 5_000

NAMESPACE = "urn:ukraine-monitor:opml"
"""OPML 2.0 allows own attributes in a namespace: id, country and press kind, which it cannot hold otherwise."""

FOLDERS: Mapping[Press | None, str] = {
    Press.AGENCY: "News agencies",
    Press.STATE: "State press",
    Press.PUBLIC: "Public press",
    Press.PRIVATE: "Private press",
    Press.OFFICIAL: "Official",
    None: "Other",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed of a list. `folders` are those around it, the outermost first; `line` counts from 1."""

    url: str
    line: int
    title: str | None = None
    language: str | None = None
    id: str | None = None
    country: str | None = None
    press: str | None = None
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """An outline that is no feed, and why."""

    line: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What an OPML document lists, in its order."""

    outlines: tuple[Outline, ...]
    mistakes: tuple[Mistake, ...]


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def read_opml(data: bytes) -> Listed:
    """Read an OPML document. Raises InputError, with the line, where it is none or is hostile.

    Read by expat as a stream: no tree that could be too deep. A document type declaration ends it, and without one
    there are no entities but XML's own five.
    """
    if len(data) > MAX_BYTES:
        raise InputError(f"is larger than {MAX_BYTES // 1_000_000} MB")
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InputError(f"line {error.lineno}: is not well-formed XML: {expat.ErrorString(error.code)}") from None
    except (LookupError, ValueError) as error:  # an encoding that is unknown, or has more than one byte a letter
        raise InputError(f"is in an encoding that cannot be read: {error}") from None
    return Listed(outlines=tuple(reader.outlines), mistakes=tuple(reader.mistakes))


@dataclass(slots=True)
class _Reader:
    """Takes expat's events. `folders` holds a name for each open element that is an outline, else None."""

    parser: expat.XMLParserType = field(default_factory=expat.ParserCreate)
    outlines: list[Outline] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    open: list["_Open"] = field(default_factory=list)
    root: str | None = None

    def __post_init__(self) -> None:
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _doctype(self, *_: object) -> None:
        raise self._refusal("a document type declaration stands here; OPML has none")

    def _refusal(self, message: str) -> InputError:
        return InputError(f"line {self.parser.CurrentLineNumber}: {message}")

    def _start(self, name: str, written: dict[str, str]) -> None:
        if self.root is None:
            self.root = name.lower()
            if self.root != "opml":
                raise self._refusal(f"is no OPML: its root is <{name[:40]}>")
        if len(self.open) >= MAX_DEPTH:
            raise self._refusal(f"is nested deeper than {MAX_DEPTH} elements")
        if self.open:
            self.open[-1].has_inner = True
        attributes = {key.lower(): " ".join(storable(value).split()) for key, value in written.items()}
        label = attributes.get("text") or attributes.get("title")
        is_outline = name.lower() == "outline"
        here = _Open(label=label if is_outline else None, line=self.parser.CurrentLineNumber, is_outline=is_outline)
        self.open.append(here)
        if is_outline and (url := attributes.get("xmlurl")):
            here.is_feed = True
            self._take(url, attributes)

    def _take(self, url: str, attributes: Mapping[str, str]) -> None:
        if len(self.outlines) >= MAX_FEEDS:
            raise self._refusal(f"lists more than {MAX_FEEDS:,} feeds")
        self.outlines.append(
            Outline(
                url=url,
                line=self.parser.CurrentLineNumber,
                title=attributes.get("title") or attributes.get("text"),
                language=attributes.get("language"),
                folders=tuple(one.label for one in self.open[:-1] if one.label and not one.is_feed),
                **{name: attributes.get(f"monitor:{name}") for name in ("id", "country", "press")},
            )
        )

    def _end(self, _: str) -> None:
        done = self.open.pop()
        if done.is_outline and not done.is_feed and not done.has_inner and len(self.mistakes) < MAX_FEEDS:
            what = f'"{done.label[:60]}"' if done.label else "the outline"
            self.mistakes.append(Mistake(line=done.line, message=f"{what} has no xmlUrl, so it is no feed"))


@dataclass(slots=True)
class _Open:
    """An element that has begun."""

    label: str | None
    line: int
    is_outline: bool
    is_feed: bool = False
    has_inner: bool = False


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def write_opml(specs: Sequence[FeedSpec], *, title: str, now: datetime) -> str:
    """Return an OPML 2.0 document: a folder a press kind, in it one a country, and in these the feeds.

    Headers are left out: they may hold secrets.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:monitor="{NAMESPACE}">',
        f"  <head><title>{_text(title)}</title><dateCreated>{format_datetime(now)}</dateCreated></head>",
        "  <body>",
        *_folders(specs),
        "  </body>",
        "</opml>",
    ]
    return "\n".join(lines) + "\n"


def _folders(specs: Sequence[FeedSpec]) -> Iterator[str]:
    order = list(FOLDERS)
    ordered = sorted(specs, key=lambda spec: (order.index(spec.press), spec.country or "~"))
    for press, kind in groupby(ordered, key=lambda spec: spec.press):
        yield f'    <outline text="{FOLDERS[press]}">'
        for country, feeds in groupby(kind, key=lambda spec: spec.country):
            yield f'      <outline text="{country or "Other"}">'
            yield from (f"        {_outline(spec)}" for spec in feeds)
            yield "      </outline>"
        yield "    </outline>"


def _outline(spec: FeedSpec) -> str:
    attributes = {
        "type": "rss",
        "text": spec.title,
        "title": spec.title,
        "xmlUrl": spec.url,
        "language": spec.language,
        "monitor:id": spec.id,
        "monitor:country": spec.country,
        "monitor:press": spec.press,
    }
    return f"<outline {' '.join(f'{name}={_quoted(value)}' for name, value in attributes.items() if value)}/>"


def _quoted(value: str) -> str:
    return quoteattr(storable(value))


def _text(value: str) -> str:
    return storable(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
