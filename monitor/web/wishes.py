"""A subscription as a form: what stands in its fields, and the wishes that a filled one means."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from functools import cache
from zoneinfo import available_timezones

from starlette.datastructures import FormData

from monitor.core.model import LANGUAGES, Press, QuietHours, RuleKind, Schedule, Subscription
from monitor.render import Labels
from monitor.render.frame import asked, schedule
from monitor.render.text import cut
from monitor.render.words import Words

HOURS = (1, 2, 3, 4, 6, 8, 12)
"""Every so many hours a digest may come."""
CAP_MAX = 100
TIMES_MAX = 24
SOURCES_MAX = 50
NAME_MAX = 80
SOURCE_MAX = 200
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(:00)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class WishForm:
    """The fields as texts, as a browser sends and shows them. `when` is times, hours or instant."""

    name: str = ""
    topics: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    langs: frozenset[str] = frozenset()
    without_press: frozenset[str] = frozenset()
    without_sources: str = ""
    when: str = "times"
    times: tuple[str, ...] = ("07:00",)
    every: str = "6"
    weekdays: frozenset[str] = frozenset()
    quiet_from: str = ""
    quiet_to: str = ""
    cap: str = "15"
    quiet: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A subscription at a glance, in its reader's language."""

    pk: int
    name: str
    asked: str
    schedule: str


def card(wish: Subscription, words: Words) -> Card:
    """Return a subscription at a glance."""
    return Card(pk=wish.pk, name=wish.name, asked=asked(wish, words), schedule=schedule(wish, words))


def shown(wish: Subscription) -> WishForm:
    """Return the form that shows a subscription."""
    when, hours = wish.schedule, wish.quiet_hours
    every = next((n for n in HOURS if when.times == hourly(n)), None)
    return WishForm(
        name=wish.name,
        topics=wish.topics,
        actors=wish.actors,
        langs=wish.langs,
        without_press=frozenset(kind.value for kind in wish.without_press),
        without_sources="\n".join(sorted(wish.without_sources)),
        when="instant" if when.instant else "hours" if every else "times",
        times=("07:00",) if every else tuple(_text(at) for at in when.times),
        every=str(every or 6),
        weekdays=frozenset(map(str, when.weekdays)),
        quiet_from=_text(hours.start) if hours else "",
        quiet_to=_text(hours.end) if hours else "",
        cap=str(wish.cap),
        quiet=wish.quiet,
    )


def filled(form: FormData) -> WishForm:
    """Return what somebody filled in."""

    def one(name: str) -> str:
        return str(form.get(name, "")).strip()

    def many(name: str) -> list[str]:
        return [text for value in form.getlist(name) if (text := str(value).strip())]

    return WishForm(
        name=one("name"),
        topics=frozenset(many("topic")),
        actors=frozenset(many("actor")),
        langs=frozenset(many("reads")),
        without_press=frozenset(many("without_press")),
        without_sources=str(form.get("without_sources", "")),
        when=one("when"),
        times=tuple(many("time")),
        every=one("every"),
        weekdays=frozenset(many("weekday")),
        quiet_from=one("quiet_from"),
        quiet_to=one("quiet_to"),
        cap=one("cap"),
        quiet=bool(one("quiet")),
    )


def meant(form: WishForm, before: Subscription, labels: Labels) -> tuple[Subscription, frozenset[str]]:
    """Return the wishes that a filled form means, and the fields that mean nothing: those keep what was `before`.

    Rules that are not watched (any more) are dropped without a word, as no field shows them.
    """
    when, wrong_when = _schedule(form, before.schedule)
    hours, wrong_hours = _quiet_hours(form, before.quiet_hours)
    sources = frozenset(line for text in form.without_sources.splitlines() if (line := cut(text, SOURCE_MAX)))
    wrong = {*wrong_when, *wrong_hours}
    if not (form.cap.isdecimal() and 1 <= int(form.cap) <= CAP_MAX):
        wrong.add("cap")
    if len(sources) > SOURCES_MAX or any(len(line) > SOURCE_MAX for line in sources):
        wrong.add("without_sources")
    wish = replace(
        before,
        name=cut(form.name, NAME_MAX),
        topics=form.topics & _rules(labels, RuleKind.TOPIC),
        actors=form.actors & _rules(labels, RuleKind.ACTOR),
        langs=form.langs & frozenset(LANGUAGES),
        without_press=frozenset(Press(kind) for kind in form.without_press & set(Press)),
        without_sources=before.without_sources if "without_sources" in wrong else sources,
        schedule=when,
        quiet_hours=hours,
        cap=before.cap if "cap" in wrong else int(form.cap),
        quiet=form.quiet,
    )
    return wish, frozenset(wrong)


def _schedule(form: WishForm, before: Schedule) -> tuple[Schedule, Iterable[str]]:
    days = frozenset(int(day) for day in form.weekdays if day in set("0123456"))
    if form.when == "instant":
        return replace(before, instant=True), ()
    if form.when == "hours":
        known = form.every in map(str, HOURS)
        return (Schedule(times=hourly(int(form.every)), weekdays=days), ()) if known else (before, ["every"])
    times = [_time(text) for text in form.times[:TIMES_MAX]]
    good = sorted({at for at in times if at is not None})
    if form.when != "times" or not good or None in times:
        return before, ["times"]
    return Schedule(times=tuple(good), weekdays=days), ()


def _quiet_hours(form: WishForm, before: QuietHours | None) -> tuple[QuietHours | None, Iterable[str]]:
    if not form.quiet_from and not form.quiet_to:
        return None, ()
    start, end = _time(form.quiet_from), _time(form.quiet_to)
    if start is None or end is None or start == end:
        return before, ["quiet_hours"]
    return QuietHours(start=start, end=end), ()


def _time(text: str) -> time | None:
    found = _CLOCK.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


def _text(at: time) -> str:
    return at.strftime("%H:%M")


def hourly(n: int) -> tuple[time, ...]:
    """Return the local times of a digest every n hours."""
    return tuple(time(hour) for hour in range(0, 24, n))


def _rules(labels: Labels, kind: RuleKind) -> frozenset[str]:
    return frozenset(name for each, name in labels if each == kind)


@cache
def zones() -> Mapping[str, tuple[str, ...]]:
    """Return the IANA zones that people live in, by continent."""
    found: dict[str, list[str]] = {}
    for name in sorted(available_timezones()):
        area, _, place = name.partition("/")
        if place and area not in {"Etc", "SystemV", "posix", "right", "US", "Canada", "Brazil", "Mexico", "Chile"}:
            found.setdefault(area, []).append(name)
    return {"UTC": ("UTC",), **{area: tuple(names) for area, names in found.items()}}
