"""`feeds import` and `feeds export`: lists of other feed readers."""

from collections.abc import Mapping

import pytest

from monitor.config import load_config
from monitor.core.model import FeedSpec
from tests.e2e.place import Place

LIST = """<?xml version="1.0"?>
<opml version="1.0"><body>
<outline text="War">
  <outline text="Courier &amp; Co" xmlUrl="https://courier.example/rss?a=1&amp;b=2" language="en-us"/>
  <outline text="Twice" xmlUrl="https://COURIER.example:443/rss?a=1&amp;b=2"/>
  <outline text="Broken" xmlUrl="ftp://broken.example/"/>
  <outline text="One" xmlUrl="https://one.example/feed"/>
</outline>
<outline text="yes" xmlUrl="https://yes.example/"/>
</body></opml>
"""


def test_a_list_is_imported(place: Place) -> None:
    place.write({"one": "https://one.example/feed"})
    before = place.feeds.read_text()
    opml = place.folder / "list.opml"
    opml.write_text(LIST)
    dry = place.cli("feeds", "import", opml, "--dry-run")
    assert (dry.code, place.feeds.read_text()) == (1, before)
    assert "+  - id: courier-co-en" in dry.out
    shown = ["line 5: already there as courier-co-en", "line 7: already there as one"]
    shown.append("2 new, 2 already there, 1 left out (War: 1; no folder: 1)")
    assert dry.out.splitlines()[-4:] == [*shown, "nothing was written"]
    for answer in ("n\n", ""):
        refused = place.cli("feeds", "import", opml, stdin=answer)
        assert (refused.code, refused.out.rstrip().splitlines()[-3:], place.feeds.read_text()) == (1, shown, before)
        assert f"Add 2 feeds to {place.feeds}?" in refused.err
    done = place.cli("feeds", "import", opml, "--json", "--yes")
    assert done.err == f'{opml}:6: the address begins with "ftp://", but must be http:// or https://\n'
    assert [(one["state"], one.get("id"), one.get("folders")) for one in done.records] == [
        ("added", "courier-co-en", ["War"]),
        ("added", "yes", []),
        ("skipped", "courier-co-en", None),
        ("skipped", "one", None),
        ("mistake", None, None),
    ]
    assert place.feeds.read_text().startswith(before.rstrip("\n"))
    specs = {spec.id: spec for spec in load_config(place.feeds, environ={}).feeds}
    assert (specs["courier-co-en"].title, specs["courier-co-en"].language) == ("Courier & Co", "en")
    again = place.cli("feeds", "import", opml)
    assert (again.code, "Add " in again.err) == (1, False), "where nothing is new, nothing is asked"
    assert again.out.splitlines()[-2:] == ["0 new, 4 already there, 1 left out", "nothing was written"]


@pytest.mark.parametrize("words", [["--yes"], []])
def test_an_inner_list_is_imported(place: Place, words: list[str]) -> None:
    place.write({})
    opml = place.folder / "list.opml"
    opml.write_text('<opml><body><outline text="Новини Києва" xmlUrl="http://10.0.0.1/feed"/></body></opml>')
    done = place.cli("feeds", "import", opml, "--allow-private", *words, stdin="y\n")
    assert (done.code, done.out.splitlines()[-1].strip()) == (0, "1 added")
    [spec] = load_config(place.feeds, environ={}).feeds
    assert (spec.id, spec.allow_private) == ("novyny-kyieva", True)


@pytest.mark.parametrize("text", ["<opml><outline>" * 50_000, "<!DOCTYPE x><opml/>", "no list"])
def test_a_hostile_list_is_refused(place: Place, text: str) -> None:
    place.write({"one": "https://one.example/feed"})
    before = place.feeds.read_text()
    opml = place.folder / "list.opml"
    opml.write_text(text)
    done = place.cli("feeds", "import", opml)
    assert (done.code, done.out, place.feeds.read_text()) == (2, "", before)
    assert done.err.startswith(f"{opml}: line 1: ")
    missing = place.cli("feeds", "import", place.folder / "no.opml")
    assert (missing.code, "no such file" in missing.err) == (2, True)


def test_an_export_comes_back_whole(place: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Place(tmp_path_factory.mktemp("other"))
    place.write({"one": "https://one.example/feed?a=1&b=2"})
    more = (
        "  - {id: two, title: 'Two < \"2\"', url: 'https://two.example/', language: uk, country: UA, press: agency}\n"
    )
    rested = "  - {id: three, url: 'https://three.example/', enabled: false}\n"
    place.feeds.write_text(place.feeds.read_text().replace("    allow_private: true\n", "") + more + rested)
    (other.folder / "list.opml").write_text(place.cli("feeds", "export").out)
    other.write({})
    assert other.cli("feeds", "import", other.folder / "list.opml", "--yes").code == 0
    here, there = (load_config(one.feeds, environ={}).feeds for one in (place, other))
    assert by_id(there) == {name: spec for name, spec in by_id(here).items() if name != "three"}


def by_id(specs: tuple[FeedSpec, ...]) -> Mapping[str, FeedSpec]:
    return {spec.id: spec for spec in specs}
