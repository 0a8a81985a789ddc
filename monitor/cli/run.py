"""`run`: the daemon."""

import asyncio

import typer

from monitor import daemon
from monitor.cli.session import session


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run", epilog="Example: `MONITOR_LOG_FORMAT=json run_monitor.py --config feeds.yaml run`")(run)


def run(context: typer.Context) -> None:
    """Poll, match, store and mail until told to stop: SIGTERM ends it in order, SIGHUP reads the configuration anew."""
    here = session(context)
    asyncio.run(daemon.run(here.settings(), here.environ))
