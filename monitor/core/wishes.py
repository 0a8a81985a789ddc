"""A subscription as a person writes it, on the command line or in a list of readers, and back."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import time
from difflib import get_close_matches

from monitor.core import queries, schedule
from monitor.core.model import LANGUAGES, Press, QuietHours, RuleKind, Schedule, Subscriber, Subscription
from monitor.core.query.names import Names
from monitor.errors import InputError, QueryError

INTERFACE = ("en", "uk", "de")
"""The languages of the program's own words, as ISO 639-1 codes."""

CAP_MAX = 100
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_WHOLE_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = re.compile(r"(\d{1,3})\s?h?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What words of a wish may mean: watched rules, what queries may name, IANA zones; `address` brings a mail address
    into its one form or raises ValueError."""

    rules: Collection[tuple[RuleKind, str]]
    names: Names
    zones: Collection[str]
    address: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A subscription in words. At most one of `daily`, `weekly`, `every` and `instant` tells when digests come: none is
    daily at 07:00. `weekdays` narrow `daily` and `every`; `weekly` is such as "mon 07:00"."""

    email: str
    lang: str = "en"
    tz: str = "UTC"
    name: str = ""
    topics: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    without_press: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    daily: tuple[str, ...] = ()
    weekly: str = ""
    every: str = ""
    weekdays: tuple[str, ...] = ()
    instant: bool = False
    quiet_hours: str = ""
    cap: int = 15
    quiet: bool = True


# ── words → wish ─────────────────────────────────────────────────────────────────────────────────────────────────────


def read(written: Written, known: Known) -> Subscription:
    """Return what a subscription in words means. Raises InputError at the first word that means nothing."""
    if not 1 <= written.cap <= CAP_MAX:
        raise InputError(f"a digest has between 1 and {CAP_MAX} items, not {written.cap}")
    reader = Subscriber(
        pk=0,
        email=_address(written.email, known),
        lang=_one(written.lang, INTERFACE, "language of the interface"),
        zone=_one(written.tz, known.zones, "zone"),
    )
    return Subscription(
        pk=0,
        subscriber=reader,
        name=written.name.strip(),
        topics=_rules(written.topics, RuleKind.TOPIC, known),
        actors=_rules(written.actors, RuleKind.ACTOR, known),
        queries=_queries(written.queries, known),
        without_sources=frozenset(written.without),
        without_press=frozenset(Press(_one(kind, list(Press), "kind of press")) for kind in written.without_press),
        langs=frozenset(_one(lang, LANGUAGES, "language") for lang in written.languages),
        schedule=read_schedule(written),
        quiet_hours=read_quiet_hours(written.quiet_hours) if written.quiet_hours else None,
        cap=written.cap,
        quiet=written.quiet,
    )


def _address(text: str, known: Known) -> str:
    try:
        return known.address(text)
    except ValueError as error:
        raise InputError(f"{text!r} {error}") from None


def _one(word: str, choices: Collection[str], what: str) -> str:
    if word not in choices:
        raise InputError(f"unknown {what} {word!r}{_near(word, choices)}")
    return word


def _near(word: str, choices: Iterable[str]) -> str:
    found = get_close_matches(word, [str(choice) for choice in choices], 1)
    return f", did you mean {found[0]!r}?" if found else ""


def _rules(names: Iterable[str], kind: RuleKind, known: Known) -> frozenset[str]:
    choices = [name for each, name in known.rules if each == kind]
    return frozenset(_one(name, choices, kind.value) for name in sorted(names))


def _queries(texts: Iterable[str], known: Known) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(" ".join(text.split()) for text in texts))
    if len(found) > queries.LIMIT:
        raise InputError(f"a subscription has at most {queries.LIMIT} queries, not {len(found)}")
    for text in found:
        try:
            queries.check(text, known.names)
        except QueryError as error:
            raise InputError(f"the query {text!r}, column {error.column}: {error.problem}") from None
    return found


def read_schedule(written: Written) -> Schedule:
    """Return when digests come. Raises InputError."""
    ways = {"daily": written.daily, "weekly": written.weekly, "every": written.every, "instant": written.instant}
    chosen = [way for way, value in ways.items() if value]
    if len(chosen) > 1:
        raise InputError(f"{' and '.join(chosen)} do not go together: one of them tells when digests come")
    if written.weekdays and (written.instant or written.weekly):
        raise InputError(f"weekdays narrow daily times or every n hours, not {chosen[0]}")
    days, times = _days(written.weekdays), written.daily or ("07:00",)
    if written.weekly:
        names, _, moment = written.weekly.strip().rpartition(" ")
        days, times = _days(names.replace(",", " ").split()), (moment,)
        if not days:
            raise InputError(f"{written.weekly!r} names no day and time; write it as mon 07:00")
    if written.every:
        return Schedule(times=_every(written.every), weekdays=days)
    return Schedule(times=tuple(sorted({read_time(text) for text in times})), weekdays=days, instant=written.instant)


def _every(text: str) -> tuple[time, ...]:
    found = _HOURS.fullmatch(text.strip())
    try:
        return schedule.every(int(found[1]) if found else 0).times
    except ValueError:
        raise InputError(f"{text!r} does not divide a day; write 1h, 2h, 3h, 4h, 6h, 8h, 12h or 24h") from None


def _days(names: Iterable[str]) -> frozenset[int]:
    known = dict(zip(WEEKDAYS, range(7), strict=True)) | dict(zip(_WHOLE_NAMES, range(7), strict=True))
    return frozenset(known[_one(name.strip().lower(), known, "weekday")] for name in names)


def read_time(text: str) -> time:
    """Return a time of day, HH:MM. Raises InputError."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text.strip())
    if not found:
        raise InputError(f"{text!r} is no time of day; write it as HH:MM, such as 07:00")
    return time(int(found[1]), int(found[2]))


def read_quiet_hours(text: str) -> QuietHours:
    """Return the quiet hours of such as 22:00-07:00. Raises InputError."""
    start, dash, end = text.replace("–", "-").partition("-")
    if not dash:
        raise InputError(f"{text!r} are no quiet hours; write them as 22:00-07:00")
    hours = QuietHours(start=read_time(start), end=read_time(end))
    if hours.start == hours.end:
        raise InputError(f"{text!r} would be quiet always or never; give two times")
    return hours


# ── wish → words ─────────────────────────────────────────────────────────────────────────────────────────────────────


def write(wish: Subscription) -> Written:
    """Return a subscription in words that `read` reads as the same one."""
    when, hours = wish.schedule, wish.quiet_hours
    every = next((n for n in range(1, 13) if 24 % n == 0 and schedule.every(n).times == when.times), None)
    return Written(
        email=wish.subscriber.email,
        lang=wish.subscriber.lang,
        tz=wish.subscriber.zone,
        name=wish.name,
        topics=tuple(sorted(wish.topics)),
        actors=tuple(sorted(wish.actors)),
        queries=wish.queries,
        without=tuple(sorted(wish.without_sources)),
        without_press=tuple(sorted(wish.without_press)),
        languages=tuple(sorted(wish.langs)),
        daily=() if when.instant or every else tuple(_clock(at) for at in when.times),
        every="" if when.instant or not every else f"{every}h",
        weekdays=() if when.instant else tuple(WEEKDAYS[day] for day in sorted(when.weekdays)),
        instant=when.instant,
        quiet_hours=f"{_clock(hours.start)}-{_clock(hours.end)}" if hours else "",
        cap=wish.cap,
        quiet=wish.quiet,
    )


def when(wish: Subscription) -> str:
    """Tell when a subscription's digests come, in English."""
    said = write(wish)
    if said.instant:
        moments = "as soon as there is something"
    else:
        hours = "hour" if said.every == "1h" else f"{said.every[:-1]} hours"
        moments = f"every {hours}" if said.every else f"at {', '.join(said.daily)}"
        moments = f"on {', '.join(said.weekdays)} {moments}" if said.weekdays else moments
        moments = moments if said.every or said.weekdays else f"daily {moments}"
    quiet = f", quiet {said.quiet_hours}" if said.quiet_hours else ""
    return f"{moments} {said.tz}{quiet}"


def what(wish: Subscription) -> str:
    """Tell what a subscription takes, in English."""
    topics, actors = (" or ".join(sorted(names)) for names in (wish.topics, wish.actors))
    plain = f"{topics}, naming {actors}" if topics and actors else topics or (f"naming {actors}" if actors else "")
    ways = [*([plain] if plain else []), *(f"[{query}]" for query in wish.queries)]
    limits = [f"in {' or '.join(sorted(wish.langs))}"] if wish.langs else []
    without = [*sorted(wish.without_sources), *(f"{kind} press" for kind in sorted(wish.without_press))]
    limits += [f"without {' or '.join(without)}"] if without else []
    return ", ".join(["; or ".join(ways) or "everything about the war", *limits])


def _clock(at: time) -> str:
    return at.isoformat("minutes")
