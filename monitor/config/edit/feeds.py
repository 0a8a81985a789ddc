"""Edits of the list of feeds."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from monitor.config.edit.file import Change, Edit, PersonsFile, Plan, planned
from monitor.config.edit.layout import end_of, pair_of, past_comma, value_changed, value_of
from monitor.config.naming import no_feed
from monitor.config.positions import read_document
from monitor.config.written import block, flow, written

_Feeds: TypeAlias = list[dict[str, Any]]


def disabling(path: Path, ids: Collection[str]) -> Edit:
    """Plan `enabled: false` on these feeds. Raises InputError where that cannot be done safely."""

    def wish(feeds: _Feeds) -> None:
        for feed in feeds:
            if feed["id"] in ids:
                feed["enabled"] = False

    def step(file: PersonsFile) -> Plan:
        changes = [change for name in dict.fromkeys(ids) for change in _disabling(file, _feed(file, name))]
        return Plan(changes, _of_feeds(wish))

    return planned(path, step)


def adding(path: Path, sections: Sequence[Mapping[str, object]]) -> Edit:
    """Plan new feeds at the end of the list, each as its keys and values.

    Raises InputError where that cannot be done safely, and where a value, an id or an address is refused.
    """
    new = [{key: value for key, value in section.items() if value is not None} for section in sections]
    if not new:
        raw = read_document(path).raw
        return Edit(path=path, before=raw, after=raw)
    return planned(path, lambda file: Plan([_adding(file, new)], _of_feeds(lambda feeds: feeds.extend(new))))


def removing(path: Path, name: str) -> Edit:
    """Plan to take a feed out of the list. Raises InputError where that cannot be done safely."""

    def wish(feeds: _Feeds) -> None:
        feeds[:] = [feed for feed in feeds if feed["id"] != name]

    return planned(path, lambda file: Plan([_removing(file, _feed(file, name))], _of_feeds(wish)))


def moving(path: Path, name: str, url: str) -> Edit:
    """Plan another address for a feed. Raises InputError where that cannot be done safely."""

    def wish(feeds: _Feeds) -> None:
        next(feed for feed in feeds if feed["id"] == name)["url"] = url

    def step(file: PersonsFile) -> Plan:
        feed = _feed(file, name)
        pair = pair_of(feed, "url")
        assert pair is not None
        quoted = feed.flow_style or (isinstance(pair[1], ScalarNode) and pair[1].style is not None)
        return Plan(value_changed(file, pair, written(url, in_braces=quoted)), _of_feeds(wish))

    return planned(path, step)


def _of_feeds(wish: Callable[[_Feeds], None]) -> Callable[[dict[str, Any]], None]:
    return lambda data: wish(data.setdefault("feeds", []))


# ── where they stand in the text ─────────────────────────────────────────────────────────────────────────────────────


def _list(file: PersonsFile) -> SequenceNode | None:
    node = value_of(file.document.root, "feeds")
    return node if isinstance(node, SequenceNode) else None


def _feed(file: PersonsFile, name: str) -> MappingNode:
    listed = _list(file)
    known: list[str] = []
    for feed in listed.value if listed else ():
        node = value_of(feed, "id")
        if isinstance(node, ScalarNode) and node.value == name:
            assert isinstance(feed, MappingNode)
            return feed
        known += [node.value] if isinstance(node, ScalarNode) else []
    raise no_feed([name], known)


def _disabling(file: PersonsFile, feed: MappingNode) -> list[Change]:
    enabled = pair_of(feed, "enabled")
    if enabled is not None:
        return value_changed(file, enabled, "false")
    pair = pair_of(feed, "id")
    assert pair is not None
    end = end_of(file, pair[1], pair[0])
    if feed.flow_style:
        return [(end, end, ", enabled: false")]
    line_end = file.line_end(end)
    key = feed.value[0][0]
    return [(line_end, line_end, f"{file.newline}{' ' * key.start_mark.column}enabled: false")]


def _adding(file: PersonsFile, sections: Sequence[Mapping[str, object]]) -> Change:
    feeds, newline = _list(file), file.newline
    if feeds is None or not feeds.value:
        items = [block(section, dash=2, keys=4, newline=newline) for section in sections]
        return _first_feeds(file, feeds, newline.join(items))
    end = end_of(file, feeds)
    if feeds.flow_style:
        end = end_of(file, feeds.value[-1])
        return end, end, "".join(f", {flow(section)}" for section in sections)
    dash, keys = feeds.start_mark.column, feeds.value[-1].start_mark.column
    place = file.line_end(end - 1)
    items = [block(section, dash=dash, keys=keys, newline=newline) for section in sections]
    return place, place, newline + newline.join(items)


def _first_feeds(file: PersonsFile, feeds: SequenceNode | None, items: str) -> Change:
    if feeds is not None:  # feeds: []
        return feeds.start_mark.index, feeds.end_mark.index, file.newline + items
    end = len(file.text)
    head = "" if not file.text or file.text.endswith("\n") else file.newline
    return end, end, f"{head}feeds:{file.newline}{items}{file.newline}"


def _removing(file: PersonsFile, feed: MappingNode) -> Change:
    feeds = _list(file)
    assert feeds is not None
    place, text = feeds.value.index(feed), file.text
    start, end = feed.start_mark.index, end_of(file, feed)
    if feeds.flow_style:
        if place:
            return end_of(file, feeds.value[place - 1]), end, ""
        following = feeds.value[1:2]
        return start, following[0].start_mark.index if following else past_comma(file, end), ""
    start = text.rfind("-", 0, start)
    if len(feeds.value) == 1:
        return start, end, "[]"
    start = file.line_start(start)
    return start, min(file.line_end(end - 1) + len(file.newline), len(text)), ""
