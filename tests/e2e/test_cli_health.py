"""`feeds health`: every state in words, what it is sorted by, and one feed in full."""

import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import utc_now
from monitor.config import load_config
from monitor.core.model import Move
from monitor.store import feeds
from tests.e2e.place import Place
from tests.e2e.process import PROGRAM, environment
from tests.e2e.servers import FeedServer, document
from tests.fakes import outcome


@pytest.fixture
def fleet(place: Place, server: FeedServer) -> Place:
    """Feeds in every state, as their polls left them."""
    names = (
        "well",
        "failing",
        "held",
        "moved",
        "elsewhere",
        "silent",
        "new",
        "a-feed-with-a-very-long-name-of-its-own",
    )
    place.environ["MONITOR_ALLOW_PRIVATE"] = "true"
    server.replies |= {name: document(f"Headline of {name}") for name in names if name != "failing"}
    place.write({name: server.url(name) for name in names})
    assert place.cli("poll", *(name for name in names if name != "new")).code == 0
    now, specs = utc_now(), {spec.id: spec for spec in load_config(place.feeds, environ={}).feeds}
    with place.db() as db:
        states = {one.spec.id: one for one in db.read_now(feeds.states, specs)}
        for name, to in (("moved", server.url("fresh")), ("elsewhere", "https://other.example/feed")):
            move = Move(to=to, status=301, permanent=True, polls=6, since=now - timedelta(days=5))
            poll = outcome(states[name], at=now, move=replace(move, used=name == "moved"))
            db.run_now(feeds.record, poll, 1)
        db.run_now(feeds.record, outcome(states["silent"], at=now - timedelta(days=9), gap=True), 1)
        db.run_now(feeds.hold, ["held"], now + timedelta(hours=30), "127.0.0.1 asked for fewer requests")
    return place


def test_health_says_how_each_feed_fares_and_why(fleet: Place, server: FeedServer) -> None:
    found = {one["id"]: one for one in fleet.cli("feeds", "health", "--json").records}
    assert {name: one["state"] for name, one in found.items()} == {
        "well": "well",
        "failing": "failing",
        "held": "held",
        "moved": "moved",
        "elsewhere": "moved",
        "silent": "silent",
        "new": "new",
        "a-feed-with-a-very-long-name-of-its-own": "well",
    }
    assert found["failing"]["reason"].startswith("not-found ×1 for 0 s: ")
    assert found["held"]["reason"] == "127.0.0.1 asked for fewer requests"
    assert found["silent"]["reason"].startswith("nothing new since ")
    assert (found["well"]["interval_s"], found["well"]["empty_share"], found["silent"]["gaps"]) == (900, 0.0, 1)
    assert (found["moved"]["proposal"], found["moved"]["proposal_other_domain"]) == (server.url("fresh"), False)
    assert found["elsewhere"]["proposal_other_domain"]
    command = "run_monitor.py feeds repair elsewhere --to https://other.example/feed --yes"
    assert found["elsewhere"]["proposal_command"] == command
    plain = fleet.cli("feeds", "health").out
    assert command in plain
    assert "another domain, which needs your yes" in plain
    assert plain.endswith("1 failing, 1 held, 2 moved, 1 silent, 1 new, 2 well\n")
    assert max(len(line) for line in plain.splitlines() if "accept it" not in line) <= 100
    assert "\x1b" not in plain


def test_health_can_be_sorted_and_narrowed(fleet: Place) -> None:
    def order(*words: str) -> list[str]:
        return [one["id"] for one in fleet.cli("feeds", "health", "--json", *words).records]

    assert order() == sorted(order())
    assert order("--sort", "state")[:2] == ["failing", "held"]
    assert order("--sort", "gaps")[0] == "silent"
    assert order("--sort", "next")[-1] == "held"
    assert order("--sort", "new")[:2] == ["failing", "new"]
    for key in ("empty", "fetch", "late"):
        assert len(order("--sort", key)) == 8
    assert order("--failing") == ["failing"]
    assert fleet.cli("feeds", "health", "--sort", "nothing").code == 2


def test_one_feed_in_full(fleet: Place) -> None:
    full = fleet.cli("feeds", "health", "elsewhere").out
    assert re.search(r"^state +moved *$", full, re.MULTILINE)
    for words in ("last new entry", "next poll", "its interval", "a fetch takes", "gaps", "for good (301), polls: 6"):
        assert words in full
    unknown = fleet.cli("feeds", "health", "elsewere")
    assert (unknown.code, "did you mean 'elsewhere'?" in unknown.err) == (2, True)


def test_colours_are_for_terminals(fleet: Place) -> None:
    ours, theirs = pty.openpty()
    command: list[str | Path] = [sys.executable, PROGRAM, "--config", fleet.feeds, "feeds", "health"]
    environ = environment(fleet.environ) | {"TERM": "xterm-256color"}
    environ.pop("NO_COLOR", None)
    with subprocess.Popen(command, cwd=fleet.folder, env=environ, stdout=theirs, stderr=subprocess.DEVNULL) as process:
        os.close(theirs)
        shown = b"".join(iter(lambda: _read(ours), b"")).decode()
    os.close(ours)
    assert process.returncode == 0
    assert re.search("\x1b\\[31mfailing +failing", shown), "red"
    assert max(len(line) for line in re.sub("\x1b\\[[0-9;]*m|\r", "", shown).splitlines()) <= 100


def _read(terminal: int) -> bytes:
    """Read what a terminal shows; nothing when the program has left it, which Linux tells by an error."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
