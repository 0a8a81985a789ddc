"""What makes a feed's address and its request headers usable (RFC 3986, RFC 9110 §5)."""

import re
from urllib.parse import SplitResult, urlsplit

from monitor.config.wording import quoted

_LONGEST = 4096
_SCHEME = re.compile(r"(?i)https?://")
_FORBIDDEN = re.compile(r'[\s\x00-\x1f\x7f\\<>"`]')
_HOST = re.compile(r"[\w-]{1,63}(\.[\w-]{1,63})*\.?")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "if-modified-since",
        "if-none-match",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def checked_address(url: str, *, sign_in: str = '"auth"') -> str:
    """Return the address as it is. Raises ValueError, which never repeats it: addresses can hold passwords and keys.

    `sign_in` names what a user name and a password belong into.
    """
    _check_form(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("has no valid host or port; it must look like https://agency.example/rss") from None
    _check_host(parts, sign_in)
    if port == 0:
        raise ValueError("has no valid host or port; it must look like https://agency.example/rss")
    return url


def _check_form(url: str) -> None:
    if "${" in url:
        raise ValueError(
            "holds a variable, but these are replaced in headers, cookies and passwords only; write the address out"
        )
    if _FORBIDDEN.search(url):
        raise ValueError(
            r'holds a space, a line break or one of \ < > " `; remove it, or write it in the % form, a space as %20'
        )
    if len(url) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST} characters; is it one address?")
    scheme = _SCHEME.match(url)
    if not scheme:
        raise ValueError(_scheme_mistake(url))
    if re.match(r"(?i)(https?|ftp|feed)(:|//)", url[scheme.end() :]):
        raise ValueError("holds a second scheme right after the first; remove one")


def _scheme_mistake(url: str) -> str:
    if re.match(r"(?i)https?[:;]?/*", url):
        return "must begin with http:// or https://; check the colon and the two slashes"
    if found := re.match(r"(?i)([a-z][a-z0-9+.-]*):(//)?(?!\d)", url):
        return f"begins with {quoted(found[0])}, but must be http:// or https://"
    if "://" in url:
        return "has its scheme in the middle; it must come first"
    return "must begin with http:// or https://"


def checked_proxy(url: str) -> str:
    """Return a proxy's address as it is. Raises ValueError, which never repeats it."""
    checked_address(url, sign_in='"user" and "password"')
    parts = urlsplit(url)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("is the address of a proxy, which ends after host and port; remove the rest")
    return url


def _check_host(parts: SplitResult, sign_in: str) -> None:
    if "@" in parts.netloc:
        raise ValueError(f"holds a user name or password; give them in {sign_in} instead")
    if not parts.hostname:
        raise ValueError("has no host; it must look like https://agency.example/rss")
    if ":" not in parts.hostname and (not _HOST.fullmatch(parts.hostname) or len(parts.hostname) > 253):
        raise ValueError("has no valid host or port; it must look like https://agency.example/rss")


def comparable_address(url: str) -> str:
    """Return what spellings of one address have in common: capitals of the host, default port and fragment aside."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path or '/'}{query}"


def checked_header_name(name: str) -> str:
    """Return the name as it is (a token of RFC 9110 §5.6.2). Raises ValueError."""
    if not _TOKEN.fullmatch(name):
        raise ValueError("is no header's name; use letters, digits and - only")
    if name.lower() in _OURS:
        raise ValueError("is a header that the monitor sets by itself; remove it")
    return name


def checked_cookie_name(name: str) -> str:
    """Return the name as it is (RFC 6265 §4.1.1). Raises ValueError."""
    if not _TOKEN.fullmatch(name):
        raise ValueError("is no cookie's name; use letters, digits, - and _ only")
    return name


def checked_headers(headers: dict[str, str]) -> dict[str, str]:
    """Return the headers as they are. Raises ValueError when two names differ in capitals only."""
    seen: set[str] = set()
    for name in headers:
        if name.lower() in seen:
            raise ValueError(f'has the header "{name}" twice (capitals make no difference); remove one')
        seen.add(name.lower())
    return headers
