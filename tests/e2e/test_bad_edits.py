"""A bad edit changes nothing, is mailed once, and says where it is wrong and what would be right."""

from pathlib import Path

import pytest

from monitor.errors import ConfigError, StoreError
from monitor.store import problems, rules
from tests.e2e.desk import FIRST, SECOND, WRONG, WRONGER, BusyClock, Desk, digest, opened
from tests.e2e.place import Place


async def test_a_bad_edit_is_mailed_once_and_so_is_its_end(desk: Desk) -> None:
    for text in (WRONG, f"# saved again\n{WRONG}", WRONGER, WRONG):
        desk.file.write_text(text)
        await desk.ticks(3)
        assert desk.watched() == {"drones"}
    assert desk.mails() == ["Problem: configuration"]
    desk.file.write_text(SECOND)
    await desk.ticks(3)
    assert desk.mails() == ["Problem: configuration", "Recovered: configuration (0 min)"]


async def test_a_bad_edit_says_where_and_what_would_be_right(desk: Desk) -> None:
    desk.file.write_text(WRONG)
    await desk.ticks()
    place = f"{desk.file}:4:11: "
    [finding] = desk.last().findings
    assert str(finding).startswith(place)
    assert 'did you mean "terms"?' in finding.message
    [status] = desk.place.cli("status", "--json").records
    [shown] = status["watchlist"]["findings"]
    assert (shown["source"], shown["line"], shown["column"], shown["message"]) == (
        str(desk.file), 4, 11, finding.message,
    )  # fmt: skip
    assert status["watchlist"]["taken_digest"] == digest(FIRST)
    told = desk.place.cli("status").out
    assert str(finding) in told
    assert "was refused, 1 mistake" in told
    checked = desk.place.cli("check").out
    assert str(finding) in checked

    desk.file.write_text(WRONGER)  # a different mistake: what is shown is the one that stands in the file now
    await desk.ticks()
    [problem] = desk.app.db.read_now(problems.current)
    assert "4:19: " in problem.detail
    assert place not in problem.detail


async def test_what_a_bad_edit_watched_is_stored_nowhere(desk: Desk) -> None:
    before = desk.app.db.read_now(rules.stored)
    desk.file.write_text(f"{SECOND}  barley: {{termz: {{en: [barley]}}}}\n")
    await desk.ticks()
    assert desk.app.db.read_now(rules.stored) == before


async def test_an_edit_that_the_database_refused_is_tried_again(desk: Desk) -> None:
    def refuse() -> None:
        raise StoreError("the disk is full")

    desk.file.write_text(SECOND)
    await desk.ticks(1)
    desk.clock.todo = [refuse]
    with pytest.raises(StoreError):
        await desk.ticks(1)
    assert desk.watched() == {"drones"}
    await desk.ticks(1)
    assert desk.watched() == {"drones", "wheat"}


async def test_at_start_a_bad_file_is_refused(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.feeds.write_text(WRONG)
    with pytest.raises(ConfigError, match="4:11"):
        async with opened(place, BusyClock()):
            pass
