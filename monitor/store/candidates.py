"""What a digest may choose from, and how much there was on each day."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, Select, cast, func, select

from monitor.core.digest.chart import QUARTER, Named
from monitor.core.model import Candidate, DateFlag, Evidence, Match, Press, Publisher, RuleKind
from monitor.store import entries
from monitor.store.schema import entry, feed, hit, publisher, revision, rule


def candidates(conn: Connection, seq_from: int, seq_to: int, *, limit: int = 20_000) -> list[Candidate]:
    """Return the entries that got a hit committed in (`seq_from`, `seq_to`], the newest `limit` of them, and those with
    hits whose headline changed then.

    One is history when all its hits of that range are.
    """
    fresh = (
        select(hit.c.entry_id, func.min(cast(hit.c.history, Integer)).label("history"))
        .where(hit.c.seq > seq_from, hit.c.seq <= seq_to)
        .group_by(hit.c.entry_id)
        .order_by(func.max(hit.c.seq).desc(), hit.c.entry_id)
        .limit(limit)
    )
    history = {row.entry_id: bool(row.history) for row in conn.execute(fresh)}
    changed = _retitled(conn, seq_from, seq_to, limit) - history.keys()
    found = []
    for part in entries.chunks([*history, *sorted(changed)]):
        rows = conn.execute(entry_rows().where(entry.c.id.in_(part))).all()
        named = matches(conn, part, seq_to, news=True)
        sources = _sources(conn, {row.group_id for row in rows})
        found += [_candidate(row, named.get(row.id, []), sources[row.group_id], history.get(row.id)) for row in rows]
    return found


def _retitled(conn: Connection, seq_from: int, seq_to: int, limit: int) -> set[int]:
    query = select(revision.c.entry_id).where(revision.c.seq > seq_from, revision.c.seq <= seq_to)
    return set(conn.execute(query.order_by(revision.c.seq.desc()).limit(limit)).scalars())


def entry_rows() -> Select[Any]:
    """Select entries with their newest revision, publisher and feed."""
    return (
        select(
            entry.c.id,
            entry.c.group_id,
            entry.c.url,
            entry.c.lang,
            entry.c.published,
            entry.c.date_flags,
            entry.c.first_seen_at,
            entry.c.relevant,
            revision.c.id.label("revision"),
            revision.c.title,
            revision.c.summary,
            revision.c.content,
            publisher.c.name,
            publisher.c.country,
            publisher.c.press,
            feed.c.key.label("feed"),
        )
        .join(revision, (revision.c.entry_id == entry.c.id) & (revision.c.number == entry.c.revisions))
        .join(publisher, publisher.c.id == entry.c.publisher_id)
        .join(feed, feed.c.id == entry.c.feed_id)
    )


def matches(conn: Connection, ids: Sequence[int], seq_to: int, *, news: bool = False) -> dict[int, list[Match]]:
    """Return the hits of these entries that were committed up to `seq_to`, by entry.

    `news`: without those that matching the past anew has found, which have no commit number.
    """
    query = (
        select(hit.c.entry_id, hit.c.evidence, rule.c.kind, rule.c.name)
        .join(rule, rule.c.id == hit.c.rule_id)
        .where(hit.c.entry_id.in_(ids), hit.c.seq <= seq_to, hit.c.seq > (0 if news else -1))
        .order_by(rule.c.kind, rule.c.name)
    )
    found: dict[int, list[Match]] = {}
    for row in conn.execute(query):
        evidence = tuple(Evidence(field=f, start=s, end=e, text=t) for f, s, e, t in row.evidence)
        found.setdefault(row.entry_id, []).append(Match(kind=RuleKind(row.kind), rule=row.name, evidence=evidence))
    return found


@dataclass(slots=True)
class _Sources:
    """The publishers of a group, and their countries."""

    names: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)


def _sources(conn: Connection, groups: Iterable[int]) -> dict[int, _Sources]:
    found: defaultdict[int, _Sources] = defaultdict(_Sources)
    for part in entries.chunks(sorted(groups)):
        query = (
            select(entry.c.group_id, publisher.c.name, publisher.c.country)
            .join(publisher, publisher.c.id == entry.c.publisher_id)
            .where(entry.c.group_id.in_(part))
        )
        for row in conn.execute(query):
            found[row.group_id].names.add(row.name)
            found[row.group_id].countries.update([row.country] if row.country else [])
    return found


def _candidate(row: Row[Any], named: Sequence[Match], sources: _Sources, history: bool | None) -> Candidate:
    """Make a candidate; `history` is None where only the headline changed."""
    texts = {"title": row.title, "summary": row.summary, "content": row.content}
    return Candidate(
        group=row.group_id,
        revision=row.revision,
        entry=row.id,
        title=row.title,
        summary=row.summary or row.content,
        url=row.url,
        lang=row.lang,
        publisher=Publisher(name=row.name, country=row.country or None, press=Press(row.press) if row.press else None),
        published=row.published,
        date_flags=frozenset(DateFlag(flag) for flag in row.date_flags),
        seen=row.first_seen_at,
        history=bool(history),
        matches=tuple(_still_there(match, texts) for match in named),
        sources=tuple(sorted(sources.names)),
        countries=tuple(sorted(sources.countries)),
        feed=row.feed,
        retitled=history is None,
    )


def _still_there(match: Match, texts: Mapping[str, str]) -> Match:
    """Leave out evidence whose place the newest revision no longer holds: it must not be marked in other words."""
    evidence = tuple(one for one in match.evidence if texts[one.field][one.start : one.end] == one.text)
    return Match(kind=match.kind, rule=match.rule, evidence=evidence)


# ── the chart ────────────────────────────────────────────────────────────────────────────────────────────────────────


def news(conn: Connection, seq_from: int, seq_to: int, since: datetime) -> Counter[tuple[int, Named]]:
    """Count the entries that got hits committed in (`seq_from`, `seq_to`] and found from `since` on, by quarter of an
    hour and by the rules that they name. History does not count."""
    query = (
        select(hit.c.entry_id, hit.c.found_at, rule.c.kind, rule.c.name)
        .join(rule, rule.c.id == hit.c.rule_id)
        .where(hit.c.seq > seq_from, hit.c.seq <= seq_to, hit.c.found_at >= since, hit.c.history.is_(False))
    )
    named: defaultdict[tuple[int, int], set[tuple[RuleKind, str]]] = defaultdict(set)
    for entry_id, found_at, kind, name in conn.execute(query):
        named[entry_id, int(found_at.timestamp() // QUARTER.total_seconds())].add((RuleKind(kind), name))
    return Counter((quarter, frozenset(rules)) for (_, quarter), rules in named.items())
