"""The HTTP client against a real server on loopback that misbehaves in every way we know of."""

import asyncio
import hashlib
import socket
import tracemalloc
from contextlib import ExitStack
from datetime import timedelta

import pytest

from monitor.core.model import FailureKind, NotModified
from monitor.net.http import Http, Limits
from tests.net.clients import MIB, client, failed, feed, fetched, guarded
from tests.net.hostile import BODY, ETAG, MODIFIED, PACKED, Hostile

# ── the plain path ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_document_comes_whole_with_what_the_server_said_of_it(server: Hostile, http: Http) -> None:
    url = server.url("ok")
    result = fetched(await http.fetch(feed(url)))
    assert (result.url, result.body, result.wire_bytes) == (url, BODY, len(BODY))
    assert result.body_hash == hashlib.sha256(BODY).hexdigest()
    assert (result.content_type, result.content_location) == ("application/rss+xml", "/feed.rss")
    assert (result.etag, result.last_modified, result.redirects) == (None, None, ())
    assert timedelta() < result.elapsed < timedelta(seconds=5)


async def test_we_say_who_we_are_and_what_we_read(server: Hostile, http: Http) -> None:
    await http.fetch(feed(server.url("ok")))
    headers = server.seen[0].headers
    assert headers["user-agent"] == "ukraine-monitor/0.1 (+ops@example.org)"
    assert headers["accept-encoding"] == "gzip, deflate, br, zstd"
    assert "application/rss+xml" in headers["accept"]
    assert not {"if-none-match", "if-modified-since", "cookie"} & headers.keys()


@pytest.mark.parametrize("path", ["etag", "modified"])
async def test_what_we_have_is_not_sent_again(server: Hostile, http: Http, path: str) -> None:
    first = fetched(await http.fetch(feed(server.url(path))))
    again = await http.fetch(feed(server.url(path), known=True))
    assert first.last_modified == MODIFIED
    assert isinstance(again, NotModified)
    assert again.etag == (ETAG if path == "etag" else None)
    assert server.connections == 1, "a 304 must not cost the connection"


async def test_a_304_nobody_asked_for_is_a_failure(server: Hostile, http: Http) -> None:
    assert failed(await http.fetch(feed(server.url("not_modified"))), FailureKind.STATUS).status == 304


@pytest.mark.parametrize("path", ["chunked", "hints"])
async def test_other_ways_to_send_a_document(server: Hostile, http: Http, path: str) -> None:
    assert fetched(await http.fetch(feed(server.url(path)))).body == BODY


async def test_headers_that_are_no_text_are_not_kept(server: Hostile, http: Http) -> None:
    result = fetched(await http.fetch(feed(server.url("odd_headers"))))
    assert (result.etag, result.last_modified) == (None, None)


# ── statuses ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, FailureKind.BLOCKED),
        (403, FailureKind.BLOCKED),
        (451, FailureKind.BLOCKED),
        (404, FailureKind.NOT_FOUND),
        (410, FailureKind.GONE),
        (429, FailureKind.RATE_LIMITED),
        (500, FailureKind.SERVER),
        (503, FailureKind.SERVER),
        (599, FailureKind.SERVER),
        (202, FailureKind.STATUS),
        (300, FailureKind.STATUS),
        (418, FailureKind.STATUS),
    ],
)
async def test_a_status_is_a_kind_of_failure(server: Hostile, http: Http, status: int, kind: FailureKind) -> None:
    result = failed(await http.fetch(feed(server.url(f"status/{status}"))), kind)
    assert result.status == status
    assert str(status) in result.detail


@pytest.mark.parametrize(
    ("query", "wait"),
    [
        ("after=120", timedelta(seconds=120)),
        ("after=000120", timedelta(seconds=120)),
        ("after=0", timedelta()),
        ("after=99999999999999999999", timedelta(days=7)),
        (f"after={'9' * 5000}", timedelta(days=7)),
        ("after=Mon,%2024%20Aug%202026%2013:00:00%20GMT", timedelta(hours=1)),
        ("after=Monday,%2024-Aug-26%2013:00:00%20GMT", timedelta(hours=1)),
        ("after=Mon%20Aug%2024%2013:00:00%202026", timedelta(hours=1)),
        ("after=Mon,%2024%20Aug%202026%2011:00:00%20GMT", timedelta()),
        ("after=Mon,%2024%20Aug%202099%2011:00:00%20GMT", timedelta(days=7)),
        (
            "after=Mon,%2024%20Aug%202026%2013:00:00%20GMT&date=Mon,%2024%20Aug%202026%2012:59:00%20GMT",
            timedelta(minutes=1),
        ),
        ("after=Mon,%2024%20Aug%202026%2013:00:00%20GMT&date=rubbish", timedelta(hours=1)),
        ("after=soon", None),
        ("after=-5", None),
        ("after=%D9%A1", None),
    ],
)
async def test_retry_after_in_all_its_forms(server: Hostile, http: Http, query: str, wait: timedelta | None) -> None:
    result = failed(await http.fetch(feed(server.url(f"later?{query}"))), FailureKind.RATE_LIMITED)
    assert result.retry_after == wait


# ── content codings ──────────────────────────────────────────────────────────────────────────────────────────────────

READABLE = ["gzip", "x-gzip", "members", "deflate", "raw", "br", "zstd", "frames", "stacked", "identity"]


@pytest.mark.parametrize("name", READABLE)
async def test_every_coding_that_we_offer_is_read(server: Hostile, http: Http, name: str) -> None:
    result = fetched(await http.fetch(feed(server.url(f"packed/{name}"))))
    assert result.body == BODY
    assert result.body_hash == hashlib.sha256(BODY).hexdigest()
    assert result.wire_bytes == len(PACKED[name][1])


@pytest.mark.parametrize("name", ["wrong", "cut", "cut-br", "cut-zstd", "unknown", "triple"])
async def test_a_body_that_cannot_be_unpacked(server: Hostile, http: Http, name: str) -> None:
    failed(await http.fetch(feed(server.url(f"packed/{name}"))), FailureKind.ENCODING)


async def test_a_gigabyte_in_a_megabyte_never_fills_the_memory(server: Hostile) -> None:
    async with client(limits=Limits(body_bytes=8 * MIB, ratio=10_000)) as http:
        await http.fetch(feed(server.url("ok")))
        tracemalloc.start()
        result = await http.fetch(feed(server.url("bomb")))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert "8,388,608 bytes unpacked" in failed(result, FailureKind.TOO_LARGE).detail
    assert peak < 11 * MIB


@pytest.mark.parametrize("path", ["bomb", "packed/swollen", "packed/swollen-br", "packed/swollen-zstd"])
async def test_what_swells_a_hundredfold_is_no_feed(server: Hostile, http: Http, path: str) -> None:
    result = failed(await http.fetch(feed(server.url(path))), FailureKind.TOO_LARGE)
    assert result.detail == "the document is more than 100 times larger unpacked than as sent"


async def test_a_small_document_may_swell(server: Hostile, http: Http) -> None:
    assert len(fetched(await http.fetch(feed(server.url("packed/small")))).body) == MIB


# ── sizes and times ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_large_body_is_cut_off_and_never_half_kept(server: Hostile) -> None:
    async with client(limits=Limits(wire_bytes=MIB)) as http:
        failed(await http.fetch(feed(server.url("huge"))), FailureKind.TOO_LARGE)
        await asyncio.wait_for(server.gone.wait(), 5)
    assert server.sent < 32 * MIB, "what the socket buffers hold, not the body"


async def test_a_body_announced_as_too_large_is_not_even_begun(server: Hostile, http: Http) -> None:
    failed(await http.fetch(feed(server.url("declared"))), FailureKind.TOO_LARGE)
    await asyncio.wait_for(server.gone.wait(), 5)


@pytest.mark.parametrize("path", ["trickle", "trickled_head"])
async def test_the_whole_fetch_has_one_time_limit(server: Hostile, http: Http, path: str) -> None:
    result = await http.fetch(feed(server.url(path), timeout=timedelta(seconds=0.3)))
    assert failed(result, FailureKind.TIMEOUT).detail == "no complete reply within 0.3 s"
    await asyncio.wait_for(server.gone.wait(), 5)


@pytest.mark.parametrize("path", ["silent", "stalled", "to?u=/silent"])
async def test_a_silent_server_is_given_up_before_the_time_is_over(server: Hostile, http: Http, path: str) -> None:
    result = await http.fetch(feed(server.url(path), timeout=timedelta(seconds=0.3)))
    assert failed(result, FailureKind.TIMEOUT).detail == "not a byte for 0.2 s"
    await asyncio.wait_for(server.gone.wait(), 5)


@pytest.mark.parametrize("path", ["empty", "packed/none"])
async def test_nothing_is_not_a_document(server: Hostile, http: Http, path: str) -> None:
    failed(await http.fetch(feed(server.url(path))), FailureKind.EMPTY)


async def test_a_cancelled_fetch_stops_and_the_client_goes_on(server: Hostile, http: Http) -> None:
    task = asyncio.create_task(http.fetch(feed(server.url("silent"))))
    while not server.seen:
        await asyncio.wait({task}, timeout=0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(server.gone.wait(), 5)
    fetched(await http.fetch(feed(server.url("ok"))))


# ── broken replies ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["early", "reset", "flood", "long", "garbage", "bad_chunk"])
async def test_a_broken_reply_is_told_without_its_bytes(server: Hostile, http: Http, path: str) -> None:
    failed(await http.fetch(feed(server.url(path))), FailureKind.BROKEN)
    assert server.sent < 16 * MIB
    assert fetched(await http.fetch(feed(server.url("ok")))).body == BODY


async def test_a_port_where_nobody_listens(http: Http) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        failed(await http.fetch(feed(f"http://127.0.0.1:{port}/")), FailureKind.CONNECT)


async def test_a_host_that_does_not_take_the_connection() -> None:
    with socket.socket() as full, ExitStack() as callers:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(3):
            caller = callers.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        async with client(limits=Limits(connect_s=0.2)) as http:
            result = await http.fetch(feed(f"http://127.0.0.1:{full.getsockname()[1]}/"))
    assert "no connection within 0.2 s" in failed(result, FailureKind.CONNECT).detail


async def test_a_name_that_does_not_exist() -> None:
    async with guarded() as http:
        failed(await http.fetch(feed("http://gone.test/")), FailureKind.DNS)


async def test_a_header_that_cannot_be_sent_is_our_own_fault(server: Hostile, http: Http) -> None:
    bad = feed(server.url("ok"), headers=(("X-Key", "secret\r\nX-Injected: 1"),))
    failed(await http.fetch(bad), FailureKind.INTERNAL)
    assert not server.seen
