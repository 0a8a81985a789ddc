"""A mail server that refuses, drops and hangs by chance, and remembers what it did with each mail."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Self

from tests.kill.quick_sink import Taken


class Mood(StrEnum):
    """What becomes of a mail."""

    TAKE = "taken"
    LATER = "451 4.3.0 not now"
    SOON = "450 4.7.1 too many mails, try again in 2 minutes"
    BUSY = "450 4.2.1 mailbox busy"
    CLOSING = "421 4.3.2 closing"
    GONE = "550 5.1.1 no such user"
    FULL = "552 5.2.2 mailbox full"
    POLICY = "554 5.7.1 we do not like this"
    DROP_TAKEN = "taken, and the connection dropped before the reply"
    DROP_LOST = "not taken, and the connection dropped before the reply"
    HANG = "hanging"


REFUSING = {Mood.LATER: 3, Mood.SOON: 1, Mood.BUSY: 1, Mood.CLOSING: 1, Mood.GONE: 2, Mood.FULL: 1, Mood.POLICY: 1}
"""How often each refusal comes among ten."""
FINAL = frozenset({Mood.GONE, Mood.FULL})


@dataclass(slots=True)
class RudeSink:
    """Refuses the share `refused` of the mails, drops `dropped` after their text, hangs on `hung`. Mail to `spared`
    addresses is always taken."""

    seed: int
    refused: float = 0.10
    dropped: float = 0.05
    hung: float = 0.01
    spared: str = ""
    life: int = 0
    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    moods: Counter[Mood] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    gone: set[str] = field(default_factory=set)
    most: int = 0
    _chance: Random = field(default_factory=Random)
    _news: threading.Condition = field(default_factory=threading.Condition)
    _open: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._chance.seed(self.seed)
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def wait(self, done: Callable[[], bool], seconds: float) -> bool:
        with self._news:
            return self._news.wait_for(done, seconds)

    def silent(self) -> bool:
        """Tell whether everything that was sent has been read."""
        return not self._open

    def of(self, life: int) -> list[Taken]:
        return [mail for mail in self.taken if mail.life == life]

    def kind(self) -> None:
        """Take everything from now on."""
        self.refused = self.dropped = self.hung = 0.0

    def _mood(self, recipient: str) -> Mood:
        if recipient == self.spared:
            return Mood.TAKE
        draw = self._chance.random()
        for share, moods in (
            (self.refused, self._chance.choices(list(REFUSING), list(REFUSING.values()))),
            (self.dropped, [self._chance.choice((Mood.DROP_TAKEN, Mood.DROP_LOST))]),
            (self.hung, [Mood.HANG]),
        ):
            if draw < share:
                return moods[0]
            draw -= share
        return Mood.TAKE

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.most = max(self.most, len(self._open))
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await _Talk(self, reader, writer, self.life).run()
        finally:
            writer.transport.abort()
            with self._news:
                self._open.discard(task)
                self._news.notify_all()

    def note(self, mood: Mood, recipient: str, taken: Taken | None = None) -> None:
        with self._news:
            self.moods[mood] += 1
            if mood in FINAL:
                self.gone.add(recipient)
            if taken is not None:
                self.taken.append(taken)
                self.excused[taken.message_id] += mood == Mood.DROP_TAKEN
            self._news.notify_all()


@dataclass(slots=True)
class _Talk:
    sink: RudeSink
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    life: int
    recipient: str = ""
    mood: Mood = Mood.TAKE

    async def run(self) -> None:
        self.writer.write(b"220 sink.test ESMTP\r\n")
        while line := await self.reader.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                self.recipient = line.decode().partition("<")[2].partition(">")[0]
                self.mood = self.sink._mood(self.recipient)
            going = await self.take() if verb == b"DATA" else await self.answer(verb)
            if not going:
                return

    async def answer(self, verb: bytes) -> bool:
        if verb == b"RCPT" and self.mood == Mood.HANG:
            self.sink.note(self.mood, self.recipient)
            await self.reader.read()
            return False
        refused = verb == b"RCPT" and self.mood in REFUSING
        if refused:
            self.sink.note(self.mood, self.recipient)
        self.writer.write(f"{self.mood}\r\n".encode() if refused else b"250 ok\r\n")
        await self.writer.drain()
        return verb != b"QUIT" and not (refused and self.mood == Mood.CLOSING)

    async def take(self) -> bool:
        self.writer.write(b"354 go on\r\n")
        data = await self.reader.readuntil(b"\r\n.\r\n")
        found = re.search(rb"^Message-ID: *(\S+)", data, re.MULTILINE | re.IGNORECASE)
        assert found is not None
        taken = Taken(life=self.life, recipient=self.recipient, message_id=found[1].decode(), data=data)
        self.sink.note(self.mood, self.recipient, None if self.mood == Mood.DROP_LOST else taken)
        if self.mood in {Mood.DROP_TAKEN, Mood.DROP_LOST}:
            return False
        self.writer.write(b"250 2.0.0 taken\r\n")
        await self.writer.drain()
        return True
