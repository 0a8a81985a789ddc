"""The mail sink takes mails from a real SMTP client and leaves files to open."""

import shutil
import smtplib
import socket
from email.message import EmailMessage
from pathlib import Path

import pytest

from monitor.demo.sink import MailSink

TEXT, HTML = "Трамп попередив Путіна.\n", "<p>Трамп попередив <b>Путіна</b>.</p>\n"


def mail(*, html: bool = True) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Дайджест: 80 дронів"
    message["From"], message["To"] = "monitor@desk.example", "reader@desk.example"
    message.set_content(TEXT)
    if html:
        message.add_alternative(HTML, subtype="html")
    return message


def send(sink: MailSink, message: EmailMessage, recipient: str = "reader@desk.example") -> None:
    with smtplib.SMTP(sink.host, sink.port, timeout=10) as client:
        client.sendmail("bounce@desk.example", [recipient], message.as_bytes())


def test_keeps_envelope_and_bytes(tmp_path: Path) -> None:
    with MailSink(tmp_path / "mail") as sink:
        send(sink, mail())
        assert sink.wait(1, seconds=5)
    (kept,) = sink.mails
    assert (kept.sender, kept.recipients) == ("bounce@desk.example", ("reader@desk.example",))
    assert kept.message["Subject"] == "Дайджест: 80 дронів"
    assert kept.files[0].read_bytes() == kept.data


def test_writes_mail_page_and_text(tmp_path: Path) -> None:
    with MailSink(tmp_path) as sink:
        send(sink, mail())
        send(sink, mail(html=False), recipient="second@desk.example")
    stem, second = tmp_path / "001-reader@desk.example", tmp_path / "002-second@desk.example"
    assert sink.mails[0].files == tuple(Path(f"{stem}{suffix}") for suffix in (".eml", ".html", ".txt"))
    assert Path(f"{stem}.html").read_text(encoding="utf-8") == HTML
    assert Path(f"{stem}.txt").read_text(encoding="utf-8") == TEXT
    assert sorted(tmp_path.glob("002-*")) == [Path(f"{second}.eml"), Path(f"{second}.txt")]


@pytest.mark.parametrize("recipient", ["../../etc@desk.example", "a/b@desk.example", f"{'x' * 60}@{'y' * 60}.example"])
def test_a_recipient_cannot_choose_the_folder(tmp_path: Path, recipient: str) -> None:
    folder = tmp_path / "mail"
    with MailSink(folder) as sink:
        send(sink, mail(), recipient=recipient)
    assert {path.parent for path in sink.mails[0].files} == {folder}
    assert [path.name for path in tmp_path.iterdir()] == ["mail"]


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with MailSink(tmp_path / "mail") as sink:
        shutil.rmtree(tmp_path / "mail")
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            send(sink, mail())
    assert refusal.value.smtp_code == 500
    assert sink.mails == ()


def test_waiting_ends_without_mail(tmp_path: Path) -> None:
    with MailSink(tmp_path) as sink:
        assert not sink.wait(1, seconds=0.01)


def test_closes_even_with_a_client_connected(tmp_path: Path) -> None:
    with MailSink(tmp_path) as sink:
        port = sink.port
        client = smtplib.SMTP(sink.host, port, timeout=10)
        client.ehlo()
    client.close()
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=5):
        pass


def test_no_port_outside_the_context(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        _ = MailSink(tmp_path).port
