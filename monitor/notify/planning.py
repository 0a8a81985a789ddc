"""One digest, from the moment that it is due until it waits in the outbox.

store.subscribers ─► DueDigest        whose slot has come
core.schedule     ─► Window           what was committed since the last edition
store.hits        ─► Candidate[]      a reader's snapshot
┌ one transaction ──────────────────────────────────────────────┐
│ store.editions.told ─► core.digest ─► edition, ledger, outbox row │  planned exactly once
└───────────────────────────────────────────────────────────────┘
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.clock import Clock
from monitor.core import digest_json, schedule
from monitor.core.digest import build_digest
from monitor.core.model import Candidate, Coverage, Digest, DueDigest, Window
from monitor.store import editions, feeds, hits, outbox, subscribers
from monitor.store.database import Connection, Database

SILENT_AFTER = timedelta(days=3)
"""A feed that brought nothing new for so long is called silent in the coverage line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What became of one due digest."""

    due: DueDigest
    digest: Digest
    mailed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Plans digests. `domain` is that of the Message-IDs."""

    db: Database
    domain: str
    clock: Clock

    async def plan_due(self) -> list[Planned]:
        """Plan every digest whose slot has come; doing it twice, or from two places, plans each of them once."""
        now = self.clock()
        due = await self.db.read(subscribers.due, now)
        withdrawn = await self.db.run(outbox.supersede, now) if due else 0
        if withdrawn:
            due = await self.db.read(subscribers.due, now)
        ends = [schedule.last_slot(one.subscription, now) for one in due]
        return await self._plan_all(list(zip(due, ends, strict=True)), now)

    async def plan_now(self, email: str) -> list[Planned]:
        """Plan an address's digests as if their slot were this moment."""
        now = self.clock()
        due = await self.db.read(subscribers.as_due, email)
        return await self._plan_all([(one, now) for one in due], now)

    async def preview(self, email: str) -> list[tuple[DueDigest, Digest]]:
        """Return what `plan_now` would plan, and change nothing."""
        now = self.clock()
        due = await self.db.read(subscribers.as_due, email)
        coverage = await self.db.read(_coverage, now)
        found = []
        for one in due:
            window = await self.db.read(_window, one, now)
            candidates = await self.db.read(hits.candidates, window.seq_from, window.seq_to)
            found.append((one, await self.db.read(_digest, one, window, candidates, coverage)))
        return found

    async def _plan_all(self, due: Sequence[tuple[DueDigest, datetime]], now: datetime) -> list[Planned]:
        coverage = await self.db.read(_coverage, now) if due else Coverage()
        shared: dict[tuple[int, int], list[Candidate]] = {}
        planned = []
        for one, end in due:
            window = await self.db.read(_window, one, end)
            span = (window.seq_from, window.seq_to)
            if span not in shared:
                shared = {span: await self.db.read(hits.candidates, *span)}  # readers of one hour share one window
            plan = await self.db.run(_plan, one, window, shared[span], coverage, self.domain, now)
            planned += [plan] if plan else []
        return planned


def _window(conn: Connection, due: DueDigest, end: datetime) -> Window:
    first = hits.seq_at(conn, end - schedule.FIRST_WINDOW) if due.seq_from is None else due.seq_from
    return schedule.digest_window(due, end=end, seq_first=first, seq_to=hits.last_seq(conn))


def _digest(
    conn: Connection, due: DueDigest, window: Window, candidates: Sequence[Candidate], coverage: Coverage
) -> Digest:
    groups = {candidate.group for candidate in candidates}
    told = editions.told(conn, due.subscription.subscriber.pk, groups)
    return build_digest(candidates, due.subscription, window, coverage, told=told)


def _plan(
    conn: Connection,
    due: DueDigest,
    window: Window,
    candidates: Sequence[Candidate],
    coverage: Coverage,
    domain: str,
    now: datetime,
) -> Planned | None:
    """Plan one edition, unless it exists. What a subscriber was told is read here, so no other edition can cut in."""
    wish = due.subscription
    subscribers.set_next(conn, wish.pk, schedule.next_slot(wish, now))
    if editions.exists(conn, wish.pk, window):
        return None
    digest = _digest(conn, due, window, candidates, coverage)
    mailed = bool(digest.sections) or wish.quiet
    content = digest_json.dumps(replace(digest, left_out=()))
    editions.plan(conn, wish, digest, content, domain=domain, send=mailed, now=now)
    return Planned(due=due, digest=digest, mailed=mailed)


def _coverage(conn: Connection, now: datetime) -> Coverage:
    fleet = feeds.health(conn)
    failing = tuple(one.title for one in fleet if one.failures > 0)
    silent = tuple(
        one.title for one in fleet if one.failures == 0 and one.last_new_at and now - one.last_new_at > SILENT_AFTER
    )
    return Coverage(watched=len(fleet), failing=failing, silent=silent)
