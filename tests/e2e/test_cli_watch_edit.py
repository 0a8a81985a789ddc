"""`watch add`, `set`, `exclude`, `remove`: a real file, edited as a person would."""

import subprocess
import sys
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.core.model import WatchSpec
from tests.e2e.place import Place
from tests.e2e.process import ROOT, environment

FILE = """\
# Mine, by hand.
scope:
  strong: {en: [Ukraine]}
actors:
  putin: {last: {en: [Putin]}}   # who else
topics:
  # what flies
  drones:
    terms: {en: [drones]}   # all of them
  putin: {query: 'putin OR "the president"'}
feeds: []   # later
"""


@pytest.fixture(autouse=True)
def file(place: Place) -> Path:
    place.feeds.write_text(FILE, "utf-8")
    place.feeds.chmod(0o640)
    return place.feeds


def watched(place: Place) -> WatchSpec:
    return load_config(place.feeds, environ={}).watch


def text(place: Place) -> str:
    return place.feeds.read_text("utf-8")


def left(place: Place) -> set[str]:
    return {path.name for path in place.folder.iterdir()} - {"var"}


def test_a_topic_is_shown_asked_about_and_added(place: Place) -> None:
    words = ("watch", "add", "grain", '"wheat futures"   OR grain', "--label", "Grain: prices", "--label", "uk:Зерно")
    section = '  grain:\n    label: {en: "Grain: prices", uk: "Зерно"}\n    query: \'"wheat futures" OR grain\'\n'
    dry = place.cli(*words, "--dry-run")
    assert (dry.code, dry.out.splitlines()[-1], text(place)) == (0, "nothing was written", FILE)
    refused = place.cli(*words, stdin="n\n")
    assert (refused.code, "Add it?" in refused.err, text(place)) == (1, True, FILE)
    done = place.cli(*words, stdin="y\n")
    assert done.code == 0, done
    assert text(place) == FILE.replace("feeds: []", f"{section}feeds: []")
    assert place.feeds.stat().st_mode & 0o777 == 0o640
    assert left(place) == {"feeds.yaml"}
    assert [line.strip() for line in done.out.splitlines()[-3:]] == [
        "added topic grain; a running daemon takes it up within seconds.",
        "`run_monitor.py watch test '\"wheat futures\" OR grain' --since 30d` shows what it would have matched;",
        "`run_monitor.py watch rematch` applies it to the past.",
    ]
    assert [line for line in dry.out.splitlines() if line[:1] == "+"][1:] == [
        f"+{line}" for line in section.splitlines()
    ]


def test_everywhere_is_said_and_tried_so(place: Place) -> None:
    done = place.cli("watch", "add", "grain", "wheat", "--everywhere", "--yes")
    assert "watch test wheat --everywhere --since 30d`" in done.out
    assert {topic.id: topic.scoped for topic in watched(place).topics} == {
        "drones": True,
        "putin": True,
        "grain": False,
    }


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("add", "grain", "wheat OR corn AND soy"), "column 19: AND and OR stand side by side"),
        (("add", "grain", "-wheat"), "column 1:"),
        (("add", "grain", "topic:dronse wheat"), "did you mean drones?"),
        (("add", "Grain", "wheat"), "must be an id: small letters"),
        (("add", "grain", "wheat", "--label", "ua:Зерно"), 'did you mean "uk"?'),
        (("add", "drones", "wheat"), "drones is in the file already; `run_monitor.py watch set drones 'QUERY'`"),
        (("set", "drnes", "wheat"), "no topic 'drnes', did you mean 'drones'?"),
        (("set", "drones", "wheat OR"), "column"),
        (("set", "drones", "topic:putin AND topic:drones"), "drones"),
        (("exclude", "drones", "дрон"), "name it: --lang uk or --lang ru"),
        (("exclude", "drones", "x", "--lang", "ua"), 'did you mean "uk"?'),
        (("exclude", "drones", "*"), "can never match"),
        (("exclude", "grain", "x"), "no topic 'grain'"),
        (("remove", "putin"), "putin is an actor and a topic; write actor:putin or topic:putin"),
        (("remove", "feed:putin"), "'feed' is no kind of rule; write actor:putin or topic:putin"),
        (("remove", "grain"), "no actor and no topic 'grain'"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(place: Place, words: tuple[str, ...], reason: str) -> None:
    command, *rest = words
    options = [] if any(word.startswith("--") for word in rest) else ["--"]  # a query may begin with a minus
    done = place.cli("watch", command, "--yes", *options, *rest)
    assert (done.code, reason in done.err, text(place), left(place)) == (2, True, FILE, {"feeds.yaml"}), done


def test_a_query_is_replaced_and_given(place: Place) -> None:
    assert place.cli("watch", "set", "putin", "kremlin", "--yes").code == 0
    assert text(place) == FILE.replace("""'putin OR "the president"'""", "'kremlin'")
    again = place.cli("watch", "set", "putin", "kremlin", "--yes")
    assert (again.code, again.out) == (0, "that is the query of putin already; nothing was written\n")
    assert place.cli("watch", "set", "drones", "swarm NEAR/5 sky", "--yes").code == 0
    assert "    terms: {en: [drones]}   # all of them\n    query: 'swarm NEAR/5 sky'\n" in text(place)


def test_words_are_excluded_in_their_language(place: Place) -> None:
    assert place.cli("watch", "exclude", "drones", "drone racing", "hobby", "--yes").code == 0
    done = place.cli("watch", "exclude", "drones", "перегони дронів", "hobby", "--lang", "uk", "--yes")
    assert "topic drones no longer counts beside перегони дронів, hobby (uk)" in done.out
    none = '    none: {en: ["drone racing", hobby], uk: ["перегони дронів", hobby]}\n'
    assert text(place) == FILE.replace("# all of them\n", f"# all of them\n{none}")
    [drones, _] = watched(place).topics
    assert drones.unless is not None
    again = place.cli("watch", "exclude", "drones", "hobby", "--yes")
    assert (again.code, again.out) == (0, "topic drones excludes that already; nothing was written\n")


def test_own_rules_go_with_their_lines(place: Place) -> None:
    asked = place.cli("watch", "remove", "topic:putin", stdin="n\n")
    assert (asked.code, "Remove putin?" in asked.err, text(place)) == (1, True, FILE)
    done = place.cli("watch", "remove", "topic:putin", stdin="y\n")
    assert (done.code, text(place)) == (0, FILE.replace("""  putin: {query: 'putin OR "the president"'}\n""", ""))
    assert place.cli("watch", "remove", "putin", "--yes").code == 0
    assert "actors: {}\n" in text(place)
    assert [actor.id for actor in watched(place).actors] == []


def test_what_another_rule_needs_is_not_removed(place: Place) -> None:
    assert place.cli("watch", "add", "swarm", "topic:drones swarm", "--yes").code == 0
    before = text(place)
    done = place.cli("watch", "remove", "drones", "--yes")
    assert (done.code, "no topic is called “drones”" in done.err, text(place)) == (2, True, before), done


def test_a_built_in_rule_is_switched_off(place: Place) -> None:
    place.feeds.write_text("extends: ukraine   # all\ntopics: {drones: {hints: {en: [swarm]}}}\nfeeds: []\n", "utf-8")
    done = place.cli("watch", "remove", "putin", "--yes")
    assert done.code == 0, done
    assert place.cli("watch", "remove", "drones", "--yes").code == 0
    after = "extends: ukraine   # all\ntopics: {drones: null}\n\nactors:\n  putin: null\n\nfeeds: []\n"
    assert text(place) == after
    again = place.cli("watch", "remove", "putin", "--yes")
    assert (again.code, again.out) == (0, "putin is taken out already; nothing was written\n")
    for command in ("add", "set"):
        refused = place.cli("watch", command, "sanctions", "x", "--yes")
        assert (refused.code, "built" in refused.err, text(place)) == (2, True, after)


def test_a_file_that_somebody_protects_is_left_alone(place: Place) -> None:
    place.feeds.chmod(0o440)
    done = place.cli("watch", "add", "grain", "wheat", "--yes")
    assert (done.code, done.err) == (2, f"{place.feeds} is read-only; nothing was written\n")
    assert (text(place), left(place)) == (FILE, {"feeds.yaml"})


def test_a_link_is_followed_and_stays(place: Place) -> None:
    real = place.folder / "real.yaml"
    place.feeds.rename(real)
    place.feeds.symlink_to("real.yaml")
    assert place.cli("watch", "add", "grain", "wheat", "--yes").code == 0
    assert place.feeds.is_symlink()
    assert "grain:" in real.read_text("utf-8")


@pytest.mark.parametrize("words", [("watch", "remove", "drones"), ("feeds", "remove", "one")])
def test_who_saves_while_the_question_stands_is_not_written_over(place: Place, words: tuple[str, ...]) -> None:
    mine = FILE.replace("feeds: []", "feeds: [{id: one, url: 'https://one.example/'}]")
    place.feeds.write_text(mine, "utf-8")
    command = [sys.executable, str(ROOT / "run_monitor.py"), "--config", str(place.feeds), *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment(place.environ), cwd=place.folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as asking:
        questions = asking.stderr
        assert questions is not None
        asked = "".join(iter(lambda: questions.read(1), "?"))
        assert asked.startswith("Remove ")
        new = place.folder / "new.yaml"
        new.write_text(mine + "# saved meanwhile\n", "utf-8")
        new.replace(place.feeds)  # as editors save
        _, said = asking.communicate("y\n", timeout=60)
    assert asking.returncode == 2
    assert "was changed by somebody else meanwhile; nothing was written" in said
    assert text(place) == mine + "# saved meanwhile\n"
    assert left(place) == {"feeds.yaml"}
