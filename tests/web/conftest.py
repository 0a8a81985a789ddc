"""The pages, served by uvicorn on loopback in the test's own loop, on a database of their own."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from monitor.core.model import MailKind, RuleKind, Status, Subscriber, Subscription
from monitor.links import Links, Purpose
from monitor.render import Labels, Renderer
from monitor.store import accounts, maintenance, outbox
from monitor.store.database import Database
from monitor.store.schema import metadata
from monitor.store.subscribers import Consent
from monitor.web.listening import listening
from monitor.web.server import build, running
from monitor.web.site import Site
from tests.fakes import FrozenClock
from tests.web.browser import Browser

ROOT = Path(__file__).parents[2]
EMAIL = "reader@example.org"
LABELS = {
    (RuleKind.TOPIC, "drones"): {"en": "Drones", "uk": "Дрони"},
    (RuleKind.TOPIC, "energy"): {"en": "Energy"},
    (RuleKind.ACTOR, "nato"): {"en": "NATO"},
    (RuleKind.SCOPE, "scope"): {},
}


@dataclass(slots=True)
class Desk:
    """The site and what lies behind it, for a test to look at."""

    site: Site
    clock: FrozenClock
    browser: Browser
    proxied: Browser
    labels: Callable[[], Labels] = lambda: LABELS

    @property
    def db(self) -> Database:
        return self.site.db

    def reader(self, email: str = EMAIL, *, status: Status = Status.ACTIVE, **changes: Any) -> Subscriber:
        """Make a reader with one subscription, and return it."""
        wish = Subscription(pk=0, subscriber=Subscriber(pk=0, email=email), topics=frozenset({"drones"}))
        wish = replace(wish, **changes)
        consent = Consent(who="operator", at=self.clock(), how="test", wording="yes")
        made = self.db.run_now(accounts.request, wish.subscriber, wish, consent=consent, now=self.clock())
        if status != Status.PENDING:
            self.db.run_now(accounts.confirm, made.pk, consent=consent)
        if status == Status.PAUSED:
            self.db.run_now(accounts.pause, made.pk, self.clock())
        if status == Status.UNSUBSCRIBED:
            self.db.run_now(accounts.unsubscribe, made.pk, self.clock())
        return self.known(made.pk)

    def known(self, pk: int) -> Subscriber:
        found = self.db.read_now(accounts.by_pk, pk)
        assert found is not None
        return found

    def found(self, email: str) -> Subscriber | None:
        return self.db.read_now(accounts.by_address, email)

    def wishes(self, reader: Subscriber) -> list[Subscription]:
        return self.db.read_now(accounts.wishes, reader.pk)

    def path(self, purpose: Purpose, reader: Subscriber, *more: int) -> str:
        return self.site.links.path(purpose, reader, *more)

    async def mails(self, email: str = EMAIL) -> list[str]:
        """Return the kinds of mails to an address, newest first, once all that was begun is stored."""
        await self.db.run(lambda _: None)
        return [row[0] for row in self.db.read_now(outbox.history, email) if row[0] != MailKind.DIGEST]

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return the whole database."""
        return self.db.read_now(
            lambda conn: {
                table.name: sorted((tuple(row) for row in conn.execute(table.select())), key=repr)
                for table in metadata.sorted_tables
            }
        )


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once."""
    path = tmp_path_factory.mktemp("migrated") / "monitor.db"
    found = Database(f"sqlite:///{path}")
    maintenance.upgrade(found.engine)
    found.close()
    return path


@pytest.fixture
def db(tmp_path: Path, migrated: Path) -> Iterator[Database]:
    shutil.copyfile(migrated, tmp_path / "monitor.db")
    found = Database(f"sqlite:///{tmp_path / 'monitor.db'}")
    yield found
    found.close()


@pytest.fixture
def public() -> bool:
    """Whether anybody may subscribe; a test says otherwise by `parametrize`."""
    return True


@pytest.fixture
async def desk(db: Database, public: bool) -> AsyncIterator[Desk]:
    clock = FrozenClock()
    links = Links("https://monitor.example", "a secret of the tests, long enough", "desk@example.org", clock)
    site = Site(
        db=db,
        links=links,
        render=Renderer(ROOT / "templates"),
        labels=lambda: made.labels(),  # noqa: PLW0108 - made is made below, and its labels may change
        clock=clock,
        zone="Europe/Kyiv",
        domain="example.org",
        public=public,
    )
    listener, behind = listening("127.0.0.1:0"), listening("127.0.0.1:0")
    pages = build(site)
    jar = aiohttp.DummyCookieJar()
    async with (
        running(pages, listener),
        running(pages, behind, proxy="127.0.0.1"),
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        direct, proxied = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in (listener, behind))
        made = Desk(site=site, clock=clock, browser=Browser(session, direct), proxied=Browser(session, proxied))
        yield made
