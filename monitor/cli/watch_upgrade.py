"""`watch upgrade`: what a newer built-in watchlist changes, shown before it counts."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Annotated

import typer

from monitor.cli.edits import DryRun, Yes, judged, made
from monitor.cli.session import Json, Session, err, out, print_json, session
from monitor.config.edit import extending, planned, removing_rule
from monitor.config.load import Source, pack_of, read_source
from monitor.config.merge import needless
from monitor.config.packdiff import Change, RuleChange, pack_changes
from monitor.config.packs import Pack, load_pack, pin

SHOWN = 8
"""Words of a list that are shown; the others are counted."""

_GAIN, _LOSS = "+", "\N{MINUS SIGN}"


def register(app: typer.Typer) -> None:
    """Add the command."""
    examples = "`run_monitor.py watch upgrade --diff`, `run_monitor.py watch upgrade --yes`"
    app.command("upgrade", epilog=f"Examples: {examples}")(upgrade)


def upgrade(
    context: typer.Context,
    *,
    diff: Annotated[bool, typer.Option("--diff", help="Show what the newer one changes, and do no more.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Show every word of long lists.")] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Show what a newer built-in watchlist changes, and pin it in feeds.yaml (`extends: ukraine@2`).

    What your file adds, changes or takes out stays as it is.
    """
    here = session(context)
    settings = here.settings()
    here.configuration(settings)
    source = read_source(settings.feeds, environ=here.environ)
    pack = pack_of(source, kept=settings.packs)
    if pack is None:
        err.print(f"{settings.feeds} extends no built-in watchlist; with `extends: ukraine` it would", markup=False)
        return
    changes = _changes(pack, source)
    if as_json:
        for change in changes:
            print_json(change)
    else:
        out.print(_standing(pack), markup=False)
        _show(changes, most=None if all_ else SHOWN)
    if not (diff or as_json) and _is_offered(pack):
        _pin(here, source, pack, yes=yes, dry_run=dry_run)


def _changes(pack: Pack, source: Source) -> list[RuleChange]:
    return pack_changes(pack.read(), load_pack(pack.name), source.file) if pack.behind else []


def _is_offered(pack: Pack) -> bool:
    return pack.newest is not None and pack.newest >= pack.version and pack.newest != pack.pinned


def _standing(pack: Pack) -> str:
    """Say which version counts, why, and which there is."""
    used = f"{pack.name}: version {pack.version} is in use"
    if pack.pinned is None:
        return f"{used}; your file follows the newest by itself, a pin would keep it until you upgrade"
    if pack.newest is None:
        return f"{used}; this program no longer brings this watchlist"
    if pack.stands_in:
        return f"{used}, for version {pack.pinned} is neither built in nor kept: there is nothing to compare it with"
    if pack.behind:
        return f"{used}; version {pack.newest} waits, and would change:"
    older = f"; this program brings version {pack.newest}" if pack.newest != pack.version else ", the newest"
    return f"{used}{older}"


def _pin(here: Session, source: Source, pack: Pack, *, yes: bool, dry_run: bool) -> None:
    """Write the pin of the newest version, and take out removals of what it no longer has."""
    assert pack.newest is not None
    new = pin(pack.name, pack.newest)
    steps = [extending(new)]
    if pack.behind or pack.stands_in:
        steps += [removing_rule(kind, name) for kind, name in needless(source.file, load_pack(pack.name).file)]
    if pack.behind:
        out.print(_COST, end="", markup=False)
    settings = here.settings()
    edit = planned(settings.feeds, *steps)
    judged(edit, here, settings)
    if made(edit, "Upgrade?" if pack.behind else "Pin it?", yes=yes, dry_run=dry_run):
        out.print(f"{settings.feeds} extends {new}; a running daemon takes it up within seconds", markup=False)


_COST = """\
What it would add and drop over the stored past, before it counts:
  cp feeds.yaml edited.yaml; run_monitor.py -c edited.yaml watch upgrade --yes; run_monitor.py -c edited.yaml watch diff
"""


# ── shown ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _show(changes: Sequence[RuleChange], *, most: int | None) -> None:
    for (kind, state), group in groupby(sorted(changes, key=_order), key=lambda one: (one.kind, one.state)):
        rules = list(group)
        if kind not in _ONE:
            out.print(f"{kind}s {state}: {len(rules)}", style="bold", markup=False)
        for rule in rules:
            _show_rule(rule, most=most)


_KINDS = ("scope", "places", "actor", "topic")
_STATES = ("new", "removed", "changed")
_ONE = ("scope", "places")


def _order(change: RuleChange) -> tuple[int, int]:
    return _KINDS.index(change.kind), _STATES.index(change.state)


def _show_rule(rule: RuleChange, *, most: int | None) -> None:
    out.print(rule.id if rule.kind in _ONE else f"  {rule.id}", style="bold", markup=False)
    for line in _lines(rule, most) if rule.state != "removed" else ():
        out.print(f"    {line}", markup=False)
    for note in rule.notes:
        out.print(
            f"    ! {note}" if rule.warns else f"    {note}", style="red" if rule.warns else "yellow", markup=False
        )


def _lines(rule: RuleChange, most: int | None) -> Iterator[str]:
    for change in rule.changes:
        yield f"{' '.join(change.key)}: {_value(change) if change.single else _words(change, most)}"


def _value(change: Change) -> str:
    old, new = (", ".join(words) or "not given" for words in (change.removed, change.added))
    return f"{old} → {new}"


def _words(change: Change, most: int | None) -> str:
    parts = ((_GAIN, change.added), (_LOSS, change.removed))
    return "; ".join(f"{sign}{len(words)} {_short(words, most)}" for sign, words in parts if words)


def _short(words: Sequence[str], most: int | None) -> str:
    few = ", ".join(words[:most])
    return few if most is None or len(words) <= most else f"{few} … and {len(words) - most} more (--all)"
