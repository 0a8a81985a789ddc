"""Passwords, keys and cookies go where they belong, and appear nowhere else: in no output, log, error or file."""

import io
import socket
from base64 import b64encode
from collections.abc import Iterator

import pytest
import structlog

from monitor import logs
from monitor.config import load_config
from monitor.core.model import FeedSpec
from tests.e2e.place import Place
from tests.e2e.servers import Background
from tests.net.hostile import Hostile

SECRETS = {name: f"hush-{name.lower()}-31337" for name in ("HEADER", "DEFAULT", "PASSWORD", "COOKIE", "PROXY", "USER")}
PAIRS = [f"{SECRETS['USER']}:{SECRETS['PASSWORD']}", f"{SECRETS['USER']}:{SECRETS['PROXY']}"]
ENCODED = [b64encode(pair.encode()).decode() for pair in PAIRS]
WORDS = ("hush-", *ENCODED, *(one[:16] for one in ENCODED))
FEEDS = """
defaults: {{headers: {{X-Default: "${{MONITOR_DEFAULT_TOKEN}}"}}}}
feeds:
""" + "".join(
    f"""
  - id: {name}
    url: {url}
    allow_private: true
    timeout: 2s
    headers: {{{{X-Key: "${{{{MONITOR_HEADER_TOKEN}}}}"}}}}
    auth: {{{{user: "${{{{MONITOR_USER_TOKEN}}}}", password: "${{{{MONITOR_PASSWORD_TOKEN}}}}"}}}}
    cookies: {{{{sid: "${{{{MONITOR_COOKIE_TOKEN}}}}"}}}}
    {proxy}
"""
    for name, url, proxy in (
        ("direct", "{site}/ok", ""),
        ("refused", "{site}/status/401", ""),
        ("garbage", "{site}/garbage", ""),
        ("away", "{site}/to?u=http://localhost:{port}/ok", ""),
        ("no-tls", "https://127.0.0.1:{port}/ok", ""),
        ("dead", "http://127.0.0.1:{dead}/", ""),
        ("nowhere", "http://nowhere.invalid/", ""),
        ("by-proxy", "http://far.example/ok", "proxy: {way}"),
        ("in-tunnel", "https://far.example:{port}/ok", "proxy: {way}"),
        ("unknown", "http://far.example/status/200", "proxy: {wrong}"),
    )
)
COMMANDS = (
    ("check",),
    ("feeds", "list"),
    ("feeds", "list", "--json"),
    ("feeds", "probe"),
    ("feeds", "probe", "--json"),
    ("poll", "--once"),
    ("poll", "--once", "--json"),
    ("feeds", "health"),
    ("feeds", "health", "--json"),
    ("status",),
    ("status", "--json"),
)


def clean(text: str) -> None:
    for word in WORDS:
        assert word not in text


@pytest.fixture
def proxy(background: Background) -> Hostile:
    return background.enter(Hostile(sign_in=f"Basic {ENCODED[1]}"))


@pytest.fixture
def site(background: Background) -> Hostile:
    return background.enter(Hostile())


@pytest.fixture
def dead() -> Iterator[int]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


@pytest.fixture
def desk(place: Place, site: Hostile, proxy: Hostile, dead: int) -> Place:
    address = proxy.url("").rstrip("/")
    sign_in = 'user: "${MONITOR_USER_TOKEN}", password: "${MONITOR_PROXY_TOKEN}"'
    text = FEEDS.format(
        site=site.url("").rstrip("/"),
        port=site.port,
        dead=dead,
        way=f'{{url: "{address}", {sign_in}}}',
        wrong=f'{{url: "{address}", user: other, password: "${{MONITOR_PROXY_TOKEN}}"}}',
    )
    place.feeds.write_text(text, encoding="utf-8")
    lines = (f"MONITOR_{name}_TOKEN='{value}'\n" for name, value in SECRETS.items())
    (place.folder / ".env").write_text("".join(lines), encoding="utf-8")
    return place


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_command_shows_a_secret(desk: Place, site: Hostile, proxy: Hostile, form: str) -> None:
    for words in COMMANDS:
        done = desk.cli(*words, MONITOR_LOG_FORMAT=form, MONITOR_LOG_LEVEL="debug")
        assert done.code in {0, 1}, done.err
        assert done.out + done.err
        clean(done.out)
        clean(done.err)
    assert_sent(site, proxy)
    for path in desk.folder.rglob("*"):
        if path.is_file() and path.name != ".env":
            clean(path.read_bytes().decode("utf-8", "replace"))


def assert_sent(site: Hostile, proxy: Hostile) -> None:
    """Tell that there was something to hide: each secret reached whom it is for, and the other did not see it."""
    direct = next(seen for seen in site.seen if seen.path == "/ok" and "localhost" not in seen.headers["host"])
    assert direct.headers["x-key"] == SECRETS["HEADER"]
    assert direct.headers["x-default"] == SECRETS["DEFAULT"]
    assert direct.headers["cookie"] == f"sid={SECRETS['COOKIE']}"
    assert direct.headers["authorization"] == f"Basic {ENCODED[0]}"
    [*away] = [seen for seen in site.seen if "localhost" in seen.headers["host"]]
    assert away
    for seen in away:
        clean(str(seen.headers))
    tunnels = [seen for seen in proxy.seen if seen.method == "CONNECT"]
    assert tunnels
    for seen in tunnels:
        assert not {"authorization", "cookie", "x-key", "x-default"} & seen.headers.keys()
    assert not [seen for seen in site.seen if "proxy-authorization" in seen.headers]


@pytest.mark.parametrize(
    "line",
    [
        "headers: hush-1",
        "headers: {X-Key: [hush-1]}",
        "headers: {X-Key: 'hush-ü'}",
        "auth: 'desk:hush-1'",
        "auth: {user: 'hush-1:', password: 'hush-2'}",
        "auth: {user: desk, password: {hidden: hush-1}}",
        "cookies: {sid: 'hush-1;'}",
        "cookies: [hush-1]",
        "proxy: http://desk:hush-1@proxy.example:3128",
        "proxy: {url: 'http://desk:hush-1@proxy.example:3128'}",
        "proxy: {url: 'http://proxy.example:3128', password: hush-1}",
        "proxy: {url: 'http://proxy.example:3128', user: desk, password: '${MONITOR_BAD_TOKEN}'}",
    ],
)
def test_a_mistake_beside_a_secret_is_told_without_it(place: Place, line: str) -> None:
    place.feeds.write_text(f"feeds:\n  - id: x\n    url: https://a.example/\n    {line}\n", encoding="utf-8")
    done = place.cli("check", MONITOR_BAD_TOKEN="hush-1\nhush-2")
    assert done.code == 2
    assert "feeds.yaml:4:" in done.out + done.err
    clean(done.out + done.err)


def specs(desk: Place) -> tuple[FeedSpec, ...]:
    environ = {f"MONITOR_{name}_TOKEN": value for name, value in SECRETS.items()}
    return load_config(desk.feeds, environ=environ).feeds


def test_no_spec_shows_a_secret(desk: Place) -> None:
    found = specs(desk)
    assert all(spec.headers for spec in found)
    assert sum(spec.proxy is not None and spec.proxy.authorization is not None for spec in found) == 3
    clean(repr(found))
    clean(f"{found}")


def trip(spec: FeedSpec) -> None:
    headers = dict(spec.headers)
    raise RuntimeError(f"{len(headers)} headers of {spec}")


def test_no_exception_and_no_traceback_shows_a_secret(desk: Place) -> None:
    """A log on a terminal once printed the local variables of every frame."""
    for form in ("console", "json"):
        stream = io.StringIO()
        logs.configure(form, "debug", stream)
        try:
            trip(specs(desk)[0])
        except RuntimeError:
            logs.get().exception("tripped")
        assert "4 headers" in stream.getvalue()
        clean(stream.getvalue())
    structlog.reset_defaults()
