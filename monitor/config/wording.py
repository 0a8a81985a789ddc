"""Small phrases that every finding is made of."""

import json
from collections.abc import Iterable

from monitor.core.query.mistake import nearest

_LONGEST = 60


def quoted(text: str) -> str:
    """Put the text in double quotes, short, on one line, with nothing in it that a terminal would obey."""
    return _printable(json.dumps(_short(text), ensure_ascii=False))


def shown(text: str) -> str:
    """Return the text as above, but without quotes: for those that stand in quotes of another kind."""
    return _printable(_short(text))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return the closing phrase that names the nearest choice; empty where none is near."""
    choice = nearest(word, choices)
    return f"; did you mean {quoted(choice)}?" if choice else ""


def one_of(word: object, choices: Iterable[str]) -> str:
    """Say what the value must be, where there is a handful of choices."""
    known = tuple(choices)
    needed = f"must be one of {', '.join(known)}" if len(known) > 1 else f"must be {known[0]}"
    return needed + (did_you_mean(word, known) if isinstance(word, str) else "")
