"""Hands mails to an SMTP server over a few connections that are kept, and says what became of each."""

import asyncio
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Self

import aiosmtplib

from monitor.core.model import Outgoing
from monitor.errors import MailDeferred, MailError, MailRefused

MAILS_PER_CONNECTION = 100

_QUIT_S = 5
_TEXT_MAX = 300
_CLOSING = 421
_SIGN_IN = frozenset({530, 534, 535, 538})  # RFC 4954 §6: our configuration, not the recipient
_BARE = re.compile(r"[!#-;=?-~]+@[!#-;=?-~]+")  # the client would read its own sense into anything else
_JUDGEMENTS = (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """The server that takes our mail. `timeout` is for each step, `local_hostname` what we greet it with.

    `starttls`: TLS after a plain greeting, usually port 587; `tls`: from the first byte, usually 465; `none`: never.
    """

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: timedelta = timedelta(seconds=30)
    local_hostname: str | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class _Connection:
    """One session with the server, and how many mails it has carried. `handing` is true from the moment that the server
    was asked to take the text of a mail until it has answered for it."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self.mails = 0
        self.handing = False
        self._client = client
        # Kept here, since the client forgets a transport that it has closed but that still waits for its peer.
        self._transport = client.transport

    async def send(self, mail: Outgoing) -> str:
        if not all(map(_BARE.fullmatch, (mail.sender, mail.recipient))):
            raise ValueError(f"{mail.sender!r} → {mail.recipient!r}")
        self.mails += 1
        self.handing = False
        size = [f"SIZE={len(mail.data)}"] if self._client.supports_extension("size") else []
        await self._client.mail(mail.sender, options=size)
        await self._client.rcpt(mail.recipient)
        self.handing = True
        _, reply = await self._client.data(mail.data)
        self.handing = False
        return reply

    async def noop(self) -> None:
        await self._client.noop()

    async def is_good(self) -> bool:
        """Whether another mail can go this way, the last one forgotten."""
        if not self._client.is_connected or self.mails >= MAILS_PER_CONNECTION:
            return False
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            return False
        return True

    async def quit(self) -> None:
        with suppress(aiosmtplib.SMTPException, OSError):
            await self._client.quit(timeout=_QUIT_S)
        self.abort()

    def abort(self) -> None:
        self._client.close()
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()


class Mailer:
    """Sends mails, so many at once as it may have connections; an async context manager.

    A connection is opened when one is needed and none is idle, reused with RSET between mails, and given up when the
    server has dropped it or it has carried `MAILS_PER_CONNECTION`.
    """

    def __init__(self, smtp: Smtp, *, connections: int = 1, tls_context: ssl.SSLContext | None = None) -> None:
        self.connections = connections
        self._smtp = smtp
        self._tls = tls_context
        self._turns = asyncio.Semaphore(connections)
        self._idle: list[_Connection] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(self._turns.acquire() for _ in range(self.connections)))  # the last mails end
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.quit() for connection in idle))
        for _turn in range(self.connections):
            self._turns.release()

    async def send(self, mail: Outgoing) -> str:
        """Hand one mail over for its one recipient; return the server's final reply.

        Raises MailDeferred (4xx, no or lost connection, time-out, our sign-in refused) or MailRefused (5xx to this
        sender, recipient or message). When the connection is lost while the text is handed over nobody knows whether
        the mail was taken: `ambiguous`, and its Message-ID marks a second copy. Source: RFC 5321 §4.2, §4.5.4.
        """
        async with self._turns:
            connection = await self._ready()
            try:
                return await self._hand_over(connection, mail)
            except MailDeferred as error:
                # Some relays take only so many mails on one connection, and say so at the next one.
                if error.code != _CLOSING or connection.mails == 1:
                    raise
            return await self._hand_over(await self._connect(), mail)

    async def probe(self) -> str:
        """Connect, greet, sign in and hang up; return what worked, in one line.

        Raises MailError, with the usual remedy in plain words.
        """
        connection = await self._connect()
        try:
            with _told(self._smtp, connection):
                await connection.noop()
            await connection.quit()
        finally:
            connection.abort()
        secured = {"starttls": "TLS by STARTTLS", "tls": "TLS", "none": "no TLS"}[self._smtp.security]
        signed_in = f"signed in as {self._smtp.user}" if self._smtp.user else "no sign-in"
        return f"{self._smtp} answers: {secured}, {signed_in}"

    async def _ready(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            try:
                if await connection.is_good():
                    return connection
            except asyncio.CancelledError:
                connection.abort()
                raise
            await connection.quit()
        return await self._connect()

    async def _connect(self) -> _Connection:
        smtp = self._smtp
        try:
            client = aiosmtplib.SMTP(
                hostname=smtp.host,
                port=smtp.port,
                username=smtp.user,
                password=smtp.password,
                timeout=smtp.timeout.total_seconds(),
                use_tls=smtp.security == "tls",
                start_tls=smtp.security == "starttls",
                tls_context=self._tls,
                local_hostname=smtp.local_hostname or socket.gethostname(),
            )
            await client.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            text = f"{smtp}: {_line(_remedy(smtp, error))}"
            raise MailDeferred(text, code=getattr(error, "code", None), unserved=True) from error
        return _Connection(client)

    async def _hand_over(self, connection: _Connection, mail: Outgoing) -> str:
        keep = False
        try:
            with _told(self._smtp, connection):
                reply = await connection.send(mail)
            keep = True
        except MailError as error:
            keep = error.code is not None and error.code not in {_CLOSING, -1}
            raise
        finally:
            if keep:
                self._idle.append(connection)
            else:
                connection.abort()
        return _line(reply)


# ── what went wrong ──────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _told(smtp: Smtp, connection: _Connection) -> Iterator[None]:
    """Turn what the client raises during a mail into our own errors."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        raise _judged(smtp, error, connection) from error
    except TimeoutError as error:
        text = f"{smtp}: no reply within {smtp.timeout.total_seconds():g} s"
        raise MailDeferred(text, ambiguous=connection.handing) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        text = f"{smtp}: the connection was lost before the server had taken the mail"
        raise MailDeferred(text, ambiguous=connection.handing) from error
    except ValueError as error:
        raise MailRefused(f"not an address that can be sent: {_line(str(error))}") from error


def _judged(smtp: Smtp, error: aiosmtplib.SMTPResponseException, connection: _Connection) -> MailError:
    code, reply = error.code, _line(error.message)
    text = f"{smtp}: {code} {reply}"
    if code in _SIGN_IN:
        return MailDeferred(f"{text} ({_SIGN_IN_WORDS})", code=code, reply=reply, unserved=True)
    if isinstance(error, _JUDGEMENTS) and 500 <= code < 600:
        return MailRefused(text, code=code, reply=reply)
    unknown = connection.handing and not 400 <= code < 600  # such a reply says neither yes nor no
    return MailDeferred(text, code=code, reply=reply, ambiguous=unknown)


def _line(text: str) -> str:
    return " ".join(text.split())[:_TEXT_MAX]


_SIGN_IN_WORDS = "the server wants another user name or password; many providers ask for an app password here"

_REMEDIES: tuple[tuple[type[BaseException], str], ...] = (
    (aiosmtplib.SMTPAuthenticationError, _SIGN_IN_WORDS),
    (aiosmtplib.SMTPConnectResponseError, "the server does not serve us"),
    (socket.gaierror, "the host name does not resolve: check its spelling"),
    (ssl.SSLCertVerificationError, "the certificate is not trusted, or is not for this host name"),
    (ConnectionRefusedError, "nothing listens there: check host and port (587 for starttls, 465 for tls)"),
)


def _remedy(smtp: Smtp, error: Exception) -> str:
    """Say what is usually wrong when a connection cannot be made, and after it what the machine said."""
    cause = error.__cause__ or error
    said = getattr(error, "message", None) or str(error)
    for kind, words in _REMEDIES:
        if isinstance(error, kind) or isinstance(cause, kind):
            return f"{words} ({said})"
    if isinstance(cause, ssl.SSLError) and smtp.security == "tls":
        return f"the server does not speak TLS from the first byte: try security 'starttls' ({said})"
    if isinstance(error, TimeoutError):
        return f"{_silence(smtp, said)} ({said})"
    return f"{_missing(said)} ({said})"


def _silence(smtp: Smtp, said: str) -> str:
    if "ready message" in said and smtp.security != "tls":
        return "connected, but the server says nothing: if the port speaks TLS from the first byte, use security 'tls'"
    return "no answer: a firewall or the hosting provider may block this port; try 587 (starttls) or 465 (tls)"


def _missing(said: str) -> str:
    if "AUTH" in said and "not supported" in said:
        return "the server offers no sign-in on this connection: leave the user empty, or use another port or security"
    if "STARTTLS" in said and "not supported" in said:
        return "the server offers no STARTTLS: try security 'tls', or 'none' for a server on this very machine"
    return "no session with the server"
