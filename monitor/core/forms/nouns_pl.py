"""Polish nouns and adjectives in every case, by their endings."""

import re
from functools import lru_cache

from monitor.core.forms.names_pl import softened
from monitor.core.forms.slots import Slots, merged, spread

_PERSONS = ("nt", "er", "or", "tr", "at", "it", "ot", "an", "in", "log", "af", "ent", "ad")
_SOFT_ENDS = ("sz", "cz", "rz", "dz", "ż", "c", "j", "l")
_NOUNS = re.compile(
    r"(?:wojn|stron|obron|ukrain|scen|sum|spraw|ustaw|umow|rozmow|głow|konstytucj|wojsk|rakiet|flot|elit|kwot|kobiet"
    r"|granic|ropy?|traw|ofert|armat|dywersj|zdrad|parad|blokad|grupa|służb|bomb|rad|dum|siłow|osob|państw|miast|śledztw"
    r"|strat|porozumieni|dostaw|podstaw|ochron|ran|cen|min|uchwał|zmian|władz|sił|łapówk|zbrodn|rzeczni|przywódc|prezydenc"
    r"|dekret|budżet|front|atak|świat|ministerstw|bezpieczeństw|kierownictw|dowództw|państwow)"
    r"(?:a|y|e|o|i|)$"
)
_ADJECTIVE = re.compile(
    r".*(?:sk|ck|dzk)(?:i|a|ie)|.{2,}(?:[eo]w|[aeioy]?n|jn|ln|rn|wn|dn|zn|lny|żn|cz|t|ł|ż|sz|dz|ow|w)(?:y|a|e)"
    r"|.{3,}(?:dni|tni)(?:a|e|)|(?:wiel|wyso|cięż|blis|dale|szero|ostr|głębo)k(?:i|a|ie)|(?:dług|drug|ubog)(?:i|a|ie)"
)


_FEMININE = re.compile(r"(?:ść|broń|sieć|śmierć|pamięć|przyjaźń|przestrzeń|łódź|odpowiedź|powódź|pieśń|wieś)$")


def is_adjective(word: str) -> bool:
    """Tell by its end whether a word in front of another is an adjective."""
    lower = word.lower()
    if (lower.endswith("ie") and lower[-3] not in "kg") or lower.endswith(("stwa", "ctwa", "dztwa")):
        return False
    return bool(_ADJECTIVE.fullmatch(lower)) and not _NOUNS.fullmatch(lower)


def is_plural(word: str) -> bool:
    """Tell a plural noun in -je, -nia and the like where no adjective tells it: sankcje, porozumienia."""
    if re.fullmatch(r"[A-ZŁŚŻ].*anie", word):
        return True
    return bool(
        re.search(r"(?:[cs]twa|je|[cs]je|rzy|nie[ńc]e|cy|enia|ania|lnie|ce|sze|cze|rze|ony|ęcia)$", word)
    ) and not re.search(r"(?:warstwa|morze|zboże|pole|serce|słońce|miejsce|zaplecze|powietrze)$", word)


def is_soft_feminine(word: str) -> bool:
    """Tell a feminine noun in a soft consonant."""
    return _FEMININE.search(word) is not None


def adjective_stem(word: str) -> str:
    """Return an adjective without its ending."""
    if word.endswith("ie"):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=8192)
def adjective(word: str, *, virile: bool = True) -> Slots:
    """Return the forms of an adjective, in the singular of the gender in which it is listed, and in the plural.

    `virile`: the plural of men too (rosyjscy). The accusative of living beings stands under the genitive.
    """
    stem = adjective_stem(word)
    hard = "i" if stem[-1:] in "kg" else "" if stem[-1:] == "i" else "y"
    soft = "i" if stem[-1:] in "kg" else ""
    many = spread(stem, "", f"{soft}e {hard}ch {hard}m {soft}e {hard}mi {hard}ch")
    if virile:
        many["pn"] = (*many["pn"], _virile(stem))
    if word.endswith(("i", "y")):
        own = f"{hard or '-'} {soft}ego {soft}emu {hard or '-'} {hard}m {hard}m"
    elif word.endswith("a"):
        own = f"a {soft}ej {soft}ej ą ą {soft}ej"
    else:
        own = f"{soft}e {soft}ego {soft}emu {soft}e {hard}m {hard}m"
    return merged(spread(stem, own), many)


def _virile(stem: str) -> str:
    for hard, soft in (
        ("sk", "scy"),
        ("ck", "ccy"),
        ("k", "cy"),
        ("g", "dzy"),
        ("r", "rzy"),
        ("ł", "li"),
        ("t", "ci"),
        ("d", "dzi"),
        ("cz", "czy"),
        ("sz", "si"),
        ("ż", "zi"),
        ("c", "cy"),
    ):
        if stem.endswith(hard):
            return stem[: -len(hard)] + soft
    return stem if stem.endswith("i") else stem + "i"


def all_genders(word: str) -> Slots:
    """Return the forms of an adjective that stands alone, listed in any gender."""
    stem = adjective_stem(word)
    ends = ("i", "a", "ie") if stem[-1:] in "kg" else ("y", "a", "e")
    return merged(*(adjective(stem + end) for end in ends))


@lru_cache(maxsize=8192)
def noun(word: str, *, plural: bool = False) -> Slots:
    """Return the forms of a noun; `plural` where an adjective tells that the listed form is one."""
    end = word[-1:]
    if end in "yi" or (plural and end in "aei"):
        return _plural_only(word)
    if end == "a":
        return _in_a(word)
    if end == "o":
        return _in_o(word[:-1])
    if end == "e":
        return _in_e(word[:-1])
    if end in "ęąóu" or not end.isalpha():
        return {}
    return _in_soft(word) if end in "ńśćź" or word.endswith("dź") else _consonantal(word)


def _in_a(word: str) -> Slots:
    stem = word[:-1]
    if stem.endswith("j"):
        return spread(stem, "a i i ę ą i", "e i om e ami ach")
    if stem.endswith("i"):
        own = "-/i" if stem.endswith("ni") else "-" if stem.endswith(("ci", "si", "zi")) else "i"
        return spread(stem, f"a {own} {own} ę ą {own}", f"e {own} om e ami ach")
    soft = stem.endswith(_SOFT_ENDS)
    genitive = "i" if stem[-1:] in "kgl" else "y"
    found = spread(
        stem, f"a {genitive} - ę ą -", f"{'e' if soft else genitive} - om {'e' if soft else genitive} ami ach"
    )
    found["sd"] = found["sl"] = (stem + genitive if soft else softened(stem) + "e",)
    found["pg"] = (bare(stem),)
    if word.endswith(("sta", "ca")):
        many = stem[:-1] + "ci" if word.endswith("sta") else stem + "y"
        found = merged(found, {"pn": (many,), "pg": (stem + "ów",), "pa": (stem + "ów",)})
    return found


def bare(stem: str) -> str:
    """Return a genitive plural without ending: rakiet, łapówek, sił."""
    if stem.endswith(("śb", "źb")):
        return stem
    if match := re.search(r"([^aeiouyąęói])([kłn])$", stem):
        gap = "e" if match[1] not in "ldrnłstzb" or match[2] == "k" else ""
        if stem.endswith(("jsk", "sk", "jn")):
            return stem if stem.endswith("sk") else stem[:-1] + "en"
        return stem[: match.start(2)] + gap + match[2]
    return re.sub(r"o(w|b|r|g)$", lambda found: ("o" if found[1] == "r" else "ó") + found[1], stem)


def _in_o(stem: str) -> Slots:
    instrumental = "iem" if stem[-1:] in "kg" else "em"
    locative = stem + "u" if stem[-1:] in "kgh" or stem.endswith(_SOFT_ENDS) else softened(stem) + "e"
    found = spread(stem, f"o a u o {instrumental} -", "a - om a ami ach")
    return found | {"sl": (locative,), "pg": (bare(stem),)}


def _in_e(stem: str) -> Slots:
    found = spread(stem, "e a u e em u", "a - om a ami ach")
    short = stem.removesuffix("i")
    last = {"n": "ń", "c": "ć", "s": "ś", "z": "ź"}.get(short[-1:], short[-1:]) if stem.endswith("i") else short[-1:]
    return found | {"pg": (short[:-1] + last, stem + "y")[: 1 if stem.endswith("i") else 2]}


def _in_soft(word: str) -> Slots:
    stem = word[:-1] + {"ń": "n", "ś": "s", "ć": "c", "ź": "z"}[word[-1]]
    feminine = spread(stem, "- i i - ią i", "i/ie i iom i/ie iami iach") | {"sn": (word,), "sa": (word,)}
    return feminine if is_soft_feminine(word) else merged(feminine, _soft_masculine(word, stem))


def _soft_masculine(word: str, stem: str) -> Slots:
    found = spread(stem, "- ia iowi - iem iu", "ie i/iów iom ie iami iach")
    return found | {"sn": (word,), "sa": (word,)}


def oblique(word: str) -> tuple[str, ...]:
    """Return the stems that a noun in a consonant may have before endings: Kijow, Ukraińc, obwod."""
    stems = [word]
    for ending, changed in (
        ("niec", "ńc"),
        ("siec", "śc"),
        ("iec", "c"),
        ("ek", "k"),
        ("ster", "str"),
        ("ów", "ow"),
        ("óg", "og"),
        ("ój", "oj"),
        ("ół", "oł"),
        ("ód", "od"),
        ("ór", "or"),
        ("óz", "oz"),
        ("błąd", "błęd"),
        ("urząd", "urzęd"),
    ):
        if word.endswith(ending) and len(word) > len(ending):
            changed_word = word[: -len(ending)] + changed
            return (changed_word,) if ending != "iec" or len(word) > 6 else (changed_word, word)
    return tuple(stems)


def _consonantal(word: str) -> Slots:
    return merged({"sn": (word,), "sa": (word,)}, *(_hard_or_soft(word, stem) for stem in oblique(word)))


def _hard_or_soft(word: str, stem: str) -> Slots:
    if stem[-1:] in "kg":
        own, many = "- a/u owi - iem u", "i ów om i ami ach"
        found = spread(stem, own, many) | {"pn": (stem + "i", softened(stem) + "y")}
    elif stem.endswith("ch") or stem[-1:] == "h":
        found = spread(stem, "- a/u owi - em u", "y/owie ów om y ami ach")
    elif stem.endswith(_SOFT_ENDS):
        many = "i" if stem[-1:] in "lj" else "y"
        found = spread(stem, "- a/u owi - em u", f"e/{many} {many}/ów om e/{many} ami ach")
    else:
        found = spread(stem, "- a/u owi - em -", "y ów om y ami ach") | {"sl": (softened(stem) + "e",)}
        if len(word) > 4 and stem.endswith(_PERSONS):
            soft = softened(stem)
            found["pn"] = (stem + "y", soft if soft.endswith("i") else soft + "y", stem + "owie")
    if word.endswith("anin"):
        return {**merged(found, spread(stem[:-2], "", "ie - om - ami ach")), "sn": (word,), "sa": (word,)}
    return found | {"sn": (word,), "sa": (word,)}


def _plural_only(word: str) -> Slots:
    stem, end = word[:-1], word[-1]
    special = _plural_by_end(word, stem)
    if special:
        return special
    found = spread(stem, "", f"{end} ów om {end} ami ach")
    return found | {"pg": (stem + "ów", bare(stem), *((stem + "i",) if end == "i" else ()))}


def _plural_by_end(word: str, stem: str) -> Slots:
    if word.endswith(("enia", "ania", "ęcia", "ucia")):
        return spread(stem, "", "a - om a ami ach") | {"pg": (stem[:-2] + {"n": "ń", "c": "ć"}[stem[-2]],)}
    if word.endswith("a"):
        return spread(stem, "", "a - om a ami ach") | {"pg": (bare(stem),)}
    if word.endswith(("cy", "rzy", "dzy")):
        hard = {"cy": "c", "rzy": "r", "dzy": "g"}[next(one for one in ("rzy", "dzy", "cy") if word.endswith(one))]
        stem = re.sub(r"(?:rz|dz|c)$", hard, stem)
        return spread(stem, "", "- ów om ów ami ach") | {"pn": (word,)}
    if word.endswith("anie"):
        return spread(stem[:-1], "", "ie - om - ami ach")
    if word.endswith("je"):
        return spread(stem, "", "e i om e ami ach") | {"pg": (stem + "i",)}
    return _in_plural_e(stem) if word.endswith("e") else {}


def _in_plural_e(stem: str) -> Slots:
    soft = stem.removesuffix("i")
    if soft == stem:
        genitive = (stem + "y", stem + "ów", stem + "i")
    else:
        genitive = (soft[:-1] + {"n": "ń", "c": "ć", "s": "ś"}.get(soft[-1:], soft[-1:]), stem + "ów", stem)
    return spread(stem, "", "e - om e ami ach") | {"pg": genitive}


def forget() -> None:
    """Free what was kept."""
    noun.cache_clear()
    adjective.cache_clear()
