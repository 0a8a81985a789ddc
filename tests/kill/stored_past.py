"""A stored past of some thousand entries, files of feeds that watch it in several ways, and what its hits must be."""

import json
import sqlite3
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

from monitor.clock import utc_now
from monitor.config import Loaded, load_watched
from monitor.core.matching import match_entry
from monitor.core.model import Provenance
from monitor.store import feeds, hits, past
from monitor.store.database import Database
from monitor.store.rules import sync_rules
from tests.e2e.place import Place
from tests.fakes import entry, judged, outcome, spec

FEED = "courier"
POLLS, SHOWN = 30, 200
WORDS = ("drones", "missiles", "wheat", "harvest", "a ceasefire", "Putin", "the budget")

Hits: TypeAlias = dict[int, dict[str, tuple[str, str]]]
"""Entry → rule → the digest of the rule's text, and the evidence as JSON."""


def text(number: int, *, feeds: int = 0) -> str:
    """Write the file of the edit with this number: every edit watches something else."""
    terms = {f"topic-{at}": WORDS[(number + at) % len(WORDS)] for at in range(1 + number % 3)}
    topics = "".join(
        f"  {name}: {{terms: {{en: ['{term}', 'edit {number}']}}, scope: none}}\n" for name, term in terms.items()
    )
    listed = "".join(
        f"  - {{id: feed-{at}, url: 'http://127.0.0.1:9/{at}', allow_private: true}}\n" for at in range(feeds)
    )
    return f"scope: {{strong: {{en: [Kyiv]}}}}\ntopics:\n{topics}" + (f"feeds:\n{listed}" if feeds else "")


def loaded(place: Place) -> Loaded:
    return load_watched(place.feeds, environ={}, folder=Path(place.environ["MONITOR_CACHE"]))


def fill(place: Place) -> None:
    """Store the past as polls by the present file would have."""
    found, now = loaded(place), utc_now()
    with place.db() as db:
        rules = db.run_now(sync_rules, [(rule.kind, rule.id, rule.text) for rule in found.watchlist.rules], now)
        db.run_now(feeds.sync, [spec(FEED)], now)
        for poll in range(POLLS):
            [state] = db.read_now(feeds.states, {FEED: spec(FEED)})
            items = [entry(_title(poll * SHOWN + number)) for number in range(SHOWN)]
            origin = Provenance(feed=FEED)
            verdicts = [match_entry(found.watchlist, item, now=now, origin=origin) for item in items]
            polled = [
                judged(item, *verdict.matches, relevant=verdict.relevant)
                for item, verdict in zip(items, verdicts, strict=True)
            ]
            db.run_now(hits.record_poll, outcome(state, *polled, at=now), rules)


def _title(number: int) -> str:
    words = [word for bit, word in enumerate(WORDS) if number >> bit & 1]
    return f"{'Kyiv' if number % 3 else 'Lviv'} on {', '.join(words) or 'nothing'}, report {number}"


def expected(db: Database, found: Loaded) -> Hits:
    """Match every entry anew."""
    texts = {(rule.kind, rule.id): sha256(rule.text.encode()).hexdigest() for rule in found.watchlist.rules}
    hits_of: Hits = {}
    for one in db.read_now(past.after, 0, limit=POLLS * SHOWN):
        verdict = match_entry(found.watchlist, one.found, now=one.seen, origin=one.origin)
        hits_of[one.entry] = {
            f"{match.kind}:{match.rule}": (texts[match.kind, match.rule], json.dumps(list(map(list, match.evidence))))
            for match in verdict.matches
        }
    return hits_of


def stored(connection: sqlite3.Connection) -> Hits:
    """Return the hits of what is watched. Fails where an entry has one twice, or of a text that is another rule's."""
    query = """SELECT hit.entry_id, kind || ':' || name, digest, evidence, rule_revision.rule_id = hit.rule_id
               FROM hit JOIN rule ON rule.id = hit.rule_id JOIN rule_revision ON rule_revision.id = rule_revision_id
               WHERE watched"""
    found: Hits = {pk: {} for (pk,) in connection.execute("SELECT id FROM entry")}
    for pk, rule, digest, evidence, own in connection.execute(query):
        assert own
        assert rule not in found[pk]
        found[pk][rule] = (digest, json.dumps(json.loads(evidence)))
    return found


def current(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the texts of what is watched. Fails where a rule's current text is none of its own."""
    rows = connection.execute(
        """SELECT kind || ':' || name, text FROM rule
           LEFT JOIN rule_revision ON rule_revision.id = revision_id AND rule_id = rule.id WHERE watched"""
    ).fetchall()
    assert None not in {words for _, words in rows}
    return dict(rows)


def texts(found: Loaded) -> dict[str, str]:
    return {f"{rule.kind}:{rule.id}": rule.text for rule in found.watchlist.rules}


def one(connection: sqlite3.Connection, query: str) -> Mapping[str, Any] | None:
    connection.row_factory = sqlite3.Row
    row = connection.execute(query).fetchone()
    connection.row_factory = None
    return None if row is None else dict(row)
