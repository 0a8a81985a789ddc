"""The stored past, read as fast as the database gives it, for what is worth a whole look.

    store.past.words ─► core.sieve ─► store.past.some + hits ─► whoever asked
     every text          a form stands there         those entries alone

A page is three short reads, so that a daemon beside this is never kept from folding back its log.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.core.model import Match, RuleKind
from monitor.core.sieve import Sieve
from monitor.store import past
from monitor.store.candidates import matches
from monitor.store.database import Connection, Database
from monitor.store.hits import last_seq
from monitor.store.past import Past, Words

PAGE = 1_000
"""So many texts are read at once."""


class Wakes(NamedTuple):
    """What an entry must have to be worth a whole look: a form (see `Sieve`), or a hit of one of the rules.

    `always`: each entry is. `named`: whoever looks asks for the entry's hits too.
    """

    forms: frozenset[str] = frozenset()
    rules: frozenset[tuple[RuleKind, str]] = frozenset()
    always: bool = False
    named: bool = False


class Page(NamedTuple):
    """A part of the past: how many entries it has, those worth a look, and their hits by entry (if asked for)."""

    read: int
    woken: Sequence[Past]
    named: Mapping[int, Sequence[Match]]


def pages(db: Database, wakes: Wakes, since: datetime | None) -> Iterator[Page]:
    """Yield the entries that were first seen at `since` or later (None: ever), page by page. Raises StoreError."""
    sieve = Sieve(wakes.forms)
    last = 0
    while True:
        found = db.read_now(past.words, last, since=since, limit=PAGE)
        if not found:
            return
        ids = [one.entry for one in found] if wakes.always else _woken(db, found, sieve, wakes)
        last = found[-1].entry
        yield db.read_now(_page, ids, len(found), named=wakes.named)


def _woken(db: Database, found: Sequence[Words], sieve: Sieve, wakes: Wakes) -> list[int]:
    ids = [found[at].entry for at in sieve.sift([one[1:] for one in found])] if wakes.forms else []
    if not wakes.rules:
        return ids
    named = db.read_now(past.named, wakes.rules, found[0].entry, found[-1].entry)
    return sorted(named.union(ids))


def _page(conn: Connection, ids: Sequence[int], read: int, *, named: bool) -> Page:
    if not ids:
        return Page(read, (), {})
    return Page(read, past.some(conn, ids), matches(conn, ids, last_seq(conn)) if named else {})
