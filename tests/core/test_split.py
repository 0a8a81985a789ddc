"""Documents cut into items: where, and where not at all."""

from contextlib import suppress

import pytest

from monitor.core.model import Fetched
from monitor.core.parsing.document import read_document
from monitor.core.parsing.split import Pieces, split
from monitor.errors import ParseError
from tests.core.feed_documents import ATOM, item, json_feed, rss

ITEM = item("A", "https://news.example/a")


def pieces(document: str) -> Pieces:
    url = "https://news.example/feed.xml"
    return split(read_document(Fetched(url=url, body=document.encode(), body_hash="")), url, "1")


RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel>'
    "<title>Example</title><items><rdf:Seq><rdf:li resource='1'/></rdf:Seq></items></channel>"
    "<item rdf:about='1'><title>A</title></item><item rdf:about='2'><title>B</title></item></rdf:RDF>"
)


@pytest.mark.parametrize(
    ("document", "number"),
    [
        (rss(), 0),
        (rss(ITEM, ITEM, ITEM), 3),
        (rss(ITEM, "<![CDATA[<item></item>]]>", "<!-- <item> -->", "<?php <item> ?>"), 4),
        (rss(ITEM, "").replace("<item></item>", "<item/>"), 2),
        (rss(ITEM, ITEM).replace("</item>", "</item> \n <!-- x -->"), 2),
        (rss(ITEM).replace("item>", "x:item>"), 1),
        (rss("<items/><media:itemized/><entryway></entryway>"), 1),
        (ATOM, 1),
        (RDF, 2),
        (json_feed({"id": 1}, 5, {"id": 2}), 2),
        (rss(ITEM, "<item></item>"), 0),
        (rss(ITEM, "<entry/>"), 0),
        (rss(ITEM, ITEM).replace("</item>", "</item>text"), 0),
        (rss(ITEM, ITEM).replace("</item>", "</item><ttl>5</ttl>"), 0),
        (rss(ITEM).replace("</item>", "</entry>"), 0),
        (rss(ITEM).replace("</item>", ""), 0),
        (rss(ITEM).replace("<item>", ""), 0),
        (rss(ITEM, "<!-- "), 0),
        (rss(ITEM, ITEM)[:-20], 0),
    ],
)
def test_items(document: str, number: int) -> None:
    assert len(pieces(document).digests) == number


@pytest.mark.parametrize(
    "passing",
    [
        "<lastBuildDate>now</lastBuildDate>",
        "<pubDate>now</pubDate>",
        "<atom:updated>now</atom:updated>",
        "<dc:date>now</dc:date>",
        "<generator uri='x'>WordPress</generator>",
        "<ttl>1</ttl>",
        "<!-- cached -->",
    ],
)
def test_what_passes_is_no_context(passing: str) -> None:
    assert pieces(rss(ITEM, channel=passing)).context == pieces(rss(ITEM)).context
    assert pieces(rss(ITEM, channel=f"<docs>{passing}")).context != pieces(rss(ITEM)).context


def test_the_list_of_items_of_an_rdf_document_is_no_context() -> None:
    assert pieces(RDF.replace("<rdf:li resource='1'/>", "")).context == pieces(RDF).context
    assert pieces(RDF.replace("</items>", "</items><link/>")).context != pieces(RDF).context


def test_the_order_of_names_in_json_means_nothing() -> None:
    one, other = pieces(json_feed({"id": 1, "title": "A"})), pieces(json_feed({"title": "A", "id": 1}, title="Example"))
    assert (one.digests, one.context) == (other.digests, other.context)


def test_json_is_read_or_refused_however_deep_it_is_nested() -> None:
    read = 0
    for depth in range(300, 1000):
        nested = '{"id": 1, "_x": ' + "[" * depth + "]" * depth + "}"
        with suppress(ParseError):
            read += len(pieces(json_feed("here", {"id": 2}).replace('"here"', nested)).whole().entries) == 2
    assert 0 < read < 700


@pytest.mark.parametrize("junk", ["<!--", "<![CDATA[", "<?x", "<item ", "<items>", "<date>", "<!-- -", "]]", "<a:"])
def test_hostile_documents_are_split_in_linear_time(junk: str) -> None:
    """Were it quadratic, this would run for hours."""
    assert pieces(rss(ITEM, channel=junk * 200_000)).context
    assert pieces(rss(junk * 200_000)).context
