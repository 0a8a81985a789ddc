"""Which entry is which: keys that hold from one document to the next, and doubles within one made one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
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


@dataclass(frozen=True, slots=True)
class _Marks:
    """What may identify an entry, and of it what tells it from its neighbours."""

    entry: Entry
    title: str
    guid: str | None
    link: str | None
    keys: tuple[str, ...]


def identify(entries: Sequence[Entry], home: str | None) -> list[Entry]:
    """Give the entries of one document their keys and fingerprints, and make doubles one; the order is kept.

    A guid or link identifies where every item that bears it has the same title, and where it is not the address of a
    home page (`home` is the feed's own). A link under two titles, an article listed with its old headline and its new
    one, identifies first together with the title. Items with one guid or link and one title are one entry.
    """
    marked = _marked(entries, home)
    return [_merged(group) for group in _doubles(marked)]


def digest(*parts: str) -> str:
    """Return the first 32 hexadecimal digits of the SHA-256 of the parts."""
    return sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _marked(entries: Sequence[Entry], home: str | None) -> list[_Marks]:
    titles = [normalise_title(entry.title) for entry in entries]
    links = [canonical_url(entry.url) if entry.url else None for entry in entries]
    own = canonical_url(home) if home else None
    guids = [entry.guid for entry in entries]
    by_guid, by_link = _titles_by(guids, titles), _titles_by(links, titles)
    telling = {
        f"g:{guid}"
        for guid, own_titles in by_guid.items()
        if len(own_titles) == 1 and not _is_home(canonical_url(guid), own)
    }
    for link, own_titles in by_link.items():
        if len(own_titles) <= FEW_TITLES and not _is_home(link, own):
            telling |= {f"l:{link}"} | ({f"m:{link}"} if len(own_titles) > 1 else set())
    return [
        _Marks(entry, title, guid, link, _keys(entry, title, guid, link, telling))
        for entry, title, guid, link in zip(entries, titles, guids, links, strict=True)
    ]


def _titles_by(marks: Sequence[str | None], titles: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for mark, title in zip(marks, titles, strict=True):
        if mark:
            found.setdefault(mark, set()).add(title)
    return found


def _is_home(link: str | None, own: str | None) -> bool:
    if link is None:
        return False
    parts = urlsplit(link)
    return link == own or (parts.path == "/" and not parts.query and not parts.fragment)


def _keys(entry: Entry, title: str, guid: str | None, link: str | None, telling: set[str]) -> tuple[str, ...]:
    marks = (("g", guid, (guid,)), ("m", link, (link, title)), ("l", link, (link,)))
    keys = tuple(
        f"{kind}:{digest(*(part or '' for part in parts))}"
        for kind, mark, parts in marks
        if f"{kind}:{mark}" in telling
    )
    return keys or _title_keys(title, entry.published, entry.date_flags)


def _title_keys(title: str, published: datetime | None, flags: frozenset[DateFlag]) -> tuple[str, ...]:
    """Count the date in where it will be the same next time, so that each of many "Morning news" is its own entry.

    A date in the future will be an ordinary one some day: the entry must be known by it then, and by the title now.
    """
    alone = f"t:{digest(title, '')}"
    if published is None or DateFlag.STAMPED in flags:
        return (alone,)
    dated = f"t:{digest(title, published.isoformat())}"
    return (dated, alone) if flags & _PASSING else (dated,)


def _doubles(marked: Sequence[_Marks]) -> list[list[_Marks]]:
    """Group what is one entry: the same key, or the same guid or link under the same title."""
    owner: dict[object, int] = {}
    groups: dict[int, list[_Marks]] = {}
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


def _tokens(marks: _Marks) -> Iterable[object]:
    yield from (key for key in marks.keys if not key.startswith("l:"))
    if marks.guid:
        yield "g", marks.guid, marks.title
    if marks.link:
        yield "l", marks.link, marks.title


def _merged(group: list[_Marks]) -> Entry:
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


def _worse(marks: _Marks) -> tuple[bool, bool, float, int]:
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
