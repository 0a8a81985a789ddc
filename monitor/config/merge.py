"""The pack's watchlist with a person's own on top, and what can only be seen once they are together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar

from pydantic import BaseModel

from monitor.config import queries
from monitor.config.models import ActorSection, ScopeSection, TopicSection, WatchFile
from monitor.config.places import Places
from monitor.config.positions import Document, Location
from monitor.config.wording import did_you_mean, quoted
from monitor.core.model import ActorSpec, ScopeSpec, ScopeWeight, Terms, Title, TopicSpec, WatchSpec
from monitor.errors import Finding

Kind: TypeAlias = Literal["actors", "topics"]
"""The key of the file under which a rule stands."""

KINDS: tuple[Kind, Kind] = ("actors", "topics")

SectionT = TypeVar("SectionT", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A file of the watchlist: its text, for the positions of mistakes, its content, and a pack's places."""

    document: Document
    file: WatchFile
    places: Places = field(default_factory=Places)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """All layers as one."""

    scope: ScopeSection
    actors: Mapping[str, ActorSection]
    topics: Mapping[str, TopicSection]
    places: Places

    def watch(self) -> WatchSpec:
        """Return the watchlist in the domain's types."""
        return WatchSpec(
            actors=tuple(_actor(id_, section) for id_, section in self.actors.items()),
            topics=tuple(_topic(id_, section) for id_, section in self.topics.items()),
            scope=ScopeSpec(
                strong=_terms(self.scope.strong),
                weak={group: _terms(words) for group, words in self.scope.weak.items()},
                elsewhere=_terms(self.scope.elsewhere),
                leisure=_terms(self.scope.leisure),
                never=_terms(self.scope.never),
                first_names=_terms(self.scope.first_names),
                places=self.places.strong,
                doubtful_places=self.places.doubtful,
            ),
        )


def merge(layers: list[Layer]) -> Merged:
    """Lay the later files over the earlier ones: words and titles are added, other values replaced, null removes.

    Only a pack has places.
    """
    scope = ScopeSection()
    actors: dict[str, ActorSection] = {}
    topics: dict[str, TopicSection] = {}
    for layer in layers:
        scope = _overlaid(scope, layer.file.scope)
        _lay_over(actors, layer.file.actors)
        _lay_over(topics, layer.file.topics)
    places = next((layer.places for layer in layers if layer.places.raw), Places())
    return Merged(scope=scope, actors=actors, topics=topics, places=places)


def _lay_over(below: dict[str, SectionT], above: Mapping[str, SectionT | None]) -> None:
    for id_, section in above.items():
        if section is None:
            below.pop(id_, None)
        else:
            below[id_] = _overlaid(below[id_], section) if id_ in below else section


def _overlaid(below: SectionT, above: SectionT) -> SectionT:
    given = sorted(above.model_fields_set)
    return below.model_copy(update={key: _joined(getattr(below, key), getattr(above, key)) for key in given})


def _joined(below: object, above: object) -> object:
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: _joined(below.get(key), value) for key, value in above.items()}
    if isinstance(below, list) and isinstance(above, list):
        return below + [item for item in above if item not in below]
    return above


# ── mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def mistakes(layers: list[Layer], merged: Merged) -> list[Finding]:
    """Find actors without a name, topics without words, and removals of what is not there."""
    findings = [finding for count in range(len(layers)) for finding in _needless_removals(layers[: count + 1])]
    below = merge(layers[:-1])
    for id_, actor in merged.actors.items():
        findings += [_at(layers, ("actors", id_), *mistake) for mistake in _actor_mistakes(id_, actor)]
    for id_, topic in merged.topics.items():
        if not topic.query and not any(map(_any_words, (topic.terms, topic.any, topic.all))):
            hint = "" if id_ in below.topics else did_you_mean(id_, below.topics)
            message = f'topic {quoted(id_)} can never match; give it "terms", "any" or "query"{hint}'
            findings.append(_at(layers, ("topics", id_), "none" if _any_words(topic.none) else "terms", message))
    return [*findings, *queries.mistakes(layers, merged.topics, merged.actors)]


def _any_words(words: Mapping[str, list[str]]) -> bool:
    """Tell whether there is a word in any language."""
    return any(words.values())


def _needless_removals(layers: list[Layer]) -> Iterator[Finding]:
    *below, top = layers
    merged = merge(below)
    for kind, id_ in needless(top.file, merged):
        hint = did_you_mean(id_, getattr(merged, kind))
        if top.document.written((kind, id_)):
            message = f"{quoted(id_)} cannot be removed: it is not built in{hint or '; delete this line'}"
        else:
            message = (
                f"{quoted(id_)} has nothing below it and is not built in; give it words, or delete this line{hint}"
            )
        yield top.document.at_key((kind, id_), message)


def needless(own: WatchFile, below: WatchFile | Merged) -> Iterator[tuple[Kind, str]]:
    """Yield the removals of what is not there below, as key and id."""
    for kind in KINDS:
        known = getattr(below, kind)
        yield from ((kind, id_) for id_, section in getattr(own, kind).items() if section is None and id_ not in known)


def _actor_mistakes(id_: str, actor: ActorSection) -> Iterator[tuple[str, str]]:
    """Yield the key that is wrong (its place, if the file has it), and why."""
    person = actor.kind == "person"
    for key in ("names",) if person else ("first", "last"):
        if any(getattr(actor, key).values()):
            yield (
                key,
                f"{quoted(key)} is not for a {actor.kind}; "
                + ('a person has "first" and "last"' if person else 'a body has "names"'),
            )
    named = (actor.last, actor.names, actor.aliases)
    if not actor.titles and not any(words for terms in named for words in terms.values()):
        needed = '"last", "aliases" or "titles"' if person else '"names", "aliases" or "titles"'
        yield "", f"actor {quoted(id_)} has no name to look for; give it {needed}"
    elif person:
        for language in sorted(
            language for language, words in actor.first.items() if words and not actor.last.get(language)
        ):
            advice = 'give it some, or write the full name under "aliases"'
            yield "first", f'"first" has words in "{language}", but "last" has none; {advice}'


def _at(layers: list[Layer], section: Location, key: str, message: str) -> Finding:
    """Place it at the key in the uppermost file that has it, else at the section's own key."""
    for location in ((*section, key), section):
        for layer in reversed(layers):
            if layer.document.has(location):
                return layer.document.at_key(location, message)
    raise AssertionError(section)


# ── into the domain's types ──────────────────────────────────────────────────────────────────────────────────────────


def _terms(words: Mapping[str, list[str]]) -> Terms:
    return {language: tuple(dict.fromkeys(listed)) for language, listed in words.items() if listed}


def _actor(id_: str, section: ActorSection) -> ActorSpec:
    body = section.kind == "body"
    return ActorSpec(
        id=id_,
        label=_full_names(section) | section.label or {"en": id_},
        person=not body,
        gender=section.gender,
        first=_terms(section.first),
        last=_terms(section.names if body else section.last),
        alone=section.alone,
        aliases=_terms(section.aliases),
        context=_terms(section.context),
        titles=tuple(
            Title(terms=_terms(title.__pydantic_extra__), since=title.since, until=title.until)
            for title in section.titles
        ),
        scope=ScopeWeight(section.scope),
        group=section.group or "",
    )


def _full_names(section: ActorSection) -> dict[str, str]:
    """Return the first spelling of the name in each language."""
    if section.kind == "body":
        return {language: names[0] for language, names in section.names.items() if names}
    return {
        language: " ".join([*section.first.get(language, [])[:1], last[0]])
        for language, last in section.last.items()
        if last
    }


def _topic(id_: str, section: TopicSection) -> TopicSpec:
    asked = queries.asked(section)
    return TopicSpec(
        id=id_,
        label=section.label or {"en": id_.replace("-", " ")},
        terms=_terms(section.terms),
        hints=_terms(section.hints),
        scoped=section.scope == "required",
        query=asked.query,
        unless=asked.unless,
    )
