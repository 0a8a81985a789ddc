"""Where things stand in the text of a YAML file, and how one more is put beside them."""

import re
from collections.abc import Sequence

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.config.edit.file import Change, PersonsFile
from monitor.config.written import block_pair, flowing

_ALIAS = re.compile(r"\s*:\s*\*[^\s,\[\]{}]+")
_COMMA = re.compile(r"\s*,")
_STEP = 2
_DEPTH = 2
"""How many levels below the top stand a key a line; what lies deeper stands in braces."""


def value_of(node: Node | None, key: str) -> Node | None:
    """Return the value of a key; None where there is no such key, or the node is no mapping."""
    pair = pair_of(node, key)
    return pair[1] if pair else None


def pair_of(node: Node | None, key: str) -> tuple[Node, Node] | None:
    """Return the key with its value."""
    pairs = node.value if isinstance(node, MappingNode) else []
    return next((pair for pair in pairs if pair[0].value == key), None)


def found(file: PersonsFile, path: Sequence[str]) -> Node | None:
    """Return the value at the end of a way of keys."""
    node: Node | None = file.document.root
    for key in path:
        node = value_of(node, key)
    return node


# ── where what is written ends ───────────────────────────────────────────────────────────────────────────────────────


def end_of(file: PersonsFile, node: Node, key: Node | None = None) -> int:
    """Return where what is written of a value ends; a block's own mark lies behind the comments that follow it.

    `key` is the value's, where it has one. Raises InputError for an alias whose place cannot be told.
    """
    if key is not None and node.start_mark.index < key.end_mark.index:  # an alias: the node stands at its anchor
        alias = _ALIAS.match(file.text, key.end_mark.index)
        if alias is None:
            raise file.by_hand()
        return alias.end()
    if key is not None and not node.value and isinstance(node, ScalarNode) and node.style is None:
        return after_colon(file, key)
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):
        start = int(node.start_mark.index)
        return start + len(file.text[start : node.end_mark.index].rstrip())
    if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        return _end_of_last(file, node)
    return int(node.end_mark.index)


def _end_of_last(file: PersonsFile, node: MappingNode | SequenceNode) -> int:
    last = node.value[-1]
    if isinstance(last, tuple):
        return end_of(file, last[1], last[0])
    if last.start_mark.index < node.start_mark.index:
        raise file.by_hand()
    return end_of(file, last)


def after_colon(file: PersonsFile, key: Node) -> int:
    """Return where a value may begin."""
    return file.text.index(":", key.end_mark.index) + 1


# ── a key more, a key less, another value ────────────────────────────────────────────────────────────────────────────


def with_pair(file: PersonsFile, path: Sequence[str], key: str, value: object) -> Change:
    """Plan a key at the end of the mapping at `path`; mappings on the way that are not there come with it."""
    if not path:
        return _at_top(file, key, value)
    node = found(file, path)
    if node is None:
        return with_pair(file, path[:-1], path[-1], {key: value})
    if not isinstance(node, MappingNode):
        raise file.by_hand()
    if node.flow_style or not node.value:
        return _in_braces(file, path, node, key, value)
    _see_place(file, path, node)
    column = node.value[0][0].start_mark.column
    last_key, last = node.value[-1]
    place = file.line_end(max(end_of(file, last, last_key) - 1, 0))
    return place, place, file.newline + _pair(file, key, value, column, len(path))


def _see_place(file: PersonsFile, path: Sequence[str], node: Node) -> None:
    """Refuse a mapping that an alias stands for: its text is at the anchor, and belongs to others."""
    pair = pair_of(found(file, path[:-1]), path[-1])
    if pair and node.start_mark.index < pair[0].end_mark.index:
        raise file.by_hand()


def _pair(file: PersonsFile, key: str, value: object, column: int, depth: int) -> str:
    return block_pair(key, value, indent=column, levels=_DEPTH - depth, newline=file.newline)


def _in_braces(file: PersonsFile, path: Sequence[str], node: MappingNode, key: str, value: object) -> Change:
    _see_place(file, path, node)
    if node.value:
        last_key, last = node.value[-1]
        end = end_of(file, last, last_key)
        return end, end, f", {flowing({key: value})[1:-1]}"
    start, end = node.start_mark.index, node.end_mark.index
    if len(path) == 1 and not file.text[end : file.line_end(end)].strip() and not _braces(file.document.root):
        pair = pair_of(file.document.root, path[0])
        assert pair
        item = _pair(file, key, value, pair[0].start_mark.column + _STEP, len(path))
        return after_colon(file, pair[0]), end, file.newline + item
    return end - 1, end - 1, flowing({key: value})[1:-1] if file.text[start] == "{" else ""


def _braces(node: Node) -> bool:
    return isinstance(node, MappingNode) and bool(node.flow_style)


def _at_top(file: PersonsFile, key: str, value: object) -> Change:
    """Plan a section of the file: behind the others, but before the feeds, which are many."""
    root = file.document.root
    assert isinstance(root, MappingNode)
    others = [pair for pair in root.value if pair[0].value != "feeds"]
    if root.flow_style:
        end = end_of(file, root.value[-1][1], root.value[-1][0]) if root.value else root.end_mark.index - 1
        return end, end, (", " if root.value else "") + flowing({key: value})[1:-1]
    text = _pair(file, key, value, root.start_mark.column, 0)
    if key == "extends" or not others:
        start = file.line_start(root.value[0][0].start_mark.index)
        return start, start, text + file.newline * (1 if key == "extends" else 2)
    place = file.line_end(max(end_of(file, others[-1][1], others[-1][0]) - 1, 0))
    following = file.text[place:].removeprefix(file.newline)
    gap = file.newline if following and not following.startswith(("\n", "\r\n")) else ""
    return place, place, file.newline * 2 + text + gap


def without_pair(file: PersonsFile, path: Sequence[str], key: str) -> Change:
    """Plan to take a key and its value out of the mapping at `path`, which is left empty where it was the only one."""
    node = found(file, path)
    pair = pair_of(node, key)
    if pair is None or not isinstance(node, MappingNode):
        raise file.by_hand()
    _see_place(file, path, node)
    place, end = node.value.index(pair), end_of(file, pair[1], pair[0])
    if node.flow_style:
        if place:
            before = node.value[place - 1]
            return end_of(file, before[1], before[0]), end, ""
        following = node.value[1:2]
        end = following[0][0].start_mark.index if following else past_comma(file, end)
        return pair[0].start_mark.index, end, ""
    if len(node.value) == 1:
        return _emptied(file, path, pair[0], file.line_end(max(end - 1, 0)))
    start = file.line_start(pair[0].start_mark.index)
    return start, min(file.line_end(max(end - 1, 0)) + len(file.newline), len(file.text)), ""


def past_comma(file: PersonsFile, end: int) -> int:
    """Return the place behind the comma that may follow the last value in braces or brackets."""
    found = _COMMA.match(file.text, end)
    return found.end() if found else end


def _emptied(file: PersonsFile, path: Sequence[str], key: Node, end: int) -> Change:
    above = pair_of(found(file, path[:-1]), path[-1]) if path else None
    start = after_colon(file, above[0]) if above else key.start_mark.index
    if above and file.text[start : key.start_mark.index].strip():  # comments stay where they are
        return key.start_mark.index, end, "{}"
    return start, end, " {}" if above else "{}"


def with_value(file: PersonsFile, path: Sequence[str], text: str) -> list[Change]:
    """Plan another value, as it is written, at the end of a way of keys; comments beside the key stay."""
    pair = pair_of(found(file, path[:-1]), path[-1])
    if pair is None:
        raise file.by_hand()
    return value_changed(file, pair, text)


def value_changed(file: PersonsFile, pair: tuple[Node, Node], text: str) -> list[Change]:
    """Plan another value for a key, as it is written; an alias alone is replaced, not what it stands for."""
    key, value = pair
    start, end = after_colon(file, key), end_of(file, value, key)
    if isinstance(value, MappingNode | SequenceNode) and not value.flow_style and start < value.start_mark.index:
        return [(start, start, f" {text}"), (file.line_end(start), file.line_end(max(end - 1, 0)), "")]
    own = value.start_mark.index
    begin = own if own >= start else end - len(file.text[start:end].lstrip())
    return [(start, start, f" {text}")] if begin >= end else [(begin, end, text)]


def with_items(file: PersonsFile, path: Sequence[str], items: Sequence[object]) -> Change:
    """Plan more items at the end of the list at `path`, or the list where it is not there."""
    node = found(file, path)
    if node is None:
        return with_pair(file, path[:-1], path[-1], list(items))
    if not isinstance(node, SequenceNode):
        raise file.by_hand()
    _see_place(file, path, node)
    listed = flowing(list(items))[1:-1]
    if not node.value:
        return node.end_mark.index - 1, node.end_mark.index - 1, listed
    if node.flow_style:
        end = end_of(file, node.value[-1])
        return end, end, f", {listed}"
    place = file.line_end(max(_end_of_last(file, node) - 1, 0))
    dash = f"{file.newline}{' ' * node.start_mark.column}- "
    return place, place, "".join(dash + flowing(item) for item in items)
