"""The engine of one machine: APScheduler as a clock, asyncio for the work; what is due stands in the database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta
from typing import TypeAlias

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor import logs

log = logs.get()

Handler: TypeAlias = Callable[[], Awaitable[object]]


class LocalEngine:
    """Runs registered jobs at their ticks. A tick that finds its job still running is a no-op; none is made up for,
    since the next one finds everything that is due."""

    def __init__(self, *, drain: timedelta) -> None:
        self._drain = drain
        self._jobs: dict[str, Handler] = {}
        self._ticks: list[tuple[float, str]] = []
        self._running: dict[str, asyncio.Task[None]] = {}

    def job(self, name: str, handler: Handler) -> None:
        """Register an async handler under a name."""
        self._jobs[name] = handler

    def every(self, seconds: float, name: str) -> None:
        """Ask for a tick of the job `name`, the first one at once."""
        self._ticks.append((seconds, name))

    def kick(self, name: str) -> None:
        """Run the job `name` now, unless it is running."""
        running = self._running.get(name)
        if running is None or running.done():
            self._running[name] = asyncio.create_task(self._work(name), name=name)

    async def run(self, stop: asyncio.Event) -> None:
        """Tick until told to stop, then let running jobs end; those that take longer than the drain are cancelled."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        for seconds, name in self._ticks:
            scheduler.add_job(self._tick, "interval", (name,), seconds=seconds, coalesce=True, misfire_grace_time=None)
            self.kick(name)
        scheduler.start()
        await stop.wait()
        scheduler.shutdown(wait=False)
        await self._finish()

    async def _tick(self, name: str) -> None:
        self.kick(name)

    async def _work(self, name: str) -> None:
        try:
            await self._jobs[name]()
        except Exception:  # one bad tick must not end the daemon
            log.exception("job failed", job=name)

    async def _finish(self) -> None:
        tasks = set(self._running.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._drain.total_seconds())
            for task in late:
                log.warning("job cancelled", job=task.get_name())
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
