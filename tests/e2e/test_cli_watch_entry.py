"""`watch explain ENTRY` and `watch list` on what was really polled."""

from collections.abc import Iterator

import pytest

from tests.e2e.place import WATCH, Place
from tests.e2e.servers import Background, FeedServer, document

TITLES = ("Drones over Kyiv", "Putin speaks of a ceasefire with Ukraine", "Drones over Munich", "Wheat")


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place that has polled one feed. Only to be read."""
    place = Place(tmp_path_factory.mktemp("polled"))
    with Background() as background:
        server = background.enter(FeedServer())
        server.replies["courier"] = document(*TITLES)
        place.write({"courier": server.url("courier")})
        assert place.cli("poll", "--once").code == 0
        yield place


def numbers(place: Place) -> dict[str, int]:
    return {record["title"]: record["entry"] for record in place.cli("hits", "--json").records}


# ── watch explain ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_number_is_explained_stage_by_stage(polled: Place) -> None:
    done = polled.cli("watch", "explain", str(numbers(polled)["Drones over Kyiv"]))
    assert done.code == 0
    stages = [
        "1 words that count",
        "2 words passed over",
        "3 signs of the war: 3 of the 2 points",
        "4 topics",
        "5 result",
        "stored",
    ]
    places = [done.out.index(stage) for stage in stages]
    assert places == sorted(places)
    assert "topic:drones  “Drones” (title)" in done.out
    assert "+3 strong, in the title: “Kyiv” (title)" in done.out
    assert "matched: topic:drones; the entry concerns the war" in done.out
    assert "as history, under the rule as it is" in done.out


def test_an_address_is_explained_too_and_what_fell_out(polled: Place) -> None:
    [url] = [one["url"] for one in polled.cli("watch", "explain", "3", "--json").records]
    by_url = polled.cli("watch", "explain", f"{url}?utm_source=x", "--json")
    [found] = by_url.records
    assert (found["title"], found["relevant"], found["points"], found["needed"]) == ("Drones over Munich", False, 0, 2)
    assert found["result"] == "fell out at the signs of the war: there is none"
    assert found["nearest"] == "no sign of the war stands there"
    [topic] = found["topics"]
    assert topic["rule"] == "drones"
    assert topic["problem"] == "it is read only in entries that concern the war"
    assert topic["terms"] == [{"field": "title", "start": 0, "end": 6, "text": "Drones"}]
    assert found["stored"] == {"relevant": False, "hits": []}


def test_one_rule_is_asked_about(polled: Place) -> None:
    number = str(numbers(polled)["Putin speaks of a ceasefire with Ukraine"])
    done = polled.cli("watch", "explain", number, "--rule", "drones")
    assert "topic:drones: does not match: none of its words stands in the text" in done.out
    assert "putin  " not in done.out.partition("3 signs")[0].replace("actor:putin", "putin")
    [found] = polled.cli("watch", "explain", number, "--rule", "actor:putin", "--json").records
    assert (found["about"]["rule"], found["about"]["matched"]) == ("putin", True)
    assert [hit["name"] for hit in found["stored"]["hits"]] == ["putin"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["999"], "no entry 999 is stored; `hits` lists the numbers"),
        (["https://courier.example/none"], "newest of courier.example: entry 4: Wheat"),
        (["https://other.example/none"], "`feeds probe`, and by `parse --json` into `match`"),
        (
            ["1", "--rule", "dronez"],
            "no actor and no topic 'dronez', did you mean 'drones'?; `watch list` names them all",
        ),
        (["1", "--rule", "scope"], "no actor and no topic 'scope'"),
    ],
)
def test_what_is_not_there_is_a_mistake(polled: Place, words: list[str], says: str) -> None:
    done = polled.cli("watch", "explain", *words)
    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_a_hit_of_an_older_text_is_told(polled: Place) -> None:
    edited = polled.folder / "edited.yaml"
    edited.write_text(WATCH.replace("[drones]", "[drones, quadcopters]").replace("[Putin]", "[Lavrov]"), "utf-8")
    number = numbers(polled)
    drones = polled.cli("--config", edited, "watch", "explain", str(number["Drones over Kyiv"])).out
    assert "topic:drones" in drones
    assert "under an older revision of the rule" in drones
    putin = polled.cli(
        "--config", edited, "watch", "explain", str(number["Putin speaks of a ceasefire with Ukraine"])
    ).out
    assert "it would not be found now" in putin


# ── watch list ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_rule_is_listed_with_its_hits(polled: Place) -> None:
    found = {(one["kind"], one["id"]): one for one in polled.cli("watch", "list", "--json").records}
    assert list(found) == [("actor", "putin"), ("topic", "drones"), ("topic", "peace-talks")]
    drones = found["topic", "drones"]
    assert (drones["label"], drones["state"], drones["mark"]) == ("Drones", "same", "none")
    assert (drones["hits"], drones["history"], len(drones["days"])) == (0, 1, 28)
    plain = polled.cli("watch", "list")
    assert plain.code == 0
    assert "1 history" in plain.out
    assert "there is no more yet" in plain.out


def test_rules_that_the_daemon_has_not_taken_up(polled: Place) -> None:
    edited = polled.folder / "new.yaml"
    more = "  grain: {label: {en: Grain}, terms: {en: [wheat]}}\n"
    edited.write_text(WATCH.replace("[drones]", "[drones, quadcopters]").replace("putin:", "lavrov:") + more, "utf-8")
    found = {one["id"]: one["state"] for one in polled.cli("--config", edited, "watch", "list", "--json").records}
    assert found == {"lavrov": "new", "drones": "edited", "grain": "new", "peace-talks": "same"}
    [gone] = polled.cli("--config", edited, "watch", "list", "--removed", "--json").records
    assert (gone["id"], gone["state"], gone["history"]) == ("putin", "removed", 1)


@pytest.mark.parametrize(
    ("options", "ids"),
    [("--kind actor", ["putin"]), ("--kind topic", ["drones", "peace-talks"]), ("--never", []), ("--always", [])],
)
def test_the_list_is_narrowed(polled: Place, options: str, ids: list[str]) -> None:
    assert [one["id"] for one in polled.cli("watch", "list", "--json", *options.split()).records] == ids


def test_without_a_database_there_are_ids_and_labels(place: Place) -> None:
    place.write({})
    done = place.cli("watch", "list")
    assert (done.code, done.err) == (0, "there is no database yet: ids and labels alone\n")
    assert [line.split() for line in done.out.splitlines()[1:]] == [
        ["actor", "putin", "Putin"],
        ["topic", "drones", "Drones"],
        ["topic", "peace-talks", "Peace", "talks"],
    ]
    assert not place.database.exists()


def test_an_unknown_kind_is_a_mistake(place: Place) -> None:
    place.write({})
    done = place.cli("watch", "list", "--kind", "scope")
    assert (done.code, done.err) == (2, "unknown kind 'scope': one of actor, topic\n")
