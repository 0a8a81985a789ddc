"""Pure decisions about HTTP addresses and header fields."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from monitor.net.replies import (
    RETRY_AFTER_MAX,
    FailedError,
    bare,
    parse,
    retry_after,
    same_site,
    secret_headers,
    target,
)

NOW = datetime(2026, 8, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("home", "url", "same"),
    [
        ("http://a.org/feed", "http://a.org/rss", True),
        ("http://a.org/feed", "https://a.org/feed", True),
        ("http://A.org/feed", "http://a.ORG:80/feed", True),
        ("https://a.org/feed", "http://a.org/feed", False),
        ("http://a.org/feed", "http://www.a.org/feed", False),
        ("http://a.org/feed", "http://a.org.evil.org/feed", False),
        ("http://a.org/feed", "http://a.org:8080/feed", False),
        ("http://a.org:8080/feed", "https://a.org/feed", False),
        ("http://a.org/feed", "https://a.org:8443/feed", False),
    ],
)
def test_secrets_stay_on_their_site(home: str, url: str, *, same: bool) -> None:
    assert same_site(URL(home), URL(url)) is same


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/rss", "https://a.org/rss"),
        ("rss?x=1", "https://a.org/feeds/rss?x=1"),
        ("//b.org/rss", "https://b.org/rss"),
        ("http://b.org/rss", "http://b.org/rss"),
        ("https://u:p@b.org/rss#top", "https://b.org/rss"),
        ("https://приклад.укр/стрічка", "https://xn--80aikifvh.xn--j1amh/%D1%81%D1%82%D1%80%D1%96%D1%87%D0%BA%D0%B0"),
        ("https://b.org/a%2Fb?q=%D1%8F", "https://b.org/a%2Fb?q=%D1%8F"),
    ],
)
def test_where_a_redirect_leads(location: str, expected: str) -> None:
    assert str(target(URL("https://a.org/feeds/main"), 301, {"Location": location})) == expected


@given(st.text())
def test_any_location_leads_onto_the_web_or_nowhere(location: str) -> None:
    try:
        url = target(URL("https://a.org/feed"), 302, {"Location": location})
    except FailedError as error:
        assert error.failure.status == 302  # noqa: PT017 (both ways out are right)
        return
    assert url.scheme in {"http", "https"}
    assert url.raw_host
    assert url.user is None


def test_what_is_shown_has_no_password() -> None:
    url = parse("https://user:word@a.org/feed#x")
    assert str(bare(url)) == "https://a.org/feed"
    assert secret_headers(url, ()) == {"Authorization": "Basic dXNlcjp3b3Jk"}
    assert secret_headers(url, (("authorization", "Bearer t"),)) == {"authorization": "Bearer t"}


@given(after=st.text() | st.from_regex(r"[0-9]{1,30}"), date=st.text())
def test_any_wait_is_within_a_week(after: str, date: str) -> None:
    wait = retry_after({"Retry-After": after, "Date": date}, NOW)
    assert wait is None or timedelta() <= wait <= RETRY_AFTER_MAX


@given(st.integers(0, 7 * 24 * 3600))
def test_a_moment_is_a_wait_from_now(seconds: int) -> None:
    wait = timedelta(seconds=seconds)
    assert retry_after({"Retry-After": (NOW + wait).strftime("%a, %d %b %Y %H:%M:%S GMT")}, NOW) == wait
