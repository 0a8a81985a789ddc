"""What others' test documents expect of a parser, in terms of the fields that we keep."""

import ast
import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.core.model import Fetched, ParsedFeed
from monitor.core.parsing import parse_feed
from monitor.core.parsing.entries import code_of
from monitor.core.text import plain_text
from monitor.errors import ParseError

CONFORMANCE = Path(__file__).parents[1] / ".." / "shared" / "data" / "conformance"
NOW = datetime(2026, 2, 18, 12, tzinfo=UTC)
BASE = "http://127.0.0.1:8097"

_HEADER = re.compile(rb"Header:\s*([\w-]+):\s*([^\r\n]+)")
_EXPECT = re.compile(r"Expect:\s*(.+?)\s*(?:\n|-->|$)")
_ENTRY = re.compile(r"entries\[(\d)\](.+)")
_KEPT_OF_FEED = {"title": "title", "title_detail.value": "title", "link": "url", "language": "lang"}
_KEPT_OF_ENTRY = {
    "title": "title",
    "title_detail.value": "title",
    "link": "url",
    "id": "guid",
    "guid": "guid",
    "description": "summary",
    "summary": "summary",
    "summary_detail.value": "summary",
    "content.0.value": "content",
    "author": "author",
    "source.title": "source_title",
    "published_parsed": "published",
    "updated_parsed": "updated",
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """A field of ours, that of an entry where `entry` is its number, and the value that it should have."""

    field: str
    entry: int | None
    value: object

    def holds(self, feed: ParsedFeed) -> bool:
        """Tell whether it holds; texts are compared as plain text, since HTML is kept as it was sent."""
        found = self.found(feed)
        if isinstance(self.value, tuple):
            return isinstance(found, datetime) and found.timetuple()[:6] == self.value[:6]
        if self.field == "lang":
            return found == code_of(str(self.value))
        return found == self.value or _spaced(found) == plain_text(str(self.value or ""))

    def found(self, feed: ParsedFeed) -> object:
        """Return what we have."""
        if self.entry is None:
            return getattr(feed, self.field)
        return getattr(feed.entries[self.entry], self.field) if self.entry < len(feed.entries) else None


def _spaced(text: object) -> str:
    return " ".join(str(text or "").split())


def members(archive: Path, wanted: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive by name."""
    with tarfile.open(archive) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() and member.name.startswith(wanted) else None
            if file:
                yield member.name, file.read()


def read(name: str, body: bytes) -> ParsedFeed | ParseError:
    """Parse a document as its server would have sent it: its comment may tell headers."""
    headers = {key.lower().decode(): value.strip().decode() for key, value in _HEADER.findall(body[:2_000])}
    fetched = Fetched(
        url=f"{BASE}/{name}",
        body=body,
        body_hash="",
        content_type=headers.get("content-type"),
        content_location=headers.get("content-location"),
    )
    try:
        return parse_feed(fetched, now=NOW)
    except ParseError as error:
        return error


def expectations(body: bytes) -> list[Expectation]:
    """Return what feedparser's comment expects of fields that we keep: one value, or several joined by "and"."""
    for encoding in ("utf-8", "utf-16", "utf-32", "latin-1"):
        try:
            found = _EXPECT.search(body.decode(encoding))
        except UnicodeError:
            continue
        if found:
            return list(_compared(found[1]))
    return []


def _compared(source: str) -> Iterator[Expectation]:
    try:
        tree = ast.parse(source.removeprefix("not bozo and "), mode="eval").body
    except SyntaxError:
        return
    for node in tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]:
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
            yield from _kept(ast.unparse(node.left), node.comparators[0])


def _kept(left: str, right: ast.expr) -> Iterator[Expectation]:
    try:
        value = ast.literal_eval(right)
    except ValueError:
        return
    number = _ENTRY.fullmatch(left)
    path = (number[2] if number else left.removeprefix("feed")).replace("']['", ".").replace("'][", ".")
    path = path.replace("]['", ".").strip("[].'")
    field = (_KEPT_OF_ENTRY if number else _KEPT_OF_FEED).get(path)
    if field and (number or left.startswith("feed")):
        yield Expectation(field, int(number[1]) if number else None, value)


# ── gofeed ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_GO_FIELDS = {
    "title": "title",
    "description": "summary",
    "summary": "summary",
    "content": "content",
    "link": "url",
    "content_html": "content",
    "url": "url",
    "guid": "guid",
    "id": "guid",
    "author": "author",
    "authors": "author",
    "publishedParsed": "published",
    "pubDateParsed": "published",
    "updatedParsed": "updated",
    "date_published": "published",
    "date_modified": "updated",
}


def pairs(archive: Path) -> Iterator[tuple[str, bytes, list[Expectation]]]:
    """Yield gofeed's documents with what the file beside each expects of fields that we keep."""
    files = dict(members(archive, "testdata/"))
    for name, body in files.items():
        stem, _, ending = name.rpartition(".")
        told = files.get(f"{stem}.json" if ending == "xml" else f"{stem}_expected.json")
        if told is not None and told != body:
            yield name, body, list(_of_gofeed(json.loads(told)))


def _of_gofeed(told: dict[str, object]) -> Iterator[Expectation]:
    for key, field in (("title", "title"), ("link", "url"), ("language", "lang")):
        if isinstance(told.get(key), str):
            yield Expectation(field, None, told[key])
    items = told.get("items", told.get("entries"))
    for number, item in enumerate(items if isinstance(items, list) else []):
        for key, value in item.items():
            if key in _GO_FIELDS and (bare := _bare(value)):
                yield Expectation(_GO_FIELDS[key], number, bare)


def _bare(value: object) -> object:
    """Return a value without gofeed's wrapping of persons, texts and dates."""
    if isinstance(value, list):
        return ", ".join(str(name) for one in value if (name := _bare(one)))
    if isinstance(value, dict):
        return value.get("name") or value.get("value")
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return datetime.fromisoformat(value).astimezone(UTC).timetuple()[:6]
    return value
