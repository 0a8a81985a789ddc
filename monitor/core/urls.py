"""Web addresses: made absolute, and made canonical so that one article has one address."""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

import idna

from monitor.core.wrappers import unwrapped

_SCHEMES = ("http", "https")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_MAX_HOST = 253
_PORTS = {"http": (None, 80, 443), "https": (None, 443)}
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_LEFT_ALONE = "%!$&'()*+,;=:@/?~"
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

_TRACKING_PREFIXES = (
    "utm_",  # Google Analytics campaigns; CGTN writes UTM_
    "at_",  # Piano (AT Internet) campaigns: the BBC's at_medium, at_campaign, at_custom1…
    "pk_",  # Matomo campaigns
    "mtm_",  # Matomo campaigns
)
_TRACKING = frozenset(
    {
        # click ids of advertisers and networks
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "yclid", "ysclid", "ttclid"),
        *("igshid", "igsh"),
        # analytics across sites: Google, Openstat, Twitter, AMP
        *("_ga", "_gl", "_openstat", "ref_src", "ref_url", "__twitter_impression", "amp_js_v", "usqp"),
        # mailing systems: Mailchimp, HubSpot, Marketo, Vero, Omeda
        *("mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "vero_id", "oly_enc_id", "oly_anon_id"),
        *("xtor", "xtref"),  # AT Internet: Le Monde, AFP, French regional papers
        *("ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee"),  # Comscore: Daily Mail, BBC
        *("wt_mc", "wt_zmc"),  # Webtrekk: heise, Zeit
        *("maca",),  # Deutsche Welle: the feed that carried the link
        *("traffic_source",),  # Al Jazeera: rss
        *("cmpid", "icid", "s_cid"),  # campaigns: Bloomberg, Adobe Analytics
        *("smid", "smtyp"),  # New York Times: social media desk
        *("syn-25a6b1a6",),  # Financial Times: syndication partner
        *("homepage-tracking",),  # the page from which the reader came
        *("guccounter", "guce_referrer", "guce_referrer_sig"),  # Yahoo's consent wall
        *("tpcc",),  # Foreign Policy: the box that held the link
        *("ftag",),  # CBS, CNET: the feed that carried the link
    }
)
# Parameters that mean the article elsewhere, and only the way to it on these sites.
_TRACKING_AT = {
    "mod": ("wsj.com", "barrons.com", "marketwatch.com"),  # the module that held the link
    "refsec": ("barrons.com",),  # the section that held the link
    "oc": ("news.google.com",),  # the kind of client
    "cmp": ("theguardian.com",),  # campaign
    "ito": ("dailymail.co.uk", "dailymail.com"),  # the kind of link
    "feedtype": ("reuters.com",),  # RSS
    "feedname": ("reuters.com",),  # the feed that carried the link
}
# A referrer parameter is dropped only where it says no more than that the link stood in a feed.
_REFERRERS = frozenset({"ref", "source", "src", "from", "partner", "emc", "via", "origin", "rss"})
_FEED_VALUES = frozenset({"rss", "rss2", "atom", "feed", "rssfeed", "rss-feed", "rss_feed"})


@lru_cache(maxsize=512)
def canonical_url(url: str) -> str | None:
    """Return the one spelling of an address, for telling articles apart; None for anything but http and https.

    Scheme and host in lower case and IDNA, https for http, no default port, credentials, fragment (but "#!" pages) or
    tracking parameter; dot segments resolved, percent-encoding normalised (RFC 3986 §6.2); wrappers and marks of AMP
    taken off. Idempotent. For comparing: the publisher's own spelling is the one to open.
    """
    canonical = _canonical(url)
    while canonical and (inner := unwrapped(canonical)) and (found := _canonical(inner)):
        canonical = found
    return canonical


def _canonical(url: str) -> str | None:
    parts = _split(url)
    host = _host(parts)
    if parts is None or host is None or parts.scheme not in _SCHEMES:
        return None
    authority = host if parts.port in _PORTS[parts.scheme] else f"{host}:{parts.port}"
    path = _without_dots("/" + _escaped(parts.path).removeprefix("/"))
    query = _untracked(_escaped(parts.query), host)
    fragment = _escaped(parts.fragment) if parts.fragment.startswith("!") else ""
    return f"https://{authority}{path}{'?' if query else ''}{query}{'#' if fragment else ''}{fragment}"


def resolve(base: str | None, url: str) -> str | None:
    """Return the absolute http or https address of a reference (RFC 3986 §5); None where it leads nowhere."""
    reference = _UNFIT.sub("", url).strip()
    if not reference:
        return None
    try:
        absolute = urljoin(_UNFIT.sub("", base or ""), reference)
    except ValueError:
        return None
    parts = _split(absolute)
    if parts is None or parts.scheme not in _SCHEMES or not parts.hostname:
        return None
    return absolute.replace(" ", "%20")


@lru_cache(16_384)  # asked for every poll of every feed
def host_of(url: str) -> str | None:
    """Return the host of an absolute address, in lower case and IDNA; None where there is none."""
    return _host(_split(url))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(_UNFIT.sub("", url).strip())
        _ = parts.port  # the port is only read, and refused, when it is asked for
    except ValueError:
        return None
    return parts


def _host(parts: SplitResult | None) -> str | None:
    host = ((parts and parts.hostname) or "").removesuffix(".")
    if ":" in host:
        return _ipv6(host)
    if not host.isascii():
        host = _idna(host)
    return host if len(host) <= _MAX_HOST and _HOST.fullmatch(host) else None


def _ipv6(host: str) -> str | None:
    try:
        return f"[{IPv6Address(host).compressed}]"
    except AddressValueError:
        return None


def _idna(host: str) -> str:
    """Return the ASCII form by UTS #46, or nothing where there is none."""
    if len(host) > _MAX_HOST:
        return ""
    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except UnicodeError:
        return ""


def _escaped(part: str) -> str:
    whole = _STRAY_PERCENT.sub("%25", part)
    return quote(_ESCAPE.sub(_escape, whole), safe=_LEFT_ALONE, errors="replace")


def _escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char in _UNRESERVED else found[0].upper()


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == ".." and len(kept) > 1:
            kept.pop()
        elif segment not in (".", ".."):
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept) or "/"


def _untracked(query: str, host: str) -> str:
    parameters = (_unescaped_amp(parameter) for parameter in query.split("&"))
    return "&".join(p for p in parameters if p and not _is_tracking(p, host))


def _unescaped_amp(parameter: str) -> str:
    """Links escaped once too often carry `&amp;` between their parameters."""
    while parameter.startswith("amp;"):
        parameter = parameter.removeprefix("amp;")
    return parameter


def _is_tracking(parameter: str, host: str) -> bool:
    name, _, value = unquote(parameter).lower().partition("=")
    if name in _TRACKING or name.startswith(_TRACKING_PREFIXES):
        return True
    if name in _REFERRERS and value in _FEED_VALUES:
        return True
    return any(host == site or host.endswith(f".{site}") for site in _TRACKING_AT.get(name, ()))
