"""Which feeds may stand behind a web page, and what a feed's document says of the feed."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.core.model import DateFlag, Entry, ParsedFeed
from monitor.core.publishers import site_of
from monitor.core.text import storable
from monitor.core.urls import canonical_url, resolve

MAX_PAGE = 4 * 1024 * 1024
"""So many bytes of a page are looked at; a feed's link stands in its head or its foot, and few pages are longer."""

MAX_CANDIDATES = 25
"""So many addresses of one page are worth a request each."""

MAX_LINKS = 5_000
"""So many links of one page are looked at."""

MAX_ADDRESS = 2_000

TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/xml",
        "text/xml",
        "application/rss",
        "application/atom",
        "text/rss",
    }
)
"""Media types by which pages announce feeds (RSS Autodiscovery, RFC 4287 §7, JSON Feed 1.1), their slips included."""

WELL_KNOWN = (
    *("feed", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feeds/posts/default", "?feed=rss2"),
    *("rss/index.xml", "index.rss", "feed.json", "news/rss", "en/rss"),
)
"""Where publishing systems put feeds that nothing links to: WordPress, Drupal, Hugo, Jekyll, Blogger and others."""


class How(IntEnum):
    """How an address was found; the smaller, the surer."""

    ITSELF = 0
    LINK = 1
    ANCHOR = 2
    WELL_KNOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An address that may be a feed's. `title` is what the page calls it."""

    url: str
    how: How
    title: str | None = None


# ── what a page links to ─────────────────────────────────────────────────────────────────────────────────────────────

# As in core/text: every tag becomes a void element, so that the tree has no depth whatever the document nests. Links
# stay, anchors become links with a mark, and raw text stays raw, so that what a script writes is no link.
_RAW = "script|style|title|textarea|iframe|noembed|noframes|xmp"
_TAG = re.compile(rf"</?(?!(?:{_RAW}|link|base)[\s/>])(?:(a)(?=[\s/>])|[a-z][^\s/>]*)", re.IGNORECASE)
_MARK = "data-anchor"
_BEGINNING = 64 * 1024
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s++|<\?xml[^>]*+>|<!--.*?-->)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_ANY_TAG = re.compile(rb"<\0?[!a-z]", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_LIKE_A_FEED = re.compile(
    r"(?:^|[/._?&=-])(?:rss2?|atom|feeds?|rdf|feedburner)(?:$|[/._?&=-])|\.(?:rss|atom|rdf)$", re.IGNORECASE
)
_NO_FEED = re.compile(r"\.(?:html?|png|jpe?g|gif|svg|ico|css|js|pdf|mp3|mp4)$|^/feedback", re.IGNORECASE)
_CALLED_FEED = re.compile(r"\b(?:rss|atom|feeds?|xml)\b|стрічка", re.IGNORECASE)
_COMMENTS = re.compile(r"\bcomments?\b|коментар", re.IGNORECASE)
_READERS = frozenset({"bloglovin.com", "feedly.com", "inoreader.com", "netvibes.com", "newsblur.com"})
_FEED_SCHEME = re.compile(r"^feed:(?://)?(?=https?:)|^feed:(?=//)", re.IGNORECASE)


def is_page(body: bytes, content_type: str | None) -> bool:
    """Tell whether what is no feed is a web page: by its beginning, else by its header where there are tags at all."""
    beginning = body[:_BEGINNING]
    return bool(_PAGE.match(beginning)) or ("html" in (content_type or "").lower() and bool(_ANY_TAG.search(beginning)))


def page_text(body: bytes, content_type: str | None) -> str:
    """Return a page as text, as far as links need it: by the header's character set, else as UTF-8."""
    named = _CHARSET.search(content_type or "")
    try:
        return body[:MAX_PAGE].decode(named[1] if named else "utf-8", "replace")
    except (LookupError, ValueError):  # no such set, or a codec that is none, such as IDNA's
        return body[:MAX_PAGE].decode("utf-8", "replace")


def leads_of_page(body: bytes, content_type: str | None, url: str) -> tuple[Candidate, ...] | None:
    """Return the candidates of what was read at an address; None where it is no web page."""
    return candidates(page_text(body, content_type), url) if is_page(body, content_type) else None


def candidates(html: str, url: str) -> tuple[Candidate, ...]:
    """Return the addresses on a page that may be feeds: announced ones, then links that look like one.

    At most 25, each once, feeds of comments last. Linear in the page's length, whatever it nests.
    """
    source = _TAG.sub(lambda found: f"<link {_MARK}" if found[1] and found[0][1] != "/" else "<wbr", storable(html))
    tree = LexborHTMLParser(f"<!doctype html><body>{source}")
    base = next((resolve(url, href) for node in tree.css("base") if (href := node.attributes.get("href"))), None) or url
    found = [one for node in tree.css("link")[:MAX_LINKS] if (one := _candidate(node, base))]
    return distinct(sorted(found, key=lambda one: (is_of_comments(one), one.how)))[:MAX_CANDIDATES]


def distinct(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return the candidates without those whose address stands before."""
    first: dict[str, Candidate] = {}
    for one in found:
        first.setdefault(canonical_url(one.url) or one.url, one)
    return tuple(first.values())


def is_of_comments(one: Candidate) -> bool:
    """Tell whether this is a feed of readers' comments, which nobody wants first."""
    return bool(_COMMENTS.search(one.url) or _COMMENTS.search(one.title or ""))


def _candidate(node: LexborNode, base: str) -> Candidate | None:
    attributes = node.attributes
    href = attributes.get("href")
    target = resolve(base, _FEED_SCHEME.sub(_web_scheme, href.strip())) if href else None
    if target is None or len(target) > MAX_ADDRESS or "@" in urlsplit(target).netloc:
        return None
    if _MARK in attributes:
        title = _words(node, attributes.get("title") or attributes.get("aria-label"))
        return Candidate(url=target, how=How.ANCHOR, title=title) if _looks_like_feed(target, title) else None
    title = " ".join((attributes.get("title") or "").split()) or None
    return Candidate(url=target, how=How.LINK, title=title) if _announced(attributes, target) else None


def _web_scheme(found: re.Match[str]) -> str:
    return "http:" if found[0].lower() == "feed:" and found.string[found.end() :].startswith("//") else ""


def _announced(attributes: dict[str, str | None], url: str) -> bool:
    relations = (attributes.get("rel") or "").lower().split()
    media = (attributes.get("type") or "").partition(";")[0].strip().lower()
    if "feed" in relations:
        return True
    if "alternate" not in relations or "stylesheet" in relations:
        return False
    return media in TYPES or (media == "application/json" and bool(_LIKE_A_FEED.search(urlsplit(url).path)))


def _words(node: LexborNode, title: str | None) -> str | None:
    """Return what a link is called: its attribute, else the text that follows the tag."""
    after = node.next
    text = title or (after.text_content if after is not None and after.tag == "-text" else None) or ""
    return " ".join(text.split())[:100] or None


def _looks_like_feed(url: str, title: str | None) -> bool:
    parts = urlsplit(url)
    if site_of(url) in _READERS or _NO_FEED.search(parts.path):
        return False
    if _LIKE_A_FEED.search(f"{parts.path}?{parts.query}") or (parts.hostname or "").split(".")[0] in ("rss", "feeds"):
        return True
    return bool(title and len(title) < 30 and _CALLED_FEED.search(title))


# ── where feeds stand that nothing links to ──────────────────────────────────────────────────────────────────────────


def well_known(url: str) -> tuple[Candidate, ...]:
    """Return where the feed of a page would stand by custom: beside it, then at the root of its host."""
    folder = urlsplit(url).path.strip("/")
    beside = [f"/{folder}/{name}" for name in ("feed", "rss", "rss.xml")] if folder else []
    found = [resolve(url, path) for path in (*beside, *(f"/{name}" for name in WELL_KNOWN))]
    return distinct([Candidate(url=one, how=How.WELL_KNOWN) for one in found if one])


def pages_near(url: str) -> tuple[str, ...]:
    """Return the pages at which a feed's site may tell where the feed has gone: its host's root, then its site's."""
    site = site_of(url)
    pages = [resolve(url, "/")]
    pages += [resolve(url, f"//{host}/") for host in (site, f"www.{site}") if site and urlsplit(url).hostname != site]
    return tuple(dict.fromkeys(page for page in pages if page))


# ── what a document says of its feed ─────────────────────────────────────────────────────────────────────────────────

_ODD = frozenset({DateFlag.FUTURE, DateFlag.IMPLAUSIBLE})
_OFFICIAL = frozenset({"gov", "gob", "gouv", "mil", "gc", "govt"})
_NOT_COUNTRIES = frozenset({"ai", "cc", "co", "fm", "gg", "io", "la", "ly", "me", "sh", "su", "to", "tv", "vc", "ws"})
"""Domains of countries that are sold to everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a person wants to know of a feed before adding it. `per_day` is None where the dates do not tell."""

    title: str | None
    language: str | None
    entries: int
    newest: tuple[Entry, ...]
    per_day: float | None


def profile(feed: ParsedFeed, *, shown: int = 3) -> Profile:
    """Return the newest entries of a document, its language, and how many entries a day it has."""
    dated = sorted((one for one in feed.entries if _date(one)), key=_date_or_first, reverse=True)
    languages = Counter(entry.lang for entry in feed.entries if entry.lang)
    return Profile(
        title=feed.title,
        language=feed.lang or (languages.most_common(1)[0][0] if languages else None),
        entries=len(feed.entries),
        newest=tuple((dated or feed.entries)[:shown]),
        per_day=_per_day([moment for one in dated if (moment := _date(one))]),
    )


def _date(entry: Entry) -> datetime | None:
    return entry.published if entry.published and not _ODD & entry.date_flags else None


def _date_or_first(entry: Entry) -> datetime:
    moment = _date(entry)
    assert moment is not None
    return moment


def _per_day(newest_first: Sequence[datetime]) -> float | None:
    if len(newest_first) < 2:
        return None
    span = newest_first[0] - newest_first[-1]
    return (len(newest_first) - 1) / (span / timedelta(days=1)) if span else None


def country_of(url: str) -> str | None:
    """Return the country of an address by its top-level domain; None where that tells none."""
    last = (urlsplit(url).hostname or "").rpartition(".")[2]
    if len(last) != 2 or last in _NOT_COUNTRIES or not last.isalpha():
        return None
    return {"uk": "GB"}.get(last, last.upper())


def is_official(url: str) -> bool:
    """Tell whether an address stands below a domain that only governments are given."""
    return bool(_OFFICIAL & set((urlsplit(url).hostname or "").split(".")[-2:]))
