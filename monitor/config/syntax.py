"""What a YAML parser complains of, in plain words, and where the person should look."""

import re

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from monitor.config.plain import MAX_DEPTH, MAX_VALUES

_UNREADABLE = "this cannot be read as YAML; check quotes, brackets and indentation here and above"
_INDENTATION = "the indentation does not fit the lines above; put this in the column of its neighbours"
_NO_COLON = 'a ":" is missing after this key; write it'
_OPEN_QUOTE = "this quote is never closed; write the same quote where the text ends"
_UNCLOSED = 'this "{}" is never closed; write "{}" at its end, or the comma that is missing in it'

_UNSPACED = "a space is missing after this dash; write it"
_DASH = re.compile(r"-[^\s-]")

# (what the parser says, what we say, whether the place is where the construct began)
_WORDS: tuple[tuple[str, str, bool], ...] = (
    (r"found character '\\t'", "a tab stands here; YAML is indented with spaces only", False),
    (r"found character '(.)'", 'a text cannot begin with "{}"; put it in quotes', False),
    (r"found unexpected end of stream", _OPEN_QUOTE, True),
    (r"found unexpected document separator", _OPEN_QUOTE, True),
    (
        r"mapping values are not allowed",
        'unexpected ":"; put a text that holds ": " in quotes, or check the indentation',
        False,
    ),
    (r"could not find expected ':'", _NO_COLON, True),
    (
        r"expected <block end>, but found '<scalar>'",
        "unexpected text after a value; check the quotes here and above",
        False,
    ),
    (r"expected <block end>", _INDENTATION, False),
    (r"expected ',' or '\]'", _UNCLOSED.format("[", "]"), True),
    (r"expected ',' or '\}'", _UNCLOSED.format("{{", "}}"), True),
    (r"expected the node content, but found '(.+)'", 'unexpected "{}"; remove it, or put the text in quotes', False),
    (
        r"found undefined alias '(.+)'",
        '"*{0}" repeats what is marked "&{0}", but there is no such mark before it; put it in quotes if it is text',
        False,
    ),
    (r"expected alphabetic or numeric", 'a text that begins with "*" or "&" must stand in quotes', True),
    (
        r"found unknown escape character '(.)'",
        r'"\{}" is no escape; use single quotes, or write "\\" for a backslash',
        False,
    ),
    (
        r"but found another document",
        'a second document ("---") begins here, and the file may hold only one; remove this line',
        False,
    ),
    (r"too many values", f"the file holds more than {MAX_VALUES:,} values; remove some", False),
    (r"maximum depth", f"this is nested more than {MAX_DEPTH} deep; close brackets, or indent less", False),
    (r"found undefined tag handle '(.+)'", 'the tag "{}" is not known here; remove it', False),
)


def in_plain_words(error: YAMLError, text: str) -> tuple[str, int | None, int | None]:
    """Return message, line and column (both from 1) for what stopped the parser in `text`."""
    if isinstance(error, ReaderError):
        return ("a control character stands here; remove it", *place_of(text, error.position))
    if not isinstance(error, MarkedYAMLError):
        return _UNREADABLE, None, None
    for pattern, words, at_start in _WORDS:
        if found := re.search(pattern, error.problem or ""):
            line, column = _mark(error, at_start=at_start)
            if words in (_NO_COLON, _INDENTATION) and _is_dash(text, line, column):
                return _UNSPACED, line, column
            return words.format(*found.groups()), line, column
    return (_UNREADABLE, *_mark(error, at_start=False))


def _is_dash(text: str, line: int | None, column: int | None) -> bool:
    """Tell whether an item of a list begins there, but for the space behind its dash."""
    lines = text.split("\n")
    return bool(line and column and line <= len(lines) and _DASH.match(lines[line - 1], column - 1))


def place_of(text: str, index: int) -> tuple[int, int]:
    """Return line and column (both from 1) of the character at `index`."""
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


def _mark(error: MarkedYAMLError, *, at_start: bool) -> tuple[int | None, int | None]:
    first, second = error.problem_mark, error.context_mark
    mark = (second or first) if at_start else (first or second)
    return (mark.line + 1, mark.column + 1) if mark else (None, None)
