"""What the tests have worker processes do; the children import it from here."""

import os
import re
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from monitor.errors import ParseError


def pid() -> int:
    return os.getpid()


def spin() -> None:
    """Hold the interpreter inside one call of a C function, where no thread gets a turn."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def devour() -> int:
    return len([bytearray(2**20) for _ in range(2**20)])


def refuse(reason: str) -> None:
    raise ParseError(reason)


def stumble() -> None:
    raise KeyError("unforeseen")


def crash(number: int = signal.SIGSEGV) -> None:
    os.kill(os.getpid(), number)


def leave(code: int) -> None:
    os._exit(code)


def chatter() -> str:
    print("on standard output")
    print("on standard error", file=sys.stderr)
    return "heard"


def hold(place: str) -> str:
    """Tell the test that we are under way, and stay so until it answers."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(place)
        line.sendall(os.getpid().to_bytes(8, "big"))
        return line.recv(100).decode()


def surroundings() -> dict[str, Any]:
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    links = (one.readlink() for one in Path("/proc/self/fd").iterdir() if one.is_symlink())
    kinds = {str(link).partition(":")[0] for link in links}
    return {
        "environ": set(os.environ),
        "nice": os.nice(0),
        "files": {kind for kind in kinds if not kind.startswith("/proc/")},
        "modules": {name for name in sys.modules if name.startswith("monitor.")},
        "memory_kb": int(status["RssAnon"].split()[0]),
    }
