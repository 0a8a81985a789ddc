"""Letters: digest, quiet notice, operator's notices. The only module that knows Jinja2 and css-inline."""

import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import css_inline
import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from monitor.core.model import Digest, Letter, Subscription
from monitor.errors import ConfigError, Finding
from monitor.render import text
from monitor.render.view import Limits, edition, frame
from monitor.render.words import Labels, Words, load_tables

HTML_BUDGET = 90_000
"""Bytes of HTML; Gmail hides what stands behind about 102,000, encoding and headers included."""

_LEVELS = (Limits(), Limits(summary=120, url=600), Limits(title=120, summary=0, url=300))
_SUBJECT = 180


class Renderer:
    """Renders letters from the templates in a folder. Raises OSError or ValueError if its words cannot be read."""

    def __init__(self, templates: Path) -> None:
        self._tables = load_tables(templates / "digest" / "words")
        self._environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FileSystemLoader(templates),
            autoescape=lambda name: name is not None and name.endswith(".html"),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
        self._environment.filters["wrap"] = text.wrap
        self._inliner = css_inline.CSSInliner(keep_style_tags=True, keep_at_rules=True, load_remote_stylesheets=False)

    def digest(self, digest: Digest, subscription: Subscription, labels: Labels, *, unsubscribe: str) -> Letter:
        """Render an edition in the reader's language and zone; one without stories becomes the quiet notice.

        `unsubscribe` is a mail address, or a mailto or https URI. Raises ConfigError where a template is wrong,
        ZoneInfoNotFoundError where the zone is unknown.
        """
        if not digest.sections:
            return self.quiet(digest, subscription, labels, unsubscribe=unsubscribe)
        words = Words(self._tables, subscription.subscriber, labels)
        around = frame(digest, subscription, words, unsubscribe)
        for limits in _LEVELS:
            values = {"frame": around, "edition": edition(digest, words, limits)}
            html = self._inliner.inline(self._fill("digest/body.html", values))
            if len(html.encode()) <= HTML_BUDGET:
                break
        return Letter(
            subject=self._subject("digest/subject.txt", values),
            text=self._plain("digest/body.txt", values),
            html=html,
            lang=words.lang,
            bulk=True,
        )

    def quiet(self, digest: Digest, subscription: Subscription, labels: Labels, *, unsubscribe: str) -> Letter:
        """Render the notice that there is nothing to tell, and how well the feeds were watched."""
        words = Words(self._tables, subscription.subscriber, labels)
        values = {"frame": frame(digest, subscription, words, unsubscribe)}
        subject = self._subject("digest/quiet_subject.txt", values)
        return Letter(subject=subject, text=self._plain("digest/quiet.txt", values), lang=words.lang, bulk=True)

    def problem(self, *, key: str, detail: str, since: datetime, zone: str = "UTC") -> Letter:
        """Tell the operator that something is wrong: what (`key`), how it shows, and since when (in `zone`)."""
        return self._notice("problem", {"key": key, "detail": detail, "since": _stamp(since, zone), "zone": zone})

    def recovered(self, *, key: str, detail: str, since: datetime, until: datetime, zone: str = "UTC") -> Letter:
        """Tell the operator that a problem is over, and how long it lasted."""
        times = {"since": _stamp(since, zone), "until": _stamp(until, zone), "lasted": _lasted(until - since)}
        return self._notice("recovered", {"key": key, "detail": detail, "zone": zone, **times})

    def page(self, name: str, values: Mapping[str, object], *, lang: str, zone: str = "UTC") -> str:
        """Interim: until the catalogue comes."""
        return self._fill(f"web/{name}", {"lang": lang, "zone": zone, **values})

    @property
    def languages(self) -> tuple[str, ...]:
        """Interim."""
        return ("en", "uk", "de")

    def _notice(self, name: str, values: Mapping[str, str]) -> Letter:
        clean = {key: text.cut(value, 2000) for key, value in values.items()}
        return Letter(
            subject=self._subject(f"operator/{name}_subject.txt", clean),
            text=self._plain(f"operator/{name}.txt", clean),
        )

    def _fill(self, name: str, values: Mapping[str, object]) -> str:
        """Raise ConfigError with the template's file and line where it is wrong."""
        try:
            return self._environment.get_template(name).render(values).strip() + "\n"
        except jinja2.TemplateError as error:
            finding = Finding(source=name, message=error.message or type(error).__name__, line=_line(error, name))
            raise ConfigError([finding]) from error

    def _plain(self, name: str, values: Mapping[str, object]) -> str:
        """Fill a template of plain text: spaces that hold a date together do their work while lines are wrapped."""
        return self._fill(name, values).replace("\u00a0", " ")

    def _subject(self, name: str, values: Mapping[str, object]) -> str:
        return text.cut(self._fill(name, values), _SUBJECT)


def _line(error: jinja2.TemplateError, name: str) -> int | None:
    """Find the template's line: syntax errors carry it, others have it in the traceback that Jinja2 rewrites."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return error.lineno
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(name)]
    return frames[-1].lineno if frames else None


def _stamp(instant: datetime, zone: str) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def _lasted(span: timedelta) -> str:
    """Tell a length of time in its two largest units."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
