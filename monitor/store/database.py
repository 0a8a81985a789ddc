"""One database behind `await db.run(fn, …)`: a single writer thread that groups commits, and a few readers.

    run(fn)  ─► queue ─► writer:  BEGIN IMMEDIATE
                                  SAVEPOINT fn₁ … fnₙ     up to 50 functions or 50 ms
                                  COMMIT                  only now is any of them done
    read(fn) ─► reader threads:   a snapshot each

What differs between SQLite and PostgreSQL stands in this file alone.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection as Connection  # noqa: PLC0414 - callers name the type, not the library
from sqlalchemy import Engine, Table, create_engine, event, func, insert, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from monitor.errors import StoreError

P = ParamSpec("P")
T = TypeVar("T")

GROUP_SIZE = 50
GROUP_SECONDS = 0.05
READERS = 4


@dataclass(frozen=True, slots=True)
class _Work:
    call: Callable[[Connection], Any]
    done: Future[Any]


class Database:
    """Runs plain functions of a connection. Writes are serialised, durable when `run` returns, and all or nothing.

    A function may run twice when a commit of its group failed, so it must keep nothing outside the connection.
    """

    def __init__(self, url: str, *, max_pages: int | None = None) -> None:
        self.engine = create(url, max_pages=max_pages)
        self._snapshots = self.engine.execution_options(reading=True)
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._writer = threading.Thread(target=self._write_forever, name="db-write", daemon=True)
        self._writer.start()

    async def run(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(connection, …)` in the writer; returns after the commit. Raises StoreError, or what `fn` raises."""
        return await asyncio.wrap_future(self._submit(lambda conn: fn(conn, *args, **kwargs)))

    def run_now(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do as `run`, for callers without an event loop."""
        return self._submit(lambda conn: fn(conn, *args, **kwargs)).result()

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(connection, …)` on a snapshot, beside the writer. Raises StoreError."""
        return await asyncio.wrap_future(self._readers.submit(lambda: self.read_now(fn, *args, **kwargs)))

    def read_now(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do as `read`, in the calling thread."""
        try:
            with self._snapshots.connect() as conn:
                return fn(conn, *args, **kwargs)
        except SQLAlchemyError as error:
            raise StoreError(_plain(error)) from error

    def close(self) -> None:
        """Finish what is queued, then close every connection."""
        self._queue.put(None)
        self._writer.join()
        self._readers.shutdown()
        self.engine.dispose()

    def _submit(self, call: Callable[[Connection], T]) -> "Future[T]":
        if not self._writer.is_alive():
            raise StoreError("the database is closed")
        done: Future[T] = Future()
        self._queue.put(_Work(call, done))
        return done

    def _write_forever(self) -> None:
        while (first := self._queue.get()) is not None:
            if not self._write_group(first):
                return

    def _write_group(self, first: _Work) -> bool:
        """Commit a group; False when the queue was closed meanwhile."""
        group: list[_Work] = []
        results: list[tuple[_Work, Any, BaseException | None]] = []
        going = True
        try:
            with self.engine.connect() as conn, conn.begin():
                deadline = time.monotonic() + GROUP_SECONDS
                work: _Work | None = first
                while work is not None:
                    if work.done.set_running_or_notify_cancel():
                        group.append(work)
                        results.append((work, *_in_savepoint(conn, work)))
                    work, going = self._next(len(group), deadline)
        except SQLAlchemyError as error:
            self._after_lost_group(group or [first], error)  # no group: the transaction could not even begin
        else:
            _settle(results)
        return going

    def _next(self, size: int, deadline: float) -> tuple[_Work | None, bool]:
        if size >= GROUP_SIZE or time.monotonic() >= deadline:
            return None, True
        try:
            work = self._queue.get_nowait()
        except queue.Empty:
            return None, True
        return work, work is not None

    def _after_lost_group(self, group: Sequence[_Work], error: SQLAlchemyError) -> None:
        """Give each function of a lost group a transaction of its own, so that one cannot sink the others."""
        for work in group:
            if len(group) == 1:
                _fail(work, error)
                continue
            try:
                with self.engine.begin() as conn:
                    value = work.call(conn)
            except Exception as own:  # noqa: BLE001 - it belongs to whoever waits for this work
                _fail(work, own)
            else:
                work.done.set_result(value)


def _in_savepoint(conn: Connection, work: _Work) -> tuple[Any, BaseException | None]:
    """Run one function in a savepoint. Raises SQLAlchemyError when the whole transaction is gone (disk full)."""
    savepoint = conn.begin_nested()
    try:
        value = work.call(conn)
        savepoint.commit()
    except Exception as error:  # it belongs to whoever waits for this work
        if conn.invalidated or not _alive(conn):
            raise StoreGone(str(error)) from error
        savepoint.rollback()
        return None, error
    return value, None


class StoreGone(SQLAlchemyError):
    """The database ended the transaction by itself."""


def _alive(conn: Connection) -> bool:
    """Tell whether the transaction still stands: SQLite drops it by itself when the disk is full."""
    raw = conn.connection.dbapi_connection
    return bool(getattr(raw, "in_transaction", True))


def _settle(results: Sequence[tuple[_Work, Any, BaseException | None]]) -> None:
    for work, value, error in results:
        if error is None:
            work.done.set_result(value)
        else:
            _fail(work, error)


def _fail(work: _Work, error: BaseException) -> None:
    if isinstance(error, SQLAlchemyError):
        wrapped = StoreError(_plain(error))
        wrapped.__cause__ = error
        error = wrapped
    work.done.set_exception(error)


def _plain(error: SQLAlchemyError) -> str:
    """Return the database's own words, one line of them (PostgreSQL's come as a mapping of message fields)."""
    cause = getattr(error, "orig", None) or error.__cause__ or error
    fields = cause.args[0] if cause.args else None
    words = str(fields["M"]) if isinstance(fields, dict) and "M" in fields else str(cause)
    return words.strip().split("\n")[0] or type(cause).__name__


# ── what differs between the databases ───────────────────────────────────────────────────────────────────────────────


def create(url: str, *, max_pages: int | None = None) -> Engine:
    """Build an engine for `sqlite:///file` or `postgresql://…`. Raises StoreError for any other database."""
    parsed = make_url(url)
    with opening(parsed):
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed, max_pages)
        if parsed.get_backend_name() == "postgresql":
            return _postgresql(parsed)
    raise StoreError(f"database {parsed.get_backend_name()!r} is not supported; use sqlite:///… or postgresql://…")


@contextmanager
def opening(url: URL) -> Iterator[None]:
    """Raise as StoreError, with the database's name, what it refuses outside of `run` and `read`."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(f"{url.render_as_string()}: {_plain(error)}") from error


def _postgresql(url: URL) -> Engine:
    if url.username is None:
        raise StoreError(f"{url.render_as_string()} names no user; write it as postgresql://user@host/name")
    try:
        return create_engine(url.set(drivername="postgresql+pg8000"), pool_pre_ping=True)
    except ImportError as error:
        raise StoreError("PostgreSQL needs the package pg8000, which is not installed") from error


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite database, None for any other."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the database's folder {folder} cannot be made: {error.strerror}") from error


def _sqlite(url: URL, max_pages: int | None) -> Engine:
    if url.database and url.database != ":memory:":
        _make_folder(Path(url.database).parent)
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _pragmas(raw: Any, _record: object) -> None:
        raw.isolation_level = None  # the driver's own BEGIN is a deferred one, which loses updates
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            raw.execute(f"PRAGMA {pragma}")
        if max_pages is not None:
            raw.execute(f"PRAGMA max_page_count={max_pages}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql("BEGIN" if conn.get_execution_options().get("reading") else "BEGIN IMMEDIATE")

    return engine


def insert_ignore(conn: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows; those that meet an existing key are left as they stand."""
    if rows:
        make = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
        conn.execute(make(table).on_conflict_do_nothing(), rows)


def insert_one(conn: Connection, table: Table, **values: Any) -> int:
    """Insert a row and return its id."""
    return int(conn.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


def insert_many(conn: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert rows and return their ids in the same order.

    On SQLite we hold the only write lock and know the next ids: with RETURNING, rows would go one by one.
    """
    if conn.dialect.name != "sqlite":
        query = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        return list(conn.execute(query, rows).scalars())
    first = conn.execute(select(func.coalesce(func.max(table.c.id), 0) + 1)).scalar_one()
    ids = list(range(first, first + len(rows)))
    conn.execute(insert(table), [{"id": pk, **row} for pk, row in zip(ids, rows, strict=True)])
    return ids
