"""What a YAML parser complains of, in plain words, and where the person should look."""

import re

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

_INDENTATION = "the indentation does not fit the lines above"
_UNCLOSED = 'the list or mapping that begins with this "{}" is never closed, or a comma is missing in it'

# (what the parser says, what we say, whether the place is where the construct began)
_WORDS: tuple[tuple[str, str, bool], ...] = (
    (r"found character '\\t'", "a tab stands here; YAML is indented with spaces only", False),
    (r"found character '(.)'", 'a text cannot begin with "{}"; put it in quotes', False),
    (r"found unexpected end of stream", "this quote is never closed", True),
    (r"found unexpected document separator", "this quote is never closed", True),
    (
        r"mapping values are not allowed",
        'unexpected ":"; put a text that holds ": " in quotes, or check the indentation',
        False,
    ),
    (r"could not find expected ':'", 'a ":" is missing after this key', True),
    (
        r"expected <block end>, but found '<scalar>'",
        "unexpected text after a value; check the quotes here and above",
        False,
    ),
    (r"expected <block end>", _INDENTATION, False),
    (r"expected ',' or '\]'", _UNCLOSED.format("["), True),
    (r"expected ',' or '\}'", _UNCLOSED.format("{{"), True),
    (r"expected the node content, but found '(.+)'", 'unexpected "{}"', False),
    (r"found undefined alias '(.+)'", 'the alias "*{0}" has no anchor "&{0}" before it', False),
    (r"expected alphabetic or numeric", 'a text that begins with "*" or "&" must stand in quotes', True),
    (
        r"found unknown escape character '(.)'",
        r'"\{}" is no escape; use single quotes, or write "\\" for a backslash',
        False,
    ),
    (r"but found another document", 'a second document ("---") begins here; the file may hold only one', False),
    (r"too many values", "the file holds too many values", False),
    (r"maximum depth", "this is nested too deeply", False),
    (r"found undefined tag handle '(.+)'", 'the tag "{}" is not known here; remove it', False),
)


def in_plain_words(error: YAMLError, text: str) -> tuple[str, int | None, int | None]:
    """Return message, line and column (both from 1) for what stopped the parser in `text`."""
    if isinstance(error, ReaderError):
        return ("a control character stands here; remove it", *place_of(text, error.position))
    if not isinstance(error, MarkedYAMLError):
        return "this cannot be read as YAML", None, None
    for pattern, words, at_start in _WORDS:
        if found := re.search(pattern, error.problem or ""):
            return (words.format(*found.groups()), *_mark(error, at_start=at_start))
    return ("this cannot be read as YAML", *_mark(error, at_start=False))


def place_of(text: str, index: int) -> tuple[int, int]:
    """Return line and column (both from 1) of the character at `index`."""
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def _mark(error: MarkedYAMLError, *, at_start: bool) -> tuple[int | None, int | None]:
    first, second = error.problem_mark, error.context_mark
    mark = (second or first) if at_start else (first or second)
    return (mark.line + 1, mark.column + 1) if mark else (None, None)
