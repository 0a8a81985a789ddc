"""The forms of a whole rule: an actor, a topic or the scope."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from monitor.core.forms import names
from monitor.core.forms.form import Form, Forms, Sign
from monitor.core.forms.latin import spellings
from monitor.core.forms.ordinary import ordinary
from monitor.core.forms.terms import groups_of_terms
from monitor.core.model import ActorSpec, ScopeSpec, ScopeWeight, Terms, TopicSpec

_LENT = {ScopeWeight.STRONG: Sign.STRONG, ScopeWeight.WEAK: Sign.WEAK, ScopeWeight.NONE: None}


def groups_of(spec: ActorSpec | TopicSpec | ScopeSpec) -> Iterator[Forms]:
    """Yield the forms of a rule, those together that differ in their text only; a form may come more than once."""
    match spec:
        case ScopeSpec():
            return _of_scope(spec)
        case ActorSpec():
            return _of_actor(spec)
        case TopicSpec():
            return _of_topic(spec)


def forms_of_actor(spec: ActorSpec) -> Iterator[Form]:
    """Yield names, aliases and titles of a person or body in all forms; the same form may come more than once."""
    return _each(groups_of(spec))


def forms_of_topic(spec: TopicSpec) -> Iterator[Form]:
    """Yield the terms of a subject in all forms; the same form may come more than once."""
    return _each(groups_of(spec))


def forms_of_scope(spec: ScopeSpec) -> Iterator[Form]:
    """Yield the terms of the scope with what they say; `never` phrases are taken as they are listed."""
    return _each(groups_of(spec))


def _each(groups: Iterable[Forms]) -> Iterator[Form]:
    for group in groups:
        yield from group.each()


def _of_actor(spec: ActorSpec) -> Iterator[Forms]:
    sign = _LENT[spec.scope]
    for texts, like in _names(spec):
        yield Forms(texts, like._replace(sign=sign, group=spec.group or spec.id))
    for texts, like in groups_of_terms(spec.context):
        yield Forms(texts, like._replace(sign=Sign.CONTEXT))


def _of_topic(spec: TopicSpec) -> Iterator[Forms]:
    yield from groups_of_terms(spec.terms)
    for texts, like in groups_of_terms(spec.hints):
        yield Forms(texts, like._replace(sign=Sign.HINT))


def _of_scope(spec: ScopeSpec) -> Iterator[Forms]:
    for group, terms in spec.weak.items():
        yield from _signed(terms, Sign.WEAK, group)
    yield from _signed(spec.doubtful_places, Sign.WEAK, "place", place=True)
    yield from _signed(spec.strong, Sign.STRONG)
    yield from _signed(spec.places, Sign.STRONG, place=True)
    yield from _signed(spec.elsewhere, Sign.ELSEWHERE)
    yield from _signed(spec.leisure, Sign.LEISURE)
    yield from _signed(spec.never, Sign.NEVER)
    yield from _signed(spec.first_names, Sign.FIRST_NAME)


def _signed(terms: Terms, sign: Sign, group: str = "", *, place: bool = False) -> Iterator[Forms]:
    """Yield terms of the scope. A text writes a place with a capital: its other forms are often words."""
    for texts, like in groups_of_terms(terms, inflect=sign is not Sign.NEVER):
        yield Forms(texts, like._replace(sign=sign, group=group, capital=place))


def _names(spec: ActorSpec) -> Iterator[Forms]:
    yield from _person(spec) if spec.person else _body(spec)
    for group in groups_of_terms(spec.aliases):
        yield from _alias(group, spec)
    if spec.person:
        yield from _named(spec)
    for title in spec.titles:
        for texts, like in groups_of_terms(title.terms, plural=False):  # an office has one holder
            yield Forms(texts, like._replace(lemma=spec.id, since=title.since, until=title.until))


def _body(spec: ActorSpec) -> Iterator[Forms]:
    for texts, like in groups_of_terms(spec.last):
        yield Forms(texts, like._replace(lemma=spec.id))
    possessives = tuple(
        names.genitive(last, "en") for last in spec.last.get("en", ()) if last[0] != "=" and last[-1] != "*"
    )
    yield Forms(possessives, Form("", lemma=spec.id, language="en"))


def _person(spec: ActorSpec) -> Iterator[Forms]:
    gender = names.gender_of(spec)
    for language, lasts in spec.last.items():
        for last in lasts:
            for first in spec.first.get(language, ()):
                yield from _marked(spec, names.full_forms(first, last, language, gender), language)
                if not spec.alone and first[0].isalpha() and len(last) > 2:
                    yield from _marked(spec, names.initial_forms(first, last, language, gender), language)
            yield from _bare(spec, names.last_forms(last, language, gender), language)
    yield from _latin(spec, gender)


def _alias(group: Forms, spec: ActorSpec) -> Iterator[Forms]:
    texts, like = group
    if not spec.person or not like.lemma[:1].isupper() or like.cased:
        yield Forms(texts, like._replace(lemma=spec.id))
    else:
        yield from _parted(texts, like._replace(lemma=spec.id), like.lemma)


def _named(spec: ActorSpec) -> Iterator[Forms]:
    """Yield the forms of aliases that are names themselves: every word has a capital."""
    gender = names.gender_of(spec)
    for language, aliases in spec.aliases.items():
        for alias in aliases if language in names.DECLINED else ():
            first, _, last = alias.rpartition(" ")
            if first and all(word[0].isupper() and word[1:].islower() for word in alias.split()):
                yield from _marked(spec, names.full_forms(first, last, language, gender), language)


def _latin(spec: ActorSpec, gender: str) -> Iterator[Forms]:
    for language, first, last in spellings(spec.first, spec.last):
        if first is not None:
            yield from _marked(spec, names.full_forms(first, last, language, gender), language)
        else:
            yield from _bare(spec, names.last_forms(last, language, gender), language)


def _marked(spec: ActorSpec, texts: Iterable[str], language: str) -> Iterator[Forms]:
    own, *others = dict.fromkeys(texts)
    yield from _parted((own, *others), Form("", lemma=spec.id, language=language), own)


def _parted(texts: Iterable[str], like: Form, name: str) -> Iterator[Forms]:
    """Part the forms of a name by whether they are ordinary words too."""
    for (common, likelier), alike in groupby(texts, lambda text: ordinary(text, like.language, name)):
        yield Forms(tuple(alike), like._replace(ordinary=common, capital=common, needs_context=likelier))


def _bare(spec: ActorSpec, texts: Iterable[str], language: str) -> Iterator[Forms]:
    """Yield forms of the last name alone: if it is not enough, only for an actor who has a context, and with it."""
    if spec.alone or spec.context:
        for alike, like in _marked(spec, texts, language):
            yield Forms(alike, like._replace(bare=True, needs_context=like.needs_context or not spec.alone))
