"""From feeds.yaml and a pack to the domain's types."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.config import Config, load_config, load_pack, pack_names
from monitor.core.model import ActorSpec, FeedSpec, Press, ScopeSpec, ScopeWeight, Title, TopicSpec, WatchSpec
from monitor.errors import ConfigError

PACK = """\
version: 3
scope:
  strong: {en: [Ukraine], uk: [Україна]}
  never: {en: [chicken Kyiv]}
actors:
  putin:
    gender: m
    first: {en: [Vladimir], ru: [Владимир]}
    last: {en: [Putin], ru: [Путин], pl: [Putin]}
    scope: weak
    titles: [{since: 2012-05-07, en: [Russian president]}]
  johnson: {last: {en: [Johnson]}, first: {en: [Boris]}, alone: false}
  nato: {kind: body, names: {en: [NATO], uk: [НАТО]}, label: {uk: Альянс}}
topics:
  sanctions: {label: {en: Sanctions}, terms: {en: [sanctions, embargo]}}
  drones: {terms: {en: [drone]}}
"""

Load = Callable[..., Config]


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    folder.mkdir()
    (folder / "small.yaml").write_text(PACK, "utf-8")
    (folder / "README.md").write_text("no pack")
    return folder


@pytest.fixture
def load(tmp_path: Path, packs: Path) -> Load:
    def load(text: str, **environ: str) -> Config:
        path = tmp_path / "feeds.yaml"
        path.write_text(text, "utf-8")
        return load_config(path, environ=environ, packs=packs)

    return load


def test_smallest_feed_gets_the_domains_defaults(load: Load) -> None:
    config = load("feeds: [{id: x, url: https://example.org/feed}]")
    assert config.feeds == (FeedSpec(id="x", title="x", url="https://example.org/feed"),)
    assert config.watch == WatchSpec()


def test_every_key_of_a_feed(load: Load) -> None:
    config = load(
        """
        feeds:
          - id: x
            title: Agency
            url: http://[::1]:8080/feed?a=b#c
            language: uk
            country: UA
            press: agency
            interval: 90s
            timeout: 5m
            headers: {Authorization: "Bearer ${MONITOR_X_TOKEN}", X-Price: $5}
            enabled: false
            allow_private: true
        """,
        MONITOR_X_TOKEN="secret",
    )
    assert config.feeds == (
        FeedSpec(
            id="x",
            title="Agency",
            url="http://[::1]:8080/feed?a=b#c",
            language="uk",
            country="UA",
            press=Press.AGENCY,
            interval=timedelta(seconds=90),
            timeout=timedelta(minutes=5),
            headers=(("Authorization", "Bearer secret"), ("X-Price", "$5")),
            enabled=False,
            allow_private=True,
        ),
    )


def test_defaults_hold_where_a_feed_is_silent(load: Load) -> None:
    config = load(
        """
        defaults:
          {interval: 2h, timeout: 5s, language: en, country: GB, press: public, enabled: false,
           headers: {X-A: a, X-B: b}}
        feeds:
          - {id: silent, url: https://a.example/}
          - {id: own, url: https://b.example/, interval: 1d, language: de, press: state,
             enabled: true, headers: {x-a: c}}
        """
    )
    silent, own = config.feeds
    assert (silent.interval, silent.timeout) == (timedelta(hours=2), timedelta(seconds=5))
    assert (silent.language, silent.country, silent.press, silent.enabled) == ("en", "GB", Press.PUBLIC, False)
    assert silent.headers == (("X-A", "a"), ("X-B", "b"))
    assert (own.interval, own.timeout) == (timedelta(days=1), timedelta(seconds=5))
    assert (own.language, own.country, own.press, own.enabled) == ("de", "GB", Press.STATE, True)
    assert own.headers == (("X-B", "b"), ("x-a", "c"))


def test_pack_alone(load: Load) -> None:
    watch = load("extends: small").watch
    assert watch.scope == ScopeSpec(strong={"en": ("Ukraine",), "uk": ("Україна",)}, never={"en": ("chicken Kyiv",)})
    assert watch.actors == (
        ActorSpec(
            id="putin",
            label={"en": "Vladimir Putin", "ru": "Владимир Путин", "pl": "Putin"},
            gender="m",
            first={"en": ("Vladimir",), "ru": ("Владимир",)},
            last={"en": ("Putin",), "ru": ("Путин",), "pl": ("Putin",)},
            scope=ScopeWeight.WEAK,
            titles=(Title(terms={"en": ("Russian president",)}, since=date(2012, 5, 7)),),
        ),
        ActorSpec(
            id="johnson",
            label={"en": "Boris Johnson"},
            first={"en": ("Boris",)},
            last={"en": ("Johnson",)},
            alone=False,
        ),
        ActorSpec(
            id="nato",
            label={"en": "NATO", "uk": "Альянс"},
            person=False,
            last={"en": ("NATO",), "uk": ("НАТО",)},
        ),
    )
    assert watch.topics == (
        TopicSpec(id="sanctions", label={"en": "Sanctions"}, terms={"en": ("sanctions", "embargo")}),
        TopicSpec(id="drones", label={"en": "drones"}, terms={"en": ("drone",)}),
    )


def test_own_words_are_added_to_the_packs(load: Load) -> None:
    watch = load(
        """
        extends: small
        scope: {strong: {en: [Donbas, Ukraine], de: [Ukraine]}}
        actors:
          putin:
            aliases: {en: [Vlad]}
            first: {ru: [Володя], en: [Vladimir]}
            titles: [{until: 2008-05-07, en: [the president]}]
        topics:
          sanctions: {terms: {en: [price cap], de: [Sanktion]}}
        """
    ).watch
    assert watch.scope.strong == {"en": ("Ukraine", "Donbas"), "uk": ("Україна",), "de": ("Ukraine",)}
    assert watch.scope.never == {"en": ("chicken Kyiv",)}
    putin, sanctions = watch.actors[0], watch.topics[0]
    assert putin.aliases == {"en": ("Vlad",)}
    assert putin.first == {"en": ("Vladimir",), "ru": ("Владимир", "Володя")}
    assert (putin.gender, putin.scope) == ("m", ScopeWeight.WEAK)
    assert [title.terms for title in putin.titles] == [{"en": ("Russian president",)}, {"en": ("the president",)}]
    assert sanctions.terms == {"en": ("sanctions", "embargo", "price cap"), "de": ("Sanktion",)}


def test_own_scalars_replace_the_packs(load: Load) -> None:
    watch = load(
        """
        extends: small
        actors:
          putin: {gender: f, scope: strong, alone: false, label: {en: The President}}
          johnson: {alone: true}
        topics:
          sanctions: {scope: none, label: {en: Embargoes, de: Sanktionen}}
        """
    ).watch
    putin, johnson, _ = watch.actors
    assert (putin.gender, putin.scope, putin.alone) == ("f", ScopeWeight.STRONG, False)
    assert putin.label == {"en": "The President", "ru": "Владимир Путин", "pl": "Putin"}
    assert johnson.alone
    assert not watch.topics[0].scoped
    assert watch.topics[0].label == {"en": "Embargoes", "de": "Sanktionen"}


TOPIC = """\
extends: small
topics:
  drones: {none: {en: [drone show], uk: [шоу дронів]}}
  energy:
    any: {en: [grid, "power line"], uk: ["енергет*"]}
    all: {en: [strike, =EU], uk: [удар]}
  grids: {all: {de: [Stromnetz, Angriff]}}
  ports: {query: '  title:port   (Odesa   OR topic:drones) NOT actor:nato '}
"""


def test_queries_and_lists_become_trees_of_one_language(load: Load) -> None:
    asked = {topic.id: (topic.query, topic.unless) for topic in load(TOPIC).watch.topics}
    assert asked == {
        "sanctions": ("", ""),
        "drones": ("", 'en:"drone show" OR uk:"шоу дронів"'),
        "energy": ('en:((grid OR "power line") strike =EU) OR uk:(енергет* удар)', ""),
        "grids": ("de:(Stromnetz Angriff)", ""),
        "ports": ("title:port (Odesa OR topic:drones) -actor:nato", ""),
    }


def test_lists_are_added_to_the_packs_and_queries_replace_them(load: Load, packs: Path) -> None:
    (packs / "small.yaml").write_text(PACK + "  a: {any: {en: [one]}}\n  b: {query: one}\n", "utf-8")
    topics = load("extends: small\ntopics: {a: {any: {en: [two]}}, b: {query: two}}").watch.topics
    assert [topic.query for topic in topics[-2:]] == ["en:(one OR two)", "two"]


def test_null_removes_and_new_ids_follow(load: Load) -> None:
    watch = load(
        """
        extends: small
        actors: {johnson: null, new: {last: {en: [Example]}}}
        topics: {drones: ~, new: {terms: {en: [x]}}}
        """
    ).watch
    assert [actor.id for actor in watch.actors] == ["putin", "nato", "new"]
    assert [topic.id for topic in watch.topics] == ["sanctions", "new"]


def test_body_of_ones_own(load: Load) -> None:
    (actor,) = load("actors: {g20: {kind: body, names: {en: [G20, Group of Twenty]}}}").watch.actors
    assert (actor.person, actor.last) == (False, {"en": ("G20", "Group of Twenty")})
    assert actor.label == {"en": "G20"}


def test_actor_known_by_a_nickname_only(load: Load) -> None:
    (actor,) = load("actors: {pope: {aliases: {en: [the Pope]}}}").watch.actors
    assert actor.label == {"en": "pope"}


def test_anchors_and_aliases(load: Load) -> None:
    config = load(
        """
        defaults: {headers: &common {X-A: a}}
        feeds: [{id: x, url: https://a.example/, headers: *common}]
        topics: {a: {terms: &terms {en: [word]}}, b: {terms: *terms}}
        """
    )
    assert config.feeds[0].headers == (("X-A", "a"),)
    assert config.watch.topics[0].terms == config.watch.topics[1].terms


def test_digest_tells_any_edit_of_any_file(load: Load, packs: Path) -> None:
    first = load("extends: small")
    assert load("extends: small").digest == first.digest
    assert load("extends: small # edited").digest != first.digest
    with (packs / "small.yaml").open("a") as file:
        file.write("# edited\n")
    assert load("extends: small").digest != first.digest


def test_pack_has_its_version(packs: Path) -> None:
    assert pack_names(packs) == ("small",)
    assert load_pack("small", packs).file.model_dump()["version"] == 3


@pytest.mark.parametrize("name", ["smal", "../packs/small", "README", "small.yaml", ""])
def test_pack_that_there_is_not(packs: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="there is no built-in watchlist"):
        load_pack(name, packs)


def test_mistake_in_a_pack_is_told_beside_those_of_the_file(load: Load, packs: Path) -> None:
    (packs / "broken.yaml").write_text("version: 0\ntopics: {a: {}}\nactors: {b: null}\n")
    with pytest.raises(ConfigError) as caught:
        load("extends: broken\nfeed: []\n")
    told = [(Path(found.source).name, found.line, found.message) for found in caught.value.findings]
    assert told == [
        ("feeds.yaml", 2, 'unknown key "feed"; did you mean "feeds"?'),
        ("broken.yaml", 1, '"version" is the number 0, but must be 1 or more'),
        ("broken.yaml", 2, 'topic "a" can never match; give it "terms", "any" or "query"'),
        ("broken.yaml", 3, '"b" cannot be removed: it is not built in; delete this line'),
    ]


def test_shipped_files_have_no_mistakes() -> None:
    path = Path(__file__).parents[2] / "feeds.yaml"
    if "ukraine" not in pack_names():
        pytest.skip("the pack is not there")
    config = load_config(path, environ={})
    assert config.feeds
    assert config.watch.actors
    assert config.watch.topics
