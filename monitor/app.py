"""Builds and closes everything, in order."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor import logs
from monitor.clock import Clock, utc_now
from monitor.core.model import Outgoing
from monitor.core.rates import Rates
from monitor.fleet import Fleet
from monitor.links import Links
from monitor.net.http import Http
from monitor.net.mail import Mailer
from monitor.notify import Notifier, Planner
from monitor.parts import http_of, links_of, mailer_of, parsers_of, sender_of, signer_of, smtp_of
from monitor.poll import Poller
from monitor.reload import Cell, Reloader, Watched, look, watch
from monitor.rematch import Rematcher
from monitor.render import Renderer
from monitor.settings import Settings
from monitor.storage import open_database
from monitor.store import accounts, feeds, maintenance, outbox
from monitor.store.database import Connection, Database

log = logs.get()

MOST = 0.5
MAIL_LATE = timedelta(minutes=30)
FEEDS_FOR_A_VERDICT = 3
UNCONFIRMED = timedelta(days=7)
"""How long an address is kept that somebody typed and nobody confirmed: some days longer than the link holds."""


@dataclass(slots=True, kw_only=True)
class App:
    """Everything, wired. `watched` is the last good configuration."""

    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    clock: Clock
    db: Database
    http: Http
    mailer: Mailer | None
    fleet: Fleet
    planner: Planner
    notifier: Notifier
    cell: Cell
    reloader: Reloader
    rematcher: Rematcher

    @property
    def watched(self) -> Watched:
        """Return the last good configuration."""
        return self.cell.watched

    @property
    def links(self) -> Links:
        """Return what makes the addresses of the readers' pages."""
        return self.notifier.links

    async def send_mail(self) -> None:
        """Send what is due until nothing more goes out."""
        await self.notifier.send_due()

    async def look_around(self) -> None:
        """Find what the operator should know: our network down, most feeds failing, mail stuck, a disk nearly full."""
        await self._report("network", self._network_down())
        await self._report("feeds", await self.db.read(_most_failing))
        await self.notifier.tell_holds()
        await self._report("mail", await self._late_mail())
        await self._report("disk", self._low_disk())

    async def _report(self, key: str, detail: str | None) -> None:
        if detail is None:
            await self.notifier.recovered(key)
        else:
            await self.notifier.problem(key, detail)

    def _network_down(self) -> str | None:
        since = self.fleet.network_down_since
        if since is None:
            return None
        return f"hardly any host answers since {since:%Y-%m-%d %H:%M} UTC; polls are held, and no feed is blamed for it"

    async def _late_mail(self) -> str | None:
        counts = await self.db.read(outbox.counts)
        if counts.oldest is None or self.clock() - counts.oldest < MAIL_LATE:
            return None
        reason = counts.last_reply or ("no mail server is set" if self.mailer is None else "no reply yet")
        return f"mail has been waiting since {counts.oldest:%Y-%m-%d %H:%M} UTC; the last answer was: {reason}"

    def _low_disk(self) -> str | None:
        self.settings.var.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.settings.var).free // 2**20
        if free >= self.settings.disk_free_mb:
            return None
        return f"only {free} MB are free where {self.settings.var} lies"

    async def housekeep(self) -> None:
        """Drop what retention no longer keeps, batch by batch."""
        now, keep = self.clock(), self.settings
        cutoffs = maintenance.Cutoffs(
            content=now - timedelta(days=keep.keep_content_days),
            hits=now - timedelta(days=keep.keep_hits_days),
            ledger=now - timedelta(days=keep.keep_ledger_days),
        )
        await self.db.run(accounts.forget_unconfirmed, now - UNCONFIRMED)
        dropped = 0
        while batch := await self.db.run(maintenance.prune, cutoffs):
            dropped += batch
        if dropped:
            log.info("retention", dropped=dropped)


def _most_failing(conn: Connection) -> str | None:
    found = feeds.failing(conn)
    if found.polled < FEEDS_FOR_A_VERDICT or found.failing <= MOST * found.polled:
        return None
    return f"{found.failing} of {found.polled} feeds fail; one of them: {found.example}, {found.detail}"


@asynccontextmanager
async def open_app(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    clock: Clock = utc_now,
    chance: Callable[[], float] = random.random,
    upgrade: bool = False,
) -> AsyncIterator[App]:
    """Open everything; closes it in reverse order. Raises ConfigError or StoreError when it cannot start.

    `chance` draws what spreads polls, in [0, 1).
    """
    async with AsyncExitStack() as stack:
        db = await asyncio.to_thread(open_database, settings, upgrade=upgrade)
        stack.callback(db.close)
        content = await asyncio.to_thread(look, settings.feeds)
        signer = await asyncio.to_thread(signer_of, settings)
        cell = Cell(await watch(content, db, settings, environ, clock))
        http = await stack.enter_async_context(http_of(settings))
        parsers = await stack.enter_async_context(parsers_of(settings))
        smtp = smtp_of(settings)
        mailer = await stack.enter_async_context(mailer_of(settings, smtp)) if smtp else None
        poller = Poller(
            db=db, fetch=http.fetch, call=parsers.call, watch=lambda: cell.watched.watch, clock=clock, chance=chance
        )
        send = mailer.send if mailer else None
        notifier = _notifier(settings, db, cell, send, clock, sign=signer.sign if signer else None)
        yield App(
            settings=settings,
            environ=environ,
            clock=clock,
            db=db,
            http=http,
            mailer=mailer,
            cell=cell,
            reloader=Reloader(
                settings=settings,
                environ=environ,
                db=db,
                clock=clock,
                notifier=notifier,
                cell=cell,
                seen=content.digest,
            ),
            rematcher=Rematcher(db=db, watch=lambda: cell.watched.watch, clock=clock, going=lambda: cell.going),
            fleet=_fleet(settings, poller, cell),
            planner=Planner(db=db, domain=sender_of(settings).domain, clock=clock, going=lambda: cell.going),
            notifier=notifier,
        )


def _fleet(settings: Settings, poller: Poller, cell: Cell) -> Fleet:
    gap = timedelta(seconds=settings.host_gap)
    return Fleet(poller, lambda: cell.watched.specs, concurrency=settings.concurrency, gap=gap)


def _notifier(
    settings: Settings,
    db: Database,
    cell: Cell,
    send: Callable[[Outgoing], Awaitable[str]] | None,
    clock: Clock,
    *,
    sign: Callable[[bytes, datetime], bytes] | None,
) -> Notifier:
    return Notifier(
        db=db,
        render=Renderer(settings.templates, settings.own_templates, sender=settings.sender),
        send=send,
        labels=lambda: cell.watched.labels,
        sender=sender_of(settings),
        links=links_of(settings, clock),
        sign=sign,
        clock=clock,
        rates=Rates(per_minute=settings.mail_rate_per_domain),
        at_once=settings.mail_connections,
        hold_unknown=settings.ambiguous == "hold",
        going=lambda: cell.going,
    )
