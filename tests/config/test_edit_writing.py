"""An edit is written in one step, or not at all: whoever changed the file meanwhile is not written over."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.config.edit import disabling, moving, removing, replace
from monitor.errors import InputError
from tests.config.test_edit import FILE, ids


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text(FILE)
    path.chmod(0o640)
    return path


def left(file: Path) -> list[str]:
    return sorted(path.name for path in file.parent.iterdir())


def rewritten(file: Path) -> None:
    file.write_text(FILE + "# more\n")


def renamed_over(file: Path) -> None:
    new = file.with_suffix(".new")
    new.write_text(FILE + "# more\n")
    new.replace(file)


def cut_off(file: Path) -> None:
    with file.open("r+b") as open_file:
        open_file.truncate(20)


def one_byte(file: Path) -> None:
    file.write_text(FILE.replace("What we", "What WE"))


@pytest.mark.parametrize("change", [rewritten, renamed_over, cut_off, one_byte])
def test_a_file_that_changed_underneath_is_left_alone(file: Path, change: Callable[[Path], None]) -> None:
    edit = removing(file, "one")
    change(file)
    found = file.read_bytes()
    with pytest.raises(InputError, match=r"feeds.yaml was changed by somebody else meanwhile; nothing was written"):
        edit.write()
    assert file.read_bytes() == found
    assert left(file) == ["feeds.yaml"]


def test_the_second_of_two_edits_is_refused(file: Path) -> None:
    first, second = removing(file, "one"), moving(file, "two", "https://new.example/feed")
    first.write()
    with pytest.raises(InputError, match="somebody else"):
        second.write()
    assert ids(file) == ["two", "three"]


def test_a_file_that_is_gone_stays_gone(file: Path) -> None:
    edit = removing(file, "one")
    file.unlink()
    with pytest.raises(InputError, match=r"feeds.yaml is not there any more; nothing was written"):
        edit.write()
    assert left(file) == []


def test_a_read_only_file_is_left_alone(file: Path) -> None:
    file.chmod(0o440)
    with pytest.raises(InputError, match=r"feeds.yaml is read-only; nothing was written"):
        removing(file, "one").write()
    assert (file.read_text(), left(file)) == (FILE, ["feeds.yaml"])


def test_what_cannot_be_replaced_is_told(tmp_path: Path) -> None:
    """A directory stands for a mounted file: both take no renaming over them."""
    target = tmp_path / "feeds.yaml"
    target.mkdir()
    with pytest.raises(InputError, match=r"feeds.yaml cannot be replaced \(is a directory\); nothing was written"):
        replace(target, b"", b"x")
    assert left(target) == ["feeds.yaml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_read_only_folder_is_told(file: Path) -> None:
    file.parent.chmod(0o555)
    try:
        with pytest.raises(InputError, match=r"cannot be replaced \(permission denied\); nothing was written"):
            removing(file, "one").write()
    finally:
        file.parent.chmod(0o755)
    assert (file.read_text(), left(file)) == (FILE, ["feeds.yaml"])


@pytest.mark.parametrize("steps", [1, 3])
def test_a_link_stays_a_link(file: Path, tmp_path: Path, steps: int) -> None:
    """As a config map is mounted: a link to a link, into another folder."""
    target = file
    for number in range(steps):
        folder = tmp_path / f"folder{number}"
        folder.mkdir()
        link = folder / "link.yaml"
        link.symlink_to(os.path.relpath(target, folder))
        target = link
    disabling(target, ["one"]).write()
    assert target.is_symlink()
    assert "enabled: false" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o640
    assert left(target) == ["link.yaml"]


def test_a_link_that_was_turned_meanwhile_is_not_followed_blindly(file: Path, tmp_path: Path) -> None:
    link, other = tmp_path / "link.yaml", tmp_path / "other.yaml"
    other.write_text("feeds: []\n")
    link.symlink_to(file)
    edit = removing(link, "one")
    link.unlink()
    link.symlink_to(other)
    with pytest.raises(InputError, match="somebody else"):
        edit.write()
    assert (file.read_text(), other.read_text()) == (FILE, "feeds: []\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser gives files away")
def test_the_owner_stays(file: Path) -> None:
    os.chown(file, 1234, 2345)
    removing(file, "one").write()
    found = file.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1234, 2345, 0o640)
