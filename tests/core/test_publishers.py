"""An entry's publisher: the source it names, the site it links to, or the feed's own."""

import pytest

from monitor.core.model import Press, Publisher
from monitor.core.publishers import directory, home_site, own_publisher, publisher_of, site_of
from tests.fakes import entry, spec

TASS = spec("tass", title="TASS", url="https://tass.example/rss", country="RU", press=Press.STATE)
BBC = spec(
    "bbc", title="BBC News (World)", url="https://feeds.bbci.example.co.uk/rss", country="GB", press=Press.PUBLIC
)
AGGREGATE = spec("mix", title="Mix", url="https://mix.example.org/feed")
KNOWN = directory([TASS, BBC, AGGREGATE])


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.example.org/a", "example.org"),
        ("https://feeds.news.example.co.uk/a", "example.co.uk"),
        ("https://pravda.com.ua/a", "pravda.com.ua"),
        ("https://example.de", "example.de"),
        ("https://novosti.dn.ua/a", "novosti.dn.ua"),
        ("https://www.mfa.go.th/a", "mfa.go.th"),
        ("https://67.228.192.88/a", "67.228.192.88"),
        ("https://[2001:db8::1]/a", "[2001:db8::1]"),
        ("mailto:a@example.org", None),
        (None, None),
    ],
)
def test_site_is_the_host_without_its_parts(url: str | None, site: str | None) -> None:
    assert site_of(url) == site


def test_a_title_in_parentheses_is_the_section() -> None:
    assert own_publisher(BBC) == Publisher(name="BBC News", country="GB", press=Press.PUBLIC)


def test_the_named_source_speaks_and_brings_its_press_kind() -> None:
    item = entry(source_title="TASS", url="https://elsewhere.example/1")
    assert publisher_of(item, AGGREGATE, None, KNOWN) == Publisher(name="TASS", country="RU", press=Press.STATE)
    stranger = entry(source_title="Nobody's Gazette", url="https://nobody.example/1")
    assert publisher_of(stranger, AGGREGATE, None, KNOWN) == Publisher(name="Nobody's Gazette")


def test_in_an_aggregate_the_link_tells() -> None:
    assert publisher_of(entry(url="https://tass.example/1"), AGGREGATE, None, KNOWN).press == Press.STATE
    assert publisher_of(entry(url="https://www.strange.example/1"), AGGREGATE, None, KNOWN).name == "strange.example"


def test_the_feeds_own_site_is_where_most_links_lead() -> None:
    home = home_site(["bbc.example"] * 5 + [f"site{number}.example" for number in range(4)] + [None] * 9)
    assert home == "bbc.example"
    assert publisher_of(entry(url="https://www.bbc.example/1"), BBC, home, KNOWN).name == "BBC News"
    assert home_site(f"site{number}.example" for number in range(9)) is None
    assert home_site([]) is None


def test_an_entry_without_a_link_is_its_feeds() -> None:
    assert publisher_of(entry(url=None, canonical_url=None), TASS, None, KNOWN).name == "TASS"
