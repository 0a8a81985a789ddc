"""What the tests of letters share: a renderer, an edition with something of everything, a strict reader of HTML."""

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from monitor.core.digest import build_digest
from monitor.core.model import Alerted, Candidate, Coverage, Day, Digest, Letter, Subscriber
from monitor.render import Personal, Renderer
from tests.sample_digest import END, LABELS, SUBSCRIPTION, WINDOW, sample

TEMPLATES = Path(__file__).parents[1] / "templates"
SENDER = "Desk <desk@monitor.example>"
BY_MAIL = Personal(address="desk@example.org", unsubscribe="mailto:leave@monitor.example?subject=unsubscribe%20me")
BY_PAGE = Personal(
    address="desk@example.org",
    unsubscribe="https://m.example/u/1?a&b",
    manage="https://m.example/m/1",
    page="https://m.example/d/1",
)
TOLD = Alerted(
    title="Power plant off the grid", url="https://news.example/en/77", lang="en", at=END - timedelta(hours=1), since=4
)

_VOID = {"meta", "br", "img", "hr", "link", "input"}
_PHRASING = {"a", "b", "span"}


def reader(lang: str = "en", zone: str = "Europe/Kyiv") -> Subscriber:
    return replace(SUBSCRIPTION.subscriber, lang=lang, zone=zone)


def render(renderer: Renderer, digest: Digest, own: Personal = BY_MAIL, **asked: Any) -> Letter:
    wish = replace(SUBSCRIPTION, **asked)
    return renderer.digest(digest, wish, LABELS, pages=own.manage is not None).personal(own)


def edition(**changes: Any) -> Digest:
    """Give the sample with every figure of the first screen, an alert and a chart."""
    found = sample()
    items = sorted((item for section in found.sections for item in section.items), key=lambda item: -item.score)
    figures: dict[str, Any] = {
        "top": tuple(item.group for item in items[:5]),
        "alerted": (TOLD,),
        "new": 8,
        "updated": 1,
        "sources": 25,
        "countries": 6,
        "days": tuple(Day(date=(END - timedelta(days=13 - n)).date(), hits=10 * n) for n in range(14)),
    }
    return replace(found, **figures | changes)


def altered(digest: Digest, group: int, **changes: Any) -> Digest:
    """Change one item of a digest."""
    return replace(
        digest,
        sections=tuple(
            replace(one, items=tuple(replace(item, **changes) if item.group == group else item for item in one.items))
            for one in digest.sections
        ),
    )


def single(candidate: Candidate) -> Digest:
    return build_digest([candidate], SUBSCRIPTION, WINDOW, Coverage(watched=1))


class Page(HTMLParser):
    """Reads a page strictly: every element is closed in order, no attribute stands twice."""

    def __init__(self, html: str | None) -> None:
        super().__init__()
        assert html is not None
        self.html = html
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        assert "p" not in self.open[-1:] or tag in _PHRASING, (self.open, tag)
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())
