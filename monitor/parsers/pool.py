"""Calls functions of `core.parsing` in worker processes that can be killed: at the time limit, or when nobody waits.

A message is a length and a pickle. That is safe here: the child is our own program, started by us, on a socket that
nobody else holds, and runs under the same user; what a publisher sent travels as `bytes` inside a message and is never
read as a pickle. The child gets no secret: neither the daemon's environment nor any of its descriptors.
"""

import asyncio
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, Protocol, Self, TypeVar

from monitor.errors import ParseError
from monitor.parsers.child import LENGTH, Answer

P = ParamSpec("P")
T = TypeVar("T")

_MIB = 2**20
_START_S = 30.0
_ORPHAN_S = 1.0
"""By so much the child's own alarm comes after the time limit here."""
_LARGE = 4 * _MIB
"""A process that read a longer message is not used again: it keeps much of the memory (104 MB after one of 18 MiB)."""
_INHERITED = ("PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_DEATHS = (asyncio.IncompleteReadError, ConnectionError)


class Caller(Protocol):
    """Calls a function of a module with arguments that can be pickled, and returns what it returns."""

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Raise ParseError when the function does, or when it went beyond its budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one call may take, and how many calls a process answers before a fresh one takes its place."""

    seconds: float = 10.0
    memory_mb: int = 512
    calls: int = 1_000


class Parsers:
    """At most `processes` workers, each started when it is first needed; an async context manager.

    Closing kills them all, and what still waits for one is cancelled.
    """

    def __init__(self, budget: Budget = Budget(), *, processes: int = 2) -> None:
        self._budget = budget
        self._places = asyncio.Semaphore(processes)
        self._idle: list[_Worker] = []
        self._alive: set[_Worker] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closed = True
        await asyncio.gather(*(self._end(worker) for worker in tuple(self._alive)))

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return `function(*args, **kwargs)`, called in a worker; cancelling kills that worker.

        Raises ParseError when the function does, when it took too long or too much memory, and when its process died;
        RuntimeError when the function raised anything else, and when no process can be started.
        """
        message = pickle.dumps((function, args, kwargs))
        async with self._places:
            worker = await self._take()
            try:
                value, refusal, fault = await self._ask(worker, message)
            except BaseException:
                await self._end(worker)
                raise
            await self._put_back(worker)
        if refusal is not None:
            raise refusal
        if fault is not None:
            raise _fault(fault)
        result: T = value
        return result

    async def _take(self) -> "_Worker":
        """Return a process that waits for calls; one that died while it had none is no document's fault."""
        self._require_open()
        while self._idle:
            worker = self._idle.pop()
            if worker.lives():
                return worker
            await self._end(worker)
        return await self._start()

    async def _start(self) -> "_Worker":
        worker = _Worker(self._budget)
        self._alive.add(worker)
        try:
            async with asyncio.timeout(_START_S):
                await worker.ready()
        except (TimeoutError, *_DEATHS) as error:
            await self._end(worker)
            self._require_open()
            raise RuntimeError(f"no parser process can be started: it {worker.fate()}") from error
        except BaseException:
            await self._end(worker)
            raise
        return worker

    async def _ask(self, worker: "_Worker", message: bytes) -> Answer:
        try:
            async with asyncio.timeout(self._budget.seconds):
                return await worker.ask(message)
        except TimeoutError:
            raise ParseError(f"took longer than {self._budget.seconds:g} s") from None
        except _DEATHS:
            self._require_open()
            await self._end(worker)
            raise ParseError(f"the parser process {worker.fate()}") from None

    def _require_open(self) -> None:
        if self._closed:
            raise asyncio.CancelledError("the parsers are closed")

    async def _put_back(self, worker: "_Worker") -> None:
        if self._closed or worker.calls >= self._budget.calls or worker.largest > _LARGE:
            await self._end(worker)
        else:
            self._idle.append(worker)

    async def _end(self, worker: "_Worker") -> None:
        try:
            await worker.kill()
        finally:
            self._alive.discard(worker)


class _Worker:
    """One process and the socket to it."""

    def __init__(self, budget: Budget) -> None:
        self.calls = 0
        self.largest = 0
        self._socket, theirs = socket.socketpair()
        self._writer: asyncio.StreamWriter | None = None
        with theirs:
            self._process = _spawn(theirs, budget)

    async def ready(self) -> None:
        """Return when it waits for calls."""
        self._reader, self._writer = await asyncio.open_connection(sock=self._socket)
        await self._receive()

    async def ask(self, message: bytes) -> Answer:
        """Send a call and return the answer. Raises one of _DEATHS."""
        assert self._writer is not None
        self.calls += 1
        self.largest = max(self.largest, len(message))
        self._writer.write(LENGTH.pack(len(message)))
        for start in range(0, len(message), _MIB):  # in one piece, 64 MiB would hold the event loop for 100 ms
            self._writer.write(message[start : start + _MIB])
            await self._writer.drain()
        answer: Answer = pickle.loads(await self._receive())  # noqa: S301 (from our own child)
        return answer

    async def _receive(self) -> bytes:
        head = await self._reader.readexactly(LENGTH.size)
        return await self._reader.readexactly(*LENGTH.unpack(head))

    def lives(self) -> bool:
        """Tell whether the process has not ended."""
        return self._process.poll() is None

    async def kill(self) -> None:
        """Kill it, and return when nothing of it is left."""
        self._process.kill()
        if self._writer is None:
            self._socket.close()
        else:
            self._writer.transport.abort()
        await asyncio.to_thread(self._process.wait)

    def fate(self) -> str:
        """Say how it ended."""
        code = self._process.returncode
        return f"died ({_signal(-code)})" if code < 0 else f"ended (exit code {code})"


def _spawn(channel: socket.socket, budget: Budget) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-P", "-W", "ignore", "-m", "monitor.parsers.child"]
    return subprocess.Popen(  # noqa: S603 (our own words only)
        [*command, str(budget.memory_mb), str(budget.seconds + _ORPHAN_S)],
        stdin=channel.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        start_new_session=True,  # what a terminal or a service manager tells our group is for us alone
    )


def _signal(number: int) -> str:
    return f"signal {number}, {signal.strsignal(number) or 'unknown'}"


def _fault(told: str) -> RuntimeError:
    error = RuntimeError(told.strip().rpartition("\n")[2])
    error.add_note(told)
    return error


def _environment() -> dict[str, str]:
    """Return where modules are found, and nothing that could be secret."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(str(Path(place).resolve()) for place in sys.path)}
