"""The watchlist: who and what is watched for, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple, TypeAlias

Terms: TypeAlias = Mapping[str, tuple[str, ...]]
"""Language code → words or phrases."""


class RuleKind(StrEnum):
    """What a rule decides."""

    SCOPE = "scope"
    ACTOR = "actor"
    TOPIC = "topic"


class ScopeWeight(StrEnum):
    """How far the naming of an actor shows that a text is about the war: alone, beside another sign, or not at all."""

    STRONG = "strong"
    WEAK = "weak"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """An office: `terms` name the actor in texts dated from `since` (inclusive) until `until` (exclusive)."""

    terms: Terms
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorSpec:
    """A person or body to watch. `alone`: the last name by itself is enough (not so for Johnson or Michel).

    Where it is not, `context` has words that make it enough: the last name counts in an entry that has one of them.
    A weak `scope` is a sign of the `group`; without one, of a group of the actor's own.
    """

    id: str
    label: Mapping[str, str]
    person: bool = True
    gender: str | None = None
    first: Terms = field(default_factory=dict)
    last: Terms = field(default_factory=dict)
    alone: bool = True
    aliases: Terms = field(default_factory=dict)
    context: Terms = field(default_factory=dict)
    titles: tuple[Title, ...] = ()
    scope: ScopeWeight = ScopeWeight.NONE
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """A subject to watch. `scoped` topics are read only in relevant entries.

    One of the `terms` is enough wherever it stands; `hints` count in a title, or where two different ones stand. So is
    what answers the `query`; what answers `unless` is no match. Both are in the canonical form of the watch language
    (`core.query`), and empty where there is none.
    """

    id: str
    label: Mapping[str, str]
    terms: Terms
    hints: Terms = field(default_factory=dict)
    scoped: bool = True
    query: str = ""
    unless: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeSpec:
    """What makes an entry relevant; `monitor.core.relevance` tells how the signs are weighed against each other.

    `strong` terms and `places` are signs by themselves; `weak` ones, by group, and `doubtful_places` only beside signs
    of another group. `elsewhere` and `leisure` speak against it. `never` hides the words inside it. `first_names`
    show that a last name after them is somebody else's.
    """

    strong: Terms = field(default_factory=dict)
    weak: Mapping[str, Terms] = field(default_factory=dict)
    elsewhere: Terms = field(default_factory=dict)
    leisure: Terms = field(default_factory=dict)
    never: Terms = field(default_factory=dict)
    first_names: Terms = field(default_factory=dict)
    places: Terms = field(default_factory=dict)
    doubtful_places: Terms = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSpec:
    """The whole watchlist as the configuration describes it."""

    actors: tuple[ActorSpec, ...] = ()
    topics: tuple[TopicSpec, ...] = ()
    scope: ScopeSpec = ScopeSpec()


class Evidence(NamedTuple):
    """The words that made a rule match: `text` is the original field's `[start:end]`, in code points."""

    field: str
    start: int
    end: int
    text: str


class Match(NamedTuple):
    """A rule that matched. One that asks only where an entry comes from has no evidence."""

    kind: RuleKind
    rule: str
    evidence: tuple[Evidence, ...]


class Verdict(NamedTuple):
    """What the watchlist says of one entry."""

    relevant: bool
    matches: tuple[Match, ...] = ()
