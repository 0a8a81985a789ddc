"""What is said to one reader: interface words, plurals, labels of rules, times in the reader's zone."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from monitor.core.model import Press, RuleKind, Subscriber

Labels: TypeAlias = Mapping[tuple[RuleKind, str], Mapping[str, str]]
"""Rule → language (ISO 639-1) → what a reader calls it."""

Table: TypeAlias = Mapping[str, Any]
"""Key → phrase, plural forms of a phrase (`one`, `few`, `other`), or a list or mapping of phrases."""

_FALLBACK = "en"
_EAST_SLAVIC = frozenset({"uk", "ru"})


def load_tables(folder: Path) -> dict[str, Table]:
    """Read `<language>.json` files; what one of them lacks is said in English.

    Raises OSError where English is missing, ValueError where a file is not JSON.
    """
    english = _read(folder / f"{_FALLBACK}.json")
    others = {path.stem: english | _read(path) for path in sorted(folder.glob("*.json"))}
    return others | {_FALLBACK: english}


def _read(path: Path) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return table


def plural(lang: str, n: int) -> str:
    """Name the plural form of a whole number, by the CLDR rules of the languages that we have words for."""
    if lang not in _EAST_SLAVIC:
        return "one" if n == 1 else "other"
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if n % 10 in {2, 3, 4} and n % 100 not in {12, 13, 14} else "other"


class Words:
    """The phrases of one reader. Raises ZoneInfoNotFoundError at the first time told in an unknown zone."""

    def __init__(self, tables: Mapping[str, Table], reader: Subscriber, labels: Labels) -> None:
        self.lang = reader.lang if reader.lang in tables else _FALLBACK
        self.zone = reader.zone
        self._reads = reader.lang
        self._table = tables[self.lang]
        self._labels = labels

    @cached_property
    def _tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def say(self, key: str, **values: object) -> str:
        """Give a phrase with its values filled in."""
        return str(self._table[key]).format_map(values)

    def count(self, key: str, n: int, **values: object) -> str:
        """Give a phrase in the form that goes with a number."""
        forms = self._table[key]
        return str(forms.get(plural(self.lang, n), forms["other"])).format_map({"n": n, **values})

    def names(self, names: Iterable[str], limit: int) -> str:
        """List the first names, and count the others."""
        listed = list(names)
        shown, others = ", ".join(listed[:limit]), len(listed) - limit
        return self.count("names_more", others, names=shown) if others > 0 else shown

    def label(self, kind: RuleKind, rule: str) -> str:
        """Name a rule: in the reader's language, else in English, else by its id."""
        label = self._labels.get((kind, rule), {})
        return label.get(self._reads) or label.get(_FALLBACK) or rule

    def press(self, press: Press) -> str:
        """Name the kind of publisher."""
        return str(self._table["press"][press.value])

    def country(self, code: str) -> str:
        """Name a country by its ISO 3166 code; an unknown code stands for itself."""
        return str(self._table["countries"].get(code.upper(), code))

    def moment(self, instant: datetime, beside: datetime | None = None) -> str:
        """Tell a time in the reader's zone; what it shares with the one that it stands beside is left out."""
        here = instant.astimezone(self._tz)
        there = beside.astimezone(self._tz) if beside else here
        clock = self.clock(here.time())
        if beside and here.date() == there.date():
            return clock
        key = "date" if here.year == there.year else "date_year"
        date = self.say(key, day=here.day, month=self._table["months"][here.month - 1], year=here.year)
        return self.say("moment", date=date, time=clock)

    def clock(self, at: time) -> str:
        """Tell a time of day: hours and minutes on a 24-hour clock."""
        return at.strftime("%H:%M")
