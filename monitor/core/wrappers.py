"""Addresses inside addresses: what redirectors, archives and AMP put around a publisher's own.

Only what is certain is taken off: where the inner address stands in the outer one. Nothing is asked of any server.
"""

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_INNER = re.compile(r"(https?):/{1,2}(?=[^/])", re.IGNORECASE)
_SEARCH = re.compile(r"(?:www\.)?google(?:\.com?)?\.[a-z]{2,3}")
_NEWS = re.compile(r"(?:/rss|/__i/rss/rd)?/articles/(CBM[\w-]+)")
_ARCHIVE_TODAY = re.compile(r"archive\.(?:is|ph|today|li|fo|md|vn)")
_SNAPSHOT = re.compile(r"/(?:(?:\d[\d.-]{3,20}|(?:o/)?\w{4,8})/)?(?=https?:/)", re.IGNORECASE)
_WAYBACK = re.compile(r"/web/(?:\d{1,14}(?:[a-z]{2}_)?|\*)/(?=https?:/)", re.IGNORECASE)
_SCOUR = re.compile(r"/(?:r/\w+|redirect|(?:@[^/]+/)?p)/")
_CACHED = re.compile(r"/(?:c|v)/(s/)?")
_AMP_VIEWER = re.compile(r"/amp/(s/)?")
_SITE = re.compile(r"[\w-]+\.(?:(?:com?|org|net|gov)\.)?[a-z]{2,}")
_AMP_PARAMETERS = {"amp": ("", "1", "true"), "outputtype": ("amp",), "output": ("amp",)}


def unwrapped(url: str) -> str | None:
    """Return the address inside another, as it is spelled there; None where there is none. `url` is canonical.

    Known are Google (results, News of the old form, AMP), AMP's cache, Facebook, VK, Telegram's viewer, Scour, the
    Wayback Machine and archive.today; of a publisher's own AMP pages the marks of the host, path and query are taken
    off. To be asked again until there is nothing more.
    """
    parts = urlsplit(url)
    for site, inner in _WRAPPERS:
        if site.fullmatch(parts.netloc):
            found = inner(parts)
            if found is not None:
                return found
    return _without_amp(parts)


def _parameter(*names: str) -> Callable[[SplitResult], str | None]:
    """Return what finds an address in one of these parameters."""

    def find(parts: SplitResult) -> str | None:
        given = dict(parse_qsl(parts.query))
        return next((given[name] for name in names if _INNER.match(given.get(name, ""))), None)

    return find


def _from_search(parts: SplitResult) -> str | None:
    if parts.path == "/url":
        return _parameter("url", "q")(parts)
    return _host_in_path(_AMP_VIEWER, parts)


def _host_in_path(lead: re.Pattern[str], parts: SplitResult) -> str | None:
    """Read `/amp/s/host/path`, where the `s` stands for https."""
    found = lead.match(parts.path)
    rest = parts.path[found.end() :] if found else ""
    if found is None or "." not in rest.partition("/")[0]:
        return None
    return f"{'https' if found[1] else 'http'}://{rest}{_query(parts)}"


def _rest_of_path(lead: re.Pattern[str]) -> Callable[[SplitResult], str | None]:
    """Return what finds an address behind a beginning of the path; query and fragment are the inner one's."""

    def find(parts: SplitResult) -> str | None:
        found = lead.match(parts.path)
        inner = found and _INNER.match(parts.path, found.end())
        return f"{inner[1]}://{parts.path[inner.end() :]}{_query(parts)}" if inner else None

    return find


def _from_scour(parts: SplitResult) -> str | None:
    """Read an address of one percent-encoded segment; the query is Scour's own then."""
    found = _SCOUR.match(parts.path)
    rest = unquote(parts.path[found.end() :]) if found else ""
    inner = _INNER.match(rest)
    return f"{inner[1]}://{rest[inner.end() :]}" if inner else None


def _from_google_news(parts: SplitResult) -> str | None:
    """Read the address in an id of the old form, a protocol buffer: `08 13 22 <length> <address>`.

    The new form holds a name that only Google can look up.
    """
    found = _NEWS.match(parts.path)
    try:
        message = base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4)) if found else b""
    except (ValueError, binascii.Error):
        return None
    if message[:3] != b"\x08\x13\x22" or len(message) < 6:
        return None
    start = 4 if message[3] < 0x80 else 5
    length = message[3] if start == 4 else (message[3] & 0x7F) | message[4] << 7
    address = message[start : start + length].decode("ascii", "replace")
    return address if _INNER.match(address) and len(address) == length else None


def _without_amp(parts: SplitResult) -> str | None:
    host, path, query = _host(parts.netloc), _path(parts.path), _parameters(parts.query)
    if (host, path, query) == parts[1:4]:
        return None
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    return f"{parts.scheme}://{host}{path}{'?' if query else ''}{query}{fragment}"


def _host(host: str) -> str:
    """Turn a site's AMP host into its `www`: a guess at the name, but one that takes no two articles for one."""
    rest = host.removeprefix("amp.")
    if rest == host or "." not in rest:
        return host
    return f"www.{rest}" if _SITE.fullmatch(rest) else rest


def _path(path: str) -> str:
    """Take off a last segment or ending `amp`, where something is left."""
    for ending in ("/amp", "/amp/", ".amp", ".amp.html"):
        rest = path.removesuffix(ending)
        if rest != path and rest.strip("/"):
            return rest + ending.replace("/amp", "").replace(".amp", "")
    return path


def _parameters(query: str) -> str:
    return "&".join(parameter for parameter in query.split("&") if not _marks_amp(parameter))


def _marks_amp(parameter: str) -> bool:
    name, _, value = parameter.lower().partition("=")
    return value in _AMP_PARAMETERS.get(name, ())


def _query(parts: SplitResult) -> str:
    return f"?{parts.query}" if parts.query else ""


_WRAPPERS = tuple(
    (re.compile(site), inner)
    for site, inner in (
        (_SEARCH.pattern, _from_search),
        (r"news\.google\.com", _from_google_news),
        (r"(?:[\w-]+\.)?cdn\.ampproject\.org", lambda parts: _host_in_path(_CACHED, parts)),
        (r"lm?\.facebook\.com", _parameter("u")),
        (r"(?:www\.)?facebook\.com", lambda parts: _parameter("u")(parts) if parts.path == "/l.php" else None),
        (r"(?:m\.)?vk\.com", lambda parts: _parameter("to")(parts) if parts.path == "/away.php" else None),
        (r"t\.me", lambda parts: _parameter("url")(parts) if parts.path == "/iv" else None),
        (r"scour\.ing", _from_scour),
        (r"(?:web\.)?archive\.org", _rest_of_path(_WAYBACK)),
        (_ARCHIVE_TODAY.pattern, _rest_of_path(_SNAPSHOT)),
    )
)
