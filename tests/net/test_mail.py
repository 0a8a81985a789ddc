"""The mailer against SMTP servers on loopback: one that works, and one that fails at each stage in turn."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from monitor.core.model import Letter, Outgoing
from monitor.errors import MailDeferred, MailError, MailRefused
from monitor.net.mail import MAILS_PER_CONNECTION, Mailer, Smtp
from monitor.net.message import compose
from tests.net.smtpd import DROP, DROP_AFTER, HANG, PASSWORD, USER, Smtpd, sink

MAIL = compose(
    Letter(subject="x", text=".one\n..two\nthree\n"),
    sender="desk@example.org",
    recipient="reader@example.org",
    message_id="<1@example.org>",
    date=datetime(2026, 8, 24, tzinfo=UTC),
    list_id="digest.example.org",
    unsubscribe=None,
)
SIGNED_IN: dict[str, Any] = {"user": USER, "password": PASSWORD}


def server_for(port: int, **options: Any) -> Smtp:
    usual: dict[str, Any] = {"security": "none", "timeout": timedelta(seconds=5), "local_hostname": "desk.test"}
    return Smtp(host="127.0.0.1", port=port, **usual | options)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_side(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def client_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


# ── it works ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_mail_arrives_byte_by_byte_and_its_reply_comes_back() -> None:
    async with sink() as server, Mailer(server_for(server.port)) as mailer:
        assert await mailer.send(MAIL) == "2.0.0 queued as 1"
    assert server.mails[0].sender == MAIL.sender
    assert server.mails[0].recipients == (MAIL.recipient,)
    assert server.mails[0].data == MAIL.data


async def test_one_connection_carries_many_mails_and_forgets_each() -> None:
    async with Smtpd() as server, Mailer(server_for(server.port)) as mailer:
        for _ in range(3):
            await mailer.send(MAIL)
    one = ["MAIL", "RCPT", "DATA", "END"]
    assert server.stages == ["GREETING", "EHLO", *one, "RSET", *one, "RSET", *one, "QUIT"]
    assert [mail.data for mail in server.mails] == [MAIL.data] * 3


async def test_mails_sent_at_once_wait_for_each_other() -> None:
    async with sink() as server, Mailer(server_for(server.port)) as mailer:
        replies = await asyncio.gather(*(mailer.send(MAIL) for _ in range(10)))
    assert sorted(replies) == sorted(f"2.0.0 queued as {number}" for number in range(1, 11))


async def test_a_connection_is_not_worn_out() -> None:
    async with Smtpd() as server, Mailer(server_for(server.port)) as mailer:
        for _ in range(MAILS_PER_CONNECTION + 1):
            await mailer.send(MAIL)
    assert server.connections == 2
    assert len(server.mails) == MAILS_PER_CONNECTION + 1


async def test_nothing_is_connected_before_it_is_needed() -> None:
    async with Smtpd() as server:
        async with Mailer(server_for(server.port)):
            pass
        assert server.connections == 0


@pytest.mark.parametrize("implicit", [False, True])
async def test_tls_and_signing_in(authority: trustme.CA, *, implicit: bool) -> None:
    async with Smtpd(tls=server_side(authority), implicit=implicit, auth=True) as server:
        smtp = server_for(server.port, security="tls" if implicit else "starttls", **SIGNED_IN)
        async with Mailer(smtp, tls_context=client_side(authority)) as mailer:
            await mailer.send(MAIL)
            await mailer.send(MAIL)
    assert len(server.mails) == 2
    assert ("STARTTLS" in server.stages) is not implicit
    assert server.stages.count("AUTH") == 1


async def test_a_digest_with_a_long_list_unsubscribe_arrives_byte_by_byte(authority: trustme.CA) -> None:
    url = "https://digest.example.org/u/" + "x" * 300
    mail = compose(
        Letter(subject="Огляд", text="Слова", html="<p>Слова", lang="uk", bulk=True),
        sender="Огляд <desk@example.org>",
        recipient="reader@example.org",
        message_id="<1@example.org>",
        date=datetime(2026, 8, 24, tzinfo=UTC),
        list_id="digest.example.org",
        unsubscribe="bye@example.org",
        unsubscribe_url=url,
    )
    context = client_side(authority)
    async with sink(tls=server_side(authority), auth=True) as server:
        smtp = server_for(server.port, security="starttls", **SIGNED_IN)
        async with Mailer(smtp, tls_context=context) as mailer:
            await mailer.send(mail)
    assert server.mails[0].data == mail.data
    line = f"List-Unsubscribe: <{url}>, <mailto:bye@example.org?subject=unsubscribe%20reader%40example.org>"
    assert line.encode() in server.mails[0].data.split(b"\r\n")


# ── side by side ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_so_many_mails_at_once_as_connections_and_no_more() -> None:
    async with Smtpd() as server, Mailer(server_for(server.port), connections=3) as mailer:
        await asyncio.gather(*(mailer.send(MAIL) for _ in range(30)))
    assert len(server.mails) == 30
    assert server.connections == 3


async def test_a_connection_that_hangs_holds_up_no_other() -> None:
    async with (
        Smtpd({"RCPT": HANG}, once=True) as server,
        Mailer(server_for(server.port, timeout=timedelta(seconds=1)), connections=2) as mailer,
    ):
        slow = asyncio.create_task(mailer.send(MAIL))
        while "RCPT" not in server.stages:
            await asyncio.wait({slow}, timeout=0.01)
        for _ in range(5):
            await mailer.send(MAIL)
        assert not slow.done()
        with pytest.raises(MailDeferred):
            await slow


async def test_each_connection_of_several_is_replaced_when_it_breaks() -> None:
    async with Smtpd({"END": DROP_AFTER}) as server, Mailer(server_for(server.port), connections=2) as mailer:
        for _ in range(3):
            assert list(await asyncio.gather(mailer.send(MAIL), mailer.send(MAIL))) == ["2.0.0 taken", "2.0.0 taken"]
    assert server.connections == 6


# ── it does not ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize(
    ("reply", "error"),
    [("451 4.3.0 later", MailDeferred), ("550 5.1.1 never", MailRefused), ("530 5.7.0 sign in", MailDeferred)],
)
async def test_the_reply_decides_and_the_connection_goes_on(stage: str, reply: str, error: type[MailError]) -> None:
    async with Smtpd({stage: reply}, once=True) as server, Mailer(server_for(server.port)) as mailer:
        with pytest.raises(error) as caught:
            await mailer.send(MAIL)
        assert caught.value.code == int(reply[:3])
        assert reply in str(caught.value)
        assert not server.mails
        await mailer.send(MAIL)
    assert len(server.mails) == 1
    assert server.connections == 1


@pytest.mark.parametrize("mood", [HANG, DROP, "421 4.3.2 closing", "rubbish"])
@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "END"])
async def test_a_broken_connection_defers_the_mail_and_the_next_one_gets_a_new_one(stage: str, mood: str) -> None:
    timeout = timedelta(seconds=0.2) if mood == HANG else timedelta(seconds=5)
    async with Smtpd({stage: mood}, once=True) as server, Mailer(server_for(server.port, timeout=timeout)) as mailer:
        with pytest.raises(MailDeferred):
            await mailer.send(MAIL)
        assert not server.mails
        await mailer.send(MAIL)
        assert len(server.mails) == 1
        assert server.connections <= 2


@pytest.mark.parametrize(
    ("stage", "mood", "ambiguous"),
    [
        ("MAIL", DROP, False),
        ("RCPT", HANG, False),
        ("END", DROP, True),
        ("END", HANG, True),
        ("END", "rubbish", True),
        ("END", "451 4.3.0 later", False),
        ("END", "421 4.3.2 closing", False),
    ],
)
async def test_only_a_connection_lost_with_the_text_leaves_a_doubt(stage: str, mood: str, *, ambiguous: bool) -> None:
    timeout = timedelta(seconds=0.2) if mood == HANG else timedelta(seconds=5)
    async with Smtpd({stage: mood}, once=True) as server, Mailer(server_for(server.port, timeout=timeout)) as mailer:
        with pytest.raises(MailDeferred) as caught:
            await mailer.send(MAIL)
    assert (caught.value.ambiguous, caught.value.unserved) == (ambiguous, False)


async def test_a_server_that_refuses_to_serve_is_no_reason_to_drop_a_mail() -> None:
    async with Smtpd({"GREETING": "554 no service here"}) as server, Mailer(server_for(server.port)) as mailer:
        with pytest.raises(MailDeferred) as caught:
            await mailer.send(MAIL)
    assert (caught.value.code, caught.value.unserved) == (554, True)


@pytest.mark.parametrize("mood", [DROP, HANG, "421 4.4.2 idle", "500 what"])
async def test_a_kept_connection_that_died_meanwhile_costs_nothing(mood: str) -> None:
    timeout = timedelta(seconds=0.2)
    async with Smtpd({"RSET": mood}, once=True) as server, Mailer(server_for(server.port, timeout=timeout)) as mailer:
        await mailer.send(MAIL)
        await mailer.send(MAIL)
    assert (len(server.mails), server.connections) == (2, 2)


async def test_a_server_that_hangs_up_after_each_mail_costs_nothing() -> None:
    async with Smtpd({"END": DROP_AFTER}) as server, Mailer(server_for(server.port)) as mailer:
        assert await mailer.send(MAIL) == "2.0.0 taken"
        assert await mailer.send(MAIL) == "2.0.0 taken"
    assert server.connections == 2


async def test_a_relay_that_takes_few_mails_per_connection_gets_another_connection() -> None:
    async with Smtpd(per_connection=2) as server, Mailer(server_for(server.port)) as mailer:
        for _ in range(5):
            await mailer.send(MAIL)
    assert (len(server.mails), server.connections) == (5, 3)


async def test_a_cancelled_mail_leaves_no_half_spoken_connection() -> None:
    async with Smtpd({"DATA": HANG}, once=True) as server, Mailer(server_for(server.port)) as mailer:
        task = asyncio.create_task(mailer.send(MAIL))
        while "DATA" not in server.stages:
            await asyncio.wait({task}, timeout=0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await mailer.send(MAIL)
    assert server.connections == 2


@pytest.mark.parametrize("recipient", ["a b@example.org", "a@example.org>\r\nRCPT TO:<b@example.org", "ф@example.org"])
async def test_an_address_that_cannot_be_sent_is_refused_before_the_wire(recipient: str) -> None:
    bad = Outgoing(sender=MAIL.sender, recipient=recipient, message_id="<1@x.org>", data=b"x\r\n")
    async with Smtpd() as server, Mailer(server_for(server.port)) as mailer:
        with pytest.raises(MailRefused):
            await mailer.send(bad)
    assert "RCPT" not in server.stages


# ── the probe, and the remedy it names ───────────────────────────────────────────────────────────────────────────────


async def test_the_probe_tells_what_worked(authority: trustme.CA) -> None:
    async with sink(tls=server_side(authority), auth=True) as server:
        smtp = server_for(server.port, security="starttls", **SIGNED_IN)
        said = await Mailer(smtp, tls_context=client_side(authority)).probe()
    assert said == f"127.0.0.1:{server.port} answers: TLS by STARTTLS, signed in as {USER}"
    assert not server.mails


async def remedy(port: int, context: ssl.SSLContext | None = None, **options: Any) -> str:
    with pytest.raises(MailDeferred) as caught:
        await Mailer(server_for(port, **options), tls_context=context).probe()
    words = str(caught.value)
    assert words.isprintable()
    assert PASSWORD not in words
    return words


async def test_a_closed_port() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert "nothing listens there" in await remedy(unused.getsockname()[1])


async def test_a_silent_port() -> None:
    async with Smtpd({"GREETING": HANG}) as server:
        words = await remedy(server.port, security="starttls", timeout=timedelta(seconds=0.2))
    assert "use security 'tls'" in words


async def test_no_starttls_where_it_is_wanted_is_never_cleartext() -> None:
    async with Smtpd(auth=True) as server:
        assert "no STARTTLS" in await remedy(server.port, security="starttls", **SIGNED_IN)
    assert server.stages == ["GREETING", "EHLO"]


async def test_tls_from_the_first_byte_where_there_is_none() -> None:
    async with Smtpd() as server:
        assert "try security 'starttls'" in await remedy(server.port, security="tls")


@pytest.mark.parametrize("implicit", [False, True])
async def test_a_certificate_that_nobody_trusts(authority: trustme.CA, *, implicit: bool) -> None:
    security = "tls" if implicit else "starttls"
    for context in (client_side(trustme.CA()), None):
        async with Smtpd(tls=server_side(authority), implicit=implicit) as server:
            assert "certificate is not trusted" in await remedy(server.port, context, security=security)
            assert not server.mails


async def test_a_certificate_for_another_name(authority: trustme.CA) -> None:
    async with Smtpd(tls=server_side(authority, "other.test")) as server:
        assert "certificate" in await remedy(server.port, client_side(authority), security="starttls")


async def test_a_wrong_password(authority: trustme.CA) -> None:
    async with Smtpd(tls=server_side(authority), auth=True) as server:
        words = await remedy(server.port, client_side(authority), security="starttls", user=USER, password="wrong")
    assert "another user name or password" in words
    assert "535" in words or "who are you" in words


async def test_a_wrong_password_defers_mails_and_never_refuses_them(authority: trustme.CA) -> None:
    async with Smtpd(tls=server_side(authority), auth=True) as server:
        smtp = server_for(server.port, security="starttls", user=USER, password="wrong")
        async with Mailer(smtp, tls_context=client_side(authority)) as mailer:
            with pytest.raises(MailDeferred) as caught:
                await mailer.send(MAIL)
    assert caught.value.code == 535


async def test_no_sign_in_where_it_is_wanted() -> None:
    async with Smtpd() as server:
        assert "offers no sign-in" in await remedy(server.port, **SIGNED_IN)


async def test_a_dead_server_after_the_greeting() -> None:
    async with Smtpd({"NOOP": DROP}) as server:
        await remedy(server.port)


def test_the_password_is_never_shown() -> None:
    assert PASSWORD not in repr(server_for(25, **SIGNED_IN))
