"""`digest`: what a reader would be sent, and sending it now."""

import asyncio
import re
from pathlib import Path
from typing import Annotated

import typer

from monitor.app import App
from monitor.cli.session import Json, address, in_app, out, print_json, table
from monitor.core.model import Digest, DueDigest, Letter
from monitor.errors import InputError
from monitor.notify import Planned

app = typer.Typer(no_args_is_help=True, help="Preview a reader's digest, or send it now.")


@app.command(epilog="Example: `run_monitor.py digest preview reader@example.org --why`")
def preview(
    context: typer.Context,
    email: str,
    *,
    why: Annotated[bool, typer.Option("--why", help="Print why each item is in, and what was left out.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Where to write; default: preview/ in MONITOR_VAR.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a reader's next digest as HTML and text, as if it were due now. Nothing is sent, nothing changes."""

    async def work(found: App) -> list[tuple[DueDigest, Digest, Letter, Path]]:
        target = folder or found.settings.var / "preview"
        digests = await found.planner.preview(address(email))
        if not digests:
            raise InputError(f"{email} has no subscription")
        return [
            (due, digest, letter, await asyncio.to_thread(_write, target, due, letter))
            for due, digest in digests
            for letter in [found.notifier.letters.preview(digest, due.subscription)]
        ]

    for due, digest, letter, path in in_app(context, work):
        if as_json:
            print_json({"subscription": due.subscription, "subject": letter.subject, "file": path, "digest": digest})
            continue
        out.print(f"{letter.subject}\n{digest.total} stories, {digest.more} of them beyond the cap; open {path}")
        if why:
            _explain(digest)


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
    shown = [
        (item.title, section.topic, f"{item.score:.2f}", ", ".join((*item.actors, *item.tags)))
        for section in digest.sections
        for item in section.items
    ]
    table(("shown", "section", "score", "also because of"), shown)
    table(("left out", "stage", "reason"), [(one.title, one.stage, one.reason) for one in digest.left_out])


@app.command(epilog="Example: `run_monitor.py digest send --to reader@example.org`")
def send(context: typer.Context, *, to: Annotated[str, typer.Option("--to", help="The reader's address.")]) -> None:
    """Plan a reader's digest as if it were due now, and send what is in the outbox."""

    async def work(found: App) -> tuple[list[Planned], int]:
        if found.mailer is None:
            raise InputError("no mail server is set; set MONITOR_SMTP_HOST (see .env.example)")
        planned = await found.planner.plan_now(address(to))
        if not planned:
            raise InputError(f"{to} has no subscription")
        return planned, await found.notifier.send_due()

    planned, sent = in_app(context, work)
    for one in planned:
        stories = sum(len(section.items) for section in one.digest.sections)
        out.print(f"{stories} stories for {to}" + ("" if one.mailed else "; nothing to tell, no mail wished"))
    out.print(f"{sent} mails taken by the server")
    if sent < sum(one.mailed for one in planned):
        raise typer.Exit(1)
