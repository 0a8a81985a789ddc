"""`feeds add`, `remove`, `repair`, `import`, `export`, against servers on loopback."""

from collections.abc import Mapping

import pytest

from monitor.config import load_config
from monitor.core.model import FeedSpec
from tests.e2e.place import WATCH, Done, Place
from tests.e2e.servers import Background, FeedServer, Reply, document, moved

PAGE = """<html><head><title>Courier</title>
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed">
<link rel="alternate" type="application/rss+xml" title="All" href="/all">
</head><body><a href="/rss/sport">Sport</a></body></html>"""


def page(html: str) -> Reply:
    return Reply(body=html.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


@pytest.fixture
def site(place: Place, server: FeedServer) -> FeedServer:
    """A site with a page, three feeds that it names, and an empty list of feeds beside it."""
    place.environ["MONITOR_ALLOW_PRIVATE"] = "true"
    place.write({})
    server.replies |= {
        "news": page(PAGE),
        "all": document("Drones over Kyiv", "Grain leaves Odesa", "A third headline", "A fourth"),
        "rss/sport": document("A match"),
        "comments/feed": document("I think"),
    }
    return server


def urls(place: Place) -> dict[str, str]:
    return {spec.id: spec.url for spec in load_config(place.feeds, environ={}).feeds}


# ── add ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_feed_behind_a_page_is_shown_and_added(place: Place, site: FeedServer) -> None:
    done = place.cli("feeds", "add", site.url("news"), stdin="1\ny\n")
    assert (done.code, "Which one?" in done.err) == (0, True), done
    assert urls(place) == {"courier-en": site.url("all")}
    shown = done.out.splitlines()
    assert shown[0] == f"1  {site.url('all')}"
    assert shown[1] == "   Courier; en; entries: 4; how often is not known; announced"
    assert [line.split("  ")[-1] for line in shown[2:5]] == [
        "Drones over Kyiv",
        "Grain leaves Odesa",
        "A third headline",
    ]
    assert shown[5] == f"2  {site.url('rss/sport')}"
    assert f"3  {site.url('comments/feed')}" in shown
    assert f"+    url: {site.url('all')}" in shown or f'+    url: "{site.url("all")}"' in shown
    assert shown[-1].strip().startswith("added courier")
    assert place.feeds.read_text().startswith(WATCH)
    again = place.cli("feeds", "add", site.url("all"), "--yes")
    assert (again.code, "in the file already" in again.err) == (2, True)
    second = place.cli("feeds", "add", site.url("news"), "--yes")
    assert (second.code, urls(place)) == (0, {"courier-en": site.url("all"), "courier": site.url("rss/sport")})


def test_what_the_person_says_comes_first(place: Place, site: FeedServer) -> None:
    words = ["--id", "mine", "--title", "Mine", "--language", "uk"]
    words += ["--country", "UA", "--press", "public", "--allow-private", "--yes"]
    assert place.cli("feeds", "add", site.url("all"), *words, MONITOR_ALLOW_PRIVATE="false").code == 0
    [spec] = load_config(place.feeds, environ={}).feeds
    assert (spec.id, spec.title, spec.language, spec.country, spec.press) == ("mine", "Mine", "uk", "UA", "public")
    assert spec.allow_private
    for wrong in (("--language", "ua"), ("--country", "Ukraine"), ("--press", "free"), ("--id", "My feed")):
        before = place.feeds.read_text()
        done = place.cli("feeds", "add", site.url("rss/sport"), *wrong, "--yes")
        assert (done.code, "must be" in done.err, place.feeds.read_text()) == (2, True, before), wrong


def test_usual_places_are_asked_last(place: Place, site: FeedServer) -> None:
    site.replies |= {"plain": page("<p>no links</p>"), "feed.xml": document("Drones over Kyiv")}
    assert place.cli("feeds", "add", site.url("plain"), "--yes").code == 0
    assert urls(place) == {"courier": site.url("feed.xml")}
    site.asked.clear()
    assert place.cli("feeds", "add", site.url("news"), "--dry-run").code == 0
    assert sorted(site.asked) == ["all", "comments/feed", "news", "rss/sport"], "a page that names feeds is believed"


def test_a_page_of_feeds_behind_the_page_is_read(place: Place, site: FeedServer) -> None:
    site.replies |= {"front": page("<a href=/rss>RSS</a>"), "rss": page("<ul><a href=/rss/war.xml>War</a></ul>")}
    site.replies["rss/war.xml"] = document("Drones over Kyiv")
    assert place.cli("feeds", "add", site.url("front"), "--yes").code == 0
    assert list(urls(place).values()) == [site.url("rss/war.xml")]


def test_a_lasting_redirect_is_written_as_it_ends(place: Place, site: FeedServer) -> None:
    site.replies |= {"old": moved("/all"), "now": moved("/rss/sport", 302)}
    assert place.cli("feeds", "add", site.url("old"), "--yes").code == 0
    assert place.cli("feeds", "add", site.url("now"), "--yes", "--id", "now").code == 0
    assert urls(place) == {"courier-en": site.url("all"), "now": site.url("now")}


def test_nothing_found_says_what_was_tried(place: Place, site: FeedServer) -> None:
    site.replies["plain"] = page("<p>no links</p>")
    before = place.feeds.read_text()
    done = place.cli("feeds", "add", site.url("plain"), "--yes")
    assert (done.code, done.out, place.feeds.read_text()) == (1, "", before)
    assert f"{site.url('plain')}: is not a feed" in done.err
    assert f"{site.url('rss.xml')}: not-found" in done.err
    assert done.err.endswith("no feed was found there\n")


def test_inner_addresses_are_refused(place: Place, site: FeedServer) -> None:
    done = place.cli("feeds", "add", site.url("news"), "--yes", MONITOR_ALLOW_PRIVATE="false")
    assert (done.code, site.asked) == (1, [])
    assert "address:" in done.err


def test_a_private_page_opens_no_other_host(place: Place, site: FeedServer, background: Background) -> None:
    other = background.enter(FeedServer())
    other.replies["rss"] = document("Secrets")
    site.replies["trap"] = page(f'<a href="{other.url("rss")}">RSS</a><a href="/rss/sport">RSS</a>')
    done = place.cli("feeds", "add", site.url("trap"), "--allow-private", "--yes", MONITOR_ALLOW_PRIVATE="false")
    assert (done.code, other.asked, list(urls(place).values())) == (0, [], [site.url("rss/sport")])


@pytest.mark.parametrize(
    "address", ["ftp://courier.example/rss", "https://", "https://a b/", "http://user:pw@x.example/"]
)
def test_an_address_that_is_none_is_wrong_input(place: Place, address: str) -> None:
    place.write({})
    done = place.cli("feeds", "add", address, "--yes")
    assert (done.code, done.out, "pw" in done.err) == (2, "", False)


def test_no_means_no(place: Place, site: FeedServer) -> None:
    before = place.feeds.read_text()
    for answers in ("0\n", "9\n0\n", "1\nn\n", ""):
        assert place.cli("feeds", "add", site.url("news"), stdin=answers).code == 1
    assert place.cli("feeds", "add", site.url("news"), "--dry-run").out.endswith("nothing was written\n")
    assert place.feeds.read_text() == before


# ── remove ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_removed_feed_keeps_its_history(place: Place, site: FeedServer) -> None:
    place.write({"one": site.url("all"), "two": site.url("rss/sport")})
    assert place.cli("poll").code == 0
    before = place.feeds.read_text()
    assert place.cli("feeds", "remove", "one", stdin="n\n").code == 1
    assert place.cli("feeds", "remove", "oen", "--yes").err == f"no feed 'oen' in {place.feeds}, did you mean 'one'?\n"
    assert place.feeds.read_text() == before
    done = place.cli("feeds", "remove", "one", "--yes")
    assert (done.code, list(urls(place))) == (0, ["two"])
    assert "-  - id: one" in done.out
    assert "stays stored" in done.out
    place.feeds.write_text(before)
    [one] = place.cli("feeds", "health", "one", "--json").records
    assert one["polls"] == 1


# ── repair ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def repair(place: Place, *words: str, stdin: str = "") -> Done:
    return place.cli("feeds", "repair", "one", *words, stdin=stdin)


def test_a_feed_that_is_well_stays(place: Place, site: FeedServer) -> None:
    place.write({"one": site.url("all")})
    before = place.feeds.read_text()
    done = repair(place, "--yes")
    assert (done.code, "answers well where it is" in done.out, place.feeds.read_text()) == (0, True, before)


def test_a_redirect_is_taken_up(place: Place, site: FeedServer) -> None:
    place.write({"one": site.url("old"), "two": site.url("rss/sport")})
    site.replies["old"] = moved("/all", 308)
    before = place.feeds.read_text()
    assert repair(place, stdin="n\n").code == 1
    assert place.feeds.read_text() == before
    done = repair(place, "--yes")
    assert done.code == 0
    assert f"-    url: {site.url('old')}" in done.out
    assert place.feeds.read_text() == before.replace(site.url("old"), f"{site.url('all')}")


def test_a_lost_feed_is_found_at_its_hosts_page_by_what_it_brought(place: Place, site: FeedServer) -> None:
    site.replies["lost"] = document("A match")
    place.write({"one": site.url("lost")})
    assert place.cli("poll").code == 0
    site.replies |= {"lost": Reply(status=404), "": page(PAGE)}
    done = repair(place, "--yes")
    assert (done.code, urls(place)) == (0, {"one": site.url("rss/sport")}), "its entries tell it from the others"


def test_nothing_found_changes_nothing(place: Place, site: FeedServer) -> None:
    place.write({"one": site.url("lost")})
    before = place.feeds.read_text()
    done = repair(place, "--yes")
    assert (done.code, place.feeds.read_text()) == (1, before)
    assert "no feed was found" in done.err


def test_another_domain_needs_to_be_named(place: Place, site: FeedServer) -> None:
    elsewhere = site.url("all").replace("127.0.0.1", "localhost")
    place.write({"one": site.url("old")})
    site.replies["old"] = moved(elsewhere)
    before = place.feeds.read_text()
    refused = repair(place, "--yes")
    assert (refused.code, place.feeds.read_text()) == (2, before)
    assert refused.err.endswith(f"run_monitor.py feeds repair one --to {elsewhere} --yes\n")
    asked = repair(place, stdin="n\n")
    assert (asked.code, "ANOTHER DOMAIN" in asked.err) == (1, True)
    assert repair(place, "--to", elsewhere, "--yes").code == 0
    assert urls(place) == {"one": elsewhere}
    wrong = repair(place, "--to", site.url("nothing"), "--yes")
    assert (wrong.code, "holds no feed: not-found" in wrong.err) == (2, True)


# ── import and export ────────────────────────────────────────────────────────────────────────────────────────────────

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
    assert "2 would be added, 2 already there, 1 left out" in dry.out
    done = place.cli("feeds", "import", opml, "--json")
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
    assert (again.code, again.out) == (1, "0 added, 4 already there, 1 left out\n")


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
    assert other.cli("feeds", "import", other.folder / "list.opml").code == 0
    here, there = (load_config(one.feeds, environ={}).feeds for one in (place, other))
    assert by_id(there) == {name: spec for name, spec in by_id(here).items() if name != "three"}


def by_id(specs: tuple[FeedSpec, ...]) -> Mapping[str, FeedSpec]:
    return {spec.id: spec for spec in specs}
