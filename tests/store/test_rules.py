"""A rule knows which of its texts decides now, and whether it is still watched."""

from pathlib import Path

from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from monitor.core.model import RuleKind
from monitor.store import maintenance, rules
from monitor.store.database import Connection, Database
from monitor.store.rules import RuleRow, fingerprint, sync_rules
from monitor.store.schema import rule_revision
from tests.fakes import NOW

DRONES, PUTIN = (RuleKind.TOPIC, "drones"), (RuleKind.ACTOR, "putin")


def revisions(conn: Connection) -> int:
    return int(conn.execute(select(func.count()).select_from(rule_revision)).scalar_one())


def test_an_edit_is_the_text_that_decides_and_so_is_one_that_is_taken_back(db: Database) -> None:
    first = db.run_now(sync_rules, [(*DRONES, "{}"), (*PUTIN, "{}")], NOW)
    edited = db.run_now(sync_rules, [(*DRONES, '{"a":1}'), (*PUTIN, "{}")], NOW)
    assert db.read_now(rules.current) == [(*PUTIN, "{}"), (*DRONES, '{"a":1}')]
    assert fingerprint(first) != fingerprint(edited)
    back = db.run_now(sync_rules, [(*DRONES, "{}"), (*PUTIN, "{}")], NOW)
    assert (back, fingerprint(back)) == (first, fingerprint(first))
    assert db.read_now(rules.current) == [(*PUTIN, "{}"), (*DRONES, "{}")]
    assert db.read_now(revisions) == 3


def test_a_rule_that_is_removed_keeps_its_text_and_comes_back_as_it_was(db: Database) -> None:
    before = db.run_now(sync_rules, [(*DRONES, "{}"), (*PUTIN, "{}")], NOW)
    db.run_now(sync_rules, [(*PUTIN, "{}")], NOW)
    assert db.read_now(rules.current) == [(*PUTIN, "{}")]
    found = {(one.kind, one.name): one for one in db.read_now(rules.stored)}
    gone = found[DRONES]
    assert (gone.watched, gone.text, gone.rule, gone.revision) == (False, "{}", *ids(before[DRONES]))
    assert db.run_now(sync_rules, [(*DRONES, "{}"), (*PUTIN, "{}")], NOW) == before
    assert all(one.watched for one in db.read_now(rules.stored))


def ids(row: RuleRow) -> tuple[int, int]:
    return row.rule, row.revision


EDIT = st.dictionaries(st.sampled_from([DRONES, PUTIN, (RuleKind.SCOPE, "scope")]), st.sampled_from(["{}", "1", "2"]))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EDIT, min_size=1, max_size=6))
def test_whatever_the_edits_the_current_texts_are_those_of_the_last_one(
    db: Database, edits: list[dict[tuple[RuleKind, str], str]]
) -> None:
    for edit in edits:
        rows = db.run_now(sync_rules, [(kind, name, text) for (kind, name), text in edit.items()], NOW)
        assert {(kind, name): text for kind, name, text in db.read_now(rules.current)} == edit
        watched = {(one.kind, one.name): (one.rule, one.revision) for one in db.read_now(rules.stored) if one.watched}
        assert watched == {key: ids(row) for key, row in rows.items()}


def test_of_rules_before_this_version_the_newest_text_decides(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'old.db'}")
    config = maintenance.alembic_config()
    with db.engine.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0006")
        conn.execute(text("INSERT INTO rule (id, kind, name) VALUES (1, 'topic', 'drones'), (2, 'actor', 'putin')"))
        for pk, rule, words in ((1, 1, "old"), (2, 2, "only"), (3, 1, "new")):
            values = {"pk": pk, "rule": rule, "words": words}
            conn.execute(
                text("INSERT INTO rule_revision VALUES (:pk, :rule, :words, :words, '2026-03-01 12:00:00.000000')"),
                values,
            )
    maintenance.upgrade(db.engine)
    assert db.read_now(rules.current) == [(*PUTIN, "only"), (*DRONES, "new")]
    db.close()
