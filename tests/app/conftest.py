"""The poller and the notifier with a real database, real templates, and fakes only at the sockets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.core import schedule
from monitor.core.model import (
    ActorSpec,
    FeedSpec,
    FetchResult,
    PollOutcome,
    Recorded,
    ScopeSpec,
    Subscriber,
    Subscription,
    TopicSpec,
    WatchSpec,
)
from monitor.core.publishers import directory
from monitor.core.rates import Rates
from monitor.core.watchlist import Watchlist, compile_watchlist
from monitor.fleet import Fleet
from monitor.links import Links
from monitor.notify import Notifier, Planner, Sender
from monitor.parsers.pool import Caller
from monitor.poll import Poller, Watch
from monitor.render import Renderer
from monitor.store import feeds, maintenance, subscribers
from monitor.store.database import Database
from monitor.store.rules import sync_rules
from tests.fakes import FakeFetch, FrozenClock, RecordingSend, call_here, spec
from tests.message_lint.lint import assert_clean

ROOT = Path(__file__).parents[2]

WATCHED = WatchSpec(
    actors=(ActorSpec(id="putin", label={"en": "Putin"}, last={"en": ("Putin",), "uk": ("Путін",)}),),
    topics=(
        TopicSpec(id="drones", label={"en": "Drones"}, terms={"en": ("drones", "drone")}),
        TopicSpec(id="peace-talks", label={"en": "Peace talks"}, terms={"en": ("peace talks", "ceasefire")}),
        TopicSpec(id="wheat", label={"en": "Wheat"}, terms={"en": ("wheat",)}, scoped=False),
    ),
    scope=ScopeSpec(strong={"en": ("Ukraine", "Kyiv")}),
)


@dataclass
class Harness:
    db: Database
    clock: FrozenClock = field(default_factory=FrozenClock)
    fetch: FakeFetch = field(default_factory=FakeFetch)
    call: Caller = call_here
    send: RecordingSend = field(default_factory=RecordingSend)
    specs: dict[str, FeedSpec] = field(default_factory=dict)
    rates: Rates = field(default_factory=lambda: Rates(per_minute=100_000))
    watch: Watch | None = None

    def watching(self, *specs: FeedSpec, watched: WatchSpec = WATCHED) -> Watchlist:
        self.specs = {one.id: one for one in specs}
        watchlist = compile_watchlist(watched)
        rules = self.db.run_now(sync_rules, [(rule.kind, rule.id, rule.text) for rule in watchlist.rules], self.clock())
        self.db.run_now(feeds.sync, specs, self.clock())
        self.watch = Watch(watchlist=watchlist, rules=rules, publishers=directory(specs))
        return watchlist

    @property
    def poller(self) -> Poller:
        return Poller(
            db=self.db, fetch=self.fetch, call=self.call, watch=self._watch, clock=self.clock, chance=lambda: 0.0
        )

    def _watch(self) -> Watch:
        assert self.watch is not None
        return self.watch

    def fleet(self, **changes: Any) -> Fleet:
        values: dict[str, Any] = {"concurrency": 8, "gap": timedelta(0)}
        return Fleet(self.poller, lambda: self.specs, **values | changes)

    @property
    def planner(self) -> Planner:
        return Planner(db=self.db, domain="example.org", clock=self.clock)

    @property
    def notifier(self) -> Notifier:
        return Notifier(
            db=self.db,
            render=Renderer(ROOT / "templates"),
            send=self.send,
            labels=lambda: self._watch().watchlist.labels,
            sender=Sender(
                address="Monitor <monitor@example.org>",
                domain="example.org",
                unsubscribe="unsubscribe@example.org",
                operator="operator@example.org",
            ),
            links=Links(None, None, "unsubscribe@example.org", self.clock),
            clock=self.clock,
            rates=self.rates,
            chance=lambda: 0.0,
        )

    async def poll(self, name: str, answer: FetchResult) -> tuple[PollOutcome, Recorded]:
        self.fetch.answers[name] = answer
        [state] = [one for one in self.db.read_now(feeds.states, self.specs) if one.spec.id == name]
        outcome, recording = await self.poller.poll(state)
        return outcome, await recording

    def subscribe(
        self,
        email: str = "reader@example.org",
        *,
        topics: Sequence[str] = (),
        actors: Sequence[str] = (),
        **changes: Any,
    ) -> Subscription:
        wish = Subscription(
            pk=0,
            subscriber=Subscriber(pk=0, email=email, zone="Europe/Kyiv"),
            topics=frozenset(topics),
            actors=frozenset(actors),
        )
        wish = replace(wish, **changes)
        consent = subscribers.Consent(at=self.clock(), how="test", wording="yes")
        due = schedule.next_slot(wish, self.clock())
        return self.db.run_now(subscribers.add, wish.subscriber, wish, consent=consent, next_digest_at=due)


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    db = Database(f"sqlite:///{tmp_path / 'monitor.db'}")
    maintenance.upgrade(db.engine)
    found = Harness(db)
    found.watching(spec("courier"), spec("herald"))
    yield found
    db.close()
    assert_clean(mail.data for mail in found.send.mails)
