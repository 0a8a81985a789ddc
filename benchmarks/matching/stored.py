"""A store of invented entries, as a month of polls leaves it: six languages, with the lengths of real feeds.

Lengths are drawn between the quantiles of 3,916 entries of recorded feeds: half of them have less than 211 characters
in title, summary and content, one in ten has more than 1,400, the mean is some 700. The HTML that is kept beside the
text is half as long again. A quarter is about the war, by sentences that the watchlist finds. The same seed makes the
same.
"""

import random
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from math import exp, log

from benchmarks.loopback.documents import WAR, WORDS
from benchmarks.matching.made import LANGUAGES, TYPICAL_LENGTHS, word
from monitor.core.matching import match_entry
from monitor.core.model import Entry, FeedSpec, FeedState, Judged, NextPoll, PollOutcome, Press, Publisher
from monitor.core.watchlist import Watchlist
from monitor.store import feeds, hits
from monitor.store.database import Database
from monitor.store.rules import sync_rules

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SPAN = timedelta(days=30)
FEEDS = 60
POLL = 50
"""So many entries are recorded at once."""

WAR_SHARE = 1 / 4
QUANTILES = {0.0: 30, 0.1: 54, 0.25: 73, 0.5: 211, 0.75: 377, 0.9: 1_395, 0.99: 10_192, 1.0: 16_000}
"""Share of the entries → characters that they have at most."""

TITLE, SUMMARY = 70, 300
"""Characters after which a title and a summary end, at the next word and sentence."""


def fill(db: Database, watchlist: Watchlist, count: int, seed: int = 1, made: Iterator[Entry] | None = None) -> None:
    """Record so many entries, these or invented ones, with what the watchlist says of them, over `SPAN` until `NOW`."""
    specs = {f"f{number:02}": _spec(number) for number in range(FEEDS)}
    db.run_now(feeds.sync, specs.values(), NOW)
    states = sorted(db.read_now(feeds.states, specs), key=lambda state: state.spec.id)
    rules = db.run_now(sync_rules, [(rule.kind, rule.id, rule.text) for rule in watchlist.rules], NOW)
    made = made or entries(count, seed)
    for number in range(0, count, POLL):
        at = NOW - SPAN * (1 - number / count)
        feed = states[number // POLL % FEEDS]
        some = [_dated(entry, at) for entry in islice(made, POLL)]
        db.run_now(hits.record_poll, _poll(feed, some, watchlist, at), rules)


def entries(count: int, seed: int) -> Iterator[Entry]:
    """Make entries: fifty of one language, then of the next."""
    rng = random.Random(seed)
    return (_entry(rng, LANGUAGES[number // POLL % len(LANGUAGES)], number) for number in range(count))


def length(share: float) -> int:
    """Return how many characters an entry has that is longer than this share of all."""
    shares = list(QUANTILES)
    at = max(1, bisect_left(shares, share))
    (low, few), (high, many) = ((one, log(QUANTILES[one])) for one in shares[at - 1 : at + 1])
    return round(exp(few + (many - few) * (share - low) / (high - low)))


def _spec(number: int) -> FeedSpec:
    url = f"https://outlet-{number}.example/feed"
    return FeedSpec(id=f"f{number:02}", title=f"Outlet {number}", url=url, language=LANGUAGES[number % len(LANGUAGES)])


def _dated(entry: Entry, at: datetime) -> Entry:
    return replace(entry, published=at - timedelta(minutes=20))


def _poll(feed: FeedState, some: list[Entry], watchlist: Watchlist, at: datetime) -> PollOutcome:
    press = (Press.STATE, Press.PRIVATE, Press.AGENCY)[feed.pk % 3]
    who = Publisher(name=feed.spec.title, country=("GB", "UA", "RU", "DE", "FR", "PL")[feed.pk % 6], press=press)
    judged = [Judged(entry=one, publisher=who, verdict=match_entry(watchlist, one, now=at)) for one in some]
    return PollOutcome(
        feed=feed,
        at=at,
        next_poll=NextPoll(at=at + timedelta(minutes=15), reason="on time"),
        body_hash="0" * 64,
        shown=len(judged),
        judged=tuple(judged),
    )


def _entry(rng: random.Random, lang: str, number: int) -> Entry:
    size = length(rng.random())
    sentences = list(_sentences(rng, lang, size))
    title = sentences[0][: max(TITLE, sentences[0].find(" ", TITLE))]
    rest = sentences[1:] if size > TITLE else []
    cut = next((at for at in range(len(rest)) if sum(map(len, rest[: at + 1])) > SUMMARY), len(rest))
    summary, content = " ".join(rest[:cut]), " ".join(rest[cut:])
    url = f"https://outlet-{number // POLL % FEEDS}.example/news/{number:07}"
    return Entry(
        keys=(f"l:{url}",),
        key_version=1,
        title=f"{title} ({number})",
        fingerprint=f"{number:032}",
        guid=url,
        url=url,
        canonical_url=url,
        summary=summary,
        summary_html=_html(summary),
        content=content,
        content_html=_html(content),
        lang=lang,
    )


def _sentences(rng: random.Random, lang: str, size: int) -> Iterator[str]:
    """Draw sentences until they have so many characters; one is of the war, among the first three."""
    war = rng.randrange(3) if rng.random() < WAR_SHARE else -1
    at = 0
    while size > 0 or at <= war:
        drawn = f"{rng.choice(WAR[lang])}." if at == war else rng.choice(_stock(lang))
        size -= len(drawn) + 1
        at += 1
        yield drawn


@cache
def _stock(lang: str) -> tuple[str, ...]:
    """Make sentences half of words that the language has, half of invented ones: so no two entries share many."""
    rng, words = random.Random(lang), WORDS[lang].split()
    return tuple(_sentence(rng, lang, words) for _ in range(3_000))


def _sentence(rng: random.Random, lang: str, words: list[str]) -> str:
    drawn = (
        rng.choice(words) if rng.random() < 1 / 2 else word(rng, lang, rng.choice(TYPICAL_LENGTHS))
        for _ in range(rng.randint(7, 16))
    )
    return " ".join(drawn).capitalize() + "."


def _html(text: str) -> str | None:
    """Write the text as a feed sends it, half as long again."""
    if not text:
        return None
    parts = (f'<p>{part.strip()}. <a href="/tag/{len(part)}">…</a></p>' for part in text.split(".") if part.strip())
    return f'<div class="text">{"".join(parts)}</div>'
