"""The limit of parsing: feedparser over the same documents, and nothing else."""

import gzip
from io import BytesIO
from urllib.request import urlopen

import feedparser

from benchmarks.loopback.rows import Cost, Meter, Task, Wrong

SAMPLE = 40
"""So many documents are enough for a parser alone."""


def as_shipped(task: Task) -> Cost:
    """Parse with feedparser's own settings, and nothing else."""
    return _parse(task)


def plain(task: Task) -> Cost:
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
    with urlopen(url) as reply:
        return gzip.decompress(reply.read())
