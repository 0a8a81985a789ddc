"""Latin spellings of Cyrillic names, by the transliteration tables that newspapers use."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

_SHARED = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщыэюя",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch y e yu ya".split(),  # noqa: SIM905
        strict=True,
    )
)
_SOFTENING = {"ь": "", "ъ": "", "'": "", "’": "", "ʼ": ""}
_UK = (
    _SHARED | {"г": "h", "ґ": "g", "и": "y", "і": "i", "ї": "i", "й": "i", "є": "ie", "ю": "iu", "я": "ia"} | _SOFTENING
)
_RU = _SHARED | {"ё": "yo"} | _SOFTENING


class Spelling(NamedTuple):
    """A table of letters, then rules for what came of them; `language` reads it, `source` is written in it."""

    source: str
    language: str
    letters: Mapping[str, str]
    after: tuple[tuple[str, str], ...] = ()


def _table(base: Mapping[str, str], changes: str) -> Mapping[str, str]:
    pairs = (pair.split("=") for pair in changes.split())
    return MappingProxyType({**base, **dict(pairs)})


SPELLINGS = (
    Spelling("uk", "en", _UK, ((r"^ie", "ye"), (r"^iu", "yu"), (r"^ia", "ya"), (r"^i(?=[aeou])", "y"))),  # KMU 55 of 2010  # noqa: E501
    Spelling("uk", "en", _table(_UK, "є=ye ї=yi й=y ю=yu я=ya")),  # BGN/PCGN
    Spelling("uk", "en", _table(_UK, "є=ye ї=yi й=y ю=yu я=ya"), ((r"yy$", "y"), (r"iy$", "iy"))),
    Spelling("uk", "en", _table(_UK, "є=ye ї=yi й=y ю=yu я=ya"), ((r"yy$", "iy"),)),
    Spelling("ru", "en", _RU, ((r"iy$", "y"), (r"^e", "ye"), (r"(?<=[aeiou])ev$", "yev"))),
    Spelling("ru", "en", _RU),
    Spelling("ru", "en", _table(_RU, "ё=e й=i ю=iu я=ia")),  # passports
    Spelling("ru", "en", _table(_RU, "ё=e"), ((r"yy$", "y"),)),
    Spelling("ru", "en", _RU, ((r"iy$", "i"), (r"^e", "ye"))),
    Spelling("uk", "de", _table(_UK, "в=w ж=sch з=s й=j є=je ї=ji ю=ju я=ja х=ch ц=z ч=tsch ш=sch щ=schtsch")),
    Spelling("ru", "de", _table(_RU, "в=w ж=sch з=s й=i ё=jo ю=ju я=ja х=ch ц=z ч=tsch ш=sch щ=schtsch"), ((r"ii$", "i"), (r"yi$", "y"))),  # noqa: E501
    Spelling("uk", "fr", _table(_UK, "ж=j й=y є=ie ї=ï у=ou ц=ts ч=tch ш=ch щ=chtch ю=iou я=ia"), ((r"yy$", "y"), (r"in$", "ine"))),  # noqa: E501
    Spelling("ru", "fr", _table(_RU, "ж=j й=ï у=ou ч=tch ш=ch щ=chtch ю=iou я=ia г=g"), ((r"iï$", "i"), (r"yï$", "y"), (r"in$", "ine"))),  # noqa: E501
    Spelling("uk", "pl", _table(_UK, "в=w г=h ж=ż й=j є=je ї=ji ю=ju я=ja х=ch ц=c ч=cz ш=sz щ=szcz л=ł"), ((r"łi", "li"), (r"łj", "li"), (r"skyj$", "ski"), (r"yj$", "y"))),  # noqa: E501
    Spelling("ru", "pl", _table(_RU, "в=w ж=ż й=j ы=y ю=iu я=ia х=ch ц=c ч=cz ш=sz щ=szcz л=ł е=ie ё=io"), ((r"łi", "li"), (r"skij$", "ski"), (r"yj$", "y"), (r"^ie", "je"))),  # noqa: E501
    Spelling("uk", "cs", _table(_UK, "г=h ж=ž й=j є=je ї=ji ю=ju я=ja х=ch ц=c ч=č ш=š щ=šč")),
)  # fmt: skip
_SHORTEST = 4


def latin(name: str, spelling: Spelling) -> str | None:
    """Write a Cyrillic name in Latin letters; None where the table lacks a letter."""
    words = [_word(word, spelling) for word in name.split()]
    return " ".join(word for word in words if word) if all(words) else None


def _word(word: str, spelling: Spelling) -> str:
    if "-" in word:
        parts = [_word(part, spelling) for part in word.split("-")]
        return "-".join(parts) if all(parts) else ""
    found = "".join(spelling.letters.get(letter, "?") for letter in word.lower())
    if "?" in found:
        return ""
    for pattern, changed in spelling.after:
        found = re.sub(pattern, changed, found)
    return found[:1].upper() + found[1:]


def spellings(
    firsts: Mapping[str, tuple[str, ...]], lasts: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str | None, str]]:
    """Yield language, first and last name in Latin letters, of a person whose name was Cyrillic in the first place."""
    if not native(lasts):
        return
    for spelling in SPELLINGS:
        for last in lasts.get(spelling.source, ()):
            written = latin(last, spelling)
            if written is None or len(written) < _SHORTEST:
                continue
            yield spelling.language, None, written
            for first in firsts.get(spelling.source, ()):
                yield spelling.language, latin(first, spelling), written


def native(lasts: Mapping[str, tuple[str, ...]]) -> bool:
    """Tell whether the English last name is a transliteration: Putin is, Trump (Tramp) and Merz (Merts) are not."""
    listed = {last.casefold() for last in lasts.get("en", ())}
    made = {
        latin(last, spelling)
        for spelling in SPELLINGS
        if spelling.language == "en"
        for last in lasts.get(spelling.source, ())
    }
    return not listed.isdisjoint(one.casefold() for one in made if one)
