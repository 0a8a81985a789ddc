"""The stored past, in the order in which it was stored: what a new or a changed rule is tried on.

Every function reads one page in one statement, so that no long transaction stands in the way of the daemon beside it.
An entry without its text (see `maintenance.prune`) is not there.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, func, select

from monitor.core.model import DateFlag, Entry, Press, Provenance, Publisher
from monitor.core.urls import canonical_url
from monitor.store.schema import entry, entry_group, feed, publisher, revision

_NO_ADDRESS = "entry:"
"""How the name of a group begins whose entry has no address of its own (see `entries`)."""


class Past(NamedTuple):
    """A stored entry with its newest text.

    `entry` and `revision` are the ids of its rows, `found` is what was read in the feed (with the strongest of its keys
    alone, and without the name and the address of an aggregate's source: `origin` has the publisher that was made of
    them), `relevant` what was said of it when it was read last, `seen` when it was read first (UTC).
    """

    entry: int
    revision: int
    found: Entry
    origin: Provenance
    relevant: bool
    seen: datetime


_NEWEST = (revision.c.entry_id == entry.c.id) & (revision.c.number == entry.c.revisions)
_WHOLE = (
    select(
        entry,
        revision.c.id.label("revision"),
        revision.c.title,
        revision.c.summary,
        revision.c.summary_html,
        revision.c.content,
        revision.c.content_html,
        entry_group.c.key.label("address"),
        feed.c.key.label("feed"),
        publisher.c.name,
        publisher.c.country,
        publisher.c.press,
    )
    .join(revision, _NEWEST)
    .join(entry_group, entry_group.c.id == entry.c.group_id)
    .join(feed, feed.c.id == entry.c.feed_id)
    .join(publisher, publisher.c.id == entry.c.publisher_id)
)
_COUNT = select(func.count()).select_from(entry).where(~entry.c.pruned)
_AFTER = _WHOLE.where(entry.c.id > bindparam("after")).order_by(entry.c.id).limit(bindparam("size"))
_AFTER_SINCE = _AFTER.where(entry.c.first_seen_at >= bindparam("since"))
_EACH = _WHOLE.where(entry.c.id.in_(bindparam("ids", expanding=True))).order_by(entry.c.id)
_AT = _WHOLE.order_by(entry.c.id.desc())


def count(conn: Connection, since: datetime | None = None) -> int:
    """Return how many entries with texts were first seen at `since` or later (None: ever)."""
    query = _COUNT if since is None else _COUNT.where(entry.c.first_seen_at >= since)
    return int(conn.execute(query).scalar_one())


def after(conn: Connection, entry: int, *, since: datetime | None = None, limit: int = 500) -> list[Past]:
    """Return the next entries by id: those above `entry` that were first seen at `since` or later (None: ever)."""
    query, values = (_AFTER, {}) if since is None else (_AFTER_SINCE, {"since": since})
    return _read(conn, query, {"after": entry, "size": limit, **values})


def some(conn: Connection, ids: Sequence[int]) -> list[Past]:
    """Return the entries of these ids that have texts, by id. As many ids as a statement takes: 500 do."""
    return _read(conn, _EACH, {"ids": ids})


def one(conn: Connection, entry: int) -> Past | None:
    """Return the entry of that id; None where there is none, or none with its text."""
    found = some(conn, [entry])
    return found[0] if found else None


def by_url(conn: Connection, url: str) -> list[Past]:
    """Return the entries of that article, the newest first: its address may be written in another way (see
    `canonical_url`), and be that of entries of several feeds."""
    named = select(entry_group.c.id).where(entry_group.c.key.in_({url, canonical_url(url) or url}))
    found = _read(conn, _AT.where(entry.c.group_id.in_(named)), {})
    return found or _read(conn, _AT.where(entry.c.url == url), {})


def _read(conn: Connection, query: Select[Any], values: dict[str, Any]) -> list[Past]:
    return [_past(row) for row in conn.execute(query, values)]


def _past(row: Row[Any]) -> Past:
    who = Publisher(name=row.name, country=row.country or None, press=Press(row.press) if row.press else None)
    origin = Provenance(feed=row.feed, publisher=who)
    return Past(row.id, row.revision, _entry(row), origin, row.relevant, row.first_seen_at)


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        keys=(row.key,),
        key_version=row.key_version,
        title=row.title,
        fingerprint=row.fingerprint,
        guid=row.guid,
        url=row.url,
        canonical_url=None if row.address.startswith(_NO_ADDRESS) else row.address,
        summary=row.summary,
        summary_html=row.summary_html,
        content=row.content,
        content_html=row.content_html,
        author=row.author,
        lang=row.lang,
        published=row.published,
        updated=row.updated,
        date_flags=frozenset(map(DateFlag, row.date_flags)),
    )
