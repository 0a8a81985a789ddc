"""`feeds import` and `feeds export`: lists of feeds as OPML, the form that feed readers exchange."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.edits import DryRun, Yes
from monitor.cli.session import Json, err, out, print_json, session, table
from monitor.clock import utc_now
from monitor.config.addresses import checked_address, comparable_address
from monitor.config.edit import adding
from monitor.config.proposals import Told, by_address, proposed
from monitor.core.model import FeedSpec
from monitor.core.opml import MAX_BYTES, Mistake, Outline, read_opml, write_opml
from monitor.errors import InputError


def register(app: typer.Typer) -> None:
    """Add the commands."""
    example = "run_monitor.py feeds import list.opml"
    app.command("import", epilog=f"Examples: `{example}`, `{example} --dry-run`")(import_)
    app.command("export", epilog="Example: `run_monitor.py feeds export > feeds.opml`")(export)


@dataclass(slots=True)
class _Plan:
    """What becomes of a list: feeds to add, with their outlines, doubles with the ids that they have, and mistakes.

    `extra` is what every feed that is added gets beside what the list says.
    """

    extra: Mapping[str, object] = field(default_factory=dict)

    added: list[tuple[dict[str, object], Outline]] = field(default_factory=list)
    skipped: list[tuple[str, Outline]] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="An OPML file, version 1.0 or 2.0.")],
    *,
    allow_private: Annotated[bool, typer.Option("--allow-private", help="All are in your own network.")] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Show which feeds of an OPML list are new, and add them to feeds.yaml.

    Country and press kind are taken only from our own export: a folder's name may mean anything. Outlines that are no
    feed are named with their lines; the others are added. Exit code 1 when there were such.
    """
    here = session(context)
    settings = here.settings()
    specs = here.configuration(settings).feeds
    plan = _plan(file, specs, {"allow_private": True} if allow_private else {})
    edit = adding(settings.feeds, [section for section, _ in plan.added])
    if not as_json:
        _show(plan, edit.diff() if dry_run else "")
    for mistake in plan.mistakes:
        err.print(f"{file}:{mistake.line}: {mistake.message}", markup=False)
    written = bool(plan.added) and not dry_run
    if written:
        if not yes and not typer.confirm(f"Add {len(plan.added)} feeds to {settings.feeds}?", err=True):
            raise typer.Exit(1)
        edit.write()
    _report(plan, as_json=as_json, written=written)
    if plan.mistakes:
        raise typer.Exit(1)


def _plan(file: Path, specs: Sequence[FeedSpec], extra: Mapping[str, object]) -> _Plan:
    try:
        with file.open("rb") as stream:
            listed = read_opml(stream.read(MAX_BYTES + 1))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {(error.strerror or 'unknown reason').lower()}") from None
    except InputError as error:
        raise InputError(f"{file}: {error}") from None
    plan = _Plan(mistakes=list(listed.mistakes), extra=extra)
    there, taken = by_address(specs), {spec.id for spec in specs}
    for outline in listed.outlines:
        _place(outline, plan, there, taken)
    plan.mistakes.sort(key=lambda mistake: mistake.line)
    return plan


def _place(outline: Outline, plan: _Plan, there: dict[str, str], taken: set[str]) -> None:
    try:
        address = comparable_address(checked_address(outline.url))
    except ValueError as error:
        plan.mistakes.append(Mistake(line=outline.line, message=f"the address {error}"))
        return
    if address in there:
        plan.skipped.append((there[address], outline))
        return
    told = Told(
        url=outline.url,
        id=outline.id,
        title=outline.title,
        language=outline.language,
        country=outline.country,
        press=outline.press,
    )
    section = {**proposed(told, taken), **plan.extra}
    there[address] = str(section["id"])
    taken.add(there[address])
    plan.added.append((section, outline))


def _show(plan: _Plan, diff: str) -> None:
    """Print what would become of the list, before anything is written."""
    out.print(diff, end="", markup=False)
    if plan.added:
        rows = [(section["id"], section["title"], " / ".join(one.folders)) for section, one in plan.added]
        table(("id", "title", "folder"), rows)
    for name, outline in plan.skipped:
        out.print(f"line {outline.line}: already there as {name}", markup=False)
    folders = Counter(" / ".join(one.folders) or "no folder" for _, one in plan.added)
    counts = f"{len(plan.added)} new, {len(plan.skipped)} already there, {len(plan.mistakes)} left out"
    where = "; ".join(f"{name}: {count}" for name, count in folders.items())
    out.print(f"{counts}{f' ({where})' if where else ''}", markup=False)


def _report(plan: _Plan, *, as_json: bool, written: bool) -> None:
    if not as_json:
        out.print(f"{len(plan.added)} added" if written else "nothing was written", markup=False)
        return
    for section, outline in plan.added:
        print_json({"state": "added" if written else "new", "folders": outline.folders, **section})
    for name, outline in plan.skipped:
        print_json({"state": "skipped", "id": name, "url": outline.url, "line": outline.line})
    for mistake in plan.mistakes:
        print_json({"state": "mistake", "line": mistake.line, "message": mistake.message})


def export(context: typer.Context) -> None:
    """Print the feeds as OPML 2.0, for feed readers and for `feeds import`: in folders by press kind and country.

    Disabled feeds and request headers are left out.
    """
    here = session(context)
    specs = here.configuration().feeds
    enabled = [spec for spec in specs if spec.enabled]
    typer.echo(write_opml(enabled, title="Ukraine monitor", now=utc_now()), nl=False)
