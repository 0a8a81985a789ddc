"""`watch upgrade`: what a newer built-in watchlist changes, shown before it counts."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Annotated

import typer

from monitor.cli.edits import DryRun, Yes, judged, made
from monitor.cli.session import Json, Session, out, print_json, session
from monitor.config.edit import extending, planned, removing_rule
from monitor.config.load import Source, pack_of, read_source
from monitor.config.packdiff import Change, RuleChange, needless, pack_changes
from monitor.config.packs import Pack, load_pack, pin
from monitor.errors import InputError
from monitor.settings import Settings

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
    diff: Annotated[bool, typer.Option("--diff", help="Show what the newer watchlist changes, and do no more.")] = False,
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
        raise InputError(f"{settings.feeds} extends no built-in watchlist; `extends: ukraine` would")
    changes = _changes(pack, source)
    if as_json:
        for change in changes:
            print_json(change)
    else:
        out.print(_standing(pack), markup=False)
        _show(changes, most=None if all_ else SHOWN)
    if not diff and not as_json and pack.newest is not None and pack.pinned != pack.newest <= pack.version:
        _pinned(here, settings, source, pack, yes=yes, dry_run=dry_run)


def _changes(pack: Pack, source: Source) -> list[RuleChange]:
    return pack_changes(pack.read(), load_pack(pack.name), source.file) if pack.behind else []
