"""What is said of a query that is wrong, before its whole text is known."""

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 60


class Mistake(Exception):
    """A query is wrong at `column` (from 1); `problem` says what would be right."""

    def __init__(self, column: int, problem: str) -> None:
        self.column = column
        self.problem = problem
        super().__init__(problem)


def shown(text: str) -> str:
    """Quote what a person wrote, short and on one line."""
    line = " ".join(text.split())
    return f"“{line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…'}”"


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that was probably meant, if one is close enough."""
    folded = {choice.casefold(): choice for choice in sorted(choices)}
    found = get_close_matches(word.casefold(), folded, n=1)
    return folded[found[0]] if found else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return the closing phrase that names the nearest choice; empty where none is near."""
    choice = nearest(word, choices)
    return f"; did you mean {choice}?" if choice else ""
