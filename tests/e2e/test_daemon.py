"""The daemon as its users meet it: a process, its mails, its exit codes."""

import signal
from email.message import EmailMessage
from pathlib import Path

import pytest

from monitor.demo.sink import MailSink
from tests.e2e.place import OPERATOR, Place
from tests.e2e.servers import SILENCE, Background, FeedServer, document
from tests.net.smtpd import HANG, Smtpd

READER = "reader@example.org"
MAIL_S = 20.0


def operator_mails(sink: MailSink) -> list[EmailMessage]:
    return [mail.message for mail in sink.mails if mail.recipients == (OPERATOR,)]


def said(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_feed_in_mail_out(place: Place, server: FeedServer, sink: MailSink) -> None:
    server.replies["courier"] = document("Drones over Kyiv", "Wheat harvest begins")
    place.write({"courier": server.url("courier")})
    added = place.cli("subscribers", "add", READER, "--topics", "drones", "--daily", "07:00", "--tz", "Europe/Kyiv")
    assert (added.code, added.out) == (0, f"{READER} will be sent a digest daily at 07:00 Europe/Kyiv\n")
    with place.daemon() as daemon:
        assert daemon.wait("polled", feed="courier")["new"] == 2
        place.make_due(READER)
        assert sink.wait(1, MAIL_S)
        daemon.wait("mail sent", to=READER)
        [status] = place.cli("status", "--json").records
        assert (status["well"], status["daemon"], status["mail"]["states"]) == (True, daemon.pid, {"sent": 1})
        assert daemon.end() == 0
        assert daemon.lines == []
    [mail] = sink.mails
    assert mail.recipients == (READER,)
    assert "Drones over Kyiv" in said(mail.message)
    assert "Wheat" not in said(mail.message)


# ── its end ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_in_time_while_servers_keep_silence(
    place: Place, server: FeedServer, background: Background, number: signal.Signals
) -> None:
    server.replies["silent"] = SILENCE
    smtpd = background.enter(Smtpd(moods={"RSET": HANG, "END": HANG}))
    place.mail_to(smtpd.port)
    place.write({"silent": server.url("silent")})
    place.cli("subscribers", "add", READER)
    place.make_due(READER)
    with place.daemon() as daemon:
        server.wait("silent")
        background.do(smtpd_reaches(smtpd, "END"))
        assert daemon.end(number, 10.0) == 0
        assert daemon.lines == []
        assert daemon.find("stopped")
    with place.daemon() as daemon:
        assert daemon.wait("started")["repaired"] == 1
