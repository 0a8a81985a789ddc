"""Values that may hold ${NAME}, a variable of the environment or .env: passwords, keys, cookies.

No message repeats a value: it may be the secret itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SHORTEST = 3
_WITHOUT_BRACES = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What a kind of value may not hold, and how that is said."""

    forbidden: re.Pattern[str]
    words: str


HEADER = Alphabet(re.compile(r"[^\t\x20-\x7e]"), "a line break or a letter that is not plain Latin")
"""RFC 9110 §5.5, without what is obsolete."""

COOKIE = Alphabet(re.compile(r'[^\x21-\x7e]|[",;\\]'), 'a space, one of , ; " \\ or a letter that is not plain Latin')
"""RFC 6265 §4.1.1."""

USER = Alphabet(re.compile(r"[\x00-\x1f\x7f:]"), "a colon or a line break")
PASSWORD = Alphabet(re.compile(r"[\x00-\x1f\x7f]"), "a line break or a control character")
"""RFC 7617 §2."""


def checked_value(value: str, alphabet: Alphabet) -> str:
    """Return the value as it is, with its variables. Raises ValueError."""
    fixed = _VARIABLE.sub("", value)
    if alphabet.forbidden.search(fixed):
        raise ValueError(f"holds {alphabet.words}; remove it")
    if "${" in fixed:
        raise ValueError("holds a variable that is not written ${NAME}; letters, digits and _ only")
    return value


def filled_in(value: str, environ: Mapping[str, str], alphabet: Alphabet) -> str:
    """Replace every ${NAME}. Raises ValueError, which names the variable, never its value."""
    return _VARIABLE.sub(lambda found: _variable(found[1], environ, alphabet), value)


def seems_unbraced(value: str, environ: Mapping[str, str]) -> bool:
    """Tell whether the value seems to mean a variable that it does not write ${NAME}.

    $NAME in capitals, or one that is set: a password may hold any other dollar.
    """
    names = [name for name in _WITHOUT_BRACES.findall(value) if len(name) >= _SHORTEST]
    return any(name.isupper() or name in environ for name in names)


def _variable(name: str, environ: Mapping[str, str], alphabet: Alphabet) -> str:
    if not environ.get(name):
        raise ValueError(f"needs the variable {name}, which is not set; give it a value in .env")
    if alphabet.forbidden.search(environ[name]):
        raise ValueError(f"needs the variable {name}, which holds {alphabet.words}; change its value")
    return environ[name]
