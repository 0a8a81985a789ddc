"""The dates that feeds write, read without inventing anything, and what is odd about them."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from unicodedata import normalize

from monitor.core.model import DateFlag

MAX_LENGTH = 100
"""Longer strings are no dates."""

FUTURE_AFTER = timedelta(minutes=10)
"""How far a publisher's clock may be ahead of ours."""

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""No news feed is older; what is dated before came from an empty field (1970, year 0001)."""

# Hours east of UTC. Several names are shared by two places: the reading is that of the press we follow (BST British
# summer, IST India, CST and EST American), as in RFC 822 where that defines them.
_ZONES = {
    **dict.fromkeys(("ut", "utc", "gmt", "z", "wet"), 0.0),
    **dict.fromkeys(("bst", "cet", "met", "mez", "west", "wat"), 1.0),
    **dict.fromkeys(("cest", "mest", "mesz", "eet", "sast", "cat"), 2.0),
    **dict.fromkeys(("eest", "msk", "мск", "trt", "fet", "eat", "idt"), 3.0),
    **dict.fromkeys(("msd", "samt", "gst", "get", "azt"), 4.0),
    **dict.fromkeys(("yekt", "pkt", "uzt"), 5.0),
    **dict.fromkeys(("krat", "novt"), 7.0),
    **dict.fromkeys(("irkt", "sgt", "hkt"), 8.0),
    **dict.fromkeys(("jst", "kst", "yakt"), 9.0),
    **dict.fromkeys(("aest", "vlat"), 10.0),
    **dict.fromkeys(("aedt", "magt"), 11.0),
    **dict.fromkeys(("adt", "brt"), -3.0),
    **dict.fromkeys(("ast", "edt"), -4.0),
    **dict.fromkeys(("est", "cdt"), -5.0),
    **dict.fromkeys(("cst", "mdt"), -6.0),
    **dict.fromkeys(("mst", "pdt"), -7.0),
    **dict.fromkeys(("pst", "akdt"), -8.0),
    "ist": 5.5,
    "npt": 5.75,
    "omst": 6.0,
    "nzst": 12.0,
    "nzdt": 13.0,
    "akst": -9.0,
    "hst": -10.0,
}

# The shortest beginnings that tell the months apart, in the six watched languages.
_MONTHS = {
    **dict.fromkeys(("jan", "jän", "янв", "січ", "sty"), 1),
    **dict.fromkeys(("feb", "fév", "fev", "фев", "лют", "lut"), 2),
    **dict.fromkeys(("mar", "mär", "mrz", "maer", "мар", "бер"), 3),
    **dict.fromkeys(("apr", "avr", "апр", "кві", "kwi"), 4),
    **dict.fromkeys(("may", "mai", "maj", "май", "мая", "тра"), 5),
    **dict.fromkeys(("jun", "juin", "июн", "чер", "cze"), 6),
    **dict.fromkeys(("jul", "juil", "июл", "лип", "lip"), 7),
    **dict.fromkeys(("aug", "aoû", "aou", "авг", "сер", "sie"), 8),
    **dict.fromkeys(("sep", "сен", "вер", "wrz"), 9),
    **dict.fromkeys(("oct", "okt", "окт", "жов", "paź", "paz"), 10),
    **dict.fromkeys(("nov", "ноя", "лис", "lis"), 11),
    **dict.fromkeys(("dec", "dez", "déc", "дек", "гру", "gru"), 12),
}

_DAY_NAME = r"(?:[^\W\d_]['’ʼ]?[^\W\d_]{1,11}\.?(?:\s*,\s*|\s+))?"
_DAY = r"(?P<day>\d{1,2})(?:\.|st|nd|rd|th|er)?"
_MONTH = r"(?P<name>[^\W\d_]{3,12})\.?"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,]\d+)?)?(?:\s*(?P<half>[ap])\.?m\.?)?"
_ZONE = (
    r"(?:\s*(?P<zone>(?:(?:gmt|utc|z)?\s?[+-]\d{1,2}:?(?:\d{2})?)|[a-z]{1,5}|мск))?(?:\s*(?:\([^()]*\)|\[[\w/+-]*\]))?"
)

_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        # RFC 5322 and RFC 850, with month names of other languages
        rf"{_DAY_NAME}{_DAY}[\s-]\s*{_MONTH},?[\s-]\s*(?P<year>\d{{4}}|\d{{2}})(?:,?\s+{_CLOCK}{_ZONE})?",
        # RFC 3339, ISO 8601, W3C-DTF and their loose relatives
        rf"(?P<year>\d{{4}})[-/](?P<month>\d{{1,2}})[-/](?P<day>\d{{1,2}})(?:(?:\s?t|\s)\s*{_CLOCK}{_ZONE})?",
        r"(?P<year>\d{4})(?:-(?P<month>\d{2}))?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?",
        r"(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})t(?P<hour>\d{2}):?(?P<minute>\d{2})"
        rf"(?::?(?P<second>\d{{2}})(?:[.,]\d+)?)?{_ZONE}",
        # American order, C's asctime and Java's Date
        rf"{_DAY_NAME}{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})(?:,?\s+{_CLOCK}{_ZONE})?",
        rf"{_DAY_NAME}{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_CLOCK}{_ZONE}\s+(?P<year>\d{{4}})",
        # the European order with points, which is never month first
        rf"{_DAY_NAME}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})(?:,?\s+{_CLOCK}{_ZONE})?",
        # as pages show it: the time first
        rf"{_CLOCK}{_ZONE},?\s+{_DAY_NAME}{_DAY}\s+{_MONTH},?\s+(?P<year>\d{{4}})",
        rf"{_CLOCK}{_ZONE},?\s+{_DAY_NAME}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})",
        # slashes, where the figures themselves say which is the day
        rf"(?P<day>1[3-9]|2\d|3[01])/(?P<month>\d{{1,2}})/(?P<year>\d{{4}})(?:,?\s+{_CLOCK}{_ZONE})?",
        rf"(?P<month>\d{{1,2}})/(?P<day>1[3-9]|2\d|3[01])/(?P<year>\d{{4}})(?:,?\s+{_CLOCK}{_ZONE})?",
    )
)
# What stands between the parts in prose: "24 лютого 2026 р. о 05:00", "le 24 à 05h00", "um 05:00 Uhr", "godz. 5:00".
_FILLERS = re.compile(
    r"(?<![\w+-])(?:р|рік|року|г|год|года|r|roku|dnia|den|le|the|at|um|à|о|об|в|во|o|godz|годині|uhr)\b\.?|(?<=\s)[-–—|](?=\s)"
    r"|(?<=:\d\d)\s*h\b",
    re.IGNORECASE,
)
_FRENCH_HOUR = re.compile(r"\b(\d{1,2})\s?h\s?(\d{2})\b", re.IGNORECASE)
_COMMAS = re.compile(r"\s*,[\s,]*")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_OFFSET = re.compile(r"(?:gmt|utc|z)?\s?(?P<sign>[+-])(?P<hours>\d{1,2}?):?(?P<minutes>\d{2})?", re.IGNORECASE)


def parse_date(raw: str) -> datetime | None:
    """Return the moment that a feed's date names, in UTC; None where it cannot be read with certainty.

    RFC 5322 (obsolete forms included), RFC 3339, ISO 8601, asctime, Unix time, dates in words of the watched languages.
    A date without a zone is taken as UTC, one without a time as midnight. Unknown zone names are not guessed, nor are
    the day in 04/02/2026 and what "today" was.
    """
    return None if len(raw) > MAX_LENGTH else _parsed(raw)


@lru_cache(maxsize=256)
def _parsed(raw: str) -> datetime | None:
    text = " ".join(raw.split())
    if _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    return _shaped(text) or _shaped(_without_fillers(text))


def _shaped(text: str) -> datetime | None:
    for shape in _SHAPES:
        if found := shape.fullmatch(text):
            return _moment(found.groupdict())
    return None


def _without_fillers(text: str) -> str:
    plain = _FILLERS.sub(" ", _FRENCH_HOUR.sub(r"\1:\2", normalize("NFC", text)))
    return _COMMAS.sub(", ", " ".join(plain.split())).strip(" ,")


def judge(published: datetime | None, raw: str | None, *, now: datetime) -> frozenset[DateFlag]:
    """Tell what is odd about a publication date and the string that it was read from."""
    if published is None:
        return frozenset({DateFlag.UNREADABLE if raw and raw.strip() else DateFlag.MISSING})
    if published > now + FUTURE_AFTER:
        return frozenset({DateFlag.FUTURE})
    return frozenset({DateFlag.IMPLAUSIBLE}) if published < EARLIEST else frozenset()


def _moment(part: dict[str, str | None]) -> datetime | None:
    month = _month(part.get("month"), part.get("name"))
    since_midnight = _clock(part)
    if month is None or since_midnight is None:
        return None
    try:
        midnight = datetime(_year(part["year"] or ""), month, int(part.get("day") or 1), tzinfo=_zone(part.get("zone")))
        return (midnight + since_midnight).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _year(digits: str) -> int:
    """RFC 5322 §4.3: two digits up to 49 are of this century."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 50 else 1900)


def _month(number: str | None, name: str | None) -> int | None:
    if name is None:
        return int(number or 1)
    word = name.lower()
    return _MONTHS.get(word[:4]) or _MONTHS.get(word[:3])


def _clock(part: dict[str, str | None]) -> timedelta | None:
    """Read the time of day; 24:00 and leap seconds reach into the next day or minute."""
    hour, minute, second = (int(part.get(unit) or 0) for unit in ("hour", "minute", "second"))
    if half := part.get("half"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    time = timedelta(hours=hour, minutes=minute, seconds=second)
    return time if minute < 60 and second <= 60 and time <= timedelta(days=1) else None


def _zone(name: str | None) -> timezone:
    """Raise ValueError for a name that we do not know and an offset of a day or more."""
    if name is None:
        return UTC
    if offset := _OFFSET.fullmatch(name):
        size = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return timezone(-size if offset["sign"] == "-" else size)
    hours = _ZONES.get(name.lower())
    if hours is None and len(name) > 1:  # RFC 5322 §4.3: one-letter zones were used both ways and mean nothing
        raise ValueError(f"unknown time zone {name!r}")
    return timezone(timedelta(hours=hours or 0))
