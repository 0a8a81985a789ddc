"""Every form of one listed word or phrase."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from types import MappingProxyType

from monitor.core.forms import english, french, german, names_uk, nouns_pl, nouns_uk, polish, russian, tables, ukrainian
from monitor.core.forms.form import Form, Forms
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
_IN_THE_SINGULAR: Mapping[str, Callable[[str], Iterator[str]]] = MappingProxyType(
    {
        "uk": partial(ukrainian.expand, plural=False),
        "ru": partial(russian.expand, plural=False),
        "pl": partial(polish.expand, plural=False),
    }
)


GAP = "…"
"""Between two parts of a listed term: at most two words may stand there. The parts are expanded one by one."""


@lru_cache(maxsize=32768)
def group_of_term(term: str, language: str, *, plural: bool = True) -> Forms:
    """Return the forms of one listed word or phrase, the listed one first; all are of the lemma `term`.

    `=EU` means exactly so, in these cases of letters; `Drohnen*` means any word that begins so. Neither is inflected,
    nor is a term of an unknown language. Without `plural` a Slavic noun listed in the singular has no other number.
    """
    like = Form("", lemma=term, language=language)
    if GAP in term:
        return Forms((term,), like)
    if term.startswith("="):
        exact = term[1:].strip()
        return Forms((exact,), like._replace(lemma=exact, cased=True))
    if term.endswith("*"):
        return Forms((term[:-1],), like._replace(lemma=term[:-1], prefix=True))
    expand = _EXPANDERS.get(language)
    if not plural:
        expand = _IN_THE_SINGULAR.get(language, expand)
    return Forms(_texts(term, expand), like)


def _texts(term: str, expand: Callable[[str], Iterator[str]] | None) -> tuple[str, ...]:
    if expand is None or not term.strip() or not any(map(str.isalpha, term)):
        return (term,)
    typed = term.replace("’", "'").replace("ʼ", "'")
    made = dict.fromkeys((term, *expand(typed)))
    return tuple(text for text in made if len(text) > 3 or text == term or not _too_short(text, typed))


def _too_short(text: str, term: str) -> bool:
    """Tell whether a form that lost letters is so short that it is another word as likely: «мов» of «мова»."""
    return len(text) < 4 and len(text) < len(term)


def groups_of_terms(
    terms: Terms | Mapping[str, Iterable[str]], *, inflect: bool = True, plural: bool = True
) -> Iterator[Forms]:
    """Yield the forms of listed terms by language, a group for each term; without `inflect` the terms alone."""
    for language, listed in terms.items():
        for term in listed:
            group = group_of_term(term, language, plural=plural)
            yield group if inflect else group._replace(texts=group.texts[:1])


def forms_of_term(term: str, language: str) -> tuple[Form, ...]:
    """Return the forms of one listed word or phrase, as `group_of_term` does."""
    return tuple(group_of_term(term, language).each())


def forms_of_terms(terms: Terms | Mapping[str, Iterable[str]], *, inflect: bool = True) -> Iterator[Form]:
    """Yield the forms of listed terms by language; without `inflect` the terms alone."""
    for group in groups_of_terms(terms, inflect=inflect):
        yield from group.each()


def forget() -> None:
    """Free the dictionaries and what was kept; the next call loads them anew."""
    group_of_term.cache_clear()
    for module in (russian, german, names_uk, nouns_pl, nouns_uk, tables):
        module.forget()
