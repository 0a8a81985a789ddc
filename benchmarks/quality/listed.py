"""The watch list for the peers: every listed word with what it stands for, and one simple rule over what was found."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, product
from typing import NamedTuple

from benchmarks.quality.sets import Labels, scored
from monitor.core.model import ActorSpec, ScopeWeight, Terms, WatchSpec

NEVER, STRONG, WEAK, ACTOR, TOPIC, HINT = "never", "strong", "weak", "actor", "topic", "hint"
LENT = {ScopeWeight.STRONG: STRONG, ScopeWeight.WEAK: WEAK}


@dataclass(frozen=True, slots=True)
class Term:
    """A listed spelling; `sign` is what it says of relevance. It holds from `since` until before `until`."""

    text: str
    kind: str
    rule: str
    sign: str | None = None
    since: date = date.min
    until: date = date.max


class Place(NamedTuple):
    """A term in a field of an entry, from `start` to before `end`, in whatever unit the search counts."""

    field: int
    start: int
    end: int
    term: Term


def listed(spec: WatchSpec) -> list[Term]:
    """Return every term of the configuration."""
    scope = spec.scope
    signs = ((STRONG, scope.strong), (STRONG, scope.places), (NEVER, scope.never))
    found = [Term(text, sign, text, sign) for sign, terms in signs for text in _texts(terms)]
    weak = [*scope.weak.items(), ("place", scope.doubtful_places)]
    found += [Term(text, WEAK, group, WEAK) for group, terms in weak for text in _texts(terms)]
    found += [Term(text, TOPIC, topic.id) for topic in spec.topics for text in _texts(topic.terms)]
    found += [Term(text, HINT, topic.id) for topic in spec.topics for text in _texts(topic.hints)]
    return found + [term for actor in spec.actors for term in _of_actor(actor)]


def _texts(terms: Terms) -> Iterator[str]:
    """Yield the words without the marks of exactness, of an open end and of a gap."""
    for term in chain.from_iterable(terms.values()):
        yield term.removeprefix("=").removesuffix("*").replace(" … ", " ")


def _of_actor(spec: ActorSpec) -> Iterator[Term]:
    sign = LENT.get(spec.scope)
    alone = _texts(spec.last) if spec.alone or not spec.person else ()
    whole = (
        f"{first} {last}"
        for lang, lasts in spec.last.items()
        for first, last in product(spec.first.get(lang, ()), lasts)
    )
    for text in chain(whole, alone, _texts(spec.aliases)):
        yield Term(text, ACTOR, spec.id, sign)
    for title in spec.titles:
        for text in _texts(title.terms):
            yield Term(text, ACTOR, spec.id, sign, title.since or date.min, title.until or date.max)


def judge(places: Sequence[Place], day: date) -> Labels:
    """Say what an entry is about: one strong sign or weak ones of two groups; `never` hides, the longest name wins."""
    held = [place for place in places if place.term.since <= day < place.term.until]
    never = [place for place in held if place.term.kind == NEVER]
    seen = [place for place in held if not _inside(place, never)]
    actors = [place for place in seen if place.term.kind == ACTOR]
    actors = [place for place in actors if not _inside(place, actors)]
    signs = [place.term for place in seen if place.term.sign and place.term.kind != ACTOR]
    signs += [place.term for place in actors if place.term.sign]
    weak = {term.rule for term in signs if term.sign == WEAK}
    if len(weak) < 2 and all(term.sign != STRONG for term in signs):
        return scored(False, (), ())
    topics = {place.term.rule for place in seen if place.term.kind == TOPIC}
    hints = {(place.term.rule, text) for place in seen if place.term.kind == HINT for text in _weights(place)}
    topics |= {rule for rule, count in Counter(rule for rule, _ in hints).items() if count > 1}
    return scored(True, {place.term.rule for place in actors}, topics)


def _weights(place: Place) -> tuple[str, ...]:
    return (place.term.text, "") if place.field == 0 else (place.term.text,)


def _inside(place: Place, outer: Sequence[Place]) -> bool:
    """Whether another place is longer and contains this one, or a `never` phrase is as long."""
    return any(
        other.field == place.field
        and other.start <= place.start
        and place.end <= other.end
        and (other.end - other.start > place.end - place.start or other.term.kind == NEVER)
        for other in outer
    )
