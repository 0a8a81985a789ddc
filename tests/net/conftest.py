"""A server with moods, and a client that may reach it."""

from collections.abc import AsyncIterator

import pytest

from monitor.net.http import Http
from tests.net.clients import client
from tests.net.hostile import Hostile


@pytest.fixture
async def server() -> AsyncIterator[Hostile]:
    async with Hostile() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with client() as opened:
        yield opened
