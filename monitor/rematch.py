"""The stored past, matched anew in small batches beside the polls.

store.past ─► core.matching ─► store.rematches     one transaction a batch, with the cursor
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monitor import logs
from monitor.clock import Clock
from monitor.core.matching import match_entry
from monitor.core.watchlist import Watchlist
from monitor.poll import Watch
from monitor.store import past, rematches
from monitor.store.database import Database
from monitor.store.past import Past
from monitor.store.rematches import Judgement, Rematch
from monitor.store.rules import fingerprint

log = logs.get()

BATCH = 200
"""Entries a transaction: about 10 ms of matching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rematcher:
    """Works off the job that was asked for (`store.rematches.ask`) with what is watched at the moment.

    After each batch it rests `rest` times as long as that took, so that polls and mails have their turn. `going` tells
    between two batches whether to go on.
    """

    db: Database
    watch: Callable[[], Watch]
    clock: Clock
    going: Callable[[], bool] = lambda: True
    rest: float = 1.0

    async def work_off(self, tell: Callable[[Rematch], None] = lambda _: None) -> Rematch | None:
        """Work until the job is done, or told to stop; `tell` hears of every batch. Returns the job as it stands; None
        where none was asked for."""
        job: Rematch | None = None
        while self.going():
            began = asyncio.get_running_loop().time()
            found = await self.step()
            if found is None:
                break
            job = found
            tell(job)
            if job.finished_at is not None:
                log.info("past matched anew", entries=job.done, added=job.added, dropped=job.dropped)
                break
            await asyncio.sleep(self.rest * (asyncio.get_running_loop().time() - began))
        return job

    async def step(self) -> Rematch | None:
        """Judge one batch and bring its hits in step; returns the job as it stands then, None where there is none.

        A job that was begun with another watchlist begins anew.
        """
        watch = self.watch()  # one for the whole batch: a reload may come in the middle
        job = await self.db.read(rematches.running)
        if job is None:
            return None
        digest = fingerprint(watch.rules)
        if job.digest != digest:
            job = await self.db.run(rematches.restart, job, digest)
            if job is None:
                return None
        some = await self.db.read(past.after, job.cursor, since=job.since, limit=BATCH)
        if not some:
            await self.db.run(rematches.finish, job, self.clock())
            return await self.db.read(rematches.get, job.pk)
        judged = await asyncio.to_thread(_judge, watch.watchlist, some)
        await self.db.run(rematches.apply, job, judged, watch.rules, self.clock())
        return await self.db.read(rematches.get, job.pk)


def _judge(watchlist: Watchlist, some: Sequence[Past]) -> list[Judgement]:
    """Match entries as their polls did: what is held by whom, as of the day when they were seen."""
    return [Judgement(one, match_entry(watchlist, one.found, now=one.seen, origin=one.origin)) for one in some]
