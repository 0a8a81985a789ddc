"""What one version of a pack has that another has not, and what of it a person's own file touches."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from monitor.config.merge import Layer
from monitor.config.models import ActorSection, ConfigFile, ScopeSection, TitleSection, TopicSection
from monitor.config.places import Places
from monitor.core.model import Terms

Key: TypeAlias = tuple[str, ...]
"""The way to a list of words or to a value: `("terms", "uk")`, `("weak", "war", "en")`, `("alone",)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A list of words that gains or loses some, or a value that becomes another; in the order of the pack."""

    key: Key
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def single(self) -> bool:
        """Whether it is a value, of which there is one, and not a list of words."""
        return len(self.key) == 1 or self.key[0] == "label"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What happens to a rule, or to the scope or the places as a whole.

    `kind` is actor, topic, scope or places, `state` new, removed or changed. `notes` say what the person's own file has
    to do with it, `warns` that this needs a look.
    """

    kind: str
    id: str
    state: str
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    warns: bool = False


def pack_changes(old: Layer, new: Layer, own: ConfigFile) -> list[RuleChange]:
    """Compare two versions of a pack: the scope first, then the places, actors and topics, each in the pack's order."""
    wholes = [
        ("scope", _flat_scope(old.file.scope), _flat_scope(new.file.scope), _flat_scope(own.scope)),
        ("places", _flat_places(old.places), _flat_places(new.places), {}),
    ]
    found = [_whole(*parts) for parts in wholes]
    rules = chain(
        _rules("actor", old.file.actors, new.file.actors, own.actors),
        _rules("topic", old.file.topics, new.file.topics, own.topics),
    )
    return [change for change in (*found, *rules) if change.changes or change.state != "changed"]


def _whole(
    kind: str, old: Mapping[Key, list[str]], new: Mapping[Key, list[str]], own: Mapping[Key, list[str]]
) -> RuleChange:
    changes = tuple(_changes(old, new))
    return RuleChange(kind=kind, id=kind, state="changed", changes=changes, notes=tuple(_notes(changes, own)))


_Sections: TypeAlias = Mapping[str, ActorSection | None] | Mapping[str, TopicSection | None]


def _rules(kind: str, old: _Sections, new: _Sections, own: _Sections) -> Iterator[RuleChange]:
    for id_ in dict.fromkeys((*old, *new)):
        before, after, mine = old.get(id_), new.get(id_), own.get(id_)
        changes = tuple(_changes(_flat(before), _flat(after)))
        if before is None:
            notes, warns = _of_new(id_, mine, off=id_ in own)
            yield RuleChange(kind=kind, id=id_, state="new", changes=changes, notes=notes, warns=warns)
        elif after is None:
            notes, warns = _of_removed(id_, mine, off=id_ in own)
            yield RuleChange(kind=kind, id=id_, state="removed", changes=changes, notes=notes, warns=warns)
        else:
            off = ("your file takes it out, and it stays out",) if id_ in own and mine is None else ()
            notes = off or tuple(_notes(changes, _flat(mine)))
            yield RuleChange(kind=kind, id=id_, state="changed", changes=changes, notes=notes)


def _of_new(id_: str, mine: object, *, off: bool) -> tuple[tuple[str, ...], bool]:
    if mine is not None:
        words = f"your file has its own {id_}: the two would become one, words joined, your values first;"
        return (f"{words} give yours another id to keep them apart",), True
    return ("your file takes it out already, and it stays out",) if off else (), False


def _of_removed(id_: str, mine: object, *, off: bool) -> tuple[tuple[str, ...], bool]:
    if mine is not None:
        return (f"what your file adds to {id_} would stand alone: see that it says all that it needs",), True
    return ("the line of your file that takes it out is needless then, and goes",) if off else (), False


def _notes(changes: Iterable[Change], mine: Mapping[Key, list[str]]) -> Iterator[str]:
    """Say where a person's own values and words stand, and so what of a change does not reach them."""
    for change in changes:
        own = mine.get(change.key, [])
        name = " ".join(change.key)
        if own and change.single:
            yield f"your {name} stays: {', '.join(own)}"
            continue
        if both := [word for word in change.added if word in own]:
            yield f"your own {name} has it already: {', '.join(both)}"
        if kept := [word for word in change.removed if word in own]:
            yield f"stays by your own {name}: {', '.join(kept)}"


# ── sections as lists of words by their way ──────────────────────────────────────────────────────────────────────────


def _changes(old: Mapping[Key, list[str]], new: Mapping[Key, list[str]]) -> Iterator[Change]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key, []), new.get(key, [])
        added = tuple(word for word in dict.fromkeys(after) if word not in before)
        removed = tuple(word for word in dict.fromkeys(before) if word not in after)
        if added or removed:
            yield Change(key=key, added=added, removed=removed)


def _flat(section: ActorSection | TopicSection | None) -> dict[Key, list[str]]:
    """Return what the section gives, not what it leaves to be as usual."""
    found: dict[Key, list[str]] = {}
    fields = type(section).model_fields if section else {}
    for name in (name for name in fields if section and name in section.model_fields_set):
        value = getattr(section, name)
        if name == "titles":
            found |= _flat_titles(value)
        else:
            found |= dict(_flattened((name,), value))
    return found


def _flat_titles(titles: Iterable[TitleSection]) -> dict[Key, list[str]]:
    """Put the words of the same days together: an office has no other name."""
    found: dict[Key, list[str]] = {}
    for title in titles:
        days = [f"from {title.since}"] if title.since else []
        days += [f"until {title.until}"] if title.until else []
        for language, words in title.__pydantic_extra__.items():
            found.setdefault(("titles", *days, language), []).extend(words)
    return found


def _flat_scope(scope: ScopeSection) -> dict[Key, list[str]]:
    return dict(chain.from_iterable(_flattened((name,), getattr(scope, name)) for name in type(scope).model_fields))


def _flat_places(places: Places) -> dict[Key, list[str]]:
    named: tuple[tuple[str, Terms], ...] = (("certain", places.strong), ("doubtful", places.doubtful))
    return {(name, language): list(words) for name, terms in named for language, words in terms.items()}


def _flattened(key: Key, value: object) -> Iterator[tuple[Key, list[str]]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flattened((*key, str(name)), inner)
    elif isinstance(value, list):
        yield key, [str(item) for item in value]
    elif value is not None:
        yield key, [str(value).lower() if isinstance(value, bool) else str(value)]
