"""What is watched at the moment, and how an edit of feeds.yaml is taken up while everything runs.

file ─► bytes ─► hash         another than last time, and left alone since the last look
bytes ─► config ─► Watched    the forms of names and words are made in a process of their own
┌ one transaction ─────────────────────────────┐
│ store: feeds, rules, what became of the file │
└──────────────────────────────────────────────┘
Cell.watched ◄─ Watched       counts from now on; or the last good one stays, and the operator hears why
"""

import asyncio
import gc
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from monitor import logs
from monitor.clock import Clock
from monitor.config import Loaded, compile_into, load_watched, read_bytes, to_compile
from monitor.core.model import FeedSpec
from monitor.core.publishers import directory
from monitor.errors import ConfigError, ParseError
from monitor.notify import Notifier
from monitor.parsers.pool import Budget, Parsers
from monitor.poll import Watch
from monitor.render import Labels
from monitor.settings import Settings
from monitor.store import configurations, feeds
from monitor.store.database import Connection, Database
from monitor.store.rules import RuleRows, sync_rules

log = logs.get()

COMPILING = Budget(seconds=timedelta(minutes=5).total_seconds(), memory_mb=2048, calls=1)
UNREADABLE = "unreadable"


@dataclass(slots=True)
class Watched:
    """What is watched at the moment; a reload replaces all of it at once."""

    config: Loaded
    watch: Watch
    specs: Mapping[str, FeedSpec]

    @property
    def labels(self) -> Labels:
        """Return what readers call the rules."""
        return self.config.watchlist.labels


@dataclass(slots=True)
class Cell:
    """Holds what changes while we run, for those who ask: what is watched, and whether to go on."""

    watched: Watched
    going: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The file's bytes, or why they cannot be read. `digest` is their SHA-256 in hexadecimal: what is compiled is what
    was hashed, whatever an editor does meanwhile."""

    digest: str
    raw: bytes = b""
    error: ConfigError | None = None

    def read(self) -> bytes:
        """Return the bytes. Raises ConfigError."""
        if self.error is not None:
            raise self.error
        return self.raw


def look(path: Path) -> Content:
    """Read the file as it stands."""
    try:
        raw = read_bytes(path)
    except ConfigError as error:
        return Content(digest=UNREADABLE, error=error)
    return Content(digest=sha256(raw).hexdigest(), raw=raw)


async def watch(
    content: Content,
    db: Database,
    settings: Settings,
    environ: Mapping[str, str],
    clock: Clock,
    *,
    last: Loaded | None = None,
) -> Watched:
    """Compile the file's content (what `last` has of it already is taken over), and bring feeds and rules in the
    database in step. Raises ConfigError."""
    config = await asyncio.to_thread(
        load_watched,
        settings.feeds,
        environ=environ,
        folder=settings.cache,
        kept=settings.packs,
        raw=content.read(),
        last=last,
    )
    for warning in config.warnings:
        log.warning("configuration warning", detail=str(warning))
    rules = await db.run(_sync, config, settings.feeds.resolve(), clock)
    found = Watch(watchlist=config.watchlist, rules=rules, publishers=directory(config.feeds))
    specs = {spec.id: spec for spec in config.feeds if spec.enabled}
    gc.freeze()  # each full collection would go through all forms, while all polls wait
    return Watched(config=config, watch=found, specs=specs)


def _sync(conn: Connection, config: Loaded, path: Path, clock: Clock) -> RuleRows:
    now = clock()
    feeds.sync(conn, config.feeds, now)
    configurations.taken(conn, str(path), config.content, now)
    return sync_rules(conn, ((rule.kind, rule.id, rule.text) for rule in config.watchlist.rules), now)


@dataclass(slots=True, kw_only=True)
class Reloader:
    """Keeps `cell.watched` in step with the file. `seen` is the hash of what was read last, be it taken or refused."""

    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    db: Database
    clock: Clock
    notifier: Notifier
    cell: Cell
    seen: str
    _pending: str = ""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def if_edited(self) -> None:
        """Take up an edit of the file once it has been left alone for a tick: half-written ones are not read."""
        found = await asyncio.to_thread(look, self.settings.feeds)
        settled = found.digest == self._pending
        self._pending = found.digest
        if settled and found.digest != self.seen:
            await self.now()

    async def now(self) -> bool:
        """Read the file anew. A bad edit keeps the last good one and tells the operator: once, until it is mended.

        Raises StoreError when the database refuses; the edit still counts as one that was not read.
        """
        async with self._lock:
            found, before = await asyncio.to_thread(look, self.settings.feeds), self.cell.watched.config
            try:
                await self._compile(found)
                self.cell.watched = await watch(found, self.db, self.settings, self.environ, self.clock, last=before)
            except ConfigError as error:
                await self._refuse(found, error)
                return False
            self.seen = self._pending = found.digest
            if self.cell.watched.config.watchlist is not before.watchlist:
                del before
                _drop_garbage()
            forms = self.cell.watched.config.watchlist.form_count
            log.info("configuration read", feeds=len(self.cell.watched.specs), forms=forms)
            await self.notifier.recovered("configuration")
            return True

    async def _refuse(self, found: Content, error: ConfigError) -> None:
        path = self.settings.feeds
        for finding in error.findings:
            log.error("configuration refused", detail=str(finding))
        at = (str(path.resolve()), found.digest, error.findings, self.clock())
        await self.db.run(configurations.refused, *at)
        await self.notifier.problem("configuration", f"{path} was not taken up:\n{error}")
        self.seen = self._pending = found.digest

    async def _compile(self, found: Content) -> None:
        """Have the forms made in a process of its own, which leaves them on disk: here, it would be seconds in which
        every poll waits for its turn. Where that fails they are made here. Raises ConfigError."""
        path, folder, raw = self.settings.feeds, self.settings.cache, found.read()
        last, kept = self.cell.watched.config, self.settings.packs
        wanted = await asyncio.to_thread(
            to_compile, path, raw, environ=self.environ, folder=folder, kept=kept, last=last
        )
        if wanted is None:
            return
        try:
            async with Parsers(COMPILING, processes=1) as compiler:
                await compiler.call(compile_into, *wanted)
        except (ParseError, RuntimeError) as error:
            log.warning("watchlist compiled in the daemon itself", detail=str(error))


def _drop_garbage() -> None:
    """Free the watchlist that was in force before: `gc.freeze` keeps it from being looked at."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
