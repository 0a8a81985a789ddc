"""What the rules find: how often each does, and what stands stored of one entry."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Case, Connection, Integer, Row, case, cast, func, literal, select

from monitor.core.model import Evidence, RuleKind
from monitor.store import entries
from monitor.store.schema import entry, hit, revision, rule, rule_revision

DAY = timedelta(days=1)
_REMATCHED = 0
"""The commit number of a hit that a re-match found in the past."""


class Fired(NamedTuple):
    """How many entries of one day a rule found.

    `day` counts the days of 24 hours back from now: 0 is the last one. `history`: they were none of the news then,
    `rematched`: found later, by a re-match. `own`: first seen since the rule is as it is. `last` is when the newest of
    the entries was first seen (UTC).
    """

    rule: int
    day: int
    history: bool
    rematched: bool
    own: bool
    hits: int
    last: datetime


class Read(NamedTuple):
    """How many entries were read as news, and how many of them concern the war."""

    entries: int
    relevant: int


class Standing(NamedTuple):
    """A stored hit of an entry.

    `text` is that of the rule's revision that made it, `since` when this was first seen; `current`: it decides now.
    `title` is the headline in which it was found, None where that is not kept. `found` is when.
    """

    kind: RuleKind
    name: str
    text: str
    since: datetime
    current: bool
    evidence: tuple[Evidence, ...]
    title: str | None
    history: bool
    rematched: bool
    found: datetime


def fired(conn: Connection, now: datetime, days: int) -> list[Fired]:
    """Return what each rule found among the entries that were first seen in the last so many days, by day."""
    bounds = [now - DAY * (day + 1) for day in range(days)]
    each = (
        select(
            hit.c.rule_id,
            hit.c.history,
            entry.c.first_seen_at.label("seen"),
            _since(bounds).label("day"),
            cast(hit.c.seq == _REMATCHED, Integer).label("again"),
            cast(entry.c.first_seen_at >= rule_revision.c.created_at, Integer).label("own"),
        )
        .join(entry, entry.c.id == hit.c.entry_id)
        .join(rule, rule.c.id == hit.c.rule_id)
        .join(rule_revision, rule_revision.c.id == rule.c.revision_id)
        .where(hit.c.found_at >= bounds[-1], entry.c.first_seen_at >= bounds[-1])  # nothing is found before it is seen
        .subquery()
    )
    named = (each.c.rule_id, each.c.day, each.c.history, each.c.again, each.c.own)
    query = select(*named, func.count().label("hits"), func.max(each.c.seen).label("last")).group_by(*named)
    return [
        Fired(row.rule_id, row.day, bool(row.history), bool(row.again), bool(row.own), row.hits, row.last)
        for row in conn.execute(query)
    ]


def read(conn: Connection, moments: Sequence[datetime]) -> dict[datetime, Read]:
    """Return what was read as news since each of these moments."""
    bounds = sorted(set(moments), reverse=True)
    if not bounds:
        return {}
    each = (
        select(_since(bounds).label("part"), cast(entry.c.relevant, Integer).label("relevant"))
        .where(entry.c.last_seen_at >= bounds[-1], entry.c.first_seen_at >= bounds[-1], ~entry.c.history)
        .subquery()
    )
    query = select(each.c.part, func.count().label("all"), func.sum(each.c.relevant).label("relevant"))
    query = query.group_by(each.c.part)
    parts = {row.part: row for row in conn.execute(query)}
    found, total = {}, Read(0, 0)
    for at, moment in enumerate(bounds):
        row = parts.get(at)
        total = Read(total.entries + row.all, total.relevant + row.relevant) if row else total
        found[moment] = total
    return found


def _since(bounds: Sequence[datetime]) -> Case[int]:
    """Give an entry the place of the first moment at or after which it was first seen; the moments fall."""
    return case(*((entry.c.first_seen_at >= bound, literal(at)) for at, bound in enumerate(bounds)), else_=len(bounds))


def begun(conn: Connection) -> datetime | None:
    """Return when the first of the stored entries was seen."""
    return conn.execute(select(entry.c.first_seen_at).order_by(entry.c.id).limit(1)).scalar_one_or_none()


def last_hits(conn: Connection, rules: Sequence[int]) -> dict[int, datetime]:
    """Return when each of these rules (ids of rows) found something last, where it ever did."""
    found: dict[int, datetime] = {}
    for part in entries.chunks(rules):
        query = select(hit.c.rule_id, func.max(hit.c.found_at).label("last")).where(hit.c.rule_id.in_(part))
        found |= {row.rule_id: row.last for row in conn.execute(query.group_by(hit.c.rule_id))}
    return found


_STANDING = (
    select(
        rule.c.kind,
        rule.c.name,
        rule_revision.c.text,
        rule_revision.c.created_at,
        (rule.c.revision_id == hit.c.rule_revision_id).label("current"),
        hit.c.evidence,
        revision.c.title,
        hit.c.history,
        hit.c.seq,
        hit.c.found_at,
    )
    .join(rule, rule.c.id == hit.c.rule_id)
    .join(rule_revision, rule_revision.c.id == hit.c.rule_revision_id)
    .join(revision, revision.c.id == hit.c.revision_id, isouter=True)
    .order_by(rule.c.kind, rule.c.name)
)


def standing(conn: Connection, entry_id: int) -> list[Standing]:
    """Return the hits of an entry, by kind and name of their rules."""
    return [_standing(row) for row in conn.execute(_STANDING.where(hit.c.entry_id == entry_id))]


def _standing(row: Row[tuple[object, ...]]) -> Standing:
    return Standing(
        kind=RuleKind(row.kind),
        name=row.name,
        text=row.text,
        since=row.created_at,
        current=bool(row.current),
        evidence=tuple(Evidence(*one) for one in row.evidence),
        title=row.title,
        history=row.history,
        rematched=row.seq == _REMATCHED,
        found=row.found_at,
    )


def is_stored(conn: Connection, entry_id: int) -> bool:
    """Tell whether there is such an entry, with or without its text."""
    return conn.execute(select(entry.c.id).where(entry.c.id == entry_id)).scalar_one_or_none() is not None


def newest_at(conn: Connection, host: str, limit: int = 3) -> list[tuple[int, str, str]]:
    """Return the newest entries whose addresses have that host: id, title and address."""
    query = (
        select(entry.c.id, revision.c.title, entry.c.url)
        .join(revision, (revision.c.entry_id == entry.c.id) & (revision.c.number == entry.c.revisions))
        .where(entry.c.url.contains(f"://{host}/", autoescape=True))
        .order_by(entry.c.id.desc())
        .limit(limit)
    )
    return [(row.id, row.title, row.url) for row in conn.execute(query)]
