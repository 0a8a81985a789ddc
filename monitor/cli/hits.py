"""`hits`: what was found, newest first."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from monitor.cli.session import Json, near, print_json, session, table
from monitor.clock import utc_now
from monitor.config.naming import no_feed
from monitor.core.model import RuleKind
from monitor.errors import InputError
from monitor.storage import open_database
from monitor.store import hits as store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("hits", epilog="Example: `run_monitor.py hits --actor putin --topic peace-talks --days 2 --json`")(hits)


def hits(
    context: typer.Context,
    *,
    actor: Annotated[list[str] | None, typer.Option(help="Only entries that name this actor; may be repeated.")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Only entries on this topic; may be repeated.")] = None,
    feed: Annotated[str | None, typer.Option(help="Only entries of this feed.")] = None,
    lang: Annotated[str | None, typer.Option(help="Only entries in this language (two letters).")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Only entries seen in the last so many days.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List stored entries that a rule found, the newest first."""
    since: datetime | None = utc_now() - timedelta(days=days) if days else None
    rules = [(RuleKind.ACTOR, name) for name in actor or []] + [(RuleKind.TOPIC, name) for name in topic or []]
    db = open_database(session(context).settings())
    try:
        wanted = [(str(kind), name) for kind, name in rules] + ([("feed", feed)] if feed else [])
        _refuse_unknown(wanted, db.read_now(store.known_ids))
        found = db.read_now(store.search, rules=rules, feed_id=feed, lang=lang, since=since, limit=limit)
    finally:
        db.close()
    if as_json:
        for one in found:
            print_json(one)
    else:
        rows = [
            (one.entry, f"{one.seen:%d %b %H:%M}", one.lang, one.publisher, one.title, " ".join(one.rules))
            for one in found
        ]
        table(("entry", "seen (UTC)", "lang", "publisher", "title", "rules"), rows)


def _refuse_unknown(wanted: list[tuple[str, str]], known: dict[str, list[str]]) -> None:
    for kind, name in wanted:
        if name in known.get(kind, []):
            continue
        if kind == "feed":
            raise no_feed([name], known.get(kind, []))
        raise InputError(f"unknown {kind} {name!r}{near(name, known.get(kind, []))}; `watch list` names them all")
