"""Which candidates a subscription asks for, and why not the others."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from monitor.core import queries
from monitor.core.languages import by_script
from monitor.core.model import Candidate, LeftOut, Provenance, RuleKind, Subscription, Told, Window
from monitor.core.query.scene import Facts
from monitor.core.urls import host_of

STAGES = ("subscription", "source", "language", "group", "told", "history", "cap")
"""Where a candidate can be dropped."""


def left(candidate: Candidate, stage: str, reason: str) -> LeftOut:
    """Say that a candidate did not get in."""
    return LeftOut(title=candidate.title, stage=stage, reason=reason)


def asked_for(candidates: Iterable[Candidate], wish: Subscription) -> tuple[list[Candidate], list[LeftOut]]:
    """Part the candidates into those that the subscription asks for, in the order of their entries, and the others.

    Of an entry that is there in several revisions only the newest stays.
    """
    ordered = sorted(candidates, key=_identity)
    newest: dict[int, int] = {}
    for candidate in ordered:
        newest[candidate.entry] = max(candidate.revision, newest.get(candidate.entry, candidate.revision))
    asked, dropped = [], []
    for candidate in ordered:
        if refusal := _refusal(candidate, wish):
            dropped.append(left(candidate, *refusal))
        elif candidate.revision < newest[candidate.entry]:
            dropped.append(left(candidate, "group", "the entry has a newer revision"))
        else:
            asked.append(candidate)
    return asked, dropped


def _identity(candidate: Candidate) -> tuple[int, int, int, str, str, str]:
    return (
        candidate.group,
        candidate.entry,
        candidate.revision,
        candidate.title,
        candidate.url or "",
        candidate.publisher.name,
    )


def _refusal(candidate: Candidate, wish: Subscription) -> tuple[str, str] | None:
    """Give the stage that drops the candidate, and why; None: it is asked for."""
    facts = _facts(candidate) if wish.queries else None
    if reason := unasked({(match.kind, match.rule) for match in candidate.matches}, wish, facts):
        return "subscription", reason
    if reason := _unwanted_source(candidate, wish):
        return "source", reason
    if wish.langs and candidate.lang and candidate.lang not in wish.langs:
        return "language", f"its language ({candidate.lang}) is none of those asked for"
    return None


def _facts(candidate: Candidate) -> Facts:
    origin = Provenance(feed=candidate.feed, publisher=candidate.publisher)
    return Facts((candidate.url,), origin, by_script(candidate.lang, candidate.title, candidate.summary))


def unasked(named: Collection[tuple[RuleKind, str]], wish: Subscription, facts: Facts | None = None) -> str | None:
    """Tell why what names these rules is not asked for; None: it is. A query is a way in beside topics and actors.

    Without `facts` of where it comes from, a query takes what it may take.
    """
    if any(queries.takes(queries.stored(text), named, facts) for text in wish.queries):
        return None
    if wish.topics and not any((RuleKind.TOPIC, topic) in named for topic in wish.topics):
        return "none of the topics asked for" + _nor(wish)
    if wish.actors and not any((RuleKind.ACTOR, actor) in named for actor in wish.actors):
        return "none of the actors asked for" + _nor(wish)
    if wish.queries and not (wish.topics or wish.actors):
        return "no query takes it"
    return None


def _nor(wish: Subscription) -> str:
    return ", and no query takes it" if wish.queries else ""


def _unwanted_source(candidate: Candidate, wish: Subscription) -> str | None:
    publisher = candidate.publisher
    if publisher.press in wish.without_press:
        return f"{publisher.press} sources are left out"
    if not wish.without_sources:
        return None
    without = {name.casefold() for name in wish.without_sources}
    names = (publisher.name.casefold(), candidate.feed.casefold(), *_hosts(candidate.url))
    found = next((name for name in names if name in without), None)
    return None if found is None else f"the source {found} is left out"


def _hosts(url: str | None) -> Sequence[str]:
    """Give an address's host, and the domains that it lies in."""
    labels = ((url and host_of(url)) or "").split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


# ── history ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def fresh(
    candidates: Iterable[Candidate], window: Window, told: Mapping[int, Told]
) -> tuple[list[Candidate], list[LeftOut]]:
    """Part off what is no news: reports that were there before we watched their feed, and new headlines of reports
    that this reader was never sent. What was told stays, for what became of it."""
    kept, dropped = [], []
    for candidate in candidates:
        reason = None if candidate.group in told else _old(candidate, window)
        if reason is None:
            kept.append(candidate)
        else:
            dropped.append(left(candidate, "history", reason))
    return kept, dropped


def _old(candidate: Candidate, window: Window) -> str | None:
    if candidate.retitled:
        return "only its headline is new; it was offered to an earlier edition"
    if not candidate.history or _inside(candidate, window):
        return None
    published = sure_date(candidate)
    if published is None:
        return "it was there before we watched its feed, and its date is unknown"
    return f"published {published:%d %b %Y}, before the window"


def sure_date(candidate: Candidate) -> datetime | None:
    """Give the publication time, unless anything is odd about it: a doubtful time is worse than none."""
    return None if candidate.date_flags else candidate.published


def _inside(candidate: Candidate, window: Window) -> bool:
    """Tell whether it was published inside the window, or after its end and seen before the edition was planned."""
    moment = sure_date(candidate)
    return moment is not None and window.start <= moment <= max(window.end, candidate.seen)
