"""The word tables of simplemma: the base form of an attested form."""

import lzma
from functools import lru_cache
from importlib import import_module
from importlib.metadata import distribution
from typing import Protocol

from monitor.core.forms.stream import Table

_FILE = "simplemma/strategies/dictionaries/data/{}.plzma"
_DEPTH = {"uk": 10}
"""How many first bytes part a table into blocks of some ten words; a Cyrillic letter has two."""


class _Bases(Protocol):
    def get(self, word: str, /) -> str | None: ...


@lru_cache(maxsize=4)
def _table(language: str) -> _Bases:
    try:
        file = distribution("simplemma").locate_file(_FILE.format(language))
        return Table(lzma.decompress(file.read_bytes()), _DEPTH.get(language, 5))  # type: ignore[attr-defined]
    except (OSError, ValueError):  # another version keeps them otherwise: by its own, slower way
        dictionaries = import_module("simplemma.strategies.dictionaries")
        table: _Bases = dictionaries.StreamDictionaryFactory().get_dictionary(language)
        return table


@lru_cache(maxsize=65536)
def base_of(word: str, language: str) -> str | None:
    """Return the base form of a word as it is written, or None for an unknown one."""
    return _table(language).get(word)


def forget() -> None:
    """Free the tables and what was kept."""
    base_of.cache_clear()
    _table.cache_clear()
