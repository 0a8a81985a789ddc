"""Every mail on its way: claimed, rendered, frozen, sent; and what the operator is told.

dispatch: store.outbox.claim ─► letters ─► frozen bytes ─► net.mail ─► outcomes: sent | deferred | held | failed
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from monitor import logs
from monitor.clock import Clock
from monitor.core.model import Letter, MailKind, MailState, Outgoing, QueuedMail
from monitor.core.rates import Rates
from monitor.errors import ConfigError, InputError, MailDeferred, MailError, MailRefused
from monitor.links import Links
from monitor.net.message import bare_address, compose
from monitor.notify import holding, outcomes
from monitor.notify.dispatch import Dispatch
from monitor.notify.letters import Letters, Written
from monitor.render import Labels, Renderer
from monitor.store import outbox, problems
from monitor.store.database import Connection, Database

log = logs.get()

LEASE = timedelta(minutes=10)
AN_ATTEMPT = LEASE / 2
"""No mail may be on its way for longer: when its lease ends others take it."""


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
    """Sends mail with these tools. `send` is None where no mail server is configured yet, `sign` where that signs.

    `at_once` mails go side by side. With `hold_unknown` a mail that may have been taken waits for the operator, else it
    is sent again. `going` tells between two mails whether to go on.
    """

    db: Database
    render: Renderer
    send: Callable[[Outgoing], Awaitable[str]] | None
    labels: Callable[[], Labels]
    sender: Sender
    links: Links
    clock: Clock
    rates: Rates
    at_once: int = 1
    hold_unknown: bool = False
    sign: Callable[[bytes, datetime], bytes] | None = None
    chance: Callable[[], float] = random.random
    going: Callable[[], bool] = lambda: True

    async def send_due(self) -> int:
        """Try the mails whose time has come; returns how many the server took. See `Dispatch`."""
        if self.send is None:
            return 0
        await self.expire()
        return await Dispatch(
            db=self.db,
            clock=self.clock,
            rates=self.rates,
            attempt=partial(self._try, send=self.send),
            at_once=self.at_once,
            lease=LEASE,
            hold=self.hold_unknown,
            going=self.going,
        ).run()

    async def _try(self, mail: QueuedMail, send: Callable[[Outgoing], Awaitable[str]]) -> bool:
        try:
            outgoing = await self._begin_to_send(mail)
            if outgoing is None:
                return False
            reply = await _in_time(send(outgoing))
        except MailError as error:
            await self._not_taken(mail, error)
            return False
        except InputError as error:
            await self._not_taken(mail, MailRefused(str(error)))
            return False
        except ConfigError as error:  # a template that somebody is editing
            await self._not_taken(mail, MailDeferred(str(error)))
            return False
        await self.db.run(outcomes.taken, mail, reply, self.clock())
        log.info("mail sent", kind=mail.kind.value, to=mail.recipient, attempt=mail.attempts)
        return True

    async def _begin_to_send(self, mail: QueuedMail) -> Outgoing | None:
        """Return the mail's bytes: those of the first attempt, or new ones, kept before they go out."""
        body = mail.body
        if body is None:
            written = await self.db.read(self.letters.write, mail)
            if written is None:
                await self.db.run(outbox.failed, mail, "its subscriber has gone", self.clock())
                return None
            body = self._compose(written, mail).data
        frozen = await self.db.run(outbox.begin, mail, body, self.clock(), lease=LEASE)
        if frozen is None:
            await self.db.run(outbox.give_back, [mail])
            return None
        return Outgoing(
            sender=bare_address(self.sender.address),
            recipient=bare_address(mail.recipient),
            message_id=mail.message_id,
            data=frozen,
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
        """Draw the conclusions: for the mail, its address and its domain."""
        now = self.clock()
        judged = outcomes.judge(error, hold_unknown=self.hold_unknown)
        trouble = outcomes.Trouble(
            judged=judged,
            reply=str(error),
            at=now,
            too_old=now - mail.created_at >= self.sender.give_up,
            chance=self.chance(),
        )
        state = await self.db.run(outcomes.not_taken, mail, trouble)
        tell = log.warning if state == MailState.DEFERRED else log.error
        tell(f"mail {state.value}", to=mail.recipient, reply=str(error), fault=judged.fault.value)
        if state != MailState.DEFERRED:
            await self.tell_holds()

    async def expire(self) -> int:
        """Give up what has waited too long: for another try, or for the operator; returns how many mails."""
        now = self.clock()
        return await self.db.run(outbox.expire, now - self.sender.give_up, now)

    # ── the operator ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def problem(self, key: str, detail: str) -> None:
        """Tell the operator of a problem, once while it lasts."""
        if await self.db.run(self._begin, key, detail, self.clock()):
            log.error("problem", key=key, detail=detail)

    async def recovered(self, key: str) -> None:
        """Tell the operator that a problem is over, if it was open."""
        if await self.db.run(self._end, key, self.clock()):
            log.info("problem over", key=key)

    async def tell_holds(self) -> None:
        """Tell the operator of the domains and mails that wait for a decision, and when none does any more."""
        waiting, told = await self.db.read(holding.problems)
        for key in told - waiting.keys():
            await self.recovered(key)
        for key, detail in waiting.items():
            await self.problem(key, detail)

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


async def _in_time(sending: Awaitable[str]) -> str:
    try:
        async with asyncio.timeout(AN_ATTEMPT.total_seconds()):
            return await sending
    except TimeoutError as error:
        raise MailDeferred("the server took too long over one mail", ambiguous=True) from error
