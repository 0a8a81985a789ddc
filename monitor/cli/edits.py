"""How a command edits feeds.yaml: the edit is judged and shown, the person is asked, and only then it is written."""

from typing import Annotated

import typer

from monitor.cli.session import Session, err, out
from monitor.config import Config
from monitor.config.edit import Edit
from monitor.config.load import config_of, read_source
from monitor.errors import ConfigError, InputError
from monitor.settings import Settings

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the edit as a diff and write nothing.")]


def made(edit: Edit, question: str, *, yes: bool, dry_run: bool) -> bool:
    """Show an edit, and make it when the person agrees; tell whether it was made."""
    out.print(edit.diff(), end="", markup=False)
    if dry_run:
        out.print("nothing was written", markup=False)
        return False
    if not yes and not typer.confirm(question, err=True):
        raise typer.Exit(1)
    edit.write()
    return True


def judged(edit: Edit, here: Session, settings: Settings) -> Config:
    """Read the edited text as a whole, with its pack, as the daemon will. Raises InputError where it would be refused.

    New warnings are printed: they are no reason to refuse it.
    """
    try:
        config = config_of(read_source(edit.path, environ=here.environ, raw=edit.after), kept=settings.packs)
    except ConfigError as error:
        told = "\n".join(finding.message for finding in error.findings)  # their lines are not in the file
        raise InputError(f"{told}\nnothing was written") from None
    before = {found.message for found in here.configuration(settings).warnings}
    for warning in config.warnings:
        if warning.message not in before:
            err.print(warning.message, style="yellow", markup=False)
    return config
