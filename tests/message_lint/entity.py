"""A message taken apart by the letter of RFC 5322 §2.2: nothing is guessed, nothing mended."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

Faults: TypeAlias = Iterator[str]
"""What is wrong, each beginning with the paragraph that says so."""

ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
DOT_ATOM = rf"{ATOM}(?:\.{ATOM})*"
QUOTED = r'"(?:[^"\\\r\n]|\\[ -~])*"'
TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+"  # RFC 2045 §5.1
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST = rf"{LABEL}(?:\.{LABEL})*"


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name, and everything after the colon with its folds."""

    name: str
    raw: str

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def value(self) -> str:
        """The value unfolded (RFC 5322 §2.2.3)."""
        return self.raw.replace("\r\n", "").strip(" \t")

    @property
    def lines(self) -> list[str]:
        """The lines as they stand."""
        return f"{self.name}:{self.raw}".split("\r\n")


@dataclass(frozen=True, slots=True)
class Entity:
    """Header and body (RFC 2045 §2.4)."""

    fields: tuple[Field, ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [field.value for field in self.fields if field.key == name.lower()]

    def one(self, name: str) -> str | None:
        """The value of a field that must not stand twice; what does is a fault elsewhere."""
        return next(iter(self.all(name)), None)

    def named(self, names: Iterable[str]) -> list[Field]:
        keys = {name.lower() for name in names}
        return [field for field in self.fields if field.key in keys]


def parsed(data: bytes) -> Entity:
    head, _, body = (b"\r\n" + data).partition(b"\r\n\r\n")
    rows = re.split(r"\r\n(?![ \t])", head.decode("latin-1").removeprefix("\r\n"))
    fields = (row.partition(":") for row in rows if row)
    return Entity(tuple(Field(name, raw) for name, _, raw in fields), body)


def parameters(value: str) -> tuple[str, dict[str, str]] | None:
    """Return a MIME value and its parameters (RFC 2045 §5.1), or None where it is none."""
    whole = re.fullmatch(rf"({TOKEN}/{TOKEN})((?:\s*;\s*{TOKEN}=(?:{TOKEN}|{QUOTED}))*)", value)
    if not whole:
        return None
    pairs = re.findall(rf";\s*({TOKEN})=({TOKEN}|{QUOTED})", whole[2])
    return whole[1].lower(), {name.lower(): re.sub(r'^"|"$', "", text) for name, text in pairs}
