"""The package `reader`, which polls, parses and stores, and matches nothing."""

import sys

import feedparser_sgmllib
from reader import UpdatedFeed, make_reader

from benchmarks.loopback.rows import Cost, Meter, Task

# Its copy of feedparser asks for sgmllib by the name that it had before feedparser renamed it.
sys.modules.setdefault("sgmllib", feedparser_sgmllib)


def poll(task: Task) -> Cost:
    """Poll with as many workers as there are hosts."""
    with make_reader(str(task.file("reader.db"))) as peer:
        for url in task.urls():
            peer.add_feed(url, exist_ok=True)
        for _ in range(task.laps):
            with Meter() as meter:
                found = [one.value for one in peer.update_feeds_iter(scheduled=False, workers=len(task.hosts))]
    new = sum(value.new for value in found if isinstance(value, UpdatedFeed))
    return meter.cost(sum(not isinstance(value, Exception) for value in found), new)
