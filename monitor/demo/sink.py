"""A real SMTP server on loopback that keeps every mail, as a file to open and in memory."""

import re
import socket
import threading
from asyncio import AbstractServer
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """A mail as it came: SMTP envelope, bytes, and the files written of it (`.eml`, then `.html` and `.txt`)."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    files: tuple[Path, ...]

    @property
    def message(self) -> EmailMessage:
        """The mail parsed anew (RFC 5322)."""
        message = message_from_bytes(self.data, policy=default)
        assert isinstance(message, EmailMessage)
        return message


class _Handler:
    """What aiosmtpd calls; apart from the sink, since aiosmtpd reads every attribute of its handler."""

    def __init__(self, keep: Callable[[Envelope], None]) -> None:
        self._keep = keep

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """Take a mail; the reply is RFC 5321's."""
        self._keep(envelope)
        return "250 2.0.0 kept"


class _Loopback(Controller):
    """A controller on a port that the system chooses: aiosmtpd's own would then try to reach port 0."""

    def _create_server(self) -> Awaitable[AbstractServer]:
        listener = socket.create_server((_HOST, 0))
        self.port = listener.getsockname()[1]
        return self.loop.create_server(self._factory_invoker, sock=listener)


class MailSink:
    """Takes every mail for every recipient while the context is open, in its own thread.

    Writes `NNN-recipient.eml` and the HTML and text parts beside it into `folder`; numbers begin at 001 with each sink.
    A mail that cannot be written is refused with a 5xx reply.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mails: list[KeptMail] = []
        self._arrived = threading.Condition()
        self._controller: _Loopback | None = None

    @property
    def host(self) -> str:
        """Where to connect."""
        return _HOST

    @property
    def port(self) -> int:
        """Where to connect. Raises `RuntimeError` outside the context."""
        if self._controller is None:
            raise RuntimeError("the mail sink is not running")
        return self._controller.port

    @property
    def mails(self) -> tuple[KeptMail, ...]:
        """Every mail taken so far, in the order of arrival; stays after the context is closed."""
        with self._arrived:
            return tuple(self._mails)

    def wait(self, count: int, seconds: float) -> bool:
        """Block until `count` mails have come, for at most `seconds`; tell whether they came."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self._mails) >= count, seconds)

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        controller = _Loopback(_Handler(self._keep), hostname=_HOST, server_hostname="localhost")
        controller.start()
        self._controller = controller
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def _keep(self, envelope: Envelope) -> None:
        recipients, data = tuple(envelope.rcpt_tos), envelope.original_content or b""
        with self._arrived:
            stem = f"{len(self._mails) + 1:03d}-{_file_name(recipients[0])}"
            files = _write(self._folder / stem, data)
            self._mails.append(KeptMail(sender=envelope.mail_from or "", recipients=recipients, data=data, files=files))
            self._arrived.notify_all()


def _file_name(recipient: str) -> str:
    """Make a file name of an address: a recipient is a stranger's text and must not choose the folder."""
    return re.sub(r"[^\w.@+-]", "_", recipient)[:80]


def _write(stem: Path, data: bytes) -> tuple[Path, ...]:
    message = message_from_bytes(data, policy=default)
    eml = Path(f"{stem}.eml")
    eml.write_bytes(data)
    parts = ((kind, message.get_body((kind,))) for kind in ("html", "plain"))
    return (eml, *(_write_part(stem, kind, part) for kind, part in parts if part is not None))


def _write_part(stem: Path, kind: str, part: MIMEPart) -> Path:
    path = Path(f"{stem}.{'html' if kind == 'html' else 'txt'}")
    path.write_text(part.get_content(), encoding="utf-8")
    return path
