"""What a feed document says about when to come again; feedparser keeps one hour of `skipHours` and nothing else.

Sources: RSS 2.0 (`ttl`, `skipHours`, `skipDays`), RSS 0.91 (hours from 1 to 24), RSS 1.0's Syndication module
(`sy:updatePeriod`, `sy:updateFrequency`).
"""

import re
from datetime import timedelta

from monitor.core.model import Hints

REACH = 20_000
"""How far from the beginning and from the end they are looked for, in characters: they stand around the items."""

_ITEM = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]")
_TTL = re.compile(r"<ttl[^<>]*>\s*(\d{1,6})\s*</ttl", re.IGNORECASE)
_PERIOD = re.compile(r"<\w+:updatePeriod[^<>]*>\s*(\w+)\s*</", re.IGNORECASE)
_FREQUENCY = re.compile(r"<\w+:updateFrequency[^<>]*>\s*(\d{1,4})\s*</", re.IGNORECASE)
_SKIPPED = re.compile(r"<skip(?:Hours|Days)[^<>]*>(.{0,2000}?)</skip(?:Hours|Days)", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(r"<hour[^<>]*>\s*(\d{1,2})\s*</hour", re.IGNORECASE)
_DAY = re.compile(r"<day[^<>]*>\s*(\w+)\s*</day", re.IGNORECASE)

_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_hints(text: str) -> Hints:
    """Read the hints of a document in XML. What cannot be meant is none: every hour or every day skipped, a zero."""
    around = _around_items(text)
    skipped = " ".join(_SKIPPED.findall(around))
    hours = frozenset(int(hour) % 24 for hour in _HOUR.findall(skipped) if int(hour) <= 24)
    days = frozenset(_DAYS.index(day.lower()) for day in _DAY.findall(skipped) if day.lower() in _DAYS)
    return Hints(
        ttl=_ttl(around) or None,
        period=_period(around),
        skip_hours=hours if len(hours) < 24 else frozenset(),
        skip_days=days if len(days) < 7 else frozenset(),
    )


def _around_items(text: str) -> str:
    first = _ITEM.search(text)
    if first is None:
        return text[:REACH]
    return text[: min(first.start(), REACH)] + text[max(first.start(), len(text) - REACH) :].rpartition("</item>")[2]


def _ttl(text: str) -> timedelta | None:
    found = _TTL.search(text)
    return timedelta(minutes=int(found[1])) if found else None


def _period(text: str) -> timedelta | None:
    """Divide the period by its frequency; without a period the module means daily, but few feeds do."""
    period, frequency = _PERIOD.search(text), _FREQUENCY.search(text)
    span = _PERIODS.get(period[1].lower()) if period else None
    return span / max(int(frequency[1]), 1) if span and frequency else span
