"""The templates: ours and, before them, the operator's own. The only home of Jinja2."""

import traceback
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from monitor.errors import ConfigError, Finding
from monitor.render import text
from monitor.render.frame import Frame
from monitor.render.stories import LineView, StoryView
from monitor.render.styles import InlineStyles
from monitor.render.text import Segment
from monitor.render.view import AlertedView, Bar, Chart, Count, Edition, Pile, SectionView
from monitor.render.words import Words

_MISTAKES = (
    jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError
)  # fmt: skip
"""What a wrong template may raise while it is filled."""


_KINDS = (".html", ".txt", ".css")

_FIELDS = {
    view: frozenset(field.name for field in fields(view))
    for view in (AlertedView, Bar, Chart, Count, Edition, Frame, LineView, Pile, SectionView, Segment, StoryView)
}
"""What templates may ask of our view objects, which hold data and nothing else."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, which need not look twice at our own data: that takes half of the time of a digest."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if attribute in _FIELDS.get(type(obj), ()):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)


class Templates:
    """Fills templates by name. A file of the operator's folder goes before ours of the same name."""

    def __init__(self, folder: Path, own: Path | None = None) -> None:
        self.folders = tuple(path.resolve() for path in ((own, folder) if own else (folder,)))
        self._environment = _Sandbox(
            loader=jinja2.ChoiceLoader([jinja2.FileSystemLoader(path) for path in self.folders]),
            autoescape=lambda name: name is not None and name.endswith(".html"),
            undefined=jinja2.StrictUndefined,
            extensions=["jinja2.ext.i18n", InlineStyles],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["wrap"] = text.wrap
        # The language is that of the call, not of the environment: one set of compiled templates serves all.
        self._environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
            _gettext, _ngettext, newstyle=True
        )

    def fill(self, name: str, values: Mapping[str, object], words: Words | None = None) -> str:
        """Fill a template, texts in the language of `words`.

        Raises ConfigError with the template's file and line where it is wrong.
        """
        return self.filler(name)({"words": words, **values}).strip() + "\n"

    def filler(self, name: str) -> Callable[[Mapping[str, object]], str]:
        """Return what fills one template again and again; `words` is among the values. Raises like `fill`."""
        try:
            render = self._environment.get_template(name).render
        except _MISTAKES as error:
            raise self._wrong(name, error) from error

        def filled(values: Mapping[str, object]) -> str:
            try:
                return render(values)
            except _MISTAKES as error:
                raise self._wrong(name, error) from error

        return filled

    def names(self) -> list[str]:
        """Return the names of all templates."""
        return sorted(self._environment.list_templates(filter_func=lambda name: name.endswith(_KINDS)))

    def unused(self) -> tuple[str, ...]:
        """Return the operator's own files that stand in no place of ours, and that no template asks for."""
        own, ours = self.folders[0], self.folders[-1]
        asked: set[str | None] = set()
        for name in self.names():
            asked |= set(jinja2.meta.find_referenced_templates(self._environment.parse(self._source(name), name)))
        files = (path.relative_to(own).as_posix() for path in sorted(own.rglob("*")) if path.is_file())
        return tuple(name for name in files if name not in asked and not (ours / name).exists() and not _is_text(name))

    def _source(self, name: str) -> str:
        assert self._environment.loader is not None
        return self._environment.loader.get_source(self._environment, name)[0]

    def _wrong(self, name: str, error: Exception) -> ConfigError:
        message = error.message if isinstance(error, jinja2.TemplateError) else str(error)
        source, line = self._place(name, error)
        return ConfigError([Finding(source=source, line=line, message=message or type(error).__name__)])

    def _place(self, name: str, error: Exception) -> tuple[str, int | None]:
        """Find file and line: syntax errors carry them, others have them in the traceback that Jinja2 rewrites."""
        if isinstance(error, jinja2.TemplateSyntaxError):
            return error.filename or error.name or name, error.lineno
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if any(Path(frame.filename).is_relative_to(folder) for folder in self.folders)
        ]
        if not frames and not isinstance(error, jinja2.TemplateError | UnicodeError):
            raise error  # a mistake of ours, not of a template
        return (frames[-1].filename, frames[-1].lineno) if frames else (name, None)


def _is_text(name: str) -> bool:
    return name.startswith("locale/") and name.endswith(".po")


@jinja2.pass_context
def _gettext(context: Context, message: str) -> Any:
    return context["words"].gettext(message)


@jinja2.pass_context
def _ngettext(context: Context, one: str, many: str, n: int) -> Any:
    return context["words"].ngettext(one, many, n)
