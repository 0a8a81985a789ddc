"""An edit changes the lines it is about and nothing else, and holds no mistake."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.edit import Edit, adding, disabling, moving, removing, replace
from monitor.config.load import load_config
from monitor.config.positions import parse_document
from monitor.config.written import block, flow
from monitor.errors import ConfigError, InputError

FILE = """\
# What we watch.
feeds:
  # the first one
  - id: one   # keep me
    title: "One"
    url: https://one.example/feed

  - {id: two, title: Two, url: https://two.example/feed}
  - title: Three
    id: 'three'
    enabled: true   # for now
    url: https://three.example/feed   # the last one
# the end
"""
NEW = {"id": "four", "title": "Four: the news", "url": "https://four.example/feed?a=b#c", "country": None}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.yaml"
    path.write_text(FILE)
    path.chmod(0o640)
    return path


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def ids(path: Path) -> list[str]:
    return [spec.id for spec in load_config(path, environ={}).feeds]


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


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


def test_the_diff_shows_the_edit(file: Path) -> None:
    diff = moving(file, "two", "https://new.example/feed").diff()
    changed = [line for line in diff.splitlines() if line[0] in "+-"]
    assert changed == [
        "--- feeds.yaml",
        "+++ feeds.yaml",
        "-  - {id: two, title: Two, url: https://two.example/feed}",
        '+  - {id: two, title: Two, url: "https://new.example/feed"}',
    ]


# ── disabling ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_style_is_edited_and_every_other_byte_stays(file: Path) -> None:
    disabling(file, ["one", "two", "three"]).write()
    expected = (
        FILE.replace("keep me\n", "keep me\n    enabled: false\n")
        .replace("id: two", "id: two, enabled: false")
        .replace("enabled: true   #", "enabled: false   #")
    )
    assert file.read_text() == expected
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["feeds.yaml"]


EDITS: list[Callable[[Path], Edit]] = [
    lambda path: disabling(path, ["one", "four"]),
    lambda path: removing(path, "four"),
    lambda path: moving(path, "four", "https://four.example/"),
]


@pytest.mark.parametrize("edit", EDITS)
def test_an_unknown_feed_changes_nothing(file: Path, edit: Callable[[Path], Edit]) -> None:
    with pytest.raises(InputError, match="four"):
        edit(file)
    assert file.read_text() == FILE


# ── adding ───────────────────────────────────────────────────────────────────────────────────────────────────────────

ADDED = """\
  - id: four
    title: "Four: the news"
    url: "https://four.example/feed?a=b#c"
"""


def test_a_feed_is_added_at_the_end_of_the_list(file: Path) -> None:
    adding(file, [NEW]).write()
    assert file.read_text() == FILE.replace("# the last one\n", f"# the last one\n{ADDED}")
    assert ids(file) == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("feeds:\n- id: a\n  url: https://a.example/\n# end", "feeds:\n- id: a\n  url: https://a.example/\n{}\n# end"),
        ("feeds:\n- id: a\n  url: https://a.example/", "feeds:\n- id: a\n  url: https://a.example/\n{}"),
        ("extends: ukraine\n", "extends: ukraine\nfeeds:\n  {}\n"),
        ("extends: ukraine", "extends: ukraine\nfeeds:\n  {}\n"),
        ("feeds: []  # none yet\n", "feeds: \n  {}  # none yet\n"),
        ("feeds:\n  []\n", "feeds:\n  \n  {}\n"),
        (
            "feeds:\n    -   url: https://a.example/\n        id: a\nextends: ukraine\n",
            "feeds:\n    -   url: https://a.example/\n        id: a\n    {}\nextends: ukraine\n",
        ),
        ('feeds: [{id: a, url: "https://a.example/"}]\n', 'feeds: [{id: a, url: "https://a.example/"}, {}]\n'),
        (
            "\ufefffeeds:\n- {id: a, url: 'https://a.example/'}\n",
            "\ufefffeeds:\n- {id: a, url: 'https://a.example/'}\n{}\n",
        ),
        (
            "feeds:\r\n- id: a\r\n  url: https://a.example/\r\n",
            "feeds:\r\n- id: a\r\n  url: https://a.example/\r\n{}\r\n",
        ),
    ],
)
def test_every_layout_takes_a_feed(tmp_path: Path, text: str, after: str) -> None:
    path = write(tmp_path / "feeds.yaml", text)
    adding(path, [{"id": "four", "url": "https://four.example/"}]).write()
    got = path.read_bytes().decode()
    newline = "\r\n" if "\r" in text else "\n"
    column, pad = (4, "   ") if "-   url" in text else (2, " ") if "  {}" in after else (0, " ")
    item = f"-{pad}id: four{newline}{' ' * (column + 1 + len(pad))}url: https://four.example/"
    item = '{id: four, url: "https://four.example/"}' if "feeds: [{" in text else item
    assert got == after.replace("{}", item)
    assert ids(path)[-1] == "four"
    if len(ids(path)) > 1:
        removing(path, "four").write()
        assert path.read_bytes().decode().rstrip() == text.rstrip(), "what was added can be taken away"


@pytest.mark.parametrize(
    ("section", "reason"),
    [
        ({"id": "one", "url": "https://four.example/"}, "taken"),
        ({"id": "four", "url": "https://ONE.example:443/feed"}, "same address"),
        ({"id": "Four", "url": "https://four.example/"}, "small letters"),
        ({"id": "four", "url": "ftp://four.example/"}, "http"),
        ({"id": "four", "url": "https://four.example/", "language": "ua"}, "uk"),
        ({"id": "four", "url": "https://four.example/", "press": "free"}, "press"),
    ],
)
def test_doubles_and_mistakes_are_refused(file: Path, section: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        adding(file, [section])


def test_a_file_with_a_mistake_is_not_edited(tmp_path: Path) -> None:
    path = write(tmp_path / "feeds.yaml", "feeds:\n  - id: one\n")
    with pytest.raises(ConfigError, match="url"):
        adding(path, [{"id": "four", "url": "https://four.example/"}])


ANCHORED = """\
feeds:
  - {id: one, url: "https://one.example/", title: &name One}
  - id: two
    url: https://two.example/
    title: *name
"""


def test_what_a_hand_must_do_is_left_to_it(tmp_path: Path) -> None:
    path = write(tmp_path / "feeds.yaml", ANCHORED)
    with pytest.raises(InputError, match=r"shared by an anchor .* do it by hand"):
        removing(path, "one")
    assert path.read_text() == ANCHORED


def test_an_alias_is_replaced_and_not_what_it_stands_for(tmp_path: Path) -> None:
    text = ANCHORED.replace("title: &name One", "title: &name One, enabled: &on true").replace(
        "title: *name", "enabled: *on   # as one\n    title: *name"
    )
    path = write(tmp_path / "feeds.yaml", text)
    with pytest.raises(InputError, match="shared by an anchor"):
        disabling(path, ["one"])
    disabling(path, ["two"]).write()
    assert path.read_text() == text.replace("enabled: *on ", "enabled: false ")
    adding(path, [{"id": "four", "url": "https://four.example/"}]).write()
    assert path.read_text().endswith("    title: *name\n  - id: four\n    url: https://four.example/\n")
    removing(path, "two").write()
    assert ids(path) == ["one", "four"]


VALUES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff\ufffe\uffff"), min_size=1
)


@given(values=st.lists(VALUES, min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_every_text_is_read_as_it_was(values: list[str]) -> None:
    section: dict[str, Any] = {f"key{number}": value for number, value in enumerate(values)}
    section |= {"yes": True}
    for text in (block(section, dash=2, keys=4, newline="\n"), f"  - {flow(section)}"):
        document = parse_document("test", f"feeds:\n{text}\n".encode())
        assert document.data == {"feeds": [section]}


# ── removing and moving ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("one", '  - id: one   # keep me\n    title: "One"\n    url: https://one.example/feed\n'),
        ("two", "  - {id: two, title: Two, url: https://two.example/feed}\n"),
        ("three", FILE[FILE.index("  - title: Three") : FILE.index("# the end")]),
    ],
)
def test_a_feed_is_removed_with_its_lines(file: Path, name: str, gone: str) -> None:
    removing(file, name).write()
    assert file.read_text() == FILE.replace(gone, "")
    assert name not in ids(file)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("feeds:\n  - id: one\n    url: https://one.example/\n", "feeds:\n  []\n"),
        ("feeds: [{id: one, url: 'https://one.example/'}]\n", "feeds: []\n"),
        (
            "feeds: [{id: one, url: 'https://one.example/'}, {id: b, url: 'https://b.example/'}]",
            "feeds: [{id: b, url: 'https://b.example/'}]",
        ),
        (
            "feeds: [{id: b, url: 'https://b.example/'}, {id: one, url: 'https://one.example/'}]",
            "feeds: [{id: b, url: 'https://b.example/'}]",
        ),
        ("feeds: [{id: one, url: 'https://one.example/'},]\n", "feeds: []\n"),
    ],
)
def test_the_last_feed_leaves_an_empty_list(tmp_path: Path, text: str, after: str) -> None:
    path = write(tmp_path / "feeds.yaml", text)
    removing(path, "one").write()
    assert path.read_text() == after


def test_an_address_is_replaced_where_it_stands(file: Path) -> None:
    moving(file, "one", "https://new.example/feed").write()
    moving(file, "three", "https://new.example/three").write()
    wanted = FILE.replace("https://one.example/feed", "https://new.example/feed")
    assert file.read_text() == wanted.replace("https://three.example/feed", "https://new.example/three")
    with pytest.raises(InputError, match="same address"):
        moving(file, "two", "https://new.example/feed")


def test_the_shipped_file_is_edited_and_comes_back(tmp_path: Path) -> None:
    shipped = (Path(__file__).parents[2] / "feeds.yaml").read_bytes()
    path = tmp_path / "feeds.yaml"
    path.write_bytes(shipped)
    adding(path, [NEW]).write()
    assert path.read_bytes().startswith(shipped.rstrip())
    removing(path, "four").write()
    assert path.read_bytes() == shipped
