"""One digest, end to end; and every other mail.

store.subscribers ─► DueDigest        whose slot has come
core.schedule     ─► Window           what was committed since the last edition
store.hits        ─► Candidate[]      a reader's snapshot
┌ one transaction ──────────────────────────────────────────────┐
│ store.outbox.told ─► core.digest ─► edition, ledger, outbox row │  planned exactly once
└───────────────────────────────────────────────────────────────┘
store.outbox.claim ─► render ─► frozen bytes ─► net.mail ─► sent | deferred | failed
"""

import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote

from monitor import logs
from monitor.clock import Clock
from monitor.core import digest_json, schedule
from monitor.core.digest import build_digest
from monitor.core.model import (
    Candidate,
    Coverage,
    Digest,
    DueDigest,
    Letter,
    MailKind,
    Outgoing,
    QueuedMail,
    Subscription,
    Window,
)
from monitor.errors import ConfigError, InputError, MailDeferred, MailError, MailRefused
from monitor.net.message import bare_address, compose
from monitor.render import Labels, Renderer
from monitor.store import feeds, hits, outbox, problems, subscribers
from monitor.store.database import Connection, Database

log = logs.get()

LEASE = timedelta(minutes=10)
BATCH = 20
SILENT_AFTER = timedelta(days=3)
"""A feed that brought nothing new for so long is called silent in the coverage line."""


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
class Planned:
    """What became of one due digest."""

    due: DueDigest
    digest: Digest
    mailed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """Plans digests and sends mail with these tools. `send` is None where no mail server is configured yet, `sign`
    where the server signs; `going` tells between two mails whether to go on."""

    db: Database
    render: Renderer
    send: Callable[[Outgoing], Awaitable[str]] | None
    labels: Callable[[], Labels]
    sender: Sender
    clock: Clock
    sign: Callable[[bytes, datetime], bytes] | None = None
    chance: Callable[[], float] = random.random
    going: Callable[[], bool] = lambda: True

    # ── planning ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def plan_due(self) -> list[Planned]:
        """Plan every digest whose slot has come; doing it twice, or from two places, plans each of them once."""
        now = self.clock()
        due = await self.db.read(subscribers.due, now)
        withdrawn = await self.db.run(outbox.supersede, now) if due else 0
        if withdrawn:
            due = await self.db.read(subscribers.due, now)
        ends = [schedule.last_slot(one.subscription, now) for one in due]
        return await self._plan_all(list(zip(due, ends, strict=True)), now)

    async def plan_now(self, email: str) -> list[Planned]:
        """Plan an address's digests as if their slot were this moment."""
        now = self.clock()
        due = await self.db.read(subscribers.as_due, email)
        return await self._plan_all([(one, now) for one in due], now)

    async def preview(self, email: str) -> list[tuple[DueDigest, Digest]]:
        """Return what `plan_now` would plan, and change nothing."""
        now = self.clock()
        due = await self.db.read(subscribers.as_due, email)
        coverage = await self.db.read(_coverage, now)
        found = []
        for one in due:
            window = await self.db.read(_window, one, now)
            candidates = await self.db.read(hits.candidates, window.seq_from, window.seq_to)
            found.append((one, await self.db.read(_digest, one, window, candidates, coverage)))
        return found

    async def _plan_all(self, due: Sequence[tuple[DueDigest, datetime]], now: datetime) -> list[Planned]:
        coverage = await self.db.read(_coverage, now) if due else Coverage()
        shared: dict[tuple[int, int], list[Candidate]] = {}
        planned = []
        for one, end in due:
            window = await self.db.read(_window, one, end)
            span = (window.seq_from, window.seq_to)
            if span not in shared:
                shared = {span: await self.db.read(hits.candidates, *span)}  # readers of one hour share one window
            plan = await self.db.run(_plan, one, window, shared[span], coverage, self.sender.domain, now)
            planned += [plan] if plan else []
        return planned

    # ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────────

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
            letter = await self.db.read(self._letter, mail)
            if letter is None:
                return None
            body = self._compose(letter, mail).data
            await self.db.run(outbox.freeze, mail.pk, body)
        return Outgoing(
            sender=bare_address(self.sender.address),
            recipient=bare_address(mail.recipient),
            message_id=mail.message_id,
            data=body,
        )

    def _letter(self, conn: Connection, mail: QueuedMail) -> Letter | None:
        if mail.kind == MailKind.OPERATOR:
            subject, _, text = (mail.payload or "").partition("\n")
            return Letter(subject=subject, text=text)
        edition = outbox.load_edition(conn, int(mail.subject))
        if edition is None:
            return None
        return self.letter(digest_json.loads(edition.content), edition.subscription)

    def letter(self, digest: Digest, wish: Subscription) -> Letter:
        """Render an edition as its reader would see it."""
        leave = f"mailto:{self.sender.unsubscribe}?subject=unsubscribe%20{quote(wish.subscriber.email)}"
        return self.render.digest(digest, wish, self.labels(), unsubscribe=leave)

    def _compose(self, letter: Letter, mail: QueuedMail) -> Outgoing:
        now = self.clock()
        outgoing = compose(
            letter,
            sender=self.sender.address,
            recipient=mail.recipient,
            message_id=mail.message_id,
            date=now,
            list_id=f"Ukraine monitor <digest.{self.sender.domain}>",
            unsubscribe=self.sender.unsubscribe,
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


def _window(conn: Connection, due: DueDigest, end: datetime) -> Window:
    first = hits.seq_at(conn, end - schedule.FIRST_WINDOW) if due.seq_from is None else due.seq_from
    return schedule.digest_window(due, end=end, seq_first=first, seq_to=hits.last_seq(conn))


def _digest(
    conn: Connection, due: DueDigest, window: Window, candidates: Sequence[Candidate], coverage: Coverage
) -> Digest:
    groups = {candidate.group for candidate in candidates}
    told = outbox.told(conn, due.subscription.subscriber.pk, groups)
    return build_digest(candidates, due.subscription, window, coverage, told=told)


def _plan(
    conn: Connection,
    due: DueDigest,
    window: Window,
    candidates: Sequence[Candidate],
    coverage: Coverage,
    domain: str,
    now: datetime,
) -> Planned | None:
    """Plan one edition, unless it exists. What a subscriber was told is read here, so no other edition can cut in."""
    wish = due.subscription
    subscribers.set_next(conn, wish.pk, schedule.next_slot(wish, now))
    if outbox.exists(conn, wish.pk, window):
        return None
    digest = _digest(conn, due, window, candidates, coverage)
    mailed = bool(digest.sections) or wish.quiet
    content = digest_json.dumps(replace(digest, left_out=()))
    outbox.plan(conn, wish, digest, content, domain=domain, send=mailed, now=now)
    return Planned(due=due, digest=digest, mailed=mailed)


def _coverage(conn: Connection, now: datetime) -> Coverage:
    fleet = feeds.health(conn)
    failing = tuple(one.title for one in fleet if one.failures > 0)
    silent = tuple(
        one.title for one in fleet if one.failures == 0 and one.last_new_at and now - one.last_new_at > SILENT_AFTER
    )
    return Coverage(watched=len(fleet), failing=failing, silent=silent)
