"""OPML both ways: what feed readers write is read, what is hostile is refused, what we write comes back."""

from contextlib import suppress
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model import FeedSpec, Press
from monitor.core.opml import MAX_BYTES, MAX_DEPTH, MAX_FEEDS, NAMESPACE, read_opml, write_opml
from monitor.errors import InputError
from tests.fakes import NOW, spec

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0"><head><title>x</title></head><body>\n'
TAIL = "</body></opml>"


def opml(*lines: str) -> bytes:
    return f"{HEAD}{chr(10).join(lines)}\n{TAIL}".encode()


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_folders_titles_and_lines() -> None:
    listed = read_opml(
        opml(
            '<outline text="World">',
            '  <outline text="Agencies"><outline type="rss" text="One" xmlUrl="https://one.example/?a=1&amp;b=2"/></outline>',
            '  <outline type="rss" title="Two&#10; news" text="2" xmlUrl=" https://two.example/ " language="uk"/>',
            "</outline>",
            '<outline text="A link" type="link" url="https://x.example/"/>',
            '<outline text="Empty folder"></outline>',
            '<outline xmlurl="https://three.example/"/>',
        )
    )
    one, two, three = listed.outlines
    assert (one.url, one.title, one.folders, one.line) == (
        "https://one.example/?a=1&b=2",
        "One",
        ("World", "Agencies"),
        4,
    )
    assert (two.url, two.title, two.language, two.folders) == ("https://two.example/", "Two news", "uk", ("World",))
    assert (three.url, three.title, three.folders) == ("https://three.example/", None, ())
    assert [(mistake.line, mistake.message) for mistake in listed.mistakes] == [
        (7, '"A link" has no xmlUrl, so it is no feed'),
        (8, '"Empty folder" has no xmlUrl, so it is no feed'),
    ]


def test_version_1_and_other_encodings() -> None:
    body = '<opml version="1.0"><body><outline title="Вісник" xmlUrl="https://v.example/"/></body></opml>'
    for encoding in ("windows-1251", "koi8-u", "utf-16", "utf-8-sig"):
        name = encoding.removesuffix("-sig")
        [outline] = read_opml(f'<?xml version="1.0" encoding="{name}"?>{body}'.encode(encoding)).outlines
        assert outline.title == "Вісник"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "line 1: is not well-formed XML: no element found"),
        (b"no xml", "line 1: is not well-formed"),
        (opml('<outline text="A & B" xmlUrl="https://x.example/"/>'), "line 3: is not well-formed"),
        (b"<html><body/></html>", "line 1: is no OPML: its root is <html>"),
        (b'<?xml version="1.0" encoding="no-such"?><opml/>', "encoding"),
        (b'<?xml version="1.0" encoding="shift_jis"?><opml/>', "encoding"),
        (b'<!DOCTYPE opml SYSTEM "https://x.example/opml.dtd"><opml/>', "line 1: a document type declaration"),
        (b'<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><opml>&b;</opml>', "document type declaration"),
        (b'<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/hostname">]><opml>&a;</opml>', "document type declaration"),
        (b"<opml>&a;</opml>", "undefined entity"),
        (b"<opml>" + b"<outline>" * 50_000, f"nested deeper than {MAX_DEPTH}"),
        (b"<opml>" + b'<outline xmlUrl="https://x.example/"/>' * (MAX_FEEDS + 1), f"more than {MAX_FEEDS:,} feeds"),
        (b"<opml>" + b" " * MAX_BYTES + b"</opml>", "larger than 10 MB"),
    ],
)
def test_what_is_broken_or_hostile_is_refused(document: bytes, reason: str) -> None:
    with pytest.raises(InputError) as refused:
        read_opml(document)
    assert reason in str(refused.value)


def test_ten_megabytes_of_outlines_and_one_long_attribute_are_harmless() -> None:
    many = b"<opml>" + b"<outline/>" * ((MAX_BYTES - 20) // 10) + b"</opml>"
    assert len(read_opml(many).mistakes) == MAX_FEEDS
    long = b'<opml><outline xmlUrl="https://x.example/" text="' + b"x" * (MAX_BYTES - 80) + b'"/></opml>'
    assert len(read_opml(long).outlines) == 1


@given(st.binary() | st.text().map(str.encode) | st.text().map(opml))
def test_whatever_it_is_only_input_errors_are_raised(document: bytes) -> None:
    with suppress(InputError):
        assert all(outline.url for outline in read_opml(document).outlines)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_feeds_are_written_in_folders_by_press_kind_and_country() -> None:
    specs = [
        spec("c", country="UA", press=Press.PRIVATE),
        spec("b", title='A "B" & <C>', country="UA", press=Press.AGENCY, language="uk"),
        spec("d"),
        spec("a", country="DE", press=Press.AGENCY, headers=(("X-Key", "wordofpower"),)),
    ]
    text = write_opml(specs, title="Ours & yours", now=NOW)
    root = ET.fromstring(text)
    assert (root.tag, root.attrib, root.findtext("head/title")) == ("opml", {"version": "2.0"}, "Ours & yours")
    tree = {one.get("text"): [(two.get("text"), len(two)) for two in one] for one in root.findall("body/outline")}
    assert tree == {
        "News agencies": [("DE", 1), ("UA", 1)],
        "Private press": [("UA", 1)],
        "Other": [("Other", 1)],
    }
    feed = next(one for one in root.iter("outline") if one.get(f"{{{NAMESPACE}}}id") == "b")
    assert {name: feed.get(name) for name in ("type", "text", "title", "xmlUrl", "language")} == {
        "type": "rss",
        "text": 'A "B" & <C>',
        "title": 'A "B" & <C>',
        "xmlUrl": "https://b.example/feed",
        "language": "uk",
    }
    assert "wordofpower" not in text


TITLES = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1).map(
    lambda text: " ".join(text.split()) or "x"
)
SPECS = st.builds(
    FeedSpec,
    id=st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True),
    title=TITLES,
    url=st.from_regex(r"https://[a-z]{1,9}\.example/[a-z?&=%#;',()]{0,20}", fullmatch=True),
    language=st.sampled_from([None, "uk", "no"]),
    country=st.sampled_from([None, "UA", "NO"]),
    press=st.sampled_from([None, *Press]),
    interval=st.just(timedelta(minutes=5)),
)


@given(st.lists(SPECS, max_size=8))
def test_what_is_written_comes_back(specs: list[FeedSpec]) -> None:
    listed = read_opml(write_opml(specs, title="Ours", now=NOW).encode())
    came = [(one.id, one.title, one.url, one.language, one.country, one.press) for one in listed.outlines]
    went = [(one.id, one.title, one.url, one.language, one.country, one.press) for one in specs]
    assert sorted(map(str, came)) == sorted(str((*one[:5], one[5] and one[5].value)) for one in went)
    assert listed.mistakes == ()
