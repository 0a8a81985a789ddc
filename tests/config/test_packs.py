"""Which version of a built-in watchlist counts, and what is kept of one that was in use."""

import json
from pathlib import Path

import pytest

from monitor.config import Loaded, load_config, load_pack, load_watched, pack_names
from monitor.config.packs import find_pack, pin, version_of
from monitor.errors import ConfigError

ONE = """\
# A small one.
version: 1   # the first
scope: {strong: {en: [Ukraine]}}
topics: {sanctions: {terms: {en: [sanctions]}}}
"""
TWO = ONE.replace("version: 1   # the first", "version: 2").replace("[sanctions]", "[sanctions, embargo]")


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    folder = tmp_path / "packs"
    folder.mkdir()
    release(folder, ONE, "uk: Суми")
    return folder


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "var" / "packs"


def release(packs: Path, text: str, places: str = "") -> None:
    (packs / "small.yaml").write_text(text, "utf-8")
    (packs / "small.places.txt").write_text(places, "utf-8")


def load(packs: Path, kept: Path | None, extends: str) -> Loaded:
    file = packs.parent / "feeds.yaml"
    file.write_text(f"extends: {extends}\n", "utf-8")
    return load_watched(file, environ={}, folder=packs.parent / "cache", packs=packs, kept=kept)


def terms(packs: Path, kept: Path | None, extends: str) -> dict[str, tuple[str, ...]]:
    """Return the topic's words; the same must count for the matcher, which reads a cache."""
    loaded = load(packs, kept, extends)
    config = load_config(packs.parent / "feeds.yaml", environ={}, packs=packs, kept=kept)
    words = dict(config.watch.topics[0].terms)
    [told] = [json.loads(rule.text) for rule in loaded.watchlist.rules if rule.id == "sanctions"]
    assert told["terms"] == {language: list(listed) for language, listed in words.items()}
    assert (loaded.pack, loaded.warnings) == (config.pack, config.warnings)
    return words


# ── which one counts ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_newest_is_followed_and_nothing_is_kept(packs: Path, kept: Path) -> None:
    assert terms(packs, kept, "small") == {"en": ("sanctions",)}
    release(packs, TWO)
    assert terms(packs, kept, "small") == {"en": ("sanctions", "embargo")}
    assert not kept.exists()


def test_a_pin_keeps_what_was_in_use_words_and_places(packs: Path, kept: Path) -> None:
    assert terms(packs, kept, "small@1") == {"en": ("sanctions",)}
    assert {file.name: file.read_text("utf-8") for file in (kept / "small@1").iterdir()} == {
        "small.yaml": ONE,
        "small.places.txt": "uk: Суми",
    }
    assert [folder.name for folder in kept.iterdir()] == ["small@1"], "nothing half made lies beside it"
    release(packs, TWO)
    assert terms(packs, kept, "small@1") == {"en": ("sanctions",)}
    loaded = load(packs, kept, "small@1")
    assert loaded.warnings == ()
    assert loaded.pack is not None
    assert (loaded.pack.version, loaded.pack.newest, loaded.pack.behind) == (1, 2, True)
    assert loaded.pack.waiting is not None
    assert loaded.pack.waiting.startswith("a newer built-in watchlist waits: small@2 (in use: small@1);")
    config = load_config(packs.parent / "feeds.yaml", environ={}, packs=packs, kept=kept)
    assert config.watch.scope.places == {"uk": ("Суми",)}
    assert terms(packs, kept, "small@2") == {"en": ("sanctions", "embargo")}
    assert sorted(folder.name for folder in kept.iterdir()) == ["small@1", "small@2"]


@pytest.mark.parametrize("folder", [True, False])
def test_a_version_that_is_not_there_is_the_newest_with_a_warning(packs: Path, kept: Path, folder: bool) -> None:
    release(packs, TWO)
    assert terms(packs, kept if folder else None, "small@1") == {"en": ("sanctions", "embargo")}
    [warning] = load(packs, kept if folder else None, "small@1").warnings
    where = f" in {kept}" if folder else ""
    reason = f"that one was not kept{where}"
    assert (warning.line, warning.column) == (1, 10)
    assert warning.message == (f'"small@1" is not what counts, but version 2, which comes with this program: {reason}')
    assert not kept.exists(), "what does not count is not kept under a false name"


def test_a_removal_that_the_stand_in_does_not_need_is_no_mistake(packs: Path, kept: Path) -> None:
    """Else there would be no watchlist at all."""
    release(packs, TWO)
    removal = "\ntopics: {former: null, mine: {terms: {en: [x]}}}"
    assert {rule.id for rule in load(packs, kept, f"small@1{removal}").watchlist.rules} >= {"sanctions", "mine"}
    with pytest.raises(ConfigError, match='"former" cannot be removed: it is not built in'):
        load(packs, kept, f"small@2{removal}")


@pytest.mark.parametrize("broken", ["version: 1\ntopics: [", ONE.replace("topics", "topic"), TWO, None])
def test_a_copy_that_cannot_be_used_gives_way_to_the_newest(packs: Path, kept: Path, broken: str | None) -> None:
    load(packs, kept, "small@1")
    copy = kept / "small@1" / "small.yaml"
    copy.write_text(broken, "utf-8") if broken else copy.unlink()
    release(packs, TWO)
    assert terms(packs, kept, "small@1") == {"en": ("sanctions", "embargo")}
    [warning] = load(packs, kept, "small@1").warnings
    assert "is not what counts, but version 2" in warning.message


def test_a_watchlist_that_the_program_lost_is_still_there(packs: Path, kept: Path) -> None:
    load(packs, kept, "small@1")
    (packs / "small.yaml").unlink()
    assert terms(packs, kept, "small@1") == {"en": ("sanctions",)}
    with pytest.raises(ConfigError, match='there is no built-in watchlist "small@2": that one was not kept'):
        load(packs, kept, "small@2")


@pytest.mark.parametrize(
    ("extends", "message"),
    [
        ("small@", '"small@" names no version; write "small", or a whole number: "small@1"'),
        ("small@two", '"small@two" names no version; write "small", or a whole number: "small@1"'),
        ("small@0", '"small@0" names no version; write "small", or a whole number: "small@1"'),
        ("small@1@2", '"small@1@2" names no version; write "small", or a whole number: "small@1"'),
        ("smal@1", 'there is no built-in watchlist "smal@1"; did you mean "small"?'),
        ("../small@1", 'there is no built-in watchlist "../small@1"; did you mean "small"?'),
    ],
)
def test_what_names_no_version_is_told(packs: Path, kept: Path, extends: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(packs, kept, f'"{extends}"')
    [finding] = caught.value.findings
    assert (finding.line, finding.column) == (1, 10)
    assert finding.message.startswith(message)


# ── keeping ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_copy_follows_a_change_under_the_same_version(packs: Path, kept: Path) -> None:
    load(packs, kept, "small@1")
    before = (kept / "small@1").stat().st_ino
    load(packs, kept, "small@1")
    assert (kept / "small@1").stat().st_ino == before, "the same files are not written again"
    release(packs, ONE + "# mended\n")
    load(packs, kept, "small@1")
    assert (kept / "small@1" / "small.yaml").read_text("utf-8") == ONE + "# mended\n"
    assert [folder.name for folder in kept.iterdir()] == ["small@1"]


def test_what_cannot_be_kept_is_told_and_counts_all_the_same(packs: Path, kept: Path) -> None:
    kept.parent.mkdir()
    kept.write_text("a file stands in the way")
    [warning] = load(packs, kept, "small@1").warnings
    assert "cannot be kept" in warning.message
    assert "after an upgrade of the program its newest version would count" in warning.message
    assert load(packs, kept, "small@1").watchlist.rules


def test_reading_alone_keeps_nothing(packs: Path, kept: Path) -> None:
    file = packs.parent / "feeds.yaml"
    file.write_text("extends: small@1\n")
    load_config(file, environ={}, packs=packs, kept=kept)
    assert not kept.exists()


def test_a_file_with_mistakes_keeps_nothing(packs: Path, kept: Path) -> None:
    with pytest.raises(ConfigError):
        load(packs, kept, "small@1\nnonsense: 1")
    assert not kept.exists()


def test_the_version_is_found_as_the_model_reads_it(tmp_path: Path) -> None:
    for name in pack_names():
        assert version_of(name) == load_pack(name).file.model_dump()["version"]
    for text, version in ((ONE, 1), (TWO, 2), ("scope: {}\n", 1), ("topics: {}\nversion: 12\r\n", 12)):
        (tmp_path / "x.yaml").write_bytes(text.encode())
        assert version_of("x", tmp_path) == version == load_pack("x", tmp_path).file.model_dump()["version"]
    assert version_of("y", tmp_path) is None


def test_the_shipped_one_is_kept_whole(tmp_path: Path) -> None:
    pack = find_pack(pin("ukraine", version_of("ukraine") or 0))
    assert pack.keep(tmp_path).warnings == ()
    copy = tmp_path / pin("ukraine", pack.version)
    assert load_pack("ukraine", copy).file == load_pack("ukraine").file
    assert [(copy / f"ukraine{ending}").read_bytes() for ending in (".yaml", ".places.txt")] == pack.files()
