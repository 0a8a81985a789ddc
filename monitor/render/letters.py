"""Letters: digest, alert, quiet notice, mails about an account, operator's notices."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from markupsafe import Markup

from monitor.core import digest_json
from monitor.core.model import Digest, Item, Letter, Subscriber, Subscription
from monitor.errors import ConfigError, Finding
from monitor.render import text
from monitor.render.catalogues import load_catalogues
from monitor.render.fitting import LEVELS, fitted
from monitor.render.frame import Frame, asked, frame, schedule
from monitor.render.personal import Form, Shared, gaps
from monitor.render.stories import Limits, StoryView, story
from monitor.render.templates import Templates
from monitor.render.view import Edition, SectionView, alerted, edition, piles, ranked, sections
from monitor.render.words import Labels, Words

HTML_BUDGET = 90_000
"""Bytes of HTML; Gmail hides what stands behind about 102,000, encoding and headers included."""

_AROUND = 18_000
"""Bytes that are first set aside for what stands round the stories."""

_PERSONAL = 2_000
"""Bytes that are set aside for what goes into the gaps."""

_SUBJECT = 180

_KEPT = 64
"""Editions whose letters are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A digest as a page shows it, all of it. `rest` are the stories beyond the cap."""

    words: Words
    frame: Frame
    edition: Edition | None
    sections: tuple[SectionView, ...]
    rest: SectionView


class Renderer:
    """Renders letters from the templates of a folder; files of the operator's `own` folder go before.

    `sender` is who the mails say that they come from. Raises ConfigError if a folder is not there, or a
    catalogue cannot be read.
    """

    def __init__(self, templates: Path, own: Path | None = None, *, sender: str = "") -> None:
        missing = [folder for folder in (templates, own) if folder and not folder.is_dir()]
        if missing:
            raise ConfigError([Finding(source=str(folder), message="there is no such folder") for folder in missing])
        self.templates = Templates(templates, own)
        self._speeches = load_catalogues(tuple(reversed(self.templates.folders)))
        self._sender = sender
        self._known = _Known({})
        self._kept = lru_cache(_KEPT)(self._thawed)

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages that there are texts for, English first."""
        return tuple(self._speeches)

    def words(self, lang: str, zone: str = "UTC", labels: Labels | None = None) -> Words:
        """Return the texts of one language; English where there are none of it."""
        return Words(self._speeches, lang, zone, labels or {})

    # ── digests ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def digest(self, digest: Digest, subscription: Subscription, labels: Labels, *, pages: bool) -> Shared:
        """Render an edition in the reader's language and zone: a digest, an alert, or the notice of an empty one.

        A pure function: readers of one wish, language and zone share what it returns. `pages`: there are web pages to
        lead to. Raises ConfigError where a template is wrong, ZoneInfoNotFoundError where the zone is unknown.
        """
        words = self._words(subscription.subscriber, labels)
        values = {"words": words, "links": gaps(pages=pages), "frame": frame(digest, subscription, words, self._sender)}
        if not digest.sections:
            values["alerted"] = alerted(digest, words)
            return self._shared("digest/quiet_subject.txt", "digest/quiet.txt", None, values)
        values["edition"] = edition(digest, words)
        kind = "alert" if digest.instant else "digest"
        whole = {item.group: story(item, digest.window.end, words, LEVELS[0]) for item in ranked(digest)}
        html = self._html(f"{kind}/body.html", digest, values, whole)
        plain = values | self._texts(digest, words, whole)
        return self._shared(f"{kind}/subject.txt", f"{kind}/body.txt", html, plain)

    def frozen(self, content: str, subscription: Subscription, labels: Labels, *, pages: bool) -> Shared:
        """Render a frozen edition (`core.digest_json`) like `digest`; the last ones are kept for their next readers."""
        if labels is not self._known.labels:
            self._known = _Known(labels)
        return self._kept(content, _nobody(subscription), self._known, pages)

    def _thawed(self, content: str, subscription: Subscription, known: "_Known", pages: bool) -> Shared:
        return self.digest(digest_json.loads(content), subscription, known.labels, pages=pages)

    def view(self, digest: Digest, subscription: Subscription, labels: Labels) -> View:
        """Say an edition for a web page: every story, those beyond the cap too. Raises ZoneInfoNotFoundError."""
        words = self._words(subscription.subscriber, labels)
        return View(
            words=words,
            frame=frame(digest, subscription, words, self._sender),
            edition=edition(digest, words) if digest.sections else None,
            sections=sections(digest, words),
            rest=SectionView(
                label=words.say("Beyond the limit of the mail"),
                stories=tuple(story(item, digest.window.end, words, Limits()) for item in digest.rest),
            ),
        )

    def page(self, name: str, values: Mapping[str, object], *, lang: str, zone: str = "UTC") -> str:
        """Fill the template of a web page. Raises ConfigError where it is wrong."""
        words = self.words(lang, zone)
        return self.templates.fill(f"web/{name}", {"lang": words.lang, "zone": zone, **values}, words)

    def _words(self, reader: Subscriber, labels: Labels) -> Words:
        return self.words(reader.lang, reader.zone, labels)

    def _html(self, name: str, digest: Digest, values: Mapping[str, object], whole: Mapping[int, StoryView]) -> str:
        """Write the HTML, within its budget whatever the stories are."""
        fill, body = self.templates.filler("digest/story.html"), self.templates.filler(name)
        words, items = values["words"], ranked(digest)
        assert isinstance(words, Words)

        def write(item: Item, limits: Limits) -> str:
            view = whole[item.group] if limits is LEVELS[0] else story(item, digest.window.end, words, limits)
            return fill({"story": view, "words": words})

        room = HTML_BUDGET - _PERSONAL - _AROUND
        while True:
            written = fitted(items, write, room)
            shown = piles(digest, words, {group: Markup(html) for group, html in written.items()})  # noqa: S704 # our templates have escaped it
            html = body({**values, "sections": shown, "more": digest.more + len(items) - len(written)})
            over = len(html.encode()) - (HTML_BUDGET - _PERSONAL)
            if over <= 0 or not written:
                return html
            room -= over

    def _texts(self, digest: Digest, words: Words, whole: Mapping[int, StoryView]) -> dict[str, object]:
        """Write every story as plain text."""
        fill = self.templates.filler("digest/story.txt")
        written = {group: fill({"story": view, "words": words}).rstrip() for group, view in whole.items()}
        return {"sections": piles(digest, words, written), "more": digest.more}

    def _shared(self, subject: str, plain: str, html: str | None, values: Mapping[str, object]) -> Shared:
        words = values["words"]
        assert isinstance(words, Words)
        return Shared(
            subject=self._subject(subject, values),
            text=Form.of(self._plain(plain, values)),
            html=Form.of(html) if html is not None else None,
            lang=words.lang,
            bulk=True,
        )

    # ── accounts ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def confirm(self, wish: Subscription, labels: Labels, *, link: str, expires: datetime) -> Letter:
        """Ask whether an address really wants digests: `link` leads to the page that takes the answer."""
        words = self._words(wish.subscriber, labels)
        values = {"asked": asked(wish, words), "schedule": schedule(wish, words), "link": link}
        return self._account("confirm", wish.subscriber, words, expires, values)

    def manage(self, reader: Subscriber, *, manage: str, data: str | None, expires: datetime) -> Letter:
        """Give a reader the way to the own subscription, and to what is kept about the address."""
        words = self._words(reader, {})
        return self._account("manage", reader, words, expires, {"manage": manage, "data": data or ""})

    def _account(
        self, name: str, reader: Subscriber, words: Words, expires: datetime, values: Mapping[str, object]
    ) -> Letter:
        known = {"words": words, "address": reader.email, "sender": self._sender, "expires": words.moment(expires)}
        values = known | dict(values)
        return Letter(
            subject=self._subject(f"account/{name}_subject.txt", values),
            text=self._plain(f"account/{name}.txt", values),
            html=self.templates.fill(f"account/{name}.html", values, words),
            lang=words.lang,
        )

    # ── the operator ─────────────────────────────────────────────────────────────────────────────────────────────────

    def problem(self, *, key: str, detail: str, since: datetime, zone: str = "UTC") -> Letter:
        """Tell the operator that something is wrong: what (`key`), how it shows, and since when (in `zone`)."""
        return self._notice("problem", {"key": key, "detail": detail, "since": _stamp(since, zone), "zone": zone})

    def recovered(self, *, key: str, detail: str, since: datetime, until: datetime, zone: str = "UTC") -> Letter:
        """Tell the operator that a problem is over, and how long it lasted."""
        times = {"since": _stamp(since, zone), "until": _stamp(until, zone), "lasted": _lasted(until - since)}
        return self._notice("recovered", {"key": key, "detail": detail, "zone": zone, **times})

    def _notice(self, name: str, values: Mapping[str, str]) -> Letter:
        clean = {key: text.cut(value, 2000) for key, value in values.items()}
        return Letter(
            subject=self._subject(f"operator/{name}_subject.txt", clean),
            text=self._plain(f"operator/{name}.txt", clean),
        )

    # ── filling ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _plain(self, name: str, values: Mapping[str, object]) -> str:
        """Fill a template of plain text: spaces that hold a date together do their work while lines are wrapped."""
        return self.templates.fill(name, values).replace("\u00a0", " ")

    def _subject(self, name: str, values: Mapping[str, object]) -> str:
        return text.cut(self.templates.fill(name, values), _SUBJECT)


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """Labels as part of a key: the same ones, not equal ones."""

    labels: Labels


def _nobody(subscription: Subscription) -> Subscription:
    """Take out of a wish what makes no difference to its letter."""
    reader = subscription.subscriber
    anybody = Subscriber(pk=0, email="", lang=reader.lang, zone=reader.zone)
    return replace(subscription, pk=0, name="", subscriber=anybody)


def _stamp(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _lasted(span: timedelta) -> str:
    """Tell a length of time in its two largest units."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
