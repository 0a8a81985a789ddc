"""The daemon as its users meet it: a process, its mails, its exit codes."""

import os
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from monitor.clock import utc_now
from monitor.demo.sink import MailSink
from tests.e2e.place import OPERATOR, WATCH, Place
from tests.e2e.process import Daemon, command, environment
from tests.e2e.servers import SILENCE, Background, FeedServer, LintedSink, Reply, WatchedSmtpd, document
from tests.net.smtpd import HANG

READER = "reader@example.org"
MAIL_S = 90.0
AT_ONCE_S = 1.9
"""Less than a tick of `reload`."""
HEAD = len(WATCH.splitlines()) + 1
"""Lines of a feeds.yaml before its first feed."""


def mails_to(sink: MailSink, address: str, count: int) -> list[EmailMessage]:
    """Block until there are so many mails to the address; return them."""
    seen = 0
    while len(found := [mail.message for mail in sink.mails if mail.recipients == (address,)]) < count:
        assert sink.wait(seen + 1, MAIL_S), f"{len(found)} mails to {address}, not {count}"
        seen += 1
    assert len(found) == count
    return found


def said(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


# ── feeds and mails ──────────────────────────────────────────────────────────────────────────────────────────────────


def feed_in_mail_out(place: Place, server: FeedServer, sink: MailSink) -> None:
    server.replies["courier"] = document("Drones over Kyiv", "Wheat harvest begins")
    place.write({"courier": server.url("courier")})
    slot = f"{utc_now() - timedelta(minutes=2):%H:%M}"  # later than the document's dates
    added = place.cli("subscribers", "add", READER, "--topics", "drones", "--daily", slot)
    assert (added.code, added.out.split("\n")[0]) == (0, f"{READER} will be sent a digest daily at {slot} UTC: drones")
    with place.daemon() as daemon:
        assert daemon.wait("polled", feed="courier")["new"] == 2
        place.make_due(READER)
        daemon.wait("mail sent", to=READER)
        [status] = place.cli("status", "--json").records
        assert (status["well"], status["daemon"], status["mail"]["states"]) == (True, daemon.pid, {"sent": 1})
        assert daemon.end() == 0
        assert daemon.lines == []
    [mail] = mails_to(sink, READER, 1)
    assert "Drones over Kyiv" in said(mail)
    assert "Wheat" not in said(mail)


def edits_are_taken_up(place: Place, server: FeedServer, sink: MailSink) -> None:
    names = ("one", "two", "three", "four")
    server.replies |= {name: document(f"Drones over Kyiv {name}", site=f"https://{name}.example") for name in names}
    urls = {name: server.url(name) for name in names}
    place.write({"one": urls["one"]})
    with place.daemon() as daemon:
        daemon.wait("polled", feed="one")
        place.write({name: urls[name] for name in names[:2]})  # a rename in place of the old file
        daemon.wait("polled", feed="two")

        place.feeds.write_text(f"{WATCH}feeds:\n  - id: one\n    url: {urls['one']}\n    intervall: 5m\n")
        assert "intervall" in daemon.wait("problem", key="configuration")["detail"]
        [mail] = mails_to(sink, OPERATOR, 1)
        assert "Problem: configuration" in str(mail["Subject"])
        assert f"{place.feeds}:{HEAD + 3}:5" in "".join(said(mail).split())
        status = place.cli("status", "--json")
        assert (status.code, status.records[0]["problems"][0]["key"]) == (1, "configuration")
        assert (status.records[0]["watched"], status.records[0]["well"]) == (2, False)

        place.write({name: urls[name] for name in names[:3]}, path=place.folder / "next.yaml")
        switch(place.feeds, place.folder / "next.yaml")
        daemon.wait("polled", feed="three")
        assert "Recovered: configuration" in str(mails_to(sink, OPERATOR, 2)[1]["Subject"])
        assert place.cli("status").code == 0

        place.write(urls, path=place.folder / "next.yaml")
        daemon.tell(signal.SIGHUP)
        daemon.wait("configuration read", feeds=4, seconds=AT_ONCE_S)
        daemon.wait("polled", feed="four")
        assert daemon.end() == 0
        assert daemon.lines == []
    mails_to(sink, OPERATOR, 2)


def switch(link: Path, target: Path) -> None:
    """Make `link` lead to `target`, in one step."""
    new = link.with_suffix(".link")
    new.symlink_to(target)
    new.replace(link)


def an_edit_mended_while_the_daemon_is_down_ends_the_problem(place: Place, server: FeedServer, sink: MailSink) -> None:
    server.replies["one"] = document("Drones over Kyiv")
    place.write({"one": server.url("one")})
    with place.daemon() as daemon:
        daemon.wait("started")
        place.feeds.write_text("feeds: [")
        daemon.tell(signal.SIGHUP)
        daemon.wait("problem", key="configuration")
    place.write({"one": server.url("one")})
    with place.daemon() as daemon:
        daemon.wait("problem over", key="configuration")
        subjects = [str(mail["Subject"]) for mail in mails_to(sink, OPERATOR, 2)]
    assert sorted(words.split()[2] for words in subjects) == ["Problem:", "Recovered:"]  # they go side by side


def most_feeds_failing_is_told_once_and_so_is_its_end(place: Place, server: FeedServer, sink: MailSink) -> None:
    names = ("one", "two", "three", "four")
    server.replies |= {name: Reply(status=503) for name in names}
    place.write({name: server.url(name) for name in names})
    polled = place.cli("poll", "--json")
    assert (polled.code, {row["result"].partition(":")[0] for row in polled.records}) == (1, {"server"})
    for _ in range(2):  # the second start finds the problem open, and is quiet
        with place.daemon() as daemon:
            daemon.wait("started")
            [mail] = mails_to(sink, OPERATOR, 1)
            assert daemon.end() == 0
    assert "Problem: feeds" in str(mail["Subject"])
    assert "4 of 4 feeds fail" in said(mail)
    server.replies |= {name: document(f"Ceasefire in Kyiv {name}") for name in names}
    assert place.cli("poll").code == 0
    with place.daemon() as daemon:
        daemon.wait("problem over", key="feeds")
        assert "Recovered: feeds" in str(mails_to(sink, OPERATOR, 2)[1]["Subject"])


# ── its end ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def hanging(place: Place, server: FeedServer, smtpd: WatchedSmtpd, *, feed: Reply, stage: str) -> Daemon:
    """Start a daemon that is in the middle of a poll, of a mail, or of both."""
    server.replies["slow"] = feed
    smtpd.moods = {stage: HANG} if stage else {}
    place.mail_to(smtpd.port)
    place.write({"slow": server.url("slow")})
    assert place.cli("subscribers", "add", READER).code == 0
    place.make_due(READER)
    return place.daemon()


def it_ends_in_time_whatever_hangs(folder: Path) -> None:
    cases = [
        (signal.SIGTERM, SILENCE, ""),
        (signal.SIGINT, SILENCE, ""),
        (signal.SIGTERM, document("Drones over Kyiv"), "GREETING"),
        (signal.SIGTERM, SILENCE, "END"),
    ]
    with ExitStack() as stack:
        background = stack.enter_context(Background())
        running = []
        for number, (end, feed, stage) in enumerate(cases):
            (here := folder / str(number)).mkdir()
            server, smtpd = background.enter(FeedServer()), background.enter(WatchedSmtpd())
            daemon = stack.enter_context(hanging(Place(here), server, smtpd, feed=feed, stage=stage))
            running.append((daemon, server, smtpd, end, stage or "END"))
        for daemon, server, smtpd, end, stage in running:
            server.wait("slow")
            smtpd.wait(stage)
            daemon.tell(end)
        for daemon, *_ in running:
            assert daemon.wait_end(10.0) == 0, daemon.tail()
            assert daemon.find("stopped")
            assert daemon.lines == []


def says_whose_configuration_runs(place: Place) -> None:
    [same] = place.cli("status", "--json").records
    assert same["daemon_config"] == same["config"] == str(place.feeds.resolve())
    assert "the daemon runs with" not in place.cli("status").out
    other = place.folder / "other.yaml"
    words = f"the daemon runs with {place.feeds.resolve()}, not with {other.resolve()}"
    assert words in place.cli("--config", other, "status").out


def after_kill_9_it_says_what_it_repaired(place: Place, server: FeedServer, smtpd: WatchedSmtpd) -> None:
    with hanging(place, server, smtpd, feed=document("Drones over Kyiv"), stage="END") as daemon:
        assert daemon.wait("started")["repaired"] == 0
        smtpd.wait("END")
        with place.daemon() as second:
            assert second.wait_end() == 2
            [line] = second.lines
            assert f"another daemon (process {daemon.pid}) works on this database" in line
            assert f"{place.database}.lock" in line
        [status] = place.cli("status", "--json").records
        assert status["daemon"] == daemon.pid
        says_whose_configuration_runs(place)
    status = place.cli("status", "--json")
    assert (status.code, status.records[0]["daemon"]) == (1, None)
    smtpd.moods = {}
    with place.daemon() as daemon:
        assert daemon.wait("started")["repaired"] == 1
        assert daemon.wait("mail sent")["attempt"] == 2
    assert [mail.recipients for mail in smtpd.mails] == [(READER,)]


def a_log_that_cannot_be_written_stops_no_work(place: Place, server: FeedServer, sink: MailSink) -> None:
    """Its reader has died, or its disk is full: mails go out all the same."""
    readers = [f"reader-{number}@example.org" for number in range(3)]
    server.replies["one"] = document("Drones over Kyiv")
    place.write({"one": server.url("one")})
    for reader in readers:
        assert place.cli("subscribers", "add", reader).code == 0
        place.make_due(reader)
    nobody, log = os.pipe()
    os.close(nobody)
    with subprocess.Popen(command(place.feeds), env=environment(place.environ), stderr=log) as process:
        os.close(log)
        try:
            assert sink.wait(len(readers), MAIL_S)
            server.wait("one")
            process.terminate()
            assert process.wait(10.0) == 0
        finally:
            process.kill()


# ── what keeps it from starting ──────────────────────────────────────────────────────────────────────────────────────


def it_refuses_to_start_and_says_why(folder: Path) -> None:
    cases: list[tuple[int, list[str], Callable[[Place], None]]] = [
        (2, [f"feeds.yaml:{HEAD + 1}:5", f":{HEAD + 2}:5", f":{HEAD + 3}:15", "3 mistakes found"], wrong_feeds),
        (1, ["not a database", "monitor.db"], random_bytes),
        (1, ["feeds.yaml"], no_directory),
    ]
    with ExitStack() as stack:
        running = []
        for number, (_, _, spoil) in enumerate(cases):
            (here := folder / str(number)).mkdir()
            place = Place(here)
            place.write({"one": "http://127.0.0.1:9/one"})
            spoil(place)
            running.append(stack.enter_context(place.daemon()))
        for daemon, (code, words, _) in zip(running, cases, strict=True):
            assert daemon.wait_end() == code, daemon.tail()
            message = "\n".join(daemon.lines)
            assert [word for word in words if word not in message] == [], message
            assert "Traceback" not in message
            assert len(daemon.lines) <= len(words), message


def wrong_feeds(place: Place) -> None:
    place.feeds.write_text(f"{WATCH}feeds:\n  - id: one\n    intervall: 5m\n    language: klingon\n")


def random_bytes(place: Place) -> None:
    place.database.parent.mkdir()
    place.database.write_bytes(bytes(range(256)) * 64)


def no_directory(place: Place) -> None:
    place.environ["MONITOR_DATABASE"] = f"sqlite:///{place.feeds}/monitor.db"


# ── side by side ─────────────────────────────────────────────────────────────────────────────────────────────────────


def served(scenario: Callable[[Place, FeedServer, MailSink], None]) -> Callable[[Path], None]:
    """Give a scenario a place, feeds and a mail server that takes everything."""

    def run(folder: Path) -> None:
        place = Place(folder)
        with Background() as background, LintedSink(folder / "mails") as sink:
            place.mail_to(sink.port)
            scenario(place, background.enter(FeedServer()), sink)

    return run


def mailed_raw(scenario: Callable[[Place, FeedServer, WatchedSmtpd], None]) -> Callable[[Path], None]:
    """Give a scenario a place, feeds and a mail server with moods."""

    def run(folder: Path) -> None:
        with Background() as background:
            scenario(Place(folder), background.enter(FeedServer()), background.enter(WatchedSmtpd()))

    return run


SCENARIOS: dict[str, Callable[[Path], None]] = {
    it_ends_in_time_whatever_hangs.__name__: it_ends_in_time_whatever_hangs,
    edits_are_taken_up.__name__: served(edits_are_taken_up),
    feed_in_mail_out.__name__: served(feed_in_mail_out),
    after_kill_9_it_says_what_it_repaired.__name__: mailed_raw(after_kill_9_it_says_what_it_repaired),
    most_feeds_failing_is_told_once_and_so_is_its_end.__name__: served(
        most_feeds_failing_is_told_once_and_so_is_its_end
    ),
    an_edit_mended_while_the_daemon_is_down_ends_the_problem.__name__: served(
        an_edit_mended_while_the_daemon_is_down_ends_the_problem
    ),
    a_log_that_cannot_be_written_stops_no_work.__name__: served(a_log_that_cannot_be_written_stops_no_work),
    it_refuses_to_start_and_says_why.__name__: it_refuses_to_start_and_says_why,
}
SIDE_BY_SIDE = 4


def wanted(request: pytest.FixtureRequest) -> set[str]:
    """Return the scenarios that this run of pytest asks for."""
    calls = [
        item.callspec
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    ]
    return {str(call.params["scenario"]) for call in calls if "scenario" in call.params}


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[None]]:
    """Play scenarios side by side to their end: they wait for the daemon's ticks most of the time."""
    plays = {name: play for name, play in SCENARIOS.items() if name in wanted(request)}
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        return {name: pool.submit(play, tmp_path_factory.mktemp("daemon")) for name, play in plays.items()}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_daemon(scenario: str, outcomes: dict[str, Future[None]]) -> None:
    outcomes[scenario].result()
