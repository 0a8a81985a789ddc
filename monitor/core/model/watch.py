"""The watchlist: who and what is watched for, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

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
    """A person or body to watch. `alone`: the last name by itself is enough (not so for Johnson or Michel)."""

    id: str
    label: Mapping[str, str]
    person: bool = True
    gender: str | None = None
    first: Terms = field(default_factory=dict)
    last: Terms = field(default_factory=dict)
    alone: bool = True
    aliases: Terms = field(default_factory=dict)
    titles: tuple[Title, ...] = ()
    scope: ScopeWeight = ScopeWeight.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """A subject to watch. `scoped` topics are read only in relevant entries."""

    id: str
    label: Mapping[str, str]
    terms: Terms
    scoped: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeSpec:
    """What makes an entry relevant: one strong term, or two different weak ones. `never` hides the words inside it."""

    strong: Terms = field(default_factory=dict)
    weak: Terms = field(default_factory=dict)
    never: Terms = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSpec:
    """The whole watchlist as the configuration describes it."""

    actors: tuple[ActorSpec, ...] = ()
    topics: tuple[TopicSpec, ...] = ()
    scope: ScopeSpec = ScopeSpec()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The words that made a rule match: `text` is the original field's `[start:end]`, in code points."""

    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A rule that matched, with at least one piece of evidence."""

    kind: RuleKind
    rule: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the watchlist says of one entry."""

    relevant: bool
    matches: tuple[Match, ...] = ()
