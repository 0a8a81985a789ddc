"""`watch diff`: what an edited feeds.yaml would add and drop over the stored past."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.cli.past import Sample, Span, a_day, progress, span
from monitor.cli.session import Json, Session, err, out, print_json, session, table
from monitor.cli.since import Since, moment
from monitor.clock import utc_now
from monitor.compare import Differences, compare
from monitor.config import load_config
from monitor.config.compiled import compiled_of, load_watched
from monitor.core.changes import Change, RuleName, changes
from monitor.core.model import RuleKind
from monitor.core.watchlist import RuleText, Watchlist, texts_of
from monitor.errors import InputError
from monitor.settings import Settings
from monitor.storage import open_database
from monitor.store import rules
from monitor.store.database import Database

ABOUT_THE_WAR = "scope"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "diff",
        epilog="Examples: `run_monitor.py --config draft.yaml watch diff --against feeds.yaml`, "
        "`run_monitor.py watch diff --against draft.yaml --since 12h --json`",
    )(diff)


def diff(
    context: typer.Context,
    *,
    against: Annotated[
        Path | None, typer.Option(help="Compare with this file instead of what the daemon last took up.")
    ] = None,
    since: Since = "30d",
    samples: Annotated[int, typer.Option(min=0, max=1000, help="How many of the newest entries a rule shows.")] = 5,
    as_json: Json = False,
) -> None:
    """Compare the watched rules of feeds.yaml with those that count now: what they would add and drop, rule by rule.

    Both are tried on the stored past; nothing is changed. Give the edited file with `--config`, before it is put in
    the place of the one that the daemon reads.
    """
    here = session(context)
    settings = here.settings()
    now = utc_now()
    then = moment(since, now)
    db = open_database(settings)
    try:
        old = _old_rules(here, settings, db, against)
        what = changes(old, texts_of(here.configuration(settings).watch))
        stored = span(db, then, now)
        found = Differences(kept=0)
        if what:
            found = _compared(here, settings, db, old, stored, samples, against)
    finally:
        db.close()
    if as_json:
        print_json(_record(what, found, stored))
    else:
        _show(what, found, stored, against=against, keep=settings.keep_content_days)


def _old_rules(here: Session, settings: Settings, db: Database, against: Path | None) -> tuple[RuleText, ...]:
    if against is not None:
        return texts_of(load_config(against, environ=here.environ, kept=settings.packs).watch)
    old = tuple(RuleText(*rule) for rule in db.read_now(rules.current))
    if not old:
        raise InputError(
            f"nothing was ever watched with the database {settings.database}; compare with a file: --against FILE"
        )
    return old


def _compared(
    here: Session,
    settings: Settings,
    db: Database,
    old: tuple[RuleText, ...],
    stored: Span,
    samples: int,
    against: Path | None,
) -> Differences:
    with err.status("expanding names and words", spinner="line"):
        before, after = (_compiled(here, settings, path) if path else None for path in (against, settings.feeds))
        before = before or compiled_of(old, settings.cache)
    assert after is not None
    with progress("reading the past", stored.entries) as advance:
        return compare(db, before, after, since=stored.since, samples=samples, advance=advance)


def _compiled(here: Session, settings: Settings, path: Path) -> Watchlist:
    return load_watched(path, environ=here.environ, folder=settings.cache, kept=settings.packs).watchlist


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


def _rows(what: Mapping[RuleName, Change], found: Differences) -> Iterator[tuple[RuleName, Change | None]]:
    """Yield the rules that differ, then those that do not and find something else all the same."""
    yield from what.items()
    others = sorted((found.added.keys() | found.dropped.keys()) - what.keys())
    yield from ((rule, None) for rule in others)


def _name(rule: RuleName) -> str:
    return ABOUT_THE_WAR if rule[0] is RuleKind.SCOPE else f"{rule[0]}:{rule[1]}"


def _record(what: Mapping[RuleName, Change], found: Differences, stored: Span) -> dict[str, Any]:
    return {
        **stored.record(),
        "judged": found.judged,
        "rules": [
            {
                "rule": _name(rule),
                "change": change,
                "added": found.added[rule],
                "dropped": found.dropped[rule],
                "before_a_day": round(stored.a_day(found.before[rule]), 2),
                "after_a_day": round(stored.a_day(found.after(rule)), 2),
                "samples": {
                    "added": [Sample(*one).record() for one in found.newest(rule, added=True)],
                    "dropped": [Sample(*one).record() for one in found.newest(rule, added=False)],
                },
            }
            for rule, change in _rows(what, found)
        ],
    }


def _show(
    what: Mapping[RuleName, Change], found: Differences, stored: Span, *, against: Path | None, keep: int
) -> None:
    other = f"{against}" if against else "what the daemon last took up"
    if not what:
        out.print(f"nothing changed: the rules are those of {other}", markup=False)
        return
    out.print(
        f"{len(what)} rule{'s' * (len(what) > 1)} differ{'s' * (len(what) == 1)} from {other}; "
        f"tried on {stored.entries:,} entries since {stored.since:%Y-%m-%d %H:%M} (UTC)",
        markup=False,
    )
    for note in stored.notes(keep):
        out.print(note, markup=False)
    out.print()
    rows = list(_rows(what, found))
    table(
        ("rule", "change", "added", "dropped", "hits a day"),
        [
            (
                _name(rule),
                change or "the same",
                f"+{found.added[rule]:,}",
                f"−{found.dropped[rule]:,}",
                f"{a_day(stored.a_day(found.before[rule]))} → {a_day(stored.a_day(found.after(rule)))}",
            )
            for rule, change in rows
        ],
    )
    for rule, _ in rows:
        _show_samples(rule, found)


def _show_samples(rule: RuleName, found: Differences) -> None:
    for added, word in ((True, "added"), (False, "dropped")):
        if newest := found.newest(rule, added=added):
            out.print(f"\n{_name(rule)}, {word}, the newest:", markup=False)
            for one in newest:
                out.print(Sample(*one).line())
