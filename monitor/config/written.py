"""How a value is written in YAML 1.2, so that every reader takes it for the text that it is."""

import json
import re
from collections.abc import Mapping

_PLAIN = re.compile(r"[^\W\d_][\w .,/:?=&%+~()’'@-]*(?<![\s:])")
_PLAIN_IN_BRACES = re.compile(r"[a-z][a-z0-9._-]*")
_SPOKEN_FOR = re.compile(r"(?i)y|n|yes|no|on|off|true|false|null")
"""What YAML 1.1 or 1.2 reads as something other than text."""


def written(value: object, *, in_braces: bool = False) -> str:
    """Return a text, a number or a truth value as it stands behind a key; plain where that is safe, else in quotes."""
    if not isinstance(value, str):
        return json.dumps(value)
    plain = _PLAIN_IN_BRACES if in_braces else _PLAIN
    if plain.fullmatch(value) and not _SPOKEN_FOR.fullmatch(value) and ": " not in value:
        return value
    return json.dumps(value, ensure_ascii=False)


def block(section: Mapping[str, object], *, dash: int, keys: int, newline: str) -> str:
    """Return a mapping as an item of a list, a key a line: the columns of its dash and of its keys count from 0."""
    first = f"{' ' * dash}-{' ' * (keys - dash - 1)}"
    lines = [f"{key}: {written(value)}" for key, value in section.items()]
    return first + f"{newline}{' ' * keys}".join(lines)


def flow(section: Mapping[str, object]) -> str:
    """Return a mapping in braces, on one line."""
    return "{" + ", ".join(f"{key}: {written(value, in_braces=True)}" for key, value in section.items()) + "}"
