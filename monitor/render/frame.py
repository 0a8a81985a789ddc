"""What stands round the stories of a mail: window, coverage, why it came, and how to stop it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from monitor.core.model import Coverage, Digest, RuleKind, Schedule, Subscription
from monitor.render.stories import NAME, SEPARATOR
from monitor.render.text import cleaned, cut
from monitor.render.words import Words

_FEEDS = 5
_RULES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Everything but the stories, in a quiet mail too. `asked` and `schedule` say why the reader gets it."""

    moment: str
    window: str
    catch_up: bool
    coverage: str
    asked: str
    schedule: str
    sender: str


def frame(digest: Digest, subscription: Subscription, words: Words, sender: str) -> Frame:
    """Say everything but the stories; `sender` is who sends the mail."""
    window = digest.window
    return Frame(
        moment=words.moment(window.end),
        window=words.say(
            "%(start)s – %(end)s (%(zone)s)",
            start=words.moment(window.start),
            end=words.moment(window.end),
            zone=cleaned(words.zone),
        ),
        catch_up=window.catch_up,
        coverage=" ".join(_coverage(digest.coverage, words)),
        asked=asked(subscription, words),
        schedule=schedule(subscription, words),
        sender=sender,
    )


# ── how well it was watched ──────────────────────────────────────────────────────────────────────────────────────────


def _coverage(coverage: Coverage, words: Words) -> Iterator[str]:
    yield words.count("%(n)s feed watched.", "%(n)s feeds watched.", coverage.watched)
    if not coverage.silent and not coverage.failing:
        yield words.say("All of them answer.")
    if coverage.silent:
        yield words.say("Silent for longer than usual: %(names)s.", names=_feeds(coverage.silent, words))
    if coverage.failing:
        yield words.say("Failing: %(names)s.", names=_feeds(coverage.failing, words))


def _feeds(feeds: tuple[str, ...], words: Words) -> str:
    return words.names([cut(feed, NAME) for feed in feeds], _FEEDS)


# ── why it came ──────────────────────────────────────────────────────────────────────────────────────────────────────


def asked(subscription: Subscription, words: Words) -> str:
    """Say what the reader asked for."""
    return " ".join((_wanted(subscription, words), *_restricted(subscription, words)))


def _wanted(subscription: Subscription, words: Words) -> str:
    topics = _labels(RuleKind.TOPIC, subscription.topics, words)
    actors = _labels(RuleKind.ACTOR, subscription.actors, words)
    queries = words.names(subscription.queries, _RULES, SEPARATOR)
    if not topics and not actors and not queries:
        return words.say("You asked for everything relevant to Russia’s war against Ukraine.")
    if not topics and not actors:
        return words.say("You asked for stories that fit: %(queries)s.", queries=cut(queries, 400))
    if topics and actors:
        first = words.say("You asked for stories on: %(topics)s – that name: %(actors)s.", topics=topics, actors=actors)
    elif topics:
        first = words.say("You asked for stories on: %(topics)s.", topics=topics)
    else:
        first = words.say("You asked for stories that name: %(actors)s.", actors=actors)
    return f"{first} {words.say('Also what fits: %(queries)s.', queries=cut(queries, 400))}" if queries else first


def _restricted(subscription: Subscription, words: Words) -> Iterator[str]:
    if subscription.langs:
        languages = sorted(words.language(lang) for lang in subscription.langs)
        yield words.say("Only reports in: %(languages)s.", languages=words.names(languages, _RULES))
    without = [words.press(press) for press in sorted(subscription.without_press)]
    without += [cut(source, NAME) for source in sorted(subscription.without_sources)]
    if without:
        yield words.say("Left out at your wish: %(names)s.", names=words.names(without, _RULES))


def _labels(kind: RuleKind, rules: frozenset[str], words: Words) -> str:
    return words.names(sorted(words.label(kind, rule) for rule in rules), _RULES)


# ── when it comes ────────────────────────────────────────────────────────────────────────────────────────────────────


def schedule(subscription: Subscription, words: Words) -> str:
    """Say when digests come."""
    return " ".join((_slots(subscription.schedule, words), *_quiet(subscription, words)))


def _slots(plan: Schedule, words: Words) -> str:
    zone = cleaned(words.zone)
    if plan.instant:
        return words.say("Sent as soon as there is something to tell.")
    hours = 0 if plan.weekdays else _every(plan.times)
    if hours == 1:
        return words.say("Sent every hour (%(zone)s).", zone=zone)
    if hours:
        return words.count(
            "Sent every %(n)s hour, from midnight on (%(zone)s).",
            "Sent every %(n)s hours, from midnight on (%(zone)s).",
            hours,
            zone=zone,
        )
    times = ", ".join(words.clock(at) for at in sorted(plan.times))
    if not plan.weekdays:
        return words.say("Sent daily at %(times)s (%(zone)s).", times=times, zone=zone)
    days = words.weekdays(plan.weekdays)
    return words.say("Sent on %(days)s at %(times)s (%(zone)s).", days=days, times=times, zone=zone)


def _every(times: tuple[time, ...]) -> int:
    """Return n where the times are those of every n hours, else 0."""
    n, rest = divmod(24, len(times)) if len(times) > 2 else (0, 1)
    return n if not rest and sorted(times) == [time(hour) for hour in range(0, 24, n)] else 0


def _quiet(subscription: Subscription, words: Words) -> Iterator[str]:
    if hours := subscription.quiet_hours:
        span = {"start": words.clock(hours.start), "end": words.clock(hours.end)}
        yield words.say("Nothing is sent from %(start)s to %(end)s.", **span)
