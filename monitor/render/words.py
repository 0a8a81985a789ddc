"""What is said to one reader: interface texts, plurals, labels of rules, times in the reader's zone."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from functools import cached_property
from typing import TypeAlias
from zoneinfo import ZoneInfo

from monitor.core.model import Press, RuleKind
from monitor.render.catalogues import SOURCE, Speech

Labels: TypeAlias = Mapping[tuple[RuleKind, str], Mapping[str, str]]
"""Rule → language (ISO 639-1) → what a reader calls it."""

_HARD = "\u00a0"


class Words:
    """The texts of one reader. Raises ZoneInfoNotFoundError at the first time told in an unknown zone."""

    def __init__(self, speeches: Mapping[str, Speech], lang: str, zone: str, labels: Labels) -> None:
        self._speech = speeches.get(lang) or speeches[SOURCE]
        self._texts = self._speech.texts
        self._labels = labels
        self._reads = lang
        self._dates: dict[tuple[date, bool], str] = {}
        self.lang = self._speech.lang
        self.zone = zone

    @cached_property
    def _tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    # ── texts ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def say(self, text: str, **values: object) -> str:
        """Translate a text, and put its values in the place of %(name)s."""
        return self._texts.gettext(text) % values

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """Translate a text in the form that goes with a number, which is %(n)s in it."""
        return self._texts.ngettext(one, many, n) % {"n": n, **values}

    def gettext(self, text: str) -> str:
        """Translate a text, its placeholders left as they are."""
        return self._texts.gettext(text)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Translate a text in the form that goes with a number, its placeholders left as they are."""
        return self._texts.ngettext(one, many, n)

    def names(self, names: Iterable[str], limit: int, separator: str = ", ") -> str:
        """List the first names, and count the others."""
        listed = list(names)
        shown, others = separator.join(listed[:limit]), len(listed) - limit
        return (
            self.count("%(names)s and %(n)s more", "%(names)s and %(n)s more", others, names=shown)
            if others > 0
            else shown
        )

    # ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def label(self, kind: RuleKind, rule: str) -> str:
        """Name a rule: in the reader's language, else in English, else by its id."""
        label = self._labels.get((kind, rule), {})
        return label.get(self._reads) or label.get(SOURCE) or rule

    def press(self, press: Press) -> str:
        """Name the kind of publisher."""
        match press:
            case Press.STATE:
                return self.say("state media")
            case Press.PUBLIC:
                return self.say("public media")
            case Press.PRIVATE:
                return self.say("private media")
            case Press.AGENCY:
                return self.say("news agency")
            case Press.OFFICIAL:
                return self.say("official source")

    def country(self, code: str) -> str:
        """Name a country by its ISO 3166 code; an unknown code stands for itself."""
        return self._speech.country(code)

    def language(self, code: str) -> str:
        """Name a language by its ISO 639 code; an unknown code stands for itself."""
        return self._speech.language(code)

    def weekdays(self, numbers: Iterable[int]) -> str:
        """Name days of the week; 0 is Monday."""
        return ", ".join(self._speech.weekday(number) for number in sorted(numbers))

    # ── times ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def moment(self, instant: datetime, beside: datetime | None = None) -> str:
        """Tell a time in the reader's zone; what it shares with the one that it stands beside is left out."""
        here = instant.astimezone(self._tz)
        clock = self.clock(here.time())
        there = beside.astimezone(self._tz) if beside else here
        if beside and here.date() == there.date():
            return clock
        return f"{self.dated(here.date(), year=here.year != there.year)},{_HARD}{clock}"

    def dated(self, day: date, *, year: bool = False) -> str:
        """Write a date, its parts held together."""
        key = day, year
        if key not in self._dates:
            self._dates[key] = " ".join(self._speech.dated(day, year=year).split()).replace(" ", _HARD)
        return self._dates[key]

    def clock(self, at: time) -> str:
        """Tell a time of day: hours and minutes on a 24-hour clock."""
        return f"{at.hour:02}:{at.minute:02}"
