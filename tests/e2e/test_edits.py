"""However a person or their tools write feeds.yaml, the last good edit is what counts, and a bad one is told once.

The whole program with a real file and a real database; the ticks that the daemon's engine would make are made here.
"""

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from monitor.app import App, open_app
from monitor.errors import ConfigError, StoreError
from monitor.settings import load_settings
from monitor.store import configurations, problems, rules
from monitor.store.configurations import Configuration
from monitor.store.database import Connection
from monitor.store.schema import outbox, rule_revision
from tests.e2e.place import Place
from tests.fakes import FrozenClock

HEAD = """\
scope: {strong: {en: [Ukraine]}}
topics:
"""


def topics(**terms: str) -> str:
    """Write a file that watches these topics, a term each."""
    return HEAD + "".join(f"  {name}: {{terms: {{en: [{term}]}}}}\n" for name, term in terms.items())


FIRST, SECOND = topics(drones="drones"), topics(drones="drones", wheat="wheat")
WRONG, WRONGER = f"{FIRST}  wheat: {{termz: {{en: [wheat]}}}}\n", f"{FIRST}  wheat: {{terms: {{xx: [wheat]}}}}\n"


@dataclass
class BusyClock(FrozenClock):
    """A clock that does something when it is looked at: in the middle of whatever needs the time."""

    todo: list[Callable[[], object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def __call__(self) -> Any:
        if self.todo:
            self.todo.pop(0)()
        return super().__call__()


@dataclass
class Desk:
    """The running program, and the file that it watches."""

    app: App
    place: Place
    clock: BusyClock

    @property
    def file(self) -> Path:
        return self.place.feeds

    async def ticks(self, count: int = 2) -> None:
        for _ in range(count):
            await self.app.reloader.if_edited()

    def watched(self) -> set[str]:
        """Which topics count for entries that come now."""
        found = {rule.id for rule in self.app.watched.config.watchlist.rules if rule.kind == "topic"}
        current = {name for kind, name, _ in self.app.db.read_now(rules.current) if kind == "topic"}
        assert found == current
        return found

    def last(self) -> Configuration:
        found = self.app.db.read_now(configurations.last)
        assert found is not None
        return found

    def mails(self) -> list[str]:
        """The subjects of the operator's mails, the oldest first."""
        return self.app.db.read_now(subjects)


def subjects(conn: Connection) -> list[str]:
    payloads = conn.execute(select(outbox.c.payload).order_by(outbox.c.id)).scalars()
    return [payload.partition("\n")[0].rpartition("] ")[2] for payload in payloads]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    place, clock = Place(tmp_path), BusyClock()
    place.feeds.write_text(FIRST)
    async with opened(place, clock) as app:
        yield Desk(app, place, clock)


def opened(place: Place, clock: BusyClock) -> Any:
    environ = place.environ | {
        "MONITOR_FEEDS": str(place.feeds),
        "MONITOR_TEMPLATES": str(place.environ["MONITOR_TEMPLATES"]),
    }
    return open_app(load_settings(environ, None), environ, clock=clock)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


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


# ── bad edits ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_bad_edit_is_mailed_once_and_so_is_its_end(desk: Desk) -> None:
    for text in (WRONG, f"# saved again\n{WRONG}", WRONGER, WRONG):
        desk.file.write_text(text)
        await desk.ticks(3)
        assert desk.watched() == {"drones"}
    assert desk.mails() == ["Problem: configuration"]
    desk.file.write_text(SECOND)
    await desk.ticks(3)
    assert desk.mails() == ["Problem: configuration", "Recovered: configuration (0 min)"]


async def test_a_bad_edit_says_where_and_what_would_be_right(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.file.write_text(WRONG)
    await desk.ticks()
    place = f"{desk.file}:4:11: "
    [finding] = desk.last().findings
    assert str(finding).startswith(place)
    assert 'did you mean "terms"?' in finding.message
    assert str(finding) in capsys.readouterr().out  # the log
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
