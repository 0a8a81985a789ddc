"""Hands mails to an SMTP server over one connection that is kept, and says what became of each."""

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
    """One session with the server, and how many mails it has carried."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self.mails = 0
        self._client = client
        # Kept here, since the client forgets a transport that it has closed but that still waits for its peer.
        self._transport = client.transport

    async def send(self, mail: Outgoing) -> str:
        if not all(map(_BARE.fullmatch, (mail.sender, mail.recipient))):
            raise ValueError(f"{mail.sender!r} → {mail.recipient!r}")
        self.mails += 1
        _, reply = await self._client.sendmail(mail.sender, [mail.recipient], mail.data)
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
    """Sends mails one after another; an async context manager.

    The connection is opened when it is first needed, reused with RSET between mails, and opened anew when the server
    has dropped it or taken `MAILS_PER_CONNECTION`.
    """

    def __init__(self, smtp: Smtp, *, tls_context: ssl.SSLContext | None = None) -> None:
        self._smtp = smtp
        self._tls = tls_context
        self._turn = asyncio.Lock()
        self._connection: _Connection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        async with self._turn:
            await self._hang_up()

    async def send(self, mail: Outgoing) -> str:
        """Hand one mail over for its one recipient; return the server's final reply.

        Raises MailDeferred (4xx, no or lost connection, time-out, our sign-in refused) or MailRefused (5xx to this
        sender, recipient or message). When the connection is lost after the last byte nobody knows whether the mail
        was taken: it is deferred, and its Message-ID marks the second copy. Source: RFC 5321 §4.2, §4.5.4.
        """
        async with self._turn:
            connection = await self._ready()
            try:
                return await self._hand_over(connection, mail)
            except MailDeferred as error:
                # Some relays take only so many mails on one connection, and say so at the next one.
                if error.code != _CLOSING or connection.mails == 1:
                    raise
            return await self._hand_over(await self._ready(), mail)

    async def probe(self) -> str:
        """Connect, greet, sign in and hang up; return what worked, in one line.

        Raises MailError, with the usual remedy in plain words.
        """
        connection = await self._connect()
        try:
            with _told(self._smtp):
                await connection.noop()
            await connection.quit()
        finally:
            connection.abort()
        secured = {"starttls": "TLS by STARTTLS", "tls": "TLS", "none": "no TLS"}[self._smtp.security]
        signed_in = f"signed in as {self._smtp.user}" if self._smtp.user else "no sign-in"
        return f"{self._smtp} answers: {secured}, {signed_in}"

    async def _ready(self) -> _Connection:
        if self._connection and not await self._connection.is_good():
            await self._hang_up()
        if self._connection is None:
            self._connection = await self._connect()
        return self._connection

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
            raise MailDeferred(f"{smtp}: {_line(_remedy(smtp, error))}", code=getattr(error, "code", None)) from error
        return _Connection(client)

    async def _hand_over(self, connection: _Connection, mail: Outgoing) -> str:
        keep = False
        try:
            with _told(self._smtp):
                reply = await connection.send(mail)
            keep = True
        except MailError as error:
            keep = error.code is not None and error.code not in {_CLOSING, -1}
            raise
        finally:
            if not keep:
                self._connection = None
                connection.abort()
        return _line(reply)

    async def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            await connection.quit()


# ── what went wrong ──────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _told(smtp: Smtp) -> Iterator[None]:
    """Turn what the client raises during a mail into our own errors."""
    try:
        yield
    except aiosmtplib.SMTPRecipientsRefused as error:
        raise _judged(smtp, error.recipients[0]) from error
    except aiosmtplib.SMTPResponseException as error:
        raise _judged(smtp, error) from error
    except TimeoutError as error:
        raise MailDeferred(f"{smtp}: no reply within {smtp.timeout.total_seconds():g} s") from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise MailDeferred(f"{smtp}: the connection was lost before the server had taken the mail") from error
    except ValueError as error:
        raise MailRefused(f"not an address that can be sent: {_line(str(error))}") from error


def _judged(smtp: Smtp, error: aiosmtplib.SMTPResponseException) -> MailError:
    text = f"{smtp}: {error.code} {_line(error.message)}"
    if error.code in _SIGN_IN:
        return MailDeferred(f"{text} ({_SIGN_IN_WORDS})", code=error.code)
    if isinstance(error, _JUDGEMENTS) and 500 <= error.code < 600:
        return MailRefused(text, code=error.code)
    return MailDeferred(text, code=error.code)


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
