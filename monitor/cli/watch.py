"""`watch`: what the watchlist looks for, and how it is changed."""

import typer

from monitor.cli.importing import importing

COMMANDS = {
    "explain": "watch_explain",
    "test": "watch_try",
    "diff": "watch_diff",
    "list": "watch_list",
    "forms": "watch_forms",
    "add": "watch_edit",
    "set": "watch_edit",
    "exclude": "watch_edit",
    "remove": "watch_edit",
    "reload": "watch_apply",
    "rematch": "watch_apply",
    "upgrade": "watch_upgrade",
}

app = typer.Typer(
    cls=importing(COMMANDS), no_args_is_help=True, help="See, try and change what is watched: rules, names and words."
)


@app.callback()
def watch() -> None:
    """See, try and change what is watched: rules, names and words."""
