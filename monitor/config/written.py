"""How a value is written in YAML 1.2, so that every reader takes it for the text that it is."""

import json
import re
from collections.abc import Mapping

_PLAIN = re.compile(r"[^\W\d_][\w .,/:?=&%+~()’'@-]*(?<![\s:])")
_PLAIN_IN_BRACES = re.compile(r"[a-z][a-z0-9._-]*")
_SPOKEN_FOR = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null")
"""What YAML 1.1 or 1.2 reads as something other than text."""


class Quoted(str):
    """A text that stands in quotes however plain it is, such as a query, to which somebody may add marks."""

    __slots__ = ()


def written(value: object, *, in_braces: bool = False) -> str:
    """Return a text, a number or a truth value as it stands behind a key; plain where that is safe, else in quotes."""
    if not isinstance(value, str):
        return json.dumps(value)
    plain = _PLAIN_IN_BRACES if in_braces else _PLAIN
    safe = plain.fullmatch(value) and not _SPOKEN_FOR.fullmatch(value) and ": " not in value
    if safe and not isinstance(value, Quoted):
        return value
    return _in_quotes(value)


def _in_quotes(value: str) -> str:
    """Single quotes are easier to read where the text has quotes of its own; only double ones can escape."""
    single = isinstance(value, Quoted) or '"' in value or "\\" in value
    if single and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)


def block(section: Mapping[str, object], *, dash: int, keys: int, newline: str) -> str:
    """Return a mapping as an item of a list, a key a line: the columns of its dash and of its keys count from 0."""
    first = f"{' ' * dash}-{' ' * (keys - dash - 1)}"
    lines = [f"{key}: {written(value)}" for key, value in section.items()]
    return first + f"{newline}{' ' * keys}".join(lines)


def flow(section: Mapping[str, object]) -> str:
    """Return a mapping in braces, on one line."""
    return "{" + ", ".join(f"{written(key, in_braces=True)}: {flowing(value)}" for key, value in section.items()) + "}"


def flowing(value: object) -> str:
    """Return any value on one line, mappings in braces and lists in brackets."""
    if isinstance(value, Mapping):
        return flow(value)
    if isinstance(value, list):
        return f"[{', '.join(map(flowing, value))}]"
    return written(value, in_braces=True)


def block_pair(key: str, value: object, *, indent: int, levels: int, newline: str) -> str:
    """Return a key and its value: so many levels of mappings a key a line, what lies deeper on one line."""
    head = f"{' ' * indent}{written(key, in_braces=True)}:"
    if isinstance(value, Mapping) and value and levels > 0:
        inner = (
            block_pair(name, item, indent=indent + 2, levels=levels - 1, newline=newline)
            for name, item in value.items()
        )
        return newline.join((head, *inner))
    return f"{head} {flowing(value) if isinstance(value, Mapping | list) else written(value)}"
