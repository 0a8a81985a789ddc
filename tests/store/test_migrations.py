"""The migrations make exactly the tables that the code speaks of."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from monitor.errors import StoreError
from monitor.store import maintenance
from monitor.store.database import Database
from monitor.store.schema import metadata


def test_migrations_equal_the_schema(db: Database) -> None:
    with db.engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []


def test_upgrading_twice_changes_nothing(db: Database) -> None:
    before, after = maintenance.upgrade(db.engine)
    assert before == after == maintenance.versions(db.engine)[1]


def test_the_migrations_can_be_taken_back(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'down.db'}")
    maintenance.upgrade(db.engine)
    config = maintenance.alembic_config()
    with db.engine.begin() as conn:
        config.attributes["connection"] = conn
        command.downgrade(config, "base")
    assert maintenance.versions(db.engine)[0] is None
    db.close()


def test_failed_polls_before_their_count_are_those_that_are_known(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'old.db'}")
    maintenance.upgrade(db.engine)
    config = maintenance.alembic_config()
    with db.engine.begin() as conn:
        config.attributes["connection"] = conn
        command.downgrade(config, "0003")
        columns = "key, title, url, active, next_poll_at, next_reason, epoch, failures, polls, not_modified, gaps"
        values = "'a', 'A', 'https://a.example/', 1, '2026-01-01 00:00:00', '', 0, 3, 9, 0, 0"
        conn.execute(text(f"INSERT INTO feed ({columns}, redirect_polls) VALUES ({values}, 0)"))
    maintenance.upgrade(db.engine)
    with db.engine.connect() as conn:
        assert conn.execute(text("SELECT polls, failed_polls, fresh_s FROM feed")).one() == (9, 3, None)
    db.close()


def test_a_database_of_a_newer_program_is_refused(db: Database) -> None:
    head = maintenance.versions(db.engine)[1]
    with db.engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        with pytest.raises(StoreError, match="too old"):
            maintenance.upgrade(db.engine)
    finally:
        with db.engine.begin() as conn:
            conn.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})
