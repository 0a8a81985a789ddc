"""A digest as its templates see it: every phrase said, cut and told in the reader's language and zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from monitor.core.model import Coverage, Digest, Item, RuleKind, Section, Subscription, Window
from monitor.render.text import Segment, cleaned, cut, link, segments
from monitor.render.words import Words

_NAMED_FEEDS = 5
_NAMED_RULES = 12
_MARKS = 12
_NAME = 60
_SEPARATOR = " · "


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of an item is shown, in code points."""

    title: int = 200
    summary: int = 200
    url: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One story: `lang` is that of headline and summary, "" where it is not known."""

    headline: tuple[Segment, ...]
    title: str
    summary: str
    url: str | None
    lang: str
    meta: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """One topic and its stories."""

    label: str
    stories: tuple[ItemView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands round the stories, in a quiet mail too. `unsubscribe` is an address to follow, `target` to read."""

    lang: str
    name: str
    moment: str
    window: str
    catch_up: str
    catch_up_short: str
    coverage_label: str
    coverage: tuple[str, ...]
    asked: str
    schedule: str
    unsubscribe: str
    unsubscribe_label: str
    unsubscribe_text: str
    quiet: str
    quiet_subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The stories of a digest, with the lines about them as a whole."""

    headline: str
    others: str
    preheader: str
    counts: str
    contents: str
    why_label: str
    sections: tuple[SectionView, ...]
    more: str


def frame(digest: Digest, subscription: Subscription, words: Words, unsubscribe: str) -> Frame:
    """Say everything but the stories. `unsubscribe` is a mail address, or a mailto or https URI."""
    window = digest.window
    uri, target = _way_out(unsubscribe)
    span = {"start": words.moment(window.start), "end": words.moment(window.end), "zone": words.zone}
    return Frame(
        lang=words.lang,
        name=words.say("name"),
        moment=words.moment(window.end),
        window=words.say("window", **span),
        catch_up=_if(window.catch_up, words.say("catch_up")),
        catch_up_short=_if(window.catch_up, words.say("catch_up_short")),
        coverage_label=words.say("coverage"),
        coverage=tuple(_coverage(digest.coverage, words)),
        asked=_asked(subscription, words),
        schedule=_schedule(subscription, words),
        unsubscribe=uri,
        unsubscribe_label=words.say("unsubscribe"),
        unsubscribe_text=words.say("unsubscribe_text", target=target),
        quiet=words.say("quiet", **span),
        quiet_subject=words.say("quiet_subject"),
    )


def edition(digest: Digest, words: Words, limits: Limits) -> Edition:
    """Say the stories of a digest that has at least one."""
    ranked = sorted((item for section in digest.sections for item in section.items), key=lambda item: -item.score)
    counts = _counts(digest, words)
    return Edition(
        headline=cut(ranked[0].title, _NAME),
        others=_if(digest.total > 1, words.count("and_more", digest.total - 1)),
        preheader=_SEPARATOR.join([counts, *(cut(item.title, _NAME) for item in ranked[1:3])]),
        counts=counts,
        contents=_SEPARATOR.join(f"{_topic(section, words)} {len(section.items)}" for section in digest.sections),
        why_label=words.say("why"),
        sections=tuple(
            SectionView(
                label="" if len(digest.sections) == 1 and section.topic is None else _topic(section, words),
                stories=tuple(_story(item, digest.window, words, limits) for item in section.items),
            )
            for section in digest.sections
        ),
        more=_if(digest.more > 0, words.count("more", digest.more)),
    )


def _counts(digest: Digest, words: Words) -> str:
    stories = words.count("stories", digest.total)
    if digest.more:
        stories = words.say("shown_of", shown=digest.total - digest.more, stories=stories)
    return words.say("counts", stories=stories, sources=words.count("sources", digest.sources))


def _if(shown: bool, phrase: str) -> str:
    return phrase if shown else ""


def _topic(section: Section, words: Words) -> str:
    return words.say("no_topic") if section.topic is None else words.label(RuleKind.TOPIC, section.topic)


def _way_out(unsubscribe: str) -> tuple[str, str]:
    """Give the URI to follow, and what of it a person reads."""
    if unsubscribe.startswith("https://"):
        return unsubscribe, unsubscribe
    address = unsubscribe.removeprefix("mailto:").partition("?")[0]
    return (unsubscribe if unsubscribe.startswith("mailto:") else f"mailto:{address}?subject=unsubscribe"), address


# ── one story ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _story(item: Item, window: Window, words: Words, limits: Limits) -> ItemView:
    title = cut(item.title, limits.title)
    return ItemView(
        headline=segments(item.title, item.marks[:_MARKS], limits.title),
        title=title,
        summary=_summary(item, limits),
        url=link(item.url, limits.url),
        lang=item.lang or "",
        meta=_SEPARATOR.join(_meta(item, window.end, words)),
        why=words.names(_why(item, words), _NAMED_RULES),
    )


def _summary(item: Item, limits: Limits) -> str:
    """Shorten the summary; one that only repeats the headline is no summary."""
    summary = cut(item.summary, limits.summary) if limits.summary else ""
    return "" if summary.casefold() == cut(item.title, limits.summary).casefold() else summary


def _meta(item: Item, end: datetime, words: Words) -> Iterator[str]:
    publisher = item.publisher
    yield cut(publisher.name, _NAME)
    if publisher.press:
        yield words.press(publisher.press)
    if publisher.country:
        yield words.country(cut(publisher.country, _NAME))
    yield _when(item, end, words)
    if item.sources > 1:
        yield words.count("also_in", item.sources - 1)


def _when(item: Item, end: datetime, words: Words) -> str:
    if item.published is None:
        return words.say("no_date")
    moment = words.moment(item.published, beside=end)
    return words.say("late", moment=moment) if item.late else moment


def _why(item: Item, words: Words) -> Iterator[str]:
    for actor in item.actors:
        yield words.label(RuleKind.ACTOR, actor)
    for topic in (item.topic, *item.tags):
        if topic is not None:
            yield words.label(RuleKind.TOPIC, topic)


# ── the footer ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _coverage(coverage: Coverage, words: Words) -> Iterator[str]:
    yield words.count("watched", coverage.watched)
    if not coverage.silent and not coverage.failing:
        yield words.say("all_well")
    for key, feeds in (("silent", coverage.silent), ("failing", coverage.failing)):
        if feeds:
            yield words.say(key, names=words.names([cut(feed, _NAME) for feed in feeds], _NAMED_FEEDS))


def _asked(subscription: Subscription, words: Words) -> str:
    topics = sorted(words.label(RuleKind.TOPIC, topic) for topic in subscription.topics)
    actors = sorted(words.label(RuleKind.ACTOR, actor) for actor in subscription.actors)
    if not topics and not actors:
        return words.say("asked_all")
    key = "asked_both" if topics and actors else "asked_topics" if topics else "asked_actors"
    return words.say(key, topics=words.names(topics, _NAMED_RULES), actors=words.names(actors, _NAMED_RULES))


def _schedule(subscription: Subscription, words: Words) -> str:
    times = ", ".join(words.clock(at) for at in sorted(subscription.schedule.times))
    return words.say("schedule", times=times, zone=cleaned(words.zone))
