"""What the commands that try rules on the stored past have in common: the way there, samples, hits a day."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from monitor.cli.session import err, out
from monitor.core.model import Entry, Evidence
from monitor.store import past
from monitor.store.database import Database
from monitor.store.past import Past

BEFORE, BEHIND = 40, 60
"""Characters of a summary or content that are shown on both sides of the first word found."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The stored past from `since` to `now`: how many entries have texts, the first, and how many lost theirs."""

    since: datetime
    now: datetime
    entries: int
    first: datetime | None
    pruned: int

    def a_day(self, hits: int) -> float:
        """Return hits a day of what is stored: a store of two days must not look like a quiet month."""
        first = self.first or self.now
        return hits / max((self.now - max(self.since, first)) / DAY, 1.0)

    def notes(self, keep: int) -> Iterator[str]:
        """Say where there is less to see than was asked for; texts without a hit are kept for `keep` days."""
        if self.first is None:
            yield "nothing is stored of that time"
        elif self.first > self.since + DAY:
            yield f"the stored past is shorter: it begins on {self.first:%Y-%m-%d}, and figures a day are of that time"
        if self.pruned:
            yield (
                f"{self.pruned:,} older entries have lost their texts and are not counted "
                f"(without a hit they are kept for {keep} days: MONITOR_KEEP_CONTENT_DAYS)"
            )

    def record(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "since": self.since,
            "until": self.now,
            "read": self.entries,
            "first": self.first,
            "pruned": self.pruned,
        }


def span(db: Database, since: datetime, now: datetime) -> Span:
    """Measure what is stored."""
    kept = db.read_now(past.kept, since)
    return Span(since=since, now=now, entries=db.read_now(past.count, since), first=kept.first, pruned=kept.pruned)


def a_day(hits: float) -> str:
    """Write hits a day for a person: a rule that fires once a month is not one that never does."""
    return f"{hits:,.1f}" if hits >= 1 or not hits else f"{hits:.2f}"


@contextmanager
def progress(words: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal while the past is read; call it with how many more entries were read."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("entries"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(words, total=total)
        yield lambda count: bar.advance(task, count)


# ── samples ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Sample:
    """An entry that a rule found, and the words that show it."""

    past: Past
    evidence: tuple[Evidence, ...]

    @property
    def source(self) -> str:
        """Who speaks."""
        return self.past.origin.publisher.name if self.past.origin.publisher else self.past.origin.feed

    def record(self) -> dict[str, Any]:
        """Return it for programs."""
        found = self.past.found
        return {
            "entry": self.past.entry,
            "seen": self.past.seen,
            "source": self.source,
            "feed": self.past.origin.feed,
            "lang": found.lang,
            "title": found.title,
            "url": found.url,
            "evidence": [one._asdict() for one in self.evidence],
        }

    def line(self) -> Text:
        """Return it for a person, in one line, the words marked."""
        head = f"{self.past.seen:%d %b %H:%M}  {self.past.entry}  {self.past.found.lang or '–'}  {self.source}  "
        return Text(head, style="dim").append_text(_marked(self.past.found, self.evidence))


def _marked(found: Entry, evidence: Sequence[Evidence]) -> Text:
    titled = [one for one in evidence if one.field == "title"]
    title = _with_marks(found.title, 0, len(found.title), titled)
    seen = {one.text.casefold() for one in titled}
    elsewhere = [one for one in evidence if one.field != "title" and one.text.casefold() not in seen]
    if not elsewhere:
        return title
    field = elsewhere[0].field
    text: str = getattr(found, field)
    begin, end = max(0, elsewhere[0].start - BEFORE), min(len(text), elsewhere[0].end + BEHIND)
    inside = [one for one in elsewhere if one.field == field and one.end <= end]
    part = _with_marks(text, begin, end, inside)
    return (
        title.append(f"  {field}: ", style="dim")
        .append("…" * (begin > 0))
        .append_text(part)
        .append("…" * (end < len(text)))
    )


def _with_marks(text: str, begin: int, end: int, evidence: Sequence[Evidence]) -> Text:
    """Mark words by their look on a terminal, and by brackets where there is none."""
    made = Text(style="not dim")
    at = begin
    for one in sorted(evidence, key=lambda one: one.start):
        if one.start >= at:
            made.append(text[at : one.start])
            made.append(
                text[one.start : one.end] if out.is_terminal else f"[{text[one.start : one.end]}]", style="bold yellow"
            )
            at = one.end
    return made.append(text[at:end])
