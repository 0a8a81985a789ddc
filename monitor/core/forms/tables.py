"""The word tables of simplemma: the base form of an attested form."""

from collections.abc import Mapping
from functools import lru_cache

from simplemma.strategies.dictionaries.stream_dictionary_factory import StreamDictionaryFactory


@lru_cache(maxsize=4)
def _table(language: str) -> Mapping[str, str]:
    table: Mapping[str, str] = StreamDictionaryFactory().get_dictionary(language)
    return table


@lru_cache(maxsize=65536)
def base_of(word: str, language: str) -> str | None:
    """Return the base form of a word as it is written, or None for an unknown one."""
    return _table(language).get(word)


def forget() -> None:
    """Free the tables and what was kept."""
    base_of.cache_clear()
    _table.cache_clear()
