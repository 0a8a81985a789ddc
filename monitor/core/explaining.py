"""Why an entry has its verdict: what was found, what was passed over, what it weighed, and what was nearest.

The verdict is that of `match_entry` itself, which reports its steps; nothing is judged here a second time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from monitor.core.forms import Sign
from monitor.core.matching import NO_PROVENANCE, match_entry
from monitor.core.model import Entry, Evidence, Provenance, RuleKind, Verdict
from monitor.core.relevance import ENOUGH, READ, shares
from monitor.core.sightings import Dropped, Reading, Sighting, Why, inside_words
from monitor.core.spans import Span, outermost
from monitor.core.topic_cases import TopicCase, topic_cases
from monitor.core.tracing import Trace
from monitor.core.watchlist import Watchlist


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Words that count for a rule; `sign` is what they say beside its name, empty for a name or a term."""

    kind: RuleKind
    rule: str
    sign: str
    words: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Words of a rule that stand there and count for nothing; `detail` says what stands against them."""

    kind: RuleKind
    rule: str
    words: Evidence
    why: Why
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """What signs of the war give together, or signs of something else take away."""

    points: int
    what: str
    words: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCase:
    """Why one rule matched, or at which step it fell out; `inside` are words of its own within longer ones."""

    kind: RuleKind
    rule: str
    matched: bool
    why: str
    inside: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The story of a verdict.

    `day` is that against which titles were read (None: the date is missing or doubtful), `language` the one in which
    the text was read (empty: that of no watched word can be told). `late` are signs of the war that stand too far down
    to count. `result` tells in one line how it ended, `nearest` what would have changed that, `about` the same of
    the one rule that was asked about.
    """

    verdict: Verdict
    language: str
    day: date | None
    counted: tuple[Counted, ...]
    passed: tuple[Passed, ...]
    signs: tuple[Points, ...]
    points: int
    late: tuple[Evidence, ...]
    topics: tuple[TopicCase, ...]
    result: str
    nearest: str = ""
    about: RuleCase | None = None


def explain(
    watchlist: Watchlist,
    entry: Entry,
    *,
    now: datetime,
    origin: Provenance = NO_PROVENANCE,
    rule: int | None = None,
) -> Explained:
    """Judge an entry as `match_entry` does with the same arguments, and tell how it came about.

    With a `rule` (an index of `Watchlist.rules`) it is told of that one alone what concerns words and topics.
    """
    trace = Trace()
    verdict = match_entry(watchlist, entry, now=now, origin=origin, trace=trace)
    reading = trace.reading or Reading(entry)
    signs = tuple(
        Points(points=share.points, what=share.what, words=_words(reading, share.signs))
        for share in shares(trace.weighed, reading)
    )
    chosen = () if rule is None or watchlist.rules[rule].kind is not RuleKind.TOPIC else (rule,)
    counts = {(match.kind, match.rule, words) for match in verdict.matches for words in match.evidence}
    found = Explained(
        verdict=verdict,
        language=trace.language,
        day=trace.day,
        counted=tuple(_counted(watchlist, trace, reading)),
        # a form may stand for its rule in several ways: a word that counts by one of them was not passed over
        passed=tuple(
            one for one in _passed(watchlist, trace, reading) if (one.kind, one.rule, one.words) not in counts
        ),
        signs=signs,
        points=trace.weighed.points,
        late=_late(trace, reading),
        topics=tuple(topic_cases(watchlist, trace, reading, verdict, chosen)),
        result=_result(verdict, trace),
    )
    found = replace(found, nearest=_nearest(found))
    return found if rule is None else _of_rule(watchlist, found, reading, rule)


def _of_rule(watchlist: Watchlist, found: Explained, reading: Reading, rule: int) -> Explained:
    kind, name, _ = watchlist.rules[rule]
    matched = any((match.kind, match.rule) == (kind, name) for match in found.verdict.matches)
    inside = () if matched else reading.evidence(outermost(inside_words(watchlist, reading, rule)))
    why = "" if matched else _why_not(found, kind, name, inside)
    return replace(
        found,
        counted=tuple(one for one in found.counted if (one.kind, one.rule) == (kind, name)),
        passed=tuple(one for one in found.passed if (one.kind, one.rule) == (kind, name)),
        topics=tuple(one for one in found.topics if kind is RuleKind.TOPIC and one.rule == name),
        about=RuleCase(kind=kind, rule=name, matched=matched, why=why, inside=inside),
    )


def _why_not(found: Explained, kind: RuleKind, name: str, inside: Sequence[Evidence]) -> str:
    words = [one for one in found.topics if kind is RuleKind.TOPIC and one.rule == name]
    if words and (words[0].terms or words[0].hints or words[0].query):
        return words[0].problem
    if any((one.kind, one.rule) == (kind, name) for one in found.counted):
        return "it is named, but the entry does not concern the war"
    passed = [one for one in found.passed if (one.kind, one.rule) == (kind, name)]
    if passed:
        return "; ".join(dict.fromkeys(f"“{one.words.text}”: {one.detail}" for one in passed))
    return "its words stand inside longer ones alone" if inside else "none of its words stands in the text"


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────

_SILENT = frozenset({Sign.NEVER, Sign.FIRST_NAME, Sign.CONTEXT, Sign.TAIL})
"""What is not found for its own sake."""


def _words(reading: Reading, sightings: Iterable[Sighting]) -> tuple[Evidence, ...]:
    return reading.evidence(outermost(s.span for s in sightings))


def _counted(watchlist: Watchlist, trace: Trace, reading: Reading) -> Iterator[Counted]:
    found: dict[tuple[int, Span], Sighting] = {}
    for sighting in (*trace.actors, *trace.topics):
        found.setdefault((sighting.use.rule, sighting.span), sighting)
    for (rule, span), sighting in sorted(found.items(), key=lambda item: item[0]):
        kind, name, _ = watchlist.rules[rule]
        sign = str(sighting.use.sign or "")
        yield Counted(kind=kind, rule=name, sign=sign, words=reading.evidence([span])[0])


def _passed(watchlist: Watchlist, trace: Trace, reading: Reading) -> Iterator[Passed]:
    """Yield each place of each rule once, where nothing of that rule counts there."""
    counts: dict[int, list[Span]] = {}
    for sighting in (*trace.actors, *trace.topics, *trace.weighed.signs):
        counts.setdefault(sighting.use.rule, []).append(sighting.span)
    places: dict[tuple[int, Span], list[Dropped]] = {}
    for one in trace.dropped:
        rule, span = one.sighting.use.rule, one.sighting.span
        if rule >= len(watchlist.rules):
            continue  # a word of a query
        if one.sighting.use.sign not in _SILENT and not any(_contains(other, span) for other in counts.get(rule, ())):
            places.setdefault((rule, span), []).append(one)
    for (rule, span), dropped in sorted(places.items(), key=lambda item: item[0]):
        kind, name, _ = watchlist.rules[rule]
        words = reading.evidence([span])[0]
        detail = _detail(dropped, trace, reading)
        yield Passed(kind=kind, rule=name, words=words, why=dropped[-1].why, detail=detail)


def _contains(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _detail(dropped: Sequence[Dropped], trace: Trace, reading: Reading) -> str:
    """Say of a place what stands against the use of it that came furthest."""
    (_, _, use), why = dropped[-1]
    match why:
        case Why.LANGUAGE:
            languages = sorted({one.sighting.use.language for one in dropped if one.why is why})
            detail = f"a word of {', '.join(languages)}, in a text read as {trace.language}"
        case Why.OFFICE:
            detail = f"an office {_term(use.since, use.until)}, in a text {_of_day(trace.day)}"
        case Why.CASE:
            detail = f"counts as “{use.cased}” alone, letter for letter"
        case Why.PART:
            detail = f"one part of “{use.lemma}” alone"
        case Why.NEVER:
            detail = _within("inside the phrase", dropped[-1].sighting, trace.never, reading)
        case Why.LONGER:
            detail = _within("inside the longer name", dropped[-1].sighting, [s.span for s in trace.actors], reading)
        case _:
            detail = why
    return detail


def _within(what: str, sighting: Sighting, spans: Iterable[Span], reading: Reading) -> str:
    around = [span for span in spans if _contains(span, sighting.span) and span != sighting.span]
    return f"{what} “{reading.evidence(around)[0].text}”" if around else f"{what} of another rule"


def _term(since: date | None, until: date | None) -> str:
    parts = [f"{word} {day}" for word, day in (("from", since), ("until", until)) if day]
    return f"held {' '.join(parts)}"


def _of_day(day: date | None) -> str:
    return f"of {day}" if day else "without a date that can be trusted"


# ── the war ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _late(trace: Trace, reading: Reading) -> tuple[Evidence, ...]:
    early = {s.span for s in trace.weighed.early}
    late = [s for s in trace.weighed.signs if s.use.sign in {Sign.STRONG, Sign.WEAK} and s.span not in early]
    return _words(reading, late)


def _result(verdict: Verdict, trace: Trace) -> str:
    rules = [f"{match.kind}:{match.rule}" for match in verdict.matches if match.kind is not RuleKind.SCOPE]
    if rules:
        about = "concerns the war" if verdict.relevant else "does not concern the war"
        return f"matched: {', '.join(rules)}; the entry {about}"
    if verdict.relevant:
        return "fell out at the rules: it concerns the war, but shows no actor and no topic"
    if trace.weighed.signs:
        return f"fell out at the signs of the war: {trace.weighed.points} of {ENOUGH} points"
    if trace.dropped:
        return "fell out at the words: all that stand there were passed over"
    if trace.topics or trace.actors:
        return "fell out at the signs of the war: there is none"
    return "fell out at the words: nothing that is watched stands there"


def _nearest(found: Explained) -> str:
    if found.verdict.relevant:
        return "; ".join(f"topic {case.rule}: {case.problem}" for case in found.topics if case.problem)
    against = [one for one in found.signs if one.points < 0]
    given = sum(one.points for one in found.signs if one.points > 0)
    if given >= ENOUGH:
        words = ", ".join(f"“{place.text}”" for one in against for place in one.words)
        return f"without {words} its {given} points would have been enough"
    if found.late and not given:
        return f"“{found.late[0].text}” is a sign, but it stands behind the first {READ} characters of its field"
    if ENOUGH - found.points == 1:
        return "one more sign would have been enough, of another group than those that are there"
    if given:
        return "a strong sign would have been enough, or two of other groups than those that are there"
    return "no sign of the war stands there" if found.counted or found.signs else ""
