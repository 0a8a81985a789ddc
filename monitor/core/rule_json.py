"""Rules read back from the text in which the database keeps them: the inverse of `watchlist.canonical_json`."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from monitor.core.model import ActorSpec, RuleKind, ScopeSpec, ScopeWeight, Title, TopicSpec, WatchSpec
from monitor.core.watchlist import RuleText
from monitor.errors import StoreError

_SPECS: Mapping[RuleKind, type[ActorSpec | TopicSpec | ScopeSpec]] = {
    RuleKind.ACTOR: ActorSpec,
    RuleKind.TOPIC: TopicSpec,
    RuleKind.SCOPE: ScopeSpec,
}


def spec_of(rule: RuleText) -> ActorSpec | TopicSpec | ScopeSpec:
    """Return the spec of which `rule.text` is the canonical JSON; what it lacks is as usual.

    Raises StoreError for a text that this program does not know, as a newer one may have written it.
    """
    try:
        values = {key: _value(key, value) for key, value in json.loads(rule.text).items()}
        return _SPECS[rule.kind](**values)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise StoreError(f"the stored text of {rule.kind} {rule.id!r} cannot be read back: {error}") from error


def watch_of(rules: Iterable[RuleText]) -> WatchSpec:
    """Return the watchlist of which these are the rules. Raises StoreError as `spec_of` does."""
    specs = [spec_of(rule) for rule in rules]
    return WatchSpec(
        actors=tuple(spec for spec in specs if isinstance(spec, ActorSpec)),
        topics=tuple(spec for spec in specs if isinstance(spec, TopicSpec)),
        scope=next((spec for spec in specs if isinstance(spec, ScopeSpec)), ScopeSpec()),
    )


def _value(key: str, value: Any) -> Any:
    if key == "titles":
        return tuple(_title(**title) for title in value)
    if key == "scope":
        return ScopeWeight(value)
    return _plain(value)


def _title(terms: object, since: str | None = None, until: str | None = None) -> Title:
    return Title(terms=_plain(terms), since=_day(since), until=_day(until))


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _plain(value: Any) -> Any:
    """Make tuples of lists, at any depth: JSON knows no others."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return tuple(map(_plain, value)) if isinstance(value, list) else value
