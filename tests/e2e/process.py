"""`run_monitor.py run` as a process of its own: its log as it comes, signals, and its end."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Self

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "run_monitor.py"
START_S = 90.0
"""Long enough for a machine that does other things as well; nothing waits so long unless it fails."""

PLAIN = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}


def environment(changes: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with these MONITOR_* variables and no others."""
    return {**PLAIN, "MONITOR_LOG_FORMAT": "json", **changes}


def command(config: Path) -> list[str | Path]:
    return [sys.executable, PROGRAM, "--config", config, "run"]


class Daemon:
    """The daemon, from its start to its end; killed when the context is left. `lines` are those that are no log line:
    warnings, tracebacks, messages."""

    def __init__(self, config: Path, environ: Mapping[str, str]) -> None:
        self.events: list[dict[str, Any]] = []
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            command(config),
            cwd=config.parent,
            env=environment(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        self._reader = threading.Thread(target=self._read, args=(self._process.stderr,), name="daemon-log")
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._take(line.rstrip("\n"))
        with self._news:
            self._news.notify_all()

    def _take(self, line: str) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        with self._news:
            if isinstance(event, dict):
                self.events.append(event)
            else:
                self.lines.append(line)
            self._news.notify_all()

    def find(self, event: str, **fields: object) -> list[dict[str, Any]]:
        """Return the log lines of this name that hold these fields, in order."""
        with self._news:
            return [one for one in self.events if one["event"] == event and fields.items() <= one.items()]

    def wait(self, event: str, *, count: int = 1, seconds: float = START_S, **fields: object) -> dict[str, Any]:
        """Block until the log has `count` such lines; return the last of them."""
        self.until(lambda: len(self.find(event, **fields)) >= count, seconds, f"{event} {fields}")
        return self.find(event, **fields)[count - 1]

    def until(self, done: Callable[[], bool], seconds: float, what: str) -> None:
        """Block until a log line makes it true. Fails when the daemon ends before, or the time is over."""
        with self._news:
            self._news.wait_for(lambda: done() or not self._reader.is_alive(), seconds)
            assert done(), f"no {what!r}; the log's end:\n{self.tail()}"

    def tail(self, count: int = 25) -> str:
        return "\n".join([*map(str, self.events[-count:]), *self.lines[-count:]])

    def tell(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait_end(self, seconds: float = START_S) -> int:
        """Block until the process has ended by itself; return its exit code."""
        code = self._process.wait(seconds)
        self._reader.join(seconds)
        return code

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 10.0) -> int:
        """Ask it to end; return its exit code. Fails when it takes longer."""
        self.tell(number)
        return self.wait_end(seconds)

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
        self.wait_end()
