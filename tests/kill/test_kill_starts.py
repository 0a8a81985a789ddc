"""kill -9 while the first start makes the tables leaves a database that the next start takes up."""

from pathlib import Path
from random import Random
from time import monotonic

import pytest

from tests.e2e.place import Place
from tests.kill.moments import as_left, is_sound, pass_time, print_table

pytestmark = pytest.mark.kill

SEED = 19910824
KILLS = 12
WAIT_S = 20.0
MAKING_S = 0.1
"""About as long as the tables take."""


def test_kill_9_while_the_tables_are_made(tmp_path: Path) -> None:
    began, chance = monotonic(), Random(SEED)
    tables = []
    for number in range(KILLS):
        place = Place(tmp_path / str(number))
        place.folder.mkdir()
        place.write({"one": "http://127.0.0.1:9/one"})
        with place.daemon():
            wait_for(Path(f"{place.database}-wal"))
            pass_time(chance.uniform(0, MAKING_S))
        with as_left(place.database, place.folder / "copy") as connection:
            assert is_sound(connection)
            tables.append(connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0])
        assert place.cli("db", "upgrade").code == 0
        assert place.cli("status", "--json").records[0]["problems"] == []
    assert len(set(tables) - {0}) <= 2  # none of them, Alembic's own at most, or all
    figures = {
        "seed": SEED,
        "kills": KILLS,
        "  with no table": tables.count(0),
        "  with all": tables.count(max(tables)),
    }
    print_table("kill -9 while the tables are made", figures | {"seconds": round(monotonic() - began)})


def wait_for(path: Path) -> None:
    end = monotonic() + WAIT_S
    while not path.exists():
        assert monotonic() < end, f"no {path}"
        pass_time(0.001)
