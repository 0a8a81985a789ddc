"""Edits of what is watched do what was wished in every style of YAML, and touch nothing else."""

import re
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from monitor.config.edit import (
    Edit,
    Step,
    adding,
    adding_topic,
    disabling,
    excluding,
    extending,
    moving,
    planned,
    querying,
    removing,
    removing_rule,
    switching_off,
)
from monitor.config.positions import parse_document
from monitor.errors import InputError
from tests.config.styles import FEEDS, Styled, styled

FILE = """\
# Mine.
extends: ukraine@1   # pinned

topics:
  # the first one
  grain:   # bread
    label: {en: Grain}   # shown
    query: 'wheat OR corn'   # what
  tanks: {query: tank}

  drones:
    none:
      en:
        - drone racing   # a sport
# the feeds
feeds: []
"""


def edited(text: str, *steps: Step) -> str:
    """Plan the steps on a text, write them, and return what the file holds then."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "feeds.yaml"
        path.write_bytes(text.encode())
        planned(path, *steps).write()
        assert [file.name for file in Path(folder).iterdir()] == ["feeds.yaml"]
        return path.read_bytes().decode()


def data_of(text: str) -> Any:
    return parse_document("x", text.encode()).data


NEW = {"label": {"en": "New: one", "uk": "Нова"}, "query": '"it\'s" NEAR/5 x', "scope": "none"}
BLOCK = """\
  new:
    label: {en: "New: one", uk: "Нова"}
    query: '"it''s" NEAR/5 x'
    scope: none
"""


def test_a_topic_is_added_behind_the_others() -> None:
    assert edited(FILE, adding_topic("new", NEW)) == FILE.replace("# a sport\n", f"# a sport\n{BLOCK}")


FLOW = 'new: {label: {en: "New: one", uk: "Нова"}, query: \'"it\'\'s" NEAR/5 x\', scope: none}'


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("feeds: []\n", f"topics:\n{BLOCK}\nfeeds: []\n"),
        ("# head\n\nfeeds: []", f"# head\n\ntopics:\n{BLOCK}\nfeeds: []"),
        ("extends: small  # x\nfeeds: []\n", f"extends: small  # x\n\ntopics:\n{BLOCK}\nfeeds: []\n"),
        (
            "extends: small\n\ndefaults:\n  interval: 1h\n\n# y\nfeeds: []\n",
            f"extends: small\n\ndefaults:\n  interval: 1h\n\ntopics:\n{BLOCK}\n# y\nfeeds: []\n",
        ),
        ("extends: small", f"extends: small\n\ntopics:\n{BLOCK}".rstrip("\n")),
        ("topics: {}\nfeeds: []\n", f"topics:\n{BLOCK}feeds: []\n"),
        ("topics: {}  # none\nfeeds: []\n", f"topics: {{{FLOW}}}  # none\nfeeds: []\n"),
        ("topics: {a: {terms: {en: [b]}}}\n", f"topics: {{a: {{terms: {{en: [b]}}}}, {FLOW}}}\n"),
        ("{feeds: [], topics: {}}\n", f"{{feeds: [], topics: {{{FLOW}}}}}\n"),
        ("{feeds: []}\n", f"{{feeds: [], topics: {{{FLOW}}}}}\n"),
        ("topics:\n    a:\n        query: >-\n            b\n\n# c\n", None),
    ],
)
def test_every_layout_takes_a_topic(text: str, after: str | None) -> None:
    if after is None:
        deep = BLOCK.replace("    ", "      ").replace("  new", "    new")
        after = text.replace("b\n", f"b\n{deep}")
    got = edited(text, adding_topic("new", NEW))
    assert got == after
    assert data_of(edited(got, removing_rule("topics", "new"))) == {"topics": {}} | data_of(text), (
        "what was added can be taken away"
    )


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("grain", "  grain:   # bread\n    label: {en: Grain}   # shown\n    query: 'wheat OR corn'   # what\n"),
        ("tanks", "  tanks: {query: tank}\n"),
        ("drones", "  drones:\n    none:\n      en:\n        - drone racing   # a sport\n"),
    ],
)
def test_a_topic_goes_with_its_lines(name: str, gone: str) -> None:
    assert edited(FILE, removing_rule("topics", name)) == FILE.replace(gone, "")


def test_the_last_topic_leaves_an_empty_mapping() -> None:
    text = "topics:\n  a:\n    query: b\n# end\n"
    assert edited(text, removing_rule("topics", "a")) == "topics: {}\n# end\n"
    text = "topics:   # mine\n  a: {query: b}   # x\n"
    assert edited(text, removing_rule("topics", "a")) == "topics:   # mine\n  {}\n"


def test_a_built_in_rule_is_switched_off() -> None:
    assert edited(FILE, switching_off("topics", "nato")) == FILE.replace("# a sport\n", "# a sport\n  nato: null\n")
    assert edited(FILE, switching_off("topics", "tanks")) == FILE.replace("{query: tank}", "null")
    off = FILE.replace("    label: {en: Grain}   # shown\n    query: 'wheat OR corn'   # what\n", "")
    assert edited(FILE, switching_off("topics", "grain")) == off.replace("grain:   #", "grain: null   #")
    actors = edited(FILE, switching_off("actors", "putin"))
    assert actors == FILE.replace("# the feeds", "\nactors:\n  putin: null\n\n# the feeds")


def test_a_query_is_replaced_where_it_stands() -> None:
    assert edited(FILE, querying("grain", "a -b")) == FILE.replace("'wheat OR corn'", "'a -b'")
    assert edited(FILE, querying("tanks", "it's")) == FILE.replace("query: tank", "query: 'it''s'")
    assert edited(FILE, querying("drones", "a")) == FILE.replace("# a sport\n", "# a sport\n    query: 'a'\n")
    folded = "topics:\n  a:\n    query: >-   # long\n      one\n      two\n\n    scope: none\n"
    after = edited(folded, querying("a", "three"))
    assert after == "topics:\n  a:\n    query: 'three'\n\n    scope: none\n"


def test_words_are_excluded() -> None:
    assert edited(FILE, excluding("drones", "en", ["race", "a: b"])) == FILE.replace(
        "# a sport\n", '# a sport\n        - race\n        - "a: b"\n'
    )
    assert edited(FILE, excluding("drones", "uk", ["гонка"])) == FILE.replace(
        "# a sport\n", '# a sport\n      uk: ["гонка"]\n'
    )
    assert edited(FILE, excluding("tanks", "en", ["fish"])) == FILE.replace(
        "{query: tank}", "{query: tank, none: {en: [fish]}}"
    )
    assert edited(FILE, excluding("nato", "en", ["x"])) == FILE.replace(
        "# a sport\n", "# a sport\n  nato:\n    none: {en: [x]}\n"
    )


def test_the_pin_is_written() -> None:
    assert edited(FILE, extending("ukraine@12")) == FILE.replace("ukraine@1 ", "ukraine@12 ")
    assert edited("# a\nfeeds: []\n", extending("ukraine@2")) == "# a\nextends: ukraine@2\nfeeds: []\n"
    assert edited("extends: 'ukraine'\n", extending("ukraine@2")) == "extends: ukraine@2\n"


def test_several_steps_are_one_edit() -> None:
    got = edited(FILE, extending("ukraine@2"), removing_rule("topics", "grain"), removing_rule("topics", "tanks"))
    assert data_of(got) == {
        "extends": "ukraine@2",
        "topics": {"drones": {"none": {"en": ["drone racing"]}}},
        "feeds": [],
    }


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (adding_topic("New", NEW), "small letters"),
        (adding_topic("new", {"query": "x", "scope": "all"}), "scope"),
        (adding_topic("new", {"label": {"ua": "X"}, "query": "x"}), 'did you mean "uk"'),
        (excluding("drones", "xx", ["a"]), "language code"),
        (excluding("drones", "en", ["*"]), "can never match"),
    ],
)
def test_mistakes_are_refused_before_anything_is_written(step: Step, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        edited(FILE, step)


ANCHORED = """\
topics:
  a: &one
    query: 'x'
    none: &words {en: [b]}
  b: *one
  c:
    query: 'y'
    none: *words
"""


@pytest.mark.parametrize(
    "step",
    [
        querying("a", "z"),
        querying("b", "z"),
        excluding("a", "en", ["z"]),
        excluding("c", "en", ["z"]),
        excluding("b", "uk", ["z"]),
        removing_rule("topics", "a"),
    ],
)
def test_what_others_share_is_not_changed_in_silence(step: Step) -> None:
    with pytest.raises(InputError, match="shared by an anchor"):
        edited(ANCHORED, step)


def test_an_alias_itself_may_go() -> None:
    assert edited(ANCHORED, removing_rule("topics", "b")) == ANCHORED.replace("  b: *one\n", "")
    assert edited(ANCHORED, switching_off("topics", "b")) == ANCHORED.replace("*one", "null")
    assert edited(ANCHORED, querying("c", "z")) == ANCHORED.replace("'y'", "'z'")
    assert edited(ANCHORED, adding_topic("d", {"query": "z"})) == f"{ANCHORED}  d:\n    query: 'z'\n"


# ── in every style ───────────────────────────────────────────────────────────────────────────────────────────────────


def steps(topics: tuple[str, ...]) -> st.SearchStrategy[tuple[Step, str, Callable[[Any], None]]]:
    """Draw an edit: the step, the topic that it is about, and what it shall do to the data."""
    one = st.sampled_from(topics) if topics else st.nothing()

    def added(data: Any) -> None:
        data.setdefault("topics", {})["new"] = deepcopy(NEW)

    def gone(name: str) -> Callable[[Any], None]:
        return lambda data: data["topics"].pop(name)

    def off(name: str) -> Callable[[Any], None]:
        return lambda data: data.setdefault("topics", {}).update({name: None})

    def asked(name: str) -> Callable[[Any], None]:
        return lambda data: data["topics"][name].update(query="a 'b' # c")

    def without(name: str) -> Callable[[Any], None]:
        return lambda data: data.setdefault("topics", {}).setdefault(name, {}).update(none={"uk": ["слово", "b: c"]})

    return st.one_of(
        st.just((adding_topic("new", NEW), "new", added)),
        one.map(lambda name: (removing_rule("topics", name), name, gone(name))),
        st.one_of(one, st.just("other")).map(lambda name: (switching_off("topics", name), name, off(name))),
        one.map(lambda name: (querying(name, "a 'b' # c"), name, asked(name))),
        st.one_of(one, st.just("other")).map(
            lambda name: (excluding(name, "uk", ["слово", "b: c"]), name, without(name))
        ),
        st.just((extending("ukraine@2"), "extends", lambda data: data.update(extends="ukraine@2"))),
    )


@given(data=st.data(), file=styled())
@settings(max_examples=400, deadline=None)
def test_in_every_style_the_wish_is_done_and_the_rest_stays(data: st.DataObject, file: Styled) -> None:
    step, name, act = data.draw(steps(file.topics))
    before = file.raw.decode()
    wanted: Any = parse_document("x", file.raw).data
    act(wanted)
    after = edited_or_none(before, step)
    if after is None:
        event("left to the hand")
        assert file.shared, "only what is shared may be refused"
        return
    assert data_of(after) == wanted
    assert kept(before, name) == kept(after, name)
    assert after.startswith("\ufeff") == before.startswith("\ufeff")
    assert ("\r\n" in before) == ("\r\n" in after) or "\n" not in before
    assert "\r\n" not in before or not re.search(r"(?<!\r)\n", after)


FEED_EDITS: list[tuple[str, Callable[[Path], Edit], Callable[[Any], None]]] = [
    (
        "new",
        lambda path: adding(path, [{"id": "new", "url": "https://new.example/", "title": "a: b"}]),
        lambda data: data["feeds"].append({"id": "new", "url": "https://new.example/", "title": "a: b"}),
    ),
    *[
        edit
        for at, name in enumerate(FEEDS)
        for edit in (
            (name, partial(removing, name=name), lambda data, at=at: data["feeds"].pop(at)),
            (name, partial(disabling, ids=[name]), lambda data, at=at: data["feeds"][at].update(enabled=False)),
            (
                name,
                partial(moving, name=name, url="https://new.example/?a=b"),
                lambda data, at=at: data["feeds"][at].update(url="https://new.example/?a=b"),
            ),
        )
    ],
]


@given(file=styled(), chosen=st.sampled_from(FEED_EDITS))
@settings(max_examples=300, deadline=None)
def test_in_every_style_a_feed_is_edited_and_the_rest_stays(
    file: Styled, chosen: tuple[str, Callable[[Path], Edit], Callable[[Any], None]]
) -> None:
    name, plan, act = chosen
    before = file.raw.decode()
    wanted = data_of(before)
    act(wanted)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "feeds.yaml"
        path.write_bytes(file.raw)
        plan(path).write()
        after = path.read_bytes().decode()
    assert data_of(after) == wanted
    assert kept(before, name) == kept(after, name)
    assert "\r\n" not in before or not re.search(r"(?<!\r)\n", after)


def edited_or_none(text: str, step: Step) -> str | None:
    try:
        return edited(text, step)
    except InputError:
        return None


def kept(text: str, name: str) -> list[str]:
    """Return what must stay: all marks that are not of this topic, in their order."""
    marks = re.findall(r"markt\dq?|note\d+(?:@\w\w)?\.|defaults|feeds|https://\w+\.example/", text)
    own = (f"mark{name}", f"mark{name}q", f"https://{name}.example/", "https://new.example/")
    return [mark for mark in marks if mark not in own and not mark.endswith(f"@{name}.")]
