"""German nouns, adjectives and phrases: attested plurals and cases, and the five endings of adjectives."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

from monitor.core.forms.tables import base_of

_ADJECTIVE = re.compile(r"[a-zäöüß-]{4,}?(er|e|es|en|em)$")
_ENDINGS = ("e", "er", "es", "en", "em")
_BEFORE_BASE = {"er": ("er", "e", "en", "em"), "e": ("e", "en", "er"), "es": ("es", "e", "en", "em")}
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
    if leading == len(words):
        if len(words) == 1 and (_ROOTS.search(term) or leading):
            yield from _alone(term)
        return
    if not words[leading][0].isupper():
        if len(words) == 1 and _ROOTS.search(term):
            yield from (term + ending for ending in _ENDINGS)
        return
    yield from _phrase(words[:leading], words[leading], words[leading + 1 :])


def _phrase(adjectives: list[str], word: str, rest: list[str]) -> Iterator[str]:
    """Yield a noun in its forms, the adjectives before it all with one ending, as they stand there in every case."""
    if not adjectives and rest and rest[0][0].isupper() and not any(map(_known, (word, rest[-1]))):
        yield " ".join((word, *rest[:-1], genitive(rest[-1])))  # a name of several words: Krywyj Rih
        return
    listed = {_ending(one) for one in adjectives}
    for form in (word, *noun(word)):
        for ending in _agreeing(listed, word, form) if adjectives else ("",):
            yield " ".join((*((_stem(one) or one) + ending for one in adjectives), form, *rest))


def _known(word: str) -> bool:
    return base_of(word, "de") is not None


def genitive(word: str) -> str:
    """Return the genitive of a name."""
    return word + "'" if word[-1:].lower() in "sßzx" else word + "s"


def _agreeing(listed: set[str], word: str, form: str) -> tuple[str, ...]:
    """Return the endings that adjectives have before this form of the noun `word`, in any case and number.

    What they end in where they are listed, in the nominative, tells the gender: russischer Angriff, russische Armee.
    """
    nominative = next(iter(listed)) if len(listed) == 1 else ""
    if form == word:
        alike = nominative == "es" and word.endswith(("er", "el", "en"))  # many of it too: Vermögen
        return (*_BEFORE_BASE.get(nominative, _ENDINGS), *(["er"] if alike else []))
    if form in (word + "s", word + "es") and word[-1] not in "aiouy":  # a genitive; women and many have none
        return () if nominative == "e" else ("en",)
    if form.endswith("n") and form[:-1] in noun(word):  # Generälen; Ministern, if it is not the one
        return ("en",)
    if form == word + "n" and (word.endswith(("er", "el")) or _noun(word)[1]):
        return ("en",)
    weak = nominative == "er" and form in (word + "en", word + "n")
    return ("e", "en", "er", "em") if weak else ("e", "en", "er")


def _alone(term: str) -> Iterator[str]:
    stem = _stem(term)
    if stem is not None and _ROOTS.search(stem):
        yield from (stem + ending for ending in _ENDINGS)


def _stem(word: str) -> str | None:
    found = _ADJECTIVE.fullmatch(word)
    return word[: found.start(1)] if found and word not in _FIXED_WORDS else None


def _ending(word: str) -> str:
    stem = _stem(word)
    return word[len(stem) :] if stem else ""


def noun(word: str) -> tuple[str, ...]:
    """Return the other forms of a noun; of a compound or a name that no table has, those of its last known part."""
    return _noun(word)[0]


@lru_cache(maxsize=8192)
def _noun(word: str) -> tuple[tuple[str, ...], bool]:
    """Return the other forms, and whether the listed one is a plural."""
    if word.isupper() or not (word.isalpha() or re.fullmatch(r"[\w-]*[a-zäöüß]", word)):
        return (), False
    for start in _cuts(word):
        part = word[start:] if start == 0 else word[start:].capitalize()
        base = base_of(part, "de")
        if base == part:
            found = (form if start == 0 else word[:start] + _cased(form, word[start]) for form in _attested(part))
            if forms := tuple(form for form in found if form != word):
                return forms, False
            break  # many names stand in the table without their genitive
        if base and base[0].isupper() and part[-1] in "elrn" and (start == 0 or len(part) > 5):
            many = base_of(part + "n", "de") == base
            if many or part[-1] == "n":
                return (word + "n",) if many else (), True  # Streitkräfte, Truppen
    return (word + "s",) if len(word) > 3 and word[-1] not in "sßzx" else (), False


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
    _noun.cache_clear()
