"""Clients, feeds and answers for the tests of the HTTP client."""

import socket
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from monitor.core.model import Failure, FailureKind, FeedSpec, FeedState, Fetched, FetchResult
from monitor.net.addresses import IPAddress
from monitor.net.http import Http
from tests.net import bad_moods  # noqa: F401 - registers its moods
from tests.net.hostile import ETAG, MODIFIED

NOW = datetime(2026, 8, 24, 12, tzinfo=UTC)
MIB = 1 << 20
NAMES = {
    "news.test": ["127.0.0.1"],
    "other.test": ["127.0.0.1"],
    "inner.test": ["10.0.0.1"],
    "mixed.test": ["127.0.0.1", "169.254.169.254"],
}


async def look_up(host: str) -> list[str]:
    if host not in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    return NAMES[host]


def stands_for_public(ip: IPAddress) -> bool:
    return ip == ip_address("127.0.0.1")


def client(**options: object) -> Http:
    return Http(contact="ops@example.org", **{"clock": lambda: NOW, "allow_private": True} | options)  # type: ignore[arg-type]  # each test names its own


def guarded(**options: object) -> Http:
    return client(allow_private=False, permit=stands_for_public, lookup=look_up, **options)


def feed(url: str, *, known: bool = False, **spec: object) -> FeedState:
    made = FeedSpec(**{"id": "f", "title": "F", "timeout": timedelta(seconds=5)} | spec | {"url": url})  # type: ignore[arg-type]  # as above
    return FeedState(
        pk=1, spec=made, next_poll_at=NOW, etag=ETAG if known else None, last_modified=MODIFIED if known else None
    )


def failed(result: FetchResult, kind: FailureKind) -> Failure:
    assert isinstance(result, Failure), result
    assert result.kind is kind, result
    assert result.detail.isprintable()
    assert result.detail
    assert "secret" not in result.detail
    return result


def fetched(result: FetchResult) -> Fetched:
    assert isinstance(result, Fetched), result
    return result
