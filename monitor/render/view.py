"""A digest as its templates see it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.core.model import Alerted, Day, Digest, Item, RuleKind, Section
from monitor.render.stories import NAME, SEPARATOR, Limits, LineView, StoryView, line, story, tag
from monitor.render.text import cut, link
from monitor.render.words import Words

_TOP = 3
"""With so few stories all of them stand on the first screen: the headlines need not stand there twice."""

_ALERTED = 10
_ALERTED_TITLE = 110
_ALERTED_URL = 600

BAR = 48
"""Pixels of the highest bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """One topic and its stories."""

    label: str
    stories: tuple[StoryView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """One topic in a mail, and its stories as they are written there."""

    label: str
    stories: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A figure and its word."""

    figure: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertedView:
    """A story that an instant alert brought, and what came of it since."""

    moment: str
    title: str
    url: str | None
    lang: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day of the chart: `height` in pixels."""

    day: str
    date: str
    hits: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Hits a day, and what a reader shall see in them."""

    bars: tuple[Bar, ...]
    summary: str
    days: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The lines about a digest as a whole. `counts` are said in `counted` too; `shown` says how many of how many."""

    headline: str
    others: str
    preheader: str
    counts: tuple[Count, ...]
    counted: str
    shown: str
    top: tuple[LineView, ...]
    alerted: tuple[AlertedView, ...]
    chart: Chart | None


def ranked(digest: Digest) -> list[Item]:
    """Give the items of all sections, the strongest first: those of `top` in its order, then by score."""
    places = {group: place for place, group in enumerate(digest.top)}
    items = [item for section in digest.sections for item in section.items]
    return sorted(items, key=lambda item: (places.get(item.group, len(places)), -item.score))


def edition(digest: Digest, words: Words) -> Edition:
    """Say what stands round the stories of a digest that has at least one."""
    first = ranked(digest)
    counts = tuple(_counts(digest, words))
    counted = SEPARATOR.join(f"{count.figure} {count.word}" for count in counts)
    return Edition(
        headline=cut(first[0].title, NAME),
        others=words.count("and %(n)s more", "and %(n)s more", digest.total - 1) if digest.total > 1 else "",
        preheader=SEPARATOR.join([counted, *(cut(item.title, NAME) for item in first[1:3])]),
        counts=counts,
        counted=counted,
        shown=_shown(digest, words),
        top=tuple(_top(digest, first, words)),
        alerted=alerted(digest, words),
        chart=_chart(digest.days, words),
    )


def sections(digest: Digest, words: Words) -> tuple[SectionView, ...]:
    """Say all stories of the sections."""
    limits, end = Limits(), digest.window.end
    return tuple(
        SectionView(
            label=heading(section, words), stories=tuple(story(item, end, words, limits) for item in section.items)
        )
        for section in digest.sections
    )


def piles(digest: Digest, words: Words, written: Mapping[int, str]) -> Sequence[Pile]:
    """Put what was written under its headings; a heading without stories is left out."""
    found = (
        Pile(
            label=heading(section, words),
            stories=tuple(written[item.group] for item in section.items if item.group in written),
        )
        for section in digest.sections
    )
    return [pile for pile in found if pile.stories]


def heading(section: Section, words: Words) -> str:
    """Name a section."""
    return words.say("Other reports") if section.topic is None else words.label(RuleKind.TOPIC, section.topic)


# ── the first screen ─────────────────────────────────────────────────────────────────────────────────────────────────


def _counts(digest: Digest, words: Words) -> Iterator[Count]:
    if digest.new:
        yield _figure(words.count("%(n)s new", "%(n)s new", digest.new), digest.new)
    if digest.updated:
        yield _figure(words.count("%(n)s updated", "%(n)s updated", digest.updated), digest.updated)
    if digest.sources:
        yield _figure(words.count("%(n)s source", "%(n)s sources", digest.sources), digest.sources)
    if digest.countries:
        yield _figure(words.count("%(n)s country", "%(n)s countries", digest.countries), digest.countries)


def _figure(phrase: str, n: int) -> Count:
    before, _, after = phrase.partition(str(n))
    return Count(figure=str(n), word=(before + after).strip())


def _shown(digest: Digest, words: Words) -> str:
    if not digest.more:
        return ""
    shown = digest.total - digest.more
    return words.count(
        "The %(shown)s strongest of %(n)s story.",
        "The %(shown)s strongest of %(n)s stories.",
        digest.total,
        shown=shown,
    )


def _top(digest: Digest, first: Sequence[Item], words: Words) -> Iterator[LineView]:
    if len(first) > _TOP:
        for item in first[: len(digest.top)]:
            yield line(item, words)


def alerted(digest: Digest, words: Words) -> tuple[AlertedView, ...]:
    """Say what alerts have told since the last digest, a line each."""
    return tuple(_alerted(told, digest.window.end, words) for told in digest.alerted[:_ALERTED])


def _alerted(told: Alerted, end: datetime, words: Words) -> AlertedView:
    more = words.count("since then %(n)s more report", "since then %(n)s more reports", told.since)
    return AlertedView(
        moment=words.say("Alerted %(moment)s", moment=words.moment(told.at, beside=end)),
        title=cut(told.title, _ALERTED_TITLE),
        url=link(told.url, _ALERTED_URL),
        lang=tag(told.lang),
        since=more if told.since else words.say("nothing more since then"),
    )


# ── the chart ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _chart(days: Sequence[Day], words: Words) -> Chart | None:
    most = max(days, key=lambda day: day.hits, default=None)
    if most is None or most.hits == 0 or len(days) < 2:
        return None
    average = round(sum(day.hits for day in days) / len(days))
    return Chart(
        bars=tuple(
            Bar(
                day=str(day.date.day),
                date=words.dated(day.date),
                hits=day.hits,
                height=max(round(BAR * day.hits / most.hits), 1),
            )
            for day in days
        ),
        summary=words.say(
            "%(average)s a day on average; most on %(date)s: %(most)s.",
            average=average,
            date=words.dated(most.date),
            most=most.hits,
        ),
        days=SEPARATOR.join(f"{words.dated(day.date)}: {day.hits}" for day in days),
    )
