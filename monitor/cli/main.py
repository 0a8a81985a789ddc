"""The command line: one file a command group, one contract for errors and exit codes.

Exit codes: 0 done, 1 failed, 2 wrong input or configuration.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__
from monitor.cli.importing import importing
from monitor.cli.session import Session
from monitor.errors import ConfigError, InputError, MonitorError

COMMANDS = {
    "init": "init",
    "run": "run",
    "status": "status",
    "check": "check",
    "poll": "poll",
    "parse": "stages",
    "match": "stages",
    "hits": "hits",
    "demo": "demo",
    "feeds": "feeds",
    "watch": "watch",
    "subscribers": "subscribers",
    "digest": "digest",
    "mail": "mail",
    "db": "db",
}

app = typer.Typer(
    name="run_monitor.py",
    cls=importing(COMMANDS),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Begin with `run_monitor.py demo`, then `run_monitor.py init`. Exit codes: 0 done, 1 failed, 2 wrong input.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ukraine-monitor {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option("--config", "-c", help="The file of feeds and watched rules.")] = None,
    env_file: Annotated[Path, typer.Option(help="The file of MONITOR_* variables.")] = Path(".env"),
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Watch news feeds for Russia's war against Ukraine and mail digests worth reading."""
    context.obj = Session(environ=dict(os.environ), env_file=env_file, config=config)


def main() -> None:
    """Run the command line and turn this program's errors into a message and an exit code."""
    try:
        app()
    except ConfigError as error:
        count = len(error.findings)
        _fail(f"{error}\n{count} mistake{'s' if count != 1 else ''} found", 2)
    except InputError as error:
        _fail(str(error), 2)
    except MonitorError as error:
        _fail(str(error), 1)
    except KeyboardInterrupt:
        _fail("interrupted", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:  # a directory that cannot be written, templates that are not there
        _fail(str(error), 1)


def _fail(message: str, code: int) -> None:
    typer.echo(message, err=True)
    sys.exit(code)
