"""Documents that publishers and others wrote: each is read, or refused with a reason."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.discovery import How, candidates, page_text
from monitor.core.model import Entry, Fetched, ParsedFeed
from monitor.core.opml import read_opml
from monitor.core.parsing import parse_feed
from monitor.errors import ParseError
from tests.conformance import members

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
NOW = datetime(2026, 2, 18, 12, tzinfo=UTC)
NO_FEEDS = {".html", ".opml", ".md", ""}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded feeds are not beside the repository")


def read(body: bytes, now: datetime = NOW) -> ParsedFeed:
    return parse_feed(Fetched(url="https://feed.example/a/rss.xml", body=body, body_hash=""), now=now)


def refusal(body: bytes) -> str | None:
    try:
        read(body)
    except ParseError as error:
        return str(error)
    return None


def recorded() -> list[Path]:
    return sorted(path for path in (DATA / "feeds").rglob("*") if path.is_file())


@pytest.mark.parametrize("path", recorded(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_recorded_document_is_read_or_refused(path: Path) -> None:
    body = path.read_bytes()
    if reason := refusal(body):
        assert "cannot be read" not in reason
        assert path.suffix in NO_FEEDS
        return
    entries = read(body).entries
    assert path.suffix not in NO_FEEDS or path.parent.name == "kagi"
    assert all(entry.title and entry.keys for entry in entries)
    assert not any("<p>" in entry.title + entry.summary or "\ufffd" in entry.title for entry in entries)


@pytest.mark.parametrize("name", ["picoFeed/xakep.ru.xml", "picoFeed/ibash.ru.xml", "FeedReader/Rss20CityDog.xml"])
def test_cyrillic_is_readable(name: str) -> None:
    path = DATA / "feeds" / name
    assert path.is_file()
    text = " ".join(entry.title for entry in read(path.read_bytes()).entries)
    letters = [char for char in text if char.isalpha() and not char.isascii()]
    assert sum("а" <= char.lower() <= "я" for char in letters) > 0.95 * len(letters) > 0


def states(feed: str, number: int) -> list[list[Entry]]:
    """The entries of the feed's first states, each read at the moment of its poll."""
    found = []
    for name, body in members(DATA / "replay" / "ru_feeds_2025-12-01_2025-12-31.tar.xz", f"{feed}/"):
        moment = datetime.strptime(Path(name).stem, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        found.append(list(read(body, moment).entries))
        if len(found) == number:
            return found
    raise AssertionError(f"fewer than {number} states of {feed}")


@pytest.mark.parametrize(("feed", "shown"), [("meduza", 24), ("feed_holod", 35)])
def test_keys_hold_from_poll_to_poll(feed: str, shown: int) -> None:
    documents = states(feed, 6)
    titles: dict[str, tuple[str, ...]] = {}
    for entries in documents:
        assert len({entry.title for entry in entries}) == len(entries) <= shown
        for entry in entries:
            assert titles.setdefault(entry.title, entry.keys) == entry.keys
    assert len(documents[0]) == shown
    assert len({key for keys in titles.values() for key in keys}) == len(titles)


def test_recorded_pages_lead_to_the_feeds_that_they_announce() -> None:
    """A page that announces none names one by a link, or leads nowhere."""
    silent = {"html4_page", "html4_head_stripped_page", "html_head_stripped_page", "html_scraper_egscomic"}
    silent |= {"html_scraper_inc"}
    pages = [path for path in recorded() if path.suffix == ".html"]
    assert len(pages) > 15
    for path in pages:
        first = candidates(page_text(path.read_bytes(), None), "https://site.example/")[:1]
        assert [one.how for one in first] == [How.LINK] or path.stem in silent, path


def test_lists_of_other_readers_are_read() -> None:
    lists = {path.name: read_opml(path.read_bytes()) for path in recorded() if path.suffix == ".opml"}
    assert {name: len(listed.outlines) for name, listed in lists.items()} == {
        "google-reader.opml": 22,
        "newsbeuter.opml": 35,
        "subscriptionList.opml": 14,
        "tinytinyrss.opml": 2,
    }
    assert not [mistake for listed in lists.values() for mistake in listed.mistakes]
