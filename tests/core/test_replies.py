"""What servers say, in their own words, and what is made of it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.replies import LONGEST_WAIT, PASSING, SHORTEST_WAIT, Fault, asked_to_wait, enhanced_status, judge

REFUSALS = [
    (550, "5.1.1 <a@b.example>: Recipient address rejected: User unknown in local table", Fault.RECIPIENT),
    (550, "5.1.1 The email account that you tried to reach does not exist.", Fault.RECIPIENT),
    (550, "5.1.2 Bad destination system address", Fault.RECIPIENT),
    (501, "5.1.3 Bad recipient address syntax", Fault.RECIPIENT),
    (551, "5.1.6 Destination mailbox has moved", Fault.RECIPIENT),
    (556, "5.1.10 Domain b.example has a null MX", Fault.RECIPIENT),
    (550, "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", Fault.RECIPIENT),
    (553, "5.1.7 The sender's address is malformed", Fault.POLICY),
    (550, "5.1.8 <desk@x.example>: Sender address rejected: Domain not found", Fault.POLICY),
    (553, "5.7.1 <desk@x.example>: Sender address rejected: not owned by user desk", Fault.POLICY),
    (554, "5.7.1 <a@b.example>: Relay access denied", Fault.POLICY),
    (550, "5.7.515 Access denied, sending domain x.example doesn't meet the required authentication", Fault.POLICY),
    (550, "5.7.26 This mail has been blocked because the sender is unauthenticated", Fault.POLICY),
    (552, "5.2.2 Mailbox full", Fault.REFUSED),
    (550, "5.2.1 Mailbox disabled", Fault.REFUSED),
    (552, "5.3.4 Message too big for system", Fault.REFUSED),
    (550, "No such user here", Fault.REFUSED),
    (554, "Transaction failed", Fault.REFUSED),
    (550, "5.1.11 not a code that we know", Fault.REFUSED),
    (550, "5.1.1.1 no code at all", Fault.REFUSED),
]
PUT_OFF = [
    (421, "4.7.0 Our system has detected an unusual rate of unsolicited mail", Fault.DOMAIN),
    (450, "4.7.1 Too many messages, try again later", Fault.DOMAIN),
    (451, "4.3.0 not now", Fault.DOMAIN),
    (451, "4.4.1 connection to the next server timed out", Fault.DOMAIN),
    (452, "4.3.1 Insufficient system storage", Fault.DOMAIN),
    (451, "later", Fault.DOMAIN),
    (450, "4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see https://x.example", Fault.MAIL),
    (451, "4.7.1 Greylisting in action, please come back in 00:05:00", Fault.MAIL),
    (450, "4.2.1 The mailbox is receiving mail at too high a rate", Fault.MAIL),
    (452, "4.2.2 Mailbox full", Fault.MAIL),
    (450, "4.1.2 Domain not found", Fault.MAIL),
    (None, "", Fault.MAIL),
    (-1, "rubbish", Fault.MAIL),
]


@pytest.mark.parametrize(("code", "text", "fault"), REFUSALS)
def test_a_refusal_is_the_recipients_ours_or_the_mails(code: int, text: str, fault: Fault) -> None:
    assert judge(code, text, refused=True).fault == fault
    assert fault not in PASSING


@pytest.mark.parametrize(("code", "text", "fault"), PUT_OFF)
def test_put_off_is_the_mail_or_its_domain(code: int | None, text: str, fault: Fault) -> None:
    assert judge(code, text).fault == fault
    assert fault in PASSING


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("4.7.1 try again in 5 minutes", timedelta(minutes=5)),
        ("4.7.1 Please retry in 1 minute", timedelta(minutes=1)),
        ("4.7.0 Try again after 300 seconds", timedelta(seconds=300)),
        ("4.7.1 Greylisted for 90s", timedelta(seconds=90)),
        ("Please wait 45 sec and come back", timedelta(seconds=45)),
        ("too many connections, retry after 2 hours", timedelta(hours=2)),
        ("try again in 24 hours", LONGEST_WAIT),
        ("try again in 0 seconds", SHORTEST_WAIT),
        ("try again later", None),
        ("retry 5 mails at a time", None),
        ("4.2.2 The mailbox has 300 messages", None),
        ("", None),
    ],
)
def test_the_time_that_a_server_names(text: str, wait: timedelta | None) -> None:
    assert asked_to_wait(text) == wait
    assert judge(451, text).wait == wait


def test_the_status_stands_at_the_beginning() -> None:
    assert enhanced_status("5.1.1 no such user") == "5.1.1"
    assert enhanced_status("mail for 5.1.1 refused") is None
    assert enhanced_status("10.5.1.1 not an address") is None


@given(st.text(), st.sampled_from([None, 421, 450, 550, 554]))
def test_any_text_is_judged(text: str, code: int | None) -> None:
    assert judge(code, text).fault in PASSING
    assert judge(code, text, refused=True).fault not in PASSING
    wait = asked_to_wait(text)
    assert wait is None or SHORTEST_WAIT <= wait <= LONGEST_WAIT
