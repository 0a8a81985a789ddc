"""What is kept of a document's items, so that the next document may be read in part."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from monitor.core.parsing.entries import CUT_KINDS
from monitor.core.parsing.identity import KINDS, Marks
from monitor.core.parsing.split import CONTEXT, DIGEST
from monitor.core.publishers import site_of

_MARK = 6
_KEY = 16
_HEAD = struct.Struct(f">{CONTEXT}sqII")
_ITEM = struct.Struct(f">{DIGEST}s{_MARK}s{_MARK}s{_MARK}sqIBB{_KEY}s")
ITEM_BYTES = _ITEM.size
"""What an item weighs in an outline."""

_NO_MARK = bytes(_MARK)
_NO_DATE = -(2**63)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_ALONE, _STAMPED, _FIRST_CUT = 1, 2, 4
_SETS_OF_CUTS = [
    frozenset(kind for bit, kind in enumerate(CUT_KINDS) if number >> bit & 1) for number in range(1 << len(CUT_KINDS))
]


class Item(NamedTuple):
    """An item of a document that was read.

    `guid`, `link` and `title` are digests that tell who shares one, no two kinds alike; empty where there is none.
    `key` is the first key of its entry, `site` where its link leads. `alone`: it shared nothing with another item, so
    that its entry is its own.
    """

    digest: bytes
    guid: bytes
    link: bytes
    title: bytes
    published: datetime | None
    site: str | None
    key: str = ""
    alone: bool = False
    stamped: bool = False
    cuts: frozenset[str] = frozenset()

    @property
    def tokens(self) -> Sequence[bytes]:
        """What others may share with it."""
        return self[1:4]

    @property
    def own_tokens(self) -> Sequence[bytes]:
        """What no other may have if it is to be alone: its title only where nothing else identifies it."""
        return self[1:4] if self.key[0] == "t" else self[1:3]


def item_of(digest: bytes, marks: Marks, cuts: frozenset[str]) -> Item:
    """Return what is kept of an item that was read; what depends on its neighbours is not known yet."""
    return Item(
        digest=digest,
        guid=_mark("g", marks.guid),
        link=_mark("l", marks.link),
        title=_mark("t", marks.title),
        published=marks.entry.published,
        site=site_of(marks.link or marks.entry.url),
        cuts=cuts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The items of a document. `checked` is when the store was last asked whether it has them all."""

    context: bytes
    checked: datetime
    items: tuple[Item, ...]

    def by_digest(self) -> Mapping[bytes, Item]:
        """Return the items by their digests."""
        return {item.digest: item for item in self.items}


def pack(outline: Outline) -> bytes:
    """Return an outline in few bytes: `ITEM_BYTES` an item."""
    sites = list(dict.fromkeys(item.site or "" for item in outline.items))
    places = {site: number for number, site in enumerate(sites)}
    head = _HEAD.pack(outline.context, _ticks(outline.checked), len(outline.items), len(sites))
    items = b"".join(_pack_item(item, places[item.site or ""]) for item in outline.items)
    return head + items + "\n".join(sites).encode()


def unpack(data: bytes, context: bytes) -> Outline | None:
    """Return an outline; None where it was made in another context, or is broken."""
    if not data.startswith(context) or len(data) < _HEAD.size:
        return None
    _, checked, number, number_of_sites = _HEAD.unpack_from(data)
    end = _HEAD.size + number * _ITEM.size
    sites = data[end:].decode("utf-8", "replace").split("\n")
    if len(data) < end or len(sites) != max(number_of_sites, 1):
        return None
    try:
        items = tuple(_unpack_item(sites, *row) for row in _ITEM.iter_unpack(data[_HEAD.size : end]))
        return Outline(context=context, checked=_moment(checked), items=items)
    except (IndexError, OverflowError):
        return None


def _pack_item(item: Item, site: int) -> bytes:
    flags = item.alone * _ALONE | item.stamped * _STAMPED | _SETS_OF_CUTS.index(item.cuts) * _FIRST_CUT
    kind = KINDS.index(item.key[0])
    when = _NO_DATE if item.published is None else _ticks(item.published)
    marks = (item.guid or _NO_MARK, item.link or _NO_MARK, item.title or _NO_MARK)
    return _ITEM.pack(item.digest, *marks, when, site, flags, kind, bytes.fromhex(item.key[2:]))


def _unpack_item(  # noqa: PLR0913, PLR0917 - the columns of a row
    sites: list[str],
    digest: bytes,
    guid: bytes,
    link: bytes,
    title: bytes,
    when: int,
    site: int,
    flags: int,
    kind: int,
    key: bytes,
) -> Item:
    return Item(
        digest,
        guid if guid != _NO_MARK else b"",
        link if link != _NO_MARK else b"",
        title if title != _NO_MARK else b"",
        None if when == _NO_DATE else _moment(when),
        sites[site] or None,
        f"{KINDS[kind]}:{key.hex()}",
        bool(flags & _ALONE),
        bool(flags & _STAMPED),
        _SETS_OF_CUTS[flags // _FIRST_CUT],
    )


def _mark(kind: str, text: str | None) -> bytes:
    return sha256(f"{kind}{text}".encode("utf-8", "replace")).digest()[:_MARK] if text else b""


def _ticks(moment: datetime) -> int:
    return (moment - _EPOCH) // _TICK


def _moment(ticks: int) -> datetime:
    return _EPOCH + timedelta(microseconds=ticks)
