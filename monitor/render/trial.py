"""Every template tried on invented data, before a reader meets what is wrong with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from monitor.core.model import (
    Alerted,
    Coverage,
    Day,
    Digest,
    Item,
    Press,
    Publisher,
    RuleKind,
    Section,
    Subscriber,
    Subscription,
    Window,
)
from monitor.errors import ConfigError, Finding
from monitor.render.letters import Renderer
from monitor.render.personal import Personal

END = datetime(2026, 1, 2, 7, tzinfo=UTC)
OWN = Personal(
    address="reader@example.org",
    unsubscribe="https://monitor.example.org/u/sample",
    manage="https://monitor.example.org/m/sample",
    page="https://monitor.example.org/d/sample",
)
LABELS = {
    (RuleKind.TOPIC, "drones"): {"en": "Drones", "uk": "Дрони", "de": "Drohnen"},
    (RuleKind.ACTOR, "nato"): {"en": "NATO", "uk": "НАТО", "de": "NATO"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a trial found: `mistakes` keep mails from being made, `unused` are own files that nothing asks for."""

    letters: int
    mistakes: tuple[Finding, ...]
    unused: tuple[str, ...]


def trial(renderer: Renderer) -> Tried:
    """Compile every template, and render every letter in every language."""
    letters, mistakes = 0, list(_broken(renderer))
    for attempt in (*_operator(renderer), *(one for lang in renderer.languages for one in _reader(renderer, lang))):
        try:
            attempt()
            letters += 1
        except ConfigError as error:
            mistakes += error.findings
    return Tried(
        letters=letters, mistakes=tuple(dict.fromkeys(mistakes)), unused=() if mistakes else renderer.templates.unused()
    )


def _broken(renderer: Renderer) -> Iterator[Finding]:
    for name in renderer.templates.names():
        try:
            renderer.templates.filler(name)
        except ConfigError as error:
            yield from error.findings


def _operator(renderer: Renderer) -> Iterator[Callable[[], object]]:
    yield lambda: renderer.problem(key="sample", detail="sample", since=END)
    yield lambda: renderer.recovered(key="sample", detail="sample", since=END, until=END)


def _reader(renderer: Renderer, lang: str) -> Iterator[Callable[[], object]]:
    reader = Subscriber(pk=0, email=OWN.address, lang=lang)
    wish = Subscription(pk=0, subscriber=reader, topics=frozenset({"drones"}))
    digest = sample()
    for edition in (digest, replace(digest, instant=True), replace(digest, sections=(), top=())):
        for pages in (True, False):
            yield lambda edition=edition, pages=pages: renderer.digest(edition, wish, LABELS, pages=pages).personal(OWN)  # type: ignore[misc]  # bound at once
    yield lambda: renderer.confirm(wish, LABELS, link=OWN.unsubscribe, expires=END)
    yield lambda: renderer.manage(reader, manage=OWN.unsubscribe, data=OWN.page, expires=END)


# ── invented data ────────────────────────────────────────────────────────────────────────────────────────────────────


def sample() -> Digest:
    """Make an edition that has something of everything."""
    items = (
        _item(1, "A sample headline", before="A headline before it", late=True),
        _item(2, "Beispiel einer Überschrift", lang="de", original=True, url=None),
        _item(3, "Зразок заголовка", lang="uk", summary=""),
        _item(4, "One more", published=None, sources=1),
    )
    return Digest(
        window=Window(start=END - timedelta(days=1), end=END, seq_from=0, seq_to=1, catch_up=True),
        sections=(Section(topic="drones", items=items[:3]), Section(topic=None, items=items[3:])),
        more=2,
        total=6,
        sources=2,
        coverage=Coverage(watched=2, failing=("Failing",), silent=("Silent",)),
        top=tuple(item.group for item in items),
        rest=(_item(5, "Beyond the cap"),),
        alerted=(Alerted(title="Told before", url="https://example.org/", lang="en", at=END, since=2),),
        new=3,
        updated=1,
        countries=2,
        days=tuple(Day(date=(END - timedelta(days=13 - n)).date(), hits=n) for n in range(14)),
    )


def _item(group: int, title: str, **changes: object) -> Item:
    item = Item(
        group=group,
        revision=1,
        title=title,
        summary="A sample line.",
        url="https://example.org/",
        lang="en",
        publisher=Publisher(name="Sample", country="GB", press=Press.PRIVATE),
        published=END - timedelta(hours=1),
        late=False,
        marks=((0, 3),),
        topic="drones",
        tags=("energy",),
        actors=("nato",),
        sources=2,
        score=1.0,
    )
    return replace(item, **changes)  # type: ignore[arg-type]  # names and values are the caller's
