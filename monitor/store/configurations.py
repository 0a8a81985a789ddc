"""What became of the last reading of feeds.yaml: whether it is in force, or what is wrong with it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from monitor.errors import Finding
from monitor.store.inserts import insert_one
from monitor.store.schema import configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The last reading: the `number` of it, the SHA-256 of the file (hexadecimal), when, and why it was refused.

    `taken_digest` and `taken_at` are those of the reading that is in force; without findings it is this one.
    """

    path: str
    number: int
    digest: str
    read_at: datetime
    taken_digest: str | None
    taken_at: datetime | None
    findings: tuple[Finding, ...]


def last(conn: Connection) -> Configuration | None:
    """Return what became of the last reading; None before the first."""
    row = conn.execute(select(configuration)).one_or_none()
    if row is None:
        return None
    values = {name: value for name, value in row._mapping.items() if name not in {"id", "findings"}}
    return Configuration(**values, findings=tuple(Finding(**one) for one in row.findings))


def taken(conn: Connection, path: str, digest: str, now: datetime) -> None:
    """Note that the file was taken up."""
    _note(conn, path=path, digest=digest, read_at=now, taken_digest=digest, taken_at=now, findings=[])


def refused(conn: Connection, path: str, digest: str, findings: Sequence[Finding], now: datetime) -> None:
    """Note that the file was refused, and why; what was in force stays so."""
    _note(conn, path=path, digest=digest, read_at=now, findings=[asdict(one) for one in findings])


def _note(conn: Connection, **values: Any) -> None:
    noted = conn.execute(update(configuration).values(number=configuration.c.number + 1, **values))
    if not noted.rowcount:
        insert_one(conn, configuration, number=1, **values)
