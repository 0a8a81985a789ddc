"""From what a document says to entries: plain texts, limits, dates and what is odd about them."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from monitor.core.dates import judge, parse_date
from monitor.core.model import LANGUAGES, DateFlag, Entry
from monitor.core.parsing.detection import language_of
from monitor.core.parsing.raw import RawDate, RawEntry, RawFeed
from monitor.core.text import plain_text, storable

MAX_TITLE = 1_000
MAX_SUMMARY = 20_000
MAX_CONTENT = 200_000
"""Limits of the texts, in characters; MAX_SUMMARY and MAX_CONTENT hold for HTML and plain text alike."""

_MAX_NAME = 300
_MAX_ADDRESS = 4_000
_EXCERPT = 1_000
_MADE_TITLE = 80
_UNTITLED = "(untitled)"
_NO_SOURCE = frozenset({"", "unknown"})

_FRESH = timedelta(minutes=10)
_STAMPED_SHARE = 0.25

_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE)
# Country codes and ISO 639-2 codes that feeds write instead.
_LANGUAGES = {
    **dict.fromkeys(("ua", "ukr"), "uk"),
    **dict.fromkeys(("deu", "ger"), "de"),
    **dict.fromkeys(("fra", "fre"), "fr"),
    "rus": "ru",
    "eng": "en",
    "pol": "pl",
}


CUT_KINDS = {"title": MAX_TITLE, "summary": MAX_SUMMARY, "content": MAX_CONTENT}
"""The texts that have a limit."""


@dataclass(slots=True)
class Cuts:
    """Which texts of one entry were over their limit."""

    kinds: set[str] = field(default_factory=set)

    def limit(self, text: str, kind: str) -> str:
        """Return the text, cut if it is longer than its kind may be."""
        most = CUT_KINDS[kind]
        if len(text) <= most:
            return text
        self.kinds.add(kind)
        return text[:most]


def cut_warnings(cuts: Iterable[Iterable[str]]) -> list[str]:
    """Say what was cut, in one line for each kind."""
    counts = Counter(kind for kinds in cuts for kind in kinds)
    return [f"{counts[kind]} × {kind} cut to {most} characters" for kind, most in CUT_KINDS.items() if counts[kind]]


class Spoken(NamedTuple):
    """What is known of a feed's language beforehand: what the operator says, and which languages may be detected."""

    said: str | None = None
    known: Collection[str] = LANGUAGES


def clean_entry(raw: RawEntry, feed: RawFeed, *, now: datetime, spoken: Spoken) -> tuple[Entry, frozenset[str]]:
    """Return an entry, still without identity, and which of its texts were cut."""
    cuts = Cuts()
    entry = _entry(raw, code_of(feed.lang), spoken, now, cuts)
    return entry, frozenset(cuts.kinds)


def _language(said: str | None, own: str | None, spoken: Spoken, title: str, summary: str) -> str | None:
    """Believe what the entry says of itself, then the operator, then the document: its is often the CMS's default."""
    return language_of((said if said != own else None, spoken.said, own), title, summary, spoken.known)


def code_of(code: str | None) -> str | None:
    """Return the two-letter code of a language tag (BCP 47); None where it names none that we can tell."""
    found = _LANGUAGE.fullmatch(code.strip()) if code else None
    if found is None:
        return None
    short = found[1].lower()
    return _LANGUAGES.get(short) or (short if len(short) == 2 else None)


def _entry(raw: RawEntry, own: str | None, spoken: Spoken, now: datetime, cuts: Cuts) -> Entry:
    summary_html, content_html = _texts(raw, cuts)
    content = plain_text(content_html or "")
    summary = plain_text(summary_html) if summary_html else _excerpt(content)
    url = raw.url if raw.url and len(raw.url) <= _MAX_ADDRESS else None
    title = _title(raw.title, summary or content, url, cuts)
    published = _moment(raw.published) or _moment(raw.updated)
    written = raw.published or raw.updated
    return Entry(
        keys=(),
        key_version=0,
        fingerprint="",
        title=title,
        guid=storable(raw.guid)[:_MAX_ADDRESS] if raw.guid else None,
        url=url,
        summary=summary,
        summary_html=summary_html,
        content=content,
        content_html=content_html,
        author=_name(raw.author),
        lang=_language(code_of(raw.lang), own, spoken, title, summary),
        source_title=_source(raw.source_title),
        source_url=raw.source_url,
        published=published,
        updated=_moment(raw.updated),
        date_flags=judge(published, written.text if written else None, now=now),
    )


def _texts(raw: RawEntry, cuts: Cuts) -> tuple[str | None, str | None]:
    """Return summary and content as they were sent; a whole article in the place of the summary is content."""
    summary, content = raw.summary, raw.content
    if content is None and summary is not None and len(summary) > MAX_SUMMARY:
        summary, content = None, summary
    return (
        storable(cuts.limit(summary, "summary")) if summary else None,
        storable(cuts.limit(content, "content")) if content else None,
    )


def _excerpt(content: str) -> str:
    """Return what stands for a summary where the source sent none: the beginning of the content, in whole words."""
    if len(content) <= _EXCERPT:
        return content
    return content[: _EXCERPT + 1].rpartition(" ")[0] or content[:_EXCERPT]


def _title(html: str, text: str, url: str | None, cuts: Cuts) -> str:
    title = plain_text(html) or text[:_MADE_TITLE].strip() or url or _UNTITLED
    return cuts.limit(title, "title")


def _name(html: str | None) -> str | None:
    return plain_text(html)[:_MAX_NAME] or None if html else None


def _source(html: str | None) -> str | None:
    name = _name(html)
    return None if name is None or name.casefold() in _NO_SOURCE else name


def _moment(date: RawDate | None) -> datetime | None:
    return (parse_date(date.text) or date.guess) if date else None


def shared_moments(moments: Collection[datetime | None]) -> set[datetime]:
    """Return the publication dates that several items of a document share, too exactly or too often to be chance.

    Dates to the minute coincide by chance, so those count only where a good part of the document shares one.
    """
    numbers = Counter(moment for moment in moments if moment)
    return {
        moment
        for moment, number in numbers.items()
        if number > 1 and (moment.second or number >= _STAMPED_SHARE * len(moments))
    }


def is_stamp(shared: datetime, built: RawDate | None, now: datetime) -> bool:
    """Tell whether a shared date is the document's, not the articles': the document says so, or it has just been."""
    return abs(now - shared) <= _FRESH or shared == _moment(built)


def stamped(entry: Entry) -> Entry:
    """Return the entry with its date marked as the document's."""
    return replace(entry, date_flags=entry.date_flags | {DateFlag.STAMPED})
