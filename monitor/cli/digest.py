"""`digest`: what a reader would be sent, and sending it now."""

import asyncio
import re
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from monitor.app import App
from monitor.cli.opened import in_app
from monitor.cli.session import Json, address, out, print_json, table
from monitor.core.model import Digest, DueDigest, Item, Letter
from monitor.errors import InputError
from monitor.notify import Planned
from monitor.store import editions

app = typer.Typer(no_args_is_help=True, help="Preview a reader's digest, send it now, or send one again.")


@app.command(epilog="Example: `run_monitor.py digest preview reader@example.org --why`")
def preview(
    context: typer.Context,
    email: str,
    *,
    why: Annotated[bool, typer.Option("--why", help="Print why each item is in, and what was left out.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Write HTML and text into files, and name them.")] = False,
    browser: Annotated[bool, typer.Option("--open", help="As --html, and open it in the browser.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Where --html writes; default: preview/ in MONITOR_VAR.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a reader's next digest as if it were due now. Nothing is sent, nothing changes."""
    written = html or browser or folder is not None

    async def work(found: App) -> list[tuple[DueDigest, Digest, Letter, Path | None]]:
        target = folder or found.settings.var / "preview"
        digests = await found.planner.preview(address(email))
        if not digests:
            raise InputError(f"{email} has no subscription")
        return [
            (due, digest, letter, await asyncio.to_thread(_write, target, due, letter) if written else None)
            for due, digest in digests
            for letter in [found.notifier.letters.preview(digest, due.subscription)]
        ]

    for due, digest, letter, path in in_app(context, work):
        if as_json:
            print_json({"subscription": due.subscription, "subject": letter.subject, "file": path, "digest": digest})
            continue
        _show(digest, letter, path)
        if why:
            _explain(digest)
        if browser and path is not None:
            typer.launch(path.resolve().as_uri())


def _show(digest: Digest, letter: Letter, path: Path | None) -> None:
    """Print the text, or where the files are."""
    if path is None:
        out.print(f"{letter.subject}\n\n{letter.text}", markup=False, highlight=False)
    else:
        out.print(f"{letter.subject}\n{digest.total} stories, {digest.more} of them beyond the cap; open {path}")


def _write(folder: Path, due: DueDigest, letter: Letter) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.@-]", "_", f"{due.subscription.subscriber.email}-{due.subscription.pk}")
    text, html = folder / f"{name}.txt", folder / f"{name}.html"
    text.write_text(letter.text, encoding="utf-8")
    if letter.html is None:
        return text
    html.write_text(letter.html, encoding="utf-8")
    return html


def _explain(digest: Digest) -> None:
    shown = sorted(
        ((item, section.topic) for section in digest.sections for item in section.items),
        key=lambda found: (-found[0].score, found[0].group),
    )
    rows = [(item.title, topic, f"{item.score:.2f}", _points(item)) for item, topic in shown]
    table(("shown", "section", "score", "because of"), rows)
    for stage, some in groupby(digest.left_out, key=lambda one: one.stage):
        table((f"left out at stage {stage}", "reason"), [(one.title, one.reason) for one in some])


def _points(item: Item) -> str:
    """Say what an item's score is made of."""
    return ", ".join(f"{reason.name} {reason.points:+.2f}" for reason in item.reasons)


@app.command(epilog="Example: `run_monitor.py digest send --to reader@example.org`")
def send(context: typer.Context, *, to: Annotated[str, typer.Option("--to", help="The reader's address.")]) -> None:
    """Plan a reader's digest as if it were due now, and send what is in the outbox."""

    async def work(found: App) -> tuple[list[Planned], int]:
        _need_server(found)
        planned = await found.planner.plan_now(address(to))
        if not planned:
            raise InputError(f"{to} has no subscription that takes digests")
        return planned, await found.notifier.send_due()

    planned, sent = in_app(context, work)
    for one in planned:
        said = f"edition {one.edition}" if one.mailed else "nothing to tell, no mail wished"
        out.print(f"{one.stories} stories for {to}; {said}")
    out.print(f"{sent} mails taken by the server")
    if sent < sum(one.mailed for one in planned):
        raise typer.Exit(1)


def _need_server(found: App) -> None:
    if found.mailer is None:
        raise InputError("no mail server is set; set MONITOR_SMTP_HOST (see .env.example)")


@app.command(epilog="Example: `run_monitor.py digest resend --to reader@example.org`")
def resend(
    context: typer.Context,
    edition: Annotated[int | None, typer.Argument(help="The edition's number, as `digest send` tells it.")] = None,
    *,
    to: Annotated[str | None, typer.Option("--to", help="The reader's address: their newest edition.")] = None,
) -> None:
    """Send an edition again that was sent before: the same content under a new Message-ID."""
    if (edition is None) == (to is None):
        raise InputError("name either an edition by its number, or a reader by --to")

    async def work(found: App) -> tuple[int, str, int]:
        _need_server(found)
        pk = edition if to is None else await found.db.read(editions.last_sent, address(to))
        if pk is None:
            raise InputError(f"{to or edition} was sent no edition that is still kept")
        recipient = await found.planner.plan_again(pk)
        return pk, recipient, await found.notifier.send_due()

    pk, recipient, sent = in_app(context, work)
    out.print(f"edition {pk} again for {recipient}; {sent} mails taken by the server")
    if not sent:
        raise typer.Exit(1)
