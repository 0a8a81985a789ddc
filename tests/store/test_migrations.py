"""The migrations make exactly the tables that the code speaks of."""

import json
from datetime import time
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, text

from monitor.core.model import Schedule
from monitor.errors import StoreError
from monitor.store import maintenance, subscribers
from monitor.store.database import Database
from monitor.store.schema import metadata, outbox, subscriber

OLD = (
    "INSERT INTO subscriber VALUES (1, 'reader@example.org', 'uk', 'Europe/Kyiv', 'active',"
    " '2026-03-01 12:00:00.000000', 'command line', 'yes')",
    "INSERT INTO subscription VALUES (1, 1, '[\"drones\"]', '[]', '[\"07:00\", \"18:30\"]', 15, 1, 1,"
    " '2026-03-01 12:00:00.000000', '2026-03-02 05:00:00.000000')",
    "INSERT INTO outbox (kind, subject, recipient, message_id, state, attempts, next_try_at, created_at) VALUES"
    " ('operator', 'x', 'Desk <desk@EXAMPLE.org>', '<1@x>', 'queued', 0, '2026-03-01 12:00:00', '2026-03-01 12:00:00')",
)
"""A reader, their subscription and a mail, as version 0004 kept them."""


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


def test_readers_of_the_first_version_keep_their_times_and_their_mails(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'old.db'}")
    config = maintenance.alembic_config()
    with db.engine.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0004")
        for statement in OLD:
            conn.execute(text(statement))
    maintenance.upgrade(db.engine)
    [wish] = db.read_now(subscribers.by_email, "reader@example.org")
    assert wish.schedule == Schedule(times=(time(7), time(18, 30)))
    with db.engine.begin() as conn:
        assert conn.execute(select(outbox.c.domain)).scalar_one() == "example.org"
        made = conn.execute(select(subscriber.c.created_at, subscriber.c.consent_at, subscriber.c.consent_who)).one()
        assert (made[0], made[2]) == (made[1], "operator")
        config.attributes["connection"] = conn
        command.downgrade(config, "0004")
        assert json.loads(conn.execute(text("SELECT daily FROM subscription")).scalar_one()) == ["07:00", "18:30"]
    maintenance.upgrade(db.engine)
    assert db.read_now(subscribers.by_email, "reader@example.org") == [wish]
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
