"""Mail on its way."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MailState(StrEnum):
    """Where a mail stands. `sent` and `failed` are final; `held` waits for the operator."""

    QUEUED = "queued"
    SENDING = "sending"
    DEFERRED = "deferred"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"


class HoldReason(StrEnum):
    """Why a mail is `held`: it may have been taken already, or its domain will have none of ours."""

    UNKNOWN = "unknown"
    POLICY = "policy"


class MailKind(StrEnum):
    """What a mail is for. `again` is a digest that the operator sends a second time on purpose."""

    DIGEST = "digest"
    AGAIN = "again"
    OPERATOR = "operator"
    CONFIRM = "confirm"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedMail:
    """A mail of the outbox that is to be tried now. `attempts` counts this one, `domain` is the recipient's. `body` is
    None until the first attempt has frozen it; `subject` tells what it is about (an edition's id, a problem's key)."""

    pk: int
    kind: MailKind
    subject: str
    recipient: str
    domain: str
    message_id: str
    attempts: int
    created_at: datetime
    payload: str | None = None
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a mail says, before it has an address. `bulk` mails carry the list headers, others must not (RFC 8058)."""

    subject: str
    text: str
    html: str | None = None
    lang: str = "en"
    bulk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A mail as bytes, ready for the wire: RFC 5322 message and its SMTP envelope."""

    sender: str
    recipient: str
    message_id: str
    data: bytes
