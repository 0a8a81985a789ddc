"""`subscribers import` and `subscribers export`: lists of readers, and all that is kept of one."""

import asyncio
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import typer

from monitor.app import App
from monitor.cli.opened import in_app
from monitor.cli.session import Json, address, out, print_json
from monitor.config.queries import known_names
from monitor.core import roster, wishes
from monitor.core.model import RuleKind, Subscription
from monitor.errors import InputError
from monitor.store import accounts, subscribers
from monitor.values import mail_address


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import", epilog="Example: `run_monitor.py subscribers import readers.csv --dry-run`")(import_)
    app.command("export", epilog="Example: `run_monitor.py subscribers export --form jsonl > readers.jsonl`")(export)


def known(found: App) -> wishes.Known:
    """Return what words of a wish may mean here."""
    rules = list(found.watched.labels)
    actors, topics = ([name for each, name in rules if each is kind] for kind in (RuleKind.ACTOR, RuleKind.TOPIC))
    return wishes.Known(
        rules=rules, names=known_names(actors, topics), zones=available_timezones(), address=mail_address
    )


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV with a heading, or one JSON object a line.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the list and store nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Add the subscriptions of a list: all of them, or none where a line is wrong.

    Each row needs the reader's consent: consent_who, consent_at, consent_how, consent_wording. An address that has
    unsubscribed is a mistake of the list.
    """

    async def work(found: App) -> list[Subscription]:
        listed = roster.read(await asyncio.to_thread(_text, file), known(found))
        if dry_run:
            return [one.wish for one in listed]
        return await found.db.run(subscribers.add_all, listed, found.clock())

    added = in_app(context, work)
    if as_json:
        for wish in added:
            print_json({"subscription": wish})
        return
    readers = len({wish.subscriber.email for wish in added})
    out.print(f"{len(added)} subscriptions of {readers} readers {'are sound' if dry_run else 'were added'}")


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > roster.MAX_BYTES:
            raise InputError(f"{file} is larger than {roster.MAX_BYTES // 10**6} MB")
        return file.read_text("utf-8")
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not in UTF-8, at byte {error.start}") from None


def export(
    context: typer.Context,
    email: Annotated[str | None, typer.Argument(help="All that is kept of this reader, as JSON.")] = None,
    *,
    form: Annotated[roster.Form, typer.Option(help="The form of the list of all readers.")] = "csv",
) -> None:
    """Print all subscriptions as a list that `import` reads, or everything that is kept of one reader."""

    async def whole(found: App) -> str:
        return roster.write(await found.db.read(subscribers.roster), form)

    if email is not None:
        print_json(in_app(context, lambda found: _kept(found, email)))
    else:
        typer.echo(in_app(context, whole), nl=False)


async def _kept(found: App, email: str) -> dict[str, object]:
    reader = await found.db.read(accounts.by_address, address(email))
    kept = await found.db.read(accounts.export, reader.pk) if reader else None
    if kept is None:
        raise InputError(f"{email} is no subscriber")
    return kept
