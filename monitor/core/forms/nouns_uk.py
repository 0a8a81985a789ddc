"""Ukrainian nouns and adjectives in every case, by their endings; tables tell only which stem alternates."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from monitor.core.forms.slots import CASES, Slots, merged, spread
from monitor.core.forms.tables import base_of

_HUSHING = "жчшщ"
_VOWELS = "аеиіїоуєюя"
_SECOND = {"г": "з", "к": "ц", "х": "с"}
_INDECLINABLE = frozenset(["камікадзе", "шосе", "кафе", "резюме", "євро", "метро", "радіо", "авто", "бюро", "депо"])
_ADJECTIVAL = re.compile(r".{2,}(?:[бвгджзклмнпрстхцчшщ](?:ий|а|е|і)|н(?:ій|я|є))")


@lru_cache(maxsize=8192)
def noun(word: str, *, plural: bool = False) -> Slots:
    """Return the forms of a noun; `plural` where the listed form is one (it is a plural in -и, -і, -ї anyway)."""
    end = word[-1:]
    if word.lower() in _INDECLINABLE:
        return dict.fromkeys([number + case for number in "sp" for case in CASES], (word,))
    if end in "иії" or (end in "ая" and (plural or _plural_of_neuter(word))):
        return _plural_only(word)
    if way := _BY_END.get(end):
        return way(word)
    return _consonantal(word) if end.isalpha() and end not in _VOWELS else {}


def _plural_of_neuter(word: str) -> bool:
    """Tell whether a listed word in -а is a plural: війська."""
    return word.endswith("а") and _base(word) == word[:-1].lower() + "о"


def _base(word: str) -> str:
    return (base_of(word.lower(), "uk") or base_of(word, "uk") or "").lower()


def _soft(stem: str) -> str:
    return stem[:-1] + _SECOND.get(stem[-1:], stem[-1:]) + "і"


def _in_a(word: str) -> Slots:
    stem = word[:-1]
    hushing = stem[-1:] in _HUSHING
    many, instrumental = ("і", "ею") if hushing else ("и", "ою")
    found = spread(stem, f"а {many} - у {instrumental} -", f"{many} - ам {many} ами ах")
    found["sd"] = found["sl"] = (_soft(stem),)
    found["pg"] = tuple(bare(stem))
    return found


def bare(stem: str) -> Iterator[str]:
    """Yield a genitive plural without ending: ракет, помилок, воєн."""
    joint = re.search(r"([^аеиіїоуєюяьй'])ь?([кнлрвц])$", stem)
    if (joint and joint[1] != "р") or (joint and joint[2] == "к"):
        vowel = "о" if joint[2] == "к" else "е"
        yield stem[: joint.start(1) + 1] + vowel + joint[2]
    if joint is None or joint[2] != "к":
        yield stem


def _in_ja(word: str) -> Slots:
    stem = word[:-1]
    if stem[-1:] in "ііїаоеу":
        return spread(stem, "я ї ї ю єю ї", "ї й ям ї ями ях")
    if len(word) > 4 and (stem[-1:] == stem[-2:-1] or stem.endswith("'") or re.search(r"[^аеиіоу]{2}$", stem)):
        short = stem[:-1] if stem[-1:] == stem[-2:-1] else stem
        neuter = spread(stem, "я я ю я ям і", "я - ям я ями ях")
        neuter["pg"] = (short + ("ь" if short[-1:] in "нтлсзц" else ""),)
        if stem.endswith("'"):
            neuter["pg"] = (stem[:-1] + "'їв",)
        return neuter if stem[-1:] == stem[-2:-1] or stem.endswith("'") else merged(neuter, _soft_feminine(stem))
    return _soft_feminine(stem)


def _soft_feminine(stem: str) -> Slots:
    found = spread(stem, "я і і ю ею і", "і ь ям і ями ях")
    if match := re.search(r"([^аеиіоу])([лн])$", stem):
        found["pg"] = (stem[: match.start(2)] + "е" + match[2] + "ь",)
    return found


def _neuter(word: str) -> Slots:
    stem = word[:-1]
    found = spread(stem, "о а у/ові о ом і/у", "а - ам а ами ах")
    if stem.endswith(("к", "г", "х")):
        found["sl"] = (stem + "у", _soft(stem))
    found["pg"] = (*bare(stem), *((stem,) if stem.endswith("ськ") else ()))
    return found


def _in_e(word: str) -> Slots:
    stem = word[:-1]
    if stem.endswith(("ськ", "цьк", "н", "в", "т")) and len(stem) > 3:
        return adjective(stem + "е")
    if stem[-1:] in _HUSHING:
        return spread(stem, "е а у е ем і/у", "а - ам а ами ах")
    return spread(stem, "е я ю е ем і", "я ів ям я ями ях") | {"pg": (stem + "ів", stem)}


def _in_soft_sign(word: str) -> Slots:
    stem = word[:-1]
    if word.endswith("ість"):
        found = spread(word[:-4] + "ост", "- і і - - і", "і ей ям і ями ях")
        return found | {"sn": (word,), "sa": (word,), "si": (word[:-1] + "ю",)}
    masculine = _masculine_soft(word)
    if re.search(r"(?:ець|ень|ель|тель|іль|оль|ань|аль|уть|єць)$", word) and not word.endswith("оль"):
        return masculine
    doubled = stem if re.search(r"[^аеиіїоуєюя][^аеиіїоуєюя]$", stem) else stem + stem[-1:]
    feminine = spread(stem, "ь і і ь - і", "і ей ям і ями ях") | {"si": (doubled + "ю",)}
    return merged(feminine, masculine) if not word.endswith("сть") else feminine


def _masculine_soft(word: str) -> Slots:
    stem = _oblique_soft(word)
    found = spread(stem, "- я ю/еві - ем і/ю/еві", "і ів ям ів ями ях")
    return found | {"sn": (word,), "sa": (word,)}


def _oblique_soft(word: str) -> str:
    for ending, oblique in (("єць", "йц"), ("лець", "льц"), ("ець", "ц"), ("ень", "н")):
        if word.endswith(ending):
            stem = word[: -len(ending)] + oblique
            return stem if ending != "ень" or base_of(stem + "я", "uk") in {word, None} else word[:-1]
    return (
        word[:-3] + "о" + word[-2] if word.endswith("іль") and base_of(word[:-3] + "оля", "uk") == word else word[:-1]
    )


def _in_j(word: str) -> Slots:
    stem = word[:-1]
    if (word.endswith("ій") and _base(word[:-2] + "ою") == word.lower()) or word.lower().endswith("бій"):
        stem = word[:-2] + "о"
    found = spread(stem, "й я ю/єві - єм ї/ю/єві", "ї їв ям ї ями ях")
    return found | {"sn": (word,), "sa": (word,)}


def _consonantal(word: str) -> Slots:
    stem = oblique(word)
    hushing = stem[-1:] in _HUSHING
    instrumental, many, genitive, person = ("ем", "і", "ів", "еві") if hushing else ("ом", "и", "ів", "ові")
    if word.endswith("р") and base_of(word + "я", "uk") == word:
        found = spread(stem, "- я ю/еві - ем і/еві/ю", "і ів ям ів ями ях")
        return found | {"sn": (word,), "sa": (word,)}
    found = spread(stem, f"- а/у у/{person} - {instrumental} і/у/{person}", f"{many} {genitive} ам {many} ами ах")
    found |= {"sn": (word,), "sa": (word,)}
    if stem[-1:] in _SECOND:
        found["sl"] = (stem + "у", stem + person, _soft(stem))
    return merged(found, _plural_without_in(word))


def _plural_without_in(word: str) -> Slots:
    if not re.search(r"[ая]нин$", word):
        return {}
    stem = word[:-2]
    return spread(stem, "", "и - ам - ами ах")


@lru_cache(maxsize=4096)
def oblique(word: str) -> str:
    """Return the stem of a noun in a consonant before endings: Києв, Харков, будинк."""
    for pattern, changed in (
        (r"їв$", "єв"), (r"ів$", "ов"), (r"ок$", "к"), (r"і([^аеиіїоуєюя])$", r"о\1"), (r"і([^аеиіїоуєюя])$", r"е\1"),
        (r"[еє]([^аеиіїоуєюя])$", r"\1"), (r"о([^аеиіїоуєюя])$", r"\1"),
    ):  # fmt: skip
        stem = re.sub(pattern, changed, word)
        if stem != word and (word.lower() in {_base(stem + "ом"), _base(stem + "у")}):
            return stem
    if word[0].isupper() and base_of(word + "ом", "uk") is None:
        return re.sub(r"їв$", "єв", re.sub(r"(?<!ї)ів$", "ов", word))
    return word


def _plural_only(word: str) -> Slots:
    stem, end = word[:-1], word[-1]
    if word.endswith(("яни", "ани")):
        return spread(stem, "", "и - ам - ами ах")
    if end == "и":
        found = spread(stem, "", "и ів ам и ами ах")
        extra = [one for one in bare(stem) if base_of(one.lower(), "uk") is not None]
        return found | {"pg": (*found["pg"], *extra)}
    if end == "ї":
        return spread(stem, "", "ї їв/й ям ї ями ях")
    if end in "ая":
        bare_forms = tuple(bare(stem)) if end == "а" else (stem + "ь", stem + "ів")
        found = spread(stem, "", f"{end} - {end}м {end} {end}ми {end}х")
        return found | {"pg": (*bare_forms, *((stem,) if end == "а" else ()))}
    vowel = "а" if stem[-1:] in _HUSHING else "я"
    return spread(stem, "", f"і ів/ей {vowel}м і {vowel}ми {vowel}х")


_NOUNS_IN_OVA = frozenset(
    ["основа", "голова", "промова", "відмова", "розмова", "передумова", "корова", "підкова", "діброва"]
)


@lru_cache(maxsize=8192)
def is_adjective(word: str) -> bool:
    """Tell whether a listed word is an adjective: by its base form, or where that is unknown by its end."""
    if not _ADJECTIVAL.fullmatch(word.lower()):
        return False
    base = base_of(word.lower(), "uk") or base_of(word, "uk")
    if word.lower().endswith(("ський", "цький", "ська", "цька", "ське", "цьке", "ські", "цькі", "зька", "зький")):
        return word.lower() != "війська"
    if base is not None:
        return base.endswith(("ий", "ній"))
    if word.endswith("ова") and len(word) > 5 and word.islower() and word not in _NOUNS_IN_OVA:  # дронова атака
        return True
    return word.endswith(("ий", "овна", "альна", "ічна", "ивна", "ичні", "овані", "овий"))


@lru_cache(maxsize=8192)
def adjective(word: str) -> Slots:
    """Return the forms of an adjective in the gender and number in which it is listed."""
    soft = word.endswith(("ній", "ня", "нє")) or (word.endswith("ні") and base_of(word, "uk") == word[:-1] + "ій")
    stem = word[:-2] if word.endswith(("ий", "ій")) else word[:-1]
    many = spread(stem, "", "і іх ім і іми іх" if soft else "і их им і ими их")
    if word.endswith(("ий", "ій")):
        own = "ій ього ьому ій ім ьому/ім" if soft else "ий ого ому ий им ому"
    elif word.endswith(("а", "я")):
        own = "я ьої ій ю ьою ій" if soft else "а ої ій у ою ій"
    elif word.endswith(("е", "є")):
        own = "є ього ьому є ім ьому/ім" if soft else "е ого ому е им ому"
    else:
        return many
    return merged(spread(stem, own), many)


def all_genders(word: str) -> Slots:
    """Return the forms of an adjective that stands alone, listed in any gender."""
    stem = word[:-2] if word.endswith(("ий", "ій")) else word[:-1]
    ends = ("ій", "я", "є") if word.endswith(("ній", "ня", "нє")) else ("ий", "а", "е")
    return merged(*(adjective(stem + end) for end in ends))


def forget() -> None:
    """Free what was kept."""
    for kept in (oblique, noun, adjective, is_adjective):
        kept.cache_clear()


_BY_END: Mapping[str, Callable[[str], Slots]] = MappingProxyType(
    {"а": _in_a, "я": _in_ja, "о": _neuter, "е": _in_e, "ь": _in_soft_sign, "й": _in_j}
)
