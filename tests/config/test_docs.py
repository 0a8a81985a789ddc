"""docs/editing.md, docs/configuration.md and .env.example say what the code does."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from monitor.config import models
from monitor.core.model import FeedSpec
from monitor.settings import Settings, load_settings, needed, variable

ROOT = Path(__file__).parents[2]
GUIDE, VARIABLES, MAKERS = (
    (ROOT / "docs" / name).read_text("utf-8") for name in ("editing.md", "configuration.md", "contributing.md")
)
SECTIONS: dict[str, type[BaseModel]] = {
    "Top level": models.ConfigFile,
    "defaults": models.DefaultsSection,
    "feeds": models.FeedSection,
    "auth": models.SignInSection,
    "proxy": models.ProxySection,
    "scope": models.ScopeSection,
    "actors": models.ActorSection,
    "titles": models.TitleSection,
    "topics": models.TopicSection,
    "A pack": models.PackFile,
}
TOLD_ELSEWHERE: dict[type[BaseModel], type[BaseModel]] = {
    models.FeedSection: models.DefaultsSection,
    models.PackFile: models.WatchFile,
}


def rows(heading: str, page: str = GUIDE) -> dict[str, tuple[str, str, str]]:
    """Name → type, default, meaning, from the table under the heading."""
    section = re.split(r"^#{2,3} ", page, flags=re.MULTILINE)
    (text,) = (part for part in section if part.startswith(heading + "\n"))
    cells = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \| (.*) \|$", text.replace("|  |", "| - |"), flags=re.MULTILINE)
    return {name: (kind, default, meaning) for name, kind, default, meaning in cells}


@pytest.mark.parametrize(("heading", "model"), SECTIONS.items())
def test_keys_of_feeds_yaml(heading: str, model: type[BaseModel]) -> None:
    told = {name: meaning for name, (_, _, meaning) in rows(heading, MAKERS if heading == "A pack" else GUIDE).items()}
    inherited = TOLD_ELSEWHERE.get(model)
    known = {
        name: info.description
        for name, info in model.model_fields.items()
        if inherited is None or name not in inherited.model_fields
    }
    assert told == known


def test_defaults_of_a_feed() -> None:
    told = {name: default.strip("`") for name, (_, default, _) in rows("defaults").items()}
    feed = FeedSpec(id="x", title="x", url="x")
    assert told["interval"] == f"{feed.interval.seconds // 60}m"
    assert told["timeout"] == f"{feed.timeout.seconds}s"
    assert told["enabled"] == str(feed.enabled).lower()


def shown_default(name: str, info: FieldInfo) -> str:
    if info.default_factory or info.default is None:
        return "-"
    if name.endswith("_bytes"):
        return f"`{info.default // 2**20} MiB`"
    if isinstance(info.default, bool):
        return f"`{str(info.default).lower()}`"
    return f"`{info.default:g}`" if isinstance(info.default, float) else f"`{info.default}`"


def test_table_of_variables() -> None:
    known = {
        variable(name): (needed(name), shown_default(name, info), info.description)
        for name, info in Settings.model_fields.items()
    }
    assert rows("Variables", VARIABLES) == known


def test_there_is_one_table_of_variables() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        listed = re.findall(r"^\| `MONITOR_\w+` \|", page.read_text("utf-8"), flags=re.MULTILINE)
        assert not listed or page.name == "configuration.md"


def test_example_names_every_variable_and_would_be_accepted(tmp_path: Path) -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    settings = re.findall(r"^# (MONITOR_\w+)=", text, flags=re.MULTILINE)
    assert settings == [*map(variable, Settings.model_fields), "MONITOR_EXAMPLE_TOKEN"]
    uncommented = tmp_path / ".env"
    uncommented.write_text(re.sub(r"^# (MONITOR_\w+=)", r"\1", text, flags=re.MULTILINE), "utf-8")
    given = load_settings({}, uncommented)
    for name, info in Settings.model_fields.items():
        if shown_default(name, info) != "-" and name != "sender":
            assert getattr(given, name) == info.default


def test_example_as_shipped_sets_nothing() -> None:
    assert load_settings({}, ROOT / ".env.example") == Settings()
