"""What the kill tests have in common: a random moment, a look at a dead daemon's database, a table of figures."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

KILLS = 50


def pass_time(seconds: float) -> None:
    """Let a random moment come: what is being tested is that none of them matters."""
    threading.Event().wait(seconds)


@contextmanager
def as_left(database: Path, folder: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a database as its dead process left it, so that the next one has to recover it by itself."""
    folder.mkdir(exist_ok=True)
    copy = folder / database.name
    for suffix in ("", "-wal"):
        source, target = Path(f"{database}{suffix}"), Path(f"{copy}{suffix}")
        target.unlink(missing_ok=True)
        if source.exists():
            shutil.copyfile(source, target)
    Path(f"{copy}-shm").unlink(missing_ok=True)
    with closing(sqlite3.connect(copy)) as connection:
        yield connection


def is_sound(connection: sqlite3.Connection) -> bool:
    """Tell whether SQLite finds nothing wrong with file, indexes and references."""
    integrity = connection.execute("PRAGMA integrity_check").fetchall()
    return integrity == [("ok",)] and connection.execute("PRAGMA foreign_key_check").fetchall() == []


def change(database: Path, statement: str) -> None:
    """Change a living daemon's database from outside, as the passing of time would."""
    with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
        connection.execute(statement)


def print_table(title: str, figures: Mapping[str, object]) -> None:
    print(f"\n{title}")
    for name, figure in figures.items():
        print(f"  {name:<48}{figure:>10}")
