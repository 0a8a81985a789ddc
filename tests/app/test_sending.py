"""Mails side by side to real mail servers: fair to every domain, at its rate, and what servers say has its effects."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from monitor.core.model import MailKind, MailState, Outgoing
from monitor.core.rates import Rates
from monitor.net.mail import Mailer
from monitor.notify import Notifier
from monitor.store import holds, mails, outbox, problems, suppressions
from tests.app.conftest import Harness
from tests.net.smtpd import DROP, HANG, Received, Smtpd
from tests.net.test_mail import server_for


def queue(harness: Harness, *recipients: str) -> None:
    """Put mails into the outbox that need no reader: reports to operators at these addresses."""
    for recipient in recipients:
        kind, subject = MailKind.OPERATOR, f"{recipient.replace('@', '.')}.{int(harness.clock().timestamp())}"
        harness.db.run_now(
            outbox.queue, kind, subject, recipient, domain="example.org", now=harness.clock(), payload="Subject\nText\n"
        )


@asynccontextmanager
async def sending(harness: Harness, server: Smtpd, *, at_once: int = 4, seconds: float = 5) -> AsyncIterator[Notifier]:
    smtp = server_for(server.port, timeout=timedelta(seconds=seconds))
    async with Mailer(smtp, connections=at_once) as mailer:
        yield replace(harness.notifier, send=mailer.send, at_once=at_once)


def recipients(mails: list[Received]) -> list[str]:
    return sorted(mail.recipients[0] for mail in mails)


def states(harness: Harness) -> dict[str, str]:
    found = harness.db.read_now(mails.listed, states=list(MailState))
    return {mail.recipient: mail.state.value for mail in found}


@dataclass
class Gate:
    """Takes mails; those of a slow domain only when it is opened. Counts how many of each are on their way."""

    slow: str
    open: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    when: Callable[[], None] = lambda: None

    async def __call__(self, mail: Outgoing) -> str:
        domain = mail.recipient.rpartition("@")[2]
        self.at_once[domain] = self.at_once.get(domain, 0) + 1
        self.most[domain] = max(self.most.get(domain, 0), self.at_once[domain])
        if domain == self.slow:
            await self.open.wait()
        self.at_once[domain] -= 1
        self.taken.append(mail.recipient)
        self.when()
        return "250 ok"


async def test_a_slow_domain_holds_up_no_other(harness: Harness) -> None:
    queue(harness, *(f"{number}@slow.example" for number in range(40)), *(f"{n}@quick.example" for n in range(40)))
    gate = Gate("slow.example")
    gate.when = lambda: gate.open.set() if len(gate.taken) == 40 else None
    notifier = replace(harness.notifier, send=gate, at_once=4)
    assert await notifier.send_due() == 80
    assert {recipient.rpartition("@")[2] for recipient in gate.taken[:40]} == {"quick.example"}
    assert gate.most["slow.example"] == 2


async def test_what_becomes_due_meanwhile_goes_out_beside_what_hangs(harness: Harness) -> None:
    queue(harness, "1@slow.example")
    gate = Gate("slow.example")
    gate.when = gate.open.set
    notifier = replace(harness.notifier, send=gate, at_once=2)
    round_ = asyncio.create_task(notifier.send_due())
    while not gate.at_once:
        await asyncio.wait({round_}, timeout=0.01)
    queue(harness, "2@quick.example")
    assert await round_ == 2
    assert gate.taken == ["2@quick.example", "1@slow.example"]


async def test_a_domain_gets_its_rate_and_the_rest_later(harness: Harness) -> None:
    harness.rates = Rates(per_minute=12)
    queue(harness, *(f"{number}@a.example" for number in range(5)), "1@b.example")
    assert await harness.notifier.send_due() == 3
    assert await harness.notifier.send_due() == 0
    harness.clock.forward(seconds=5)
    assert await harness.notifier.send_due() == 1
    harness.clock.forward(seconds=60)
    assert await harness.notifier.send_due() == 2
    assert harness.db.read_now(outbox.counts).states == {"sent": 6}


async def test_a_thousand_small_mails_over_four_connections(harness: Harness) -> None:
    queue(harness, *(f"{number}@d{number % 7}.example" for number in range(200)))
    async with Smtpd() as server, sending(harness, server) as notifier:
        assert await notifier.send_due() == 200
    assert server.connections == 4
    assert len(set(recipients(server.mails))) == 200


async def test_replies_have_their_effects(harness: Harness) -> None:
    wrong = {"RCPT": "550 5.1.1 no such user"}
    reader = harness.subscribe("gone@a.example")
    harness.clock.forward(days=1)
    await harness.planner.plan_due()
    async with Smtpd(wrong, once=True) as server, sending(harness, server) as notifier:
        assert await notifier.send_due() == 0
        harness.clock.forward(days=1)
        assert not await harness.planner.plan_due()
        assert await harness.planner.plan_now("gone@a.example") == []
        assert harness.db.run_now(suppressions.lift, "gone@a.example", harness.clock())
        await harness.planner.plan_due()
        assert await notifier.send_due() == 1
    assert recipients(server.mails) == [reader.subscriber.email]


async def test_a_policy_stops_the_domain_and_the_operator_is_told_once(harness: Harness) -> None:
    for number in range(6):
        harness.subscribe(f"reader{number}@a.example")
    harness.clock.forward(days=1)
    await harness.planner.plan_due()
    async with Smtpd({"END": "554 5.7.1 spam"}, once=True) as server, sending(harness, server, at_once=1) as notifier:
        assert await notifier.send_due() == 1
        assert recipients(server.mails) == ["operator@example.org"]
        assert [one.key for one in harness.db.read_now(problems.current)] == ["held a.example"]
        assert await notifier.send_due() == 0
        harness.db.run_now(mails.release_domain, "a.example", harness.clock())
        await notifier.tell_holds()
        assert await notifier.send_due() == 7
    assert harness.db.read_now(problems.current) == []
    assert len(set(recipients(server.mails))) == 7


async def test_a_server_that_asks_for_patience_gets_it(harness: Harness) -> None:
    queue(harness, "1@a.example")
    patience = {"RCPT": "451 4.7.1 too fast, try again in 5 minutes"}
    async with Smtpd(patience, once=True) as server, sending(harness, server) as notifier:
        assert await notifier.send_due() == 0
        harness.clock.forward(seconds=299)
        assert await notifier.send_due() == 0
        harness.clock.forward(seconds=1)
        assert await notifier.send_due() == 1
    assert server.stages.count("RCPT") == 2


async def test_without_a_server_one_mail_is_tried_and_the_others_wait(harness: Harness) -> None:
    queue(harness, *(f"{number}@d{number}.example" for number in range(9)))
    async with Smtpd({"GREETING": "421 4.3.2 not now"}) as server, sending(harness, server, at_once=2) as notifier:
        assert await notifier.send_due() == 0
        assert server.connections <= 2
        harness.clock.forward(minutes=1)
        assert await notifier.send_due() == 0
        assert server.connections <= 3  # one mail is enough to learn that nothing has changed
        server.moods = {}
        harness.clock.forward(hours=3)
        assert await notifier.send_due() == 9
    assert harness.db.read_now(holds.current) == []


async def test_with_hold_what_may_have_been_taken_waits_for_the_operator(harness: Harness) -> None:
    for mood in (DROP, HANG):
        harness.clock.forward(minutes=1)
        queue(harness, f"{mood}@a.example", f"well-{mood}@b.example")
        async with Smtpd({"END": mood}, once=True) as server, sending(harness, server, at_once=1, seconds=0.3) as one:
            await replace(one, hold_unknown=True).send_due()
    held = harness.db.read_now(mails.listed, states=[MailState.HELD])
    assert [mail.recipient for mail in held] == [f"{HANG}@a.example", f"{DROP}@a.example"]
    assert [one.key for one in harness.db.read_now(problems.current)] == ["held mails"]
    harness.db.run_now(mails.release_mail, held[0].number, harness.clock())
    async with Smtpd() as server, sending(harness, server) as notifier:
        await notifier.send_due()
    assert states(harness)[f"{HANG}@a.example"] == "sent"
    assert states(harness)[f"{DROP}@a.example"] == "held"


async def test_without_hold_it_is_sent_again_with_the_same_bytes(harness: Harness) -> None:
    queue(harness, "1@a.example")
    seen: list[bytes] = []

    async def lost(mail: Outgoing) -> str:
        seen.append(mail.data)
        async with Smtpd({"END": DROP}) as server, Mailer(server_for(server.port)) as mailer:
            return await mailer.send(mail)

    assert await replace(harness.notifier, send=lost).send_due() == 0
    harness.clock.forward(minutes=5)
    assert await harness.notifier.send_due() == 1
    assert [mail.data for mail in harness.send.mails] == seen
