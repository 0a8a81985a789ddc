"""How many mails a domain may be sent: a token bucket for each, kept as the moment at which it is full again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

BURST_SHARE = 6
"""A rested domain may be sent the mails of so small a part of a minute at once."""


@dataclass(slots=True)
class Rates:
    """Takes note of every mail; `per_minute` is each domain's rate. In any time t (in minutes) a domain is sent at most
    `burst + t * per_minute`."""

    per_minute: int
    _full_at: dict[str, datetime] = field(default_factory=dict)

    @property
    def burst(self) -> int:
        """Return how many mails a domain that has rested may be sent at once."""
        return max(1, self.per_minute // BURST_SHARE)

    @property
    def _a_token(self) -> timedelta:
        return timedelta(minutes=1) / self.per_minute

    def take(self, domain: str, now: datetime) -> bool:
        """Count a mail to a domain, if one may go now."""
        full_at = self._level(domain, now)
        may = full_at <= self._latest(now)
        self._full_at[domain] = full_at + self._a_token if may else full_at
        return may

    def spent(self, now: datetime) -> set[str]:
        """Return the domains that may be sent nothing at this moment; those that have rested are forgotten."""
        self._full_at = {domain: self._level(domain, now) for domain, at in self._full_at.items() if at > now}
        return {domain for domain, full_at in self._full_at.items() if full_at > self._latest(now)}

    def _latest(self, now: datetime) -> datetime:
        """Return when a bucket that holds one mail is full again."""
        return now + (self.burst - 1) * self._a_token

    def _level(self, domain: str, now: datetime) -> datetime:
        """Return when a bucket is full again; one cannot be emptier than empty, even when the clock was set back."""
        empty = now + self.burst * self._a_token
        return min(max(self._full_at.get(domain, now), now), empty)


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
