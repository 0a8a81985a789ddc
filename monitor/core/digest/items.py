"""What is shown of a story: which report stands for it, under which topic, with which words marked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from monitor.core.digest import ranking
from monitor.core.digest.selection import sure_date
from monitor.core.model import Candidate, Evidence, Item, RuleKind, Subscription, Window

LATE = timedelta(hours=6)
"""A report that was published longer than this before it was seen is marked late."""


def best(reports: Iterable[Candidate], wish: Subscription) -> Candidate:
    """Choose the report that stands for a story: one in a language that the reader asked for, then the one with the
    strongest matches, then the newest."""
    langs = _languages(wish)
    return max(
        reports,
        key=lambda report: (report.lang in langs, _strength(_evidence(report)), report.revision, report.entry),
    )


def _languages(wish: Subscription) -> frozenset[str]:
    return wish.langs or frozenset({wish.subscriber.lang})


def make_item(
    chosen: Candidate, reports: Sequence[Candidate], wish: Subscription, window: Window, *, before: str | None = None
) -> Item:
    """Say what is shown of a story. `before` is the headline that was mailed before."""
    published = sure_date(chosen)
    topics = _ordered(chosen, RuleKind.TOPIC, wish.topics)
    actors = _ordered(chosen, RuleKind.ACTOR, wish.actors)
    sources, countries = max(len(names(reports)), 1), lands(reports)
    reasons = ranking.reasons(
        ranking.Weights(
            words=_strength(_evidence(chosen))[0],
            sources=sources,
            countries=len(countries),
            actors=len(actors),
            own_language=chosen.lang == wish.subscriber.lang,
            recency=ranking.recency((published or chosen.seen).timestamp(), window),
        )
    )
    return Item(
        group=chosen.group,
        revision=chosen.revision,
        title=chosen.title,
        summary=chosen.summary,
        url=chosen.url,
        lang=chosen.lang,
        publisher=chosen.publisher,
        published=published,
        late=published is not None and chosen.seen - published > LATE,
        marks=_marks(chosen),
        topic=topics[0] if topics else None,
        tags=topics[1:],
        actors=actors,
        sources=sources,
        score=ranking.score(reasons),
        before=before,
        reasons=reasons,
        original=chosen.lang is not None and chosen.lang not in _languages(wish),
        countries=tuple(sorted(countries)),
    )


def names(reports: Iterable[Candidate]) -> frozenset[str]:
    """Give the names of all publishers of these reports and of their groups."""
    return frozenset(name for report in reports for name in (report.publisher.name, *report.sources) if name)


def lands(reports: Iterable[Candidate]) -> frozenset[str]:
    """Give the countries of all publishers of these reports and of their groups, where they are known."""
    found = (country for report in reports for country in (report.publisher.country, *report.countries))
    return frozenset(country for country in found if country)


def _evidence(candidate: Candidate) -> list[Evidence]:
    return [piece for match in candidate.matches if match.kind is not RuleKind.SCOPE for piece in match.evidence]


def _strength(evidence: Iterable[Evidence]) -> tuple[int, int]:
    """Count the distinct words found in the title, and those found anywhere."""
    pieces = list(evidence)
    in_title = {piece.text.casefold() for piece in pieces if piece.field == "title"}
    return len(in_title), len({piece.text.casefold() for piece in pieces})


def _ordered(candidate: Candidate, kind: RuleKind, asked: frozenset[str]) -> tuple[str, ...]:
    """Give the rules of one kind: those asked for first, then by strength, then by id."""
    found: defaultdict[str, list[Evidence]] = defaultdict(list)
    for match in candidate.matches:
        if match.kind is kind:
            found[match.rule].extend(match.evidence)

    def key(rule: str) -> tuple[bool, int, int, str]:
        title, words = _strength(found[rule])
        return rule not in asked, -title, -words, rule

    return tuple(sorted(found, key=key))


def _marks(candidate: Candidate) -> tuple[tuple[int, int], ...]:
    """Merge the title's matched spans, so that none overlaps or touches the next."""
    length = len(candidate.title)
    pieces = [piece for match in candidate.matches for piece in match.evidence if piece.field == "title"]
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(piece.start, 0), min(piece.end, length)) for piece in pieces):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)
