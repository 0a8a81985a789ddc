"""Polish personal names in the six cases."""

import re

from monitor.core.forms.slots import Name, fixed, name

_SOFTENED = (
    ("st", "ści"), ("ch", "sz"), ("sł", "śl"), ("zd", "ździ"), ("sn", "śni"), ("t", "ci"), ("d", "dzi"), ("r", "rz"), ("ł", "l"), ("k", "c"), ("g", "dz"),  # noqa: E501
    ("h", "sz"), ("n", "ni"), ("m", "mi"), ("b", "bi"), ("p", "pi"), ("w", "wi"), ("f", "fi"), ("s", "si"), ("z", "zi"), ("v", "vi"),  # noqa: E501
)  # fmt: skip
_HARD_SOFT = ("sz", "cz", "rz", "dz", "ż", "c", "l", "j", "x", "q")


def softened(stem: str) -> str:
    """Return a stem as it stands before the -e of the locative: Putin → Putini, Trump → Trumpi, Duda → Dudzi."""
    for hard, soft in _SOFTENED:
        if stem.endswith(hard):
            return stem[: -len(hard)] + soft
    return stem


def last_name(word: str, gender: str) -> Name:
    """Decline a last name; `gender` is `m` or `f`."""
    head, gap, tail = word.rpartition(" ")
    declined = _man(tail) if gender == "m" else _woman(tail)
    return tuple(tuple(f"{head}{gap}{one}" for one in variants) for variants in declined)


def first_name(word: str, gender: str) -> Name:
    """Decline one word of a first name."""
    if word.endswith("a"):
        return in_a(word)
    return _man(word) if gender == "m" else fixed(word)


def in_a(word: str) -> Name:
    """Decline a name in -a as a noun."""
    stem = word[:-1]
    if stem[-1:] in "ij":
        dative = stem + "i" if stem[-1] == "j" else stem + "i/" + stem
        forms = tuple(dative.split("/"))
        return (word,), forms, forms, (stem + "ę",), (stem + "ą",), forms
    genitive = stem + ("i" if stem[-1:] in "kgl" else "y")
    dative = genitive if stem.endswith(_HARD_SOFT) else softened(stem) + "e"
    return (word,), (genitive,), (dative,), (stem + "ę",), (stem + "ą",), (dative,)


def _woman(word: str) -> Name:
    if re.search(r"(?:[oe]w|sk|ck|dzk|ln|aj)a$", word):
        return name(word[:-1], "a ej ej ą ą ej")
    return in_a(word) if word.endswith("a") else fixed(word)


def _man(word: str) -> Name:
    end, stem = word[-1:], word[:-1]
    if not stem or not end.isalpha() or word.isupper():
        return fixed(word)
    if end == "a":
        return in_a(word)
    if word.endswith("ko"):
        return tuple(zip(*(fixed(word)[0] * 6, [one[0] for one in in_a(stem + "a")]), strict=True))
    if end in "iyí" and stem[-1] not in "aeiou":
        return _adjective(word)
    if end == "e" and stem[-1] not in "aeiou":
        return tuple(
            a + b for a, b in zip(name(stem, "e ego emu ego em em"), name(word, "- 'a 'owi 'a 'em 'u"), strict=True)
        )
    return fixed(word) if end in "aeiouąęéáóúiu" else consonantal(word)


def _adjective(word: str) -> Name:
    stem, end = word[:-1], word[-1]
    if end == "y":
        return name(stem, "y ego/y'ego emu/y'emu ego/y'ego ym ym")
    return name(word, "- ego emu ego m m")


def consonantal(word: str) -> Name:
    """Decline a name that ends in a consonant."""
    stem = _oblique(word)
    end = "iem" if stem[-1:] in "kg" else "em"
    return (word,), (stem + "a",), (stem + "owi",), (stem + "a",), (stem + end,), _locative(stem)


def _oblique(word: str) -> str:
    for ending, oblique in (
        ("niec", "ńc"),
        ("iec", "c"),
        ("ek", "k"),
        ("eł", "ł"),
        ("ń", "ni"),
        ("ś", "si"),
        ("ć", "ci"),
    ):
        if word.endswith(ending) and len(word) > 4:
            return word[: -len(ending)] + oblique
    return word


def _locative(stem: str) -> tuple[str, ...]:
    if stem.endswith((*_HARD_SOFT, "k", "g", "h", "i", "y")):
        return (stem + "u",)
    soft = softened(stem) + "e"
    return (soft, stem + "u") if stem[-1] in "zs" else (soft,)
