"""Headers, sign-ins, cookies and proxies of feeds.yaml, as requests carry them."""

from base64 import b64decode
from pathlib import Path

from monitor.config import load_config
from monitor.core.model import FeedSpec, Proxy

ENVIRON = {"SITE_TOKEN": "пароль:#1", "SESSION": "abc=", "PROXY_USER": "desk", "PROXY_TOKEN": "secret"}


def feeds(folder: Path, text: str) -> tuple[FeedSpec, ...]:
    path = folder / "feeds.yaml"
    path.write_text(text, "utf-8")
    return load_config(path, environ=ENVIRON).feeds


def test_a_sign_in_and_cookies_become_headers(tmp_path: Path) -> None:
    (spec,) = feeds(
        tmp_path,
        """
        feeds:
          - id: x
            url: https://a.example/
            headers: {X-Key: k}
            auth: {user: редакція, password: "${SITE_TOKEN}"}
            cookies: {sid: "${SESSION}", lang: uk}
        """,
    )
    headers = dict(spec.headers)
    scheme, _, pair = headers["Authorization"].partition(" ")
    assert (scheme, b64decode(pair).decode()) == ("Basic", "редакція:пароль:#1")
    assert headers["Cookie"] == "sid=abc=; lang=uk"
    assert headers["X-Key"] == "k"


def test_a_name_without_braces_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(
        """\
defaults: {headers: {X-Default: "Bearer $SITE_TOKEN"}}
feeds:
  - id: x
    url: https://a.example/
    headers: {X-Well: "${SITE}", X-Lower: "$site_token", X-Price: "$5, US$, $$, pa$word, $AB"}
    auth: {user: desk, password: "$UNSET_TOKEN"}
    cookies: {sid: "a$SESSION", well: "a$b${SITE}"}
    proxy: {url: "http://proxy.example:3128", user: "$PROXY_USER", password: "x"}
""",
        "utf-8",
    )
    found = load_config(path, environ={"SITE": "s", "site_token": "t", "PROXY_USER": "u"}).warnings
    assert [(one.line, one.message.split()[0]) for one in found] == [
        (1, '"X-Default"'),
        (5, '"X-Lower"'),
        (6, '"password"'),
        (7, '"sid"'),
        (8, '"user"'),
    ]
    assert all("only ${NAME} is replaced" in one.message for one in found)
    assert not any("SITE_TOKEN" in one.message or "UNSET" in one.message for one in found), "it may be the secret"


def test_a_feeds_own_go_before_the_defaults(tmp_path: Path) -> None:
    (spec,) = feeds(
        tmp_path,
        """
        defaults: {headers: {authorization: "Bearer t", cookie: a=b, X-Key: k}}
        feeds: [{id: x, url: "https://a.example/", auth: {user: u, password: p}, cookies: {c: d}}]
        """,
    )
    assert spec.headers == (("X-Key", "k"), ("Authorization", "Basic dTpw"), ("Cookie", "c=d"))


def test_a_proxy_with_a_sign_in_and_without(tmp_path: Path) -> None:
    text = """
        feeds:
          - {id: a, url: "https://a.example/", proxy: {url: "http://proxy.example:3128"}}
          - {id: b, url: "https://b.example/",
             proxy: {url: "https://proxy.example", user: "${PROXY_USER}", password: "${PROXY_TOKEN}"}}
          - {id: c, url: "https://c.example/", proxy: {url: "http://10.0.0.1:3128", user: u}, allow_private: true}
        """
    plain, signed, bare = feeds(tmp_path, text)
    assert plain.proxy == Proxy(url="http://proxy.example:3128")
    assert signed.proxy == Proxy(url="https://proxy.example", authorization="Basic ZGVzazpzZWNyZXQ=")
    assert bare.proxy == Proxy(url="http://10.0.0.1:3128", authorization="Basic dTo=")
    assert "Basic" not in repr(signed)
