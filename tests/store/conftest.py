"""One contract, two databases: every store test runs on SQLite and, where one answers on loopback, on PostgreSQL."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from monitor.store import maintenance
from monitor.store.database import Database
from monitor.store.schema import metadata

SERVER = os.environ.get("MONITOR_TEST_POSTGRESQL", "postgresql+pg8000://root@127.0.0.1:5432/postgres")


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A database of its own, made for this run; skips where no server answers."""
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    name = f"monitor_test_{os.getpid()}"
    try:
        with server.connect() as conn:
            conn.execute(text(f"CREATE DATABASE {name}"))
    except SQLAlchemyError as error:
        server.dispose()
        pytest.skip(f"no PostgreSQL answers on loopback ({type(error).__name__}); set MONITOR_TEST_POSTGRESQL")
    url = server.url.set(database=name, drivername="postgresql")
    yield url.render_as_string(hide_password=False)
    with server.connect() as conn:
        conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'monitor.db'}"
    found: str = request.getfixturevalue("postgresql_url")
    return found


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """An empty, migrated database; fails if a test leaves a connection checked out."""
    found = Database(url)
    maintenance.upgrade(found.engine)
    with found.engine.begin() as conn:
        for table in reversed(metadata.sorted_tables):
            conn.execute(table.delete())
    yield found
    assert "Current Checked out connections: 0" in found.engine.pool.status()
    found.close()
