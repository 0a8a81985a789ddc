"""What the soak's server plays: invented feeds and recorded ones, and how often it is in which mood."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.kill import changing_feeds

FEEDS = 600
HOSTS = 150
TURNOVER = 7
"""So many versions ahead nothing of a document is left."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A reply that is none: a mood of tests/net by its path, or the bytes of a body. Every one of them is a failure."""

    path: str = ""
    body: bytes = b""


_NESTED = b'{"version": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
_ENTITIES = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12))

MOODS: tuple[tuple[float, tuple[Bad, ...]], ...] = (
    (0.05, (Bad("/silent"), Bad("/stalled"), Bad("/trickle"), Bad("/trickled_head"))),
    (0.05, (Bad("/status/500"), Bad("/status/502"), Bad("/status/503"), Bad("/status/504"))),
    (
        0.02,
        (
            Bad("/garbage"),
            Bad("/bad_chunk"),
            Bad("/packed/wrong"),
            Bad("/packed/cut"),
            Bad("/empty"),
            Bad("/reset"),
            Bad(body=bytes(range(256)) * 40),
            Bad(body=b"<!DOCTYPE html><html><head><title>Sample</title></head><body>Sorry</body></html>"),
        ),
    ),
    (
        0.01,
        (
            Bad("/bomb"),
            Bad("/huge"),
            Bad("/flood"),
            Bad("/packed/swollen-br"),
            Bad("/packed/swollen-zstd"),
            Bad(body=_NESTED),
            Bad(body=b'<!DOCTYPE html [<!ENTITY e0 "ha">' + _ENTITIES + b"]><html>&e11;</html>"),
        ),
    ),
)
"""Shares of the requests: timeouts, 5xx, garbage, bombs."""

UNCHANGED = 0.85
"""Share of the other requests that find nothing new: most polls of real feeds do."""


def name(feed: int) -> str:
    return changing_feeds.name(feed)


def host(feed: int) -> str:
    """Four feeds have a host in common; one host is a name, so that a resolver has something to do."""
    number = feed % HOSTS
    return "localhost" if number == 0 else f"127.0.{1 + number // 100}.{1 + number % 100}"


def shown(feed: int, version: int) -> int:
    """Return which version of tests/kill a feed shows. One feed in twenty keeps nothing from one document to the next,
    so that what one poll loses is lost."""
    return version * TURNOVER if feed % 20 == 19 else version


def body(feed: int, version: int) -> bytes:
    return changing_feeds.document(feed, shown(feed, version))


def expected(recorded: Mapping[int, Iterable[int]]) -> dict[str, list[str]]:
    """Map the address of each entry that must be stored to its titles in order."""
    return changing_feeds.titles(
        {feed: [shown(feed, version) for version in versions] for feed, versions in recorded.items()}
    )
