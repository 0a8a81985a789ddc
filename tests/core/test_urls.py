"""Canonical and absolute addresses."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.urls import canonical_url, host_of, resolve


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://WWW.Example.COM", "https://www.example.com/"),
        ("http://example.com:80/a", "https://example.com/a"),
        ("http://example.com:443/a", "https://example.com/a"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("https://user:secret@example.com/", "https://example.com/"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://приклад.укр/шлях", "https://xn--80aikifvh.xn--j1amh/%D1%88%D0%BB%D1%8F%D1%85"),
        ("https://straße.de/", "https://xn--strae-oqa.de/"),
        ("http://[2001:DB8::1]:80/", "https://[2001:db8::1]/"),
        ("http://a_b.example.com/", "https://a_b.example.com/"),
        ("https://example.com/a#part", "https://example.com/a"),
        ("https://example.com/#!/a", "https://example.com/#!/a"),
        ("https://example.com/a/./b/../c", "https://example.com/a/c"),
        ("https://example.com/a/..", "https://example.com/"),
        ("https://example.com/../../a", "https://example.com/a"),
        ("https://example.com/%7euser/%e2%82%ac%2f", "https://example.com/~user/%E2%82%AC%2F"),
        ("https://example.com/a b%", "https://example.com/a%20b%25"),
        ("https://example.com/a?", "https://example.com/a"),
        ("https://example.com?b=2&a=1", "https://example.com/?b=2&a=1"),
        ("https://example.com/a?b=1&amp;utm_source=x&amp;c=2", "https://example.com/a?b=1&c=2"),
        (" https://example.com/a\n", "https://example.com/a"),
    ],
)
def test_canonical(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "parameter",
    [
        *("utm_source=rss", "UTM_Medium=rss", "fbclid=1", "gclid=1", "yclid=1", "at_medium=RSS", "at_campaign=rss"),
        *(
            "maca=en-rss-en-all-1573-rdf",
            "traffic_source=rss",
            "xtor=RSS-3208",
            "ns_mchannel=rss",
            "smid=tw",
            "wt_mc=rss",
        ),
        *(
            "cmpid=socialflow",
            "ref_src=twsrc",
            "syn-25a6b1a6=1",
            "homepage-tracking=x",
            "ftag=CAD590a51e",
            "source=rss",
        ),
    ],
)
def test_tracking_goes(parameter: str) -> None:
    assert canonical_url(f"https://example.com/a?{parameter}") == "https://example.com/a"
    assert canonical_url(f"https://example.com/a?id=1&{parameter}&p=2") == "https://example.com/a?id=1&p=2"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://www.wsj.com/a?mod=rss_world", "https://www.wsj.com/a"),
        ("https://example.com/index.php?mod=news&id=3", "https://example.com/index.php?mod=news&id=3"),
        ("https://www.barrons.com/a?refsec=topics_afp-news", "https://www.barrons.com/a"),
        ("https://example.com/a?refsec=1", "https://example.com/a?refsec=1"),
        ("https://news.google.com/rss/articles/x?oc=5", "https://news.google.com/rss/articles/x"),
        ("https://notwsj.com/a?mod=1", "https://notwsj.com/a?mod=1"),
        ("https://example.com/a?source=ukraine", "https://example.com/a?source=ukraine"),
    ],
)
def test_a_name_may_mean_the_article_elsewhere(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "example.com/a",
            "//example.com/a",
            "ftp://example.com/",
            "mailto:a@example.com",
            "tag:example.com,2026:1",
        ),
        *("http://", "http:///a", "http://[::1/", "http://example.com:port/", "http://-bad-.example/", "http://a..b/"),
        *("javascript:alert(1)", "https://exa mple.com/", f"https://{'a' * 300}.com/", f"https://{'ї' * 300}.com/"),
    ],
)
def test_no_canonical_address(url: str) -> None:
    assert canonical_url(url) is None


ARTICLE = "https://www.example.com/a-1"


def news_id(address: str, amp: str = "") -> str:
    """An id of Google News as it was until 2024: a protocol buffer in base64."""
    size = len(address)
    length = bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80, size >> 7])
    tail = b"\xd2\x01" + bytes([len(amp)]) + amp.encode()
    message = b"\x08\x13\x22" + length + address.encode() + tail
    return base64.urlsafe_b64encode(message).decode().rstrip("=")


LONG = f"https://www.example.com/{'a' * 200}"


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://www.google.com/url?rct=j&sa=t&url=https://www.example.com/a-1&ct=ga", ARTICLE),
        ("https://www.google.com.ua/url?q=https%3A%2F%2Fwww.example.com%2Fa-1%3Futm_source%3Drss&usg=x", ARTICLE),
        ("https://www.google.de/amp/s/www.example.com/a-1/amp", ARTICLE),
        ("https://www-example-com.cdn.ampproject.org/c/s/www.example.com/a-1?amp=1", ARTICLE),
        ("https://cdn.ampproject.org/v/s/amp.example.com/a-1?usqp=x", ARTICLE),
        ("http://cdn.ampproject.org/c/www.example.com/a-1", ARTICLE),
        (f"https://news.google.com/rss/articles/{news_id(ARTICLE)}?oc=5", ARTICLE),
        (f"https://news.google.com/articles/{news_id(LONG, 'https://amp.example.com/x')}", LONG),
        (f"https://news.google.com/__i/rss/rd/articles/{news_id(ARTICLE)}", ARTICLE),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.example.com%2Fa-1%3Ffbclid%3Dx&h=y", ARTICLE),
        ("https://www.facebook.com/l.php?u=http%3A%2F%2Fwww.example.com%2Fa-1", ARTICLE),
        ("https://vk.com/away.php?to=https%3A%2F%2Fwww.example.com%2Fa-1&post=1", ARTICLE),
        ("https://t.me/iv?url=https%3A%2F%2Fwww.example.com%2Fa-1&rhash=1", ARTICLE),
        ("https://scour.ing/r/rss/https%3A%2F%2Fwww.example.com%2Fa-1?utm_source=rss", ARTICLE),
        ("https://scour.ing/redirect/https:%2F%2Fwww.example.com%2Fa-1?as=x", ARTICLE),
        ("https://scour.ing/@reader/p/https://www.example.com/a-1", ARTICLE),
        ("https://web.archive.org/web/20260213194851/https://www.example.com/a-1", ARTICLE),
        ("https://web.archive.org/web/2026id_/http://www.example.com/a-1?id=2&utm_medium=x", f"{ARTICLE}?id=2"),
        ("https://archive.is/o/soww3/https://www.example.com/a-1?utm_source=x", ARTICLE),
        ("https://archive.ph/2026.02.13-194851/https://www.example.com/a-1", ARTICLE),
        ("https://archive.is/qWySo/https://www.example.com/a-1", ARTICLE),
        ("https://archive.today/newest/https://www.example.com/a-1", ARTICLE),
        ("https://archive.ph/https://www.example.com/a-1", ARTICLE),
        (
            "https://l.facebook.com/l.php?u=https%3A%2F%2Farchive.ph%2Fhttps%3A%2F%2Fwww.example.com%2Fa-1%2Famp",
            ARTICLE,
        ),
        ("https://amp.example.com/a-1", ARTICLE),
        ("https://amp.example.co.uk/a-1", "https://www.example.co.uk/a-1"),
        ("https://amp.news.example.com/a-1", "https://news.example.com/a-1"),
        ("https://www.example.com/a-1/amp/", f"{ARTICLE}/"),
        ("https://www.example.com/a-1.amp.html", f"{ARTICLE}.html"),
        ("https://www.example.com/a-1?id=7&outputType=amp", f"{ARTICLE}?id=7"),
        ("https://www.example.com/a-1?amp", ARTICLE),
    ],
)
def test_wrappers_come_off(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "https://news.google.com/rss/articles/CBMiAUFVX3lxTE1OREIwbXk",  # the new form: only Google knows
        "https://news.google.com/rss/articles/CBM",
        "https://archive.ph/AbC12",
        "https://archive.org/details/https-example",
        "https://www.google.com/search?q=https%3A%2F%2Fwww.example.com",
        "https://www.google.com/amp/news",
        "https://googles.example.com/url?q=https%3A%2F%2Fwww.example.com",
        "https://www.facebook.com/sharer.php?u=https%3A%2F%2Fwww.example.com",
        "https://www.google.com/url?q=javascript%3Aalert(1)",
        "https://feedproxy.google.com/~r/example/~3/x/a.html",
        "https://www.example.com/amp",
        "https://www.example.com/amp/",
        "https://www.example.com/camp",
        "https://amp.com/a",
        "https://www.example.com/a?amp=40",
        "https://www.example.com/redirect?url=https%3A%2F%2Fother.example",
    ],
)
def test_what_is_not_certain_stays(url: str) -> None:
    assert canonical_url(url) == url


ADDRESS_CHARACTERS = st.text(alphabet="htps:/.?#&=%aA0é[]@!;~ -_\u200d2eE\\+|^ї\ud800", max_size=60)


WRAPPERS = (
    *(
        "https://www.google.com/url?q=",
        "https://www.google.com/amp/s/",
        "https://cdn.ampproject.org/c/",
        "https://amp.",
    ),
    *("https://scour.ing/p/", "https://archive.ph/", "https://web.archive.org/web/2/", "https://l.facebook.com/?u="),
    *("https://", "http://a.example/", "http://a.example/?", "https://news.google.com/articles/CBM", "/amp", "?amp"),
)


@given(
    st.one_of(st.text(), ADDRESS_CHARACTERS, st.lists(st.sampled_from(WRAPPERS)).map("".join)),
    st.sampled_from(WRAPPERS),
)
def test_canonical_is_idempotent(rest: str, start: str) -> None:
    canonical = canonical_url(start + rest)
    if canonical is not None:
        assert canonical_url(canonical) == canonical
        assert canonical.isascii()
        assert canonical.startswith("https://")
        assert host_of(canonical)


@pytest.mark.parametrize(
    ("base", "url", "absolute"),
    [
        ("https://example.com/a/feed.xml", "../b", "https://example.com/b"),
        ("https://example.com/a/feed.xml", "b", "https://example.com/a/b"),
        ("https://example.com/a", "//other.example/x y", "https://other.example/x%20y"),
        ("https://example.com/a", " https://other.example/\n", "https://other.example/"),
        (None, "https://example.com/?utm_source=kept", "https://example.com/?utm_source=kept"),
        (None, "/a", None),
        ("https://example.com/", "javascript:alert(1)", None),
        ("https://example.com/", "", None),
        ("https://example.com/", "http://[bad", None),
        ("https://example.com/a\udcff/feed.xml", "b", "https://example.com/a/b"),  # half a character in xml:base
    ],
)
def test_resolve(base: str | None, url: str, absolute: str | None) -> None:
    assert resolve(base, url) == absolute


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Example.com:8080/a", "www.example.com"),
        ("https://приклад.укр/", "xn--80aikifvh.xn--j1amh"),
        ("no address", None),
        ("", None),
    ],
)
def test_host(url: str, host: str | None) -> None:
    assert host_of(url) == host
