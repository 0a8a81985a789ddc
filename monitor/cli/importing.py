"""Groups of commands that are imported when they are asked for: to import all of them takes seconds."""

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


class _Commands(MutableMapping[str, Any]):
    """Commands by name. `modules` says where each stands; a module has `register(app)`, or an `app` of its own."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded |= _loaded(name, self._modules[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        raise TypeError("a command stays")

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def _loaded(name: str, module: str) -> Mapping[str, Any]:
    found = import_module(f"monitor.cli.{module}")
    part = typer.Typer(rich_markup_mode="markdown")
    if hasattr(found, "register"):
        found.register(part)
    else:
        part.add_typer(found.app, name=name)
    return dict(typer.main.get_group(part).commands)


def importing(modules: Mapping[str, str]) -> type[TyperGroup]:
    """Return a class of groups that have these commands, by name, from these modules of this package."""

    class Importing(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands: Any = _Commands(modules)

        def list_commands(self, ctx: Any) -> list[str]:
            """Return the names, without importing anything."""
            return list(modules)

    return Importing
