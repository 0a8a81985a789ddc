"""Entries, their identities and their revisions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Connection, Row, bindparam, delete, func, select, update

from monitor.core.model import DateFlag, Entry, Judged, Known, PollOutcome, Publisher
from monitor.core.text import normalise_title
from monitor.store.inserts import insert_ignore, insert_many
from monitor.store.schema import entry, entry_group, entry_key, publisher, revision

T = TypeVar("T")

CHUNK = 500
KEPT_REVISIONS = 10
TOUCH_AFTER = timedelta(hours=3)
"""How stale an entry's "last seen" may be before it is written again when it is looked at: it guards the tombstones,
not the news. Entries whose items were not read are looked at as seldom, so it is at most twice as stale."""


# The statements are made once: to build one anew costs more than to run it.


def _each(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


_KNOWN = (
    select(entry_key.c.key, entry.c.id, entry.c.fingerprint, entry.c.last_seen_at)
    .join(entry, entry.c.id == entry_key.c.entry_id)
    .where(entry_key.c.feed_id == bindparam("feed"), entry_key.c.key.in_(_each("keys")))
)
_SEEN = update(entry).where(entry.c.id.in_(_each("ids"))).values(last_seen_at=bindparam("now"))
_PUBLISHERS = select(publisher).where(publisher.c.name.in_(_each("names")))
_GROUPS = select(entry_group).where(entry_group.c.key.in_(_each("names")))
_NEWEST = (
    select(entry, revision.c.id.label("revision"), revision.c.number, revision.c.title)
    .outerjoin(revision, (revision.c.entry_id == entry.c.id) & (revision.c.number == entry.c.revisions))
    .where(entry.c.id.in_(_each("ids")))
)
_RETOLD = update(revision).where(revision.c.id == bindparam("pk"))
_CHANGED = update(entry).where(entry.c.id == bindparam("pk"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where a judged entry went: its row, the revision that holds its text, and what was new."""

    judged: Judged
    entry: int
    revision: int
    new: bool
    revised: bool


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces that fit into one statement's parameters."""
    return (items[start : start + size] for start in range(0, len(items), size))


def known(conn: Connection, feed_pk: int, keys: Sequence[str]) -> dict[str, Known]:
    """Return what is stored under these keys of a feed."""
    found: dict[str, Known] = {}
    for part in chunks(keys):
        for key, pk, fingerprint, last_seen in conn.execute(_KNOWN, {"feed": feed_pk, "keys": part}):
            found[key] = Known(entry=pk, fingerprint=fingerprint, last_seen=last_seen)
    return found


def has_any(conn: Connection, feed_pk: int) -> bool:
    """Tell whether a feed has entries in the store."""
    return conn.execute(select(entry_key.c.key).where(entry_key.c.feed_id == feed_pk).limit(1)).first() is not None


def record(conn: Connection, outcome: PollOutcome) -> list[Stored]:
    """Store the new and changed entries of a poll; doing it twice changes nothing more."""
    touch(conn, outcome.touch, outcome.at)
    items, owners = _identify(conn, outcome)
    changed = [item for item in items if item.entry.keys[0] in owners]
    new = [item for item in items if item.entry.keys[0] not in owners]
    publishers = _publishers(conn, {item.publisher for item in items})
    stored = _insert(conn, outcome, new, publishers)
    stored += _update(conn, outcome, changed, owners, publishers)
    _add_keys(conn, outcome.feed.pk, stored)
    return stored


def touch(conn: Connection, entries: Sequence[int], now: datetime) -> None:
    """Note that these entries still stand in their feed."""
    for part in chunks(entries):
        conn.execute(_SEEN, {"ids": part, "now": now})


def _identify(conn: Connection, outcome: PollOutcome) -> tuple[list[Judged], dict[str, int]]:
    """Find the stored entry of each item, by its first key. One stored entry answers to one item of a document, or two
    posts of a live page that were once taken for one would rewrite each other at every poll; the second post gets a
    key of its own."""
    keys = list({key for item in outcome.judged for key in item.entry.keys})
    stored = known(conn, outcome.feed.pk, keys)
    owners = _owners(outcome.judged, stored)
    taken = {item.entry.keys[0] for item in outcome.judged if item.entry.keys[0] in stored.keys() - owners.keys()}
    renamed = {key: _renamed(item) for item in outcome.judged if (key := item.entry.keys[0]) in taken}
    again = known(conn, outcome.feed.pk, [item.entry.keys[0] for item in renamed.values()])
    items = [renamed.get(item.entry.keys[0], item) for item in outcome.judged]
    return items, owners | {key: found.entry for key, found in again.items()}


def _renamed(item: Judged) -> Judged:
    name = f"{item.entry.keys[0]}\n{normalise_title(item.entry.title)}"
    return replace(item, entry=replace(item.entry, keys=(f"x:{sha256(name.encode()).hexdigest()[:32]}",)))


def _owners(items: Sequence[Judged], stored: Mapping[str, Known]) -> dict[str, int]:
    """Map first keys to stored entries; who has an entry by the stronger key has it."""
    owners: dict[str, int] = {}
    given: set[int] = set()
    for rank in range(max((len(item.entry.keys) for item in items), default=0)):
        for own in (item.entry.keys for item in items if rank < len(item.entry.keys)):
            found = stored.get(own[rank])
            if found is not None and own[0] not in owners and found.entry not in given:
                owners[own[0]] = found.entry
                given.add(found.entry)
    return owners


def _publishers(conn: Connection, wanted: set[Publisher]) -> dict[Publisher, int]:
    rows = {who: {"name": who.name, "country": who.country or "", "press": who.press or ""} for who in wanted}
    ids: dict[tuple[str, str, str], int] = {}
    for _ in range(2):  # the second look finds what was inserted after the first
        for part in chunks(list(rows.values())):
            found = conn.execute(_PUBLISHERS, {"names": [row["name"] for row in part]})
            ids |= {(row.name, row.country, row.press): row.id for row in found}
        missing = [row for row in rows.values() if tuple(row.values()) not in ids]
        if not missing:
            break
        insert_ignore(conn, publisher, missing)
    return {who: ids[row["name"], row["country"], row["press"]] for who, row in rows.items()}


def _groups(conn: Connection, feed_id: str, entries: Iterable[Entry]) -> dict[str, int]:
    """Map each entry's first key to its group: one for all entries with one canonical address."""
    names = {item.keys[0]: item.canonical_url or f"entry:{feed_id}:{item.keys[0]}" for item in entries}
    insert_ignore(conn, entry_group, [{"key": name} for name in dict.fromkeys(names.values())])
    ids: dict[str, int] = {}
    for part in chunks(list(names.values())):
        ids |= {row.key: row.id for row in conn.execute(_GROUPS, {"names": part})}
    return {key: ids[name] for key, name in names.items()}


def _insert(
    conn: Connection, outcome: PollOutcome, items: Sequence[Judged], publishers: Mapping[Publisher, int]
) -> list[Stored]:
    if not items:
        return []
    groups = _groups(conn, outcome.feed.spec.id, (item.entry for item in items))
    rows = [_entry_row(outcome, item, groups[item.entry.keys[0]], publishers[item.publisher]) for item in items]
    ids = insert_many(conn, entry, rows)
    texts = [_revision_row(pk, 1, item.entry, outcome.at) for pk, item in zip(ids, items, strict=True)]
    revisions = insert_many(conn, revision, texts)
    return [
        Stored(judged=item, entry=pk, revision=rev, new=True, revised=False)
        for item, pk, rev in zip(items, ids, revisions, strict=True)
    ]


def _entry_row(outcome: PollOutcome, item: Judged, group: int, publisher_id: int) -> dict[str, Any]:
    return _changing(item, publisher_id) | {
        "feed_id": outcome.feed.pk,
        "group_id": group,
        "key": item.entry.keys[0],
        "key_version": item.entry.key_version,
        "published": item.entry.published,
        "history": outcome.history,
        "first_seen_at": outcome.at,
        "last_seen_at": outcome.at,
        "revisions": 1,
        "pruned": False,
    }


def _changing(item: Judged, publisher_id: int) -> dict[str, Any]:
    return {
        "publisher_id": publisher_id,
        "fingerprint": item.entry.fingerprint,
        "guid": item.entry.guid,
        "url": item.entry.url,
        "author": item.entry.author,
        "lang": item.entry.lang,
        "updated": item.entry.updated,
        "date_flags": sorted(item.entry.date_flags),
        "relevant": item.verdict.relevant,
    }


def _revision_row(entry_id: int, number: int, item: Entry, now: datetime) -> dict[str, Any]:
    return {"entry_id": entry_id, "number": number, "seen_at": now, **_texts(item)}


def _texts(item: Entry) -> dict[str, Any]:
    names = ("title", "summary", "summary_html", "content", "content_html")
    return {name: getattr(item, name) for name in names}


def _update(
    conn: Connection,
    outcome: PollOutcome,
    items: Sequence[Judged],
    owners: Mapping[str, int],
    publishers: Mapping[Publisher, int],
) -> list[Stored]:
    latest = _latest(conn, [owners[item.entry.keys[0]] for item in items])
    stored = []
    for item in items:
        row = latest[owners[item.entry.keys[0]]]
        if row.fingerprint == item.entry.fingerprint:
            stored.append(Stored(judged=item, entry=row.id, revision=row.revision or 0, new=False, revised=False))
        else:
            stored.append(_revise(conn, outcome.at, item, row, publishers[item.publisher]))
    return stored


def _latest(conn: Connection, entries: Sequence[int]) -> dict[int, Row[Any]]:
    """Return the entries with the title and number of their newest revision (none where it was pruned)."""
    rows: dict[int, Row[Any]] = {}
    for part in chunks(entries):
        rows |= {row.id: row for row in conn.execute(_NEWEST, {"ids": part})}
    return rows


def _revise(conn: Connection, now: datetime, item: Judged, row: Row[Any], publisher_id: int) -> Stored:
    """Keep what changed: a title as a new revision, a text in place of that of the newest one."""
    retitled = row.revision is None or normalise_title(row.title) != normalise_title(item.entry.title)
    number = row.revisions + retitled
    if retitled:
        [revision_id] = insert_many(conn, revision, [_revision_row(row.id, number, item.entry, now)])
        _drop_middle(conn, row.id, number)
    else:
        revision_id = row.revision
        conn.execute(_RETOLD, {"pk": revision_id, **_texts(item.entry)})
    values = _changing(item, publisher_id) | {"revisions": number, "last_seen_at": now, "pruned": False}
    if row.published is None or DateFlag.STAMPED not in item.entry.date_flags:
        values["published"] = item.entry.published
    else:
        values["date_flags"] = row.date_flags  # the honest date stays, and what was said of it
    conn.execute(_CHANGED, {"pk": row.id, **values})
    return Stored(judged=item, entry=row.id, revision=revision_id, new=False, revised=retitled)


def _drop_middle(conn: Connection, entry_id: int, newest: int) -> None:
    """Keep the first ten revisions and the last ten, so that a feed that retitles for ever fills no disk."""
    middle = revision.c.number.between(KEPT_REVISIONS + 1, newest - KEPT_REVISIONS)
    conn.execute(delete(revision).where(revision.c.entry_id == entry_id, middle))


def _add_keys(conn: Connection, feed_pk: int, stored: Sequence[Stored]) -> None:
    """Add the keys that are new, every first one first: a weaker key of one item must not take it from another."""
    ranked = [(rank, key, item.entry) for item in stored for rank, key in enumerate(item.judged.entry.keys)]
    ranked.sort(key=lambda row: row[0])
    insert_ignore(conn, entry_key, [{"feed_id": feed_pk, "key": key, "entry_id": pk} for _, key, pk in ranked])


def count(conn: Connection) -> dict[str, int]:
    """Return how many entries, groups and revisions are stored."""
    tables = {"entries": entry, "groups": entry_group, "revisions": revision}
    return {
        name: int(conn.execute(select(func.count()).select_from(table)).scalar_one()) for name, table in tables.items()
    }
