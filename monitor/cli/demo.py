"""`demo`: everything at once, on invented news, with nothing to set up."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from monitor import logs
from monitor.cli.session import err, out, table
from monitor.core.model import PollOutcome, Recorded
from monitor.demo.run import Report, run
from monitor.demo.sink import KeptMail


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", epilog="Example: `run_monitor.py demo`, then open the files that it names.")(demo)


def demo(
    *,
    folder: Annotated[Path, typer.Option("--folder", help="Where everything is left.")] = Path("var/demo"),
    stay: Annotated[bool, typer.Option("--stay", help="Run as a daemon afterwards, until Ctrl-C.")] = False,
) -> None:
    """Poll sample feeds of invented outlets twice, match, store, and mail three readers: in under a minute."""
    logs.configure("console", "error")
    asyncio.run(run(folder, tell=lambda line: err.print(f"… {line}", style="dim"), show=_show, stay=stay))


def _show(report: Report) -> None:
    first, second = report.rounds
    later = {outcome.feed.spec.id: (outcome, recorded) for outcome, recorded in second.polls}
    rows = []
    for outcome, recorded in sorted(first.polls, key=lambda poll: poll[0].feed.spec.id):
        spec = outcome.feed.spec
        rows.append((spec.title, spec.language, spec.press, _result(outcome, recorded), _result(*later[spec.id])))
    table(("outlet (invented)", "lang", "press", "first poll", "second poll"), rows)
    stored = ", ".join(f"{count} {name}" for name, count in report.stored.items())
    out.print(f"\nstored: {stored}, in {first.seconds + second.seconds:.1f} s of polling")
    table(("mail to", "subject"), [(mail.recipients[0], mail.message["Subject"]) for mail in report.mails])
    out.print("\nOpen these:")
    for path in [_best(mail) for mail in report.mails] + [report.database]:
        out.print(f"  {os.path.relpath(path)}", markup=False)


def _result(outcome: PollOutcome, recorded: Recorded) -> str:
    if outcome.failure:
        return f"{outcome.failure.kind}: {outcome.failure.detail}"
    if outcome.not_modified:
        return "unchanged"
    retitled = f", {recorded.revisions} retitled" if recorded.revisions else ""
    return f"{recorded.entries} new{retitled}, {recorded.hits} hits"


def _best(mail: KeptMail) -> Path:
    return next(path for kind in (".html", ".txt", ".eml") for path in mail.files if path.suffix == kind)
