"""What is not well-formed, or means harm: mended or refused, quickly, and never another exception than ParseError."""

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ParseError
from tests.core.feed_documents import ATOM, CYRILLIC, DATE, JSON_ITEM, item, json_feed, only, parse, rss


def test_entries_before_the_cut_are_kept() -> None:
    whole = rss(*(item(f"Title {n}", f"https://news.example/{n}") for n in range(5)))
    feed = parse(whole[: whole.index("Title 3") + 4])
    assert [entry.title for entry in feed.entries] == ["Title 0", "Title 1", "Title 2"]
    assert "cut off; the entries that were whole are kept" in feed.warnings


@given(st.integers(0, 400))
def test_any_cut_gives_a_beginning_of_the_feed(size: int) -> None:
    titles = [f"Title {n}" for n in range(4)]
    whole = rss(*(item(title, f"https://news.example/{title[-1]}") for title in titles))
    try:
        found = [entry.title for entry in parse(whole[:size]).entries]
    except ParseError:
        found = []
    assert found == titles[: len(found)]


@pytest.mark.parametrize(
    ("document", "title"),
    [
        (rss(item("Fish & chips")), "Fish & chips"),
        (rss(item("no such&bogus; entity")), "no such&bogus; entity"),
        (rss(item("bell\x07rings")), "bellrings"),
        (rss(item("half &#xD800;&#99999999; a character & more")), "half a character & more"),
        ("<br /><b>Warning</b>: mysql in /x\n" + rss(item("After junk")), "After junk"),
        ("\n\n" + rss(item("After lines")), "After lines"),
        (rss(item("Undeclared", more="<x:y>z</x:y>")), "Undeclared"),
        (rss(item("Placed", more='<gml:pos xmlns:gml="http://www.opengis.net/gml">x</gml:pos>')), "Placed"),
        ('<!DOCTYPE rss [<!ENTITY co "Corp"><!ENTITY sp "&#160;">]>' + rss(item("A&sp;&co;"))[39:], "A Corp"),
    ],
)
def test_mended(document: str, title: str) -> None:
    assert only(document).title == title


def bomb(levels: int = 12) -> str:
    entities = '<!ENTITY e0 "ha">' + "".join(
        f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, levels)
    )
    return f"<!DOCTYPE rss [{entities}]>" + rss(item(f"&e{levels - 1};", "https://news.example/1"))[39:]


QUADRATIC = f'<!DOCTYPE rss [<!ENTITY a "{"A" * 100_000}">]>' + rss(item("&a;" * 10_000))[39:]


@pytest.mark.parametrize(
    "body",
    [bomb().encode(), bomb().replace("><", ">\n<").encode(), bomb().encode("utf-16"), QUADRATIC.encode()],
    ids=["one line", "lines", "utf-16", "quadratic"],
)
def test_entity_bombs_are_harmless_and_quick(body: bytes) -> None:
    start = time.process_time()
    feed = parse(body)
    assert time.process_time() - start < 0.2
    assert len(feed.entries[0].title) <= 1_000
    assert "entity declarations removed" in feed.warnings


def test_external_entities_are_not_read() -> None:
    document = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(item("a&x;b"))[39:]
    assert only(document).title == "a&x;b"


HOSTILE = {
    "nested": rss("<a>" * 50_000 + "</a>" * 50_000),
    "nested, open": rss("<a>" * 50_000),
    "nested json": json_feed().replace("[]", "[" * 50_000 + "]" * 50_000),
    "nested in content": rss(f"<title>x</title><description>{'&lt;div&gt;' * 50_000}</description>"),
    "open doctype": "<!DOCTYPE rss [" + "<!--" * 50_000,
    "doctype of instructions": "<!DOCTYPE rss [" + "<?" * 100_000,
    "instructions": "<?x " * 100_000,
    "empty lines": '<?xml version="1.0"?>' + "\n" * 500_000 + "<rss/>",
    "encodings": "<?xml " + "encoding=''" * 50_000 + "?><rss/>",
    "author": rss(f"<title>x</title><author>{'a.' * 50_000}</author>"),
    "author in pieces": rss(f"<title>x</title><author>{'<![CDATA[a.a.a.]]>' * 15_000}</author>"),
    "categories": rss("<title>x</title>" + "".join(f"<category>{n}</category>" for n in range(20_000))),
    "keywords": rss(f"<title>x</title><media:keywords>{','.join(map(str, range(50_000)))}</media:keywords>"),
    "captions": rss("<item><media:description>" * 20_000),
    "letters": b"<rss>" + bytes(range(128, 256)) * 5_000,
    "wrappers": rss(item("x", "https://archive.ph/" * 200)),
    "namespaces": "<rss " + " ".join(f"xmlns:a{n}='u{n}'" for n in range(5_000)) + ">" + "<a1:b/>" * 20_000 + "</rss>",
    "bases": rss('<a xml:base = "aaaa/">' * 20_000),
    "chained": rss(*(item("x", f"https://news.example/{(n + 1) // 2}", str(n // 2)) for n in range(2_000))),
    "deep json": '{"a":' + "[" * 200_000,
    "long number": json_feed().replace("[]", '[{"id": ' + "9" * 5_000 + "}]"),
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_documents_are_quick(document: str | bytes) -> None:
    start = time.process_time()
    with suppress(ParseError):
        parse(document)
    assert time.process_time() - start < 3


@given(st.binary(max_size=2_000))
def test_random_bytes_never_raise_anything_else(body: bytes) -> None:
    never_another_exception(body)


SEEDS = (
    rss(item("One", "/1", "a", DATE), item("Зеленський", "https://news.example/2", "b", DATE)).encode(),
    ATOM.encode(),
    json_feed(JSON_ITEM).encode(),
    bomb(3).encode(),
    CYRILLIC.replace('"utf-8"', '"windows-1251"').encode("windows-1251"),
)
INSERTIONS = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [
            *(
                "<",
                ">",
                "&",
                "]]>",
                "<![CDATA[",
                "<!--",
                "&#xD800;",
                "&#x",
                "\x00",
                "\xff\xfe",
                '"',
                "{",
                "[",
                "&a;",
                "<?xml",
            ),
            *(
                "<!DOCTYPE x [",
                "<!ENTITY a 'b'>",
                "<item>",
                "</item>",
                "<entry>",
                "<title>",
                "<guid>",
                "<author>",
                "<svg>",
            ),
            *("<source>", "<image>", "<media:title>", "<link href='", "xml:base='", "<gml:pos>1", "<content type='x'>"),
            *("<content mode='base64'>", "<title type='1'>", "<dc:date>1</dc:date>", "<georss:point>x</georss:point>"),
        ]
    ).map(lambda text: text.encode("latin-1")),
)


@settings(max_examples=300)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), INSERTIONS), max_size=6),
    st.sampled_from(
        [None, "text/xml", "text/xml; charset=windows-1251", "application/json; charset=utf-7", "x; charset=hex"]
    ),
)
def test_mutated_feeds_never_raise_anything_else(
    seed: bytes, changes: list[tuple[float, int, bytes]], content_type: str | None
) -> None:
    for where, removed, inserted in changes:
        place = int(where * len(seed))
        seed = seed[:place] + inserted + seed[place + removed :]
    never_another_exception(seed, content_type)


def never_another_exception(body: bytes, content_type: str | None = None) -> None:
    try:
        feed = parse(body, content_type)
    except ParseError:
        return
    for entry in feed.entries:
        assert entry.title
        assert entry.keys
        assert len(entry.fingerprint) == 32
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
    keys = [key for entry in feed.entries for key in entry.keys]
    assert len(keys) == len(set(keys))
