"""Edits of the person's own file that leave every other byte as it stands."""

import os
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from monitor.errors import InputError

_Edit = tuple[int, int, str]
"""Characters from, to, and what shall stand there."""


def disable(path: Path, ids: Collection[str]) -> None:
    """Set `enabled: false` on these feeds. Raises InputError where that cannot be done safely."""
    before = path.read_bytes()
    text = before.decode("utf-8")
    edits = [_disabling(text, feed) for name, feed in _feeds(text) if name in ids]
    if len(edits) < len(set(ids)):
        raise InputError(f"{path} does not hold all of {', '.join(sorted(ids))}")
    after = text
    for start, end, new in sorted(edits, reverse=True):
        after = after[:start] + new + after[end:]
    if not _as_wished(text, after, ids):
        raise InputError(f"{path} is written in a way that cannot be edited safely; set `enabled: false` by hand")
    replace(path, before, after.encode())


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


def _feeds(text: str) -> Iterator[tuple[str, MappingNode]]:
    try:
        root = YAML().compose(text)
    except YAMLError as error:
        raise InputError(f"not readable as YAML: {error}") from error
    feeds = _value(root, "feeds")
    for feed in feeds.value if isinstance(feeds, SequenceNode) else []:
        name = _value(feed, "id")
        if isinstance(name, ScalarNode) and isinstance(feed, MappingNode):
            yield str(name.value), feed


def _value(node: Node | None, key: str) -> Node | None:
    pairs = node.value if isinstance(node, MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _disabling(text: str, feed: MappingNode) -> _Edit:
    enabled = _value(feed, "enabled")
    if enabled is not None:
        return enabled.start_mark.index, enabled.end_mark.index, "false"
    name = _value(feed, "id")
    assert name is not None
    end = name.end_mark.index
    if feed.flow_style:
        return end, end, ", enabled: false"
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    key = feed.value[0][0]
    return line_end, line_end, f"\n{' ' * key.start_mark.column}enabled: false"


def _as_wished(before: str, after: str, ids: Collection[str]) -> bool:
    """Read both texts and tell whether the wished keys are all that changed."""
    yaml = YAML(typ="safe", pure=True)
    try:
        old, new = yaml.load(before), yaml.load(after)
    except YAMLError:
        return False
    for feed in old["feeds"]:
        if feed.get("id") in ids:
            feed["enabled"] = False
    return bool(old == new)
