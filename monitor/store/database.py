"""One database behind `await db.run(fn, …)`: a single writer thread that groups commits, and a few readers.

    run(fn)  ─► queue ─► writer:  BEGIN IMMEDIATE
                                  fn₁ SAVEPOINT fn₂ … fnₙ up to 50 functions or 50 ms
                                  COMMIT                  only now is any of them done
    read(fn) ─► reader threads:   a snapshot each

What differs between SQLite and PostgreSQL stands in this file and in `inserts`.
"""

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

from sqlalchemy import Connection as Connection  # noqa: PLC0414 - callers name the type, not the library
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from monitor.errors import StoreError

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")

GROUP_SIZE = 50
GROUP_SECONDS = 0.05
READERS = 4


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What is to be done, and who waits for it: a thread, or a task of `loop`."""

    call: Callable[[Connection], Any]
    done: "Future[Any] | asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop | None = None


_Result: TypeAlias = tuple[_Work, Any, BaseException | None]
_Together: TypeAlias = Callable[[Connection, Sequence[Any]], Any]
_Batch: TypeAlias = list[tuple[Any, "asyncio.Future[Any]"]]


class Database:
    """Runs plain functions of a connection. Writes are serialised, durable when `run` returns, and all or nothing.

    A function may run twice when a commit of its group failed, so it must keep nothing outside the connection.
    """

    def __init__(self, url: str, *, max_pages: int | None = None) -> None:
        self.engine = create(url, max_pages=max_pages)
        self._snapshots = self.engine.execution_options(reading=True)
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._waiting: deque[_Work] = deque()  # the writer's own
        self._closed = False
        self._batches: dict[tuple[asyncio.AbstractEventLoop, _Together], _Batch] = {}
        self._writing: set[asyncio.Task[None]] = set()  # the loop itself forgets tasks that nobody holds
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._writer = threading.Thread(target=self._write_forever, name="db-write", daemon=True)
        self._writer.start()

    def run(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> "asyncio.Future[T]":
        """Run `fn(connection, …)` in the writer; done after the commit. Raises StoreError, or what `fn` raises."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._submit(_Work(lambda conn: fn(conn, *args, **kwargs), done, loop))
        return done

    def run_together(self, fn: Callable[[Connection, Sequence[S]], T], item: S) -> "asyncio.Future[T]":
        """Do as `run`, with one call of `fn` for all items of 50 ms: one statement for many rows, one result for all.

        Where that fails each item gets a call of its own.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        batch = self._batches.setdefault((loop, fn), [])
        batch.append((item, done))
        if len(batch) == 1:
            loop.call_later(GROUP_SECONDS, self._begin, loop, fn)
        return done

    def _begin(self, loop: asyncio.AbstractEventLoop, fn: _Together) -> None:
        task = loop.create_task(self._write(fn, self._batches.pop((loop, fn))))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(self, fn: _Together, batch: _Batch) -> None:
        try:
            value = await self.run(fn, [item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait
            if len(batch) > 1:
                await asyncio.gather(*(self._write(fn, [one]) for one in batch))
            elif not batch[0][1].done():
                batch[0][1].set_exception(error)
        else:
            for _, done in batch:
                if not done.done():
                    done.set_result(value)

    def run_now(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do as `run`, for callers without an event loop."""
        done: Future[T] = Future()
        self._submit(_Work(lambda conn: fn(conn, *args, **kwargs), done))
        return done.result()

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

    def _submit(self, work: _Work) -> None:
        if not self._writer.is_alive():
            raise StoreError("the database is closed")
        self._queue.put(work)

    def _write_forever(self) -> None:
        while self._fill(wait=True):
            self._write_group()

    def _fill(self, *, wait: bool = False) -> bool:
        """Take over what is queued; false when nothing waits (and, asked to `wait`, the queue was closed)."""
        with suppress(queue.Empty):
            while not self._closed:
                work = self._queue.get(block=wait and not self._waiting)
                if work is None:
                    self._closed = True
                else:
                    self._waiting.append(work)
        return bool(self._waiting)

    def _write_group(self) -> None:
        group: list[_Work] = []
        results: list[_Result] = []
        try:
            with self.engine.connect() as conn, conn.begin():
                deadline = time.monotonic() + GROUP_SECONDS
                while len(group) < GROUP_SIZE and time.monotonic() < deadline and self._fill():
                    work = self._waiting.popleft()
                    if not work.done.cancelled():
                        group.append(work)
                        # what begins a transaction needs no savepoint: if it fails, nothing is lost with it
                        done = _in_savepoint(conn, work.call) if results else (work.call(conn), None)
                        results.append((work, *done))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for this group
            group = group or [self._waiting.popleft()]  # none: the transaction could not even begin
            self._after_lost_group(group, error)
        else:
            _settle(results)

    def _after_lost_group(self, group: Sequence[_Work], error: Exception) -> None:
        """Give each function of a lost group a transaction of its own, so that one cannot sink the others."""
        _settle([(work, None, error) if len(group) == 1 else self._alone(work) for work in group])

    def _alone(self, work: _Work) -> _Result:
        try:
            with self.engine.begin() as conn:
                value = work.call(conn)
        except Exception as own:  # noqa: BLE001 - it belongs to whoever waits for this work
            return work, None, own
        return work, value, None


def _in_savepoint(conn: Connection, call: Callable[[Connection], Any]) -> tuple[Any, BaseException | None]:
    """Run one function in a savepoint. Raises SQLAlchemyError when the whole transaction is gone (disk full)."""
    savepoint = conn.begin_nested()
    try:
        value = call(conn)
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


def _settle(results: Sequence[_Result]) -> None:
    """Tell all that wait; each event loop is woken once."""
    for loop in {work.loop for work, _, _ in results}:
        mine = [result for result in results if result[0].loop is loop]
        if loop is None:
            _tell(mine)
        else:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_tell, mine)


def _tell(results: Sequence[_Result]) -> None:
    for work, value, error in results:
        if work.done.done():
            continue  # whoever waited was cancelled meanwhile
        if error is None:
            work.done.set_result(value)
        else:
            work.done.set_exception(_as_ours(error))


def _as_ours(error: BaseException) -> BaseException:
    if not isinstance(error, SQLAlchemyError):
        return error
    ours = StoreError(_plain(error))
    ours.__cause__ = error
    return ours


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
