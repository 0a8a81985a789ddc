"""A poll is recorded whole, once, and what it teaches of its entries is kept."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from monitor.core.model import DateFlag, FeedState, Judged, Recorded, RuleKind
from monitor.errors import StoreError
from monitor.store import candidates, entries, feeds, hits
from monitor.store.database import Connection, Database
from monitor.store.rules import RuleRows, sync_rules
from monitor.store.schema import entry, entry_group, feed, hit, revision
from tests.fakes import NOW, judged, match, outcome, spec
from tests.fakes import entry as an_entry

RULES = ((RuleKind.TOPIC, "drones", "{}"), (RuleKind.ACTOR, "putin", "{}"), (RuleKind.SCOPE, "scope", "{}"))


@pytest.fixture
def rules(db: Database) -> RuleRows:
    return db.run_now(sync_rules, RULES, NOW)


def the_feed(db: Database, name: str = "courier", **changes: Any) -> FeedState:
    specs = {each: spec(each) for each in ("courier", "herald")}
    db.run_now(feeds.sync, specs.values(), NOW)
    found = next(one for one in db.read_now(feeds.states, specs) if one.spec.id == name)
    return replace(found, **changes)


def record(db: Database, rules: RuleRows, *items: Judged, feed_id: str = "courier", **changes: Any) -> Recorded:
    return db.run_now(hits.record_poll, outcome(the_feed(db, feed_id), *items, **changes), rules)


def titles(conn: Connection) -> list[str]:
    return list(conn.execute(select(revision.c.title).order_by(revision.c.entry_id, revision.c.number)).scalars())


def rows(conn: Connection, table: Any) -> int:
    return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


def test_recording_twice_changes_nothing_more(db: Database, rules: RuleRows) -> None:
    items = [judged(an_entry("A"), match()), judged(an_entry("B"))]
    assert record(db, rules, *items) == Recorded(entries=2, revisions=0, hits=1)
    assert record(db, rules, *items) == Recorded()
    assert db.read_now(rows, entry) == 2
    assert db.read_now(rows, hit) == 1


def test_a_retitle_under_one_key_is_a_revision(db: Database, rules: RuleRows) -> None:
    first = an_entry("Talks begin", url="https://courier.example/talks")
    record(db, rules, judged(first))
    later = an_entry("Talks collapse", url="https://courier.example/talks")
    assert record(db, rules, judged(later)) == Recorded(entries=0, revisions=1, hits=0)
    assert db.read_now(titles) == ["Talks begin", "Talks collapse"]


def test_a_changed_text_replaces_that_of_the_newest_revision(db: Database, rules: RuleRows) -> None:
    url = "https://courier.example/talks"
    record(db, rules, judged(an_entry("Talks begin", url=url, summary="short")))
    record(db, rules, judged(an_entry("Talks begin", url=url, summary="longer")))
    [text] = db.read_now(lambda conn: conn.execute(select(revision.c.summary)).scalars().all())
    assert text == "longer"


def test_a_changed_quotation_mark_is_no_retitle(db: Database, rules: RuleRows) -> None:
    url = "https://courier.example/fiction"
    record(db, rules, judged(an_entry('Kremlin: "pure fiction"', url=url)))
    assert record(db, rules, judged(an_entry("Kremlin: “pure fiction”", url=url))).revisions == 0


def test_endless_retitles_keep_the_first_and_last_ten(db: Database, rules: RuleRows) -> None:
    url = "https://courier.example/live"
    for number in range(40):
        record(db, rules, judged(an_entry(f"Live {number}", url=url)))
    assert db.read_now(titles) == [f"Live {number}" for number in [*range(10), *range(30, 40)]]


def test_an_entry_is_known_by_any_of_its_keys(db: Database, rules: RuleRows) -> None:
    record(db, rules, judged(an_entry("A", keys=("g:1", "l:a"))))
    changed_id = judged(an_entry("A, updated", keys=("g:2", "l:a")))
    assert record(db, rules, changed_id) == Recorded(entries=0, revisions=1, hits=0)
    found = db.read_now(entries.known, the_feed(db).pk, ["g:1", "g:2", "l:a", "l:b"])
    assert sorted(found) == ["g:1", "g:2", "l:a"]


def test_two_items_never_answer_to_one_stored_entry(db: Database, rules: RuleRows) -> None:
    record(db, rules, judged(an_entry("A", keys=("g:1", "l:a"))), judged(an_entry("B", keys=("g:2", "l:b"))))
    swapped = [judged(an_entry("A", keys=("g:1", "l:b"))), judged(an_entry("B", keys=("g:2", "l:a")))]
    assert record(db, rules, *swapped) == Recorded()
    third = [judged(an_entry("C", keys=("g:3", "l:a"))), judged(an_entry("A", keys=("g:1", "l:a")))]
    assert record(db, rules, *third).entries == 1


def test_a_weaker_key_does_not_take_the_first_key_of_another(db: Database, rules: RuleRows) -> None:
    items = [judged(an_entry("A", keys=("l:3", "l:1"))), judged(an_entry("B", keys=("l:1",)))]
    assert record(db, rules, *items).entries == 2
    assert record(db, rules, *items) == Recorded()


def test_posts_of_a_live_page_that_were_taken_for_one_part_again(db: Database, rules: RuleRows) -> None:
    record(db, rules, judged(an_entry("Post one", keys=("g:1", "l:live"))))
    record(db, rules, judged(an_entry("Post two", keys=("g:2", "l:live"))))
    both = [judged(an_entry("Post one", keys=("g:1",))), judged(an_entry("Post two", keys=("g:2",)))]
    assert record(db, rules, *both).entries == 1
    assert record(db, rules, *both) == Recorded()
    assert db.read_now(rows, entry) == 2


def test_an_article_under_two_headlines_doubles_nothing_from_poll_to_poll(db: Database, rules: RuleRows) -> None:
    url = "https://courier.example/talks"
    old, new = (an_entry(title, url=url, keys=(f"m:{title}", "l:1")) for title in ("Old", "New"))
    record(db, rules, judged(an_entry("Old", url=url, keys=("l:1",))))
    assert record(db, rules, judged(old), judged(new)).entries == 1
    assert record(db, rules, judged(new), judged(old)) == Recorded()
    assert record(db, rules, judged(an_entry("New", url=url, keys=("l:1",)))).entries == 0
    assert db.read_now(rows, entry_group) == 1


def test_one_canonical_address_is_one_group_across_feeds(db: Database, rules: RuleRows) -> None:
    url = "https://agency.example/report"
    record(db, rules, judged(an_entry("A report", url=url)))
    record(db, rules, judged(an_entry("A report, again", url=url), publisher="Herald"), feed_id="herald")
    record(db, rules, judged(an_entry("Unlinked", keys=("t:1",), canonical_url=None)))
    record(db, rules, judged(an_entry("Unlinked", keys=("t:1",), canonical_url=None)), feed_id="herald")
    assert db.read_now(rows, entry_group) == 3


def test_a_stamped_date_does_not_replace_a_known_one(db: Database, rules: RuleRows) -> None:
    url = "https://courier.example/talks"
    record(db, rules, judged(an_entry("Talks", url=url, published=NOW - timedelta(days=1))))
    flags = frozenset({DateFlag.STAMPED})
    record(db, rules, judged(an_entry("Talks, new", url=url, published=NOW, date_flags=flags)))
    [row] = db.read_now(lambda conn: conn.execute(select(entry.c.published, entry.c.date_flags)).all())
    assert (row.published, row.date_flags) == (NOW - timedelta(days=1), [])


def test_a_hit_is_news_once(db: Database, rules: RuleRows) -> None:
    url = "https://courier.example/drones"
    record(db, rules, judged(an_entry("Drones over Kyiv", url=url), match()))
    before = db.read_now(hits.last_seq)
    again = judged(an_entry("Drones over Kyiv", url=url, summary="What we know"), match())
    assert record(db, rules, again).hits == 0
    assert db.read_now(hits.last_seq) == before
    more = judged(an_entry("Drones over Kyiv", url=url), match(), match(RuleKind.ACTOR, "putin"))
    assert record(db, rules, more).hits == 1
    assert db.read_now(hits.last_seq) == before + 1


def test_a_new_headline_of_a_report_with_hits_is_offered_as_such(db: Database, rules: RuleRows) -> None:
    url = "https://courier.example/drones"
    record(db, rules, judged(an_entry("Drones over Kyiv", url=url), match()), judged(an_entry("How to bake bread")))
    before = db.read_now(hits.last_seq)
    record(db, rules, judged(an_entry("Drones over Kyiv: what we know", url=url), match()))
    [found] = db.read_now(candidates.candidates, before, db.read_now(hits.last_seq))
    assert (found.title, found.retitled, len(found.matches)) == ("Drones over Kyiv: what we know", True, 1)
    [found] = db.read_now(candidates.candidates, 0, db.read_now(hits.last_seq))
    assert (found.title, found.retitled) == ("Drones over Kyiv: what we know", False)


def test_news_is_counted_by_what_it_names_without_history(db: Database, rules: RuleRows) -> None:
    putin = match(RuleKind.ACTOR, "putin")
    for title in ("Kyiv one", "Kyiv two"):
        record(db, rules, judged(an_entry(title), match(), putin))
    record(db, rules, judged(an_entry("Kyiv three"), match()), at=NOW + timedelta(minutes=15))
    record(db, rules, judged(an_entry("Kyiv old"), match()), history=True)
    both = frozenset({(RuleKind.TOPIC, "drones"), (RuleKind.ACTOR, "putin")})
    quarter = int(NOW.timestamp()) // 900
    last = db.read_now(hits.last_seq)
    found = db.read_now(candidates.news, 0, last, NOW - timedelta(days=1))
    assert found == {(quarter, both): 2, (quarter + 1, both - {(RuleKind.ACTOR, "putin")}): 1}
    assert db.read_now(candidates.news, 0, last, NOW + timedelta(minutes=15)).total() == 1
    assert db.read_now(candidates.news, 2, last, NOW - timedelta(days=1)).total() == 1


def test_candidates_are_what_was_committed_in_the_range(db: Database, rules: RuleRows) -> None:
    seqs = [0]
    for title in ("Kyiv one", "Kyiv two", "Kyiv three"):
        record(db, rules, judged(an_entry(title), match()))
        seqs.append(db.read_now(hits.last_seq))
    found = db.read_now(candidates.candidates, seqs[1], seqs[2])
    assert [one.title for one in found] == ["Kyiv two"]
    assert [one.title for one in db.read_now(candidates.candidates, 0, seqs[3])].count("Kyiv one") == 1


def test_evidence_that_a_retitle_moved_is_not_offered(db: Database, rules: RuleRows) -> None:
    url = "https://courier.example/drones"
    record(db, rules, judged(an_entry("Kyiv under drones", url=url), match()))
    record(db, rules, judged(an_entry("Drones over Kyiv", url=url), match()))
    [found] = db.read_now(candidates.candidates, 0, db.read_now(hits.last_seq))
    assert found.title == "Drones over Kyiv"
    assert found.matches[0].evidence == ()


def test_sources_are_all_publishers_of_the_group(db: Database, rules: RuleRows) -> None:
    url = "https://agency.example/report"
    record(db, rules, judged(an_entry("Kyiv report", url=url), match(), publisher="Agency"))
    record(db, rules, judged(an_entry("Kyiv report", url=url), match(), publisher="Herald"), feed_id="herald")
    found = db.read_now(candidates.candidates, 0, db.read_now(hits.last_seq))
    assert {one.sources for one in found} == {("Agency", "Herald")}
    assert {one.countries for one in found} == {("GB",)}
    assert {one.feed for one in found} == {"courier", "herald"}


async def test_parallel_polls_of_one_feed_double_nothing(db: Database, rules: RuleRows) -> None:
    found = the_feed(db)
    items = [judged(an_entry(f"Entry {number}"), match()) for number in range(30)]
    work = outcome(found, *items)
    recorded = await asyncio.gather(*(db.run(hits.record_poll, work, rules) for _ in range(8)))
    assert sum(one.entries for one in recorded) == 30
    assert db.read_now(rows, entry) == 30


def test_a_poll_that_cannot_be_recorded_whole_leaves_nothing(db: Database, rules: RuleRows) -> None:
    work = outcome(the_feed(db), judged(an_entry("A"), match(rule="unknown-rule")))
    with pytest.raises(KeyError):
        db.run_now(hits.record_poll, work, rules)
    assert db.read_now(rows, entry) == 0
    assert db.read_now(feeds.health)[0].polls == 0


def test_a_changed_rule_makes_a_revision_and_old_hits_keep_theirs(db: Database, rules: RuleRows) -> None:
    key = (RuleKind.TOPIC, "drones")
    record(db, rules, judged(an_entry("A"), match()))
    changed = db.run_now(sync_rules, [(*key, '{"terms": 1}')], NOW)
    assert changed[key].rule == rules[key].rule
    assert changed[key].revision != rules[key].revision
    assert db.run_now(sync_rules, RULES, NOW)[key] == rules[key]
    [kept] = db.read_now(lambda conn: conn.execute(select(hit.c.rule_revision_id)).scalars().all())
    assert kept == rules[key].revision


def test_search_answers_to_every_condition(db: Database, rules: RuleRows) -> None:
    record(db, rules, judged(an_entry("Kyiv one", lang="en"), match()))
    record(db, rules, judged(an_entry("Kyiv two", lang="uk"), match(), match(RuleKind.ACTOR, "putin")))
    both = [(RuleKind.TOPIC, "drones"), (RuleKind.ACTOR, "putin")]
    assert [one.title for one in db.read_now(hits.search, rules=both)] == ["Kyiv two"]
    assert [one.title for one in db.read_now(hits.search, lang="en")] == ["Kyiv one"]
    assert db.read_now(hits.search, since=NOW + timedelta(days=1)) == []
    assert len(db.read_now(hits.search, feed_id="courier", limit=1)) == 1


keys = st.lists(st.sampled_from(["g:1", "g:2", "g:3", "l:1", "l:2", "l:3"]), min_size=1, max_size=2, unique=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(keys, min_size=1, max_size=4, unique_by=lambda own: own[0]), min_size=1, max_size=4))
def test_whatever_keys_do_a_repeated_document_changes_nothing(
    db: Database, rules: RuleRows, documents: list[list[list[str]]]
) -> None:
    for document in documents:
        items = [judged(an_entry(" ".join(own), keys=tuple(own))) for own in document]
        record(db, rules, *items)
        before = db.read_now(rows, revision)
        assert record(db, rules, *items).entries == 0
        assert db.read_now(rows, revision) == before


def test_store_errors_are_ours(db: Database) -> None:
    with pytest.raises(StoreError):
        db.read_now(lambda conn: conn.exec_driver_sql("SELECT nonsense FROM nowhere"))


def test_feed_columns_follow_the_outcomes(db: Database, rules: RuleRows) -> None:
    record(db, rules, judged(an_entry("A")), etag='"1"', gap=True)
    [health] = [one for one in db.read_now(feeds.health) if one.id == "courier"]
    assert (health.polls, health.gaps, health.last_new_at) == (1, 1, NOW)
    with db.engine.connect() as conn:
        assert conn.execute(select(feed.c.etag).where(feed.c.key == "courier")).scalar_one() == '"1"'
