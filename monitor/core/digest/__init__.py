"""Candidates → Digest: which stories a subscriber gets, under which heading and in which order.

selection  ─► who is asked for, and what is no news      grouping ─► stories, by address and near-identical headlines
items      ─► what is shown of a story                   ranking  ─► how much it matters, with reasons
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from monitor.core.digest.grouping import RECALL as RECALL
from monitor.core.digest.grouping import Story, stories
from monitor.core.digest.headlines import read_headline
from monitor.core.digest.items import best, lands, make_item, names
from monitor.core.digest.ranking import ranked
from monitor.core.digest.selection import STAGES as STAGES
from monitor.core.digest.selection import asked_for as asked_for
from monitor.core.digest.selection import fresh, left
from monitor.core.model import (
    Alerted,
    Candidate,
    Coverage,
    Day,
    Digest,
    Item,
    LeftOut,
    Section,
    Subscription,
    Told,
    Window,
)

TOP = 5
REST = 500
"""So many items beyond the cap are kept for the web page."""

NOTHING: Mapping[int, Told] = MappingProxyType({})


@dataclass(slots=True)
class _Sorted:
    """What became of the stories: those to show with their reports, those that an alert told, candidates left out."""

    shown: dict[int, tuple[Item, tuple[Candidate, ...]]]
    alerted: list[Alerted]
    out: list[LeftOut]


def build_digest(
    candidates: Iterable[Candidate],
    subscription: Subscription,
    window: Window,
    coverage: Coverage,
    *,
    told: Mapping[int, Told] = NOTHING,
    days: Sequence[Day] = (),
) -> Digest:
    """Select, group, rank and cap. `told` is what this subscriber was sent before, by group: that of the candidates'
    groups, and all of the last `RECALL` before the window, so that another address cannot tell it again.

    The result does not depend on the order of `candidates`. Each of them is shown once or left out once.
    """
    asked, out = asked_for(candidates, subscription)
    kept, old = fresh(asked, window, told)
    found = _sort(stories(kept, told), subscription, window, told)
    order = ranked([item for item, _ in found.shown.values()])
    cap = max(subscription.cap, 0)
    shown, rest = order[:cap], order[cap:]
    behind = [report for item in shown for report in found.shown[item.group][1]]
    out += [*old, *found.out, *_capped(order, cap)]
    return Digest(
        window=window,
        sections=_sections(shown),
        more=len(rest),
        total=len(order),
        sources=len(names(behind)),
        coverage=coverage,
        left_out=tuple(sorted(out, key=lambda one: STAGES.index(one.stage))),
        top=tuple(item.group for item in shown[:TOP]),
        rest=tuple(rest[:REST]),
        alerted=tuple(sorted(found.alerted, key=lambda one: (one.at, one.title, one.url or ""))),
        new=sum(item.before is None for item in order),
        updated=sum(item.before is not None for item in order),
        countries=len(lands(behind)),
        days=tuple(days),
        instant=subscription.schedule.instant,
    )


def _sort(found: Iterable[Story], wish: Subscription, window: Window, told: Mapping[int, Told]) -> _Sorted:
    result = _Sorted({}, [], [])
    for story in found:
        chosen = _changed(story, wish, told) if story.told else best(story.reports, wish)
        if chosen is None:
            _drop(story, wish, window, result)
            continue
        before = told[chosen.group].title if story.told else None
        shown = make_item(chosen, story.reports, wish, window, before=before)
        also = () if before else _also(chosen, story, wish)
        result.shown[chosen.group] = replace(shown, also=also), story.reports
        doubles = [report for report in story.reports if report is not chosen]
        result.out += [left(double, "group", "another report stands for this story") for double in doubles]
    return result


def _changed(story: Story, wish: Subscription, told: Mapping[int, Told]) -> Candidate | None:
    """Find a report that was mailed under another headline. Alerts wait with it for a digest: live pages change theirs
    all day."""
    if wish.schedule.instant:
        return None
    known = ((report, told.get(report.group)) for report in story.reports)
    changed = [report for report, own in known if own and _is_retitled(report, own)]
    return best(changed, wish) if changed else None


def _is_retitled(report: Candidate, told: Told) -> bool:
    if report.entry != told.entry or report.revision == told.revision or not told.title:
        return False
    known = {_words(report, title) for title in (told.title, *told.earlier)}
    return _words(report, report.title) not in known


def _words(report: Candidate, title: str) -> tuple[str, ...]:
    return read_headline(title, report.publisher.name, report.lang).words


def _also(chosen: Candidate, story: Story, wish: Subscription) -> tuple[tuple[int, int], ...]:
    """Give the other groups of a story, each with the revision that would stand for it."""
    groups: defaultdict[int, list[Candidate]] = defaultdict(list)
    for report in story.reports:
        groups[report.group].append(report)
    del groups[chosen.group]
    return tuple((group, best(reports, wish).revision) for group, reports in sorted(groups.items()))


def _drop(story: Story, wish: Subscription, window: Window, result: _Sorted) -> None:
    """Leave a story out that was told; where an alert told it since the last digest, one line says so."""
    told = story.told
    assert told is not None  # only a told story has nothing to show
    reason = f"this story was sent before, {told.at:%d %b %Y %H:%M} UTC"
    if told.instant and told.at > window.start and not wish.schedule.instant:
        result.alerted.append(_alerted(story, told, wish))
        reason = f"alerted {told.at:%d %b %Y %H:%M} UTC, and told in one line"
    result.out += [left(report, "told", reason) for report in story.reports]


def _alerted(story: Story, told: Told, wish: Subscription) -> Alerted:
    same = [report for report in story.reports if report.entry == told.entry] or story.reports
    chosen = best(same, wish)
    since = sum(report.seen > told.at for report in story.reports)
    title, lang = (told.title, told.lang) if told.title else (chosen.title, chosen.lang)
    return Alerted(title=title, url=chosen.url, lang=lang, at=told.at, since=since)


def _capped(order: Sequence[Item], cap: int) -> list[LeftOut]:
    return [
        LeftOut(title=item.title, stage="cap", reason=f"ranked {rank} of {len(order)}, {cap} are shown")
        for rank, item in enumerate(order[cap:], cap + 1)
    ]


def _sections(items: Iterable[Item]) -> tuple[Section, ...]:
    """Put ranked items under their topics: the topic of the best item first, items without a topic last."""
    topics: defaultdict[str | None, list[Item]] = defaultdict(list)
    for one in items:
        topics[one.topic].append(one)
    ordered = sorted(topics, key=lambda topic: topic is None)
    return tuple(Section(topic=topic, items=tuple(topics[topic])) for topic in ordered)
