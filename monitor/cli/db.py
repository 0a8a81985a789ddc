"""`db`: the database's version, backup, figures and retention."""

from pathlib import Path

import typer

from monitor.cli.opened import in_app
from monitor.cli.session import Json, out, print_json, session, table
from monitor.storage import open_database
from monitor.store import maintenance
from monitor.store.database import Database

app = typer.Typer(no_args_is_help=True, help="Upgrade, back up, measure and prune the database.")


@app.command(epilog="Example: `run_monitor.py db upgrade`")
def upgrade(context: typer.Context) -> None:
    """Bring the tables to this program's version; `run` does it by itself."""
    db = Database(session(context).settings().database)
    try:
        before, after = maintenance.upgrade(db.engine)
    finally:
        db.close()
    out.print(f"already at {after}" if before == after else f"upgraded from {before or 'empty'} to {after}")


@app.command(epilog="Example: `run_monitor.py db backup monitor-2026-11-23.db`")
def backup(context: typer.Context, target: Path) -> None:
    """Copy a SQLite database into a new file, consistent while the daemon writes."""
    db = Database(session(context).settings().database)
    try:
        size = maintenance.backup(db.engine, target)
    finally:
        db.close()
    out.print(f"{target}: {size / 1e6:.1f} MB")


@app.command(epilog="Example: `run_monitor.py db stats --json`")
def stats(context: typer.Context, *, as_json: Json = False) -> None:
    """Print the number of rows of each table."""
    db = open_database(session(context).settings())
    try:
        rows = db.read_now(maintenance.stats)
    finally:
        db.close()
    if as_json:
        print_json(rows)
    else:
        table(("table", "rows"), [(name, f"{count:,}") for name, count in rows.items()])


@app.command(epilog="Example: `run_monitor.py db prune`")
def prune(context: typer.Context) -> None:
    """Drop now what retention no longer keeps; the daemon does it every hour."""
    in_app(context, lambda app: app.housekeep())
