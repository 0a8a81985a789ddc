"""Builders of domain objects with sensible defaults: a test names only what it is about."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, ParamSpec, TypeVar
from xml.sax.saxutils import escape

from monitor.core.model import (
    Entry,
    Evidence,
    FeedSpec,
    FeedState,
    Fetched,
    FetchResult,
    Judged,
    Match,
    NextPoll,
    Outgoing,
    PollOutcome,
    Press,
    Publisher,
    RuleKind,
    Verdict,
)

P = ParamSpec("P")
T = TypeVar("T")

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class FrozenClock:
    """A clock that stands until it is told to move."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


async def call_here(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """What `Parsers.call` does, without a process: for tests that are not about it."""
    return function(*args, **kwargs)


def spec(id: str = "courier", **changes: Any) -> FeedSpec:  # noqa: A002
    values: dict[str, Any] = {"title": id.title(), "url": f"https://{id}.example/feed", "allow_private": True}
    return FeedSpec(id=id, **values | changes)


def state(pk: int = 1, **changes: Any) -> FeedState:
    values: dict[str, Any] = {"spec": spec(), "next_poll_at": NOW}
    return FeedState(pk=pk, **values | changes)


def entry(title: str = "Kyiv and Moscow trade drone strikes", **changes: Any) -> Entry:
    url = changes.get("url", f"https://courier.example/{sha256(title.encode()).hexdigest()[:8]}")
    values: dict[str, Any] = {
        "keys": (f"l:{url}",),
        "key_version": 1,
        "title": title,
        "url": url,
        "canonical_url": url,
        "published": NOW - timedelta(hours=1),
        "fingerprint": sha256(f"{title}{changes}".encode()).hexdigest()[:32],
    }
    return Entry(**values | changes)


def match(kind: RuleKind = RuleKind.TOPIC, rule: str = "drones", *spans: tuple[str, int, int, str]) -> Match:
    found = spans or (("title", 0, 4, "Kyiv"),)
    return Match(
        kind=kind, rule=rule, evidence=tuple(Evidence(field=f, start=s, end=e, text=t) for f, s, e, t in found)
    )


def judged(item: Entry | None = None, *matches: Match, publisher: str = "Courier", relevant: bool = True) -> Judged:
    who = Publisher(name=publisher, country="GB", press=Press.PRIVATE)
    return Judged(entry=item or entry(), publisher=who, verdict=Verdict(relevant=relevant, matches=matches))


def outcome(feed: FeedState, *items: Judged, at: datetime = NOW, **changes: Any) -> PollOutcome:
    values: dict[str, Any] = {
        "feed": feed,
        "at": at,
        "next_poll": NextPoll(at=at + timedelta(minutes=15), reason="on time"),
        "judged": items,
        "shown": len(items),
        "body_hash": "0" * 64,
    }
    return PollOutcome(**values | changes)


@dataclass
class FakeFetch:
    """Answers with what a test puts there; the last answer of a feed stays until it is replaced."""

    answers: dict[str, FetchResult] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, feed: FeedState) -> FetchResult:
        self.asked.append(feed.spec.id)
        return self.answers[feed.spec.id]


@dataclass
class RecordingSend:
    """Takes every mail, or raises what a test wants raised first."""

    mails: list[Outgoing] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    async def __call__(self, mail: Outgoing) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.mails.append(mail)
        return "250 2.0.0 OK"


def rss(*items: tuple[str, str, datetime | None], site: str = "https://courier.example", head: str = "") -> Fetched:
    """An RSS document: (title, path, date) an item."""
    parts = "".join(
        f"<item><title>{escape(title)}</title><link>{site}/{path}</link>"
        + (f"<pubDate>{format_datetime(when)}</pubDate>" if when else "")
        + "</item>"
        for title, path, when in items
    )
    body = (
        f'<rss version="2.0"><channel><title>Courier</title><link>{site}</link>{head}{parts}</channel></rss>'.encode()
    )
    return Fetched(
        url=f"{site}/feed", body=body, body_hash=sha256(body).hexdigest(), content_type="application/rss+xml"
    )
