"""Recorded poll sequences: the successive states of feeds in a tar.xz, read and served over HTTP as they once were."""

import csv
import gzip
import lzma
import shutil
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Self

from aiohttp import hdrs, web

_HOST = "127.0.0.1"
RECORDINGS = Path(__file__).parents[1] / ".." / "shared" / "data" / "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFeed:
    """A feed of a recording, as `feeds.yaml` would describe it."""

    title: str
    language: str
    country: str | None = None
    press: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSet:
    """A recording by its file, and its feeds by their folder in it."""

    file: str
    feeds: Mapping[str, RecordedFeed]

    @property
    def path(self) -> Path:
        """Where it lies, if it is there."""
        return RECORDINGS / f"{self.file}.tar.xz"

    @property
    def names(self) -> dict[str, str]:
        """The publisher behind each feed."""
        return {feed: about.title for feed, about in self.feeds.items()}


SETS = {
    "temp": RecordedSet(
        file="multi_publisher_temp_2026-08-14_2026-08-18",
        feeds={"temp": RecordedFeed(title="World press", language="en")},
    ),
    "ru": RecordedSet(
        file="ru_feeds_2025-12-01_2025-12-31",
        feeds={
            "bbc": RecordedFeed(title="BBC Russian", language="ru", country="GB", press="public"),
            "donbass": RecordedFeed(title="Novosti Donbassa", language="ru", country="UA", press="private"),
            "feed_holod": RecordedFeed(title="Kholod", language="ru", country="RU", press="private"),
            "feed_istories": RecordedFeed(title="Important Stories", language="ru", country="RU", press="private"),
            "feed_novaya": RecordedFeed(title="Novaya Gazeta Europe", language="ru", country="LV", press="private"),
            "meduza": RecordedFeed(title="Meduza", language="ru", country="LV", press="private"),
            "svoboda": RecordedFeed(title="Radio Svoboda", language="ru", country="US", press="public"),
        },
    ),
    "reuters": RecordedSet(
        file="reuters_direct_2026-06-01_2026-07-31",
        feeds={
            "feed__reuters_direct": RecordedFeed(title="Reuters", language="en", country="GB", press="agency"),
        },
    ),
}


@dataclass(frozen=True, slots=True, order=True)
class State:
    """What one feed showed from `at` until its next state, and where in the recording it lies (bytes)."""

    at: datetime
    feed: str
    start: int
    size: int


class Recording:
    """One archive, opened for any order of reading: unpacked once into a nameless file, never into memory.

    `states` are in the order of time. Raises ValueError where archive and index (`.index.tsv` beside it) disagree.
    """

    states: tuple[State, ...]

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            file = stack.enter_context(tempfile.TemporaryFile())
            with lzma.open(self._path) as packed:
                shutil.copyfileobj(packed, file, 1 << 20)
            file.seek(0)
            with tarfile.open(fileobj=file) as archive:
                members = [member for member in archive if member.isfile()]
            if {member.name: member.size for member in members} != _index(self._path):
                raise ValueError(f"{self._path.name} and its index disagree")
            self.states = tuple(sorted(_state(member) for member in members))
            self._file, self._stack = file, stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._file = None

    def read(self, state: State) -> bytes:
        """Return the document. Raises RuntimeError outside the context."""
        if self._file is None:
            raise RuntimeError("the recording is closed")
        self._file.seek(state.start)
        return self._file.read(state.size)


def _state(member: tarfile.TarInfo) -> State:
    feed, _, name = member.name.rpartition("/")
    at = datetime.strptime(name, "%Y%m%dT%H%M%SZ.xml").replace(tzinfo=UTC)
    return State(at=at, feed=feed, start=member.offset_data, size=member.size)


def _index(archive: Path) -> dict[str, int]:
    index = archive.with_name(archive.name.replace(".tar.xz", ".index.tsv"))
    with index.open(encoding="utf-8", newline="") as lines:
        return {row["file"]: int(row["bytes"]) for row in csv.DictReader(lines, delimiter="\t")}


def by_moment(states: Iterable[State]) -> list[tuple[datetime, tuple[State, ...]]]:
    """Put together what changed at one moment; the moments are in order."""
    grouped = groupby(sorted(states), key=lambda state: state.at)
    return [(at, tuple(changed)) for at, changed in grouped]


def between(states: Iterable[State], since: datetime, until: datetime) -> tuple[State, ...]:
    """Return the states of `since` (inclusive) until `until` (exclusive)."""
    return tuple(state for state in states if since <= state.at < until)


def spread(states: Sequence[State], moments: int) -> tuple[State, ...]:
    """Return the states of so many moments, evenly spread; the first and the last are among them."""
    every = by_moment(states)
    last = len(every) - 1
    if moments > last:
        return tuple(states)
    chosen = sorted({round(number * last / max(moments - 1, 1)) for number in range(moments)})
    return tuple(state for number in chosen for state in every[number][1])


# ── serving ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class ReplayServer:
    """Serves `/<feed>` as it was at the moment that `clock` tells: the newest state not later than that.

    With validators, 304 (RFC 9110 §13) and gzip where it is accepted; 503 before a feed's first state. `replies` counts
    statuses, `body_bytes` and `wire_bytes` what was sent, before and after compression.
    """

    def __init__(self, recording: Recording, states: Sequence[State], clock: Callable[[], datetime]) -> None:
        self.replies: Counter[int] = Counter()
        self.body_bytes = 0
        self.wire_bytes = 0
        self._recording = recording
        self._clock = clock
        self._states: dict[str, list[State]] = {}
        for state in sorted(states):
            self._states.setdefault(state.feed, []).append(state)
        self._at = dict.fromkeys(self._states, -1)
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{feed}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def url(self, feed: str) -> str:
        """Return where a feed is served."""
        return f"http://{_HOST}:{self._port}/{feed}"

    def current(self, feed: str) -> State | None:
        """Return what a feed shows at this moment; the clock only moves on."""
        states, at, now = self._states[feed], self._at[feed], self._clock()
        while at + 1 < len(states) and states[at + 1].at <= now:
            at += 1
        self._at[feed] = at
        return states[at] if at >= 0 else None

    async def _answer(self, request: web.Request) -> web.Response:
        feed = request.match_info["feed"]
        if feed not in self._states:
            raise web.HTTPNotFound
        state = self.current(feed)
        response = web.Response(status=503) if state is None else self._response(request, state)
        self.replies[response.status] += 1
        return response

    def _response(self, request: web.Request, state: State) -> web.Response:
        body = self._recording.read(state)
        response = web.Response(headers={hdrs.CACHE_CONTROL: "no-cache"})
        response.etag = sha256(body).hexdigest()[:16]
        response.last_modified = state.at
        if response.etag in (request.if_none_match or ()):
            response.set_status(304)
            return response
        zipped = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        response.headers[hdrs.CONTENT_TYPE] = "application/rss+xml"
        response.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
        if zipped:
            response.headers[hdrs.CONTENT_ENCODING] = "gzip"
        response.body = gzip.compress(body, 1, mtime=0) if zipped else body
        self.body_bytes += len(body)
        self.wire_bytes += len(response.body)
        return response
