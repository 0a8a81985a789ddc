"""An edit of feeds.yaml: planned on its text, seen to do what was wished and nothing else, written in one step.

A step is planned on the text, then the result is read again: it must differ from the original in nothing but what was
wished, and hold no mistake. What is written in a way that does not allow that is left to the person's own hand: above
all what an anchor and its aliases share, for the aliases would change in silence.
"""

import codecs
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.events import AliasEvent

from monitor.config.load import looked_at
from monitor.config.positions import Document, parse_document, read_document
from monitor.errors import ConfigError, InputError

Change: TypeAlias = tuple[int, int, str]
"""Characters from, to, and what shall stand there."""

Wish: TypeAlias = Callable[[dict[str, Any]], None]
"""Does to the file, as data, what the changes shall do to the text."""

_ANYBODY_WRITES = 0o222


class Plan(NamedTuple):
    """What one step of an edit does to the text, and to the data."""

    changes: Sequence[Change]
    wish: Wish


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
        """Write the file. Raises InputError where somebody else changed it meanwhile, or it cannot be written."""
        replace(self.path, self.before, self.after)


def replace(path: Path, before: bytes, after: bytes) -> None:
    """Write a file anew in one step, where it still holds `before`; a link is followed, mode and owner are kept.

    Raises InputError where somebody else changed it meanwhile, where it is marked as read-only (for the superuser too,
    who could write it all the same), and where the folder does not take a new file. Nothing is left behind then.
    """
    try:
        real = path.resolve(strict=True)
        if not real.stat().st_mode & _ANYBODY_WRITES or not os.access(real, os.W_OK):
            raise InputError(f"{path} is read-only; nothing was written")
        _replace(path, real, before, after)
    except FileNotFoundError:
        raise InputError(f"{path} is not there any more; nothing was written") from None
    except OSError as error:
        why = (error.strerror or "unknown reason").lower()
        raise InputError(f"{path} cannot be replaced ({why}); nothing was written") from None


def _replace(path: Path, real: Path, before: bytes, after: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        _like(real, name)
        if real.read_bytes() != before:
            raise InputError(f"{path} was changed by somebody else meanwhile; nothing was written")
        Path(name).replace(real)
    finally:
        Path(name).unlink(missing_ok=True)


def _like(real: Path, name: str) -> None:
    """Give the new file the owner and the mode of the old one."""
    known = real.stat()
    with suppress(PermissionError):  # a file of somebody else's that we may write becomes ours
        os.chown(name, known.st_uid, known.st_gid)
    Path(name).chmod(known.st_mode & 0o777)


class PersonsFile:
    """The person's file: its text, and where things stand in it. Raises ConfigError where it has mistakes."""

    def __init__(self, document: Document) -> None:
        if findings := looked_at(document)[1]:
            raise ConfigError(findings)
        raw = document.raw
        self.document = document
        self.mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
        self.text = raw.removeprefix(self.mark).decode()
        self.newline = "\r\n" if "\r\n" in self.text else "\n"

    def line_end(self, index: int) -> int:
        """Return where the line ends on which the character stands, its line break left out."""
        end = self.text.find("\n", index)
        end = len(self.text) if end < 0 else end
        return end - (self.text[end - 1 : end] == "\r")

    def line_start(self, index: int) -> int:
        """Return where the line begins on which the character stands."""
        return self.text.rfind("\n", 0, index) + 1

    def changed(self, plan: Plan) -> Document:
        """Make the changes, and see that they did what was wished. Raises InputError where they cannot be made."""
        text = self.text
        for start, end, new in sorted(plan.changes, reverse=True):
            text = text[:start] + new + text[end:]
        wanted: Any = deepcopy(self.document.data)
        plan.wish(wanted)
        try:
            document = parse_document(self.document.source, self.mark + text.encode())
        except ConfigError:
            document = None
        if document is None or document.data != wanted:
            raise self.by_hand()
        if findings := looked_at(document)[1]:
            raise InputError("\n".join(finding.message for finding in findings))  # their lines are not in the file
        return document

    def by_hand(self) -> InputError:
        """Return the error that leaves the edit to the person."""
        events = YAML(typ="safe", pure=True).parse(self.text)
        shared = any(isinstance(event, AliasEvent) for event in events)
        why = "; something in it is shared by an anchor (&) and its aliases (*)" if shared else ""
        return InputError(
            f"{self.document.source} is written in a way that cannot be edited safely{why}; do it by hand"
        )


Step: TypeAlias = Callable[[PersonsFile], Plan]
"""Plans on the file as the steps before have left it."""


def planned(path: Path, *steps: Step) -> Edit:
    """Plan an edit of one or more steps. Raises InputError where it cannot be done safely, ConfigError of mistakes."""
    document = before = read_document(path)
    for step in steps:
        file = PersonsFile(document)
        document = file.changed(step(file))
    return Edit(path=path, before=before.raw, after=document.raw)
