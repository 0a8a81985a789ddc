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
from tests.e2e.servers import FeedServer, Reply, document
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
    assert re.match(r"not-found ×1 for \d+ s: ", found["failing"]["reason"])
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
    listed = " ".join(fleet.cli("feeds", "health", "--help").out.replace("│", " ").split())
    assert "the worst first: id, state, new, next, empty, fetch, late, gaps." in listed


def test_one_feed_in_full(fleet: Place) -> None:
    full = fleet.cli("feeds", "health", "elsewhere").out
    assert re.search(r"^state +moved *$", full, re.MULTILINE)
    for words in ("last new entry", "next poll", "its interval", "a fetch takes", "gaps", "for good (301), polls: 6"):
        assert words in full
    unknown = fleet.cli("feeds", "health", "elsewere")
    assert (unknown.code, unknown.err) == (2, "no feed “elsewere”; did you mean elsewhere?\n")


def test_a_feed_that_is_watched_no_longer(fleet: Place) -> None:
    text = fleet.feeds.read_text()
    rested = re.sub(r"  - id: moved\n(    .*\n)+", "", text).replace("- id: well\n", "- id: well\n    enabled: false\n")
    fleet.feeds.write_text(rested + "  - {id: never, url: 'https://never.example/', enabled: false}\n")
    names = [one["id"] for one in fleet.cli("feeds", "health", "--json").records]
    assert not {"moved", "well", "never"} & set(names)
    [gone] = fleet.cli("feeds", "health", "moved", "--json").records
    assert (gone["state"], gone["interval_s"], gone["polls"], gone["proposal"]) == ("removed", None, 2, None)
    [off] = fleet.cli("feeds", "health", "well", "--json").records
    assert (off["state"], off["interval_s"]) == ("disabled", 900)
    full = fleet.cli("feeds", "health", "moved").out
    assert re.search(r"^state +removed *$", full, re.MULTILINE)
    assert re.search(r"^next poll +none *$", full, re.MULTILINE)
    never = fleet.cli("feeds", "health", "never")
    assert (never.code, never.err) == (2, "feed “never” is disabled: `enabled: false`\n")


HINTS = b"""<ttl>60</ttl><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
<skipHours><hour>1</hour><hour>0</hour></skipHours><skipDays><day>Saturday</day></skipDays>"""


def test_what_the_publisher_asks_is_shown(place: Place, server: FeedServer) -> None:
    plain = document("Drones over Kyiv")
    body = plain.body.replace(b"<channel>", b"<channel>" + HINTS)
    server.replies |= {
        "all": Reply(body=body, headers={**plain.headers, "Cache-Control": "max-age=300"}),
        "some": Reply(body=plain.body, headers={**plain.headers, "Cache-Control": "max-age=7200"}),
        "none": plain,
    }
    place.write({name: server.url(name) for name in ("all", "some", "none")})
    place.feeds.write_text(place.feeds.read_text().replace("id: all\n", "id: all\n    hints: false\n"))
    assert place.cli("poll").code == place.cli("poll", "some").code == 0, "the second is a 304, which says nothing"
    found = {one["id"]: one["hints"] for one in place.cli("feeds", "health", "--json").records}
    assert found["all"] == {
        "ttl_s": 3600,
        "update_period_s": 1800,
        "fresh_s": 300,
        "skip_hours": [0, 1],
        "skip_days": ["Saturday"],
        "count": False,
    }
    nothing: dict[str, object] = {
        "ttl_s": None,
        "update_period_s": None,
        "skip_hours": [],
        "skip_days": [],
        "count": True,
    }
    assert (found["some"], found["none"]) == (nothing | {"fresh_s": 7200}, nothing | {"fresh_s": None})
    line = "ttl 60 min; updatePeriod 30 min; Cache-Control or Expires 5 min; skipHours 0, 1 (UTC); skipDays Saturday"
    assert f"{line} (does not count: `hints: false`)" in place.cli("feeds", "health", "all").out
    assert "Cache-Control or Expires 2 h" in place.cli("feeds", "health", "some").out
    assert "publisher asks" not in place.cli("feeds", "health", "none").out


def test_failed_polls_are_not_empty_ones(place: Place, server: FeedServer) -> None:
    good = document("Drones over Kyiv")
    place.write({"one": server.url("one")})
    for reply in (good, good, Reply(status=404), Reply(status=500)):
        server.replies["one"] = reply
        place.cli("poll")
    [one] = place.cli("feeds", "health", "--json").records
    assert (one["polls"], one["failed_polls"], one["empty_polls"], one["empty_share"]) == (4, 2, 1, 0.5)
    full = place.cli("feeds", "health", "one").out
    assert re.search(r"^nothing new at +1 of 2 answers \(50%\) *$", full, re.MULTILINE)
    assert re.search(r"^polls +4, failed: 2 *$", full, re.MULTILINE)


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
