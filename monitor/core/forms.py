"""Which surface forms a rule has: the written names and terms that a text may show for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product

from monitor.core.model import ActorSpec, ScopeSpec, Terms, TopicSpec


class Sign(StrEnum):
    """What a form says of an entry's relevance; a `never` form hides the words inside it."""

    STRONG = "strong"
    WEAK = "weak"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Form:
    """One written form, good in texts dated from `since` (inclusive) until `until` (exclusive).

    `lemma` is the listed term that it is a form of: two forms of one lemma are one sign, not two.
    """

    text: str
    since: date | None = None
    until: date | None = None
    lemma: str = ""


def forms_of_actor(spec: ActorSpec) -> Iterator[Form]:
    """Yield names, aliases and titles of a person or body; the same form may come more than once."""
    yield from _names(spec)
    yield from _terms(spec.aliases, spec.id)
    for title in spec.titles:
        yield from _terms(title.terms, spec.id, title.since, title.until)


def forms_of_topic(spec: TopicSpec) -> Iterator[Form]:
    """Yield the terms of a subject; the same form may come more than once."""
    return _terms(spec.terms)


def forms_of_scope(spec: ScopeSpec) -> Iterator[tuple[Sign, Form]]:
    """Yield the terms of the scope with what they say; the same form may come more than once."""
    for sign, terms in ((Sign.STRONG, spec.strong), (Sign.WEAK, spec.weak), (Sign.NEVER, spec.never)):
        for form in _terms(terms):
            yield sign, form


def _names(spec: ActorSpec) -> Iterator[Form]:
    for lang, surnames in spec.last.items():
        for first, last in product(spec.first.get(lang, ()), surnames):
            yield Form(f"{first} {last}", lemma=spec.id)
    if spec.alone or not spec.person:
        yield from _terms(spec.last, spec.id)


def _terms(
    terms: Terms, lemma: str | None = None, since: date | None = None, until: date | None = None
) -> Iterator[Form]:
    for listed in terms.values():
        for term in listed:
            yield Form(term, since, until, term if lemma is None else lemma)
