"""The written forms of a query's words, as the automaton of the watchlist looks for them."""

import re
from collections.abc import Iterable, Iterator

from monitor.core.forms import Forms, group_of_term
from monitor.core.forms.form import Form
from monitor.core.query.tree import Node, Term, walk

LATIN = ("en", "de", "fr", "pl")
CYRILLIC = ("uk", "ru")
LANGUAGES = frozenset({*LATIN, *CYRILLIC})
"""The languages in which a word that names none is inflected."""

_IN_CYRILLIC = re.compile("[Ѐ-ӿ]")


def terms_of(nodes: Iterable[Node]) -> tuple[Term, ...]:
    """Return the different words of some trees, in the order of the trees."""
    return tuple(dict.fromkeys(part for node in nodes for part in walk(node) if isinstance(part, Term)))


def languages_of(terms: Iterable[Term]) -> frozenset[str]:
    """Return the languages that the forms of these words are told apart by; none where there are no words."""
    listed = {term.language for term in terms}
    return frozenset(listed | LANGUAGES) - {""} if listed else frozenset()


def likely_languages(term: Term) -> tuple[str, ...]:
    """Return the languages of a word's script, of those in which words are inflected."""
    return CYRILLIC if _IN_CYRILLIC.search(term.text) else LATIN


def groups_of_word(term: Term) -> Iterator[Forms]:
    """Yield the forms of a word or phrase, together what differs in its text only.

    Without a language it counts in all of them as it is typed, and inflected in those of its script.
    """
    if term.exact or term.prefix or term.language:
        yield group_of_term(_listed(term), term.language)
        return
    yield Forms((term.text,), Form("", lemma=term.text))
    for language in likely_languages(term):
        texts, like = group_of_term(term.text, language)
        if others := tuple(text for text in texts if text != term.text):
            yield Forms(others, like)


def _listed(term: Term) -> str:
    """Write a term as a watchlist lists it."""
    return f"{'=' * term.exact}{term.text}{'*' * term.prefix}"
