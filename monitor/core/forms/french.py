"""French nouns, adjectives and phrases: plural, and the feminine of adjectives that stand alone.

Elided words need no forms: an apostrophe ends a word.
"""

import re
from collections.abc import Iterator

_LINK = re.compile(
    r" (?=(?:de|du|des|en|à|au|aux|avec|sur|pour|par|contre|dans|la|le|les|et|ou|sans|sous|entre)\b|d'|l')"
)
_CLOSED = re.compile(r"(?:[sxz]|\d|[^\w])$")
_FEMININES = (("ien", "ienne"), ("éen", "éenne"), ("ais", "aise"), ("ain", "aine"), ("é", "ée"), ("eux", "euse"))
_WORDS_NEVER = frozenset(["a", "est", "sont", "ont", "nomme", "limoge", "dément", "contre", "selon", "malgré"])


_BARE = str.maketrans("ÀÂÇÈÉÊÎÔàâçèéêîô", "AACEEEIOaaceeeio")
_CAPITAL = re.compile(r"^[àâçèéêîô]|\b[ÀÂÇÈÉÊÎÔ]")


def expand(term: str) -> Iterator[str]:
    """Yield a word or a phrase and its plural, the feminine of a single adjective, and all with bare capitals.

    Many papers write no accents on capitals: «Etats-Unis», and «Echange» where a title begins.
    """
    for form in _inflected(term):
        yield form
        bare = _CAPITAL.sub(lambda letter: letter[0].translate(_BARE), form)
        if bare != form:
            yield bare


def _inflected(term: str) -> Iterator[str]:
    yield term
    head, *rest = _LINK.split(term, maxsplit=1)
    words = head.split()
    if not words or _WORDS_NEVER.intersection(words) or not all(_plain(word) for word in words):
        return
    yield " ".join((*map(plural, words), *rest))
    if len(words) == 1 and not rest:
        yield from _feminine(head)


def _plain(word: str) -> bool:
    return word[0].islower() and len(word) > 2


def _feminine(word: str) -> Iterator[str]:
    for ending, feminine in _FEMININES:
        if word.endswith(ending):
            yield word[: -len(ending)] + feminine
            yield word[: -len(ending)] + feminine + "s"


def plural(word: str) -> str:
    """Return the plural of a noun or an adjective."""
    if _CLOSED.search(word):
        return word
    if word.endswith("al"):
        return word[:-2] + "aux"
    return word + ("x" if word.endswith(("eau", "eu")) else "s")
