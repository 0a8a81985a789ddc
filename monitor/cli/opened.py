"""A command's work with everything open; a module by itself, since to import everything takes seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer

from monitor.app import App, open_app
from monitor.cli.session import session

T = TypeVar("T")


def in_app(context: typer.Context, work: Callable[[App], Awaitable[T]]) -> T:
    """Run `work` with everything open, and close it again."""
    here = session(context)

    async def run() -> T:
        async with open_app(here.settings(), here.environ) as app:
            return await work(app)

    return asyncio.run(run())
