"""Inserting rows, many at a time."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import Column, Connection, Dialect, Select, Table, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert


def insert_ignore(conn: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, all of the same columns; those that meet an existing key are left as they stand."""
    _insert(conn, table, rows, ignoring=True)


def insert_one(conn: Connection, table: Table, **values: Any) -> int:
    """Insert a row and return its id."""
    return int(conn.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def insert_many(conn: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows, all of the same columns, and return their ids in the same order.

    On SQLite we hold the only write lock and know the next ids: with RETURNING, rows would go one by one.
    """
    if conn.dialect.name != "sqlite":
        return list(conn.execute(_returning_ids(table), rows).scalars())
    first = conn.execute(_next_id(table)).scalar_one()
    ids = list(range(first, first + len(rows)))
    _insert(conn, table, [{"id": pk, **row} for pk, row in zip(ids, rows, strict=True)])
    return ids


@cache
def _returning_ids(table: Table) -> ReturningInsert[Any]:
    return insert(table).returning(table.c.id, sort_by_parameter_order=True)


@cache
def _next_id(table: Table) -> Select[Any]:
    return select(func.coalesce(func.max(table.c.id), 0) + 1)


def _insert(conn: Connection, table: Table, rows: Sequence[dict[str, Any]], *, ignoring: bool = False) -> None:
    """On SQLite, what SQLAlchemy does with each value of each row costs more than the insertion: we take a column at
    a time, and convert a value that stands in it often only once."""
    if rows and conn.dialect.name == "sqlite":
        words, columns = _sqlite_insert(table, ignoring, tuple(rows[0]))
        values = [_converted([row.get(name, default) for row in rows], convert) for name, default, convert in columns]
        conn.exec_driver_sql(words, list(zip(*values, strict=True)))
    elif rows:
        conn.execute(_postgresql_insert(table, ignoring), rows)


@cache
def _postgresql_insert(table: Table, ignoring: bool) -> ReturningInsert[Any]:
    query = postgresql.insert(table)
    query = query.on_conflict_do_nothing() if ignoring else query
    return query.returning(*table.primary_key)  # else the driver would send the rows one by one


def _converted(values: list[Any], convert: Callable[[Any], Any] | None) -> list[Any]:
    if convert is None:
        return values
    try:
        done = {value: convert(value) for value in set(values)}
    except TypeError:  # lists cannot be keys
        return [convert(value) for value in values]
    return [done[value] for value in values]


_Column: TypeAlias = tuple[str, Any, Callable[[Any], Any] | None]
"""A column's name, its default, and what makes its values such as the driver takes."""


@cache
def _sqlite_insert(table: Table, ignoring: bool, names: tuple[str, ...]) -> tuple[str, list[_Column]]:
    dialect = sqlite.dialect()
    query = sqlite.insert(table)
    made = (query.on_conflict_do_nothing() if ignoring else query).compile(dialect=dialect, column_keys=list(names))
    return str(made), [_column(table.c[name], dialect) for name in made.positiontup or ()]


def _column(column: Column[Any], dialect: Dialect) -> _Column:
    default = getattr(column.default, "arg", None)
    return column.name, default, column.type.dialect_impl(dialect).bind_processor(dialect)
