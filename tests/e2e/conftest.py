"""A place of its own for each test, and servers on loopback."""

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from monitor.demo.sink import MailSink
from tests.e2e.desk import FIRST, BusyClock, Desk, opened
from tests.e2e.place import Place
from tests.e2e.servers import Background, FeedServer, LintedSink


@pytest.fixture
def background() -> Iterator[Background]:
    with Background() as running:
        yield running


@pytest.fixture
def server(background: Background) -> FeedServer:
    return background.enter(FeedServer())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[Desk]:
    place.feeds.write_text(FIRST)
    clock = BusyClock()
    async with opened(place, clock) as app:
        yield Desk(app, place, clock)


@pytest.fixture
def sink(tmp_path: Path, place: Place) -> Iterator[MailSink]:
    """A mail server that takes everything; the place sends to it."""
    with LintedSink(tmp_path / "mails") as running:
        place.mail_to(running.port)
        yield running


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens, kept from others."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]
