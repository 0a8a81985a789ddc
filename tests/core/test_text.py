"""HTML to text, comparing titles, and folding with the way back."""

import time
import unicodedata
from bisect import bisect_left
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.text import Folded, fold, normalise_title, plain_text, storable

TRICKY = st.text(
    alphabet="aßéЕеёїйИгк\u0301\u0300\u0306\u0308\u00ad\u200b ’\u00a0ŉǰΐﬁİ한각\u1100\u1161\u11a8\u2126\u0958-–"
)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("  two\n\twords\u00a0 and\u3000three ", "two words and three"),
        ("foo<b>bar</b>", "foobar"),
        ("foo<br>bar<BR/>baz", "foo bar baz"),
        ("<p>one</p><p>two</p>", "one two"),
        ("<div>one<div>two</div></div>three", "one two three"),
        ("<ul><li>a<li>b</ul>", "a b"),
        ("<table>x<tr><td>1</td><td>2</td></tr></table>", "x 1 2"),
        ("a&nbsp;b &amp; c &#1111; &laquo;x&raquo;", "a b & c ї «x»"),
        ("a<script>var x = '<p>no</p>';</script>b<style>p{}</style>c", "abc"),
        ("<title>no</title>yes", "yes"),
        ("before<script>never closed", "before"),
        ('<a href="x>y" title="a <b> c">link</a>', "link"),
        ("<![CDATA[inner]]>", "inner"),
        ("<!-- note --><p>text", "text"),
        ("<o:p>word</o:p>", "word"),
        ("scripty <scripty>not a script</scripty>", "scripty not a script"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("1 &lt; 2", "1 < 2"),
        ("AT&amp;amp;T", "AT&T"),
        ("&lt;p&gt;twice&lt;/p&gt; &lt;b&gt;escaped&lt;/b&gt;", "twice escaped"),
        ("cut off <a href=", "cut off"),
        ("bell\x07 and \ud800half", "bell and half"),
        ("", ""),
        ("<p></p>", ""),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


@given(st.text())
def test_plain_text_is_one_clean_line(html: str) -> None:
    text = plain_text(html)
    assert text == " ".join(text.split())
    assert storable(text) == text


PIECES = [
    *(
        "<p>",
        "</B >",
        "<a href='x'>",
        '<a href="y&amp;z" b>',
        "<br/>",
        "<script>",
        "</script>",
        "<td\n>",
        "<o:p>",
        "<svg>",
    ),
    *(
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<",
        "/",
        ">",
        "=",
        "'",
        '"',
        " ",
        "word",
        "title",
        "<title>",
        "<head>",
        "</html>",
    ),
    *(
        "&amp;",
        "&nbsp;",
        "&lt;",
        "&",
        "&notit;",
        "&not",
        "&am",
        "p;",
        "lt;",
        "&#8217;",
        "&fjlig;",
        "\x01",
        "\x85",
        "\ud800",
    ),
]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_what_needs_no_parser_reads_as_with_one(html: str) -> None:
    assert plain_text(f"<b>{html}") == plain_text(f"<b><!---->{html}")


@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<b>", "<a href='x'>", "<br/>", "<script>", "</script>", "<td>", "word"]))
)
def test_no_tag_survives(parts: list[str]) -> None:
    assert "<" not in plain_text("".join(parts))


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 50_000 + "deep" + "</div>" * 50_000,
        "<b>" * 50_000 + "</span>" * 50_000,
        "<table><tr><td>" * 50_000,
        "<script>" * 100_000,
        "<svg><template>" * 50_000,
        "<!--" * 250_000,
        "<" * 300_000,
        "&lt;p " * 200_000,
        "<a " + "b='c' " * 150_000 + ">",
        "<p>some <b>words</b></p>" * 40_000,
    ],
    ids=lambda html: html[:12],
)
def test_hostile_html_is_quick(html: str) -> None:
    start = time.process_time()
    plain_text(html)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("«Київ» – це", '"Київ" - це'),
        ("„Kyiv“ — heute", "“Kyiv” – heute"),
        ("п’ять", "п'ять"),
        ("Двічі  пробіл\u00a0тут ", "двічі пробіл тут"),
        ("Caf\u00e9", "Cafe\u0301"),
        ("soft\u00adhyphen", "softhyphen"),
        ("Straße", "STRASSE"),
        ("１２", "12"),
    ],
)
def test_typography_is_no_retitle(one: str, other: str) -> None:
    assert normalise_title(one) == normalise_title(other)


@pytest.mark.parametrize(("one", "other"), [("Five dead", "Six dead"), ("Kyiv hit", "Kyiv hit again"), ("й", "и")])
def test_a_changed_word_is_a_retitle(one: str, other: str) -> None:
    assert normalise_title(one) != normalise_title(other)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Kyiv", "kyiv"),
        ("Зеле\u0301нский", "зеленский"),
        ("Украї\u0301на", "україна"),
        ("Королёв", "королев"),
        ("І\u0308жак", "їжак"),
        ("п’ять пʼять п`ять п′ять", "п'ять п'ять п'ять п'ять"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("cafe\u0301", "café"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("no\u00a0break\nline", "no break line"),
        ("Івано\u2011Франківськ Rhein–Main", "івано-франківськ rhein-main"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_fold_keeps_places_where_nothing_moves() -> None:
    assert fold("П’ять Ёлок") == Folded("п'ять елок", None)


def test_fold_leads_back_to_the_original() -> None:
    text = "Die Stra\u00dfe, Зеле\u0301нский"
    folded = fold(text)
    start = folded.text.index("зеленский")
    assert text[folded.origin(start) : folded.origin(start + 9)] == "Зеле\u0301нский"
    start = folded.text.index("strasse")
    assert text[folded.origin(start) : folded.origin(start + 7)] == "Straße"
    assert [folded.inside_letter(start + at) for at in range(8)] == [at == 5 for at in range(8)]


@given(st.one_of(st.text(), TRICKY))
def test_equivalent_texts_fold_alike(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert fold(composed).text == fold(decomposed).text


@given(st.one_of(st.text(), TRICKY))
def test_places_cover_the_original(text: str) -> None:
    folded = fold(text)
    places = [folded.origin(at) for at in range(len(folded.text) + 1)]
    assert places[-1] == len(text)
    assert places == sorted(places)
    assert "".join(text[a:b] for a, b in pairwise(places)) == text[places[0] :]
    assert fold(text[: places[0]]).text == ""
    inside = [0 < at < len(folded.text) and places[at - 1] == place for at, place in enumerate(places)]
    assert [folded.inside_letter(at) for at in range(len(places))] == inside


@given(st.one_of(st.text(), TRICKY))
def test_a_place_of_the_original_is_found_in_the_folded_text(text: str) -> None:
    folded = fold(text)
    places = [folded.origin(at) for at in range(len(folded.text) + 1)]
    assert [folded.place(at) for at in range(len(text) + 1)] == [bisect_left(places, at) for at in range(len(text) + 1)]


@given(st.lists(TRICKY, max_size=5))
def test_words_fold_by_themselves_as_in_a_sentence(words: list[str]) -> None:
    sentence = " ".join(word.strip() for word in words)
    assert fold(sentence).text == " ".join(fold(word.strip()).text for word in words)
