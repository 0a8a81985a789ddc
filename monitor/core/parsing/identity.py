"""Which entry is which: keys that hold from one document to the next, and doubles within one made one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

from monitor.core.model import DateFlag, Entry
from monitor.core.text import normalise_title
from monitor.core.urls import canonical_url

KEY_VERSION = 2
"""Stored with every entry: a better way of making keys gets a new number, and mails nothing anew."""

KINDS = "gmlt"
"""Kinds of keys, the strongest first: guid; link with title, where two titles share the link; link; title and date."""

FEW_TITLES = 2

_PASSING = frozenset({DateFlag.STAMPED, DateFlag.FUTURE, DateFlag.MISSING})


class Marks(NamedTuple):
    """What may identify an entry, and of it what tells it from its neighbours (`keys`, once these are known)."""

    entry: Entry
    title: str
    guid: str | None
    link: str | None
    keys: tuple[str, ...] = ()


def mark(entry: Entry) -> Marks:
    """Return what an entry says of itself that may identify it."""
    link = canonical_url(entry.url) if entry.url else None
    return Marks(entry, normalise_title(entry.title), entry.guid, link)


def identify(marks: Sequence[Marks], home: str | None) -> list[Marks]:
    """Find the keys of the entries of one document; the order is kept.

    A guid or link identifies where every item that bears it has the same title, and where it is not the address of a
    home page (`home` is the feed's own). A link under two titles, an article listed with its old headline and its new
    one, identifies first together with the title.
    """
    telling = _telling(marks, canonical_url(home) if home else None)
    return [one._replace(keys=_keys(one, telling)) for one in marks]


def unite(marks: Sequence[Marks]) -> list[Entry]:
    """Return entries with their keys and fingerprints; those with one guid or link and one title are one entry."""
    return [_merged(group) for group in _doubles(marks)]


def digest(*parts: str) -> str:
    """Return the first 32 hexadecimal digits of the SHA-256 of the parts."""
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _telling(marks: Sequence[Marks], own: str | None) -> set[str]:
    by_guid = _titles_by((one.guid, one.title) for one in marks)
    by_link = _titles_by((one.link, one.title) for one in marks)
    telling = {
        f"g:{guid}" for guid, titles in by_guid.items() if len(titles) == 1 and not _is_home(canonical_url(guid), own)
    }
    for link, titles in by_link.items():
        if len(titles) <= FEW_TITLES and not _is_home(link, own):
            telling |= {f"l:{link}"} | ({f"m:{link}"} if len(titles) > 1 else set())
    return telling


def _titles_by(marked: Iterable[tuple[str | None, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for by, title in marked:
        if by:
            found.setdefault(by, set()).add(title)
    return found


def _is_home(link: str | None, own: str | None) -> bool:
    if link is None:
        return False
    parts = urlsplit(link)
    return link == own or (parts.path == "/" and not parts.query and not parts.fragment)


def _keys(own: Marks, telling: set[str]) -> tuple[str, ...]:
    kinds = (("g", own.guid, (own.guid,)), ("m", own.link, (own.link, own.title)), ("l", own.link, (own.link,)))
    keys = tuple(
        f"{kind}:{digest(*(part or '' for part in parts))}"
        for kind, value, parts in kinds
        if f"{kind}:{value}" in telling
    )
    return keys or _title_keys(own.title, own.entry.published, own.entry.date_flags)


def _title_keys(title: str, published: datetime | None, flags: frozenset[DateFlag]) -> tuple[str, ...]:
    """Count the date in where it will be the same next time, so that each of many "Morning news" is its own entry.

    A date in the future will be an ordinary one some day: the entry must be known by it then, and by the title now.
    """
    alone = f"t:{digest(title, '')}"
    if published is None or DateFlag.STAMPED in flags:
        return (alone,)
    dated = f"t:{digest(title, published.isoformat())}"
    return (dated, alone) if flags & _PASSING else (dated,)


def _doubles(marked: Sequence[Marks]) -> list[list[Marks]]:
    """Group what is one entry: the same key, or the same guid or link under the same title."""
    owner: dict[object, int] = {}
    groups: dict[int, list[Marks]] = {}
    for index, marks in enumerate(marked):
        tokens = list(_tokens(marks))
        known = [owner[token] for token in tokens if token in owner]
        home = min(known, default=index)
        for other in set(known) - {home}:
            groups[home] += groups.pop(other)
            owner.update({token: home for token, at in owner.items() if at == other})
        groups.setdefault(home, []).append(marks)
        owner.update(dict.fromkeys(tokens, home))
    return list(groups.values())


def _tokens(marks: Marks) -> Iterable[object]:
    yield from (key for key in marks.keys if not key.startswith("l:"))
    if marks.guid:
        yield "g", marks.guid, marks.title
    if marks.link:
        yield "l", marks.link, marks.title


def _merged(group: list[Marks]) -> Entry:
    best = min(group, key=_worse)
    keys = dict.fromkeys(key for marks in (best, *group) for key in marks.keys)
    identified = any(key.startswith("l:") for key in best.keys)
    return replace(
        best.entry,
        keys=tuple(sorted(keys, key=lambda key: KINDS.index(key[0]))),
        key_version=KEY_VERSION,
        canonical_url=best.link if identified else None,
        fingerprint=_fingerprint(best.entry, best.link),
    )


def _worse(marks: Marks) -> tuple[bool, bool, float, int]:
    """Rank a double, best first: an honest date first, then the earliest, then the longest text."""
    entry = marks.entry
    stamped = DateFlag.STAMPED in entry.date_flags
    when = entry.published.timestamp() if entry.published else 0.0
    return stamped, entry.published is None, when, -len(entry.content) - len(entry.summary)


def _fingerprint(entry: Entry, link: str | None) -> str:
    """Hash all that a reader would see changed; a stamped date changes with every poll and says nothing."""
    dated = entry.published if DateFlag.STAMPED not in entry.date_flags else None
    texts = (entry.title, entry.summary, entry.summary_html, entry.content, entry.content_html)
    others = (link or entry.url, entry.author, dated.isoformat() if dated else None, entry.source_title)
    return digest(*(part or "" for part in (*texts, *others)))
