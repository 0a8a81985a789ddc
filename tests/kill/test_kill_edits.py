"""kill -9 at any moment of a rematch or a reload leaves a state that the next life goes on from."""

import signal
import sqlite3
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from monitor.clock import utc_now
from monitor.store import rematches
from tests.e2e.place import Place
from tests.kill.moments import as_left, is_sound, pass_time, print_table
from tests.kill.stored_past import POLLS, SHOWN, Hits, current, expected, fill, loaded, one, stored, text, texts

pytestmark = pytest.mark.kill

SEED = 20240224
KILLS = 40
REMATCH_S = 1.6
"""A little longer than a whole rematch of the stored past takes."""
DONE = "past matched anew"


def prepared(folder: Path) -> Place:
    place = Place(folder, {"MONITOR_CACHE": str(folder / "cache")})
    place.feeds.write_text(text(0))
    assert place.cli("db", "upgrade").code == 0
    return place


# ── rematch ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_kill_9_while_the_past_is_matched_anew(tmp_path: Path) -> None:
    began, chance, seen = monotonic(), Random(SEED), Counter[str]()
    place = prepared(tmp_path)
    fill(place)
    edit = 0
    for life in range(KILLS):
        if life % 4 == 0:  # else the job of the last life goes on
            edit += 1
            place.feeds.write_text(text(edit))
        with place.daemon() as daemon:
            daemon.wait("started")
            ask(place)
            pass_time(chance.uniform(0, REMATCH_S))
        seen["done at the kill"] += bool(daemon.find(DONE))
        assert daemon.lines == []
        with as_left(place.database, tmp_path / "copy") as connection, place.db() as db:
            check(connection, expected(db, loaded(place)), seen)
    with place.daemon() as daemon:
        daemon.wait("started")
        ask(place)
        daemon.wait(DONE)
        assert daemon.end() == 0
    with as_left(place.database, tmp_path / "copy") as connection, place.db() as db:
        undisturbed = expected(db, loaded(place))
        assert stored(connection) == undisturbed
        assert relevant(connection) == {pk for pk, rules in undisturbed.items() if "scope:scope" in rules}
        [(entries, mailed)] = connection.execute("SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM outbox)")
        assert (entries, mailed) == (POLLS * SHOWN, 0)
        assert connection.execute("SELECT count(*) FROM hit WHERE seq = 0 AND NOT history").fetchone() == (0,)
    figures = {"seed": SEED, "kills": KILLS, **seen, "hits, each stored once": sum(map(len, undisturbed.values()))}
    print_table("kill -9 while the past is matched anew", figures | {"seconds": round(monotonic() - began)})


def ask(place: Place) -> None:
    with place.db() as db:
        db.run_now(rematches.ask, None, utc_now())


def check(connection: sqlite3.Connection, wanted: Hits, seen: Counter[str]) -> None:
    """Up to its cursor the job has done all of its work, and what it counted is what it did."""
    assert is_sound(connection)
    current(connection)
    found = stored(connection)
    job = one(connection, "SELECT * FROM rematch WHERE open")
    last = one(connection, "SELECT * FROM rematch ORDER BY id DESC LIMIT 1")
    assert last is not None
    assert job is None or job["done"] == sum(pk <= job["cursor"] for pk in found)
    if last["digest"] != fingerprint(connection):
        seen["before the first batch of an edit"] += 1
        return
    upto = last["cursor"]
    assert {pk: rules for pk, rules in found.items() if pk <= upto} == {
        pk: rules for pk, rules in wanted.items() if pk <= upto
    }
    seen["in the middle"] += bool(job and job["cursor"])


def fingerprint(connection: sqlite3.Connection) -> str:
    rows = connection.execute("SELECT revision_id FROM rule WHERE watched ORDER BY revision_id")
    return sha256(",".join(str(pk) for (pk,) in rows).encode()).hexdigest()


def relevant(connection: sqlite3.Connection) -> set[int]:
    return {pk for (pk,) in connection.execute("SELECT id FROM entry WHERE relevant")}


# ── reload ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_kill_9_while_an_edit_is_taken_up(tmp_path: Path) -> None:
    began, chance, seen = monotonic(), Random(SEED), Counter[str]()
    place = prepared(tmp_path)
    reload_s = undisturbed_reload(place)
    for edit in range(1, KILLS + 1):
        with place.daemon() as daemon:
            daemon.wait("started")
            with as_left(place.database, tmp_path / "copy") as connection:
                before = state(connection)
            place.feeds.write_text(text(edit + 1, feeds=1 + edit % 5))
            daemon.tell(signal.SIGHUP)
            pass_time(chance.uniform(0, 1.5 * reload_s))
        assert daemon.lines == []
        with as_left(place.database, tmp_path / "copy") as connection:
            assert is_sound(connection)
            after = state(connection)
        wanted = new_state(place)
        assert after in (before, wanted)
        seen["taken up"] += after == wanted
        seen["not yet"] += after == before
        assert after == wanted or not daemon.find("configuration read")
    with place.daemon() as daemon:
        daemon.wait("started")
        assert daemon.end() == 0
    with as_left(place.database, tmp_path / "copy") as connection:
        assert state(connection) == new_state(place)
        doubles = "SELECT count(*) - count(DISTINCT rule_id || ' ' || digest) FROM rule_revision"
        assert connection.execute(doubles).fetchone() == (0,)
        count = connection.execute("SELECT count(*) FROM rule_revision").fetchone()[0]
    left = [file.name for file in (tmp_path / "cache").iterdir() if not file.name.endswith(".forms")]
    figures = {"seed": SEED, "kills": KILLS, **seen, "texts of rules": count, "files half written": len(left)}
    print_table("kill -9 while an edit is taken up", figures | {"seconds": round(monotonic() - began)})


def undisturbed_reload(place: Place) -> float:
    """Return how many seconds an edit takes on this machine."""
    with place.daemon() as daemon:
        daemon.wait("started")
        began = monotonic()
        place.feeds.write_text(text(1, feeds=1))
        daemon.tell(signal.SIGHUP)
        daemon.wait("configuration read")
        return monotonic() - began


State = tuple[dict[str, str], set[str], str]
"""The texts that are watched, the feeds, and the hash of the file that was taken up: all of one edit."""


def state(connection: sqlite3.Connection) -> State:
    feeds = {key for (key,) in connection.execute("SELECT key FROM feed WHERE active")}
    taken = one(connection, "SELECT * FROM configuration")
    assert taken is not None
    return current(connection), feeds, taken["taken_digest"]


def new_state(place: Place) -> State:
    found = loaded(place)
    return texts(found), {spec.id for spec in found.feeds if spec.enabled}, found.content
