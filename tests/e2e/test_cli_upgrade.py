"""`watch upgrade`: a pinned watchlist of a former program, and the one that comes with this one."""

import re
from pathlib import Path

import pytest

from monitor.config.packs import built_in, pin, version_of
from tests.e2e.place import Place

VERSION = version_of("ukraine") or 0
OLD, NEW = pin("ukraine", VERSION - 1), pin("ukraine", VERSION)
FILE = f"""\
# Mine.
extends: {OLD}   # until I have looked
actors:
  zelensky: {{scope: none}}   # mine
  former-one: null   # had enough of it
topics:
  mine: {{terms: {{en: [something]}}}}
feeds: []
"""


@pytest.fixture
def former(place: Place) -> Path:
    """Keep a former version as the daemon of a former program would have: without a word, with one actor more."""
    folder = place.folder / "var" / "packs" / OLD
    folder.mkdir(parents=True)
    for ending in (".yaml", ".places.txt"):
        text = (built_in() / f"ukraine{ending}").read_text("utf-8")
        if ending == ".yaml":
            text = text.replace(f"version: {VERSION}", f"version: {VERSION - 1}").replace(" Kyiv, Kiev,", "", 1)
            text = re.sub(r"(?m)^actors:\n", "actors:\n  former-one: {last: {en: [Formerly]}}\n", text, count=1)
        (folder / f"ukraine{ending}").write_text(text, "utf-8")
    place.feeds.write_text(FILE, "utf-8")
    return folder


def test_what_waits_is_shown_and_nothing_is_written(place: Place, former: Path) -> None:
    assert former.is_dir()
    done = place.cli("watch", "upgrade", "--diff")
    assert (done.code, done.err) == (0, ""), done
    assert done.out.splitlines() == [
        f"ukraine: version {VERSION - 1} is in use; version {VERSION} waits, and would change:",
        "scope",
        "    strong en: +2 Kyiv, Kiev",
        "actors removed: 1",
        "  former-one",
        "    the line of your file that takes it out is needless then, and goes",
    ]
    assert place.feeds.read_text("utf-8") == FILE
    scope, actor = place.cli("watch", "upgrade", "--diff", "--json").records
    assert (scope["kind"], scope["state"], scope["notes"], scope["warns"]) == ("scope", "changed", [], False)
    assert scope["changes"] == [{"key": ["strong", "en"], "added": ["Kyiv", "Kiev"], "removed": []}]
    assert (actor["id"], actor["state"]) == ("former-one", "removed")
    assert place.feeds.read_text("utf-8") == FILE, "asked for JSON, it does not write either"


def test_the_upgrade_asks_writes_the_pin_and_keeps_the_rest(place: Place, former: Path) -> None:
    assert former.is_dir()
    refused = place.cli("watch", "upgrade", stdin="n\n")
    assert (refused.code, "Upgrade?" in refused.err, place.feeds.read_text("utf-8")) == (1, True, FILE)
    assert "run_monitor.py -c edited.yaml watch diff\n" in refused.out
    dry = place.cli("watch", "upgrade", "--dry-run")
    assert (dry.code, dry.out.splitlines()[-1], place.feeds.read_text("utf-8")) == (0, "nothing was written", FILE)
    done = place.cli("watch", "upgrade", "--yes")
    assert done.code == 0, done
    upgraded = FILE.replace(OLD, NEW).replace("  former-one: null   # had enough of it\n", "")
    assert place.feeds.read_text("utf-8") == upgraded
    assert f"-extends: {OLD}   # until I have looked\n+extends: {NEW}   # until I have looked\n" in done.out
    assert f"extends {NEW}; a running daemon takes it up within seconds" in done.out
    again = place.cli("watch", "upgrade", "--yes")
    assert (again.code, again.out) == (0, f"ukraine: version {VERSION} is in use, the newest\n")
    [check] = [line for line in place.cli("check", "--json").records if line["what"] == "configuration"]
    assert check["state"] in ("ok", "note")
    assert "waits" not in check["detail"]


def test_check_and_status_tell_of_what_waits(place: Place, former: Path) -> None:
    assert former.is_dir()
    words = f"a newer built-in watchlist waits: {NEW} (in use: {OLD}); `run_monitor.py watch upgrade --diff` shows"
    [check] = [line for line in place.cli("check", "--json").records if line["what"] == "configuration"]
    assert (check["state"], words in check["detail"]) == ("note", True)
    assert words in place.cli("status").out
    assert place.cli("status", "--json").records[0]["pack"].startswith(words)


def test_a_version_that_was_lost_is_loud(place: Place) -> None:
    place.feeds.write_text(FILE, "utf-8")
    words = f'"{OLD}" is not what counts, but version {VERSION}, which comes with this program: that one was not kept'
    [check] = [line for line in place.cli("check", "--json").records if line["what"] == "configuration"]
    assert (check["state"], words in check["detail"]) == ("note", True)
    assert words in place.cli("status").out
    done = place.cli("watch", "upgrade", "--yes")
    assert done.code == 0, done
    assert done.out.startswith(
        f"ukraine: version {VERSION} is in use, for version {VERSION - 1} is neither built in nor"
    )
    assert f"extends: {NEW}   # until" in place.feeds.read_text("utf-8")
    assert place.cli("status", "--json").records[0]["pack"] is None


def test_a_file_that_follows_the_newest_may_be_pinned(place: Place) -> None:
    place.feeds.write_text("extends: ukraine\nfeeds: []\n")
    shown = place.cli("watch", "upgrade", "--diff")
    assert shown.out.splitlines() == [
        f"ukraine: version {VERSION} is in use; "
        "your file follows the newest by itself, a pin would keep it until you upgrade"
    ]
    assert place.cli("watch", "upgrade", stdin="n\n").code == 1
    assert place.feeds.read_text() == "extends: ukraine\nfeeds: []\n"
    assert place.cli("watch", "upgrade", stdin="y\n").code == 0
    assert place.feeds.read_text() == f"extends: {NEW}\nfeeds: []\n"


def test_a_file_without_a_built_in_watchlist_has_none_to_upgrade(place: Place) -> None:
    place.feeds.write_text("feeds: []\n")
    done = place.cli("watch", "upgrade")
    assert (done.code, done.out, "extends no built-in watchlist" in done.err) == (0, "", True)


def test_what_would_not_hold_afterwards_is_refused(place: Place, former: Path) -> None:
    """The newer one no longer has an actor of whom the file says one thing only: nothing would name it."""
    assert former.is_dir()
    text = FILE.replace("former-one: null", "former-one: {gender: m}")
    place.feeds.write_text(text, "utf-8")
    done = place.cli("watch", "upgrade", "--yes")
    assert done.code == 2
    assert 'actor "former-one" has no name to look for' in done.err
    assert "    ! what your file adds to former-one would stand alone" in done.out
    assert place.feeds.read_text("utf-8") == text


def test_the_daemon_keeps_what_it_uses(place: Place) -> None:
    place.feeds.write_text(f"extends: {NEW}\nfeeds: []\n")
    place.cli("poll")
    kept = place.folder / "var" / "packs" / NEW
    assert (kept / "ukraine.yaml").read_bytes() == (built_in() / "ukraine.yaml").read_bytes()
    assert (kept / "ukraine.places.txt").is_file()
