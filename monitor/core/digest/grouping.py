"""Which reports are one story: those of one address, and those of other addresses with a near-identical headline."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.digest.headlines import Headline, near, near_pairs, read_headline
from monitor.core.model import Candidate, Told

RECALL = timedelta(hours=36)
"""Two near-identical headlines seen further apart tell of two events."""

OWN_RECALL = timedelta(hours=12)
"""The same of two headlines of one publisher, who may have a series: the morning's overview, each morning."""

BRIEF_RECALL = timedelta(hours=3)
"""The same of headlines with fewer than `BRIEF` words: "Explosions in Kyiv" is soon true again."""

BRIEF = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Reports of one event, by entry; `told` is the newest delivery that told of it."""

    reports: tuple[Candidate, ...]
    told: Told | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """Who had a headline, and when."""

    headline: Headline
    publisher: str
    at: datetime


def stories(candidates: Iterable[Candidate], told: Mapping[int, Told]) -> list[Story]:
    """Join reports into stories, the oldest group first, and find out which of them were told before."""
    groups: defaultdict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.group].append(candidate)
    near = _near(groups, told)
    joined: defaultdict[int, list[int]] = defaultdict(list)
    for group, leader in _leaders(groups.keys() | told.keys(), near).items():
        joined[leader].append(group)
    return [
        Story(
            reports=tuple(report for group in members if group in groups for report in groups[group]),
            told=_newest(told, members, near),
        )
        for _, members in sorted(joined.items())
        if any(group in groups for group in members)
    ]


def _near(groups: Mapping[int, Sequence[Candidate]], told: Mapping[int, Told]) -> Mapping[int, frozenset[int]]:
    """Map groups to those with a near-identical headline of about the same time."""
    seen: defaultdict[int, list[_Seen]] = defaultdict(list)
    for group, reports in groups.items():
        for report in reports:
            name = report.publisher.name
            seen[group].append(_Seen(read_headline(report.title, name, report.lang), name, report.seen))
    for group, known in told.items():
        headline = read_headline(known.title, known.publisher, known.lang)
        seen[group].append(_Seen(headline, known.publisher, known.at))
    pairs = near_pairs({group: list({one.headline: None for one in found}) for group, found in seen.items()})
    neighbours: defaultdict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        if _together(seen[one], seen[other]):
            neighbours[one].add(other)
            neighbours[other].add(one)
    return {group: frozenset(others) for group, others in neighbours.items()}


def _together(ones: Iterable[_Seen], others: Sequence[_Seen]) -> bool:
    return any(
        abs(one.at - other.at) <= _reach(one, other) and near(one.headline, other.headline)
        for one in ones
        for other in others
    )


def _reach(one: _Seen, other: _Seen) -> timedelta:
    if min(len(one.headline.words), len(other.headline.words)) < BRIEF:
        return BRIEF_RECALL
    return OWN_RECALL if one.publisher == other.publisher else RECALL


def _leaders(groups: Iterable[int], near: Mapping[int, frozenset[int]]) -> dict[int, int]:
    """Give each group the oldest one that leads a story and has a near headline; it leads its own where none has.

    All headlines of a story are thus near to one of them, and a chain of small differences joins nothing.
    """
    leaders: dict[int, int] = {}
    for group in sorted(groups):
        leading = (other for other in near.get(group, ()) if leaders.get(other) == other)
        leaders[group] = min(leading, default=group)
    return leaders


def _newest(told: Mapping[int, Told], members: Iterable[int], near: Mapping[int, frozenset[int]]) -> Told | None:
    """Find the newest delivery of any of these groups, or of one with a near headline."""
    known = (told[other] for group in members for other in (group, *near.get(group, ())) if other in told)
    return max(known, key=lambda one: (one.at, one.revision), default=None)
