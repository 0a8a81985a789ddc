"""The worker process: answers one call after another, in bounded time and memory.

It imports what parsing needs and nothing else (no event loop, no sockets, no store), and is started by `pool`.
"""

import os
import pickle
import resource
import signal
import struct
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO

import monitor.core.parsing  # noqa: F401 (no call shall wait for it)
from monitor.errors import ParseError

LENGTH = struct.Struct("!Q")
"""Stands before every message, in bytes. The messages are pickles, and an empty one that says "ready"."""

Answer = tuple[Any, ParseError | None, str | None]
"""What a call returned; why the document cannot be read; the traceback of what should not have happened."""

_CHANNEL = 0
_NICENESS = 5
_MIB = 2**20


def main() -> None:
    """Serve until the other side closes the channel. Arguments: mebibytes of memory, seconds for each call."""
    memory_mb, seconds = int(sys.argv[1]), float(sys.argv[2])
    _shield(memory_mb)
    with os.fdopen(_CHANNEL, "rb") as calls, os.fdopen(os.dup(_CHANNEL), "wb") as answers:
        _send(answers, b"")
        while head := calls.read(LENGTH.size):
            # Should the daemon be gone by then, nobody else would end this process: the alarm's default action does.
            signal.setitimer(signal.ITIMER_REAL, seconds)
            _send(answers, _answered(calls.read(*LENGTH.unpack(head)), memory_mb))
            signal.setitimer(signal.ITIMER_REAL, 0)


def _shield(memory_mb: int) -> None:
    """Take the limits on, and leave it to the daemon to end us: service managers signal every process of theirs."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # not every system can bound it
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MIB, memory_mb * _MIB))


def _send(answers: BinaryIO, message: bytes) -> None:
    answers.write(LENGTH.pack(len(message)) + message)
    answers.flush()


def _answered(call: bytes, memory_mb: int) -> bytes:
    try:
        function, args, kwargs = pickle.loads(call)  # noqa: S301 (from the process that started us)
        return pickle.dumps(_result(function, args, kwargs))
    except MemoryError:
        return pickle.dumps((None, ParseError(f"needed more than {memory_mb} MB of memory"), None))


def _result(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
    try:
        return function(*args, **kwargs), None, None
    except ParseError as error:
        return None, error, None
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (our own fault, told where it is logged)
        return None, None, traceback.format_exc()


if __name__ == "__main__":
    main()
