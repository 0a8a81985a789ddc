"""What a written form is, and what it says."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Sign(StrEnum):
    """What a form says beside the name of its rule."""

    STRONG = "strong"
    WEAK = "weak"
    ELSEWHERE = "elsewhere"
    LEISURE = "leisure"
    NEVER = "never"
    FIRST_NAME = "first name"
    CONTEXT = "context"
    HINT = "hint"
    TAIL = "tail"


class Form(NamedTuple):
    """One written form, good in texts dated from `since` (inclusive) until `until` (exclusive).

    `lemma` is the listed term that it is a form of: two forms of one lemma are one sign, not two. `language` is the
    one that it was made for (two letters). `ordinary`: it is a word of that language too; then `capital` asks for an
    initial capital in the text, and `needs_context` for a context word, first name or title beside it. `cased`: the
    case of its letters must be as written. `prefix`: any word that begins so is meant. `bare`: a last name alone.
    Weak signs of one `group` are one sign.
    """

    text: str
    since: date | None = None
    until: date | None = None
    lemma: str = ""
    language: str = ""
    needs_context: bool = False
    cased: bool = False
    prefix: bool = False
    capital: bool = False
    ordinary: bool = False
    bare: bool = False
    sign: Sign | None = None
    group: str = ""


class Forms(NamedTuple):
    """Written forms that differ in nothing but their text; `like` is what else is true of each, without a text."""

    texts: tuple[str, ...]
    like: Form

    def each(self) -> Iterator[Form]:
        """Yield them one by one."""
        rest = self.like[1:]
        return (Form(text, *rest) for text in self.texts)
