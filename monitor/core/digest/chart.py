"""How many reports a reader's days had: for the chart."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from monitor.core.digest.selection import unasked
from monitor.core.model import Day, RuleKind, Subscription

DAYS = 14

QUARTER = timedelta(minutes=15)
"""News is counted by these: days begin at one of them in every zone."""

Named: TypeAlias = frozenset[tuple[RuleKind, str]]
News: TypeAlias = Mapping[tuple[int, Named], int]
"""How many reports came in a quarter of an hour (numbered from the epoch) that name exactly these rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """The reports of some local days, by the rules that they name."""

    dates: tuple[date, ...]
    counts: Mapping[Named, tuple[int, ...]]


def daily(news: News, zone: str, end: datetime) -> Daily:
    """Count by local days, the last of which is that of `end`."""
    last = end.astimezone(ZoneInfo(zone)).date()
    dates = [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    begins = [_quarter(datetime.combine(day, time(), ZoneInfo(zone))) for day in (*dates, last + timedelta(days=1))]
    counts: defaultdict[Named, list[int]] = defaultdict(lambda: [0] * DAYS)
    for (quarter, named), number in news.items():
        place = bisect_right(begins, quarter) - 1
        if 0 <= place < DAYS:
            counts[named][place] += number
    return Daily(dates=tuple(dates), counts={named: tuple(numbers) for named, numbers in counts.items()})


def _quarter(moment: datetime) -> int:
    return int(moment.timestamp() // QUARTER.total_seconds())


def days(found: Daily, wish: Subscription) -> tuple[Day, ...]:
    """Give the days with the number of reports that answer to a subscription's topics, actors and queries."""
    totals = [0] * len(found.dates)
    for named, numbers in found.counts.items():
        if unasked(named, wish) is None:
            totals = [total + number for total, number in zip(totals, numbers, strict=True)]
    return tuple(Day(date=day, hits=total) for day, total in zip(found.dates, totals, strict=True))
