"""The commands of the first evening: `init`, `feeds`."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.clock import utc_now
from monitor.demo.outlets import Format, load_outlets
from monitor.demo.server import SampleServer
from monitor.settings import load_settings
from tests.e2e.place import OPERATOR, WATCH, Place, call
from tests.e2e.process import ROOT
from tests.e2e.servers import Background, FeedServer, LintedSink, Reply, document, moved
from tests.net.hostile import Hostile

OUTLETS = tuple(replace(outlet, delay=0.0) for outlet in load_outlets())


# ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_list_and_health(place: Place, server: FeedServer) -> None:
    server.replies["one"] = document("Drones over Kyiv")
    place.write({"one": server.url("one"), "two": server.url("two")})
    assert [spec["id"] for spec in place.cli("feeds", "list", "--json").records] == ["one", "two"]
    place.cli("poll")
    assert [row["id"] for row in place.cli("feeds", "health", "--json").records] == ["one", "two"]
    [failing] = place.cli("feeds", "health", "--failing", "--json").records
    assert (failing["id"], failing["failure_kind"], failing["failures"]) == ("two", "not-found", 1)
    assert "not-found ×1" in place.cli("feeds", "health", "--failing").out


def test_secret_headers_are_not_listed(place: Place) -> None:
    place.write({"one": "https://one.example/feed"})
    place.feeds.write_text(place.feeds.read_text() + "    headers: {X-Key: wordofpower}\n")
    for options in ([], ["--json"]):
        assert "wordofpower" not in place.cli("feeds", "list", *options).out


def test_probe_of_every_sort_of_feed(place: Place, server: FeedServer, background: Background) -> None:
    samples = background.enter(SampleServer(now=utc_now(), outlets=OUTLETS))
    server.replies |= {
        "moved": moved("/fresh"),
        "for-now": moved("/fresh", 302),
        "fresh": document("Drones over Kyiv"),
        "blocked": Reply(status=403),
        "busy": Reply(status=429),
        "stale": document("Drones over Kyiv", age=timedelta(days=99)),
        "empty": document(),
    }
    names = ("moved", "for-now", "blocked", "busy", "stale", "empty", "dead")
    place.write({name: server.url(name) for name in names} | samples.urls())
    before = place.feeds.read_bytes()
    done = place.cli("feeds", "probe", "--json")
    health = {one["id"]: one["health"] for one in done.records}
    wanted = {outlet.id: "dead" if outlet.format == Format.PAGE else "ok" for outlet in OUTLETS}
    wanted |= {"moved": "moved", "for-now": "ok", "blocked": "blocked", "busy": "blocked", "dead": "dead"}
    assert (done.code, health) == (0, wanted | {"stale": "stale", "empty": "stale"})
    assert place.feeds.read_bytes() == before
    assert not place.database.exists()
    plain = place.cli("feeds", "probe", "moved", "dead").out
    assert f"moved for good to {server.url('fresh')}" in plain
    assert plain.index("dead") < plain.index("moved")
    assert plain.endswith("1 moved, 1 dead\n")
    unknown = place.cli("feeds", "probe", "harold", "moveed")
    assert unknown.code == 2
    assert unknown.err.splitlines() == [
        "no feed “harold”; `run_monitor.py feeds list` names them all",
        "no feed “moveed”; did you mean moved?",
    ]


def test_what_is_refused_is_not_dead(place: Place, server: FeedServer, background: Background) -> None:
    proxy = background.enter(Hostile(sign_in="Basic c2VjcmV0OndvcmQ="))
    server.replies |= {"good": document("Drones over Kyiv"), "wall": Reply(status=401)}
    place.write({name: server.url(name) for name in ("good", "wall", "dead")})
    through = f"    allow_private: true\n    proxy: {{url: '{proxy.url('')}'}}\n"
    extra = f"  - id: inner\n    url: {server.url('good')}#2\n  - id: way\n    url: http://far.example/\n{through}"
    tunnel = f"  - id: tunnel\n    url: https://far.example/\n{through}"
    place.feeds.write_text(place.feeds.read_text() + extra.replace("#2", "?2") + tunnel)
    found = {one["id"]: (one["health"], one["detail"]) for one in place.cli("feeds", "probe", "--json").records}
    health = {name: kind for name, (kind, _) in found.items()}
    wanted = {"good": "ok", "wall": "blocked", "dead": "dead", "inner": "refused", "way": "proxy", "tunnel": "proxy"}
    assert health == wanted
    assert found["wall"][1].endswith("it wants a sign-in: give the feed `auth`")
    assert "`allow_private: true`" in found["inner"][1]
    for name in ("way", "tunnel"):
        assert found[name][1].endswith("the proxy wants a sign-in: give `proxy` its `user` and `password`")
    done = place.cli("feeds", "probe", "--disable-dead", "--yes")
    assert done.out.splitlines()[-1] == f"disabled in {place.feeds}: dead"


def test_a_document_beyond_its_budget_ends_alone(place: Place, server: FeedServer) -> None:
    """Where it was read in the command's own process, it held or ended the command."""
    server.replies["heavy"] = Reply(
        body=document("One").body.replace(b"One", b"<![CDATA[" + b"<p>" * 3_000_000 + b"]]>")
    )
    place.write({"heavy": server.url("heavy")})
    budget = {"MONITOR_PARSE_MEMORY_MB": "64", "MONITOR_ALLOW_PRIVATE": "true"}
    [one] = place.cli("feeds", "probe", "--json", **budget).records
    assert (one["health"], one["detail"]) == ("dead", "needed more than 64 MB of memory")
    done = place.cli("feeds", "add", server.url("heavy") + "?2", "--yes", **budget)
    assert (done.code, done.err) == (1, f"{server.url('heavy')}?2: needed more than 64 MB of memory\n")


WRITTEN = """\
# Mine, by hand.
feeds:
  # the good one
  - id: good
    url: "{good}"   # quoted
    allow_private: true
  - {{id: dead, url: "{dead}", allow_private: true}}  # flow

  - id: gone
    enabled: yes   # for how long?
    url: {gone}
    allow_private: true
"""


def test_the_dead_are_disabled_and_comments_stay(place: Place, server: FeedServer) -> None:
    server.replies["good"] = document("Drones over Kyiv")
    text = WRITTEN.replace("yes", "true").format(**{name: server.url(name) for name in ("good", "dead", "gone")})
    place.feeds.write_text(text)
    refused = place.cli("feeds", "probe", "--disable-dead", stdin="n\n")
    assert (place.feeds.read_text(), "Disable 2 dead feeds" in refused.err) == (text, True)
    done = place.cli("feeds", "probe", "--disable-dead", "--yes")
    assert (done.code, done.out.splitlines()[-1]) == (0, f"disabled in {place.feeds}: dead, gone")
    flow = f'- {{id: dead, enabled: false, url: "{server.url("dead")}", allow_private: true}}  # flow'
    wanted = text.replace("enabled: true ", "enabled: false ")
    wanted = wanted.replace(next(line.strip() for line in text.splitlines() if "# flow" in line), flow)
    assert place.feeds.read_text() == wanted
    assert [one["enabled"] for one in place.cli("feeds", "list", "--json").records] == [True, False, False]
    assert [one["id"] for one in place.cli("feeds", "probe", "--json").records] == ["good"]


def test_when_all_fail_the_network_is_blamed(place: Place, closed_port: int) -> None:
    place.write({name: f"http://127.0.0.1:{closed_port}/{name}" for name in ("one", "two")})
    before = place.feeds.read_bytes()
    done = place.cli("feeds", "probe", "--disable-dead", "--yes")
    assert (done.code, "this machine's network" in done.out) == (0, True)
    assert place.feeds.read_bytes() == before


# ── init ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

ANSWERS = ("--domain", "example.org", "--zone", "Europe/Kyiv", "--operator", OPERATOR)


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A directory with a feeds.yaml and no settings."""
    (tmp_path / "feeds.yaml").write_text(WATCH)
    return tmp_path / ".env"


def init(env_file: Path, *words: str, stdin: str = "") -> tuple[int, str, str]:
    done = call(*files(env_file), "init", *words, environ={}, stdin=stdin)
    return done.code, done.out, done.err


def files(env_file: Path) -> list[str | Path]:
    return ["--config", env_file.with_name("feeds.yaml"), "--env-file", env_file]


def test_init_writes_settings_and_sends_a_mail(fresh: Path, tmp_path: Path) -> None:
    with LintedSink(tmp_path / "mails") as sink:
        server = ("--smtp-host", sink.host, "--smtp-port", str(sink.port), "--smtp-security", "none")
        code, out, err = init(fresh, "--yes", *ANSWERS, *server)
        assert (code, err, sink.wait(1, 10.0)) == (0, "", True)
    assert f"test mail to {OPERATOR}: 2.0.0 kept" in out
    assert fresh.stat().st_mode & 0o777 == 0o600
    assert (sink.mails[0].recipients, sink.mails[0].message["Subject"]) == ((OPERATOR,), "Ukraine monitor: test mail")
    assert fresh.with_name("feeds.yaml").read_text() == WATCH
    storage = {"MONITOR_VAR": str(tmp_path), "MONITOR_DATABASE": f"sqlite:///{tmp_path}/m.db"}
    done = call(*files(fresh), "check", "--json", environ=storage)
    found = {one["what"]: one["state"] for one in done.records}
    assert (found["mail"], found["operator"], found["templates"]) == ("wrong", "ok", "ok")  # the sink has gone


def test_init_keeps_secrets_and_odd_letters(fresh: Path) -> None:
    secret = r"it's a \ $HOME #word"
    port = ("--smtp-host", "127.0.0.1", "--smtp-port", "1", "--smtp-user", "desk", "--smtp-password", secret)
    code, out, err = init(fresh, "--yes", "--no-probe", *ANSWERS, *port)
    assert (code, f"test mail to {OPERATOR} failed" in out) == (1, True)
    assert "$HOME" not in out + err
    settings = load_settings({}, fresh)
    assert settings.smtp_password is not None
    assert settings.smtp_password.get_secret_value() == secret
    fresh.chmod(0o644)
    own = "# mine\nMONITOR_KEEP_HITS_DAYS=100\nMONITOR_DESK_TOKEN=abc\n"
    fresh.write_text(fresh.read_text() + own)
    assert init(fresh, "--yes", "--no-probe", *ANSWERS, *port)[0] == 1
    assert fresh.stat().st_mode & 0o777 == 0o600
    assert own in fresh.read_text(), "what init does not ask for stays as it is"
    assert load_settings({}, fresh).secret == settings.secret, "a new one would make void what was mailed"
    assert fresh.read_text().count("MONITOR_SMTP_HOST=") == 1


def test_init_asks_again_after_a_wrong_answer(fresh: Path) -> None:
    answers = "example.org\n\nEurope/Kyiw\nEurope/Kyiv\nnobody\nops@example.org\nhttp://monitor.example\n\n"
    code, _, err = init(fresh, "--no-probe", stdin=answers)
    assert code == 0, err
    assert "Europe/Kyiv" in err
    assert "must begin with https://" in err
    assert load_settings({}, fresh).operator == "ops@example.org"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--domain", "exa mple"), "MONITOR_SENDER"),
        (("--zone", "Europe/Kiyv"), "Europe/Kyiv"),
        (("--operator", "nobody"), "MONITOR_OPERATOR"),
        (("--base-url", "http://monitor.example.org"), "MONITOR_BASE_URL"),
        (("--smtp-host", "https://mail.example.org"), "MONITOR_SMTP_HOST"),
        (("--smtp-host", "mail.example.org", "--smtp-security", "ssl"), "MONITOR_SMTP_SECURITY"),
        (("--smtp-host", "mail.example.org", "--smtp-port", "70000"), "MONITOR_SMTP_PORT"),
    ],
)
def test_init_refuses_bad_answers_and_writes_nothing(fresh: Path, words: tuple[str, ...], reason: str) -> None:
    code, out, err = init(fresh, "--yes", "--no-probe", *ANSWERS, *words)
    assert (code, out, reason in err) == (2, "", True)
    assert not fresh.exists()


def test_init_writes_the_shipped_feeds_where_there_are_none(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    code, out, _ = init(env_file, "--yes", "--no-probe", *ANSWERS)
    assert (code, "digests will wait" in out) == (0, True)
    assert (tmp_path / "feeds.yaml").read_bytes() == (ROOT / "feeds.yaml").read_bytes()


def test_init_asks_what_it_was_not_given(fresh: Path) -> None:
    code, _, err = init(fresh, "--no-probe", stdin="example.org\n\nEurope/Kyiv\noperator@example.org\n\n")
    assert (code, "Your domain" in err) == (0, True)
    assert "MONITOR_SENDER='Ukraine monitor <monitor@example.org>'" in fresh.read_text()
