"""Personal names in every form that a text may give them."""

from collections.abc import Iterator
from types import MappingProxyType, ModuleType

from monitor.core.forms import german, names_pl, names_ru, names_uk
from monitor.core.forms.slots import CASES, Name, agreed, fixed
from monitor.core.model import ActorSpec

DECLINED: MappingProxyType[str, ModuleType] = MappingProxyType({"pl": names_pl, "ru": names_ru, "uk": names_uk})
_MEN_IN_A = frozenset(
    [
        "никита",
        "илья",
        "данила",
        "кузьма",
        "фома",
        "лука",
        "савва",
        "фока",
        "микита",
        "ілля",
        "микола",
        "данило",
        "сава",
        "кузьма",
        "хома",
        "лука",
        "kola",
        "kuba",
        "barnaba",
    ]
)
_WOMEN = {
    "ru": ("ова", "ева", "ина", "ская", "цкая", "ная"),
    "uk": ("ова", "єва", "іна", "ська", "цька", "ева"),
    "pl": ("owa", "ewa", "ska", "cka"),
}


def gender_of(spec: ActorSpec) -> str:
    """Return the gender of a person, `m` or `f`: as given, or as the names look."""
    if spec.gender:
        return spec.gender
    for language, endings in _WOMEN.items():
        firsts = [one.lower() for one in spec.first.get(language, ())]
        if any(one.endswith(("а", "я", "a")) and one not in _MEN_IN_A for one in firsts):
            return "f"
        if not firsts and any(one.endswith(endings) for one in spec.last.get(language, ())):
            return "f"
    return "m"


def last_forms(last: str, language: str, gender: str) -> Iterator[str]:
    """Yield a last name in all cases."""
    yield from agreed([_last(last, language, gender)])


def full_forms(first: str, last: str, language: str, gender: str) -> Iterator[str]:
    """Yield a first and a last name, agreeing in case; of a first name of several words the first ones may stay."""
    declined = _last(last, language, gender)
    words = first.split()
    yield from agreed([*(_first(word, language, gender) for word in words), declined])
    if len(words) > 1:
        yield from agreed([fixed(first), declined])


def initial_forms(first: str, last: str, language: str, gender: str) -> Iterator[str]:
    """Yield a last name in all cases behind an initial: «V. Putin»."""
    for form in last_forms(last, language, gender):
        yield f"{first[0]}. {form}"


def _first(word: str, language: str, gender: str) -> Name:
    module = DECLINED.get(language)
    if module is None or not word[-1:].isalpha():
        return fixed(word)
    found: Name = module.first_name(word, gender)
    return found


def _last(word: str, language: str, gender: str) -> Name:
    if module := DECLINED.get(language):
        found: Name = module.last_name(word, gender) if word[-1:].isalpha() and not word.isupper() else fixed(word)
        return found
    return ((word,), (genitive(word, language),), *(((word,),) * (len(CASES) - 2)))


def genitive(word: str, language: str) -> str:
    """Return the German genitive or the English possessive of a name; the French have none."""
    if language == "de":
        return german.genitive(word)
    return word + "'s" if language == "en" else word
