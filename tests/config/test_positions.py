"""Where keys and values stand, whatever the YAML around them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from monitor.config import plain, positions
from monitor.config.positions import Document, Location, read_document
from monitor.errors import ConfigError

TEXT = """\
# a comment
defaults: &d
  interval: 15m   # another
  headers: {X-A: "b", 'X-B': c}
feeds:
  - id: x
    title: >
      folded
      text
  - {id: y, title: Їжак, defaults: *d}
left_out:
last: 2024
"""


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return document_of(tmp_path, TEXT)


def document_of(folder: Path, text: str | bytes) -> Document:
    path = folder / "file.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_document(path)


@pytest.mark.parametrize(
    ("location", "key", "value"),
    [
        (("defaults",), (2, 1), (2, 11)),  # an anchor is part of its value
        (("defaults", "interval"), (3, 3), (3, 13)),
        (("defaults", "headers"), (4, 3), (4, 12)),
        (("defaults", "headers", "X-A"), (4, 13), (4, 18)),
        (("defaults", "headers", "X-B"), (4, 23), (4, 30)),
        (("feeds",), (5, 1), (6, 3)),
        (("feeds", 0), (6, 5), (6, 5)),
        (("feeds", 0, "title"), (7, 5), (7, 12)),
        (("feeds", 1, "title"), (10, 13), (10, 20)),
        (("feeds", 1, "defaults", "interval"), (3, 3), (3, 13)),  # an alias stands where its anchor does
        (("left_out",), (11, 1), (11, 1)),  # nothing has no place but its key
        (("last",), (12, 1), (12, 7)),
        (("feeds", 1, "absent"), (10, 26), (10, 5)),  # the mapping around it
        ((), (2, 1), (2, 1)),
    ],
)
def test_place(document: Document, location: Location, key: tuple[int, int], value: tuple[int, int]) -> None:
    at_value = document.at_value(location, "")
    assert (at_value.line, at_value.column) == value
    if document.has(location):
        at_key = document.at_key(location, "")
        assert (at_key.line, at_key.column) == key


def test_data(document: Document) -> None:
    defaults = {"interval": "15m", "headers": {"X-A": "b", "X-B": "c"}}
    feeds = [{"id": "x", "title": "folded text\n"}, {"id": "y", "title": "Їжак", "defaults": defaults}]
    assert document.data == {"defaults": defaults, "feeds": feeds, "left_out": None, "last": 2024}
    assert document.findings == ()
    assert document.written(("last",)) == "2024"


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("none", "none"),
        ("12", 12),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", 1000),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".inf", float("inf")),
        ("12:30", "12:30"),
        ("2024-02-31", "2024-02-31"),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("=", "="),
    ],
)
def test_scalars_of_yaml_1_2(tmp_path: Path, scalar: str, value: object) -> None:
    document = document_of(tmp_path, f"key: {scalar}\n")
    assert document.data == {"key": value}
    assert document.findings == ()


def test_byte_order_mark_and_windows_line_ends_do_not_move_places(tmp_path: Path) -> None:
    document = document_of(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    finding = document.at_value(("b",), "")
    assert (finding.line, finding.column) == (2, 4)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgh", min_size=1), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES.filter(bool))
def test_same_data_as_the_library_itself(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.mktemp("yaml") / "file.yaml"
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_unicode = False
    yaml.dump(value, path)
    expected = yaml.load(path)
    if expected is None:
        return
    document = read_document(path)
    assert document.data == expected
    for location in every(document.data, ()):
        assert document.has(location)


def every(value: object, location: Location) -> Iterator[Location]:
    yield location
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from every(inner, (*location, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from every(inner, (*location, index))


def test_alias_bomb_is_refused_before_it_grows(tmp_path: Path) -> None:
    levels = "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 10)}]\n" for n in range(1, 30))
    with pytest.raises(ConfigError, match=r'when what "[*]" repeats is written out'):
        document_of(tmp_path, "b0: &b0 [x, x, x, x]\n" + levels)


def test_file_of_too_many_values_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="too large or too deep"):
        document_of(tmp_path, "a: &a [" + "x," * 2000 + "]\nb: [" + "*a," * (plain.MAX_VALUES // 2000) + "]\n")


def test_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="larger than 5 MB"):
        document_of(tmp_path, b"#" * (positions.MAX_BYTES + 1))
