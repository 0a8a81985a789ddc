"""Which language an entry is in, by py3langid where no declaration can be believed: this is its only home."""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from monitor.core.languages import by_script, is_doubtful

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_SHORT, _LONG = 15, 100
_LIKELY, _SURE = 0.7, 0.95
_REACH = 1_000

# Neighbours of the watched languages: without them a Spanish text would be taken for a French one.
_NEIGHBOURS = "be bg bs ca cs da es et fi hr hu it kk lt lv mk nb nl no pt ro sk sl sr sv tr"
_OTHERS = frozenset(_NEIGHBOURS.split())


def language_of(declared: Iterable[str | None], title: str, summary: str, among: Collection[str]) -> str | None:
    """Return the language of an entry: the first declared one that its text does not contradict, else the detected one.

    `among` are the languages that may be detected. A language of Latin letters loses its declaration only where the
    text is long and surely in another. None where nothing is certain.
    """
    codes = [code for code in declared if code]
    text = f"{title} {summary}"[:_REACH]
    shown = ""
    for code in codes:
        shown = by_script(code, title, summary)
        if shown == code or (shown and code in ("uk", "ru")):
            return _overruled(shown, text, among)
    found = _detected(text, among)
    return (shown or by_script(None, title, summary) if found is None else found) or None


def _overruled(declared: str, text: str, among: Collection[str]) -> str | None:
    if len(text) < _LONG or not is_doubtful(declared, text):
        return declared
    found, certainty = _identifier(frozenset(among)).classify(text)
    if found == declared or certainty < _SURE:
        return declared
    return found if found in among else None


def _detected(text: str, among: Collection[str]) -> str | None:
    """Return the likely language, empty if that is none of those asked for; None where nothing is likely."""
    if len(text.strip()) < _SHORT:
        return None
    found, certainty = _identifier(frozenset(among)).classify(text)
    if certainty < _LIKELY:
        return None
    return found if found in among else ""


@lru_cache(maxsize=1)
def _identifier(among: frozenset[str]) -> "LanguageIdentifier":
    """Load the model, which takes half a second and 90 MB: only when a text needs it.

    Half of the model is about languages that are not asked for, and goes with the first identifier.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    whole = LanguageIdentifier.from_model_file(MODEL_FILE)
    whole.set_languages((among | _OTHERS) & set(whole.labels))
    kept = (whole.nb_ptc, whole.nb_pc, whole.nb_classes, whole.tk_nextmove, whole.tk_output)
    return LanguageIdentifier(*kept, norm_probs=True, tk_row=whole.tk_row)
