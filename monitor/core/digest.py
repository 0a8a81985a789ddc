"""Candidates → Digest: which stories a subscriber gets, under which heading and in which order."""

import heapq
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.model import (
    Candidate,
    Coverage,
    Digest,
    Evidence,
    Item,
    LeftOut,
    RuleKind,
    Section,
    Subscription,
    Window,
)

STAGES = ("subscription", "told", "history", "group", "cap")
"""Where a candidate can be dropped, in this order."""

CROWD = 0.75
"""Points that a story loses for each story of its topic that stands before it."""

LATE = timedelta(hours=6)
"""A report that was published longer than this before it was seen is marked late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Story:
    """One group: what is shown of it, the names of its publishers, and the candidates that gave way."""

    item: Item
    names: frozenset[str]
    doubles: tuple[Candidate, ...]


def build_digest(
    candidates: Sequence[Candidate],
    subscription: Subscription,
    window: Window,
    coverage: Coverage,
    *,
    told: Collection[int],
) -> Digest:
    """Select, group, rank and cap; `told` are the groups that this subscriber was sent before.

    The result does not depend on the order of `candidates`. Each of them is shown once or left out once.
    """
    kept, left = _sift(sorted(candidates, key=_identity), subscription, window, frozenset(told))
    stories = _spread(sorted((_story(group, subscription, window) for group in _groups(kept)), key=_rank))
    cap = max(subscription.cap, 0)
    shown = stories[:cap]
    left += [
        _left(double, "group", "another report stands for this story") for story in stories for double in story.doubles
    ]
    left += _capped(stories, cap)
    return Digest(
        window=window,
        sections=_sections([story.item for story in shown]),
        more=len(stories) - len(shown),
        total=len(stories),
        sources=len(frozenset[str]().union(*(story.names for story in shown))),
        coverage=coverage,
        left_out=tuple(sorted(left, key=lambda out: STAGES.index(out.stage))),
    )


def _identity(candidate: Candidate) -> tuple[int, int, int, str, str, str]:
    return (
        candidate.group,
        candidate.entry,
        candidate.revision,
        candidate.title,
        candidate.url or "",
        candidate.publisher.name,
    )


def _left(candidate: Candidate, stage: str, reason: str) -> LeftOut:
    return LeftOut(title=candidate.title, stage=stage, reason=reason)


# ── who gets in ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _sift(
    candidates: Iterable[Candidate], subscription: Subscription, window: Window, told: frozenset[int]
) -> tuple[list[Candidate], list[LeftOut]]:
    ordered = list(candidates)
    newest: dict[int, int] = {}
    for candidate in ordered:
        newest[candidate.entry] = max(candidate.revision, newest.get(candidate.entry, candidate.revision))
    kept, left = [], []
    for candidate in ordered:
        if refusal := _refusal(candidate, subscription, window, told):
            left.append(_left(candidate, *refusal))
        elif candidate.revision < newest[candidate.entry]:
            left.append(_left(candidate, "group", "the entry has a newer revision"))
        else:
            kept.append(candidate)
    return kept, left


def _refusal(
    candidate: Candidate, subscription: Subscription, window: Window, told: frozenset[int]
) -> tuple[str, str] | None:
    """Give the stage that drops the candidate, and why; None: it may stay."""
    if reason := _unasked(candidate, subscription):
        return "subscription", reason
    if candidate.group in told:
        return "told", "this story was sent before"
    if candidate.history and not _inside(candidate, window):
        return "history", _why_history(candidate)
    return None


def _why_history(candidate: Candidate) -> str:
    published = _published(candidate)
    if published is None:
        return "it was there before we watched its feed, and its date is unknown"
    return f"published {published:%d %b %Y}, before the window"


def _unasked(candidate: Candidate, subscription: Subscription) -> str | None:
    named = {(match.kind, match.rule) for match in candidate.matches}
    if subscription.topics and not any((RuleKind.TOPIC, topic) in named for topic in subscription.topics):
        return "none of the topics asked for"
    if subscription.actors and not any((RuleKind.ACTOR, actor) in named for actor in subscription.actors):
        return "none of the actors asked for"
    return None


def _published(candidate: Candidate) -> datetime | None:
    """Give the publication time, unless anything is odd about it: a doubtful time is worse than none."""
    return None if candidate.date_flags else candidate.published


def _inside(candidate: Candidate, window: Window) -> bool:
    """Tell whether it was published inside the window, or after its end and seen before the edition was planned."""
    moment = _published(candidate)
    return moment is not None and window.start <= moment <= max(window.end, candidate.seen)


# ── one story ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _groups(candidates: Iterable[Candidate]) -> list[list[Candidate]]:
    groups: defaultdict[int, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.group].append(candidate)
    return list(groups.values())


def _story(group: Sequence[Candidate], subscription: Subscription, window: Window) -> _Story:
    """Let the report with the strongest matches stand for the group; among equals the newest."""
    chosen = max(group, key=lambda candidate: (_strength(_evidence(candidate)), candidate.revision, candidate.entry))
    names = frozenset(name for member in group for name in (member.publisher.name, *member.sources) if name)
    return _Story(
        item=_item(chosen, max(len(names), 1), subscription, window),
        names=names,
        doubles=tuple(member for member in group if member is not chosen),
    )


def _item(candidate: Candidate, sources: int, subscription: Subscription, window: Window) -> Item:
    published = _published(candidate)
    topics = _ordered(candidate, RuleKind.TOPIC, subscription.topics)
    actors = _ordered(candidate, RuleKind.ACTOR, subscription.actors)
    return Item(
        group=candidate.group,
        revision=candidate.revision,
        title=candidate.title,
        summary=candidate.summary,
        url=candidate.url,
        lang=candidate.lang,
        publisher=candidate.publisher,
        published=published,
        late=published is not None and candidate.seen - published > LATE,
        marks=_marks(candidate),
        topic=topics[0] if topics else None,
        tags=topics[1:],
        actors=actors,
        sources=sources,
        score=_score(candidate, sources, len(actors), subscription.subscriber.lang, window),
    )


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


# ── order ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _score(candidate: Candidate, sources: int, actors: int, lang: str, window: Window) -> float:
    """Weigh a story; higher is nearer to the top.

    2 for each distinct matched word in the title (3 count), 1.5 for each doubling of the sources, 0.5 for each actor
    (4 count), 1 for a headline in the reader's own language, and up to 1 for recency inside the window. Thus wide
    coverage beats a telling headline, and the hour of publication decides only between stories otherwise much alike.
    """
    words, _ = _strength(_evidence(candidate))
    score = 2 * min(words, 3) + 1.5 * math.log2(sources) + 0.5 * min(actors, 4)
    return round(score + (candidate.lang == lang) + _recency(candidate, window), 6)


def _recency(candidate: Candidate, window: Window) -> float:
    """Place the report between the window's start (0) and its end (1)."""
    length = (window.end - window.start).total_seconds()
    since = ((_published(candidate) or candidate.seen) - window.start).total_seconds()
    return min(max(since / length, 0.0), 1.0) if length > 0 else 0.0


def _rank(story: _Story) -> tuple[float, int]:
    return -story.item.score, story.item.group


def _spread(stories: Sequence[_Story]) -> list[_Story]:
    """Order ranked stories so that the subject of the day does not crowd out the others: each story that a topic has
    in the digest costs its next one `CROWD` points."""
    queues: defaultdict[str | None, list[_Story]] = defaultdict(list)
    for story in reversed(stories):
        queues[story.item.topic].append(story)
    heads = [(*_rank(queue[-1]), 0, queue) for queue in queues.values()]
    heapq.heapify(heads)
    spread = []
    while heads:
        _, _, taken, queue = heads[0]
        spread.append(queue.pop())
        if queue:
            score, group = _rank(queue[-1])
            heapq.heapreplace(heads, (score + CROWD * (taken + 1), group, taken + 1, queue))
        else:
            heapq.heappop(heads)
    return spread


def _capped(stories: Sequence[_Story], cap: int) -> list[LeftOut]:
    return [
        LeftOut(title=story.item.title, stage="cap", reason=f"ranked {rank} of {len(stories)}, {cap} are shown")
        for rank, story in enumerate(stories[cap:], cap + 1)
    ]


def _sections(items: Iterable[Item]) -> tuple[Section, ...]:
    """Put ranked items under their topics: the topic of the best item first, items without a topic last."""
    topics: defaultdict[str | None, list[Item]] = defaultdict(list)
    for item in items:
        topics[item.topic].append(item)
    ordered = sorted(topics, key=lambda topic: topic is None)
    return tuple(Section(topic=topic, items=tuple(topics[topic])) for topic in ordered)
