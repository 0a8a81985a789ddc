"""A word table of simplemma, read at the few places that are asked for.

The table is a stream of records in the order of their keys. A record says how many bytes its key shares with the key
before it, and the bytes that follow; then the base form in the same way: `254` for that of the record before, `255` and
the bytes, or how many bytes of the own key go before others follow. simplemma walks the whole stream in Python before
the first answer. Here a regular expression does it, and stops only where the first bytes of the key change.
"""

import re
from bisect import bisect_right
from functools import lru_cache

_MAGIC = b"SMFC1\x00"
"""Of the one format that is read here, its keys not written backwards."""

_SAME, _LITERAL = 254, 255
_LENGTHS = b"|".join(b"%s.{%d}" % (re.escape(bytes([length])), length) for length in (*range(1, 128), 0))
_BODY = rb"(?:%s)(?:\xfe|[^\xfe](?:\x00|%s))" % (_LENGTHS, _LENGTHS)


class Table:
    """The base form of a word; `depth` is how many first bytes the keys of one block share.

    Raises ValueError for a stream of another format.
    """

    def __init__(self, data: bytes, depth: int) -> None:
        self._data = data
        self._starts: list[int] = []
        self._firsts: list[bytes] = []
        self._index(depth)
        self._block = lru_cache(maxsize=2048)(self._read)

    def get(self, word: str) -> str | None:
        """Return the base form of a word as it is written, or None for an unknown one."""
        key = word.encode()
        block = bisect_right(self._firsts, key) - 1
        base = self._block(block).get(key) if block >= 0 else None
        return None if base is None else base.decode()

    def _index(self, depth: int) -> None:
        key, end = b"", _header(self._data)
        record = rb"(?s)([\x00-%s])%s(?:[%s-\x7f]%s)*+" % (
            re.escape(bytes([depth - 1])), _BODY, re.escape(bytes([depth])), _BODY,
        )  # fmt: skip
        for found in re.compile(record).finditer(self._data, end):
            start = found.start()
            if start != end:
                break
            shared, length = self._data[start], self._data[start + 1]
            key = key[:shared] + self._data[start + 2 : start + 2 + length]
            self._firsts.append(key)
            self._starts.append(start)
            end = found.end()
        if end != len(self._data):
            raise ValueError("not the format that is known")
        self._starts.append(end)

    def _read(self, block: int) -> dict[bytes, bytes]:
        data, place, end = self._data, self._starts[block], self._starts[block + 1]
        key = self._firsts[block]
        base = self._last(block - 1) if data[place + 2 + data[place + 1]] == _SAME else b""
        found: dict[bytes, bytes] = {}
        while place < end:
            shared, length = data[place], data[place + 1]
            place += 2 + length
            key = key[:shared] + data[place - length : place]
            trim = data[place]
            place += 1
            if trim != _SAME:
                length = data[place]
                place += 1 + length
                own = b"" if trim == _LITERAL else key[: len(key) - trim]
                base = own + data[place - length : place]
            found[key] = base
        return found

    def _last(self, block: int) -> bytes:
        return next(reversed(self._block(block).values()))


def _header(data: bytes) -> int:
    if not data.startswith(_MAGIC):
        raise ValueError("not the format that is known")
    place = len(_MAGIC)
    while data[place] >= 0x80:  # the number of records, seven bits a byte
        place += 1
    return place + 1
