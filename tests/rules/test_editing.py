"""The guide for the person who edits feeds.yaml: each of its examples does what it says."""

import re
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from monitor.cli.main import app
from monitor.config import load_config
from monitor.config.models import ConfigFile
from monitor.core.matching import match_entry
from monitor.core.model import FeedSpec, RuleKind, WatchSpec
from monitor.core.query import tree
from monitor.core.query.format import format as written
from monitor.core.query.matcher import compile_query
from monitor.core.query.names import Names, check_names
from monitor.core.query.parse import parse
from monitor.core.query.pieces import FIELDS
from monitor.core.query.tree import Fact, Node, Origin, Rule, Term, walk
from monitor.core.watchlist import SCOPE_ID, Watchlist, compile_watchlist
from monitor.errors import ConfigError, QueryError
from tests.rules import guide

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECIPES = guide.recipes()
OPERATORS = guide.operators()
TRIED = {
    f"{recipe.heading.split('.')[0]}-{number}": (recipe, sample)
    for recipe in RECIPES
    for number, sample in enumerate(recipe.samples, 1)
}


# ── recipes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def plain(text: str) -> dict[str, dict[str, object]]:
    return dict(YAML(typ="safe").load(text))


def rules_of(recipe: guide.Recipe) -> set[str]:
    """The rules that a recipe is about: its actors and topics, else the scope."""
    data = plain(recipe.yaml)
    named = {*data.get("actors", {}), *data.get("topics", {})}
    return named or {SCOPE_ID}


@pytest.fixture(scope="module")
def feeds() -> dict[str, FeedSpec]:
    invented = FeedSpec(id="example-agency-en", title="Example Agency", url="https://agency.example/rss", language="en")
    shipped = load_config(ROOT / "feeds.yaml", environ={}).feeds
    return {spec.id: spec for spec in (*shipped, invented)}


def side_by_side() -> str:
    """All recipes in one feeds.yaml, over the built-in watchlist."""
    merged: dict[str, dict[str, object]] = {}
    for recipe in RECIPES:
        for section, entries in plain(recipe.yaml).items():
            if isinstance(entries, dict):
                below = merged.setdefault(section, {})
                for key, value in entries.items():
                    assert key not in below or section == "scope", f"two recipes have {section}.{key}"
                    below[key] = joined(below.get(key), value)
    return "extends: ukraine\n" + dumped(merged)


def joined(below: object, above: object) -> object:
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: joined(below.get(key), value) for key, value in above.items()}
    return [*below, *above] if isinstance(below, list) and isinstance(above, list) else above


def dumped(data: object) -> str:
    stream = StringIO()
    YAML(typ="safe", pure=True).dump(data, stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> WatchSpec:
    path = tmp_path_factory.mktemp("recipes") / "feeds.yaml"
    path.write_text(side_by_side(), encoding="utf-8")
    return load_config(path, environ={}).watch


@pytest.fixture(scope="module")
def watchlist(spec: WatchSpec) -> Watchlist:
    return compile_watchlist(spec)


def test_there_are_ten_recipes_and_each_is_tried() -> None:
    assert len(RECIPES) >= 10
    for recipe in RECIPES:
        if "feeds" not in plain(recipe.yaml):
            assert {sample.found for sample in recipe.samples} == {True, False}, recipe.heading


@pytest.mark.parametrize(("recipe", "sample"), TRIED.values(), ids=TRIED)
def test_a_recipe_finds_what_it_says(
    recipe: guide.Recipe, sample: guide.Sample, watchlist: Watchlist, feeds: dict[str, FeedSpec]
) -> None:
    entry, origin = guide.entry_of(sample.text, feeds)
    verdict = match_entry(watchlist, entry, now=NOW, origin=origin)
    assert bool(rules_of(recipe) & {match.rule for match in verdict.matches}) is sample.found


# ── the language ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda operator: operator.query)
def test_an_operator_finds_what_the_table_says(
    operator: guide.Operator, watchlist: Watchlist, feeds: dict[str, FeedSpec]
) -> None:
    node = parse(operator.query)
    assert parse(written(node)) == node
    matcher = compile_query(node, watchlist)
    for sample in operator.samples:
        entry, origin = guide.entry_of(sample.text, feeds)
        named = match_entry(watchlist, entry, now=NOW, origin=origin).matches
        assert (matcher.match(entry, origin, named) is not None) is sample.found, sample.text


def test_the_table_has_every_part_of_the_language() -> None:
    nodes: list[Node] = [node for operator in OPERATORS for node in walk(parse(operator.query))]
    assert {type(node) for node in nodes} == set(tree.Node.__args__)
    assert {node.origin for node in nodes if isinstance(node, Fact)} == set(Origin)
    assert {node.kind for node in nodes if isinstance(node, Rule)} == {RuleKind.ACTOR, RuleKind.TOPIC}
    terms = [node for node in nodes if isinstance(node, Term)]
    assert any(term.exact for term in terms)
    assert any(term.prefix for term in terms)
    assert any(term.language for term in terms)
    signs = " ".join(operator.query for operator in OPERATORS)
    assert [
        sign for sign in (*FIELDS, "AND", "OR", "NOT", " -", "NEAR/", "S(", "*", "=", '"') if sign not in signs
    ] == []


@pytest.mark.parametrize("query", guide.refused())
def test_what_the_guide_says_is_refused_is(query: str, spec: WatchSpec) -> None:
    with pytest.raises(QueryError):
        check_names(parse(query), names_of(spec), text=query)


def test_what_the_guide_advises_instead_is_taken() -> None:
    advised = re.findall(
        r"`(\(?\w+ [^`]*)`", "".join(re.findall(r"^\| `.*` \| (.*)$", guide.part("### What is refused"), re.MULTILINE))
    )
    assert len(advised) >= 3
    for query in advised:
        parse(query)


def names_of(spec: WatchSpec) -> Names:
    return Names(
        actors=frozenset(actor.id for actor in spec.actors),
        topics=frozenset(topic.id for topic in spec.topics),
        languages=frozenset({"en", "uk", "ru", "de", "fr", "pl"}),
        countries=frozenset({"UA", "RU", "GB"}),
        press=frozenset({"state", "public", "private", "agency", "official"}),
        slips={},
    )


def test_a_query_is_read_back_as_the_guide_shows(tmp_path: Path) -> None:
    shown = re.findall(r"^```sh\n.*? watch explain '(.*?)'\n```[^`]*```text\n(.*?)\n```", guide.TEXT, re.MULTILINE)
    assert len(shown) >= 2
    (tmp_path / "feeds.yaml").write_text("extends: ukraine\n", encoding="utf-8")
    for query, words in shown:
        result = CliRunner().invoke(app, ["--config", str(tmp_path / "feeds.yaml"), "watch", "explain", query])
        assert result.output.splitlines()[0] == words


# ── mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("wrong", guide.wrong_files(), ids=lambda wrong: wrong.told.splitlines()[0])
def test_a_mistake_looks_as_the_guide_shows(
    wrong: guide.Wrong, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("feeds.yaml").write_text(wrong.yaml, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(Path("feeds.yaml"), environ={})
    assert str(caught.value).splitlines() == wrong.told.splitlines()


def test_mistakes_are_shown() -> None:
    assert len(guide.wrong_files()) >= 2


# ── the page itself ──────────────────────────────────────────────────────────────────────────────────────────────────


def keys_of_the_models() -> set[str]:
    found = set(ConfigFile.model_fields)
    schema = ConfigFile.model_json_schema()
    for model in schema["$defs"].values():
        found |= set(model["properties"])
    return found


def test_the_prose_names_no_key_that_does_not_exist() -> None:
    prose = re.sub(r"^```.*?^```", "", guide.TEXT, flags=re.MULTILINE | re.DOTALL)
    prose = prose.replace(guide.part("### Operators"), "").replace(guide.part("### What is refused"), "")
    fields = {"title", "source", "lang", "country", "press", "actor", "topic", "de", "en", "uk"}
    named = set(re.findall(r"`([a-z_]+):(?: [^`]*)?`", prose))
    assert named - keys_of_the_models() - fields == {"yaml-language-server"} - {"yaml-language-server"}


def anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_the_table_of_contents_is_in_step() -> None:
    head, body = guide.TEXT.split("\n## ", 1)
    headings = re.findall(r"^## (.+)$", "## " + body, re.MULTILINE)
    assert re.findall(r"^- \[[^]]+\]\(#([^)]+)\)", head, re.MULTILINE) == [anchor(heading) for heading in headings]
