"""Forms of names that are ordinary words too."""

from monitor.core.forms import russian
from monitor.core.forms.tables import base_of

_KNOWN = {
    "en": frozenset(
        [
            "trump",
            "tusk",
            "rice",
            "bush",
            "may",
            "pope",
            "austin",
            "cook",
            "grant",
            "rush",
            "harris",
            "kim",
            "brown",
            "black",
            "west",
            "ford",
        ]
    ),
    "de": frozenset(["merz", "kurz", "klein", "groß", "lang", "mark", "marks"]),
    "fr": frozenset(["costa", "marin", "petit", "grand", "trump"]),
    "pl": frozenset(
        ["duda", "dudy", "dudą", "dudę", "dudzie", "costa", "kim", "kimi", "kima", "kimie", "mody", "modim"]
    ),
}
_LIKELIER = {"en": frozenset(["may", "pope", "rice", "cook", "grant", "rush"]), "pl": frozenset({"kim"})}


def ordinary(form: str, language: str, name: str) -> tuple[bool, bool]:
    """Tell whether a form of the last name `name` is an ordinary word too, and whether it needs a context to be a name.

    It needs one where the ordinary word is the likelier reading and has a base form of its own (Маска of Маск), not
    where the name itself is a word (Песков, Макрон): then its capital is enough.
    """
    word = form.lower()
    if " " in word:
        return False, False
    if language == "ru":
        return russian.ordinary(word, name.lower())
    if language == "uk":
        base = base_of(word, "uk")
        known = base is not None and base.islower() and base_of(form, "uk") in {None, base}
        likelier = known and base != name.lower() and not (base or "").endswith("ий")
        return known, likelier or (known and word.endswith("им") and not name.endswith("ий"))
    return word in _KNOWN.get(language, ()), word in _LIKELIER.get(language, ())
