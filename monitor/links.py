"""Addresses that mails and pages carry: each opens one thing to one reader, and nobody else can make one.

/u/<token>  unsubscribe: without end, as an old mail must still lead out (RFC 8058 §4)
/c/<token>  confirm a subscription      /m/<token>  manage one      /y/<token>  take along or erase my data
/d/<token>  all of an edition

A token is `<pk>-<version>[-<edition>].<time>.<signature>`, signed by HMAC-SHA256, cut to 128 bits (RFC 2104 §5), under
a key of its purpose. Raising a subscriber's version makes all older tokens void, and so does erasing the subscriber.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from urllib.parse import quote

from itsdangerous import BadSignature, HMACAlgorithm, TimestampSigner

from monitor.clock import Clock
from monitor.core.model import Subscriber


class Purpose(StrEnum):
    """What an address is for; the value is the first part of its path."""

    UNSUBSCRIBE = "u"
    CONFIRM = "c"
    MANAGE = "m"
    DATA = "y"
    EDITION = "d"


LIFETIME = {
    Purpose.CONFIRM: timedelta(days=3),
    Purpose.MANAGE: timedelta(days=30),
    Purpose.DATA: timedelta(days=1),
    Purpose.EDITION: timedelta(days=90),
}
"""How long an address holds, where it ends at all."""

FORM_LIFETIME = timedelta(hours=12)
"""How long a page may lie open before its form is sent."""

_PAYLOAD = re.compile(r"(?a:(\d{1,18})-(\d{1,10})(?:-(\d{1,18}))?)")
_TOKEN_MAX = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a token stands for: a subscriber, the version of whom it holds, and an edition where it is about one."""

    subscriber: int
    version: int
    edition: int | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads addresses. Without `base_url` there are no pages: readers write to `mailbox`, all else is None.

    `secret` signs; who learns it can open every reader's pages.
    """

    base_url: str | None
    secret: str | None = field(repr=False)
    mailbox: str
    clock: Clock

    @property
    def web(self) -> bool:
        """Tell whether there are pages."""
        return self.base_url is not None

    # ── for mails ────────────────────────────────────────────────────────────────────────────────────────────────────

    def unsubscribe(self, reader: Subscriber) -> str:
        """Return where a reader unsubscribes: a page, or the mail to write."""
        return self._address(Purpose.UNSUBSCRIBE, reader) or self.mailto(reader)

    def mailto(self, reader: Subscriber) -> str:
        """Return the mail that unsubscribes a reader, as a mailto URI (RFC 6068)."""
        return f"mailto:{self.mailbox}?subject=unsubscribe%20{quote(reader.email)}"

    def one_click(self, reader: Subscriber) -> str | None:
        """Return the https address of RFC 8058; None where ours is not https."""
        address = self.unsubscribe(reader)
        return address if address.startswith("https://") else None

    def manage(self, reader: Subscriber) -> str | None:
        """Return where a reader changes wishes, pauses and resumes."""
        return self._address(Purpose.MANAGE, reader)

    def edition(self, reader: Subscriber, pk: int) -> str | None:
        """Return where the whole of an edition stands."""
        return self._address(Purpose.EDITION, reader, pk)

    def confirm(self, reader: Subscriber) -> str | None:
        """Return where the second step of a double opt-in is taken."""
        return self._address(Purpose.CONFIRM, reader)

    def data(self, reader: Subscriber) -> str | None:
        """Return where a reader takes along or erases what is known of them."""
        return self._address(Purpose.DATA, reader)

    def _address(self, purpose: Purpose, reader: Subscriber, *more: int) -> str | None:
        return None if self.base_url is None else self.base_url + self.path(purpose, reader, *more)

    # ── for pages ────────────────────────────────────────────────────────────────────────────────────────────────────

    def path(self, purpose: Purpose, reader: Subscriber, *more: int) -> str:
        """Return the path of an address, with a new token."""
        payload = "-".join(str(part) for part in (reader.pk, reader.version, *more))
        return f"/{purpose}/{self._signer(purpose).sign(payload).decode()}"

    def opened(self, purpose: Purpose, token: str) -> Opened | None:
        """Return what a token stands for; None where it is not ours, for another purpose, or too old."""
        found = _PAYLOAD.fullmatch(self._unsigned(purpose, token, LIFETIME.get(purpose)) or "")
        if found is None or (found[3] is None) == (purpose is Purpose.EDITION):
            return None
        return Opened(subscriber=int(found[1]), version=int(found[2]), edition=int(found[3]) if found[3] else None)

    def seal(self, page: str) -> str:
        """Return what a page's form must bring back, so that only a form that we gave out for this page counts."""
        return self._signer("form").sign(page).decode().removeprefix(page + ".")

    def sealed(self, page: str, seal: str) -> bool:
        """Tell whether a form brings the seal of its page, and is not too old."""
        return self._unsigned("form", f"{page}.{seal}", FORM_LIFETIME) is not None

    def _unsigned(self, salt: str, text: str, lifetime: timedelta | None) -> str | None:
        if len(text) > 2 * _TOKEN_MAX or not text.isascii():
            return None
        age = None if lifetime is None else int(lifetime.total_seconds())
        try:
            return self._signer(salt).unsign(text, max_age=age).decode()
        except BadSignature:
            return None

    def _signer(self, salt: str) -> "_Signer":
        if self.secret is None:
            raise ValueError("there is no secret to sign with")
        return _Signer(self.secret, salt, self.clock)


class _Half(HMACAlgorithm):
    """HMAC cut to half of SHA-256's length."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:16]


class _Signer(TimestampSigner):
    """Signs with the time that our clock tells."""

    def __init__(self, secret: str, salt: str, clock: Clock) -> None:
        super().__init__(secret, salt=f"monitor.{salt}", key_derivation="hmac", algorithm=_Half(hashlib.sha256))
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock().timestamp())
