"""The stored past, in the order in which it was stored: what a new or a changed rule is tried on.

Every function reads one page in one statement, so that no long transaction stands in the way of the daemon beside it.
An entry without its text (see `maintenance.prune`) is not there.
"""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from typing import cast as as_type

from sqlalchemy import Connection, Select, Text, bindparam, cast, func, select, tuple_

from monitor.core.model import DateFlag, Entry, Press, Provenance, Publisher, RuleKind
from monitor.core.urls import canonical_url
from monitor.store.schema import entry, entry_group, feed, hit, publisher, revision, rule

_NO_ADDRESS = "entry:"
"""How the name of a group begins whose entry has no address of its own (see `entries`)."""


class Words(NamedTuple):
    """The newest text of a stored entry and no more: what can be read fastest."""

    entry: int
    title: str
    summary: str
    content: str


class Past(NamedTuple):
    """A stored entry with its newest text.

    `entry` and `revision` are the ids of its rows. `found` is what was read in the feed, with the strongest of its keys
    alone, without the HTML, and without the name and the address of an aggregate's source: `origin` has the publisher
    that was made of them. `relevant` is what was said of it when it was read last, `seen` when it was read first (UTC).
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
        entry.c.id,
        revision.c.id,
        entry.c.relevant,
        entry.c.first_seen_at,
        feed.c.key,
        publisher.c.name,
        publisher.c.country,
        publisher.c.press,
        entry_group.c.key,
        cast(entry.c.date_flags, Text),
        entry.c.key,
        entry.c.key_version,
        revision.c.title,
        entry.c.fingerprint,
        entry.c.guid,
        entry.c.url,
        revision.c.summary,
        revision.c.content,
        entry.c.author,
        entry.c.lang,
        entry.c.published,
        entry.c.updated,
    )
    .join(revision, _NEWEST)
    .join(entry_group, entry_group.c.id == entry.c.group_id)
    .join(feed, feed.c.id == entry.c.feed_id)
    .join(publisher, publisher.c.id == entry.c.publisher_id)
)
_WORDS = select(entry.c.id.label("entry"), revision.c.title, revision.c.summary, revision.c.content).join(
    revision, _NEWEST
)
_COUNT = select(func.count()).select_from(entry).where(~entry.c.pruned)
_SINCE = entry.c.first_seen_at >= bindparam("since")
_EACH = _WHOLE.where(entry.c.id.in_(bindparam("ids", expanding=True))).order_by(entry.c.id)
_AT = _WHOLE.order_by(entry.c.id.desc())


def _page(query: Select[Any]) -> Select[Any]:
    return query.where(entry.c.id > bindparam("after")).order_by(entry.c.id).limit(bindparam("size"))


# The statements are made once: to build one anew costs more than to run it.
_AFTER, _AFTER_SINCE = _page(_WHOLE), _page(_WHOLE).where(_SINCE)
_WORDS_AFTER, _WORDS_SINCE = _page(_WORDS), _page(_WORDS).where(_SINCE)


def count(conn: Connection, since: datetime | None = None) -> int:
    """Return how many entries with texts were first seen at `since` or later (None: ever)."""
    query = _COUNT if since is None else _COUNT.where(entry.c.first_seen_at >= since)
    return int(conn.execute(query).scalar_one())


class Kept(NamedTuple):
    """How far back the past goes: when the first entry with a text was seen, and how many since lost theirs."""

    first: datetime | None
    pruned: int


def kept(conn: Connection, since: datetime | None = None) -> Kept:
    """Tell what is left of the entries that were first seen at `since` or later (None: ever)."""
    chosen = [] if since is None else [entry.c.first_seen_at >= since]
    first = conn.execute(select(func.min(entry.c.first_seen_at)).where(~entry.c.pruned, *chosen)).scalar_one()
    pruned = conn.execute(select(func.count()).select_from(entry).where(entry.c.pruned, *chosen)).scalar_one()
    return Kept(first, int(pruned))


def after(conn: Connection, entry: int, *, since: datetime | None = None, limit: int = 500) -> list[Past]:
    """Return the next entries by id: those above `entry` that were first seen at `since` or later (None: ever)."""
    query, values = (_AFTER, {}) if since is None else (_AFTER_SINCE, {"since": since})
    return _read(conn, query, {"after": entry, "size": limit, **values})


def words(conn: Connection, entry: int, *, since: datetime | None = None, limit: int = 1000) -> Sequence[Words]:
    """Return the texts of the entries that `after` would return, ten times as fast."""
    query, values = (_WORDS_AFTER, {}) if since is None else (_WORDS_SINCE, {"since": since})
    # a row has the names of `Words`, and to make one of each would take as long again
    return as_type(Sequence[Words], conn.execute(query, {"after": entry, "size": limit, **values}).all())


def named(conn: Connection, rules: Collection[tuple[RuleKind, str]], first: int, last: int) -> set[int]:
    """Return which of the entries from id `first` to id `last` have a hit of one of the rules."""
    wanted = tuple_(rule.c.kind, rule.c.name).in_([(str(kind), name) for kind, name in rules])
    query = select(hit.c.entry_id).join(rule, rule.c.id == hit.c.rule_id).where(wanted)
    return set(conn.execute(query.where(hit.c.entry_id.between(first, last))).scalars())


def found(
    conn: Connection, since: datetime | None = None, ids: Collection[int] | None = None
) -> Counter[tuple[RuleKind, str]]:
    """Count the hits of each rule: of the entries that were first seen at `since` or later, or of these (None: all)."""
    chosen = [] if since is None else [entry.c.first_seen_at >= since]
    chosen += [] if ids is None else [entry.c.id.in_(ids)]
    query = select(rule.c.kind, rule.c.name, func.count()).select_from(hit).join(rule, rule.c.id == hit.c.rule_id)
    query = query.join(entry, entry.c.id == hit.c.entry_id).where(*chosen).group_by(rule.c.kind, rule.c.name)
    return Counter({(RuleKind(kind), name): count for kind, name, count in conn.execute(query)})


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
    return [_past(row) for row in conn.execute(query, values).all()]


def _past(row: Sequence[Any]) -> Past:
    """Take a row apart at once: to ask it for each value by name takes as long as to read it."""
    pk, text, relevant, seen, feed_id, name, country, press, address, flags, *rest = row
    origin = Provenance(feed=feed_id, publisher=_publisher(name, country, press))
    return Past(pk, text, _entry(address, flags, *rest), origin, relevant, seen)


@lru_cache
def _publisher(name: str, country: str, press: str) -> Publisher:
    return Publisher(name=name, country=country or None, press=Press(press) if press else None)


def _entry(address: str, flags: str, key: str, key_version: int, title: str, *rest: Any) -> Entry:
    fingerprint, guid, url, summary, content, author, lang, published, updated = rest
    return Entry(
        keys=(key,),
        key_version=key_version,
        title=title,
        fingerprint=fingerprint,
        guid=guid,
        url=url,
        canonical_url=None if address.startswith(_NO_ADDRESS) else address,
        summary=summary,
        content=content,
        author=author,
        lang=lang,
        published=published,
        updated=updated,
        date_flags=_flags(flags),
    )


@lru_cache
def _flags(stored: str) -> frozenset[DateFlag]:
    return frozenset(map(DateFlag, json.loads(stored)))
