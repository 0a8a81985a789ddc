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
        if wakes.always:
            page = db.read_now(_everything, last, since, named=wakes.named)
            last = page.woken[-1].entry if page.woken else last
        else:
            found = db.read_now(past.words, last, since=since, limit=PAGE)
            page = db.read_now(_page, _woken(db, found, sieve, wakes), len(found), named=wakes.named)
            last = found[-1].entry if found else last
        if not page.read:
            return
        yield page


def _everything(conn: Connection, last: int, since: datetime | None, *, named: bool) -> Page:
    found = past.after(conn, last, since=since, limit=PAGE)
    return Page(len(found), found, _hits(conn, found) if named else {})


def _woken(db: Database, found: Sequence[Words], sieve: Sieve, wakes: Wakes) -> list[int]:
    ids = [found[at].entry for at in sieve.sift([one[1:] for one in found])] if wakes.forms else []
    if not wakes.rules or not found:
        return ids
    named = db.read_now(past.named, wakes.rules, found[0].entry, found[-1].entry)
    return sorted(named.union(ids))


def _page(conn: Connection, ids: Sequence[int], read: int, *, named: bool) -> Page:
    found = past.some(conn, ids) if ids else []
    return Page(read, found, _hits(conn, found) if named else {})


def _hits(conn: Connection, found: Sequence[Past]) -> Mapping[int, Sequence[Match]]:
    return matches(conn, [one.entry for one in found], last_seq(conn)) if found else {}
