"""Mails through a real Postfix into a Maildir: they are read back as they were sent, and their signatures hold."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import dkim
import pytest

from monitor.core.model import Letter, Outgoing
from monitor.net.dkim import Signer
from monitor.net.mail import Mailer, Smtp
from monitor.net.message import compose
from tests.message_lint.lint import assert_clean
from tests.net.keys import dns_of, signer
from tests.net.postfix import Postfix, missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

AT = datetime(2026, 8, 24, 7, tzinfo=UTC)
URL = "https://digest.example.org/u/" + "x" * 271
LETTERS = {
    "cyrillic": Letter(
        subject="Ранковий огляд: «80 дронів» та ще трохи слів, щоб заголовок не вмістився в один рядок",
        text="Тихо.\n.\n..крапки\nFrom тут\n" * 20,
        html='<p lang="uk">Тихо.</p>\n' * 500,
        lang="uk",
        bulk=True,
    ),
    "plain": Letter(subject="Confirm your subscription", text="Follow the link.\nFrom here:\n. \n.\n\n\n"),
    "long": Letter(subject="word " * 40, text="x" * 5000 + "\n", html="<p>" + "x" * 60_000 + "</p>", bulk=True),
}


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    with Postfix() as running:
        yield running


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return signer(tmp_path_factory.mktemp("key"))


def made(name: str, ours: Signer) -> Outgoing:
    mail = compose(
        LETTERS[name],
        sender="Огляд «Війна» <desk@example.org>",
        recipient="reader@example.org",
        message_id=f"<{name}@example.org>",
        date=AT,
        list_id="War digest <digest.example.org>",
        unsubscribe="bye@example.org",
        unsubscribe_url=URL,
    )
    return Outgoing(
        sender=mail.sender, recipient=mail.recipient, message_id=mail.message_id, data=ours.sign(mail.data, AT)
    )


def read(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).replace("\r\n", "\n")


async def test_mails_come_through_a_real_server_as_they_were(postfix: Postfix, ours: Signer) -> None:
    mails = {name: made(name, ours) for name in LETTERS}
    server = Smtp(host="127.0.0.1", port=postfix.port, security="none", timeout=timedelta(seconds=30))
    async with Mailer(server) as mailer:
        for mail in mails.values():
            assert "queued as" in await mailer.send(mail)
    postfix.wait_for_mails(len(mails))
    delivered = {str(read(data)["Message-ID"]): data for data in postfix.mails()}
    assert_clean(delivered.values())
    assert delivered.keys() == {mail.message_id for mail in mails.values()}
    for name, mail in mails.items():
        data, letter = delivered[mail.message_id], LETTERS[name]
        assert data.endswith(mail.data)
        assert dkim.verify(data, dnsfunc=dns_of(ours))
        assert not dkim.verify(data.replace(b"Content-Language: ", b"Content-Language: x"), dnsfunc=dns_of(ours))
        assert str(read(data)["Subject"]) == " ".join(letter.subject.split())
        assert text_of(read(data), "plain").rstrip("\n") == letter.text.rstrip("\n")
        assert letter.html is None or text_of(read(data), "html").rstrip("\n") == letter.html.rstrip("\n")
