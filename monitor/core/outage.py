"""Whether it is our own network that is down, and not the feeds'."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.core.model import Failure, FailureKind, FeedState

WINDOW = timedelta(seconds=60)
HOSTS = 10
SHARE = 0.8
"""When so many hosts were tried within the window, and so large a share of them could not be reached, it is us."""

RETRY = timedelta(minutes=1)
"""How long a feed is put off while our network is down."""

UNREACHED = frozenset({FailureKind.DNS, FailureKind.CONNECT})


@dataclass(frozen=True, slots=True)
class _Try:
    at: datetime
    reached: bool
    feed: FeedState


@dataclass(slots=True)
class Outage:
    """Takes note of every poll; `since` is when our network went down, None while it is up."""

    since: datetime | None = None
    _tries: dict[str, _Try] = field(default_factory=dict)

    def note(self, host: str, feed: FeedState, failure: Failure | None, now: datetime) -> list[FeedState]:
        """Count a poll of a host. Returns the feeds, as they were before, whose failures turn out to be ours.

        A host that is reached ends an outage at once.
        """
        reached = failure is None or failure.kind not in UNREACHED
        if self.since is not None:
            if reached:
                self.since = None
                self._tries.clear()
            return []
        self._tries.pop(host, None)
        self._tries[host] = _Try(now, reached, feed)
        self._forget(now)
        return [] if reached else self._begun(now)

    def _begun(self, now: datetime) -> list[FeedState]:
        lost = [one.feed for one in self._tries.values() if not one.reached]
        if len(self._tries) < HOSTS or len(lost) < SHARE * len(self._tries):
            return []
        self.since = now
        self._tries.clear()
        return lost

    def _forget(self, now: datetime) -> None:
        """Drop tries that are too old; they stand in the order of their time."""
        for host, one in list(self._tries.items()):
            if now - one.at <= WINDOW:
                break
            del self._tries[host]
