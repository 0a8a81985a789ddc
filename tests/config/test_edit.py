"""An edit changes the lines it is about and nothing else, and holds no mistake."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.config.edit import Edit, adding, disabling, moving, removing
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
