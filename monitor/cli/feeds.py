"""`feeds`: what is watched, and a first look at every address; the group's other commands are in files beside."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import Progress

from monitor.cli import feeds_edit, feeds_health, feeds_opml
from monitor.cli.session import Json, err, out, print_json, session, table
from monitor.clock import utc_now
from monitor.config.edit import disabling
from monitor.config.naming import require_feeds
from monitor.core.model import FeedSpec
from monitor.parts import http_of, parsers_of
from monitor.probe import Health, Probed, probe_all
from monitor.settings import Settings

app = typer.Typer(no_args_is_help=True, help="List, probe, add and mend feeds, and see how they fare.")
for part in (feeds_health, feeds_edit, feeds_opml):
    part.register(app)

_PUBLIC = ("id", "title", "url", "language", "country", "press", "interval", "timeout", "enabled", "allow_private")


@app.command("list", epilog="Example: `run_monitor.py feeds list --json`")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """List the configured feeds, the disabled ones too."""
    here = session(context)
    specs = here.configuration().feeds
    if as_json:
        for spec in specs:
            print_json(_public(spec))
    else:
        rows = [
            (spec.id, spec.title, spec.language, spec.country, spec.press, "" if spec.enabled else "disabled", spec.url)
            for spec in specs
        ]
        table(("id", "title", "lang", "country", "press", "", "address"), rows)


def _public(spec: FeedSpec) -> dict[str, object]:
    """Return what may be shown of a feed: headers and a proxy's sign-in are secrets."""
    return {key: getattr(spec, key) for key in _PUBLIC} | {"proxy": spec.proxy and spec.proxy.url}


@app.command(epilog="Examples: `run_monitor.py feeds probe`, `run_monitor.py feeds probe --disable-dead --yes`")
def probe(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[FEED]...", help="Ids; none: all feeds.")] = None,
    *,
    disable_dead: Annotated[bool, typer.Option("--disable-dead", help="Offer to disable the dead ones.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch every feed once and tell which are dead, moved, blocked or stale. Nothing is recorded."""
    here = session(context)
    settings = here.settings()
    specs = here.configuration(settings).feeds
    require_feeds(ids or [], specs, enabled=True)
    found = look([spec for spec in specs if (spec.id in ids if ids else spec.enabled)], settings)
    report(found, as_json=as_json)
    if disable_dead:
        offer_to_disable(found, settings, yes=yes)


def look(specs: list[FeedSpec], settings: Settings) -> list[Probed]:
    """Probe feeds, with a progress bar on a terminal."""

    async def work() -> list[Probed]:
        with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
            task = progress.add_task("probing", total=len(specs))
            async with http_of(settings) as http, parsers_of(settings) as parsers:
                return await probe_all(
                    specs,
                    http.fetch,
                    parsers.call,
                    now=utc_now(),
                    concurrency=settings.concurrency,
                    done=lambda _: progress.advance(task),
                )

    return asyncio.run(work())


def report(found: list[Probed], *, as_json: bool = False) -> None:
    """Print what a probe found, the troublesome ones first."""
    if as_json:
        for one in found:
            answer = {key: value for key, value in asdict(one).items() if key != "spec"}
            print_json({"id": one.spec.id, "url": one.spec.url, **answer})
        return
    order = list(Health)
    rows = sorted(found, key=lambda one: (-order.index(one.health), one.spec.id))
    table(("feed", "state", "detail"), [(one.spec.id, one.health, one.detail) for one in rows])
    counts = {health: sum(one.health == health for one in found) for health in Health}
    out.print(", ".join(f"{count} {health}" for health, count in counts.items() if count))


def offer_to_disable(found: list[Probed], settings: Settings, *, yes: bool = False) -> None:
    """Disable the dead feeds in the person's file, if they agree; comments and order stay."""
    dead = [one.spec.id for one in found if one.health == Health.DEAD]
    if not dead:
        return
    if len(dead) == len(found):
        out.print("All of them failed: that looks like this machine's network, so none was disabled.")
    elif yes or typer.confirm(f"Disable {len(dead)} dead feeds in {settings.feeds}?", err=True):
        disabling(settings.feeds, dead).write()
        out.print(f"disabled in {settings.feeds}: {', '.join(dead)}")
