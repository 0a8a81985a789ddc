"""The forms of a whole rule: an actor, a topic or the scope."""

from collections.abc import Iterable, Iterator

from monitor.core.forms import names
from monitor.core.forms.form import Form, Sign
from monitor.core.forms.latin import spellings
from monitor.core.forms.ordinary import ordinary
from monitor.core.forms.terms import forms_of_terms
from monitor.core.model import ActorSpec, ScopeSpec, ScopeWeight, Terms, TopicSpec

_LENT = {ScopeWeight.STRONG: Sign.STRONG, ScopeWeight.WEAK: Sign.WEAK, ScopeWeight.NONE: None}


def forms_of_actor(spec: ActorSpec) -> Iterator[Form]:
    """Yield names, aliases and titles of a person or body in all forms; the same form may come more than once."""
    sign = _LENT[spec.scope]
    for form in _names(spec):
        yield form._replace(sign=sign, group=spec.group or spec.id)
    for form in forms_of_terms(spec.context):
        yield form._replace(sign=Sign.CONTEXT)


def forms_of_topic(spec: TopicSpec) -> Iterator[Form]:
    """Yield the terms of a subject in all forms; the same form may come more than once."""
    yield from forms_of_terms(spec.terms)
    for form in forms_of_terms(spec.hints):
        yield form._replace(sign=Sign.HINT)


def forms_of_scope(spec: ScopeSpec) -> Iterator[Form]:
    """Yield the terms of the scope with what they say; `never` phrases are taken as they are listed."""
    for group, terms in spec.weak.items():
        yield from _signed(terms, Sign.WEAK, group)
    yield from _placed(spec.doubtful_places, Sign.WEAK, "place")
    yield from _signed(spec.strong, Sign.STRONG)
    yield from _placed(spec.places, Sign.STRONG)
    yield from _signed(spec.elsewhere, Sign.ELSEWHERE)
    yield from _signed(spec.leisure, Sign.LEISURE)
    yield from _signed(spec.never, Sign.NEVER)
    yield from _signed(spec.first_names, Sign.FIRST_NAME)


def _signed(terms: Terms, sign: Sign, group: str = "") -> Iterator[Form]:
    for form in forms_of_terms(terms, inflect=sign is not Sign.NEVER):
        yield form._replace(sign=sign, group=group)


def _placed(terms: Terms, sign: Sign, group: str = "") -> Iterator[Form]:
    """Yield places, which a text writes with a capital: their other forms are often words of the language."""
    for form in _signed(terms, sign, group):
        yield form._replace(capital=True)


def _names(spec: ActorSpec) -> Iterator[Form]:
    yield from _person(spec) if spec.person else _body(spec)
    for form in forms_of_terms(spec.aliases):
        yield _alias(form, spec)
    if spec.person:
        yield from _named(spec)
    for title in spec.titles:
        for form in forms_of_terms(title.terms):
            yield form._replace(lemma=spec.id, since=title.since, until=title.until)


def _body(spec: ActorSpec) -> Iterator[Form]:
    for form in forms_of_terms(spec.last):
        yield form._replace(lemma=spec.id)
    for last in spec.last.get("en", ()):
        if last[0] != "=" and last[-1] != "*":
            yield Form(names.genitive(last, "en"), lemma=spec.id, language="en")


def _person(spec: ActorSpec) -> Iterator[Form]:
    gender = names.gender_of(spec)
    for language, lasts in spec.last.items():
        for last in lasts:
            for first in spec.first.get(language, ()):
                yield from _marked(spec, names.full_forms(first, last, language, gender), language)
                if not spec.alone and first[0].isalpha() and len(last) > 2:
                    yield from _marked(spec, names.initial_forms(first, last, language, gender), language)
            yield from _bare(spec, names.last_forms(last, language, gender), language)
    yield from _latin(spec, gender)


def _alias(form: Form, spec: ActorSpec) -> Form:
    if not spec.person or " " in form.text or not form.lemma[:1].isupper() or form.cased:
        return form._replace(lemma=spec.id)
    common, likelier = ordinary(form.text, form.language, form.lemma)
    return form._replace(lemma=spec.id, ordinary=common, capital=common, needs_context=likelier)


def _named(spec: ActorSpec) -> Iterator[Form]:
    """Yield the forms of aliases that are names themselves: every word has a capital."""
    gender = names.gender_of(spec)
    for language, aliases in spec.aliases.items():
        for alias in aliases if language in names.DECLINED else ():
            first, _, last = alias.rpartition(" ")
            if first and all(word[0].isupper() and word[1:].islower() for word in alias.split()):
                yield from _marked(spec, names.full_forms(first, last, language, gender), language)


def _latin(spec: ActorSpec, gender: str) -> Iterator[Form]:
    for language, first, last in spellings(spec.first, spec.last):
        if first is not None:
            yield from _marked(spec, names.full_forms(first, last, language, gender), language)
        else:
            yield from _bare(spec, names.last_forms(last, language, gender), language)


def _marked(spec: ActorSpec, texts: Iterable[str], language: str) -> Iterator[Form]:
    own, *others = dict.fromkeys(texts)
    for text in (own, *others):
        common, likelier = ordinary(text, language, own)
        yield Form(text, lemma=spec.id, language=language, ordinary=common, capital=common, needs_context=likelier)


def _bare(spec: ActorSpec, texts: Iterable[str], language: str) -> Iterator[Form]:
    """Yield forms of the last name alone: if it is not enough, only for an actor who has a context, and with it."""
    if spec.alone or spec.context:
        for form in _marked(spec, texts, language):
            yield form._replace(bare=True, needs_context=form.needs_context or not spec.alone)
