"""English nouns and phrases: the plural."""

import re
from collections.abc import Iterator

_LINK = re.compile(r" (?=(?:of|for|on|in|with|against|to|from|at|by|over|about|between|under|and|or|the|into)\b)")
_CLOSED = re.compile(r"(?:s|ed|ing|ly|men|ware|news|craft|defen[cs]e|military|personnel|police|\d|[^a-z])$")
_PEOPLE = re.compile(r"(?:[a-z]i?an|[a-z]ne?se|ite|ist)$")
_IRREGULAR = {"man": "men", "woman": "women", "child": "children", "person": "people", "wife": "wives", "life": "lives"}


def expand(term: str) -> Iterator[str]:
    """Yield a noun or a phrase, and its plural where it has one; names have none, and verbs none either."""
    yield term
    head, *rest = _LINK.split(term, maxsplit=1)
    word = head.split()[-1]
    if _countable(word) and (not rest or len(head.split()) > 0):
        yield " ".join((head[: len(head) - len(word)] + plural(word), *rest))


def _countable(word: str) -> bool:
    if _CLOSED.search(word) or len(word) < 4:
        return False
    return word.islower() or bool(_PEOPLE.search(word))


def plural(word: str) -> str:
    """Return the plural of a regular noun, and of a few others."""
    for one, many in _IRREGULAR.items():
        if word.endswith(one) and not word.endswith(("human", "german", "roman")):
            return word[: -len(one)] + many
    if re.search(r"(?:ch|sh|x|z)$", word):
        return word + "es"
    return word[:-1] + "ies" if re.search(r"[^aeiou]y$", word) else word + "s"
