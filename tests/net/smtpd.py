"""SMTP servers on loopback: a real one (aiosmtpd), and a raw one that misbehaves at a chosen stage.

When they close, the mails that they took are linted: a test whose mail is not as the RFCs want it fails.
"""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.message_lint.lint import assert_clean

USER, PASSWORD = "desk", "correct horse"
HANG, DROP, DROP_AFTER = "hang", "drop", "drop after"
"""Moods beside a reply line: say nothing more; hang up at once; answer as usual, then hang up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A mail as the server took it."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes


# ── the real one ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Sink:
    """Takes everything; `mails` is what came."""

    port: int = 0
    mails: list[Received] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        assert isinstance(envelope.original_content, bytes)
        sender, recipients = str(envelope.mail_from), tuple(map(str, envelope.rcpt_tos))
        self.mails.append(Received(sender=sender, recipients=recipients, data=envelope.original_content))
        return f"250 2.0.0 queued as {len(self.mails)}"


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=good, handled=False)


@asynccontextmanager
async def sink(*, tls: ssl.SSLContext | None = None, auth: bool = False) -> AsyncIterator[Sink]:
    """Run aiosmtpd, with STARTTLS required if `tls` is given and signing in if `auth` is."""
    loop = asyncio.get_running_loop()
    handler = Sink()
    protocols: list[SMTP] = []

    def make() -> SMTP:
        options: dict[str, Any] = {"authenticator": authenticate, "auth_required": True} if auth else {}
        made = SMTP(
            handler, loop=loop, hostname="sink.test", tls_context=tls, require_starttls=tls is not None, **options
        )
        protocols.append(made)
        return made

    server = await loop.create_server(make, "127.0.0.1", 0)
    handler.port = server.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        server.close()
        for protocol in protocols:
            if isinstance(protocol.transport, asyncio.WriteTransport):
                protocol.transport.abort()
        await server.wait_closed()
    assert_clean(mail.data for mail in handler.mails)


# ── the raw one ──────────────────────────────────────────────────────────────────────────────────────────────────────

USUAL = {
    "GREETING": "220 raw.test ESMTP",
    "STARTTLS": "220 go ahead",
    "AUTH": "235 welcome",
    "MAIL": "250 sender ok",
    "RCPT": "250 recipient ok",
    "DATA": "354 go on",
    "END": "250 2.0.0 taken",
    "RSET": "250 forgotten",
    "NOOP": "250 still here",
    "QUIT": "221 bye",
}


class HangUpError(Exception):
    """Ends a connection."""


@dataclass(slots=True)
class Smtpd:
    """Answers as usual but for `moods`: stage → reply line, HANG or DROP. `once`: only the first time round."""

    moods: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    auth: bool = False
    per_connection: int | None = None
    mails: list[Received] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    connections: int = 0
    _used: set[str] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        context = self.tls if self.implicit else None
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=context, limit=1 << 20)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task, writer in list(self._tasks.items()):
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        if kind is None:
            assert_clean(mail.data for mail in self.mails)

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks[task] = writer
        self.connections += 1
        try:
            with suppress(HangUpError, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await _Talk(self, reader, writer).run()
        except asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()
            del self._tasks[task]

    def mood(self, stage: str, usual: str) -> str:
        self.stages.append(stage)
        if self.once and stage in self._used:
            return usual
        self._used.add(stage)
        return self.moods.get(stage, usual)


@dataclass(slots=True)
class _Talk:
    server: Smtpd
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    taken: int = 0
    secured: bool = False

    async def run(self) -> None:
        self.secured = self.server.implicit
        await self.say("GREETING")
        while True:
            line = (await self.reader.readuntil(b"\r\n")).decode().rstrip()
            verb, _, argument = line.partition(" ")
            await self.serve(verb.upper(), argument)

    async def serve(self, verb: str, argument: str) -> None:
        match verb:
            case "EHLO":
                await self.greet()
            case "STARTTLS":
                await self.secure()
            case "AUTH":
                await self.sign_in(argument)
            case "DATA":
                await self.take()
            case _:
                self.note(verb, argument)
                await self.say(verb)

    def note(self, verb: str, argument: str) -> None:
        address = argument.partition("<")[2].partition(">")[0]
        if verb == "MAIL":
            self.sender, self.recipients = address, []
        if verb == "RCPT":
            self.recipients.append(address)

    async def greet(self) -> None:
        offers = ["raw.test", "SIZE 10000000"]
        offers += ["STARTTLS"] if self.server.tls and not self.secured else []
        offers += ["AUTH PLAIN"] if self.server.auth else []
        usual = "\r\n".join([f"250-{offer}" for offer in offers] + ["250 8BITMIME"])
        await self.say("EHLO", usual)

    async def secure(self) -> None:
        await self.say("STARTTLS")
        assert self.server.tls is not None
        await self.writer.start_tls(self.server.tls)
        self.secured = True

    async def sign_in(self, argument: str) -> None:
        good = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
        await self.say("AUTH", None if argument == f"PLAIN {good}" else "535 5.7.8 who are you")

    async def take(self) -> None:
        if not await self.say("DATA"):
            return
        data = (await self.reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        mail = Received(sender=self.sender, recipients=tuple(self.recipients), data=data)
        if await self.say("END"):
            self.server.mails.append(mail)
        self.taken += 1

    async def say(self, stage: str, usual: str | None = None) -> bool:
        """Answer as the mood wants; True if that was a yes."""
        usual = usual or USUAL.get(stage, "250 ok")
        reply = self.server.mood(stage, usual)
        if stage == "MAIL" and self.taken == self.server.per_connection:
            reply = "421 4.7.0 too many mails on this connection"
        if reply == HANG:
            await self.reader.read()
            raise HangUpError
        if reply != DROP:
            self.writer.write((usual if reply == DROP_AFTER else reply).encode() + b"\r\n")
            await self.writer.drain()
        if reply in {DROP, DROP_AFTER} or reply.startswith(("421", "221")):
            self.writer.close()
            raise HangUpError
        return reply[0] in "23"
