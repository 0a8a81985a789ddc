"""Hits: which rule found which entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from monitor.core.model import (
    Match,
    PollOutcome,
    Recorded,
    RuleKind,
)
from monitor.store import entries, feeds, outlines
from monitor.store.candidates import entry_rows, matches
from monitor.store.inserts import insert_ignore, insert_many
from monitor.store.rules import RuleRow, RuleRows
from monitor.store.schema import counter, entry, feed, hit, revision, rule

SEQUENCE = "commit"
_TAKE_SEQ = (
    update(counter).where(counter.c.name == SEQUENCE).values(value=counter.c.value + 1).returning(counter.c.value)
)
_HITS_OF = select(hit.c.entry_id, hit.c.rule_id).where(hit.c.entry_id.in_(bindparam("ids", expanding=True)))


def next_seq(conn: Connection) -> int:
    """Take the next commit number. Its row stays locked until the commit, so numbers appear in the order of commits."""
    taken: int | None = conn.execute(_TAKE_SEQ).scalar_one_or_none()
    if taken is None:
        insert_ignore(conn, counter, [{"name": SEQUENCE, "value": 0}])
        taken = conn.execute(_TAKE_SEQ).scalar_one()
    return taken


def last_seq(conn: Connection) -> int:
    """Return the newest commit number."""
    return conn.execute(select(counter.c.value).where(counter.c.name == SEQUENCE)).scalar_one_or_none() or 0


def seq_at(conn: Connection, moment: datetime) -> int:
    """Return the commit number that was the newest at `moment`."""
    return conn.execute(select(func.max(hit.c.seq)).where(hit.c.found_at <= moment)).scalar_one_or_none() or 0


def record_poll(conn: Connection, outcome: PollOutcome, rules: RuleRows) -> Recorded:
    """Record one poll, whole: entries, revisions, hits and the feed's next poll."""
    stored = entries.record(conn, outcome)
    had = _existing(conn, [item.entry for item in stored if not item.new])
    rows = _new_hits(outcome, stored, rules, had)
    _number(conn, rows, _retitled(stored, {entry for entry, _ in had}))
    new = sum(item.new for item in stored)
    feeds.record(conn, outcome, new)
    outlines.keep(conn, outcome.feed.pk, outcome.outline)
    return Recorded(entries=new, revisions=sum(item.revised for item in stored), hits=len(rows))


def _new_hits(
    outcome: PollOutcome, stored: Sequence[entries.Stored], rules: RuleRows, had: set[tuple[int, int]]
) -> list[dict[str, Any]]:
    return [
        _hit_row(item, match, rules[match.kind, match.rule], outcome)
        for item in stored
        for match in item.judged.verdict.matches
        if (item.entry, rules[match.kind, match.rule].rule) not in had
    ]


def _retitled(stored: Sequence[entries.Stored], known: set[int]) -> list[int]:
    """Give the revisions with a new headline, of entries that had hits before: those may have been mailed."""
    return [item.revision for item in stored if item.revised and item.entry in known]


def _number(conn: Connection, rows: Sequence[dict[str, Any]], retitled: Sequence[int]) -> None:
    """Add hits, and let them and new headlines take a commit number. A hit takes one once: it is news once."""
    if not rows and not retitled:
        return
    seq = next_seq(conn)
    if rows:
        insert_many(conn, hit, [row | {"seq": seq} for row in rows])
    for part in entries.chunks(retitled):
        conn.execute(update(revision).where(revision.c.id.in_(part)).values(seq=seq))


def _existing(conn: Connection, ids: Sequence[int]) -> set[tuple[int, int]]:
    pairs: set[tuple[int, int]] = set()
    for part in entries.chunks(ids):
        pairs |= {(row.entry_id, row.rule_id) for row in conn.execute(_HITS_OF, {"ids": part})}
    return pairs


def _hit_row(item: entries.Stored, match: Match, row: RuleRow, outcome: PollOutcome) -> dict[str, Any]:
    return {
        "entry_id": item.entry,
        "rule_id": row.rule,
        "revision_id": item.revision or None,
        "rule_revision_id": row.revision,
        "evidence": [[found.field, found.start, found.end, found.text] for found in match.evidence],
        "history": outcome.history,
        "found_at": outcome.at,
    }


# ── looking things up ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A stored entry with its rules, for `hits`."""

    entry: int
    seen: datetime
    published: datetime | None
    feed: str
    publisher: str
    lang: str | None
    title: str
    url: str | None
    relevant: bool
    rules: tuple[str, ...]


def known_ids(conn: Connection) -> dict[str, list[str]]:
    """Return the ids of all stored actors, topics and feeds, by kind."""
    found: dict[str, list[str]] = {"feed": list(conn.execute(select(feed.c.key).order_by(feed.c.key)).scalars())}
    for kind, name in conn.execute(select(rule.c.kind, rule.c.name).order_by(rule.c.name)):
        found.setdefault(kind, []).append(name)
    return found


def search(
    conn: Connection,
    *,
    rules: Sequence[tuple[RuleKind, str]] = (),
    feed_id: str | None = None,
    lang: str | None = None,
    since: datetime | None = None,
    limit: int = 50,
) -> list[Found]:
    """Return the newest entries with hits that answer to every given condition."""
    query = entry_rows().where(entry.c.id.in_(select(hit.c.entry_id)))
    for kind, name in rules:
        found = select(hit.c.entry_id).join(rule, rule.c.id == hit.c.rule_id)
        query = query.where(entry.c.id.in_(found.where(rule.c.kind == kind, rule.c.name == name)))
    for column, value in ((feed.c.key, feed_id), (entry.c.lang, lang)):
        query = query if value is None else query.where(column == value)
    query = query if since is None else query.where(entry.c.first_seen_at >= since)
    rows = conn.execute(query.order_by(entry.c.id.desc()).limit(limit)).all()
    named = matches(conn, [row.id for row in rows], last_seq(conn))
    return [_found(row, named.get(row.id, [])) for row in rows]


def _found(row: Row[Any], matches: Sequence[Match]) -> Found:
    return Found(
        entry=row.id,
        seen=row.first_seen_at,
        published=row.published,
        feed=row.feed,
        publisher=row.name,
        lang=row.lang,
        title=row.title,
        url=row.url,
        relevant=row.relevant,
        rules=tuple(f"{match.kind}:{match.rule}" for match in matches if match.kind != RuleKind.SCOPE),
    )
