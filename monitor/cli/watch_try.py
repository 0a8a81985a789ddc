"""`watch test`: what a new rule would have found in the stored past."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from math import ceil
from typing import Annotated, Any

import typer

from monitor.cli.past import Sample, Span, a_day, progress, span
from monitor.cli.session import Json, out, print_json, session, table
from monitor.cli.since import Since, moment
from monitor.cli.watch_explain import checked
from monitor.clock import utc_now
from monitor.core.query.format import format as written
from monitor.core.query.matcher import Matcher, compile_query
from monitor.core.query.tree import Node, Not, Rule, Term, children
from monitor.scan import Wakes, pages
from monitor.storage import open_database
from monitor.store.database import Database

LISTED = 10
"""So many sources are listed."""

WORDS = 8
"""So many words of a rule that found nothing are looked for by themselves."""

BAR = 40
"""Columns of the longest bar."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "test",
        epilog="Examples: `run_monitor.py watch test 'drone NEAR/5 refinery'`, "
        "`run_monitor.py watch test '\"grain deal\" OR Getreideabkommen' --since 12h --json`",
    )(try_out)


@dataclass(slots=True)
class Tally:
    """What was found, as it is counted."""

    newest: deque[Sample]
    hits: int = 0
    elsewhere: int = 0
    days: Counter[date] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)

    def add(self, sample: Sample) -> None:
        """Count an entry that was found; they come in the order in which they were stored."""
        self.hits += 1
        self.days[sample.past.seen.date()] += 1
        self.sources[sample.source] += 1
        self.languages[sample.past.found.lang or ""] += 1
        self.newest.append(sample)


def try_out(
    context: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A rule in the watch language, in quotes.")],
    *,
    since: Since = "30d",
    everywhere: Annotated[bool, typer.Option("--everywhere", help="As with `scope: none`: not only the war.")] = False,
    samples: Annotated[int, typer.Option(min=0, max=1000, help="How many of the newest entries are shown.")] = 10,
    as_json: Json = False,
) -> None:
    """Try a new rule on the stored past before it is saved: how much it would have found, and what.

    It counts entries about the war, as a topic does; with `--everywhere` all of them, as a topic with `scope: none`.
    """
    here = session(context)
    settings = here.settings()
    now = utc_now()
    then = moment(since, now)
    node = checked(query, here.configuration(settings))
    db = open_database(settings)
    try:
        stored = span(db, then, now)
        tally = _found(db, compile_query(node), stored, samples=samples, everywhere=everywhere)
        alone = {} if tally.hits else _by_themselves(db, node, stored, everywhere=everywhere)
    finally:
        db.close()
    if as_json:
        print_json(_record(query, node, stored, tally, everywhere=everywhere) | {"alone": alone})
        return
    _show(node, stored, tally, keep=settings.keep_content_days, everywhere=everywhere)
    if len(alone) > 1:
        out.print("by themselves: " + ", ".join(f"{part} {hits:,}" for part, hits in alone.items()), markup=False)


def wakes_of(matcher: Matcher) -> Wakes:
    """Return what an entry must have to be asked. Where it comes from is not read on the way: then all are asked."""
    return Wakes(
        forms=matcher.forms,
        rules=matcher.rules,
        always=matcher.always or bool(matcher.facts),
        named=len(matcher.watchlist.rules) > 1,
    )


def _found(db: Database, matcher: Matcher, stored: Span, *, samples: int, everywhere: bool) -> Tally:
    tally = Tally(newest=deque(maxlen=samples))
    with progress("reading the past", stored.entries) as advance:
        for page in pages(db, wakes_of(matcher), stored.since):
            for one in page.woken:
                evidence = matcher.match(one.found, one.origin, page.named.get(one.entry, ()))
                if evidence is None:
                    continue
                if everywhere or one.relevant:
                    tally.add(Sample(one, evidence))
                tally.elsewhere += not one.relevant
            advance(page.read)
    return tally


def _by_themselves(db: Database, node: Node, stored: Span, *, everywhere: bool) -> Mapping[str, int]:
    """Count for each word and rule that is asked for how many entries have it: one that none has is a slip mostly."""
    parts = islice(dict.fromkeys(_asked(node)), WORDS)
    return {
        written(part): _found(db, compile_query(part), stored, samples=0, everywhere=everywhere).hits for part in parts
    }


def _asked(node: Node) -> Iterator[Node]:
    if isinstance(node, Term | Rule):
        yield node
    elif not isinstance(node, Not):
        for part in children(node):
            yield from _asked(part)


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


def _record(query: str, node: Node, stored: Span, tally: Tally, *, everywhere: bool) -> dict[str, Any]:
    return {
        "query": query,
        "canonical": written(node),
        **stored.record(),
        "everywhere": everywhere,
        "hits": tally.hits,
        "elsewhere": tally.elsewhere,
        "a_day": round(stored.a_day(tally.hits), 2),
        "days": [{"day": f"{day}", "hits": hits} for day, hits in _days(tally, stored)],
        "sources": _counted(tally.sources),
        "languages": _counted(tally.languages),
        "samples": [sample.record() for sample in reversed(tally.newest)],
    }


def _counted(counter: Counter[str]) -> Mapping[str, int]:
    return dict(counter.most_common())


def _show(node: Node, stored: Span, tally: Tally, *, keep: int, everywhere: bool) -> None:
    out.print(f"rule: {written(node)}", markup=False)
    about = "" if everywhere else " about the war"
    out.print(
        f"{tally.hits:,} of {stored.entries:,} entries since {stored.since:%Y-%m-%d %H:%M} (UTC){about}: "
        f"{a_day(stored.a_day(tally.hits))} a day"
    )
    if tally.elsewhere:
        of = "of these are" if everywhere else "more are"
        out.print(
            f"{tally.elsewhere:,} {of} not about the war" + ("" if everywhere else " (--everywhere: `scope: none`)")
        )
    for note in stored.notes(keep):
        out.print(note, markup=False)
    if not tally.hits:
        return
    out.print()
    _show_days(list(_days(tally, stored)))
    for name, counter in (("source", tally.sources), ("language", tally.languages)):
        out.print()
        table((name, "hits"), [(key or "unknown", f"{hits:,}") for key, hits in counter.most_common(LISTED)])
        if len(counter) > LISTED:
            out.print(f"and {len(counter) - LISTED} more")
    if tally.newest:
        out.print("\nthe newest:")
        for sample in reversed(tally.newest):
            out.print(sample.line())


def _days(tally: Tally, stored: Span) -> Iterator[tuple[date, int]]:
    """Yield every day of the past, those without a hit too."""
    day = max(stored.since, stored.first or stored.now).date()
    while day <= stored.now.date():
        yield day, tally.days[day]
        day += timedelta(days=1)


def _show_days(days: Sequence[tuple[date, int]]) -> None:
    most = max(hits for _, hits in days)
    rows = [(day, f"{hits:,}", "█" * ceil(hits / most * BAR)) for day, hits in days]
    if out.is_terminal:
        table(("day (UTC)", "hits", ""), rows)
    else:
        table(("day (UTC)", "hits"), [row[:2] for row in rows])
