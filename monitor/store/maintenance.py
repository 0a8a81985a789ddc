"""Retention, migrations, backup and figures: what keeps the database healthy for years."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, delete, exists, func, select, update

from monitor.errors import StoreError
from monitor.store.database import opening
from monitor.store.schema import (
    delivery,
    domain_hold,
    edition,
    entry,
    entry_key,
    hit,
    metadata,
    outbox,
    problem,
    rematch,
    revision,
    suppression,
)

BATCH = 1000
_MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config() -> Config:
    """Return Alembic's configuration; the connection is handed over in `attributes`."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring the tables to this program's version; returns the version before and after. Raises StoreError."""
    before, head = versions(engine)
    if before != head:
        config = alembic_config()
        with opening(engine.url), engine.begin() as conn:
            config.attributes["connection"] = conn
            command.upgrade(config, "head")
    return before, head


def versions(engine: Engine) -> tuple[str | None, str]:
    """Return the database's version (None: empty) and the one that this program needs.

    Raises StoreError when it cannot be opened, or a newer program made it.
    """
    scripts = ScriptDirectory.from_config(alembic_config())
    head = scripts.get_current_head() or ""
    with opening(engine.url), engine.connect() as conn:
        current = MigrationContext.configure(conn).get_current_revision()
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError(f"the database has version {current}, which this program is too old for (it knows {head})")
    return current, head


def require_head(current: str, head: str) -> None:
    """Raise StoreError where the database is older than this program."""
    if current != head:
        raise StoreError(f"the database has version {current}, this program needs {head}; run `db upgrade`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoffs:
    """Everything older goes. Texts without a hit go first; hits, ledger and tombstones are kept longest."""

    content: datetime
    hits: datetime
    ledger: datetime


def prune(conn: Connection, cutoffs: Cutoffs) -> int:
    """Drop one batch of what retention no longer keeps; returns the rows dropped (0: done).

    An entry that loses its text stays as a tombstone, so that it is not taken for news when its feed shows it again.
    """
    idle = _entries(
        ~entry.c.pruned, entry.c.last_seen_at < cutoffs.content, ~exists().where(hit.c.entry_id == entry.c.id)
    )
    old = _entries(~entry.c.pruned, entry.c.last_seen_at < cutoffs.hits)
    dropped = _drop_texts(conn, idle) or _drop_texts(conn, old)
    return dropped or _drop_tombstones(conn, cutoffs.ledger) or _drop_mail(conn, cutoffs)


def _entries(*conditions: Any) -> Any:
    return select(entry.c.id).where(*conditions).limit(BATCH)


def _drop_texts(conn: Connection, chosen: Any) -> int:
    ids = list(conn.execute(chosen).scalars())
    if ids:
        conn.execute(delete(hit).where(hit.c.entry_id.in_(ids)))
        conn.execute(delete(revision).where(revision.c.entry_id.in_(ids)))
        conn.execute(update(entry).where(entry.c.id.in_(ids)).values(pruned=True))
    return len(ids)


def _drop_tombstones(conn: Connection, cutoff: datetime) -> int:
    ids = list(conn.execute(_entries(entry.c.pruned, entry.c.last_seen_at < cutoff)).scalars())
    if ids:
        conn.execute(delete(entry_key).where(entry_key.c.entry_id.in_(ids)))
        conn.execute(delete(entry).where(entry.c.id.in_(ids)))
    return len(ids)


def _drop_mail(conn: Connection, cutoffs: Cutoffs) -> int:
    frozen = update(edition).where(edition.c.content.is_not(None), edition.c.created_at < cutoffs.content)
    dropped = conn.execute(frozen.where(edition.c.state != "open").values(content=None)).rowcount
    ends = (
        outbox.c.finished_at,
        problem.c.ended_at,
        domain_hold.c.released_at,
        suppression.c.lifted_at,
        rematch.c.finished_at,
    )
    for table, column in ((end.table, end) for end in ends):
        dropped += conn.execute(delete(table).where(column < cutoffs.hits)).rowcount
    dropped += conn.execute(delete(delivery).where(delivery.c.planned_at < cutoffs.ledger)).rowcount
    return dropped + conn.execute(delete(edition).where(edition.c.created_at < cutoffs.ledger)).rowcount


def stats(conn: Connection) -> dict[str, int]:
    """Return the number of rows of each table."""
    return {
        table.name: int(conn.execute(select(func.count()).select_from(table)).scalar_one())
        for table in metadata.sorted_tables
    }


def backup(engine: Engine, target: Path) -> int:
    """Copy a SQLite database, consistent while it is written to; returns the size in bytes. Raises StoreError."""
    if engine.dialect.name != "sqlite":
        raise StoreError("this database has its own tool for backups: pg_dump")
    if target.exists():
        raise StoreError(f"{target} exists already")
    try:
        _copy(engine, target)
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        raise StoreError(f"{target}: {error}") from error
    return target.stat().st_size


def _copy(engine: Engine, target: Path) -> None:
    with closing(sqlite3.connect(target)) as copy, opening(engine.url), engine.connect() as conn:
        conn.connection.driver_connection.backup(copy)  # type: ignore[union-attr]
