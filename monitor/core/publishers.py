"""Who speaks: the publisher of an entry, which is not always that of its feed."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from monitor.core.model import Entry, FeedSpec, Publisher
from monitor.core.urls import canonical_url, host_of

SECOND_LEVEL = frozenset(
    ["ac", "co", "com", "edu", "gc", "go", "gob", "gouv", "gov", "govt", "gv", "mil", "ne", "net", "or", "org"]
)
"""Labels under which a country's registry gives out names, so that `bbc.co.uk` is a site and `co.uk` is none."""

UKRAINIAN_REGIONS = frozenset(
    {
        *("ck", "cn", "cv", "dn", "dp", "if", "in", "kh", "kharkiv", "kharkov", "kiev", "km", "kr", "ks", "kyiv", "lg"),
        *("lt", "lviv", "mk", "od", "odesa", "odessa", "pl", "rv", "sm", "te", "uz", "vn", "volyn", "zp", "zt"),
    }
)
"""Labels under which `.ua` gives out regional names."""

OWN_SHARE = 0.5
MAX_NAME = 300


def site_of(url: str | None) -> str | None:
    """Return the site behind an address: its host without the labels that tell parts of one publisher apart."""
    host = host_of(url) if url else None
    if not host:
        return None
    labels = host.split(".")
    if labels[-1].isdigit() or ":" in host:
        return host
    return ".".join(labels[-3:] if _given_out_below(labels) else labels[-2:])


def _given_out_below(labels: Sequence[str]) -> bool:
    if len(labels) < 3 or len(labels[-1]) != 2:
        return False
    return labels[-2] in SECOND_LEVEL or (labels[-1] == "ua" and labels[-2] in UKRAINIAN_REGIONS)


def article_site(url: str | None) -> str | None:
    """Return the site of the article that an address leads to, be it wrapped in another (see `canonical_url`)."""
    return site_of((url and canonical_url(url)) or url)


def home_site(sites: Iterable[str | None]) -> str | None:
    """Return the site to which most links of a document lead, of those of its entries (see `article_site`).

    None in an aggregate of many publishers.
    """
    numbers = Counter(site for site in sites if site)
    if not numbers:
        return None
    site, number = numbers.most_common(1)[0]
    return site if number > OWN_SHARE * numbers.total() else None


def own_publisher(spec: FeedSpec) -> Publisher:
    """Return the publisher that a feed names: its title without the section in parentheses."""
    name = re.sub(r"\s*\([^()]*\)$", "", spec.title).strip() or spec.title
    return Publisher(name=name[:MAX_NAME], country=spec.country, press=spec.press)


def directory(specs: Sequence[FeedSpec]) -> dict[str, Publisher]:
    """Map the sites and names (casefolded) of all configured feeds to their publishers."""
    known: dict[str, Publisher] = {}
    for spec in specs:
        who = own_publisher(spec)
        known.setdefault(who.name.casefold(), who)
        if site := site_of(spec.url):
            known.setdefault(site, who)
    return known


def publisher_of(entry: Entry, spec: FeedSpec, home: str | None, known: Mapping[str, Publisher]) -> Publisher:
    """Tell who speaks: the source that the item names, else the site that it links to, else the feed's publisher.

    A link to the feed's `home` is the feed's own. Country and press kind come from `known` (see `directory`).
    """
    site = _site(entry)
    if not entry.source_title and (site is None or site == home or site == site_of(spec.url)):
        return own_publisher(spec)
    return publisher_alone(entry, known) or own_publisher(spec)


def publisher_alone(entry: Entry, known: Mapping[str, Publisher]) -> Publisher | None:
    """Tell who speaks, of an entry whose feed is not known; None where it names no source and no site."""
    site = _site(entry)
    if entry.source_title:
        name = entry.source_title[:MAX_NAME]
        near = known.get(name.casefold()) or known.get(site_of(entry.source_url) or "") or known.get(site or "")
        return Publisher(name=name, country=near.country if near else None, press=near.press if near else None)
    return (known.get(site) or Publisher(name=site[:MAX_NAME])) if site else None


def _site(entry: Entry) -> str | None:
    return site_of(entry.canonical_url or (entry.url and canonical_url(entry.url)))
