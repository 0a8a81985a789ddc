"""German nouns, adjectives and phrases: attested plurals and cases, and the five endings of adjectives."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from monitor.core.forms.tables import base_of

_ADJECTIVE = re.compile(r"[a-zäöüß-]{4,}?(er|e|es|en|em)$")
_ENDINGS = ("e", "er", "es", "en", "em")
_NOUN_ENDINGS = ("e", "en", "n", "er", "ern", "s", "es", "nen", "se", "sen", "ns", "ses")
_UMLAUT = str.maketrans({"a": "ä", "o": "ö", "u": "ü"})
_ROOTS = re.compile(r"(?:isch|lich|ig|isiert|iert|iell|al|voll|los|bar|sam|end)$")
_FIXED_WORDS = frozenset(
    ["über", "unter", "hinter", "gegen", "oder", "aber", "ohne", "immer", "weiter", "wieder", "neben", "außer"]
)


def expand(term: str) -> Iterator[str]:
    """Yield a word or phrase: adjectives in front with every ending, the first noun in its attested forms."""
    yield term
    words = term.split()
    leading = 0
    while leading < len(words) and _stem(words[leading]) is not None:
        leading += 1
    adjectives = [_endings(word) for word in words[:leading]]
    if leading == len(words):
        if len(words) == 1 and (_ROOTS.search(term) or adjectives):
            yield from _alone(term)
        return
    if not words[leading][0].isupper():
        if len(words) == 1 and _ROOTS.search(term):
            yield from (term + ending for ending in _ENDINGS)
        return
    for chosen in product(*adjectives, (words[leading], *noun(words[leading]))):
        yield " ".join((*chosen, *words[leading + 1 :]))


def _alone(term: str) -> Iterator[str]:
    stem = _stem(term)
    if stem is not None and _ROOTS.search(stem):
        yield from (stem + ending for ending in _ENDINGS)


def _stem(word: str) -> str | None:
    found = _ADJECTIVE.fullmatch(word)
    return word[: found.start(1)] if found and word not in _FIXED_WORDS else None


def _endings(word: str) -> tuple[str, ...]:
    stem = _stem(word) or word
    return tuple(stem + ending for ending in _ENDINGS)


@lru_cache(maxsize=8192)
def noun(word: str) -> tuple[str, ...]:
    """Return the other forms of a noun; of a compound or a name that no table has, those of its last known part."""
    if not word.isalpha() and not re.fullmatch(r"[\w-]*[a-zäöüß]", word):
        return ()
    if word.isupper():
        return ()
    for start in _cuts(word):
        part = word[start:] if start == 0 else word[start:].capitalize()
        if base_of(part, "de") == part:
            found = (form if start == 0 else word[:start] + _cased(form, word[start]) for form in _attested(part))
            forms = tuple(form for form in found if form != word)
            if forms:
                return forms
            break  # many names stand in the table without their genitive
    return (word + "s",) if len(word) > 3 and word[-1] not in "sßzx" else ()


def _cuts(word: str) -> Iterator[int]:
    yield 0
    yield from range(2, len(word) - 3)


def _cased(form: str, model: str) -> str:
    return form if model.isupper() else form[0].lower() + form[1:]


def _attested(word: str) -> Iterator[str]:
    stems = [word]
    vowels = list(re.finditer(r"(?<![ae])u|[ao](?!u)|a(?=u)", word[1:]))
    if vowels:
        at = vowels[-1].start() + 1
        stems.append(word[:at] + word[at].translate(_UMLAUT) + word[at + 1 :])
    for stem, ending in product(stems, ("", *_NOUN_ENDINGS)):
        if base_of(stem + ending, "de") == word:
            yield stem + ending
    yield from _replaced(word)


def _replaced(word: str) -> Iterator[str]:
    for ending, others in (("um", ("en",)), ("us", ("en",)), ("mann", ("männer", "männern", "leute", "leuten"))):
        if word.endswith(ending):
            yield from (
                word[: -len(ending)] + other
                for other in others
                if ending == "mann" or base_of(word[: -len(ending)] + other, "de") == word
            )


def forget() -> None:
    """Free what was kept."""
    noun.cache_clear()
