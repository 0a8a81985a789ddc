"""Disabling a feed changes one line and nothing else."""

from pathlib import Path

import pytest

from monitor.config.edit import disable, replace
from monitor.errors import InputError

FILE = """\
# What we watch.
extends: ukraine
feeds:
  # the first one
  - id: one   # keep me
    title: "One"
    url: https://one.example/feed

  - {id: two, title: Two, url: https://two.example/feed}
  - title: Three
    id: 'three'
    enabled: true   # for now
    url: https://three.example/feed
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text(FILE)
    path.chmod(0o640)
    return path


def test_every_style_is_edited_and_every_other_byte_stays(file: Path) -> None:
    disable(file, ["one", "two", "three"])
    expected = (
        FILE.replace("keep me\n", "keep me\n    enabled: false\n")
        .replace("id: two", "id: two, enabled: false")
        .replace("enabled: true   #", "enabled: false   #")
    )
    assert file.read_text() == expected
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["feeds.yaml"]


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    disable(link, ["one"])
    assert link.is_symlink()
    assert "enabled: false" in file.read_text()


def test_an_unknown_feed_changes_nothing(file: Path) -> None:
    with pytest.raises(InputError, match="four"):
        disable(file, ["one", "four"])
    assert file.read_text() == FILE


def test_a_file_that_changed_underneath_is_left_alone(file: Path) -> None:
    with pytest.raises(InputError, match="somebody else"):
        replace(file, b"what I read", b"what I would write")
    assert file.read_text() == FILE


def test_an_anchored_feed_is_not_edited_blindly(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    text = "feeds:\n  - &one {id: one, title: One, url: https://one.example/}\n  - *one\n"
    path.write_text(text)
    with pytest.raises(InputError, match="by hand"):
        disable(path, ["one"])
    assert path.read_text() == text
