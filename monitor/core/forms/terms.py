"""Every form of one listed word or phrase."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from monitor.core.forms import english, french, german, names_uk, nouns_uk, polish, russian, tables, ukrainian
from monitor.core.forms.form import Form
from monitor.core.model import Terms

_EXPANDERS: Mapping[str, Callable[[str], Iterator[str]]] = MappingProxyType(
    {
        "en": english.expand,
        "uk": ukrainian.expand,
        "ru": russian.expand,
        "de": german.expand,
        "fr": french.expand,
        "pl": polish.expand,
    }
)


GAP = "…"
"""Between two parts of a listed term: at most two words may stand there. The parts are expanded one by one."""


@lru_cache(maxsize=32768)
def forms_of_term(term: str, language: str) -> tuple[Form, ...]:
    """Return the forms of one listed word or phrase, the listed one first; all are of the lemma `term`.

    `=EU` means exactly so, in these cases of letters; `Drohnen*` means any word that begins so. Neither is inflected,
    nor is a term of an unknown language.
    """
    if GAP in term:
        return (Form(term, lemma=term, language=language),)
    if term.startswith("="):
        return (Form(term[1:].strip(), lemma=term[1:].strip(), language=language, cased=True),)
    if term.endswith("*"):
        return (Form(term[:-1], lemma=term[:-1], language=language, prefix=True),)
    expand = _EXPANDERS.get(language)
    if expand is None or not term.strip() or not any(map(str.isalpha, term)):
        return (Form(term, lemma=term, language=language),)
    typed = term.replace("’", "'").replace("ʼ", "'")
    made = [text for text in expand(typed) if not _too_short(text, typed)]
    return tuple(Form(text, lemma=term, language=language) for text in dict.fromkeys((term, *made)))


def _too_short(text: str, term: str) -> bool:
    """Tell whether a form that lost letters is so short that it is another word as likely: «мов» of «мова»."""
    return len(text) < 4 and len(text) < len(term)


def forms_of_terms(terms: Terms | Mapping[str, Iterable[str]], *, inflect: bool = True) -> Iterator[Form]:
    """Yield the forms of listed terms by language; without `inflect` the terms alone."""
    for language, listed in terms.items():
        for term in listed:
            forms = forms_of_term(term, language)
            yield from forms if inflect else forms[:1]


def forget() -> None:
    """Free the dictionaries and what was kept; the next call loads them anew."""
    forms_of_term.cache_clear()
    for module in (russian, german, names_uk, nouns_uk, tables):
        module.forget()
