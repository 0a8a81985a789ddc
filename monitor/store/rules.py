"""Rules: what is watched for, and every text that it ever had.

A text is kept as a revision that never changes, so that each hit can name the one that made it. A rule that is watched
no longer keeps its row, its texts and its hits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeAlias

from sqlalchemy import Connection, bindparam, select, update

from monitor.core.model import RuleKind
from monitor.store.inserts import insert_ignore
from monitor.store.schema import rule, rule_revision


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule and the revision of it that now decides."""

    rule: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRule:
    """A rule as it is stored: the ids of its row and of the revision that decides now (of one that is no longer
    `watched`: decided last), and that revision's text, the canonical JSON of its spec. `since` is when that text was
    first seen (UTC)."""

    rule: int
    revision: int
    kind: RuleKind
    name: str
    text: str
    watched: bool
    since: datetime


RuleRows: TypeAlias = Mapping[tuple[RuleKind, str], RuleRow]
_STATE = update(rule).where(rule.c.id == bindparam("pk"))
_STATE = _STATE.values(revision_id=bindparam("revision"), watched=bindparam("watch"))


def sync_rules(
    conn: Connection, rules: Iterable[tuple[RuleKind, str, str]], now: datetime
) -> dict[tuple[RuleKind, str], RuleRow]:
    """Make these the rules that are watched: each text that is new becomes a revision, one that was there before is
    taken up again, and rules that are not named are watched no longer. Returns the rows that hits shall name."""
    texts = {(kind, name): text for kind, name, text in rules}
    insert_ignore(conn, rule, [{"kind": kind, "name": name} for kind, name in texts])
    stored = {(RuleKind(row.kind), row.name): row for row in conn.execute(select(rule))}
    digests = {key: sha256(text.encode()).hexdigest() for key, text in texts.items()}
    rows = [
        {"rule_id": stored[key].id, "digest": digests[key], "text": text, "created_at": now}
        for key, text in texts.items()
    ]
    insert_ignore(conn, rule_revision, rows)
    query = select(rule_revision.c.id, rule_revision.c.rule_id, rule_revision.c.digest)
    revisions = {(row.rule_id, row.digest): row.id for row in conn.execute(query)}
    found = {key: RuleRow(rule=stored[key].id, revision=revisions[stored[key].id, digests[key]]) for key in texts}
    changed = [
        {"pk": row.id, "revision": found[key].revision if key in found else row.revision_id, "watch": key in found}
        for key, row in stored.items()
        if row.watched != (key in found) or (key in found and row.revision_id != found[key].revision)
    ]
    if changed:
        conn.execute(_STATE, changed)
    return found


def stored(conn: Connection) -> list[StoredRule]:
    """Return every rule that was ever watched, by kind and name."""
    query = (
        select(rule, rule_revision.c.text, rule_revision.c.created_at)
        .join(rule_revision, rule_revision.c.id == rule.c.revision_id)
        .order_by(rule.c.kind, rule.c.name)
    )
    return [
        StoredRule(
            rule=row.id,
            revision=row.revision_id,
            kind=RuleKind(row.kind),
            name=row.name,
            text=row.text,
            watched=row.watched,
            since=row.created_at,
        )
        for row in conn.execute(query)
    ]


def current(conn: Connection) -> list[tuple[RuleKind, str, str]]:
    """Return the watchlist as it was taken up last: kind, id and text of each rule, by kind and id."""
    return [(one.kind, one.name, one.text) for one in stored(conn) if one.watched]


def fingerprint(rules: RuleRows) -> str:
    """Return the SHA-256 of what decides now, in hexadecimal: the same rules with the same texts have the same."""
    revisions = sorted(row.revision for row in rules.values())
    return sha256(",".join(map(str, revisions)).encode()).hexdigest()
