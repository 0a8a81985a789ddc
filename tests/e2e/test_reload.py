"""`watch reload` and `watch rematch` beside a daemon, and without one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.place import WATCH, Place
from tests.e2e.process import Daemon
from tests.e2e.servers import Background, FeedServer, document

TITLES = ("Drones over Kyiv", "Kyiv: the wheat harvest", "The harvest of rye")


@contextmanager
def polled(folder: Path) -> Iterator[tuple[Place, Daemon, dict[str, str]]]:
    """A daemon that has polled its one feed."""
    place = Place(folder)
    with Background() as background:
        server = background.enter(FeedServer())
        server.replies["courier"] = document(*TITLES)
        urls = {"courier": server.url("courier")}
        place.write(urls)
        with place.daemon() as daemon:
            daemon.wait("polled", feed="courier")
            yield place, daemon, urls


def watching(place: Place, urls: dict[str, str], **topics: str) -> None:
    """Save a file that watches topics beside drones and without peace talks."""
    lines = "".join(f"  {name}: {{terms: {{en: [{term}]}}, scope: none}}\n" for name, term in topics.items())
    text = WATCH.partition("  peace-talks")[0] + lines
    feeds = "".join(f"  - {{id: {name}, url: '{url}', allow_private: true}}\n" for name, url in urls.items())
    place.feeds.write_text(f"{text}feeds:\n{feeds}", encoding="utf-8")


def titles(place: Place, topic: str) -> set[str]:
    return {row["title"] for row in place.cli("hits", "--topic", topic, "--json").records}


def test_beside_a_daemon(tmp_path: Path) -> None:
    with polled(tmp_path) as (place, daemon, urls):
        watching(place, urls, harvest="harvest", wheat="wheat")
        [told] = place.cli("watch", "reload", "--json").records
        assert told["daemon"] == daemon.pid
        assert told["change"] == {
            "new": ["topic:harvest", "topic:wheat"],
            "changed": [],
            "removed": ["topic:peace-talks"],
        }
        assert told["rematch"] is None
        assert titles(place, "harvest") == set()

        again = place.cli("watch", "reload")
        assert (again.code, "no rule is another than before" in again.out) == (0, True)

        refused = place.cli("watch", "rematch", "--now")
        assert (refused.code, f"process {daemon.pid}" in refused.err) == (2, True)
        asked = place.cli("watch", "rematch", "--since", "1d")
        assert (asked.code, "3 entries seen since" in asked.out) == (0, True)
        daemon.wait("past matched anew", added=3)
        assert titles(place, "harvest") == {*TITLES[1:]}
        [status] = place.cli("status", "--json").records
        assert (status["rematch"], status["last_rematch"]["added"], status["well"]) == (None, 3, True)
        assert "3 entries matched anew" in place.cli("status").out

        watching(place, urls, harvest="rye")
        done = place.cli("watch", "reload", "--rematch")
        assert "changed: topic:harvest; removed: topic:wheat" in done.out
        assert "3 entries are matched anew in the background" in done.out
        daemon.wait("past matched anew", added=0, dropped=1)
        assert titles(place, "harvest") == {TITLES[2]}
        assert titles(place, "wheat") == {TITLES[1]}  # of a rule that is watched no longer they stay
        assert daemon.end() == 0
        assert daemon.lines == []


def test_what_is_wrong_is_said_and_not_told_to_the_daemon(tmp_path: Path) -> None:
    with polled(tmp_path) as (place, daemon, urls):
        watching(place, urls, harvest="[")
        wrong = place.cli("watch", "reload")
        assert (wrong.code, f"{place.feeds}:" in wrong.err) == (2, True)
        other = place.folder / "other.yaml"
        other.write_text(WATCH)
        elsewhere = place.cli("--config", other, "watch", "reload")
        assert (elsewhere.code, f"runs with {place.feeds.resolve()}" in elsewhere.err) == (2, True)
        place.write(urls)
        lonely = place.cli("watch", "reload", "--since", "3d")
        assert (lonely.code, "--rematch" in lonely.err) == (2, True)
        assert daemon.find("problem") == []


def test_what_only_the_daemon_cannot_take_is_said_with_its_place(tmp_path: Path) -> None:
    """A variable that this shell has and the daemon's has not."""
    with polled(tmp_path) as (place, daemon, urls):
        watching(place, urls)
        with place.feeds.open("a") as file:
            file.write("    headers: {X-Key: '${MONITOR_X_TOKEN}'}\n".replace("    headers", "defaults:\n  headers"))
        told = place.cli("watch", "reload", MONITOR_X_TOKEN="secret")
        assert told.code == 2
        assert f"{place.feeds}:" in told.err
        assert "MONITOR_X_TOKEN" in told.err
        [refused] = daemon.find("configuration refused")
        assert refused["detail"].startswith(f"{place.feeds}:")
        assert "MONITOR_X_TOKEN" in refused["detail"]
        daemon.wait("problem", key="configuration")
        assert "the daemon goes on with" in place.cli("check").out


def test_without_a_daemon(tmp_path: Path) -> None:
    with polled(tmp_path) as (place, daemon, urls):
        assert daemon.end() == 0
    watching(place, urls, harvest="harvest")
    told = place.cli("watch", "reload")
    assert (told.code, "counts from its next start" in told.out) == (0, True)
    done = place.cli("watch", "rematch", "--json")
    assert (done.code, done.records[0]["added"], done.records[0]["done"]) == (0, 2, 3)
    assert titles(place, "harvest") == {*TITLES[1:]}
    watching(place, urls, harvest="rye")
    assert "matched 3 entries anew: 0 hits added, 1 dropped" in place.cli("watch", "rematch", "--now").out


@pytest.mark.parametrize("words", [["--since", "soon"], ["--since", "1999-13-01"]])
def test_a_moment_that_is_none_is_refused(tmp_path: Path, words: list[str]) -> None:
    place = Place(tmp_path)
    place.write({})
    done = place.cli("watch", "rematch", *words)
    assert (done.code, "30d" in done.err) == (2, True)
