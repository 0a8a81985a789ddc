"""A YAML file as plain data, and where every key and value of it stands."""

import codecs
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources.abc import Traversable
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.config.plain import MAX_DEPTH, MAX_VALUES, MERGE, SCALARS, STANDARD, plain_data
from monitor.config.syntax import in_plain_words, place_of
from monitor.config.wording import quoted
from monitor.errors import ConfigError, Finding

MAX_BYTES = 5_000_000

Location: TypeAlias = tuple[str | int, ...]
"""The way from the top to a value: keys of mappings and indexes of lists."""

_COLLECTIONS = (STANDARD + "map", STANDARD + "seq")


@dataclass(frozen=True, kw_only=True)
class Document:
    """A YAML file that was read. `findings` are mistakes of the text itself, such as a key that stands twice."""

    source: str
    raw: bytes
    text: str
    data: object
    findings: tuple[Finding, ...] = ()

    @cached_property
    def root(self) -> Node:
        """The tree with the place of every value; slow to make, so made only when there is a mistake to be placed."""
        return _compose(self.text, self.source)

    def at_value(self, location: Location, message: str) -> Finding:
        """Make a finding at the value, or at the innermost mapping or list around it that exists.

        A value that was left out is found at its key.
        """
        key, value = self._walk(location)
        nothing = isinstance(value, ScalarNode) and not value.value and value.style is None
        return self._finding(key if nothing else value, message)

    def at_character(self, location: Location, column: int, message: str, *, of: str) -> Finding:
        """Make a finding at a character (from 1) of the text at `location`.

        Where the file writes that text in another way, or on several lines, it is at the value and tells the column.
        """
        node = self._walk(location)[1]
        offset = _offset(node, column, self._written_as(node)) if isinstance(node, ScalarNode) else None
        if offset is None:
            return self._finding(node, f"column {column} of the {of}: {message}")
        mark = node.start_mark
        return Finding(source=self.source, message=message, line=mark.line + 1, column=mark.column + 1 + offset)

    def value(self, location: Location) -> object:
        """Return the value there; None where there is none."""
        value = self.data
        for part in location:
            if isinstance(value, dict):
                value = value.get(part)
            else:
                value = value[part] if isinstance(value, list) and isinstance(part, int) else None
        return value

    def _written_as(self, node: Node) -> str:
        """Return a scalar as it stands in the file, with its quotes; empty where it takes several lines."""
        start, end = node.start_mark, node.end_mark
        return str(start.buffer[start.pointer : end.pointer]) if start.line == end.line else ""

    def at_key(self, location: Location, message: str) -> Finding:
        """Make a finding at the key that `location` ends with."""
        return self._finding(self._walk(location)[0], message)

    def line_of(self, location: Location) -> int:
        """Return the line where the value begins, counted from 1."""
        return int(self._walk(location)[1].start_mark.line) + 1

    def written(self, location: Location) -> str:
        """Return the scalar at `location` as the file has it, before it became a number or a date."""
        return str(self._walk(location)[1].value)

    def has(self, location: Location) -> bool:
        """Tell whether the file has a value there."""
        node: Node | None = self.root
        for part in location:
            node = _child(node, part)[1] if node else None
        return node is not None

    def _walk(self, location: Location) -> tuple[Node, Node]:
        key, node = self.root, self.root
        for part in location:
            next_key, next_node = _child(node, part)
            if next_node is None:
                break
            key, node = next_key or next_node, next_node
        return key, node

    def _finding(self, node: Node, message: str) -> Finding:
        return _finding_at(self.source, node, message)


def read_document(path: Traversable) -> Document:
    """Read a YAML 1.2 file of at most 5 MB. Raises ConfigError when there is nothing that could be looked at."""
    return parse_document(str(path), read_bytes(path))


def parse_document(source: str, raw: bytes) -> Document:
    """Read YAML 1.2 from bytes; `source` names them in findings. Raises ConfigError as `read_document` does."""
    text = _decode(raw, source)
    data = plain_data(text)
    if data is not None:
        return Document(source=source, raw=raw, text=text, data=data)
    builder = _Builder(source=source)
    data = builder.build(_compose(text, source))
    return Document(source=source, raw=raw, text=text, data=data, findings=tuple(builder.findings))


def read_text(path: Traversable) -> tuple[bytes, str]:
    """Return the bytes of a UTF-8 file of at most 5 MB, and its text. Raises ConfigError."""
    raw = read_bytes(path)
    return raw, _decode(raw, str(path))


def read_bytes(path: Traversable) -> bytes:
    """Return the content of a file of at most 5 MB. Raises ConfigError."""
    source = str(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        message = "there is no such file; name another, or let `run_monitor.py init` write one"
        raise ConfigError([Finding(source=source, message=message)]) from None
    except OSError as error:
        message = f"the file cannot be read: {(error.strerror or 'unknown reason').lower()}"
        raise ConfigError([Finding(source=source, message=message)]) from None
    return raw


def _decode(raw: bytes, source: str) -> str:
    if len(raw) > MAX_BYTES:
        raise ConfigError([Finding(source=source, message="the file is larger than 5 MB; make it shorter")])
    try:
        return raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()
        line, column = place_of(before, len(before))
        message = "this is not UTF-8; save the file in that encoding"
        raise ConfigError([Finding(source=source, message=message, line=line, column=column)]) from None


def _compose(text: str, source: str) -> Node:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _CountingComposer
    yaml.max_depth = MAX_DEPTH
    yaml.composer.warn_double_anchors = False  # YAML allows an anchor to be set anew
    try:
        root: Node | None = yaml.compose(text)
    except YAMLError as error:
        message, line, column = in_plain_words(error, text)
        raise ConfigError([Finding(source=source, message=message, line=line, column=column)]) from None
    if root is None:
        message = 'the file is empty; begin with "extends: ukraine" or "feeds:"'
        raise ConfigError([Finding(source=source, message=message, line=1, column=1)])
    return root


class _CountingComposer(Composer):
    """Stops at the first node too many: five megabytes of commas would take a minute."""

    nodes = 0

    def compose_node(self, parent: Node | None, index: object) -> Node:
        self.nodes += 1
        if self.nodes > MAX_VALUES * 2:  # keys count too
            raise ComposerError(problem="too many values", problem_mark=self.parser.peek_event().start_mark)
        node: Node = super().compose_node(parent, index)
        return node


def _child(node: Node, part: str | int) -> tuple[Node | None, Node | None]:
    if isinstance(node, MappingNode):
        return next(((key, value) for key, value in node.value if key.value == part), (None, None))
    if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
        return None, node.value[part]
    return None, None


def _offset(node: ScalarNode, column: int, raw: str) -> int | None:
    """Return how far from its first sign a text has the character of that column; None where that cannot be told."""
    if raw == node.value:
        return column - 1
    if raw != f"'{node.value.replace(_APOSTROPHE, 2 * _APOSTROPHE)}'" and raw != f'"{node.value}"':
        return None
    doubled = node.value[: column - 1].count(_APOSTROPHE) if node.style == _APOSTROPHE else 0
    return column + doubled


_APOSTROPHE = "'"


def _finding_at(source: str, node: Node, message: str) -> Finding:
    mark = node.start_mark
    return Finding(source=source, message=message, line=mark.line + 1, column=mark.column + 1)


@dataclass(slots=True)
class _Builder:
    """Plain data from a tree of nodes; aliases are written out, so what they may grow to is limited."""

    source: str
    findings: list[Finding] = field(default_factory=list)
    values: int = 0

    def build(self, node: Node, depth: int = 0) -> object:
        self.values += 1
        if self.values > MAX_VALUES or depth > MAX_DEPTH:
            message = 'the file grows too large or too deep when what "*" repeats is written out; repeat less'
            raise ConfigError([_finding_at(self.source, node, message)])
        if isinstance(node, MappingNode):
            self._check_tag(node)
            return self._mapping(node, depth)
        if isinstance(node, SequenceNode):
            self._check_tag(node)
            return [self.build(item, depth + 1) for item in node.value]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, depth: int) -> dict[str, object]:
        data: dict[str, object] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, ScalarNode):
                self._report(key_node, 'a key must be plain text, such as "title"')
            elif key_node.tag == MERGE:
                self._report(key_node, '"<<" (merging) is not supported; write the keys out, or use "defaults"')
            elif key in data:
                self._report(key_node, f"the key {quoted(key)} stands twice, first in line {lines[key]}; make them one")
            else:
                lines[key] = key_node.start_mark.line + 1
                data[key] = self.build(value_node, depth + 1)
        return data

    def _scalar(self, node: Node) -> object:
        reader = SCALARS.get(str(node.tag))
        if reader is None:
            self._report_tag(node)
            return node.value
        try:
            return reader(node.value)
        except ValueError:  # 2024-02-31 or 0x: left as the text that it is
            return node.value

    def _check_tag(self, node: Node) -> None:
        if node.tag not in _COLLECTIONS:
            self._report_tag(node)

    def _report_tag(self, node: Node) -> None:
        tag = str(node.tag).replace(STANDARD, "!!")
        self._report(node, f"the tag {quoted(tag)} is not known here; remove it")

    def _report(self, node: Node, message: str) -> None:
        self.findings.append(_finding_at(self.source, node, message))
