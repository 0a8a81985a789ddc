"""What an HTTP reply's status and header fields mean to us; pure functions."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from yarl import URL

from monitor.core.model import Failure, FailureKind, FeedState, Proxy
from monitor.net.addresses import AddressError

REDIRECTS = frozenset({301, 302, 303, 307, 308})
RETRY_AFTER_MAX = timedelta(days=7)

_SCHEMES = frozenset({"http", "https"})
_KINDS = {
    401: FailureKind.BLOCKED,
    403: FailureKind.BLOCKED,
    404: FailureKind.NOT_FOUND,
    407: FailureKind.CONNECT,  # only a proxy asks for this
    410: FailureKind.GONE,
    429: FailureKind.RATE_LIMITED,
    451: FailureKind.BLOCKED,
}


class FailedError(Exception):
    """Ends a fetch with a failure that is already told."""

    def __init__(self, kind: FailureKind, detail: str, status: int | None = None) -> None:
        self.failure = Failure(kind=kind, detail=detail, status=status)
        super().__init__(detail)


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────


def parse(text: str) -> URL:
    """Read a feed's address; raises AddressError."""
    try:
        return _on_the_web(URL(text))
    except ValueError:
        raise AddressError("the address is malformed") from None


def _on_the_web(url: URL) -> URL:
    if url.scheme not in _SCHEMES:
        raise AddressError("the address is neither http nor https")
    if not url.raw_host:
        raise AddressError("the address names no host")
    return url


def bare(url: URL) -> URL:
    """Return an address without credentials and fragment: what may be stored and shown."""
    if url.raw_user is None and url.raw_password is None and not url.raw_fragment:
        return url
    return url.with_user(None).with_fragment(None)


def target(url: URL, status: int, headers: Mapping[str, str]) -> URL:
    """Return where a redirect leads; raises FailedError where that is nowhere on the web (RFC 9110 §10.2.2)."""
    location = headers.get("Location")
    if not location:
        raise FailedError(FailureKind.REDIRECT, "the redirect names no address", status)
    try:
        location.encode()  # the URL parser would drop stray bytes without a word
        return bare(_on_the_web(url.join(URL(location))))
    except AddressError:
        raise FailedError(FailureKind.REDIRECT, "the redirect leads out of the web", status) from None
    except ValueError:
        raise FailedError(FailureKind.REDIRECT, "the redirect's address is malformed", status) from None


def same_site(home: URL, url: URL) -> bool:
    """Whether `url` may be told what the feed's own site may: the same origin, or its upgrade to TLS."""
    before, after = (home.scheme, home.port), (url.scheme, url.port)
    return url.raw_host == home.raw_host and (before == after or (before, after) == (("http", 80), ("https", 443)))


# ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def secret_headers(url: URL, configured: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Return what only the feed's own site may see: its configured headers, and the credentials in its address."""
    headers = dict(configured)
    if url.user is not None and "authorization" not in {name.lower() for name in headers}:
        pair = f"{url.user}:{url.password or ''}".encode()
        headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
    return headers


def proxy_headers(proxy: Proxy | None) -> dict[str, str]:
    """Return what only the proxy may see; it takes the field out before it passes a request on (RFC 9110 §11.7.2)."""
    return {"Proxy-Authorization": proxy.authorization} if proxy and proxy.authorization else {}


def validators(feed: FeedState) -> dict[str, str]:
    """Return the conditions of a conditional request (RFC 9110 §13.1); empty when we know nothing yet."""
    pairs = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    return {name: value for name, value in pairs.items() if value}


# ── replies ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def text_header(headers: Mapping[str, str], name: str) -> str | None:
    """Return a field's value; None where it is no text, since that could be neither stored nor sent back."""
    value = headers.get(name)
    return value if value and value.isprintable() else None


def refusal(status: int, headers: Mapping[str, str], now: datetime) -> Failure:
    """Tell a status that brings no document as a failure (RFC 9110 §15)."""
    fallback = FailureKind.SERVER if status >= 500 else FailureKind.STATUS
    return Failure(
        kind=_KINDS.get(status, fallback),
        detail=_status_line(status),
        status=status,
        retry_after=retry_after(headers, now),
        of_proxy=status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
    )


def _status_line(status: int) -> str:
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read how long a server asks us to wait, from nothing to 7 days; None where it does not say, or not legibly.

    A moment counts from the server's own Date, else from `now`. Source: RFC 9110 §10.2.3.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text.lstrip("0")[:9] or 0)), RETRY_AFTER_MAX)
    until = _http_date(text)
    if until is None:
        return None
    wait = until - (_http_date(headers.get("Date", "")) or now)
    return min(max(wait, timedelta()), RETRY_AFTER_MAX)


def _http_date(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def freshness(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read how long a reply says that it stays fresh; None where it does not say. Source: RFC 9111 §4.2 and §5.2."""
    directives = {
        name.strip().lower(): value.strip('" ') for name, _, value in _directives(headers.get("Cache-Control", ""))
    }
    if directives.keys() & {"no-cache", "no-store"}:
        return None
    if (age := directives.get("max-age", "")).isascii() and age.isdigit():
        return max(_whole_seconds(age) - _whole_seconds(headers.get("Age", "")), timedelta())
    until = _http_date(headers.get("Expires", ""))
    if until is None:
        return None
    return max(until - (_http_date(headers.get("Date", "")) or now), timedelta())


def _directives(value: str) -> Iterator[tuple[str, str, str]]:
    return (part.partition("=") for part in value.split(","))


def _whole_seconds(text: str) -> timedelta:
    digits = text.strip()
    return timedelta(seconds=int(digits[:9])) if digits.isascii() and digits.isdigit() else timedelta()
