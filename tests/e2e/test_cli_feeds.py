"""`feeds add`, `remove`, `repair`, against servers on loopback."""

import pytest

from monitor.config import load_config
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
    assert done.err.splitlines() == [
        f"{site.url('plain')}: is not a feed: its root element is <p>",
        "16 usual places: nothing there",
        "no feed was found there",
    ]
    site.replies["linked"] = page('<a href="/rss/gone">RSS</a><link rel=alternate type=text/xml href=/wall>')
    site.replies["wall"] = Reply(status=403)
    told = place.cli("feeds", "add", site.url("linked"), "--yes").err.splitlines()
    assert told[1:3] == [f"{site.url('wall')}: blocked: HTTP 403 Forbidden", "1 link: nothing there"]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(status=401), "HTTP 401 Unauthorized; a feed that wants a password is written by hand: docs/editing.md"),
        (Reply(status=403, body=b"<html>"), "HTTP 403 Forbidden"),
        (Reply(status=200, body=b"<html><title>Just a moment...</title>"), "a challenge page of Cloudflare"),
        (Reply(status=404, body=PAGE.encode()), "HTTP 404 Not Found"),
        (Reply(status=502), "HTTP 502 Bad Gateway"),
        (Reply(), "empty"),
        (Reply(body=document("One").body[:200], headers={"Content-Type": "text/html"}), "cut off before the end"),
        (Reply(body=b"\x89PNG\r\n", headers={"Content-Type": "image/png"}), "is neither XML nor JSON"),
        (Reply(body=b"<svg/>", headers={"Content-Type": "image/svg+xml"}), "its root element is <svg>"),
    ],
)
def test_an_address_that_fails_is_told_and_nothing_else_is_asked(
    place: Place, site: FeedServer, reply: Reply, words: str
) -> None:
    site.replies["it"] = reply
    done = place.cli("feeds", "add", site.url("it"), "--yes")
    assert (done.code, done.out, site.asked) == (1, "", ["it"]), done
    [line] = done.err.splitlines()
    assert line.startswith(f"{site.url('it')}: ")
    assert words in line


def test_a_host_that_refuses_is_told_once(place: Place, site: FeedServer) -> None:
    done = place.cli("feeds", "add", "http://127.0.0.1:9/news", "--yes")
    assert (done.code, len(done.err.splitlines()), ": connect: " in done.err) == (1, 1, True), done


def test_without_https_the_person_is_told_how_to_ask_by_http(place: Place, site: FeedServer) -> None:
    address = site.url("news").removeprefix("http://")
    done = place.cli("feeds", "add", address, "--yes")
    assert (done.code, site.asked) == (1, [])
    assert done.err.startswith(f"https://{address}: tls: "), done.err
    assert done.err.endswith("; if it has no https, write http:// before the address\n")
    assert "no https" not in place.cli("feeds", "add", f"https://{address}", "--yes").err


@pytest.mark.parametrize(
    ("reply", "when"),
    [
        (Reply(status=429), "it does not say when to come again, so give it an hour"),
        (Reply(status=503, headers={"Retry-After": "600"}), "come again in 10 min"),
    ],
)
def test_a_server_that_asks_to_wait_ends_the_search(place: Place, site: FeedServer, reply: Reply, when: str) -> None:
    site.replies |= {"plain": page("<p>no links</p>"), "plain/rss": reply, "rss.xml": document("A match")}
    done = place.cli("feeds", "add", site.url("plain"), "--yes")
    assert (done.code, site.asked) == (1, ["plain", "plain/feed", "plain/rss"])
    assert done.err.splitlines()[1].endswith(f"; the search ends here; {when}")
    site.asked.clear()
    site.replies |= {"lost": reply, "": page(PAGE)}
    place.write({"one": site.url("lost")})
    assert (repair(place, "--yes").code, site.asked) == (1, ["lost"]), "nor is another page asked"
    site.replies["rss/sport"] = reply
    some = place.cli("feeds", "add", site.url("news"), "--dry-run")
    assert (some.code, "comments" in some.out, when in some.err) == (0, False, True), "what was found stays"


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
    wrong = place.cli("feeds", "remove", "oen", "--yes")
    assert (wrong.code, wrong.err) == (2, "no feed “oen”; did you mean one?\n")
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


@pytest.fixture
def lost(place: Place, site: FeedServer) -> FeedServer:
    """The site after its feed `one`, which has brought an entry, is gone from its address."""
    site.replies["lost"] = document("Told only here")
    place.write({"one": site.url("lost")})
    assert place.cli("poll").code == 0
    site.replies |= {"lost": Reply(status=404), "": page(PAGE)}
    return site


@pytest.mark.parametrize("html", [PAGE, '<a href="/rss/sport">RSS</a>'])
def test_a_neighbour_is_not_taken_for_the_feed(place: Place, lost: FeedServer, html: str) -> None:
    lost.replies[""] = page(html)
    before = place.feeds.read_text()
    done = repair(place, "--yes")
    assert (done.code, place.feeds.read_text()) == (1, before)
    assert done.err == "none of these holds an entry that one has brought before; name one with --to\n"
    assert repair(place, "--to", lost.url("rss/sport"), "--yes").code == 0


def test_known_entries_are_counted_and_another_language_is_not_taken(place: Place, lost: FeedServer) -> None:
    lost.replies["all"] = in_language("de", document("Told only here", "A match"))
    place.feeds.write_text(place.feeds.read_text().replace("    allow_", "    language: uk\n    allow_"))
    done = repair(place, "--yes")
    assert (done.code, done.out.splitlines()[1].endswith("; announced; 1 of its entries known")) == (1, True), done
    assert done.err.endswith(" has brought declares another language than uk; name one with --to\n")
    lost.replies["rss/sport"] = in_language("uk", document("Told only here"))
    assert (repair(place, "--yes").code, urls(place)) == (0, {"one": lost.url("rss/sport")})


def in_language(language: str, reply: Reply) -> Reply:
    body = reply.body.replace(b"<channel>", b"<channel><language>" + language.encode() + b"</language>")
    return Reply(body=body, headers=reply.headers)


def test_a_lasting_redirect_within_the_site_needs_no_known_entry(place: Place, lost: FeedServer) -> None:
    lost.replies["lost"] = moved("/rss/sport")
    assert (repair(place, "--yes").code, urls(place)) == (0, {"one": lost.url("rss/sport")})


def test_what_another_feed_has_is_not_offered(place: Place, site: FeedServer) -> None:
    place.write({"one": site.url("lost"), "two": site.url("all")})
    site.replies[""] = page('<a href="/all">RSS</a>')
    before = place.feeds.read_text()
    done = repair(place, "--yes")
    assert (done.code, "already there as two" in done.out, place.feeds.read_text()) == (2, True, before)
    site.replies[""] = page(PAGE)
    assert repair(place, "--yes").code == 0
    assert urls(place)["one"] != site.url("all")
    assert repair(place, "--to", site.url("all"), "--yes").code == 2


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
