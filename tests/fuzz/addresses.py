"""Any address has one spelling or none; what is resolved is absolute, and resolves to itself."""

from monitor.core.urls import canonical_url, host_of, resolve
from tests.fuzz.strictness import linear

ADDRESSES = (
    "HTTP://User:pw@NEWS.example:80/a/../b/./c;d?utm_source=x&b=%7e&a=1#frag",
    "https://приклад.укр/новини?я=1&fbclid=2#!/page",
    "https://[2001:db8::1]:8443/%E2%82%AC%zz",
    "https://www.google.com/url?q=https%3A%2F%2Fnews.example%2F1&sa=U",
    "https://news.google.com/rss/articles/CBMiGmh0dHBzOi8vbmV3cy5leGFtcGxlL2EvYi9j?oc=5",
    "https://news-example.cdn.ampproject.org/c/s/news.example/1/amp",
    "https://amp.news.example/1.amp.html?amp=1",
    "https://web.archive.org/web/20260224050000id_/https://news.example/1",
    "https://l.facebook.com/l.php?u=https://t.me/iv%3Furl=https://news.example/",
    "https://vk.com/away.php?to=http%3A//a.example",
    "//cdn.example/x y",
    "../x?y#z",
    "javascript:alert(1)",
    "http://127.0.0.1./",
)
SEEDS = [address.encode() for address in ADDRESSES] + [f"{ADDRESSES[0]}\n../../x".encode()]


def check(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    base, _, reference = text.rpartition("\n")
    with linear(len(data)):
        host_of(text)
        check_canonical(text)
        absolute = resolve(base, reference)
    if absolute is not None:
        absolute.encode()
        assert absolute[:8].lower().startswith(("http://", "https://")), absolute
        assert resolve(None, absolute) == absolute
        check_canonical(absolute)


def check_canonical(url: str) -> None:
    found = canonical_url(url)
    if found is not None:
        found.encode()
        assert found.startswith("https://")
        assert canonical_url(found) == found
        assert host_of(found) is not None
