"""The pages beside everything else in one daemon: from a form to a mail, from the mail's links to the pages."""

import re
import signal
import urllib.request
from email.message import EmailMessage
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest

from monitor.core.model import Status
from monitor.demo.sink import MailSink
from monitor.settings import load_settings
from monitor.store import accounts
from monitor.store.schema import metadata
from monitor.values import SECRET_MIN
from monitor.web import listening
from tests.e2e.place import Place
from tests.e2e.servers import FeedServer, document
from tests.e2e.test_daemon import mails_to, said

READER = "reader@example.org"
SECRET = "a secret of the tests, long enough"


@pytest.fixture
def pages(place: Place) -> str:
    """Settings for pages; returns their address."""
    at = free_place()
    place.environ |= {"MONITOR_BASE_URL": f"http://{at}", "MONITOR_WEB_LISTEN": at, "MONITOR_SECRET": SECRET}
    return f"http://{at}"


def fetch(url: str, fields: dict[str, str] | None = None, *, method: str | None = None) -> str:
    data = urlencode(fields).encode() if fields else None
    with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=30) as answer:
        return str(answer.read().decode())


def sealed(page: str, **fields: str) -> dict[str, str]:
    found = re.search(r'name="seal" value="([^"]+)"', page)
    assert found is not None
    return {"seal": found[1], **fields}


def links(mail: EmailMessage, pages: str) -> set[str]:
    """All of our addresses in a mail: its text, its HTML and its header lines."""
    bodies = [str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"]
    text = "\n".join([*bodies, *(str(value) for value in mail.values())])
    return {link.rstrip(".") for link in re.findall(rf"{re.escape(pages)}[\w./-]+", text)}


def free_place() -> str:
    with listening("127.0.0.1:0") as found:
        return f"127.0.0.1:{found.getsockname()[1]}"


def test_from_the_form_to_the_digest_and_out(place: Place, server: FeedServer, sink: MailSink, pages: str) -> None:
    place.environ["MONITOR_PUBLIC_SUBSCRIBE"] = "true"
    server.replies["one"] = document("Drones over Kyiv", "Drones over Kharkiv, Ukraine")
    place.write({"one": server.url("one")})
    with place.daemon() as daemon:
        daemon.wait("pages served")
        form = sealed(fetch(f"{pages}/s/"), email=READER, zone="Europe/Kyiv", when="times", time="07:00", cap="1")
        assert "Look into your mail" in fetch(f"{pages}/s/", form)
        [opt_in] = mails_to(sink, READER, 1)
        [confirm] = [link for link in links(opt_in, pages) if "/c/" in link]
        assert "is confirmed" in fetch(confirm, sealed(fetch(confirm)))
        assert fetch(f"{pages}/s/", form)
        daemon.wait("polled", feed="one")
        place.make_due(READER)
        digest = mails_to(sink, READER, 3)[-1]
        assert "Drones over" in said(digest)

        # Scanners fetch every link of every mail.
        every = set().union(*(links(mail, pages) for mail in mails_to(sink, READER, 3)))
        assert {link.removeprefix(pages)[:3] for link in every} == {"/c/", "/m/", "/u/", "/d/", "/y/"}
        before = whole(place)
        for link in every:
            for method in ("GET", "HEAD"):
                fetch(link, method=method)
        assert whole(place) == before

        [leave] = [link for link in links(digest, pages) if "/u/" in link]
        assert "You are unsubscribed" in fetch(leave, {"List-Unsubscribe": "One-Click"})
        assert daemon.end() == 0
        assert daemon.lines == []
    with place.db() as db:
        reader = db.read_now(accounts.by_address, READER)
        assert reader is not None
        assert reader.status == Status.UNSUBSCRIBED


def whole(place: Place) -> dict[str, list[str]]:
    """Everything that is stored of readers."""
    ours = [table for table in metadata.sorted_tables if table.name in {"subscriber", "subscription", "delivery"}]
    with place.db() as db:
        return db.read_now(lambda conn: {table.name: sorted(map(repr, conn.execute(table.select()))) for table in ours})


def test_a_busy_port_is_told_at_the_start(place: Place) -> None:
    place.write({})
    with listening("127.0.0.1:0") as busy:
        at = f"127.0.0.1:{busy.getsockname()[1]}"
        place.environ |= {"MONITOR_BASE_URL": f"http://{at}", "MONITOR_WEB_LISTEN": at, "MONITOR_SECRET": SECRET}
        with place.daemon() as daemon:
            assert daemon.wait_end() == 2
            assert f"cannot be served at {at} (MONITOR_WEB_LISTEN): Address already in use" in daemon.tail()


def test_the_end_is_orderly_while_somebody_holds_a_connection(place: Place, pages: str) -> None:
    place.write({})
    with place.daemon() as daemon:
        daemon.wait("pages served")
        with urllib.request.urlopen(f"{pages}/", timeout=30) as answer:
            assert answer.status == 200
            assert daemon.end(signal.SIGTERM) == 0
        assert daemon.lines == []


def test_without_an_address_there_are_no_pages(place: Place, server: FeedServer) -> None:
    server.replies["one"] = document("Drones over Kyiv")
    place.write({"one": server.url("one")})
    at = free_place()
    with place.daemon(MONITOR_WEB_LISTEN=at) as daemon:
        daemon.wait("polled", feed="one")
        with pytest.raises(OSError, match="refused"):
            fetch(f"http://{at}/")
        assert daemon.find("pages served") == []


def test_a_made_up_link_opens_nothing(place: Place, pages: str) -> None:
    place.write({})
    with place.daemon() as daemon:
        daemon.wait("pages served")
        with pytest.raises(HTTPError) as caught:
            fetch(f"{pages}/m/1-1.aaaaaa.bbbbbbbbbbbbbbbbbbbbbb")
        with caught.value as answer:
            assert answer.code == 404


def test_init_makes_a_secret_once(place: Place) -> None:
    place.write({})
    words = ("--yes", "--no-probe", "--domain", "example.org", "--zone", "UTC", "--base-url", "https://monitor.example")
    assert place.cli("init", *words).code == 0
    made = load_settings({}, place.folder / ".env")
    assert made.secret is not None
    assert len(made.secret.get_secret_value()) >= SECRET_MIN
    assert place.cli("init", *words).code == 0
    assert load_settings({}, place.folder / ".env") == made
