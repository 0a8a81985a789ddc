"""Pages that a guard in front of a site sends to whom it takes for a robot, often as 200; pure functions.

Marks are those that stand in a challenge and in no ordinary page behind the same guard: Cloudflare, for one, puts
scripts of its own into every page, so its name alone means nothing.
"""

import re
from collections.abc import Mapping

_REACH = 64 * 1024
_HEADERS = {"cf-mitigated": "Cloudflare", "x-vercel-mitigated": "Vercel", "x-amzn-waf-action": "AWS WAF"}
_ACTIONS = frozenset({"challenge", "captcha"})
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*+<(?:!doctype\s+html|html|head|body|meta|script|title)\b",
    re.IGNORECASE | re.DOTALL,
)
_MARKS = {
    "Cloudflare": r"_cf_chl_opt|/orchestrate/chl_page/|cf-browser-verification|<title>just a moment\.\.\.",
    "DDoS-Guard": r"/\.well-known/ddos-guard/|<title>ddos-guard",
    "Imperva": r"_incapsula_resource|incapsula incident id",
    "Qrator": r"/__qrator/",
    "Sucuri": r"sucuri_cloudproxy_js",
    "Akamai": r"/_sec/cp_challenge/|sec-if-cpt-container",
    "AWS WAF": r"\.token\.awswaf\.com/",
    "DataDome": r"captcha-delivery\.com/",
    "PerimeterX": r"id=[\"']?px-captcha",
    "Anubis": r"/\.within\.website/x/cmd/anubis/|id=[\"']?anubis_challenge",
    "SmartCaptcha": r"/checkcaptchafast|<title>(?:are you not a robot|вы не робот)",
    "a guard": r"<title>\s*(?:checking your browser|verifying your browser|ddos protection|проверка браузера)",
}
_ANY = re.compile("|".join(f"({marks})" for marks in _MARKS.values()))
_GUARDS = tuple(_MARKS)


def guard_of_reply(headers: Mapping[str, str]) -> str | None:
    """Return whose challenge a reply is by its header fields, whatever its status; None for none."""
    named = (guard for name, guard in _HEADERS.items() if headers.get(name, "").strip().lower() in _ACTIONS)
    return next(named, None)


def guard_of_page(body: bytes) -> str | None:
    """Return whose challenge a body is; None for a feed, and for a web page that asks nothing of us."""
    beginning = body[:_REACH]
    if not _PAGE.match(beginning):
        return None
    found = _ANY.search(beginning.decode("utf-8", "replace").lower())
    return _GUARDS[found.lastindex - 1] if found and found.lastindex else None


def in_words(guard: str) -> str:
    """Say it on one line."""
    return f"a challenge page of {guard} instead of a feed"
