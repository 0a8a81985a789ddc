"""`poll`: feeds polled now, once, and recorded."""

from typing import Annotated

import typer
from rich.progress import Progress

from monitor.app import App
from monitor.cli.opened import in_app
from monitor.cli.session import Json, err, out, print_json, table
from monitor.config.naming import require_feeds
from monitor.core.model import FeedState, PollOutcome, Recorded
from monitor.store import feeds


def register(app: typer.Typer) -> None:
    """Add the command."""
    examples = "Examples: `run_monitor.py poll --once`, `run_monitor.py poll bbc-world tass-ru --json`"
    app.command("poll", epilog=examples)(poll)


def poll(
    context: typer.Context,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[FEED]...", help="Ids; none: all feeds.")] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="Said or not, each feed is polled once.")] = False,
    as_json: Json = False,
) -> None:
    """Poll feeds now, due or not, and record what they bring. Exit code 1 when every one of them failed."""

    async def work(found: App) -> list[tuple[PollOutcome, Recorded]]:
        return await _poll(found, await _chosen(found, ids or []))

    results = in_app(context, work)
    rows = [_row(outcome, recorded) for outcome, recorded in results]
    new = sum(recorded.entries for _, recorded in results)
    if as_json:
        for row in rows:
            print_json(row)
    else:
        table(("feed", "result", "shown", "new", "retitled", "hits"), [tuple(row.values()) for row in rows])
        out.print(f"{len(rows)} feeds, {new} new entries")
    if results and all(outcome.failure for outcome, _ in results):
        raise typer.Exit(1)


async def _chosen(app: App, ids: list[str]) -> list[FeedState]:
    require_feeds(ids, app.watched.config.feeds, enabled=True)
    states = await app.db.read(feeds.states, app.watched.specs)
    return [state for state in states if not ids or state.spec.id in ids]


async def _poll(app: App, states: list[FeedState]) -> list[tuple[PollOutcome, Recorded]]:
    results: list[tuple[PollOutcome, Recorded]] = []
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("polling", total=len(states))

        def done(outcome: PollOutcome, recorded: Recorded) -> None:
            results.append((outcome, recorded))
            progress.advance(task)

        await app.fleet.poll_all(states, done)
    return sorted(results, key=lambda result: result[0].feed.spec.id)


def _row(outcome: PollOutcome, recorded: Recorded) -> dict[str, str | int]:
    unchanged = "unchanged" if outcome.not_modified else "ok"
    return {
        "feed": outcome.feed.spec.id,
        "result": f"{outcome.failure.kind}: {outcome.failure.detail}" if outcome.failure else unchanged,
        "shown": outcome.shown,
        "new": recorded.entries,
        "retitled": recorded.revisions,
        "hits": recorded.hits,
    }
