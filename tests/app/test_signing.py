"""What is signed, and when: each mail once, as it is frozen."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dkim

from monitor.errors import MailDeferred
from tests.app.conftest import Harness
from tests.fakes import rss
from tests.net.keys import dns_of, signer


async def test_a_mail_is_signed_once_and_tried_again_as_it_is(harness: Harness, tmp_path: Path) -> None:
    ours = signer(tmp_path)
    notifier = replace(harness.notifier, sign=ours.sign)
    harness.subscribe()
    await harness.poll("courier", rss(("Drones over Kyiv", "one", harness.clock())))
    harness.clock.now += timedelta(days=1)
    begun = harness.clock()
    await harness.planner.plan_due()
    harness.send.errors = [MailDeferred("451 later")]
    assert await notifier.send_due() == 0
    harness.clock.now += timedelta(hours=1)
    assert await notifier.send_due() == 1
    (mail,) = harness.send.mails
    assert dkim.verify(mail.data, dnsfunc=dns_of(ours))
    assert f"t={int(begun.timestamp())};".encode() in mail.data
