"""`parse` and `match`: single stages of the work, on a file, without database or settings."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import nullcontext
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from monitor.cli.session import Json, err, print_json, session, table
from monitor.clock import utc_now
from monitor.config import load_watched
from monitor.core.matching import match_entry
from monitor.core.model import DateFlag, Entry, Fetched, ParsedFeed, Provenance, Verdict
from monitor.core.parsing import parse_feed
from monitor.core.publishers import directory, publisher_alone
from monitor.core.records import KEYS, PASSED_OVER, entry_from_record, verdict_record
from monitor.errors import InputError, ParseError
from monitor.parsers.pool import Parsers


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("parse", epilog="Example: `run_monitor.py parse feed.xml --json`")(parse)
    app.command("match", epilog="Example: `run_monitor.py match entries.jsonl --json > verdicts.jsonl`")(match)


def parse(
    file: Path,
    *,
    url: Annotated[str, typer.Option(help="The document's address; relative links are read against it.")] = "",
    content_type: Annotated[str | None, typer.Option(help="The Content-Type that it came with.")] = None,
    as_json: Json = False,
) -> None:
    """Read one feed document and print its entries. As in the daemon, it may take 10 seconds and 512 megabytes."""
    body = _read(file)
    document = Fetched(url=url, body=body, body_hash=sha256(body).hexdigest(), content_type=content_type)
    try:
        feed = asyncio.run(_parsed(document))
    except ParseError as error:
        raise InputError(f"{file}: {error}") from error
    for warning in feed.warnings:
        typer.echo(f"{file}: {warning}", err=True)
    if as_json:
        for entry in feed.entries:
            print_json(_record(entry))
    else:
        table(("published (UTC)", "lang", "title"), [(_date(entry), entry.lang, entry.title) for entry in feed.entries])


async def _parsed(document: Fetched) -> ParsedFeed:
    async with Parsers() as parsers:
        return await parsers.call(parse_feed, document, now=utc_now())


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error


def _date(entry: Entry) -> str:
    return f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "-"


def _record(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.guid or entry.url or entry.keys[0],
        "title": entry.title,
        "summary": entry.summary,
        "summary_html": entry.summary_html,
        "content": entry.content,
        "content_html": entry.content_html,
        "url": entry.url,
        "author": entry.author,
        "published": entry.published,
        "updated": entry.updated,
        "lang": entry.lang,
        "date_flags": sorted(entry.date_flags),
    }


def match(context: typer.Context, file: Path, *, as_json: Json = False) -> None:
    """Judge entries (one JSON object a line: `id lang title summary content published source`) as they are read."""
    here = session(context)
    settings = here.settings()
    loaded = load_watched(settings.feeds, environ=here.environ, folder=settings.cache, kept=settings.packs)
    known = directory(loaded.feeds)
    for entry_id, entry in _entries(file):
        origin = Provenance(publisher=publisher_alone(entry, known))
        verdict = match_entry(loaded.watchlist, entry, now=utc_now(), origin=origin)
        if as_json:
            print_json(verdict_record(entry_id, verdict))
        else:
            typer.echo(_line(entry_id, entry, verdict))


def _line(entry_id: str, entry: Entry, verdict: Verdict) -> str:
    rules = " ".join(f"{match.kind}:{match.rule}" for match in verdict.matches)
    return f"{entry_id}\t{'relevant' if verdict.relevant else '-'}\t{rules}\t{entry.title}"


def _entries(file: Path) -> Iterator[tuple[str, Entry]]:
    try:
        size, stream = file.stat().st_size, file.open("rb")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from error
    odd: set[str] = set()
    with stream, Progress(console=err, transient=True) if err.is_terminal else nullcontext() as progress:
        task = progress.add_task("matching", total=size) if progress else None
        for number, line in enumerate(stream, 1):
            if progress and task is not None:
                progress.advance(task, len(line))
            if line.strip():
                record = _json_object(file, number, line)
                _warn(file, number, record, odd)
                yield _entry(file, number, record)


def _warn(file: Path, number: int, record: dict[str, object], odd: set[str]) -> None:
    """Say of each key that is passed over, where it stands first: a misspelt one would be missed in silence."""
    for key in record.keys() - KEYS - PASSED_OVER - odd:
        odd.add(key)
        typer.echo(f"{file}:{number}: {key!r} is passed over; known are: {' '.join(sorted(KEYS))}", err=True)


def _json_object(file: Path, number: int, line: bytes) -> dict[str, object]:
    try:
        record = json.loads(line)
    except UnicodeDecodeError as error:
        raise InputError(f"{file}:{number}: not UTF-8, at byte {error.start + 1} of the line") from error
    except json.JSONDecodeError as error:
        also = "; a feed document is for `parse`" if line.lstrip()[:1] == b"<" else ""
        raise InputError(f"{file}:{number}: not JSON: {error.msg.lower()} at column {error.colno}{also}") from error
    if not isinstance(record, dict):
        raise InputError(f"{file}:{number}: not a JSON object")
    return record


def _entry(file: Path, number: int, record: dict[str, object]) -> tuple[str, Entry]:
    try:
        entry = entry_from_record(record)
    except InputError as error:
        raise InputError(f"{file}:{number}: {error}") from error
    if DateFlag.UNREADABLE in entry.date_flags:
        typer.echo(f"{file}:{number}: the date {record['published']!r} cannot be read; titles count as today", err=True)
    return str(record["id"]), entry
