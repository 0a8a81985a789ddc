"""The JSON Schema that editors use says the same as the program."""

from pathlib import Path

import pytest

from monitor.config import json_schema
from monitor.config.schema import rendered

FILE = Path(__file__).parents[2] / "docs" / "feeds.schema.json"


def test_file_is_current() -> None:
    assert FILE.read_text("utf-8") == rendered(), (
        "the models changed: python -m monitor.config.schema > docs/feeds.schema.json"
    )


def test_models_of_every_section_are_closed_and_told() -> None:
    definitions = json_schema()["$defs"]
    assert isinstance(definitions, dict)
    for name, model in definitions.items():
        assert model["description"], name
        assert model["additionalProperties"] is False or name == "TitleSection"
        for key, field in model["properties"].items():
            assert field["description"], key


@pytest.mark.parametrize(
    ("section", "key", "part", "expected"),
    [
        ("FeedSection", "press", "enum", ["state", "public", "private", "agency", "official"]),
        ("FeedSection", "interval", "pattern", "^[1-9][0-9]{0,5}[smhd]$"),
        ("FeedSection", "enabled", "type", "boolean"),
        ("TitleSection", "since", "format", "date"),
        ("TopicSection", "scope", "enum", ["required", "none"]),
    ],
)
def test_choices_reach_the_editor(section: str, key: str, part: str, expected: object) -> None:
    definitions = json_schema()["$defs"]
    assert isinstance(definitions, dict)
    assert definitions[section]["properties"][key][part] == expected


def test_null_is_offered_for_actors_and_topics_only() -> None:
    schema = json_schema()
    text = rendered()
    assert text.count('"null"') == 2
    properties = schema["properties"]
    assert isinstance(properties, dict)
    for key in ("actors", "topics"):
        (entry,) = properties[key]["patternProperties"].values()
        assert {"type": "null"} in entry["anyOf"]


def test_required_keys() -> None:
    definitions = json_schema()["$defs"]
    assert isinstance(definitions, dict)
    assert {name: model["required"] for name, model in definitions.items() if "required" in model} == {
        "FeedSection": ["id", "url"],
        "ProxySection": ["url"],
        "SignInSection": ["user", "password"],
    }
