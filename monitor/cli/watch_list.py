"""`watch list`: every watched actor and topic, and how often it finds something."""

from collections.abc import Sequence
from typing import Annotated

import typer

from monitor.cli.session import Json, ago, err, out, print_json, session, span, table
from monitor.cli.watch_activity import Activity, Figures, Mark, State, activities, look, removed
from monitor.clock import utc_now
from monitor.core.model import RuleKind
from monitor.errors import InputError, StoreError
from monitor.settings import Settings
from monitor.storage import open_database
from monitor.store.activity import DAY
from monitor.store.database import sqlite_file

DAYS = 28
_BLOCKS = "▁▂▃▄▅▆▇█"
_KINDS = [str(RuleKind.ACTOR), str(RuleKind.TOPIC)]


def register(app: typer.Typer) -> None:
    """Add the command."""
    examples = "`run_monitor.py watch list`, `run_monitor.py watch list --kind topic --never`"
    app.command("list", epilog=f"Examples: {examples}, `run_monitor.py watch list --days 7 --json`")(list_rules)


def list_rules(
    context: typer.Context,
    *,
    days: Annotated[int, typer.Option(min=1, max=366, help="Over so many days.")] = DAYS,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only actors, or only topics: actor, topic.")] = None,
    never: Annotated[bool, typer.Option("--never", help="Only rules that never fire.")] = False,
    always: Annotated[bool, typer.Option("--always", help="Only rules that fire on nearly everything.")] = False,
    gone: Annotated[bool, typer.Option("--removed", help="Rules with hits that the file has no more.")] = False,
    as_json: Json = False,
) -> None:
    """List the watched actors and topics with their ids, and how many hits a day each has among the news.

    A rule is measured since it is as it is: one that was edited yesterday, over a day. Entries of a feed's first poll
    (history) and those that a re-match found are no news, and are told apart. A rule never fires, or fires on nearly
    everything (60 % of the entries that concern the war; of all, where its topic has no scope), once it has read 100.
    """
    if kind not in {None, *_KINDS}:
        raise InputError(f"unknown kind {kind!r}: one of {', '.join(_KINDS)}")
    here = session(context)
    settings = here.settings()
    spec = here.configuration(settings).watch
    figures = _figures(settings, days)
    marks = {mark for mark, wanted in ((Mark.NEVER, never), (Mark.ALWAYS, always)) if wanted}
    found = [
        one
        for one in (removed(spec, figures) if gone and figures else () if gone else activities(spec, figures))
        if kind in {None, one.kind} and (not marks or one.mark in marks)
    ]
    if as_json:
        for one in found:
            print_json(_record(one))
    else:
        _show(found, figures)


def _figures(settings: Settings, days: int) -> Figures | None:
    """Ask the database; where there is none, or it does not answer, say so: ids and labels are known without it."""
    file = sqlite_file(settings.database)
    if file is not None and not file.exists():
        err.print("there is no database yet: ids and labels alone", markup=False)
        return None
    try:
        db = open_database(settings)
    except StoreError as error:
        err.print(f"ids and labels alone, since the database does not answer: {error}", markup=False)
        return None
    try:
        return db.read_now(look, utc_now(), days)
    finally:
        db.close()


def _record(one: Activity) -> dict[str, object]:
    return {
        "kind": one.kind,
        "id": one.id,
        "label": one.label,
        "state": one.state.name.lower(),
        "mark": one.mark.name.lower(),
        "per_day": one.per_day,
        "measured_s": one.measured,
        "hits": one.hits,
        "read": one.read,
        "share": one.share,
        "history": one.history,
        "rematched": one.rematched,
        "last": one.last,
        "days": one.days,
    }


def _show(found: Sequence[Activity], figures: Figures | None) -> None:
    if figures is None:
        table(("kind", "id", "label"), [(one.kind, one.id, one.label) for one in found])
        return
    out.print(_coverage(figures), markup=False)
    trend = out.is_terminal
    columns = ("kind", "id", "label", "a day", *((f"{figures.days} days",) if trend else ()), "last hit", "")
    table(columns, [_row(one, figures, trend=trend) for one in found])


def _coverage(figures: Figures) -> str:
    """Say how many days there are to measure."""
    if figures.begun is None:
        return "no entry is stored yet"
    age = figures.now - figures.begun
    read = figures.read[figures.since]
    days = (
        f"{figures.days} days" if age >= DAY * figures.days else f"{span(age.total_seconds())} (there is no more yet)"
    )
    return f"{days}: {read.entries:,} entries read as news, {read.relevant:,} of them concern the war"


def _row(one: Activity, figures: Figures, *, trend: bool) -> tuple[object, ...]:
    rate = "" if one.per_day is None or one.state is State.NEW else f"{one.per_day:.1f}"
    line = (_trend(one.days),) if trend else ()
    return (one.kind, one.id, one.label, rate, *line, ago(one.last, figures.now), _notes(one, figures))


def _notes(one: Activity, figures: Figures) -> str:
    young = one.measured and one.measured < figures.measured
    more = [f"{count:,} {what}" for what, count in (("history", one.history), ("re-matched", one.rematched)) if count]
    notes = [one.state, one.mark, *([f"over {span(one.measured.total_seconds())}"] if young else []), *more]
    return "; ".join(note for note in notes if note)


def _trend(days: Sequence[int]) -> str:
    """Draw a block a day, as high as that day's hits are beside the most of any; a dot where there were none."""
    most = max(days, default=0)
    return "".join(_BLOCKS[round((len(_BLOCKS) - 1) * hits / most)] if hits else "·" for hits in days)
