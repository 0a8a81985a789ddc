"""From what a document says to entries: plain texts, limits, dates and what is odd about them."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

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


@dataclass(slots=True)
class Cuts:
    """How many texts of each kind were over their limit."""

    counts: Counter[str] = field(default_factory=Counter)

    def limit(self, text: str, most: int, kind: str) -> str:
        """Return the text, cut if it is longer than `most` characters."""
        if len(text) <= most:
            return text
        self.counts[f"{kind} cut to {most} characters"] += 1
        return text[:most]

    def warnings(self) -> list[str]:
        """Say it in one line for each kind."""
        return [f"{number} × {what}" for what, number in self.counts.items()]


def clean_entries(
    feed: RawFeed, *, now: datetime, cuts: Cuts, language: str | None = None, languages: Collection[str] = LANGUAGES
) -> list[Entry]:
    """Return the entries of a document in its order, still without identity.

    `language` is what the operator says of the feed, `languages` are those that may be detected.
    """
    entries = [_entry(raw, now, cuts) for raw in feed.entries]
    own = code_of(feed.lang)
    entries = [_in_its_language(entry, own, language, languages) for entry in entries]
    stamps = _stamps(entries, _moment(feed.built), now)
    return [entry if entry.published not in stamps else _stamped(entry) for entry in entries] if stamps else entries


def _in_its_language(entry: Entry, own: str | None, said: str | None, languages: Collection[str]) -> Entry:
    """Believe what the entry says of itself, then the operator, then the document: its is often the CMS's default."""
    declared = (entry.lang if entry.lang != own else None, said, own)
    lang = language_of(declared, entry.title, entry.summary, languages)
    return entry if lang == entry.lang else replace(entry, lang=lang)


def code_of(code: str | None) -> str | None:
    """Return the two-letter code of a language tag (BCP 47); None where it names none that we can tell."""
    found = _LANGUAGE.fullmatch(code.strip()) if code else None
    if found is None:
        return None
    short = found[1].lower()
    return _LANGUAGES.get(short) or (short if len(short) == 2 else None)


def _entry(raw: RawEntry, now: datetime, cuts: Cuts) -> Entry:
    summary_html, content_html = _texts(raw, cuts)
    content = plain_text(content_html or "")
    summary = plain_text(summary_html) if summary_html else _excerpt(content)
    url = raw.url if raw.url and len(raw.url) <= _MAX_ADDRESS else None
    published = _moment(raw.published) or _moment(raw.updated)
    written = raw.published or raw.updated
    return Entry(
        keys=(),
        key_version=0,
        fingerprint="",
        title=_title(raw.title, summary or content, url, cuts),
        guid=storable(raw.guid)[:_MAX_ADDRESS] if raw.guid else None,
        url=url,
        summary=summary,
        summary_html=summary_html,
        content=content,
        content_html=content_html,
        author=_name(raw.author),
        lang=code_of(raw.lang),
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
        storable(cuts.limit(summary, MAX_SUMMARY, "summary")) if summary else None,
        storable(cuts.limit(content, MAX_CONTENT, "content")) if content else None,
    )


def _excerpt(content: str) -> str:
    """Return what stands for a summary where the source sent none: the beginning of the content, in whole words."""
    if len(content) <= _EXCERPT:
        return content
    return content[: _EXCERPT + 1].rpartition(" ")[0] or content[:_EXCERPT]


def _title(html: str, text: str, url: str | None, cuts: Cuts) -> str:
    title = plain_text(html) or text[:_MADE_TITLE].strip() or url or _UNTITLED
    return cuts.limit(title, MAX_TITLE, "title")


def _name(html: str | None) -> str | None:
    return plain_text(html)[:_MAX_NAME] or None if html else None


def _source(html: str | None) -> str | None:
    name = _name(html)
    return None if name is None or name.casefold() in _NO_SOURCE else name


def _moment(date: RawDate | None) -> datetime | None:
    return (parse_date(date.text) or date.guess) if date else None


def _stamps(entries: Sequence[Entry], built: datetime | None, now: datetime) -> set[datetime]:
    """Find the moments that are the document's, not the articles': several entries share one, and it has just been.

    Dates to the minute coincide by chance, so those count only where a good part of the document shares one.
    """
    shared = Counter(entry.published for entry in entries if entry.published)
    return {
        moment
        for moment, number in shared.items()
        if number > 1
        and (moment == built or abs(now - moment) <= _FRESH)
        and (moment.second or number >= _STAMPED_SHARE * len(entries))
    }


def _stamped(entry: Entry) -> Entry:
    return replace(entry, date_flags=entry.date_flags | {DateFlag.STAMPED})
