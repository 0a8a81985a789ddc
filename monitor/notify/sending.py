"""Every mail on its way: claimed, rendered, frozen, sent; and what the operator is told.

store.outbox.claim ─► render ─► frozen bytes ─► net.mail ─► sent | deferred | failed
"""

import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor import logs
from monitor.clock import Clock
from monitor.core import schedule
from monitor.core.model import (
    Letter,
    MailKind,
    Outgoing,
    QueuedMail,
)
from monitor.errors import ConfigError, InputError, MailDeferred, MailError, MailRefused
from monitor.links import Links
from monitor.net.message import bare_address, compose
from monitor.notify.letters import Letters, Written
from monitor.render import Labels, Renderer
from monitor.store import outbox, problems
from monitor.store.database import Connection, Database

log = logs.get()

LEASE = timedelta(minutes=10)
BATCH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who our mails come from. `domain` makes Message-ID and List-Id, `unsubscribe` takes readers' requests."""

    address: str
    domain: str
    unsubscribe: str
    operator: str | None = None
    zone: str = "UTC"
    give_up: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """Sends mail with these tools. `send` is None where no mail server is configured yet, `sign` where that signs;
    `going` tells between two mails whether to go on."""

    db: Database
    render: Renderer
    send: Callable[[Outgoing], Awaitable[str]] | None
    labels: Callable[[], Labels]
    sender: Sender
    links: Links
    clock: Clock
    sign: Callable[[bytes, datetime], bytes] | None = None
    chance: Callable[[], float] = random.random
    going: Callable[[], bool] = lambda: True

    async def send_due(self) -> int:
        """Try the mails whose time has come, a batch of them; returns how many the server took.

        When the end or an error comes meanwhile, the rest of the batch goes back into the queue untried.
        """
        if self.send is None:
            return 0
        mails = deque(await self.db.run(outbox.claim, self.clock(), lease=LEASE, limit=BATCH))
        taken = 0
        try:
            while mails and self.going():
                taken += await self._try(mails.popleft(), self.send)
        finally:
            for mail in mails:
                await self.db.run(outbox.release, mail)
        return taken

    async def _try(self, mail: QueuedMail, send: Callable[[Outgoing], Awaitable[str]]) -> bool:
        try:
            outgoing = await self._freeze(mail)
            if outgoing is None:
                await self.db.run(outbox.failed, mail, "its subscriber has gone", self.clock())
                return False
            reply = await send(outgoing)
        except MailError as error:
            await self._not_taken(mail, error)
            return False
        except InputError as error:
            await self._not_taken(mail, MailRefused(str(error)))
            return False
        except ConfigError as error:  # a template that somebody is editing
            await self._not_taken(mail, MailDeferred(str(error)))
            return False
        await self.db.run(outbox.sent, mail, reply, self.clock())
        log.info("mail sent", kind=mail.kind.value, to=mail.recipient, attempt=mail.attempts)
        return True

    async def _freeze(self, mail: QueuedMail) -> Outgoing | None:
        """Return the mail's bytes: those of the first attempt, or new ones, kept before they go out."""
        body = mail.body
        if body is None:
            written = await self.db.read(self.letters.write, mail)
            if written is None:
                return None
            body = self._compose(written, mail).data
            await self.db.run(outbox.freeze, mail.pk, body)
        return Outgoing(
            sender=bare_address(self.sender.address),
            recipient=bare_address(mail.recipient),
            message_id=mail.message_id,
            data=body,
        )

    @property
    def letters(self) -> Letters:
        """Return what writes the letters."""
        return Letters(render=self.render, labels=self.labels, links=self.links)

    def _compose(self, written: Written, mail: QueuedMail) -> Outgoing:
        now = self.clock()
        outgoing = compose(
            written.letter,
            sender=self.sender.address,
            recipient=mail.recipient,
            message_id=mail.message_id,
            date=now,
            list_id=f"Ukraine monitor <digest.{self.sender.domain}>",
            unsubscribe=self.sender.unsubscribe,
            unsubscribe_url=written.one_click,
        )
        return replace(outgoing, data=self.sign(outgoing.data, now)) if self.sign else outgoing

    async def _not_taken(self, mail: QueuedMail, error: MailError) -> None:
        """Try again later, or give up: after a refusal, or when the mail has waited too long to be of use."""
        now = self.clock()
        if isinstance(error, MailDeferred) and now - mail.created_at < self.sender.give_up:
            retry_at = schedule.retry_mail(mail.attempts, now=now, chance=self.chance())
            await self.db.run(outbox.deferred, mail, str(error), retry_at)
            log.warning("mail deferred", to=mail.recipient, reply=str(error), retry=retry_at.isoformat())
        else:
            await self.db.run(outbox.failed, mail, str(error), now)
            log.error("mail failed", to=mail.recipient, reply=str(error))

    # ── the operator ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def problem(self, key: str, detail: str) -> None:
        """Tell the operator of a problem, once while it lasts."""
        if await self.db.run(self._begin, key, detail, self.clock()):
            log.error("problem", key=key, detail=detail)

    async def recovered(self, key: str) -> None:
        """Tell the operator that a problem is over, if it was open."""
        if await self.db.run(self._end, key, self.clock()):
            log.info("problem over", key=key)

    def _begin(self, conn: Connection, key: str, detail: str, now: datetime) -> bool:
        begun = problems.begin(conn, key, detail, now)
        if begun is not None:
            letter = self.render.problem(key=key, detail=detail, since=now, zone=self.sender.zone)
            self._to_operator(conn, f"problem:{begun.pk}", letter, now)
        return begun is not None

    def _end(self, conn: Connection, key: str, now: datetime) -> bool:
        ended = problems.end(conn, key, now)
        if ended is not None:
            letter = self.render.recovered(
                key=key, detail=ended.detail, since=ended.since, until=now, zone=self.sender.zone
            )
            self._to_operator(conn, f"recovered:{ended.pk}", letter, now)
        return ended is not None

    def _to_operator(self, conn: Connection, subject: str, letter: Letter, now: datetime) -> None:
        if self.sender.operator:
            outbox.queue(
                conn,
                MailKind.OPERATOR,
                subject,
                self.sender.operator,
                domain=self.sender.domain,
                now=now,
                payload=f"{letter.subject}\n{letter.text}",
            )
