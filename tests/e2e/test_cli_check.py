"""`check`: everything that `run` would need, tried out."""

import shutil

import pytest

from monitor.demo.sink import MailSink
from monitor.web import listening
from tests.e2e.place import WATCH, Place
from tests.e2e.process import ROOT
from tests.e2e.test_web import free_place
from tests.net.keys import written


def states(place: Place, **changes: str) -> tuple[int, dict[str, tuple[str, str]]]:
    done = place.cli("check", "--json", **changes)
    return done.code, {one["what"]: (one["state"], one["detail"]) for one in done.records}


def test_check_is_well(place: Place, sink: MailSink) -> None:
    place.write({"one": "https://one.example/feed"})
    pages = {
        "MONITOR_BASE_URL": "https://monitor.example",
        "MONITOR_SECRET": "s" * 32,
        "MONITOR_WEB_PROXY": "127.0.0.1",
        "MONITOR_DKIM_KEY": str(written(place.folder / "dkim.pem")),
        "MONITOR_DKIM_SELECTOR": "news",
    }
    code, found = states(place, MONITOR_CONTACT="https://example.org/about", MONITOR_WEB_LISTEN=free_place(), **pages)
    assert (code, {state for state, _ in found.values()}) == (0, {"ok"})
    assert list(found) == [
        *("configuration", "templates", "database", "disk", "mail", "signing", "pages", "operator", "contact")
    ]
    assert sink.mails == ()


def test_check_tells_of_a_variable_without_braces(place: Place) -> None:
    place.write({"one": "https://one.example/feed"})
    place.feeds.write_text(place.feeds.read_text() + "    auth: {user: desk, password: $SITE_TOKEN}\n")
    code, found = states(place)
    state, detail = found["configuration"]
    line = len(place.feeds.read_text().splitlines())
    assert (code, state) == (0, "note")
    assert f'{place.feeds}:{line}:34: "password" holds a $ before a name; only ${{NAME}} is replaced' in detail
    assert "configuration warning" in place.cli("subscribers", "list").err


def test_check_finds_every_fault_at_once(place: Place, closed_port: int) -> None:
    place.feeds.write_text(f"{WATCH}feeds:\n  - id: one\n    intervall: 5m\n")
    templates = place.folder / "templates"
    shutil.copytree(ROOT / "templates", templates)
    (templates / "digest" / "body.txt").write_text("one\n{{ frame.nothing }}\n")
    place.mail_to(closed_port)
    corrupt = place.folder / "corrupt.db"
    corrupt.write_bytes(bytes(range(256)) * 64)
    with listening("127.0.0.1:0") as busy:
        code, found = states(
            place,
            MONITOR_TEMPLATES=str(templates),
            MONITOR_DATABASE=f"sqlite:///{corrupt}",
            MONITOR_DISK_FREE_MB="10000000",
            MONITOR_BASE_URL="https://monitor.example",
            MONITOR_SECRET="s" * 32,
            MONITOR_WEB_LISTEN=f"127.0.0.1:{busy.getsockname()[1]}",
            MONITOR_OPERATOR="",
        )
    assert code == 2
    assert {what: state for what, (state, _) in found.items()} == {
        "configuration": "wrong",
        "templates": "wrong",
        "database": "wrong",
        "disk": "wrong",
        "mail": "wrong",
        "signing": "note",
        "pages": "wrong",
        "operator": "note",
        "contact": "note",
    }
    assert "Address already in use" in found["pages"][1]
    assert f"{place.feeds}:" in found["configuration"][1]
    assert "digest/body.txt:2" in found["templates"][1]
    assert "nothing listens there" in found["mail"][1]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "readers unsubscribe by a mail to monitor@example.org"),
        ({"MONITOR_BASE_URL": "http://127.0.0.1:8080"}, "readers unsubscribe by a mail to monitor@example.org"),
        ({"MONITOR_BASE_URL": "https://monitor.example"}, "set MONITOR_WEB_PROXY"),
    ],
)
def test_check_says_how_readers_unsubscribe(place: Place, changes: dict[str, str], told: str) -> None:
    place.write({"one": "https://one.example/feed"})
    place.mail_to(1)
    _, found = states(place, MONITOR_SECRET="s" * 32, MONITOR_WEB_LISTEN=free_place(), **changes)
    state, detail = found["pages"]
    assert (state, told in detail) == ("note", True)
