"""A directory with a feeds.yaml, a database and settings: where one test lives."""

import io
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.cli.main import main
from monitor.clock import utc_now
from monitor.store import subscribers
from monitor.store.database import Database
from tests.e2e.process import ROOT, Daemon, environment

OPERATOR = "operator@example.org"

WATCH = """\
# What is watched by the tests.
scope:
  strong: {en: [Ukraine, Kyiv]}
actors:
  putin: {last: {en: [Putin], uk: [Путін]}}
topics:
  drones: {label: {en: Drones}, terms: {en: [drones]}}
  peace-talks: {label: {en: Peace talks}, terms: {en: [ceasefire, peace talks]}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[Any]:
        """Standard output, a JSON value a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(slots=True)
class Place:
    """Settings, files and the commands that work on them. A mail server is set by `mail_to`."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environ = {
            "MONITOR_DATABASE": f"sqlite:///{self.database}",
            "MONITOR_VAR": str(self.folder / "var"),
            "MONITOR_CACHE": str(ROOT / "var" / "cache"),
            "MONITOR_TEMPLATES": str(ROOT / "templates"),
            "MONITOR_HOST_GAP": "0",
            "MONITOR_DISK_FREE_MB": "0",
            "MONITOR_LOG_FORMAT": "json",
            "MONITOR_OPERATOR": OPERATOR,
            **self.environ,
        }

    @property
    def feeds(self) -> Path:
        return self.folder / "feeds.yaml"

    @property
    def database(self) -> Path:
        return self.folder / "var" / "monitor.db"

    def mail_to(self, port: int) -> None:
        self.environ |= {
            "MONITOR_SMTP_HOST": "127.0.0.1",
            "MONITOR_SMTP_PORT": str(port),
            "MONITOR_SMTP_SECURITY": "none",
            "MONITOR_SENDER": "Ukraine monitor <monitor@example.org>",
        }

    def write(self, feeds: Mapping[str, str], *, path: Path | None = None) -> None:
        """Write a feeds.yaml that watches these addresses, in one step as an editor does."""
        target = path or self.feeds
        lines = [f"  - id: {name}\n    url: {url}\n    allow_private: true\n" for name, url in feeds.items()]
        part = target.with_suffix(".part")
        part.write_text(WATCH + ("feeds:\n" + "".join(lines) if lines else ""), encoding="utf-8")
        part.replace(target)

    def daemon(self, **changes: str) -> Daemon:
        return Daemon(self.feeds, self.environ | changes)

    def cli(self, *arguments: str | Path, stdin: str = "", **changes: str) -> Done:
        """Run a command in this process, as `run_monitor.py` would."""
        words = ["--config", self.feeds, "--env-file", self.folder / ".env", *arguments]
        return call(*words, environ=self.environ | changes, stdin=stdin)

    @contextmanager
    def db(self) -> Iterator[Database]:
        """Open the database beside whoever works on it."""
        database = Database(self.environ["MONITOR_DATABASE"])
        try:
            yield database
        finally:
            database.close()

    def make_due(self, email: str) -> None:
        """Move an address's next digests into the past."""
        past = utc_now() - timedelta(minutes=1)
        with self.db() as db:
            for wish in db.read_now(subscribers.by_email, email):
                db.run_now(subscribers.set_next, wish.pk, past)


_ONE_CALL = threading.Lock()
"""Arguments, environment and standard streams belong to the whole process."""


def call(*arguments: str | Path, environ: Mapping[str, str], stdin: str = "") -> Done:
    """Run the command line in this process, with an environment and standard streams of its own."""
    with _ONE_CALL:
        return _call(arguments, environment(environ), stdin)


def _call(arguments: Sequence[str | Path], environ: Mapping[str, str], stdin: str) -> Done:
    out, err = io.StringIO(), io.StringIO()
    kept_arguments, kept_environ, kept_stdin = sys.argv, dict(os.environ), sys.stdin
    sys.argv = ["run_monitor.py", *map(str, arguments)]
    sys.stdin = io.StringIO(stdin)
    os.environ.clear()
    os.environ.update(environ)
    code = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.argv, sys.stdin = kept_arguments, kept_stdin
        os.environ.clear()
        os.environ.update(kept_environ)
    return Done(code=code, out=out.getvalue(), err=err.getvalue())
