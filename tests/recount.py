"""Counts what recorded feeds hold by means of its own, and holds a database against it; uses nothing of the product."""

import re
import sqlite3
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

KEPT = 10
"""Revisions that are kept from the first on, and as many up to the last."""

STAMPED = timedelta(seconds=2)
"""How near to the making of its document a date is when it was put on by its maker."""

TOUCHED = timedelta(hours=6)
"""How much older than the truth a stored "last seen" may be."""


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Item:
    """An item as its document shows it: title as plain text (else the link), link canonical.

    `date` is None where it is the document's own: then it tells when the feed was made, not when the article was.
    """

    title: str
    link: str
    source: str
    date: datetime | None


def read_items(body: bytes) -> list[Item]:
    """Return the items of an RSS document; one that is not well-formed is read by patterns."""
    try:
        root = ET.fromstring(body)
    except ET.ParseError:
        return _by_pattern(body.decode("utf-8", "replace"))
    built = _date(root.findtext("channel/lastBuildDate"))
    return [_item({child.tag: child.text or "" for child in item}, built) for item in root.iter("item")]


def _by_pattern(text: str) -> list[Item]:
    items = re.findall(r"<item\b.*?</item>", text, re.DOTALL)
    fields = (re.findall(r"<(title|link|source|pubDate)\b[^>]*>(.*?)</\1>", item, re.DOTALL) for item in items)
    return [_item({name: unescape(value) for name, value in found}, None) for found in fields]


def _item(text: Mapping[str, str], built: datetime | None) -> Item:
    source = " ".join(text.get("source", "").split())
    link = text.get("link", "").strip()
    date = _date(text.get("pubDate"))
    return Item(
        title=plain(text.get("title", "")) or link,
        link=canonical(link),
        source="" if source.casefold() == "unknown" else source,
        date=None if date and built and abs(date - built) <= STAMPED else date,
    )


def _date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text or "")
    except ValueError:
        return None


def plain(title: str) -> str:
    """Return a title without markup and entities, on one line."""
    return " ".join(unescape(unescape(re.sub(r"</?[a-zA-Z][^>]*>", "", title))).split())


def normal(title: str) -> str:
    """Return what two titles have in common that differ in case, spacing and typography alone."""
    told = (_SIGNS.get(unicodedata.category(char), char) for char in unicodedata.normalize("NFKC", title))
    return " ".join("".join(told).casefold().replace('"', "'").replace("`", "'").replace("′", "'").split())


_SIGNS = {"Pi": "'", "Pf": "'", "Ps": "(", "Pd": "-", "Cf": ""}
"""Unicode's opening and closing quotes, dashes, and characters without a shape of their own."""

_CAMPAIGN = re.compile(
    r"""utm_\w+ | at_(?:medium|campaign|custom\d|link_\w+) | (?:fb|g|y|msclk|twcl)clid | mc_[ce]id | _ga | ref_src
      | traffic_source | maca | syn-\w+ | refsec | homepage-tracking | cmpid | xtor | smid | ocid | tpcc""",
    re.VERBOSE | re.IGNORECASE,
)
"""Parameters that tell how a reader came to a page: advertisers' and newspapers' documentation, read for this list."""

_AT_HOST = {"oc": "news.google.com", "mod": "wsj.com", "source": "medium.com"}


_AROUND = re.compile(r"https?://(?:(?:web\.)?archive\.[a-z]{2,5}|scour\.ing)/.*?(https?://.+)", re.IGNORECASE)
"""Archives and aggregators of the recordings that have the whole address of a page in theirs."""


def canonical(link: str) -> str:
    """Return a link in one spelling: host in lower case, https, no fragment, nothing that names the way to the page."""
    around = _AROUND.fullmatch(unquote(link.strip()))
    parts = urlsplit(around[1] if around else link.strip())
    host = re.sub(r"^amp\.", "www.", (parts.hostname or "").lower())
    kept = [one for one in parts.query.split("&") if one and not _is_way(one.partition("=")[0], host)]
    return f"https://{host}{parts.path or '/'}{'?' if kept else ''}{'&'.join(kept)}"


def _is_way(name: str, host: str) -> bool:
    return bool(_CAMPAIGN.fullmatch(name)) or (name in _AT_HOST and host.endswith(_AT_HOST[name]))


def site(link: str) -> str:
    """Return the registered name in a link's host: behind it stands one publisher."""
    host = urlsplit(link).hostname or ""
    labels = host.split(".")
    if labels[-1].isdigit():
        return host
    below = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _REGISTRIES
    return ".".join(labels[-3 if below else -2 :])


_REGISTRIES = frozenset(
    {
        *("ac", "co", "com", "edu", "gc", "go", "gob", "gov", "govt", "gv", "mil", "ne", "net", "or", "org"),
        *("dn", "kh", "kharkov", "kiev", "kyiv", "lviv", "odessa"),
    }
)
"""Names under a country's own that are given to everybody: the usual kinds, and Ukrainian regions."""


# ── counting ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Thing:
    """What one entry should be: its titles in their order with the time of each, when it was shown, who speaks."""

    feed: str
    link: str
    first: datetime
    last: datetime
    titles: list[tuple[datetime, str]] = field(default_factory=list)
    source: str = ""
    published: datetime | None = None

    def show(self, at: datetime, item: Item) -> None:
        """Note that a document of `at` holds it so; of two dates in one document the earlier counts."""
        if item.date:
            earlier = self.published if at == self.last else None
            self.published = min(item.date, earlier or item.date)
        self.last = max(self.last, at)
        self.source = item.source
        if not self.titles or normal(self.titles[-1][1]) != normal(item.title):
            self.titles.append((at, item.title))


class Recount:
    """Sums up documents, given in the order of time.

    A link identifies, unless it is that of a home page: then the title does. `shared` are the links that some document
    showed under two titles at once; how many entries they make is open, that they are one group is not.
    """

    def __init__(self) -> None:
        self.states = 0
        self.bytes = 0
        self.things: dict[Key, Thing] = {}
        self.shared: set[Key] = set()

    def add(self, feed: str, at: datetime, body: bytes) -> None:
        """Take a document into account."""
        self.states += 1
        self.bytes += len(body)
        titles: dict[Key, str] = {}
        for item in read_items(body):
            key, title = key_of(feed, item.link, item.title), normal(item.title)
            if titles.setdefault(key, title) != title:
                self.shared.add(key)
            if key not in self.things:
                self.things[key] = Thing(feed, item.link, at, at)
            self.things[key].show(at, item)

    def homes(self) -> dict[str, str]:
        """Return the site to which most of a feed's links lead, for the feeds that have one."""
        sites: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for thing in self.things.values():
            sites[thing.feed][site(thing.link)] += 1
        most = {feed: (*counts.most_common(1)[0], counts.total()) for feed, counts in sites.items()}
        return {feed: home for feed, (home, number, total) in most.items() if number > total / 2}

    def totals(self) -> dict[str, int]:
        """Return what was counted; retitles only of links that have one title at a time."""
        retitles = sum(len(thing.titles) - 1 for key, thing in self.things.items() if key not in self.shared)
        groups = len({key[1:] if key[2] == "" else key for key in self.things})
        return {
            "states": self.states,
            "bytes": self.bytes,
            "groups": groups,
            "retitles": retitles,
            "shared": len(self.shared),
        }


Key: TypeAlias = tuple[str, str, str]
"""Feed, link, and for home pages the normalised title, else nothing."""


def key_of(feed: str, link: str, title: str) -> Key:
    """Return what an item is known by."""
    home = urlsplit(link).path == "/" and not urlsplit(link).query
    return feed, link, normal(title) if home else ""


# ── the database ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it is stored, with its revisions (number, time, title)."""

    feed: str
    group: int
    link: str
    publisher: str
    published: datetime | None
    first: datetime
    last: datetime
    count: int
    revisions: tuple[tuple[int, datetime, str], ...]


def stored(database: Path) -> list[Row]:
    """Read every entry of an SQLite database by its own statements."""
    with closing(sqlite3.connect(database)) as conn:
        revisions: defaultdict[int, list[tuple[int, datetime, str]]] = defaultdict(list)
        texts = "SELECT entry_id, number, seen_at, title FROM revision ORDER BY entry_id, number"
        for entry, number, seen, title in conn.execute(texts):
            revisions[entry].append((number, _time(seen), title))
        entries = """SELECT e.id, f.key, e.group_id, e.url, p.name, e.published, e.first_seen_at, e.last_seen_at,
            e.revisions FROM entry e JOIN feed f ON f.id = e.feed_id JOIN publisher p ON p.id = e.publisher_id"""
        return [
            Row(feed, group, url or "", who, day and _time(day), _time(first), _time(last), count, tuple(revisions[pk]))
            for pk, feed, group, url, who, day, first, last, count in conn.execute(entries)
        ]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told_twice(database: Path) -> list[str]:
    """Tell which readers were sent a group more than once under one headline, and which mails did not go out."""
    with closing(sqlite3.connect(database)) as conn:
        told = conn.execute(
            "SELECT subscriber_id, group_id, title FROM delivery LEFT JOIN revision ON revision.id = revision_id"
        ).fetchall()
        unsent = conn.execute("SELECT id, state, reply FROM outbox WHERE state <> 'sent'").fetchall()
    times = Counter((who, group, normal(title or "")) for who, group, title in told)
    said = [f"subscriber {who}: group {group} told {n} times" for (who, group, _), n in times.items() if n > 1]
    return said + [f"mail {pk} is {state}: {reply}" for pk, state, reply in unsent]


# ── the comparison ───────────────────────────────────────────────────────────────────────────────────────────────────


def differences(recount: Recount, rows: Sequence[Row], names: Mapping[str, str]) -> list[str]:
    """Return where the entries are not what the documents held, one line each; `names` are the feeds' publishers."""
    expected, homes = recount.things, recount.homes()
    found: defaultdict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[key_of(row.feed, canonical(row.link), row.revisions[-1][2] if row.revisions else "")].append(row)
    both = [(key, expected[key], same) for key, same in sorted(found.items()) if key in expected]
    return [
        *(f"missing: {_name(key)}" for key in sorted(expected.keys() - found.keys())),
        *(f"invented: {_name(key)}" for key in sorted(found.keys() - expected.keys())),
        *_group_differences(found),
        *(
            f"{what}: {_name(key)}"
            for key, thing, same in both
            for what in (
                _shared_differences(thing, same)
                if key in recount.shared
                else _entry_differences(thing, same, _publisher(thing, homes, names))
            )
        ),
    ]


def _publisher(thing: Thing, homes: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Tell who should speak: the source that the item names, the feed on its own site, else the site."""
    if thing.source:
        return thing.source
    return names[thing.feed] if site(thing.link) == homes.get(thing.feed) else site(thing.link)


def _name(key: Sequence[str]) -> str:
    return " ".join(key)[:160]


def _group_differences(found: Mapping[Key, Sequence[Row]]) -> Iterator[str]:
    """Every canonical link one group, every group one link; what has no link of its own has a group of its own."""
    groups: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
    for key, same in found.items():
        groups[key if key[2] else key[1:]] |= {row.group for row in same}
    yield from (f"{len(ids)} groups: {_name(link)}" for link, ids in sorted(groups.items()) if len(ids) > 1)
    owners = Counter(group for ids in groups.values() for group in ids)
    yield from (f"group {group} holds {number} links" for group, number in owners.items() if number > 1)


def _shared_differences(thing: Thing, rows: Sequence[Row]) -> Iterator[str]:
    """Two titles of one link at one time may be two entries; none of them twice, and none lost."""
    shown = {normal(title) for _, title in thing.titles}
    if shown != {normal(title) for row in rows for _, _, title in row.revisions}:
        yield "some titles of a shared link are lost"
    current = Counter(normal(row.revisions[-1][2]) for row in rows)
    yield from (f"{number} entries of a shared link have one title" for number in current.values() if number > 1)


def _entry_differences(thing: Thing, rows: Sequence[Row], publisher: str) -> Iterator[str]:
    row = rows[0]
    comparisons = {
        "entries": (len(rows), 1),
        "publisher": (row.publisher, publisher),
        "published": (row.published, thing.published or row.published),
        "first seen": (row.first, thing.first),
        "revisions": (row.count, len(thing.titles)),
    }
    yield from (f"{what}: {found}, not {right}" for what, (found, right) in comparisons.items() if found != right)
    if not timedelta() <= thing.last - row.last <= TOUCHED:
        yield f"last seen: {row.last}, not {thing.last}"
    kept = list(_kept(thing.titles))
    if [(number, normal(title)) for number, _, title in row.revisions] != [(n, normal(t)) for n, _, t in kept]:
        yield "other titles, or in another order"
    elif [seen for _, seen, _ in row.revisions] != [seen for _, seen, _ in kept]:
        yield "retitled at other times"


def _kept(titles: Iterable[tuple[datetime, str]]) -> Iterator[tuple[int, datetime, str]]:
    numbered = list(enumerate(titles, 1))
    for number, (seen, title) in numbered:
        if number <= KEPT or number > len(numbered) - KEPT:
            yield number, seen, title
