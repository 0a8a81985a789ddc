"""All feeds: hosts side by side, the feeds of one host one after the other; and who is put off, and why."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from monitor import logs
from monitor.core.cadence import FEWER_REQUESTS
from monitor.core.model import FailureKind, FeedSpec, FeedState, PollOutcome, Recorded
from monitor.core.urls import host_of
from monitor.errors import StoreError
from monitor.poll import Poller
from monitor.store import feeds

log = logs.get()

DUE_LIMIT = 5000
STORE_REST = timedelta(seconds=60)
PROBES = 3
"""How many hosts are tried at a time while our own network is down."""

Done = Callable[[PollOutcome, Recorded], None]


class Fleet:
    """Polls feeds: hosts side by side, the feeds of one host one after the other with a `gap` between them."""

    def __init__(
        self, poller: Poller, specs: Callable[[], Mapping[str, FeedSpec]], *, concurrency: int, gap: timedelta
    ) -> None:
        self._poller = poller
        self._specs = specs
        self._gap = gap.total_seconds()
        self._places = asyncio.Semaphore(concurrency)
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._resting: dict[str, datetime] = {}

    @property
    def network_down_since(self) -> datetime | None:
        """When our own network went down; None while it is up."""
        return self._poller.outage.since

    async def start_due(self) -> int:
        """Start polling what is due, and return at once; hosts that are being polled are left alone."""
        now = self._poller.clock()
        self._resting = {host: until for host, until in self._resting.items() if until > now}
        states = await self._poller.db.read(feeds.due, self._specs(), now, limit=DUE_LIMIT)
        groups = _by_host(states)
        if self.network_down_since:
            groups = self._probes(groups)
        started = 0
        for host, group in groups.items():
            if host not in self._busy and host not in self._resting:
                self._busy[host] = asyncio.create_task(self._poll_host(host, group, None))
                self._busy[host].add_done_callback(partial(self._free, host))
                started += len(group)
        return started

    def _probes(self, groups: Mapping[str, list[FeedState]]) -> dict[str, list[FeedState]]:
        """Choose the few hosts that are asked whether the network is back: those that answered last."""
        if self._busy:
            return {}
        firsts = {host: group[0] for host, group in groups.items()}
        known = sorted(firsts, key=lambda host: str(firsts[host].last_ok_at or ""), reverse=True)
        return {host: [firsts[host]] for host in known[:PROBES]}

    def _free(self, host: str, _: asyncio.Task[None]) -> None:
        del self._busy[host]

    async def poll_all(self, states: Sequence[FeedState], done: Done) -> None:
        """Poll these feeds now, and tell of each as it ends."""
        groups = _by_host(states).items()
        await asyncio.gather(*(self._poll_host(host, group, done) for host, group in groups))

    async def drain(self, limit: timedelta) -> None:
        """Let polls under way end; those that take longer are cancelled, and nothing of them is kept."""
        tasks = set(self._busy.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=limit.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _poll_host(self, host: str, group: Sequence[FeedState], done: Done | None) -> None:
        for number, state in enumerate(group):
            if number:
                await asyncio.sleep(self._gap)
            async with self._places:
                result = await self._poll(host, state)
            if result is None:
                return
            if done is not None:
                done(*result)
            if done is None and await self._is_put_off(host, result[0]):
                return

    async def _poll(self, host: str, state: FeedState) -> tuple[PollOutcome, Recorded] | None:
        """Poll one feed; None when that could not be recorded: it is still due, and the database needs a rest."""
        try:
            return await self._poller.poll(state)
        except StoreError as error:
            log.error("poll not recorded", feed=state.spec.id, detail=str(error))
        except Exception:  # our own fault must not end the daemon
            log.exception("poll not recorded", feed=state.spec.id)
        self._resting[host] = self._poller.clock() + STORE_REST
        return None

    async def _is_put_off(self, host: str, outcome: PollOutcome) -> bool:
        """Tell whether the host's other feeds must wait; a host that says "too many" (429) means all of them."""
        failure = outcome.failure
        if failure is None or failure.kind is not FailureKind.RATE_LIMITED:
            return self.network_down_since is not None
        keys = [spec.id for spec in self._specs().values() if host_of(spec.url) == host]
        until = outcome.next_poll.at
        await self._poller.db.run(feeds.hold, keys, until, f"{host} {FEWER_REQUESTS}")
        return True


def _by_host(states: Sequence[FeedState]) -> dict[str, list[FeedState]]:
    groups: dict[str, list[FeedState]] = {}
    for state in states:
        groups.setdefault(host_of(state.address) or "", []).append(state)
    return groups
