"""However a person or their tools write feeds.yaml, the last good edit is what counts."""

import os
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.store import rules
from monitor.store.database import Connection
from monitor.store.schema import rule_revision
from tests.e2e.desk import FIRST, HEAD, SECOND, WRONG, BusyClock, Desk, digest, opened, topics
from tests.e2e.place import Place

# ── ways to write a file ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_of_two_edits_in_one_second_the_last_counts(desk: Desk) -> None:
    before = desk.file.stat()
    for term in ("barley", "millet"):  # files of the same size, at the same time
        desk.file.write_text(topics(drones="drones", **{term: term}))
        os.utime(desk.file, ns=(before.st_atime_ns, before.st_mtime_ns))
        await desk.ticks(1)
    assert desk.watched() == {"drones"}
    await desk.ticks(1)
    assert desk.watched() == {"drones", "millet"}
    assert desk.last().number == 2


async def test_an_editor_may_put_a_new_file_in_the_place_of_the_old_one(desk: Desk) -> None:
    new = desk.file.with_name(".feeds.yaml.swp")
    new.write_text(SECOND)
    desk.file.rename(desk.file.with_name("feeds.yaml~"))
    await desk.ticks(1)
    new.replace(desk.file)
    await desk.ticks()
    assert (desk.watched(), desk.mails()) == ({"drones", "wheat"}, [])


@pytest.mark.parametrize("kept", [0, 20, len(HEAD) + 10, len(SECOND) - 3])
async def test_a_half_written_file_is_not_read(desk: Desk, kept: int) -> None:
    with desk.file.open("w") as file:
        file.write(SECOND[:kept])
        file.flush()
        await desk.ticks(1)
        assert desk.watched() == {"drones"}
        file.write(SECOND[kept:])
    await desk.ticks()
    assert desk.watched() == {"drones", "wheat"}
    assert (desk.last().number, desk.mails()) == (2, [])


async def test_a_file_that_stays_half_written_is_a_bad_edit_until_it_is_whole(desk: Desk) -> None:
    desk.file.write_text(SECOND[:-5])
    await desk.ticks()
    [finding] = desk.last().findings
    assert finding.line == len(SECOND.splitlines())
    assert desk.watched() == {"drones"}
    desk.file.write_text(SECOND)
    await desk.ticks()
    assert (desk.watched(), desk.last().findings) == ({"drones", "wheat"}, ())
    assert len(desk.mails()) == 2


async def test_a_file_that_is_gone_for_a_moment_is_no_edit(desk: Desk) -> None:
    desk.file.unlink()
    await desk.ticks(1)
    desk.file.write_text(FIRST)
    await desk.ticks()
    assert (desk.watched(), desk.last().number, desk.mails()) == ({"drones"}, 1, [])


async def test_a_file_that_stays_away_is_told_and_so_is_its_return(desk: Desk) -> None:
    desk.file.unlink()
    await desk.ticks(3)
    [finding] = desk.last().findings
    assert "there is no such file" in finding.message
    assert desk.watched() == {"drones"}
    assert len(desk.mails()) == 1
    desk.file.write_text(FIRST)  # as it was: nothing to take up, and yet the problem is over
    await desk.ticks()
    assert desk.last().findings == ()
    assert len(desk.mails()) == 2


async def test_a_symlinked_file_may_be_edited_and_its_link_be_switched(desk: Desk) -> None:
    target, other = desk.file.with_name("target.yaml"), desk.file.with_name("other.yaml")
    desk.file.rename(target)
    desk.file.symlink_to(target)
    await desk.ticks()
    assert desk.last().number == 1
    target.write_text(SECOND)
    await desk.ticks()
    assert desk.watched() == {"drones", "wheat"}
    other.write_text(topics(barley="barley"))
    switch(desk.file, other)
    await desk.ticks()
    assert (desk.watched(), desk.mails()) == ({"barley"}, [])


def switch(link: Path, target: Path | str) -> None:
    new = link.with_name("..new")
    new.symlink_to(target)
    new.replace(link)


async def test_a_mounted_config_map_is_taken_up(tmp_path: Path) -> None:
    """As Kubernetes does it: feeds.yaml → ..data/feeds.yaml, ..data → ..2026_a, which is switched in one step."""
    place, clock = Place(tmp_path), BusyClock()

    def publish(name: str, text: str) -> Path:
        (folder := tmp_path / name).mkdir()
        (folder / "feeds.yaml").write_text(text)
        switch(tmp_path / "..data", name)
        return folder

    first = publish("..2026_a", FIRST)
    place.feeds.symlink_to("..data/feeds.yaml")
    async with opened(place, clock) as app:
        desk = Desk(app, place, clock)
        publish("..2026_b", SECOND)
        (first / "feeds.yaml").unlink()
        first.rmdir()
        await desk.ticks()
        assert desk.watched() == {"drones", "wheat"}
        publish("..2026_c", WRONG)
        await desk.ticks()
        assert (desk.watched(), len(desk.last().findings)) == ({"drones", "wheat"}, 1)
        publish("..2026_d", FIRST)
        await desk.ticks()
        assert desk.watched() == {"drones"}


async def test_an_edit_during_the_reload_is_taken_up_after_it(desk: Desk) -> None:
    """What counts is what was hashed, and what was written meanwhile is another edit."""
    third = topics(drones="drones", wheat="wheat", barley="barley")
    desk.file.write_text(SECOND)
    await desk.ticks(1)
    desk.clock.todo = [lambda: desk.file.write_text(third)]
    await desk.ticks(1)
    assert (desk.watched(), desk.last().taken_digest) == ({"drones", "wheat"}, digest(SECOND))
    assert desk.file.read_text() == third
    await desk.ticks()
    assert (desk.watched(), desk.last().taken_digest) == ({"drones", "wheat", "barley"}, digest(third))


async def test_an_edit_that_is_taken_back_makes_no_new_texts(desk: Desk) -> None:
    before = desk.app.db.read_now(rules.stored)
    desk.file.write_text(topics(drones="unmanned aircraft", wheat="wheat"))
    await desk.ticks()
    texts = desk.app.db.read_now(count_texts)
    desk.file.write_text(FIRST)
    await desk.ticks()
    assert [one for one in desk.app.db.read_now(rules.stored) if one.watched] == before
    assert desk.app.db.read_now(count_texts) == texts == 4
    assert {name: row.revision for (_, name), row in desk.app.watched.watch.rules.items()} == {
        one.name: one.revision for one in before
    }


def count_texts(conn: Connection) -> int:
    return len(conn.execute(select(rule_revision.c.id)).all())


# ── what it costs ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_edit_of_the_feeds_alone_keeps_the_compiled_watchlist(desk: Desk) -> None:
    before = desk.app.watched
    desk.file.write_text(f"{FIRST}feeds: [{{id: courier, url: 'https://courier.example/rss'}}]\n")
    await desk.ticks()
    assert desk.app.watched.specs.keys() == {"courier"}
    assert desk.app.watched.config.watchlist is before.config.watchlist
    assert desk.app.watched.watch.rules == before.watch.rules


async def test_the_forms_are_made_in_a_process_of_its_own_or_else_here(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    place = Place(tmp_path, {"MONITOR_CACHE": str(cache)})
    place.feeds.write_text(FIRST)
    async with opened(place, BusyClock()) as app:
        desk = Desk(app, place, BusyClock())
        desk.file.write_text(SECOND)
        await desk.ticks()
        assert len(list(cache.iterdir())) == 2
        for file in cache.iterdir():
            file.unlink()
        cache.rmdir()
        cache.write_text("no folder")
        desk.file.write_text(topics(barley="barley"))
        await desk.ticks()
        assert desk.watched() == {"barley"}
