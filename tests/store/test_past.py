"""The stored past is read back as it was, page by page."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import chain, repeat
from typing import Any

import pytest

from monitor.core.model import DateFlag, Entry, Match, Press, Provenance, Publisher, RuleKind
from monitor.store import feeds, hits, maintenance, past
from monitor.store.database import Database
from monitor.store.rules import sync_rules
from tests.fakes import NOW, judged, match, outcome, spec
from tests.fakes import entry as an_entry

DAY = timedelta(days=1)


def record(
    db: Database, *items: Entry, feed_id: str = "courier", found: Iterable[tuple[Match, ...]] = (), **changes: Any
) -> None:
    specs = {each: spec(each) for each in ("courier", "herald")}
    db.run_now(feeds.sync, specs.values(), NOW)
    state = next(one for one in db.read_now(feeds.states, specs) if one.spec.id == feed_id)
    rules = db.run_now(sync_rules, [(one.kind, one.rule, "{}") for matches in found for one in matches], NOW)
    known = chain(found, repeat(()))
    some = (judged(item, *matches) for item, matches in zip(items, known, strict=False))
    db.run_now(hits.record_poll, outcome(state, *some, **changes), rules)


def titles(found: list[past.Past]) -> list[str]:
    return [one.found.title for one in found]


def test_an_entry_is_read_back_as_it_was_without_its_html(db: Database) -> None:
    whole = an_entry(
        "Talks begin",
        guid="g-1",
        summary="In Geneva.",
        summary_html="<p>In Geneva.</p>",
        content="Delegations met.",
        content_html="<p>Delegations met.</p>",
        author="A. Writer",
        lang="en",
        updated=NOW,
        date_flags=frozenset({DateFlag.FUTURE}),
    )
    record(db, whole)
    [found] = db.read_now(past.after, 0)
    assert found.found == replace(whole, summary_html=None, content_html=None)
    assert found.origin == Provenance(
        feed="courier", publisher=Publisher(name="Courier", country="GB", press=Press.PRIVATE)
    )
    assert (found.relevant, found.seen) == (True, NOW)
    assert db.read_now(past.one, found.entry) == found


def test_an_entry_without_an_address_of_its_own_has_none(db: Database) -> None:
    record(db, an_entry("Live", canonical_url=None))
    assert [one.found.canonical_url for one in db.read_now(past.after, 0)] == [None]


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_pages_hold_every_entry_once_in_the_order_of_their_ids(db: Database, size: int) -> None:
    record(db, *(an_entry(f"Story {number}") for number in range(7)))
    for read in (past.after, past.words):
        seen: list[Any] = []
        while page := db.read_now(read, seen[-1].entry if seen else 0, limit=size):
            assert len(page) <= size
            seen += page
        found = [getattr(one, "found", one).title for one in seen]
        assert found == [f"Story {number}" for number in range(7)]


def test_only_what_was_first_seen_since_then_counts(db: Database) -> None:
    record(db, an_entry("Old"), at=NOW - 2 * DAY)
    record(db, an_entry("New"), at=NOW)
    assert titles(db.read_now(past.after, 0, since=NOW)) == ["New"]
    assert [one.title for one in db.read_now(past.words, 0, since=NOW)] == ["New"]
    assert titles(db.read_now(past.after, 0)) == ["Old", "New"]
    assert [db.read_now(past.count, since) for since in (None, NOW - 2 * DAY, NOW, NOW + DAY)] == [2, 2, 1, 0]


def test_it_is_the_newest_text_that_is_read(db: Database) -> None:
    first = an_entry("Talks begin", url="https://courier.example/talks")
    record(db, first)
    record(db, replace(first, title="Talks collapse", fingerprint="f2"), at=NOW + DAY)
    [found] = db.read_now(past.after, 0)
    assert (found.found.title, found.seen) == ("Talks collapse", NOW)


def test_an_entry_that_lost_its_text_is_not_there(db: Database) -> None:
    record(db, an_entry("Old"), at=NOW - 40 * DAY)
    record(db, an_entry("New"))
    [old, new] = db.read_now(past.after, 0)
    limit = NOW - 30 * DAY
    db.run_now(maintenance.prune, maintenance.Cutoffs(content=limit, hits=limit, ledger=limit - 300 * DAY))
    assert db.read_now(past.after, 0) == [new]
    assert db.read_now(past.count) == 1
    assert db.read_now(past.one, old.entry) is None
    assert db.read_now(past.some, [old.entry, new.entry]) == [new]
    assert db.read_now(past.kept) == past.Kept(first=NOW, pruned=1)
    assert db.read_now(past.kept, NOW) == past.Kept(first=NOW, pruned=0)


def test_nothing_is_kept_of_an_empty_store(db: Database) -> None:
    assert db.read_now(past.kept) == past.Kept(first=None, pruned=0)


def test_the_entries_that_a_rule_found_are_told_between_two_ids(db: Database) -> None:
    drones, putin = match(), match(RuleKind.ACTOR, "putin")
    record(db, an_entry("Drones"), an_entry("Putin"), an_entry("None"), found=[(drones,), (putin, drones), ()])
    one, two, three = (entry.entry for entry in db.read_now(past.words, 0))
    of_drones, of_putin = (RuleKind.TOPIC, "drones"), (RuleKind.ACTOR, "putin")
    assert db.read_now(past.named, [of_drones], one, three) == {one, two}
    assert db.read_now(past.named, [of_drones, of_putin], two, three) == {two}
    assert db.read_now(past.named, [(RuleKind.ACTOR, "drones")], one, three) == set()


def test_hits_are_counted_by_rule(db: Database) -> None:
    drones, putin = match(), match(RuleKind.ACTOR, "putin")
    record(db, an_entry("Old"), found=[(drones,)], at=NOW - DAY)
    record(db, an_entry("Drones"), an_entry("Putin"), found=[(drones,), (putin, drones)])
    first, *_ = db.read_now(past.words, 0)
    assert db.read_now(past.found) == {(RuleKind.TOPIC, "drones"): 3, (RuleKind.ACTOR, "putin"): 1}
    assert db.read_now(past.found, NOW) == {(RuleKind.TOPIC, "drones"): 2, (RuleKind.ACTOR, "putin"): 1}
    assert db.read_now(past.found, ids=[first.entry]) == {(RuleKind.TOPIC, "drones"): 1}


def test_an_article_is_found_by_any_spelling_of_its_address_in_every_feed(db: Database) -> None:
    url = "https://courier.example/talks"
    record(db, an_entry("Ours", url=url))
    record(db, an_entry("Theirs", url=f"{url}?utm_source=rss", canonical_url=url), feed_id="herald")
    record(db, an_entry("Another"))
    for spelling in (url, f"{url}?utm_source=mail", "HTTPS://Courier.example/talks"):
        assert titles(db.read_now(past.by_url, spelling)) == ["Theirs", "Ours"]
    assert db.read_now(past.by_url, "https://courier.example/none") == []


def test_an_address_that_many_entries_share_finds_them_all(db: Database) -> None:
    url = "https://courier.example/live"
    shared = {"url": url, "canonical_url": None}
    record(db, an_entry("First post", keys=("g:1",), **shared), an_entry("Second post", keys=("g:2",), **shared))
    assert titles(db.read_now(past.by_url, url)) == ["Second post", "First post"]
