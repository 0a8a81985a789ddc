"""Edits of the person's own file that leave every other byte as it stands.

An edit is planned on the text, then the result is read again: it must differ from the original in nothing but what was
wished, and hold no mistake. What is written in a way that does not allow that is left to the person's own hand.
"""

import codecs
import os
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.config.load import looked_at
from monitor.config.naming import no_feed
from monitor.config.positions import Document, parse_document
from monitor.config.written import block, flow, written
from monitor.errors import ConfigError, InputError

_Change: TypeAlias = tuple[int, int, str]
"""Characters from, to, and what shall stand there."""

_Wish: TypeAlias = Callable[[list[dict[str, Any]]], None]
"""Does to the list of feeds, as data, what the changes shall do to the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A file as it is and as it shall be."""

    path: Path
    before: bytes
    after: bytes

    def diff(self) -> str:
        """Return the edit as a unified diff."""
        old, new = (text.decode().splitlines(keepends=True) for text in (self.before, self.after))
        lines = unified_diff(old, new, self.path.name, self.path.name)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def write(self) -> None:
        """Write the file. Raises InputError where somebody else changed it meanwhile."""
        replace(self.path, self.before, self.after)


def replace(path: Path, before: bytes, after: bytes) -> None:
    """Write a file anew in one step, where it still holds `before`; a link is followed, the mode kept.

    Raises InputError where somebody else changed it meanwhile.
    """
    real = path.resolve()
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(real.stat().st_mode & 0o777)
        if real.read_bytes() != before:
            raise InputError(f"{path} was changed by somebody else meanwhile; nothing was written")
        Path(name).replace(real)
    finally:
        Path(name).unlink(missing_ok=True)


# ── the edits ────────────────────────────────────────────────────────────────────────────────────────────────────────


def disabling(path: Path, ids: Collection[str]) -> Edit:
    """Plan `enabled: false` on these feeds. Raises InputError where that cannot be done safely."""
    file = _File(path)

    def wish(feeds: list[dict[str, Any]]) -> None:
        for feed in feeds:
            if feed["id"] in ids:
                feed["enabled"] = False

    return file.edited([_disabling(file, file.feed(name)) for name in dict.fromkeys(ids)], wish)


def adding(path: Path, sections: Sequence[Mapping[str, object]]) -> Edit:
    """Plan new feeds at the end of the list, each as its keys and values.

    Raises InputError where that cannot be done safely, and where a value, an id or an address is refused.
    """
    file = _File(path)
    new = [{key: value for key, value in section.items() if value is not None} for section in sections]
    if not new:
        return Edit(path=path, before=file.before, after=file.before)
    return file.edited([_adding(file, new)], lambda feeds: feeds.extend(new))


def removing(path: Path, name: str) -> Edit:
    """Plan to take a feed out of the list. Raises InputError where that cannot be done safely."""
    file = _File(path)

    def wish(feeds: list[dict[str, Any]]) -> None:
        feeds[:] = [feed for feed in feeds if feed["id"] != name]

    return file.edited([_removing(file, file.feed(name))], wish)


def moving(path: Path, name: str, url: str) -> Edit:
    """Plan another address for a feed. Raises InputError where that cannot be done safely."""
    file = _File(path)
    node = _value(file.feed(name), "url")
    assert isinstance(node, ScalarNode)

    def wish(feeds: list[dict[str, Any]]) -> None:
        next(feed for feed in feeds if feed["id"] == name)["url"] = url

    quoted = node.style in ('"', "'") or file.feed(name).flow_style
    return file.edited([(node.start_mark.index, node.end_mark.index, written(url, in_braces=quoted))], wish)


# ── where they stand in the text ─────────────────────────────────────────────────────────────────────────────────────


class _File:
    """The person's file: its text, and where its feeds stand in it. Raises ConfigError where it has mistakes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.before = path.read_bytes()
        self.document = _sound(path, self.before)
        self.mark = codecs.BOM_UTF8 if self.before.startswith(codecs.BOM_UTF8) else b""
        self.text = self.before.removeprefix(self.mark).decode()
        self.newline = "\r\n" if "\r\n" in self.text else "\n"
        found = _value(self.document.root, "feeds")
        self.feeds = found if isinstance(found, SequenceNode) else None

    def feed(self, name: str) -> MappingNode:
        for feed in self.feeds.value if self.feeds else ():
            node = _value(feed, "id")
            if isinstance(node, ScalarNode) and node.value == name:
                assert isinstance(feed, MappingNode)
                return feed
        raise no_feed([name], self.ids())

    def ids(self) -> list[str]:
        nodes = [_value(feed, "id") for feed in (self.feeds.value if self.feeds else ())]
        return [node.value for node in nodes if isinstance(node, ScalarNode)]

    def line_end(self, index: int) -> int:
        """Return where the line ends on which the character stands, its line break left out."""
        end = self.text.find("\n", index)
        end = len(self.text) if end < 0 else end
        return end - (self.text[end - 1 : end] == "\r")

    def edited(self, changes: Sequence[_Change], wish: _Wish) -> Edit:
        """Make the changes, and see that they did what was wished."""
        text = self.text
        for start, end, new in sorted(changes, reverse=True):
            text = text[:start] + new + text[end:]
        after = self.mark + text.encode()
        wanted: Any = deepcopy(self.document.data)
        wish(wanted.setdefault("feeds", []))
        try:
            document = parse_document(str(self.path), after)
        except ConfigError:
            document = None
        if document is None or document.data != wanted:
            raise InputError(f"{self.path} is written in a way that cannot be edited safely; do it by hand")
        if findings := looked_at(document)[1]:
            raise InputError("\n".join(finding.message for finding in findings))  # their lines are not in the file
        return Edit(path=self.path, before=self.before, after=after)


def _sound(path: Path, raw: bytes) -> Document:
    document = parse_document(str(path), raw)
    if findings := looked_at(document)[1]:
        raise ConfigError(findings)
    return document


def _value(node: Node | None, key: str) -> Node | None:
    pairs = node.value if isinstance(node, MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _end(node: Node) -> int:
    """Return where what is written of a value ends; a block's own mark lies behind the comments that follow it."""
    while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return int(node.end_mark.index)


def _disabling(file: _File, feed: MappingNode) -> _Change:
    enabled = _value(feed, "enabled")
    if enabled is not None:
        return enabled.start_mark.index, enabled.end_mark.index, "false"
    name = _value(feed, "id")
    assert name is not None
    end = name.end_mark.index
    if feed.flow_style:
        return end, end, ", enabled: false"
    line_end = file.line_end(end)
    key = feed.value[0][0]
    return line_end, line_end, f"{file.newline}{' ' * key.start_mark.column}enabled: false"


def _adding(file: _File, sections: Sequence[Mapping[str, object]]) -> _Change:
    feeds, newline = file.feeds, file.newline
    if feeds is None or not feeds.value:
        items = [block(section, dash=2, keys=4, newline=newline) for section in sections]
        return _first_feeds(file, newline.join(items))
    end = _end(feeds.value[-1])
    if feeds.flow_style:
        return end, end, "".join(f", {flow(section)}" for section in sections)
    dash, keys = feeds.start_mark.column, feeds.value[-1].start_mark.column
    place = file.line_end(end - 1)
    items = [block(section, dash=dash, keys=keys, newline=newline) for section in sections]
    return place, place, newline + newline.join(items)


def _first_feeds(file: _File, items: str) -> _Change:
    if file.feeds is not None:  # feeds: []
        return file.feeds.start_mark.index, file.feeds.end_mark.index, file.newline + items
    end = len(file.text)
    head = "" if not file.text or file.text.endswith("\n") else file.newline
    return end, end, f"{head}feeds:{file.newline}{items}{file.newline}"


def _removing(file: _File, feed: MappingNode) -> _Change:
    assert file.feeds is not None
    place, text = file.feeds.value.index(feed), file.text
    start, end = feed.start_mark.index, _end(feed)
    if file.feeds.flow_style:
        if place:
            return _end(file.feeds.value[place - 1]), end, ""
        following = file.feeds.value[1:2]
        return start, following[0].start_mark.index if following else end, ""
    start = text.rfind("-", 0, start)
    if len(file.feeds.value) == 1:
        return start, end, "[]"
    start = text.rfind("\n", 0, start) + 1
    return start, min(file.line_end(end - 1) + len(file.newline), len(text)), ""
