"""Russian personal names in the six cases."""

import re

from monitor.core.forms.slots import Name, fixed, name

_HUSHING = "жшчщ"
_MOBILE = {"павел": "Павл", "лев": "Льв", "пётр": "Петр", "петр": "Петр"}
_POSSESSIVE = re.compile(r"[бвгджзклмнпрстфхцчшщуиеа](?:[оеё]в|[иы]н)")


def last_name(word: str, gender: str) -> Name:
    """Decline a last name; `gender` is `m` or `f`."""
    head, gap, tail = word.rpartition(" ")
    declined = _man(tail) if gender == "m" else _woman(tail)
    return tuple(tuple(f"{head}{gap}{one}" for one in variants) for variants in declined)


def first_name(word: str, gender: str) -> Name:
    """Decline one word of a first name."""
    if stem := _MOBILE.get(word.lower()):
        return (*name(stem, "- а у а ом е")[:0], (word,), *name(stem, "- а у а ом е")[1:])
    if word.endswith("ия"):
        return name(word[:-1], "я и и ю ей и")
    if word.endswith("ий"):
        return name(word[:-1], "й я ю я ем и")
    if word[-1:] in "ая" or gender == "m":
        return _man(word, adjectives=False)
    return name(word[:-1], "ь и и ь ью и") if word.endswith("ь") else fixed(word)


def _man(word: str, *, adjectives: bool = True) -> Name:
    if adjectives and re.search(r"[ыио]й$", word) and len(word) > 4:
        return _adjective(word)
    end, stem = word[-1:], word[:-1]
    if end in "ая":
        return _first_declension(word)
    if end in "оеёиуюэы" or (adjectives and word.endswith(("ых", "их"))):
        return fixed(word)
    if end in "ьй":
        return name(stem, f"{end} я ю я ем е")
    if adjectives and _POSSESSIVE.search(word[-3:]) and len(word) > 3:
        return name(word, f"- а у а {'ым/ом' if end == 'н' else 'ым'} е")
    return name(word, f"- а у а {_instrumental(end)} е")


def _instrumental(end: str) -> str:
    return "ем/ом" if end == "ц" else "ем" if end in _HUSHING else "ом"


def _adjective(word: str) -> Name:
    stem, end = word[:-2], word[-2:]
    if stem[-1] in _HUSHING:
        return name(stem, f"{end} его ему его им ем")
    soft = "им" if end == "ий" else "ым"
    return name(stem, f"{end} ого ому ого {soft} ом")


def _first_declension(word: str) -> Name:
    end, stem = word[-1], word[:-1]
    if end == "я":
        return name(stem, "я и и ю ей и" if stem.endswith("и") else "я и е ю ей е")
    if stem[-1:] in "аеёиоуыэюя":
        return fixed(word)
    genitive = "и" if stem[-1:] in _HUSHING + "гкх" else "ы"
    instrumental = "ей" if stem[-1:] in _HUSHING + "ц" else "ой"
    return name(stem, f"а {genitive} е у {instrumental} е")


def _woman(word: str) -> Name:
    if word.endswith(("ая", "яя")):
        return name(word[:-2], f"{word[-2:]} ой ой ую ой ой")
    if re.search(r"(?:[оеё]в|[иы]н)а$", word) and len(word) > 5:
        return name(word[:-1], "а ой ой у ой ой")
    return _first_declension(word) if word[-1:] in "ая" else fixed(word)
