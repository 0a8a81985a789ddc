"""Foreign text made fit to show: cut at words, freed of control characters, wrapped, its links checked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_WIDTH = 72
_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"  # controls, bidi overrides
)
_LINK = re.compile(r"https?://[^\s<>\"\\/?#]+[^\s<>\"\\]*", re.IGNORECASE)
_ELLIPSIS = "…"
_ROOM = 4


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a headline; `marked`: these words made a rule match."""

    text: str
    marked: bool = False


def cleaned(text: str) -> str:
    """Put a space in the place of every character that must not be shown; the length stays."""
    return _UNFIT.sub(" ", text)


def cut(text: str, limit: int) -> str:
    """Clean a text, fold its white space, and shorten it at a word to at most `limit` code points."""
    beginning = text[: _ROOM * limit]  # of a text of many pages only so much is looked at
    folded = " ".join(cleaned(beginning).split())
    if len(folded) <= limit and len(beginning) < len(text):
        folded = " ".join(cleaned(text).split())
    end = _end(folded, limit)
    return folded if end == len(folded) else folded[:end] + _ELLIPSIS


def segments(text: str, marks: Iterable[tuple[int, int]], limit: int) -> tuple[Segment, ...]:
    """Shorten a headline like `cut`, and split it at the edges of its marks (sorted, not overlapping)."""
    text = cleaned(text)
    end = _end(text, limit)
    pieces, at = [], 0
    for start, stop in marks:
        if start >= end:
            break
        pieces += [Segment(text[at:start]), Segment(text[start : min(stop, end)], marked=True)]
        at = min(stop, end)
    pieces.append(Segment(text[at:end] + (_ELLIPSIS if end < len(text) else "")))
    return tuple(piece for piece in pieces if piece.text)


def _end(text: str, limit: int) -> int:
    """Find where to cut: behind a whole word, unless the last one alone fills half the room."""
    if len(text) <= limit:
        return len(text)
    room = limit - len(_ELLIPSIS)
    space = text.rfind(" ", limit // 2, room + 1)
    return len(text[: room if space < 0 else space].rstrip(" ,;:.–—-"))


def link(url: str | None, limit: int) -> str | None:
    """Let only web addresses pass that are whole, and not longer than `limit` code points."""
    if url is None or len(url) > limit or _UNFIT.search(url) or not _LINK.fullmatch(url):
        return None
    return url


def wrap(text: str, first: str = "", rest: str = "") -> str:
    """Wrap a paragraph at 72 columns; `first` and `rest` stand before its lines. Long words stay whole, and so does
    what a no-break space holds together."""
    words = " ".join(filter(None, text.replace("\n", " ").split(" ")))
    lines, before = [], first
    while len(before) + len(words) > _WIDTH:
        room = _WIDTH - len(before)
        end = words.rfind(" ", 0, room + 1)
        end = words.find(" ", room) if end < 0 else end
        if end < 0:
            break
        lines.append(before + words[:end])
        words, before = words[end + 1 :], rest
    return "\n".join([*lines, before + words]).rstrip()
