"""YAML 1.2 as plain data, without the places of its values: the quick way to read a sound file.

By way of the parser's events, which ruamel.yaml reads in C where ruamel.yaml.clib is installed. What is unusual (tags,
anchors, merging, directives) or wrong in any way is left to the thorough way, which knows the place of everything.
"""

import re
from collections.abc import Callable, Collection, Iterator
from datetime import date
from functools import partial
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.nodes import ScalarNode

MAX_VALUES = 200_000
MAX_DEPTH = 30

STANDARD = "tag:yaml.org,2002:"
MERGE = STANDARD + "merge"
_TEXT = STANDARD + "str"

_DISPUTED = re.compile("[\t\r\x85\u2028\u2029\ufeff]")
"""What parsers of YAML 1.1 and 1.2 do not agree on."""


class _Unusual(Exception):
    """The text holds something that is left to the thorough way."""


def plain_data(text: str) -> object | None:
    """Return the content of a sound and plain file; None where it must be read with the places of its values."""
    if _DISPUTED.search(text):
        return None
    try:
        return _Reader(YAML(typ="safe").parse(text)).document()
    except (YAMLError, _Unusual):
        return None


class _Reader:
    def __init__(self, events: Iterator[Any]) -> None:
        self._next = partial(next, events)
        resolver = YAML(typ="safe", pure=True).resolver
        self._resolve: Callable[..., Any] = resolver.resolve
        self._telling: Collection[str] = resolver.versioned_resolver  # how a number, a date or a truth may begin
        self._values = 0

    def document(self) -> object:
        self._next()
        start = self._next()
        if not isinstance(start, DocumentStartEvent) or start.explicit:
            raise _Unusual
        data = self._value(self._next(), 0)
        self._next()
        if not isinstance(self._next(), StreamEndEvent):
            raise _Unusual
        return data

    def _value(self, event: Any, depth: int) -> object:
        self._values += 1
        if self._values > MAX_VALUES or depth > MAX_DEPTH:
            raise _Unusual
        kind = type(event)
        if kind is ScalarEvent:
            return self._scalar(event)
        _check_bare(event)
        if kind is SequenceStartEvent:
            return list(self._items(depth + 1))
        if kind is MappingStartEvent:
            return self._mapping(depth + 1)
        raise _Unusual

    def _items(self, depth: int) -> Iterator[object]:
        while type(event := self._next()) is not SequenceEndEvent:
            yield self._value(event, depth)

    def _mapping(self, depth: int) -> dict[str, object]:
        data: dict[str, object] = {}
        while type(event := self._next()) is ScalarEvent:
            if event.value in data or self._tag(event) == MERGE:
                raise _Unusual
            data[event.value] = self._value(self._next(), depth)
        if isinstance(event, NodeEvent):  # a key that is no text
            raise _Unusual
        return data

    def _scalar(self, event: Any) -> object:
        tag = self._tag(event)
        try:
            return event.value if tag == _TEXT else SCALARS[tag](event.value)
        except ValueError:  # 2024-02-31 or 017: left as the text that it is
            return event.value

    def _tag(self, event: Any) -> str:
        _check_bare(event)
        plain, _quoted = event.implicit
        if not plain or event.value[:1] not in self._telling:
            return _TEXT
        return str(self._resolve(ScalarNode, event.value, event.implicit))


def _check_bare(event: Any) -> None:
    if event.anchor is not None or event.tag is not None:
        raise _Unusual


def _nothing(_text: str) -> None:
    return None


def _truth(text: str) -> bool:
    return text.lower() in ("true", "yes", "on", "y")


def _whole(text: str) -> int:
    return int(text.replace("_", ""), 0)


def _real(text: str) -> float:
    return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))


SCALARS: dict[str, Callable[[str], object]] = {
    _TEXT: str,
    STANDARD + "value": str,
    MERGE: str,
    STANDARD + "null": _nothing,
    STANDARD + "bool": _truth,
    STANDARD + "int": _whole,
    STANDARD + "float": _real,
    STANDARD + "timestamp": date.fromisoformat,
}
"""How a scalar is read, by its tag. Raises ValueError for one that only looks so: 2024-02-31."""
