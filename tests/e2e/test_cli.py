"""The command line is a contract: help, exit codes, JSON for programs, plain text without a terminal."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from monitor.cli.main import app
from tests.e2e.place import Place, call
from tests.e2e.process import PROGRAM, ROOT, environment
from tests.e2e.servers import Background, FeedServer, document

READER = "reader@example.org"
ESCAPE = "\x1b"


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place that has polled one good feed and one that is not there, and has a subscriber. Only to be read."""
    place = Place(tmp_path_factory.mktemp("polled"))
    with Background() as background:
        server = background.enter(FeedServer())
        server.replies["courier"] = document("Drones over Kyiv", "Putin speaks of a ceasefire with Ukraine", "Wheat")
        place.write({"courier": server.url("courier"), "herald": server.url("herald")})
        assert place.cli("poll", "--once").code == 0
        assert place.cli("subscribers", "add", READER).code == 0
        entries = '{"id": "1", "title": "Drones over Kyiv"}\n{"id": "2", "title": "Wheat"}\n'
        (place.folder / "entries.jsonl").write_text(entries)
        (place.folder / "feed.xml").write_bytes(server.replies["courier"].body)
        yield place


# ── help ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def commands(group: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command."""
    inner = getattr(group, "commands", None)
    for name, command in (inner or {}).items():
        yield from commands(command, *path, name)
    if not inner:
        yield path


COMMANDS = sorted(commands(typer.main.get_command(app)))


def test_all_commands_are_there() -> None:
    names = {words[0] for words in COMMANDS}
    assert names == {
        *("init", "run", "status", "check", "poll", "parse", "match", "hits", "demo"),
        *("feeds", "watch", "subscribers", "digest", "mail", "db"),
    }


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_has_an_example(words: tuple[str, ...]) -> None:
    done = call(*words, "--help", environ={})
    assert (done.code, done.err) == (0, "")
    assert f"run_monitor.py {words[0]}" in done.out.partition("Example")[2].replace("--config feeds.yaml ", "")
    assert ESCAPE not in done.out


@pytest.mark.parametrize("words", [["--no-such-option"], ["no-such-command"], ["parse"], ["hits", "--days", "many"]])
def test_wrong_use_is_code_2(words: list[str]) -> None:
    done = call(*words, environ={})
    assert (done.code, done.out) == (2, "")
    assert "Usage: run_monitor.py" in done.err


# ── commands that read ───────────────────────────────────────────────────────────────────────────────────────────────

READING = {
    "status": 1,  # no daemon runs
    "check": 0,
    "hits": 0,
    "poll courier": 0,
    "parse {feed}": 0,
    "match {entries}": 0,
    "feeds list": 0,
    "feeds health": 0,
    "feeds probe": 0,
    "watch forms putin": 0,
    "watch list": 0,
    "watch explain 1": 0,
    "subscribers list": 0,
    f"subscribers show {READER}": 0,
    f"digest preview {READER}": 0,
    "db stats": 0,
}


@pytest.mark.parametrize("line", READING)
def test_what_reads_prints_json_and_plain_text(polled: Place, line: str) -> None:
    words = line.format(feed=polled.folder / "feed.xml", entries=polled.folder / "entries.jsonl").split()
    as_json, plain = polled.cli(*words, "--json"), polled.cli(*words)
    assert (as_json.code, plain.code) == (READING[line], READING[line])
    assert as_json.records
    assert all(isinstance(record, dict) for record in as_json.records)
    assert plain.out.strip()
    assert ESCAPE not in plain.out + plain.err + as_json.out + as_json.err


def test_status_says_what_fails(polled: Place) -> None:
    [found] = polled.cli("status", "--json").records
    assert (found["well"], found["daemon"], found["watched"], found["subscribers"]) == (False, None, 2, 1)
    assert [one["id"] for one in found["failing"]] == ["herald"]
    plain = polled.cli("status").out
    assert "not running" in plain
    assert "herald" in plain


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ("", 2),
        ("--topic drones", 1),
        ("--topic drones --topic peace-talks", 0),
        ("--actor putin", 1),
        ("--actor putin --topic peace-talks", 1),
        ("--feed courier", 2),
        ("--feed herald", 0),
        ("--lang uk", 0),
        ("--days 1", 2),
        ("--limit 1", 1),
    ],
)
def test_hits_are_filtered(polled: Place, options: str, count: int) -> None:
    assert len(polled.cli("hits", "--json", *options.split()).records) == count


@pytest.mark.parametrize(
    ("option", "name", "words"),
    [
        ("--topic", "dronez", "'drones'"),
        ("--actor", "puttin", "'putin'"),
        ("--feed", "currier", "“currier”; did you mean courier?"),
    ],
)
def test_hits_of_what_is_not_watched_are_a_mistake(polled: Place, option: str, name: str, words: str) -> None:
    done = polled.cli("hits", option, name)
    assert (done.code, done.out, name in done.err, words in done.err) == (2, "", True, True)


def test_parse(polled: Place) -> None:
    done = polled.cli("parse", polled.folder / "feed.xml", "--json")
    keys = {"id", "title", "summary", "content", "url", "author", "published", "updated", "lang"}
    assert [keys <= record.keys() for record in done.records] == [True] * 3
    assert done.records[0]["title"] == "Drones over Kyiv"
    for wrong in (polled.feeds, polled.folder / "absent.xml"):
        done = polled.cli("parse", wrong)
        assert (done.code, done.out) == (2, "")
        assert str(wrong) in done.err


def test_match(polled: Place) -> None:
    done = polled.cli("match", polled.folder / "entries.jsonl", "--json")
    assert [(one["id"], one["relevant"], one["topics"]) for one in done.records] == [
        ("1", True, ["drones"]),
        ("2", False, []),
    ]
    evidence = {
        (one["watch"], one["field"], one["start"], one["end"], one["text"]) for one in done.records[0]["evidence"]
    }
    assert ("drones", "title", 0, 6, "Drones") in evidence


def test_match_asks_where_an_entry_comes_from(place: Place) -> None:
    place.write({"courier": "https://courier.example/feed"})
    rules = "  tass: {query: 'source:tass', scope: none}\n  site: {query: 'source:courier.example', scope: none}\n"
    text = place.feeds.read_text()
    place.feeds.write_text(
        text.replace("topics:\n", f"topics:\n{rules}") if "topics:" in text else f"{text}topics:\n{rules}"
    )
    file = place.folder / "entries.jsonl"
    entries = [
        {"id": "1", "title": "a", "source": "TASS"},
        {"id": "2", "title": "b", "url": "https://news.courier.example/1"},
        {"id": "3", "title": "tass"},
    ]
    file.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    done = place.cli("match", file, "--json")
    assert [(one["topics"], one["evidence"]) for one in done.records] == [(["tass"], []), (["site"], []), ([], [])]


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "3"}', '{"id": "3", "title": 4}'])
def test_match_names_the_line_that_it_cannot_read(polled: Place, tmp_path: Path, line: str) -> None:
    file = tmp_path / "entries.jsonl"
    file.write_text('{"id": "1", "title": "Drones"}\n' + line + "\n")
    done = polled.cli("match", file)
    assert done.code == 2
    assert f"{file}:2: " in done.err


def test_match_tells_what_it_passes_over(polled: Place, tmp_path: Path) -> None:
    file = tmp_path / "entries.jsonl"
    file.write_text(
        '{"id": "1", "title": "a", "text": "b", "published": "soon"}\n{"id": "2", "title": "c", "text": "d"}\n'
    )
    done = polled.cli("match", file, "--json")
    assert [line.split(": ", 1)[1] for line in done.err.splitlines()] == [
        "'text' is passed over; known are: content id lang published source summary title url",
        "the date 'soon' cannot be read; titles count as today",
    ]


# ── poll ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_poll(place: Place, server: FeedServer) -> None:
    server.replies["courier"] = document("Drones over Kyiv")
    place.write({"courier": server.url("courier"), "herald": server.url("herald")})
    done = place.cli("poll", "--once", "--json")
    assert [(row["feed"], row["result"].partition(":")[0], row["new"]) for row in done.records] == [
        ("courier", "ok", 1),
        ("herald", "not-found", 0),
    ]
    assert [row["result"] for row in place.cli("poll", "courier", "--json").records] == ["unchanged"]
    assert place.cli("poll", "herald").code == 1
    unknown = place.cli("poll", "harold")
    assert (unknown.code, "harold" in unknown.err) == (2, True)


# ── db ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_db(place: Place) -> None:
    place.write({})
    assert place.cli("db", "upgrade").out.startswith("upgraded from empty to ")
    assert place.cli("db", "upgrade").out.startswith("already at ")
    assert place.cli("db", "prune").code == 0
    copy = place.folder / "copy.db"
    assert place.cli("db", "backup", copy).code == 0
    connection = sqlite3.connect(copy)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    again = place.cli("db", "backup", copy)
    assert (again.code, f"{copy} exists already" in again.err) == (1, True)
    nowhere = place.cli("db", "backup", place.folder / "absent" / "copy.db")
    assert (nowhere.code, nowhere.err.count("\n")) == (1, 1)


@pytest.mark.parametrize("words", ["status", "db upgrade", "subscribers list"])
@pytest.mark.parametrize("file", ["corrupt.db", "feeds.yaml/monitor.db", "."])
def test_a_database_that_cannot_be_opened_is_one_line(place: Place, words: str, file: str) -> None:
    place.write({})
    (place.folder / "corrupt.db").write_bytes(bytes(range(256)) * 64)
    done = place.cli(*words.split(), MONITOR_DATABASE=f"sqlite:///{place.folder / file}")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)


@pytest.mark.parametrize(
    "url", ["postgresql://127.0.0.1:1/monitor", "postgresql://me@127.0.0.1:1/monitor", "sqlite+no:///x"]
)
def test_a_database_that_does_not_answer_is_one_line(place: Place, url: str) -> None:
    done = place.cli("db", "stats", MONITOR_DATABASE=url)
    assert done.code in {1, 2}
    assert (done.out, "Traceback" in done.err, done.err.count("\n") <= 2) == ("", False, True)


# ── what is common to all ────────────────────────────────────────────────────────────────────────────────────────────


def test_wrong_settings_are_code_2(place: Place) -> None:
    done = place.cli("status", MONITOR_CONCURRENCY="many", MONITOR_CONCURENCY="3")
    assert done.code == 2
    assert 'MONITOR_CONCURRENCY is "many"' in done.err
    assert "did you mean MONITOR_CONCURRENCY?" in done.err
    assert done.err.endswith("2 mistakes found\n")


def test_templates_that_are_not_there_are_one_mistake(polled: Place) -> None:
    for name in ("MONITOR_TEMPLATES", "MONITOR_OWN_TEMPLATES"):
        done = polled.cli("digest", "preview", READER, **{name: str(polled.folder / "nowhere")})
        assert (done.code, done.out, done.err.splitlines()[1:]) == (2, "", ["1 mistake found"])
        assert done.err.startswith(f"{polled.folder / 'nowhere'}: there is no such folder")


def test_variables_of_headers_may_stand_in_the_env_file(place: Place) -> None:
    place.write({"one": "https://one.example/feed"})
    place.feeds.write_text(place.feeds.read_text() + '    headers: {X-Key: "${MONITOR_ONE_TOKEN}"}\n')
    missing = place.cli("feeds", "list")
    assert (missing.code, "MONITOR_ONE_TOKEN" in missing.err) == (2, True)
    (place.folder / ".env").write_text("MONITOR_ONE_TOKEN=secret\n")
    for words in (["feeds", "list"], ["check"], ["match", place.feeds.with_name("entries.jsonl")]):
        (place.folder / "entries.jsonl").write_text("")
        assert place.cli(*words).code == 0


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, PROGRAM, *words], cwd=ROOT, env=environment({}), capture_output=True, text=True, check=False
    )


def test_a_process_of_its_own(polled: Place) -> None:
    done = run("--config", polled.feeds, "feeds", "list")
    assert (done.returncode, done.stderr, ESCAPE in done.stdout) == (0, "", False)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["id", "courier", "herald"]


def test_a_reader_that_has_gone_is_no_traceback(tmp_path: Path) -> None:
    """As in `feeds list --json | head -1`."""
    place = Place(tmp_path)
    place.write({f"feed-{number}": f"https://f{number}.example/feed" for number in range(2000)})
    command: list[str | Path] = [sys.executable, PROGRAM, "--config", place.feeds, "feeds", "list", "--json"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment({}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("{")
        process.stdout.close()
        assert (process.stderr.read(), process.wait(20)) == ("", 1)
