"""All feeds: hosts side by side, the feeds of one host one after the other; and who is put off, and why."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from monitor import logs
from monitor.core.cadence import FEWER_REQUESTS
from monitor.core.model import FailureKind, FeedSpec, FeedState, PollOutcome, Recorded
from monitor.core.urls import host_of
from monitor.errors import StoreError
from monitor.poll import Poller, Recording
from monitor.store import feeds

log = logs.get()

T = TypeVar("T")

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
        """Poll feeds one after the other; without a gap the quiet ones are recorded meanwhile."""
        recordings: list[tuple[PollOutcome, Recording]] = []
        for number, state in enumerate(group):
            if number:
                await asyncio.sleep(self._gap)
            async with self._places:
                polled = await self._kept(host, state.spec.id, self._poller.poll(state))
            if polled is None:
                break
            recordings.append(polled)
            outcome, _ = polled
            if (self._gap or not outcome.quiet) and not await self._record(host, recordings, done):
                break
            if done is None and await self._is_put_off(host, outcome):
                break
        await self._record(host, recordings, done)

    async def _record(self, host: str, recordings: list[tuple[PollOutcome, Recording]], done: Done | None) -> bool:
        """Wait until polls are in the store, and tell of each. False when one could not be recorded."""
        results = [await self._kept(host, outcome.feed.spec.id, recording) for outcome, recording in recordings]
        for (outcome, _), recorded in zip(recordings, results, strict=True):
            if recorded is not None:
                _tell(outcome, recorded)
                if done is not None:
                    done(outcome, recorded)
        recordings.clear()
        return None not in results

    async def _kept(self, host: str, feed: str, work: Awaitable[T]) -> T | None:
        """Wait for it; None when a poll could not be recorded: it is still due, and the database needs a rest."""
        try:
            return await work
        except StoreError as error:
            log.error("poll not recorded", feed=feed, detail=str(error))
        except Exception:  # our own fault must not end the daemon
            log.exception("poll not recorded", feed=feed)
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


def _tell(outcome: PollOutcome, recorded: Recorded) -> None:
    """Log one line a poll: quiet where nothing happened."""
    if outcome.quiet and not log.is_enabled_for(logging.DEBUG):
        return  # most are
    fields = {"feed": outcome.feed.spec.id, "next": outcome.next_poll.at.isoformat(timespec="seconds")}
    if outcome.failure is not None:
        log.warning("poll failed", reason=outcome.failure.kind.value, detail=outcome.failure.detail, **fields)
    elif recorded.entries or recorded.revisions or outcome.gap:
        log.info(
            "polled", new=recorded.entries, retitled=recorded.revisions, hits=recorded.hits, gap=outcome.gap, **fields
        )
    else:
        log.debug("polled, nothing new", **fields)
