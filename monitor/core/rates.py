"""How many mails a domain may be sent: a token bucket for each (RFC 2697 calls the size of one its burst)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

BURST_SHARE = 6
"""A rested domain may be sent the mails of so small a part of a minute at once."""

_FORGET = 1000  # domains beyond this number: full buckets say nothing and are dropped


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: datetime


@dataclass(slots=True)
class Rates:
    """Takes note of every mail; `per_minute` is each domain's rate. In any time t (in minutes) a domain is sent at most
    `burst + t * per_minute`."""

    per_minute: int
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    @property
    def burst(self) -> int:
        """Return how many mails a domain that has rested may be sent at once."""
        return max(1, self.per_minute // BURST_SHARE)

    def take(self, domain: str, now: datetime) -> bool:
        """Count a mail to a domain, if one may go now."""
        bucket = self._filled(domain, now)
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def spent(self, now: datetime) -> set[str]:
        """Return the domains that may be sent nothing at this moment."""
        if len(self._buckets) > _FORGET:
            self._buckets = {name: one for name, one in self._buckets.items() if self._level(one, now) < self.burst}
        return {name for name, bucket in self._buckets.items() if self._level(bucket, now) < 1}

    def _filled(self, domain: str, now: datetime) -> _Bucket:
        bucket = self._buckets.setdefault(domain, _Bucket(tokens=float(self.burst), at=now))
        bucket.tokens, bucket.at = self._level(bucket, now), max(now, bucket.at)
        return bucket

    def _level(self, bucket: _Bucket, now: datetime) -> float:
        """Return what a bucket holds; a clock that is set back brings nothing."""
        minutes = max(now - bucket.at, timedelta(0)) / timedelta(minutes=1)
        return min(bucket.tokens + minutes * self.per_minute, float(self.burst))


# ── domains that do not take our mail ────────────────────────────────────────────────────────────────────────────────

FIRST_REST = timedelta(minutes=1)
LONGEST_REST = timedelta(minutes=15)
"""A domain that puts us off is left alone for so long, doubling from the first to the longest, or for as long as it
asks."""

FEWEST = 30
MOST_FAILED = 0.05
FAILING_WITHIN = timedelta(hours=1)
"""A domain that refused more than this share of so many mails in this time takes no more until the operator says so."""


def rest(last: timedelta | None, asked: timedelta | None) -> timedelta:
    """Return how long a domain is left alone: as long as it asked. `last` is its rest before this one, if no mail was
    taken between."""
    if asked is not None:
        return asked
    return FIRST_REST if last is None else min(max(2 * last, FIRST_REST), LONGEST_REST)


def too_many_failed(failed: int, tried: int) -> bool:
    """Tell whether so many of a domain's mails failed that something is wrong with more than their addresses."""
    return tried >= FEWEST and failed > MOST_FAILED * tried
