"""What docs/editing.md shows, as data: recipes, queries, mistakes, and the invented entries that it tries them on."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from monitor.core.model import Entry, FeedSpec, Provenance
from monitor.core.publishers import own_publisher

PAGE = Path(__file__).parents[2] / "docs" / "editing.md"
TEXT = PAGE.read_text(encoding="utf-8")
_STAND_IN = "https://{}/news/1"


class Sample(NamedTuple):
    """An invented entry, and whether what stands above it must find it."""

    text: str
    found: bool


class Recipe(NamedTuple):
    """A recipe: its heading, the piece of feeds.yaml, and what it is tried on."""

    heading: str
    yaml: str
    samples: tuple[Sample, ...]


class Operator(NamedTuple):
    """A row of the table of operators."""

    query: str
    samples: tuple[Sample, ...]


class Wrong(NamedTuple):
    """A file with mistakes, and what is said of it."""

    yaml: str
    told: str


def part(heading: str) -> str:
    """Return what stands under a heading, down to the next of its rank."""
    start = TEXT.index(f"\n{heading}\n") + len(heading) + 2
    rank = len(heading.split(" ", maxsplit=1)[0])
    following = re.search(rf"^#{{2,{rank}}} ", TEXT[start:], re.MULTILINE)
    return TEXT[start : start + following.start()] if following else TEXT[start:]


def recipes() -> list[Recipe]:
    """Return every recipe of the guide."""
    pieces = re.split(r"^### (\d+\. .+)\n", part("## Recipes"), flags=re.MULTILINE)[1:]
    return [
        Recipe(heading, _yaml(body), tuple(_lines(body))) for heading, body in zip(*[iter(pieces)] * 2, strict=True)
    ]


def _yaml(body: str) -> str:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", body, re.MULTILINE | re.DOTALL)
    return str(block)


def _lines(body: str) -> Iterator[Sample]:
    for negated, text in re.findall(r"^- (does not match|matches): (.+)$", body, re.MULTILINE):
        yield Sample(text, negated == "matches")


def operators() -> list[Operator]:
    """Return the rows of the table of operators."""
    return [
        Operator(query.replace(r"\|", "|"), (*_cell(finds, found=True), *_cell(misses, found=False)))
        for query, finds, misses in re.findall(
            r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", part("### Operators"), re.MULTILINE
        )
    ]


def _cell(cell: str, *, found: bool) -> Iterator[Sample]:
    yield from (Sample(text.strip(), found) for text in cell.split(" · "))


def refused() -> list[str]:
    """Return the queries that the guide says are refused."""
    return re.findall(r"^\| `([^`]+)` \|", part("### What is refused"), re.MULTILINE)


def wrong_files() -> list[Wrong]:
    """Return the files with mistakes that the guide shows, with their messages."""
    found = re.findall(r"^```yml\n(.*?)^```[^`]*```text\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return [Wrong(yaml, told) for yaml, told in found]


def entry_of(text: str, feeds: Mapping[str, FeedSpec]) -> tuple[Entry, Provenance]:
    """Return the entry that a sample describes: `(language, feed's id or host) headline // text below it`."""
    marks, body = re.fullmatch(r"(?:\(([^)]*)\) )?(.+)", text, re.DOTALL).groups()  # type: ignore[union-attr]  # matches any line
    language, *places = (marks or "en").split(", ")
    title, _, summary = body.partition(" // ")
    host = next((place for place in places if place not in feeds), "")
    assert "." in host or not host, f"no feed and no host: {host}"
    feed = next((feeds[place] for place in places if place in feeds), None)
    entry = Entry(
        keys=(text,),
        key_version=1,
        title=title,
        summary=summary,
        fingerprint="",
        lang=language,
        url=_STAND_IN.format(host) if host else None,
    )
    return entry, Provenance(feed=feed.id, publisher=own_publisher(feed)) if feed else Provenance()
