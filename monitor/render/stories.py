"""One story as a reader sees it: every phrase said, cut and told in the reader's language and zone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from monitor.core.model import Item, RuleKind
from monitor.render.text import Segment, cut, link, segments
from monitor.render.words import Words

SEPARATOR = " · "
NAME = 60
"""Code points of a name: of a publisher, a feed, a rule."""

_MARKS = 12
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a story is shown: code points, and rules that are named."""

    title: int = 200
    summary: int = 200
    url: int = 2000
    rules: int = 12


_LINE = Limits(title=110, url=600)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """One story. `lang` is that of headline and summary, "" where it is not known; `before` is the headline that was
    mailed before, `original` says that the headline is in a language that was not asked for; both "" where not so."""

    headline: tuple[Segment, ...]
    title: str
    before: str
    original: str
    summary: str
    url: str | None
    lang: str
    meta: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """A story on one line."""

    headline: tuple[Segment, ...]
    title: str
    url: str | None
    lang: str
    meta: str


def story(item: Item, end: datetime, words: Words, limits: Limits) -> StoryView:
    """Say a story beside an edition that ends at `end`."""
    return StoryView(
        headline=segments(item.title, item.marks[:_MARKS], limits.title),
        title=cut(item.title, limits.title),
        before=cut(item.before, limits.title) if item.before else "",
        original=_original(item, words),
        summary=_summary(item, limits),
        url=link(item.url, limits.url),
        lang=tag(item.lang),
        meta=SEPARATOR.join(_meta(item, end, words)),
        why=_why(item, words, limits.rules),
    )


def line(item: Item, words: Words) -> LineView:
    """Say a story on one line."""
    publisher = cut(item.publisher.name, NAME)
    sources = (words.count("%(n)s source", "%(n)s sources", item.sources),) if item.sources > 1 else ()
    return LineView(
        headline=segments(item.title, item.marks[:_MARKS], _LINE.title),
        title=cut(item.title, _LINE.title),
        url=link(item.url, _LINE.url),
        lang=tag(item.lang),
        meta=SEPARATOR.join((publisher, *sources)),
    )


def tag(lang: str | None) -> str:
    """Give a language for HTML; "" says that it is not known."""
    return lang if lang and _LANGUAGE.fullmatch(lang) else ""


def _original(item: Item, words: Words) -> str:
    lang = tag(item.lang) if item.original else ""
    return words.say("Original: %(language)s", language=words.language(lang)) if lang else ""


def _summary(item: Item, limits: Limits) -> str:
    """Shorten the summary; one that only repeats the headline is no summary."""
    summary = cut(item.summary, limits.summary) if limits.summary else ""
    return "" if summary.casefold() == cut(item.title, limits.summary).casefold() else summary


def _meta(item: Item, end: datetime, words: Words) -> Iterator[str]:
    publisher = item.publisher
    yield cut(publisher.name, NAME)
    if publisher.press:
        yield words.press(publisher.press)
    if publisher.country:
        yield words.country(cut(publisher.country, NAME))
    yield _when(item, end, words)
    if item.sources > 1:
        yield words.count("also in %(n)s other source", "also in %(n)s other sources", item.sources - 1)


def _when(item: Item, end: datetime, words: Words) -> str:
    if item.published is None:
        return words.say("date unknown")
    moment = words.moment(item.published, beside=end)
    return words.say("%(moment)s (reached us late)", moment=moment) if item.late else moment


def _why(item: Item, words: Words, limit: int) -> str:
    names = words.names(_rules(item, words), limit, SEPARATOR)
    return words.say("Why it is here: %(names)s", names=names) if names else ""


def _rules(item: Item, words: Words) -> Iterator[str]:
    for actor in item.actors:
        yield words.label(RuleKind.ACTOR, actor)
    for topic in (item.topic, *item.tags):
        if topic is not None:
            yield words.label(RuleKind.TOPIC, topic)
