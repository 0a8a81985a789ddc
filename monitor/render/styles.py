"""Styles for mail programs that drop style sheets: written into each element when its template is loaded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from jinja2 import Environment, TemplateSyntaxError
from jinja2.ext import Extension

INLINE = "layout/inline.css"
HEAD = "layout/head.css"

_PLAIN = frozenset({"web"})
"""Folders whose pages are read in browsers and keep their classes as they are."""

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"\.([A-Za-z][\w-]*)\s*\{([^{}]*)\}")
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
_ATTRIBUTES = re.compile(r'\bclass="([^"]*)"(?:\s+style="([^"]*)")?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Classes and their declarations; `kept` are those that the sheet in the head speaks of."""

    rules: Mapping[str, str]
    kept: frozenset[str]

    def attributes(self, classes: str, style: str) -> str:
        """Write the attributes of an element of these classes that also has a style of its own."""
        names = classes.split()
        declared = ";".join(part for part in (*(self.rules.get(name, "") for name in names), style.strip()) if part)
        kept = " ".join(name for name in names if name in self.kept)
        parts = (f'class="{kept}"' if kept else "", f'style="{declared}"' if declared else "")
        return " ".join(part for part in parts if part)


def read_sheet(inline: str, head: str) -> Sheet:
    """Read the two style sheets: `inline` has rules for single classes only."""
    rules = {name: _tight(body) for name, body in _RULE.findall(_COMMENT.sub("", inline))}
    return Sheet(rules=rules, kept=frozenset(_CLASS.findall(_COMMENT.sub("", head))))


def _tight(declarations: str) -> str:
    """Take out every space that is not needed: each of them goes into a mail a hundred times."""
    return re.sub(r"\s*([:;,])\s*", r"\1", " ".join(declarations.split())).strip(" ;")


class InlineStyles(Extension):
    """Writes the rules of `layout/inline.css` into the elements of mail templates; lines stay where they are."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._sheet: Sheet | None = None

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Raise TemplateSyntaxError for a class that is not written out."""
        if name is None or not name.endswith(".html") or PurePosixPath(name).parts[0] in _PLAIN:
            return source
        sheet = self._read()

        def inlined(found: re.Match[str]) -> str:
            if "{" in found[1]:
                line = source.count("\n", 0, found.start()) + 1
                raise TemplateSyntaxError(
                    "a class must be written out, not made by an expression", line, name, filename
                )
            return sheet.attributes(found[1], found[2] or "")

        return _ATTRIBUTES.sub(inlined, source)

    def _read(self) -> Sheet:
        if self._sheet is None:
            loader = self.environment.loader
            assert loader is not None
            inline, head = (loader.get_source(self.environment, name)[0] for name in (INLINE, HEAD))
            self._sheet = read_sheet(inline, head)
        return self._sheet
