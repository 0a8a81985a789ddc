"""One digest, from the moment that it is due until it waits in the outbox.

store.subscribers ─► DueDigest        whose slot has come
core.schedule     ─► Window           what was committed since the last edition
store.candidates  ─► Candidate[]      a reader's snapshot, shared by all who have this window
store.editions.told ─► core.digest    built beside the writer
┌ one transaction ─────────────────────────────────────────────┐
│ nothing else was told meanwhile ─► edition, ledger, outbox row │  planned exactly once
└──────────────────────────────────────────────────────────────┘

An alert goes the same way. Its subscription is looked at by every tick, and leaves a trace when there is something.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor import logs
from monitor.clock import Clock
from monitor.core import schedule
from monitor.core.model import Coverage, Digest, DueDigest, Subscription, Window
from monitor.notify.windows import Built, News, Shelf
from monitor.store import editions, feeds, hits, outbox, subscribers
from monitor.store.database import Connection, Database

log = logs.get()

SILENT_AFTER = timedelta(days=3)
"""A feed that brought nothing new for so long is called silent in the coverage line."""

BATCH = 200
"""So many digests are in hand at once, whatever their number."""

IDLE = timedelta(minutes=10)
"""How seldom it is written down of an alert subscription that there was nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What became of one due digest."""

    edition: int
    subscription: Subscription
    stories: int
    mailed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A digest to be planned."""

    due: DueDigest
    window: Window


@dataclass(slots=True)
class _Looked:
    """What is to be planned now, and when to look again at those that are not."""

    tasks: list[_Task] = field(default_factory=list)
    slots: dict[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Plans digests and alerts. `domain` is that of the Message-IDs; `going` tells between two batches whether to go
    on."""

    db: Database
    domain: str
    clock: Clock
    going: Callable[[], bool] = lambda: True
    news: News = field(default_factory=News)

    async def plan_due(self) -> int:
        """Plan every digest whose slot has come; doing it twice, or from two places, plans each of them once.

        Returns how many were planned.
        """
        now = self.clock()
        due = await self.db.read(subscribers.due, now, limit=BATCH)
        withdrawn = await self.db.run(outbox.supersede, now) if due else 0
        if withdrawn:
            due = await self.db.read(subscribers.due, now, limit=BATCH)
        shelf = await self.db.read(_shelf, self.news, now) if due else None
        planned = 0
        while shelf and due and self.going():
            looked = await self.db.read(_look, due, shelf, now)
            await self.db.run(subscribers.set_all_next, looked.slots)
            planned += len(await self._plan_all(looked.tasks, shelf, now))
            due = await self.db.read(subscribers.due, now, limit=BATCH)
        return planned

    async def plan_now(self, email: str) -> list[Planned]:
        """Plan an address's digests as if their slot were this moment."""
        now = self.clock()
        shelf = await self.db.read(_shelf, self.news, now)
        tasks = await self.db.read(_all_tasks, email, shelf, now)
        return await self._plan_all(tasks, shelf, now)

    async def preview(self, email: str) -> list[tuple[DueDigest, Digest]]:
        """Return what `plan_now` would plan, and change nothing."""
        now = self.clock()
        shelf = await self.db.read(_shelf, self.news, now)
        tasks = await self.db.read(_all_tasks, email, shelf, now)
        return [(task.due, await self.db.read(shelf.explain, task.due, task.window)) for task in tasks]

    async def plan_again(self, edition: int) -> str:
        """Queue an edition that was sent before once more: the same content, another Message-ID.

        Returns the address it goes to. Raises InputError where it was not sent, is no longer kept, or is not wanted.
        """
        recipient = await self.db.run(editions.again, edition, domain=self.domain, now=self.clock())
        log.warning("edition sent again on purpose", edition=edition, to=recipient)
        return recipient

    async def _plan_all(self, tasks: Sequence[_Task], shelf: Shelf, now: datetime) -> list[Planned]:
        planned: list[Planned | None] = []
        for some in _rounds(tasks):
            built = await self.db.read(_build, some, shelf)
            storing = (
                self.db.run(_plan, task, one, shelf, self.domain, now) for task, one in zip(some, built, strict=True)
            )
            planned += await asyncio.gather(*storing)
        return [one for one in planned if one is not None]


def _shelf(conn: Connection, news: News, now: datetime) -> Shelf:
    return Shelf(_coverage(conn, now), hits.last_seq(conn), news)


def _rounds(tasks: Sequence[_Task]) -> Iterator[list[_Task]]:
    """Part the tasks so that each reader comes once a round: what one digest tells is known to the next."""
    waiting = list(tasks)
    while waiting:
        first = {task.due.subscription.subscriber.pk: task for task in reversed(waiting)}
        yield list(first.values())
        waiting = [task for task in waiting if first[task.due.subscription.subscriber.pk] is not task]


def _look(conn: Connection, due: Sequence[DueDigest], shelf: Shelf, now: datetime) -> _Looked:
    """Find out what is to be planned: not what lies in quiet hours, and no alert where there is nothing."""
    looked = _Looked()
    for one in due:
        wish = one.subscription
        if until := schedule.quiet_until(wish, now):
            looked.slots[wish.pk] = until
            continue
        task = _task(conn, one, schedule.last_slot(wish, now), shelf)
        if wish.schedule.instant and _is_idle(conn, task, shelf):
            looked.slots[wish.pk] = schedule.next_slot(wish, now)
        else:
            looked.tasks.append(task)
    return looked


def _is_idle(conn: Connection, task: _Task, shelf: Shelf) -> bool:
    window = task.window
    return window.end - window.start < IDLE and not shelf.is_asked(conn, task.due, window)


def _all_tasks(conn: Connection, email: str, shelf: Shelf, now: datetime) -> list[_Task]:
    return [_task(conn, due, now, shelf) for due in subscribers.as_due(conn, email)]


def _task(conn: Connection, due: DueDigest, end: datetime, shelf: Shelf) -> _Task:
    first = shelf.first(conn, end - schedule.FIRST_WINDOW) if due.seq_from is None else due.seq_from
    return _Task(due=due, window=schedule.digest_window(due, end=end, seq_first=first, seq_to=shelf.seq_to))


def _build(conn: Connection, tasks: Sequence[_Task], shelf: Shelf) -> list[Built]:
    return [shelf.build(conn, task.due, task.window) for task in tasks]


def _plan(conn: Connection, task: _Task, built: Built, shelf: Shelf, domain: str, now: datetime) -> Planned | None:
    """Plan one edition, unless it exists or its reader takes none any more. Where the reader was told something since
    it was built, it is built anew: here no other edition can cut in."""
    wish, window = task.due.subscription, task.window
    if not subscribers.takes_digests(conn, wish.pk):
        return None
    subscribers.set_next(conn, wish.pk, schedule.next_slot(wish, now))
    if editions.exists(conn, wish.pk, window):
        return None
    if editions.newest(conn, wish.subscriber.pk) != built.newest:
        built = shelf.build(conn, task.due, window)
    digest = built.digest
    mailed = bool(digest.sections) or (wish.quiet and not digest.instant)
    pk = editions.plan(conn, wish, digest, built.content, domain=domain, send=mailed, now=now)
    return Planned(edition=pk, subscription=wish, stories=digest.total - digest.more, mailed=mailed)


def _coverage(conn: Connection, now: datetime) -> Coverage:
    fleet = feeds.health(conn)
    failing = tuple(one.title for one in fleet if one.failures > 0)
    silent = tuple(
        one.title for one in fleet if one.failures == 0 and one.last_new_at and now - one.last_new_at > SILENT_AFTER
    )
    return Coverage(watched=len(fleet), failing=failing, silent=silent)
