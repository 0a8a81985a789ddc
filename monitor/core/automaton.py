"""Finds all forms of all rules in one pass over a text: an Aho-Corasick automaton over one byte a character.

Half of the letters of this project are Cyrillic, of two bytes each in UTF-8. With an alphabet of the forms' own
characters the automaton has half the states and takes half the steps, and its places are those of the text.
"""

from codecs import charmap_build, charmap_encode
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from ahocorasick_rs import BytesAhoCorasick, MatchKind

Found: TypeAlias = tuple[int, int, int]
"""The number of a form, and its place in the text: start and end."""

_BETWEEN = "\n"
_LISTED = f"\0?{_BETWEEN}"
"""The first bytes: a table must begin with the first, and the second stands for what has no byte of its own."""

_NONE = "\ufffe"
"""What a byte without a character has in a table; no character from here on can have one."""


class Packed(NamedTuple):
    """Forms as the automaton reads them: what can be kept on disk.

    `alphabet` are the characters that have a byte of their own. Every other one is the same byte, so the forms that
    have such a character stand in `exact`, by number: a place is compared with them.
    """

    alphabet: str
    forms: bytes
    exact: Mapping[int, str]


class Automaton:
    """Forms that can be looked for; many threads may do so at once."""

    def __init__(self, packed: Packed) -> None:
        self._encode = _encoder(packed.alphabet)
        self._exact = packed.exact
        forms = packed.forms.split(bytes([_LISTED.index(_BETWEEN)])) if packed.forms else []
        self.form_count = len(forms)
        self._search = BytesAhoCorasick(forms, MatchKind.Standard).find_matches_as_indexes

    def find(self, text: str) -> Sequence[Found]:
        """Return every place of every form, inside words too, by the place where it ends."""
        found = self._search(self._encode(text), overlapping=True)
        return [one for one in found if self._is_so(text, *one)] if self._exact else found

    def _is_so(self, text: str, form: int, start: int, end: int) -> bool:
        exact = self._exact.get(form)
        return exact is None or exact == text[start:end]


def pack(forms: Sequence[str]) -> Packed:
    """Pack folded forms, which have no line break; they are numbered in their order."""
    alphabet = _alphabet(forms)
    own = frozenset(alphabet)
    return Packed(
        alphabet,
        _encoder(alphabet)(_BETWEEN.join(forms)),
        {at: form for at, form in enumerate(forms) if not own.issuperset(form)},
    )


def _alphabet(forms: Sequence[str]) -> str:
    """Return the most frequent characters, of those that fit into a byte's table."""
    counts = Counter("".join(forms))
    own = sorted(char for char in counts if char not in _LISTED and char < _NONE)
    return "".join(sorted(own, key=counts.__getitem__, reverse=True)[: 256 - len(_LISTED)])


def _encoder(alphabet: str) -> Callable[[str], bytes]:
    table = charmap_build((_LISTED + alphabet).ljust(256, _NONE))

    def encode(text: str) -> bytes:
        return charmap_encode(text, "replace", table)[0]

    return encode
