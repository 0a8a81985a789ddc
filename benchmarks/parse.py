"""What reading a feed document costs, beside feedparser whole and beside what no reader can be quicker than.

Ours reads the document whole; as one that changed and brings nothing new; and with two new items on top, after the
document without them. The documents are invented (50 entries, about 93 KB, RSS and Atom, six languages), and real ones
where `../shared/data/feeds` is beside the repository. A figure is the CPU time of a document: the mean over all in the
best of the laps; the ways take turns. A real document that cannot be read in part counts as what it is, a whole one.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from statistics import mean
from time import monotonic, process_time
from xml.parsers import expat

import feedparser
from rich.console import Console
from rich.table import Table

from benchmarks.loopback.documents import document
from benchmarks.tables import plain_table
from monitor.core.model import Fetched
from monitor.core.parsing import parse_feed, parse_news
from monitor.errors import ParseError

REAL = Path(__file__).parents[1] / ".." / "shared" / "data" / "feeds"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "https://outlet.example/feed"
SHIPPED = "feedparser as shipped"
FEWEST_ITEMS = 5
"""Real documents with fewer items are left out: two of them would be no news but the whole."""

NEW = 2
EXAMPLES = """examples:
  python -m benchmarks.parse
  python -m benchmarks.parse --laps 1 --real 20 --json
  python -m benchmarks.parse --real 0 --entries 200
"""
_ITEM = re.compile(rb"<(item|entry)[\s>].*?</\1\s*>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A document, and what was known after the one before it: all, or all but the newest two."""

    fetched: Fetched
    all_known: bytes | None
    new_on_top: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """CPU milliseconds a document; `times_shipped` is how many times quicker that is than feedparser as shipped."""

    documents: str
    way: str
    number: int
    kilobytes: float
    cpu_ms: float
    times_shipped: float


def feedparser_plain(sample: Sample) -> None:
    """Read with feedparser set as we set it: nothing is sanitised, no address in a text resolved."""
    feedparser.parse(BytesIO(sample.fetched.body), sanitize_html=False, resolve_relative_uris=False)


def bare_expat(sample: Sample) -> None:
    """Let expat go through the document, without a single handler."""
    try:
        expat.ParserCreate().Parse(sample.fetched.body, True)
    except expat.ExpatError:
        return


WAYS: dict[str, Callable[[Sample], object]] = {
    "ours, whole": lambda sample: parse_feed(sample.fetched, now=NOW),
    "ours, nothing new": lambda sample: parse_news(sample.fetched, sample.all_known, now=NOW),
    f"ours, {NEW} new": lambda sample: parse_news(sample.fetched, sample.new_on_top, now=NOW),
    SHIPPED: lambda sample: feedparser.parse(BytesIO(sample.fetched.body)),
    "feedparser, our settings": feedparser_plain,
    "limit: expat without handlers": bare_expat,
    "limit: sha256": lambda sample: sha256(sample.fetched.body).digest(),
}


def sample_of(body: bytes) -> Sample:
    """Read a document and the one before it. Raises ParseError for what is no feed."""
    fetched = Fetched(url=URL, body=body, body_hash="")
    before = Fetched(url=URL, body=_ITEM.sub(b"", body, count=NEW), body_hash="")
    return Sample(
        fetched=fetched,
        all_known=parse_news(fetched, now=NOW).outline,
        new_on_top=parse_news(before, now=NOW).outline,
    )


def invented(entries: int) -> list[Sample]:
    """Make documents: every language, RSS and Atom."""
    return [sample_of(document(feed, 0, entries)) for feed in range(12)]


def real(most: int) -> Iterator[Sample]:
    """Yield recorded documents, in XML and large enough."""
    found = 0
    for path in sorted(REAL.rglob("*")) if REAL.is_dir() else ():
        if found == most:
            return
        body = path.read_bytes() if path.is_file() else b""
        if len(_ITEM.findall(body)) >= FEWEST_ITEMS:
            try:
                yield sample_of(body)
            except ParseError:
                continue
            found += 1


def read_in_part(samples: Sequence[Sample]) -> int:
    """Count the documents of which nothing is read where nothing is new."""
    return sum(not parse_news(sample.fetched, sample.all_known, now=NOW).entries for sample in samples)


def measure(samples: Sequence[Sample], laps: int, end: float) -> dict[str, float]:
    """Return the seconds a document of each way's best lap; a lap is not begun after `end`, but for the first."""
    best: dict[str, float] = {}
    for lap in range(laps):
        for name, way in WAYS.items():
            if lap and monotonic() > end:
                return best
            begun = process_time()
            for sample in samples:
                way(sample)
            best[name] = min(best.get(name, 1e9), (process_time() - begun) / len(samples))
    return best


def rows_of(name: str, samples: Sequence[Sample], spent: dict[str, float]) -> list[Row]:
    """Return the figures of one kind of documents."""
    return [
        Row(
            documents=name,
            way=way,
            number=len(samples),
            kilobytes=mean(len(sample.fetched.body) for sample in samples) / 1e3,
            cpu_ms=seconds * 1e3,
            times_shipped=spent[SHIPPED] / seconds,
        )
        for way, seconds in spent.items()
    ]


def table(rows: Sequence[Row]) -> Table:
    """Lay out the ways for a person."""
    found = plain_table(f"{rows[0].documents} documents", "CPU ms", "× shipped", words=1)
    for row in rows:
        found.add_row(row.way, f"{row.cpu_ms:.3f}", f"{row.times_shipped:,.1f}")
    return found


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=EXAMPLES
    )
    parser.add_argument("--entries", type=int, default=50, help="entries of an invented document (default 50)")
    parser.add_argument("--real", type=int, default=80, help="real documents, at most (default 80)")
    parser.add_argument("--laps", type=int, default=7, help="how often each way is measured, at most (default 7)")
    parser.add_argument("--max-seconds", type=float, default=120, help="no lap is begun after these (default 120)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    options = parser.parse_args()
    if min(options.entries, options.laps) < 1 or options.real < 0:
        parser.error("sizes begin at 1")
    return options


def main() -> None:
    """Measure and print."""
    options = parse_arguments()
    kinds = {"invented": invented(options.entries), "real": list(real(options.real))}
    rows: list[Row] = []
    console = Console(highlight=False, soft_wrap=True)
    for name, samples in kinds.items():
        if not samples:
            continue
        found = rows_of(name, samples, measure(samples, options.laps, monotonic() + options.max_seconds / 2))
        rows += found
        if not options.json:
            parts = read_in_part(samples)
            size = f"{found[0].kilobytes:.0f} KB each"
            console.print(f"{len(samples)} {name} documents, {size}; {parts} of them can be read in part")
            console.print(table(found))
    if options.json:
        print(json.dumps({"rows": [asdict(row) for row in rows]}))


if __name__ == "__main__":
    main()
