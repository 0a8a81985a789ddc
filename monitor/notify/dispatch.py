"""Mails side by side: as many as there are connections, none of a domain more than its share.

claim ─► one queue a domain ─► a free connection ─► attempt
   ▲         its rate, its part of the connections; one at a time where it is on trial
   └── domains that wait already, or may be sent nothing now, are left out: the others' mails are claimed
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.clock import Clock
from monitor.core.model import QueuedMail
from monitor.core.rates import Rates
from monitor.store import holds, outbox
from monitor.store.database import Connection, Database

LOOK_AGAIN_S = 1.0
"""While mails are on their way, others become due."""

_AHEAD = 4  # mails claimed for each connection


@dataclass(slots=True, kw_only=True)
class Dispatch:
    """Sends what is due, until nothing is left. `attempt` tries a mail and tells whether it was taken; `hold` is how
    `outbox.reclaim` is called; `going` tells whether to begin another mail."""

    db: Database
    clock: Clock
    rates: Rates
    attempt: Callable[[QueuedMail], Coroutine[Any, Any, bool]]
    at_once: int
    lease: timedelta
    hold: bool
    going: Callable[[], bool]
    _ready: dict[str, deque[QueuedMail]] = field(default_factory=dict)
    _running: dict[asyncio.Task[bool], str] = field(default_factory=dict)
    _on_trial: set[str] = field(default_factory=set)

    async def run(self) -> int:
        """Return how many mails were taken. What was not begun when the end or an error comes goes back untried.

        An error of one mail is raised when the others that are on their way have ended.
        """
        taken = 0
        errors: list[BaseException] = []
        try:
            while True:
                if not errors:
                    await self._fill()
                if not self._running:
                    break
                done, _ = await asyncio.wait(self._running, timeout=LOOK_AGAIN_S, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del self._running[task]
                errors += [error for task in done if (error := task.exception())]
                taken += sum(task.result() for task in done if task.exception() is None)
        finally:
            await self._end()
        if errors:
            raise errors[0]
        return taken

    async def _fill(self) -> None:
        """Give every free connection a mail, as long as there is one that may go."""
        while self.going() and len(self._running) < self._most():
            mail = self._next()
            if mail is None and not await self._claim():
                return
            if mail is not None:
                self._running[asyncio.create_task(self.attempt(mail))] = mail.domain

    def _most(self) -> int:
        return 1 if holds.SERVER in self._on_trial else self.at_once

    def _next(self) -> QueuedMail | None:
        """Take the next mail of the domain that has the fewest on their way."""
        running = Counter(self._running.values())
        free = [domain for domain in self._ready if running[domain] < self._share(domain)]
        for domain in sorted(free, key=lambda one: running[one]):
            if self.rates.take(domain, self.clock()):
                return self._pop(domain)
        return None

    def _pop(self, domain: str) -> QueuedMail:
        mail = self._ready[domain].popleft()
        if not self._ready[domain]:
            del self._ready[domain]
        return mail

    def _share(self, domain: str) -> int:
        """Return how many connections a domain may have: half of them, so that a slow one leaves others theirs."""
        return 1 if domain in self._on_trial else (self.at_once + 1) // 2

    async def _claim(self) -> bool:
        """Claim mails of domains that have none waiting here; false where there is nothing to be claimed."""
        now = self.clock()
        spent = self.rates.spent(now)
        late = [mail for domain in spent & self._ready.keys() for mail in self._ready.pop(domain)]
        running = Counter(self._running.values())
        busy = {domain for domain, count in running.items() if count >= self._share(domain)}
        mails, self._on_trial = await self.db.run(self._take, now, late, spent | busy | self._ready.keys())
        for mail in mails:
            self._ready.setdefault(mail.domain, deque()).append(mail)
        return bool(mails)

    def _take(
        self, conn: Connection, now: datetime, late: list[QueuedMail], without: set[str]
    ) -> tuple[list[QueuedMail], set[str]]:
        outbox.give_back(conn, late)
        outbox.reclaim(conn, now, hold=self.hold)
        mails = outbox.claim(conn, now, lease=self.lease, limit=_AHEAD * self.at_once, without=without)
        return mails, holds.on_trial(conn, now)

    async def _end(self) -> None:
        for task in self._running:
            task.cancel()
        for task in self._running:
            with suppress(asyncio.CancelledError, Exception):
                await task
        await self.db.run(outbox.give_back, [mail for mails in self._ready.values() for mail in mails])
