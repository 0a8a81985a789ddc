"""The ways to poll that are compared: each polls every feed once, in a process of its own, and says what it cost."""

import asyncio
import gzip
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from importlib import import_module
from io import BytesIO
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from typing import TypeAlias
from urllib.request import Request, urlopen

import aiohttp
import feedparser

from benchmarks.loopback.server import ROUNDS, Round
from benchmarks.loopback.watch import load_watchlist
from monitor import logs
from monitor.clock import utc_now
from monitor.core.model import FeedSpec, PollOutcome, Recorded
from monitor.core.publishers import directory
from monitor.net.http import Http
from monitor.poll import Fleet, Poller, Watch
from monitor.store import feeds, hits, maintenance
from monitor.store.database import Database

SAMPLE = 40
"""So many documents are enough for a parser alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to poll: `hosts` are base addresses, over which `feeds` numbers are spread; `state` outlives the round."""

    feeds: int
    entries: int
    hosts: tuple[str, ...]
    state: str

    def urls(self) -> list[str]:
        """Return the feeds' addresses."""
        return [f"{self.hosts[feed % len(self.hosts)]}/feed/{feed}" for feed in range(self.feeds)]

    def file(self, name: str) -> Path:
        """Return where a row keeps something from round to round."""
        return Path(self.state) / name


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a round cost: seconds of the wall and of this process's CPU, peak memory; `new` are the entries stored."""

    polls: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    new: int | None = None


class Wrong(Exception):
    """A row did not do what its round asks, so its figure would mean nothing."""


class Meter:
    """Measures what runs inside it."""

    def __enter__(self) -> "Meter":
        self._wall, self._cpu = perf_counter(), process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.cpu_s, self.wall_s = process_time() - self._cpu, perf_counter() - self._wall

    def cost(self, polls: int, new: int | None = None) -> Cost:
        """Return the costs, with the process's peak up to now."""
        return Cost(polls=polls, wall_s=self.wall_s, cpu_s=self.cpu_s, peak_mb=_peak_mb(), new=new)


def _peak_mb() -> float:
    """Prefer Linux's own word for it: what `getrusage` says begins with the parent's peak."""
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024
    return getrusage(RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


def _by_host(task: Task) -> list[list[str]]:
    urls = task.urls()
    return [urls[at :: len(task.hosts)] for at in range(len(task.hosts))]


# ── ours ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def ours(task: Task) -> Cost:
    """Poll with everything: real client, parser, watchlist, and a store on SQLite."""
    with task.file("log").open("a", encoding="utf-8") as stream:
        logs.configure("json", "info", stream)
        db = Database(f"sqlite:///{task.file('monitor.db')}")
        try:
            maintenance.upgrade(db.engine)
            return asyncio.run(_ours(task, db))
        finally:
            db.close()


async def _ours(task: Task, db: Database) -> Cost:
    specs = {
        f"f{at:05}": FeedSpec(id=f"f{at:05}", title=f"Outlet {at}", url=url, allow_private=True)
        for at, url in enumerate(task.urls())
    }
    watch, counts = await _watch(db, specs), Counter[str]()

    def done(outcome: PollOutcome, recorded: Recorded) -> None:
        counts.update(new=recorded.entries, hits=recorded.hits, polls=outcome.failure is None)

    async with Http(contact=None) as http:
        poller = Poller(db=db, fetch=http.fetch, watch=lambda: watch, clock=utc_now, chance=random.Random(1).random)
        fleet = Fleet(poller, lambda: specs, concurrency=len(task.hosts), gap=timedelta(0))
        states = await db.read(feeds.states, specs)
        with Meter() as meter:
            await fleet.poll_all(states, done)
    if counts["new"] and not counts["hits"]:
        raise Wrong("the watchlist found nothing")
    return meter.cost(counts["polls"], counts["new"])


async def _watch(db: Database, specs: Mapping[str, FeedSpec]) -> Watch:
    watchlist, _ = load_watchlist()
    rules = await db.run(hits.sync_rules, [(rule.kind, rule.id, rule.text) for rule in watchlist.rules], utc_now())
    await db.run(feeds.sync, specs.values(), utc_now())
    return Watch(watchlist=watchlist, rules=rules, publishers=directory(tuple(specs.values())))


# ── peers and limits ─────────────────────────────────────────────────────────────────────────────────────────────────


def bare(task: Task) -> Cost:
    """Get every document by aiohttp, conditionally, one at a time from a host, and throw the body away."""
    file = task.file("etags.json")
    etags: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    cost = asyncio.run(_bare(task, etags))
    file.write_text(json.dumps(etags), encoding="utf-8")
    return cost


async def _bare(task: Task, etags: dict[str, str]) -> Cost:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        with Meter() as meter:
            counts = await asyncio.gather(*(_get_all(session, urls, etags) for urls in _by_host(task)))
    return meter.cost(sum(counts))


async def _get_all(session: aiohttp.ClientSession, urls: Sequence[str], etags: dict[str, str]) -> int:
    for url in urls:
        headers = {"If-None-Match": etags[url]} if url in etags else None
        async with session.get(url, headers=headers) as reply:
            await reply.read()
            etags[url] = reply.headers["ETag"]
    return len(urls)


def reader(task: Task) -> Cost:
    """Poll with the package `reader`, which parses and stores, and matches nothing; as many workers as hosts."""
    # Its copy of feedparser asks for sgmllib by the name that it had before feedparser renamed it.
    sys.modules.setdefault("sgmllib", import_module("feedparser_sgmllib"))
    from reader import UpdatedFeed, make_reader  # noqa: PLC0415 (its imports are memory that the others do not have)

    with make_reader(str(task.file("reader.db"))) as peer:
        for url in task.urls():
            peer.add_feed(url, exist_ok=True)
        with Meter() as meter:
            found = [one.value for one in peer.update_feeds_iter(scheduled=False, workers=len(task.hosts))]
    new = sum(value.new for value in found if isinstance(value, UpdatedFeed))
    return meter.cost(sum(not isinstance(value, Exception) for value in found), new)


def parser_as_shipped(task: Task) -> Cost:
    """Parse with feedparser's own settings, and nothing else."""
    return _parse(task)


def parser_plain(task: Task) -> Cost:
    """Parse with feedparser set as we set it: it sanitises nothing and resolves no address in a text."""
    return _parse(task, sanitize_html=False, resolve_relative_uris=False)


def _parse(task: Task, **settings: bool) -> Cost:
    urls = task.urls()
    bodies = [_body(url) for url in urls[:: max(1, len(urls) // SAMPLE)]]
    with Meter() as meter:
        counts = [len(feedparser.parse(BytesIO(body), **settings).entries) for body in bodies]
    if set(counts) != {task.entries}:
        raise Wrong(f"feedparser found {sorted(set(counts))} entries a document")
    return meter.cost(len(bodies))


def _body(url: str) -> bytes:
    with urlopen(Request(url, headers={"Accept-Encoding": "identity"})) as reply:
        return gzip.decompress(reply.read())


Way: TypeAlias = Callable[[Task], Cost]

WAYS: dict[str, Way] = {
    "ours, whole": ours,
    "bare aiohttp": bare,
    "reader": reader,
    "feedparser as shipped": parser_as_shipped,
    "feedparser plain": parser_plain,
}
LIMITS = frozenset({parser_as_shipped, parser_plain})
"""These only parse: they play rounds that bring documents, and their figures are CPU alone."""


def plays(way: str, played: Round) -> bool:
    """Tell whether a way has something to do in a round."""
    return WAYS[way] not in LIMITS or played.first


def measure(way: str, played: Round, task: Task) -> Cost:
    """Play a round in this process. Raises Wrong when not every feed was polled, or not every new entry found."""
    with urlopen(f"{task.hosts[0]}/round/{ROUNDS.index(played)}"):
        cost = WAYS[way](task)
    if WAYS[way] not in LIMITS and cost.polls != task.feeds:
        raise Wrong(f"{way}, {played.name}: {cost.polls} of {task.feeds} polls succeeded")
    wanted = task.feeds * played.new(task.entries)
    if cost.new is not None and cost.new != wanted:
        raise Wrong(f"{way}, {played.name}: {cost.new} new entries instead of {wanted}")
    return cost


def main() -> None:
    """Play what the arguments say: way, round, task as JSON. Print the cost as JSON."""
    way, number, task = sys.argv[1:]
    values = json.loads(task)
    cost = measure(way, ROUNDS[int(number)], Task(**values | {"hosts": tuple(values["hosts"])}))
    print(json.dumps(asdict(cost)))


if __name__ == "__main__":
    main()
