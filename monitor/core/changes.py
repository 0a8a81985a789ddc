"""What differs between two watchlists, and which entries can tell: those that hold one of some forms.

A verdict is made of the places of forms, of what each stands for, and of queries over them. So where rules differ, it
can differ only in an entry that holds a form whose uses by a differing rule are not the same on both sides, or that a
differing query must have. To look for these alone is many times as quick as to judge every entry twice.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeAlias

from monitor.core.model import ActorSpec, RuleKind, ScopeSpec, Terms, TopicSpec, WatchSpec
from monitor.core.query.matcher import compile_query
from monitor.core.query.parse import parse_canonical
from monitor.core.rule_json import spec_of
from monitor.core.uses import Use
from monitor.core.watchlist import RuleText, Watchlist, uses_by_form

RuleName: TypeAlias = tuple[RuleKind, str]
_Spec: TypeAlias = ActorSpec | TopicSpec | ScopeSpec


class Change(StrEnum):
    """What became of a rule."""

    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stirred:
    """Which entries two watchlists may judge differently: those that hold one of the `forms`, or, where `all`, any."""

    forms: frozenset[str]
    all: bool


def changes(old: Iterable[RuleText], new: Iterable[RuleText]) -> dict[RuleName, Change]:
    """Return the rules whose texts differ, by kind and id."""
    before, after = ({rule[:2]: rule.text for rule in rules} for rules in (old, new))
    kinds = {name: _change(before.get(name), after.get(name)) for name in before.keys() | after.keys()}
    return {name: change for name, change in sorted(kinds.items()) if change}


def _change(before: str | None, after: str | None) -> Change | None:
    if before is None:
        return Change.NEW
    if after is None:
        return Change.REMOVED
    return None if before == after else Change.CHANGED


def stirred(old: Watchlist, new: Watchlist) -> Stirred:
    """Tell which entries the two may judge differently. Raises StoreError for a rule that cannot be read back."""
    before, after = _Side(old.rules), _Side(new.rules)
    differing, everything = set[str](), not _tell_apart_alike(old, new)
    for name in changes(old.rules, new.rules):
        one, other = before.spec(name), after.spec(name)
        if isinstance(one, ScopeSpec) and isinstance(other, ScopeSpec):
            differing |= _forms(_without(one, other)).keys() | _forms(_without(other, one)).keys()
            continue
        if _asked(one) == _asked(other):
            own, others = _forms(one), _forms(other)
            differing |= {form for form in own.keys() | others.keys() if own.get(form) != others.get(form)}
            continue
        for waking in (before.waking(one), after.waking(other)):
            differing |= waking or set()
            everything |= waking is None
    return Stirred(forms=frozenset(differing), all=everything)


def _tell_apart_alike(old: Watchlist, new: Watchlist) -> bool:
    """Tell whether the words of rules that do not differ count in texts of the same languages."""
    if old.queries and new.queries and old.queries.languages != new.queries.languages:
        return False
    return old.languages == new.languages


def _asked(spec: _Spec | None) -> tuple[str, str, bool] | None:
    """Return what a topic asks beside its words, and whether it is read in relevant entries only."""
    return (spec.query, spec.unless, spec.scoped) if isinstance(spec, TopicSpec) else None


def _forms(spec: _Spec | None) -> Mapping[str, tuple[Use, ...]]:
    """Return the forms of one rule by itself, so that its number is the same on both sides."""
    match spec:
        case ActorSpec():
            return uses_by_form(WatchSpec(actors=(spec,)))
        case TopicSpec():
            return uses_by_form(WatchSpec(topics=(spec,)))
        case ScopeSpec():
            return uses_by_form(WatchSpec(scope=spec))
    return {}


class _Side:
    """The rules of one of the two watchlists, read back where they are needed."""

    def __init__(self, rules: Iterable[RuleText]) -> None:
        self._rules = {rule[:2]: rule for rule in rules}

    def spec(self, name: RuleName) -> _Spec | None:
        """Return a rule, or None where this side has none of that name."""
        return spec_of(self._rules[name]) if name in self._rules else None

    def waking(self, spec: _Spec | None) -> Set[str] | None:
        """Return forms of which an entry must hold one for the rule to match; None where there are no such."""
        found = set(_forms(spec))
        if not isinstance(spec, TopicSpec) or not spec.query:
            return found
        query = compile_query(parse_canonical(spec.query))
        others = [self.waking(self.spec(name)) for name in query.rules]
        if query.always or query.facts or None in others:
            return None
        return found.union(query.forms, *(other for other in others if other))


def _without(scope: ScopeSpec, other: ScopeSpec) -> ScopeSpec:
    """Return the terms of a scope that the other does not have in the same place: each is looked for by itself."""
    parts = {name: _left(getattr(scope, name), getattr(other, name)) for name in _TERMS}
    weak = {group: _left(terms, other.weak.get(group, {})) for group, terms in scope.weak.items()}
    return ScopeSpec(weak=weak, **parts)


_TERMS = tuple(member.name for member in fields(ScopeSpec) if member.name != "weak")


def _left(terms: Terms, others: Terms) -> Terms:
    return {
        language: tuple(term for term in listed if term not in others.get(language, ()))
        for language, listed in terms.items()
    }
