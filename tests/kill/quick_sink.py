"""A quick mail server that notes what it took before it says so, refuses some for now, and holds a mail when asked."""

import asyncio
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Self

from tests.message_lint.lint import assert_clean


class Stage(StrEnum):
    """Where a mail stands when its sender is killed."""

    BEFORE = "before its text was asked for"
    TAKEN = "taken, before the reply"
    REPLIED = "after the reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A mail that this server is now responsible for; `life` counts the sender's starts."""

    life: int
    recipient: str
    message_id: str
    data: bytes


@dataclass(slots=True)
class QuickSink:
    """`refusing` is the share of recipients that are refused for now."""

    seed: int
    refusing: float = 0.0
    life: int = 0
    port: int = 0
    refused: int = 0
    taken: list[Taken] = field(default_factory=list)
    _stage: Stage | None = None
    _count: int = 0
    _reached: bool = False
    _chance: Random = field(default_factory=Random)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _open: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._chance.seed(self.seed)
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        if kind is None:
            assert_clean({mail.message_id: mail.data for mail in self.taken}.values())

    def next_life(self, stage: Stage | None = None, count: int = 0) -> None:
        """Begin a new life of the sender; `reached` after `count` mails, when the next one stands at `stage`."""
        self.life += 1
        self._stage, self._count, self._reached = stage, count, False

    def wait(self, done: Callable[[], bool], seconds: float) -> bool:
        with self._news:
            return self._news.wait_for(done, seconds)

    def reached(self) -> bool:
        return self._reached

    def silent(self) -> bool:
        """Tell whether everything that was sent has been read."""
        return not self._open

    def of(self, life: int) -> list[Taken]:
        return [mail for mail in self.taken if mail.life == life]

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._talk(reader, writer, self.life)
        finally:
            writer.transport.abort()
            with self._news:
                self._open.discard(task)
                self._news.notify_all()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, life: int) -> None:
        recipient = ""
        writer.write(b"220 sink.test ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient = line.decode().partition("<")[2].partition(">")[0]
            if verb == b"DATA":
                await self._take(reader, writer, life, recipient)
            else:
                writer.write(self._reply(verb))
            if verb == b"QUIT":
                return

    def _reply(self, verb: bytes) -> bytes:
        if verb == b"RCPT" and self._chance.random() < self.refusing:
            self.refused += 1
            return b"450 4.2.1 mailbox busy\r\n"  # its own fault: else the domain of all would rest
        return b"250 ok\r\n"

    async def _take(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, life: int, recipient: str
    ) -> None:
        await self._hold(Stage.BEFORE, life, reader)
        writer.write(b"354 go on\r\n")
        data = await reader.readuntil(b"\r\n.\r\n")
        found = re.search(rb"^Message-ID: *(\S+)", data, re.MULTILINE | re.IGNORECASE)
        assert found is not None
        with self._news:
            self.taken.append(Taken(life=life, recipient=recipient, message_id=found[1].decode(), data=data))
        await self._hold(Stage.TAKEN, life, reader)
        writer.write(b"250 2.0.0 taken\r\n")
        await self._hold(Stage.REPLIED, life, reader)

    async def _hold(self, stage: Stage, life: int, reader: asyncio.StreamReader) -> None:
        """Say nothing more once the chosen moment has come, but after a reply."""
        before = len(self.of(life)) - (stage != Stage.BEFORE)
        if life != self.life or stage != self._stage or before != self._count:
            return
        with self._news:
            self._reached = True
            self._news.notify_all()
        if stage != Stage.REPLIED:
            await reader.read()
