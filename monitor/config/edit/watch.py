"""Edits of what is watched: topics, removals, exclusions, and the built-in watchlist that the file extends."""

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.config.edit.file import PersonsFile, Plan, Step
from monitor.config.edit.layout import with_items, with_pair, with_value, without_pair
from monitor.config.written import Quoted, written

TOPICS = "topics"


def adding_topic(name: str, section: Mapping[str, object]) -> Step:
    """Return the step that adds a topic behind the others, as its keys and values."""

    def wish(data: dict[str, Any]) -> None:
        data.setdefault(TOPICS, {})[name] = dict(section)

    return lambda file: Plan([with_pair(file, [TOPICS], name, _with_quotes(section))], wish)


def removing_rule(kind: str, name: str) -> Step:
    """Return the step that takes an entry out of `actors` or `topics` (the kind)."""

    def wish(data: dict[str, Any]) -> None:
        del data[kind][name]

    return lambda file: Plan([without_pair(file, [kind], name)], wish)


def switching_off(kind: str, name: str) -> Step:
    """Return the step that removes a rule of the built-in watchlist: `NAME: null` under `actors` or `topics`."""

    def wish(data: dict[str, Any]) -> None:
        data.setdefault(kind, {})[name] = None

    def step(file: PersonsFile) -> Plan:
        if name in _section(file, kind):
            return Plan(with_value(file, [kind, name], "null"), wish)
        return Plan([with_pair(file, [kind], name, None)], wish)

    return step


def querying(name: str, query: str) -> Step:
    """Return the step that gives a topic of the file another query, or its first one."""

    def wish(data: dict[str, Any]) -> None:
        data[TOPICS][name]["query"] = query

    def step(file: PersonsFile) -> Plan:
        if "query" in _section(file, TOPICS, name):
            return Plan(with_value(file, [TOPICS, name, "query"], written(Quoted(query))), wish)
        return Plan([with_pair(file, [TOPICS, name], "query", Quoted(query))], wish)

    return step


def excluding(name: str, language: str, terms: Sequence[str]) -> Step:
    """Return the step that adds terms to what a topic must not hold; the topic may be one of the pack's."""

    def wish(data: dict[str, Any]) -> None:
        none = data.setdefault(TOPICS, {}).setdefault(name, {}).setdefault("none", {})
        none.setdefault(language, []).extend(terms)

    return lambda file: Plan([with_items(file, [TOPICS, name, "none", language], terms)], wish)


def extending(value: str) -> Step:
    """Return the step that sets `extends`: `ukraine`, or `ukraine@2`."""

    def wish(data: dict[str, Any]) -> None:
        data["extends"] = value

    def step(file: PersonsFile) -> Plan:
        if "extends" in _section(file):
            return Plan(with_value(file, ["extends"], written(value)), wish)
        return Plan([with_pair(file, [], "extends", value)], wish)

    return step


def _section(file: PersonsFile, *path: str) -> Mapping[str, Any]:
    """Return a mapping of the file as data; an empty one where there is none."""
    data: Any = file.document.data
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _with_quotes(section: Mapping[str, object]) -> dict[str, object]:
    return {key: Quoted(value) if key == "query" else value for key, value in section.items()}
