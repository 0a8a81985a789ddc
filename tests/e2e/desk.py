"""The whole program with a real file and a real database; the ticks of the daemon's engine are made here."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from monitor.app import App, open_app
from monitor.settings import load_settings
from monitor.store import configurations, rules
from monitor.store.configurations import Configuration
from monitor.store.database import Connection
from monitor.store.schema import outbox
from tests.e2e.place import Place
from tests.fakes import FrozenClock

HEAD = """\
scope: {strong: {en: [Ukraine]}}
topics:
"""


def topics(**terms: str) -> str:
    """Write a file that watches these topics, a term each."""
    return HEAD + "".join(f"  {name}: {{terms: {{en: [{term}]}}}}\n" for name, term in terms.items())


FIRST, SECOND = topics(drones="drones"), topics(drones="drones", wheat="wheat")
WRONG, WRONGER = f"{FIRST}  wheat: {{termz: {{en: [wheat]}}}}\n", f"{FIRST}  wheat: {{terms: {{xx: [wheat]}}}}\n"


@dataclass
class BusyClock(FrozenClock):
    """A clock that does something when it is looked at: in the middle of whatever needs the time."""

    todo: list[Callable[[], object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def __call__(self) -> Any:
        if self.todo:
            self.todo.pop(0)()
        return super().__call__()


@dataclass
class Desk:
    """The running program, and the file that it watches."""

    app: App
    place: Place
    clock: BusyClock

    @property
    def file(self) -> Path:
        return self.place.feeds

    async def ticks(self, count: int = 2) -> None:
        for _ in range(count):
            await self.app.reloader.if_edited()

    def watched(self) -> set[str]:
        """Which topics count for entries that come now."""
        found = {rule.id for rule in self.app.watched.config.watchlist.rules if rule.kind == "topic"}
        current = {name for kind, name, _ in self.app.db.read_now(rules.current) if kind == "topic"}
        assert found == current
        return found

    def last(self) -> Configuration:
        found = self.app.db.read_now(configurations.last)
        assert found is not None
        return found

    def mails(self) -> list[str]:
        """The subjects of the operator's mails, the oldest first."""
        return self.app.db.read_now(subjects)


def subjects(conn: Connection) -> list[str]:
    payloads = conn.execute(select(outbox.c.payload).order_by(outbox.c.id)).scalars()
    return [payload.partition("\n")[0].rpartition("] ")[2] for payload in payloads]


def opened(place: Place, clock: BusyClock) -> AbstractAsyncContextManager[App]:
    environ = place.environ | {
        "MONITOR_FEEDS": str(place.feeds),
        "MONITOR_TEMPLATES": str(place.environ["MONITOR_TEMPLATES"]),
    }
    return open_app(load_settings(environ, None), environ, clock=clock)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
