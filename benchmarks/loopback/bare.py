"""The limit of HTTP: what aiohttp alone needs for the same requests."""

import asyncio
import json
from collections.abc import Sequence

import aiohttp

from benchmarks.loopback.rows import Cost, Meter, Task


def poll(task: Task) -> Cost:
    """Get every document by aiohttp, conditionally, one at a time from a host, and throw the body away."""
    file = task.file("etags.json")
    etags: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    cost = asyncio.run(_poll(task, etags))
    file.write_text(json.dumps(etags), encoding="utf-8")
    return cost


async def _poll(task: Task, etags: dict[str, str]) -> Cost:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        for _ in range(task.laps):
            with Meter() as meter:
                counts = await asyncio.gather(*(_get_all(session, urls, etags) for urls in task.by_host()))
    return meter.cost(sum(counts))


async def _get_all(session: aiohttp.ClientSession, urls: Sequence[str], etags: dict[str, str]) -> int:
    for url in urls:
        headers = {"If-None-Match": etags[url]} if url in etags else None
        async with session.get(url, headers=headers) as reply:
            await reply.read()
            etags[url] = reply.headers["ETag"]
    return len(urls)
