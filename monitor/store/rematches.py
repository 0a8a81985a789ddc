"""Matching the past anew: the one open job, how far it is, and what each of its batches changes.

A batch's hits and the job's cursor are one transaction, so that a job that was cut off goes on where it stood. The hits
that it finds are history, with the commit number 0, which no window covers: digests and alerts never hear of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from monitor.core.model import Match, Verdict
from monitor.store import past
from monitor.store.entries import chunks
from monitor.store.inserts import insert_many, insert_one
from monitor.store.past import Past
from monitor.store.rules import RuleRows
from monitor.store.schema import entry, hit, rematch

NO_NEWS = 0
"""The commit number of a hit that is no news: windows begin after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rematch:
    """A job. `since`: entries that were first seen then or later (None: all). `digest` names the watchlist that it
    applies (empty before the first batch), `cursor` is the last entry that was judged. `done` of `total` entries were,
    which `added` and `dropped` so many hits (a job that began anew goes on counting them)."""

    pk: int
    asked_at: datetime
    since: datetime | None
    digest: str
    cursor: int
    total: int
    done: int
    added: int
    dropped: int
    worked_at: datetime | None
    finished_at: datetime | None


class Judgement(NamedTuple):
    """A stored entry, and what the watchlist says of it now."""

    past: Past
    verdict: Verdict


def running(conn: Connection) -> Rematch | None:
    """Return the open job."""
    row = conn.execute(select(rematch).where(rematch.c.open)).one_or_none()
    return None if row is None else _job(row)


def last(conn: Connection) -> Rematch | None:
    """Return the job that was finished last."""
    done = select(rematch).where(rematch.c.finished_at.is_not(None))
    row = conn.execute(done.order_by(rematch.c.finished_at.desc(), rematch.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _job(row)


def get(conn: Connection, pk: int) -> Rematch:
    """Return a job."""
    return _job(conn.execute(select(rematch).where(rematch.c.id == pk)).one())


def ask(conn: Connection, since: datetime | None, now: datetime) -> Rematch:
    """Open a job; the one that is open already goes on, from its beginning where more is asked of it now."""
    job = running(conn)
    if job is None:
        start = {"asked_at": now, "since": since, "total": past.count(conn, since), "digest": ""}
        return get(conn, insert_one(conn, rematch, open=True, **start, **_NOTHING_DONE, added=0, dropped=0))
    if job.since is None or (since is not None and since >= job.since):
        return job
    return _change(conn, job, asked_at=now, since=since, total=past.count(conn, since), **_NOTHING_DONE)


def restart(conn: Connection, job: Rematch, digest: str) -> Rematch | None:
    """Let a job begin anew with another watchlist; returns it as it stands, None where it is open no longer."""
    if running(conn) is None:
        return None
    return _change(conn, job, digest=digest, total=past.count(conn, job.since), **_NOTHING_DONE)


def finish(conn: Connection, job: Rematch, now: datetime) -> bool:
    """Close a job that found nothing more to do. False where something was asked of it meanwhile."""
    if running(conn) != job:
        return False
    _change(conn, job, open=None, worked_at=now, finished_at=now)
    return True


def apply(
    conn: Connection, job: Rematch, judged: Sequence[Judgement], rules: RuleRows, now: datetime
) -> Rematch | None:
    """Bring the hits of some entries in step with their judgements, and move the job's cursor behind the last one.

    An entry that changed since it was read is left alone: its poll judged it. So are hits of rules that are not in
    `rules`. Returns the job as it stands; where it is another than `job` (somebody else worked on it, or asked for
    more), nothing was written. None: it is open no longer.
    """
    now_open = running(conn)
    if now_open != job:
        return now_open
    same = list(_unchanged(conn, judged))
    added, dropped = _bring_in_step(conn, same, rules, now)
    return _change(
        conn,
        job,
        cursor=judged[-1].past.entry,
        done=job.done + len(judged),
        added=job.added + added,
        dropped=job.dropped + dropped,
        worked_at=now,
    )


_NOTHING_DONE = {"cursor": 0, "done": 0}


def _change(conn: Connection, job: Rematch, **values: Any) -> Rematch:
    conn.execute(update(rematch).where(rematch.c.id == job.pk).values(**values))
    return get(conn, job.pk)


def _job(row: Row[Any]) -> Rematch:
    values = {name: value for name, value in row._mapping.items() if name not in {"id", "open"}}
    return Rematch(pk=row.id, **values)


# ── the hits of a batch ──────────────────────────────────────────────────────────────────────────────────────────────

_Pair: TypeAlias = tuple[int, int]
"""An entry and a rule."""

_NOW = select(entry.c.id, entry.c.fingerprint, entry.c.relevant, entry.c.pruned).with_for_update()
_HITS = select(hit.c.id, hit.c.entry_id, hit.c.rule_id, hit.c.revision_id, hit.c.rule_revision_id, hit.c.evidence)
_RENEWED = update(hit).where(hit.c.id == bindparam("pk"))
_RENEWED = _RENEWED.values({name: bindparam(f"new_{name}") for name in ("revision_id", "rule_revision_id", "evidence")})


def _unchanged(conn: Connection, judged: Sequence[Judgement]) -> Iterator[Judgement]:
    """Yield the judgements of what still stands as it was read, and write down which entries are relevant now."""
    rows: dict[int, Row[Any]] = {}
    for part in chunks([one.past.entry for one in judged]):
        rows |= {row.id: row for row in conn.execute(_NOW.where(entry.c.id.in_(part)))}
    turned: dict[bool, list[int]] = {True: [], False: []}
    for one in judged:
        row = rows.get(one.past.entry)
        if row is None or row.pruned or row.fingerprint != one.past.found.fingerprint:
            continue
        if row.relevant != one.verdict.relevant:
            turned[one.verdict.relevant].append(row.id)
        yield one
    for relevant, ids in turned.items():
        for part in chunks(ids):
            conn.execute(update(entry).where(entry.c.id.in_(part)).values(relevant=relevant))


def _bring_in_step(conn: Connection, judged: Sequence[Judgement], rules: RuleRows, now: datetime) -> tuple[int, int]:
    """Add, renew and drop hits; returns how many were added and how many dropped."""
    had = _had(conn, [one.past.entry for one in judged])
    wanted = {
        (one.past.entry, rules[match.kind, match.rule].rule): _row(one.past, match, rules)
        for one in judged
        for match in one.verdict.matches
    }
    new = [row | {"history": True, "seq": NO_NEWS, "found_at": now} for key, row in wanted.items() if key not in had]
    if new:
        insert_many(conn, hit, new)
    if renewed := [_renewal(had[key], row) for key, row in wanted.items() if key in had and _differs(had[key], row)]:
        conn.execute(_RENEWED, renewed)
    ours = {row.rule for row in rules.values()}
    gone = [row.id for key, row in had.items() if key not in wanted and row.rule_id in ours]
    for part in chunks(gone):
        conn.execute(delete(hit).where(hit.c.id.in_(part)))
    return len(new), len(gone)


def _had(conn: Connection, ids: Sequence[int]) -> dict[_Pair, Row[Any]]:
    found: dict[_Pair, Row[Any]] = {}
    for part in chunks(ids):
        rows = conn.execute(_HITS.where(hit.c.entry_id.in_(part)))
        found |= {(row.entry_id, row.rule_id): row for row in rows}
    return found


def _row(of: Past, match: Match, rules: RuleRows) -> dict[str, Any]:
    row = rules[match.kind, match.rule]
    return {
        "entry_id": of.entry,
        "rule_id": row.rule,
        "revision_id": of.revision,
        "rule_revision_id": row.revision,
        "evidence": [[found.field, found.start, found.end, found.text] for found in match.evidence],
    }


def _differs(old: Row[Any], new: dict[str, Any]) -> bool:
    return any(getattr(old, name) != new[name] for name in ("revision_id", "rule_revision_id", "evidence"))


def _renewal(old: Row[Any], new: dict[str, Any]) -> dict[str, Any]:
    return {"pk": old.id} | {f"new_{name}": new[name] for name in ("revision_id", "rule_revision_id", "evidence")}
