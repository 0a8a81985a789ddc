"""Domains that are held or rest, addresses that are stopped, and what the operator decides."""

from datetime import datetime, timedelta

import pytest

from monitor.core.model import HoldReason, MailKind, MailState, QueuedMail
from monitor.core.rates import FEWEST
from monitor.core.replies import Fault, Judgement
from monitor.notify import holding, outcomes
from monitor.store import holds, mails, maintenance, outbox, problems, subscribers, suppressions
from monitor.store.database import Connection, Database
from tests.fakes import NOW
from tests.store.test_mail import LEASE, digest, group, plan, subscribe

MINUTE = timedelta(minutes=1)


def queue(db: Database, *recipients: str, kind: MailKind = MailKind.MANAGE, at: datetime = NOW) -> None:
    for number, recipient in enumerate(recipients):
        subject = f"{recipient}-{number}-{at.timestamp()}"
        db.run_now(outbox.queue, kind, subject, recipient, domain="example.org", now=at)


def begun(db: Database, at: datetime = NOW) -> list[QueuedMail]:
    """Claim all that is due and let it go out."""

    def work(conn: Connection) -> list[QueuedMail]:
        claimed = outbox.claim(conn, at, lease=LEASE, limit=1000)
        return [mail for mail in claimed if outbox.begin(conn, mail, b"x", at, lease=LEASE)]

    return db.run_now(work)


def refuse(
    db: Database,
    mail: QueuedMail,
    fault: Fault,
    reply: str = "no",
    *,
    wait: timedelta | None = None,
    at: datetime = NOW,
) -> MailState:
    judged = Judgement(fault=fault, wait=wait)
    trouble = outcomes.Trouble(judged=judged, reply=reply, at=at, too_old=False, chance=0.0)
    return db.run_now(outcomes.not_taken, mail, trouble)


def due(db: Database, at: datetime) -> list[str]:
    return [mail.recipient for mail in db.run_now(outbox.claim, at, lease=timedelta(0), limit=100)]


# ── domains ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_policy_holds_the_domain_and_the_mail_and_release_sends_both(db: Database) -> None:
    queue(db, "one@a.example", "two@a.example", "three@b.example")
    first, *_ = begun(db)
    queue(db, "late@a.example", at=NOW + MINUTE)
    assert refuse(db, first, Fault.POLICY, "554 5.7.1 spam") == MailState.HELD
    assert due(db, NOW + MINUTE) == []
    [hold] = db.read_now(holds.current)
    assert (hold.domain, hold.reason, hold.until) == ("a.example", "554 5.7.1 spam", None)
    assert db.run_now(mails.release_domain, "A.example", NOW)
    assert not db.run_now(mails.release_domain, "a.example", NOW)
    assert due(db, NOW + MINUTE) == ["one@a.example", "late@a.example"]


def test_what_was_claimed_before_the_hold_does_not_begin_after_it(db: Database) -> None:
    queue(db, "one@a.example", "two@a.example")
    one, two = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    assert db.run_now(outbox.begin, one, b"x", NOW, lease=LEASE)
    refuse(db, one, Fault.POLICY)
    assert db.run_now(outbox.begin, two, b"x", NOW, lease=LEASE) is None


def test_what_tells_the_operator_goes_to_a_held_domain_and_is_never_held(db: Database) -> None:
    db.run_now(holds.hold, "a.example", "spam", NOW)
    queue(db, "desk@a.example", kind=MailKind.OPERATOR)
    [mail] = begun(db)
    assert refuse(db, mail, Fault.POLICY) == MailState.FAILED


def test_a_mail_refused_at_once_is_composed_anew_and_an_older_one_is_not(db: Database) -> None:
    queue(db, "one@a.example")
    [mail] = begun(db)
    refuse(db, mail, Fault.POLICY)
    db.run_now(mails.release_domain, "a.example", NOW)
    [again] = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    assert again.body is None
    db.run_now(outbox.begin, again, b"mended", NOW, lease=LEASE)
    refuse(db, again, Fault.POLICY)
    db.run_now(mails.release_domain, "a.example", NOW)
    [third] = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    assert (third.body, third.message_id) == (b"mended", mail.message_id)


def test_a_domain_that_puts_us_off_rests_ever_longer_until_it_takes_a_mail(db: Database) -> None:
    queue(db, "one@a.example", "two@b.example")
    one, two = begun(db)
    refuse(db, one, Fault.DOMAIN)
    db.run_now(outcomes.taken, two, "250 ok", NOW)
    queue(db, "three@a.example", "four@b.example")
    assert due(db, NOW) == ["four@b.example"]
    at, rests = NOW, []
    for _ in range(6):
        [hold] = db.read_now(holds.current)
        assert hold.until is not None
        rests.append((hold.until - at) / MINUTE)
        at = hold.until
        assert db.read_now(holds.on_trial, at) == {"a.example"}
        db.run_now(holds.rest, "a.example", "later", None, at)
    assert rests == [1, 2, 4, 8, 15, 15]
    [hold] = db.read_now(holds.current)
    assert hold.until is not None
    db.run_now(holds.taken, "a.example", hold.until - MINUTE)
    assert db.read_now(holds.current) == [hold]
    db.run_now(holds.taken, "a.example", hold.until)
    assert db.read_now(holds.current) == []


def test_the_time_that_a_server_names_counts_for_its_mail_and_its_domain(db: Database) -> None:
    queue(db, "one@a.example", "two@a.example")
    one, two = begun(db)
    refuse(db, one, Fault.DOMAIN, wait=7 * MINUTE)
    refuse(db, two, Fault.DOMAIN, wait=9 * MINUTE)
    assert due(db, NOW + 8 * MINUTE) == []
    assert due(db, NOW + 9 * MINUTE) == ["one@a.example", "two@a.example"]


def test_a_server_that_does_not_serve_us_is_left_alone_for_every_domain(db: Database) -> None:
    queue(db, "one@a.example", "two@b.example")
    one, _ = db.run_now(outbox.claim, NOW, lease=timedelta(0), limit=9)
    db.run_now(outbox.begin, one, b"x", NOW, lease=LEASE)
    refuse(db, one, Fault.SERVER, "no connection")
    assert due(db, NOW + MINUTE / 2) == []
    assert set(due(db, NOW + MINUTE)) == {"one@a.example", "two@b.example"}
    assert db.read_now(holds.on_trial, NOW + MINUTE) == {holds.SERVER}


def test_a_fault_of_one_mail_leaves_its_domain_alone(db: Database) -> None:
    queue(db, "one@a.example")
    [one] = begun(db)
    assert refuse(db, one, Fault.MAIL, "450 4.2.1 busy") == MailState.DEFERRED
    queue(db, "two@a.example")
    assert due(db, NOW) == ["two@a.example"]


@pytest.mark.parametrize(("failing", "held"), [(1, False), (2, True)])
def test_a_domain_of_which_many_fail_is_held(db: Database, failing: int, held: bool) -> None:
    queue(db, *(f"{number}@a.example" for number in range(FEWEST)))
    going = begun(db)
    for mail in going[failing:]:
        db.run_now(outcomes.taken, mail, "250 ok", NOW)
    for mail in going[:failing]:
        refuse(db, mail, Fault.REFUSED, "552 full")
    assert [hold.domain for hold in db.read_now(holds.current)] == ["a.example"] * held


def test_after_a_release_old_failures_count_no_more(db: Database) -> None:
    queue(db, *(f"{number}@a.example" for number in range(FEWEST)))
    for mail in begun(db):
        refuse(db, mail, Fault.REFUSED)
    [hold] = db.read_now(holds.current)
    assert hold.reason == f"{FEWEST} of {FEWEST} mails failed within an hour; the last answer: no"
    db.run_now(mails.release_domain, "a.example", NOW + MINUTE)
    queue(db, "again@a.example", at=NOW + MINUTE)
    [mail] = begun(db, NOW + MINUTE)
    refuse(db, mail, Fault.REFUSED, at=NOW + 2 * MINUTE)
    assert db.read_now(holds.current) == []


def test_retry_ends_rests_and_waits_but_no_holds(db: Database) -> None:
    queue(db, "one@a.example", "two@b.example", "three@c.example")
    one, two, three = begun(db)
    refuse(db, one, Fault.DOMAIN)
    refuse(db, two, Fault.SERVER)
    refuse(db, three, Fault.POLICY)
    assert due(db, NOW) == []
    assert db.run_now(mails.retry, NOW, domain="a.example") == 1
    assert due(db, NOW) == ["one@a.example"]
    assert db.run_now(mails.retry, NOW, number=two.pk) == 1
    assert db.run_now(mails.retry, NOW) == 0
    assert [hold.domain for hold in db.read_now(holds.current)] == ["c.example"]


# ── mails that may have been taken ───────────────────────────────────────────────────────────────────────────────────


def test_with_hold_a_mail_in_flight_waits_for_the_operator(db: Database) -> None:
    queue(db, "one@a.example", "two@a.example")
    _, second = begun(db)
    assert db.run_now(outbox.repair, NOW, hold=True) == 2
    assert due(db, NOW + LEASE * 9) == []
    assert not db.run_now(mails.release_domain, "a.example", NOW)
    assert db.run_now(mails.release_mail, second.pk, NOW)
    assert not db.run_now(mails.release_mail, second.pk, NOW)
    [again] = db.run_now(outbox.claim, NOW, lease=LEASE, limit=9)
    assert (again.pk, again.body) == (second.pk, b"x")


@pytest.mark.parametrize(("unknown", "told"), [(True, 1), (False, 0)])
def test_what_may_have_been_taken_is_not_told_again_when_it_is_given_up(db: Database, unknown: bool, told: int) -> None:
    wish = subscribe(db)
    plan(db, wish, digest(group(db, "a")))
    [mail] = begun(db)
    reason = HoldReason.UNKNOWN if unknown else HoldReason.POLICY
    db.run_now(outbox.held, mail, reason, "?")
    assert db.run_now(outbox.expire, NOW - MINUTE, NOW) == 0
    assert db.run_now(outbox.expire, NOW, NOW + timedelta(days=1)) == 1
    assert db.read_now(maintenance.stats)["delivery"] == told
    assert db.read_now(outbox.counts).states == {"failed": 1}


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_address_that_does_not_exist_gets_nothing_more(db: Database) -> None:
    queue(db, "One@a.example")
    [mail] = begun(db)
    queue(db, "one@A.example", at=NOW + MINUTE)
    assert refuse(db, mail, Fault.RECIPIENT, "550 5.1.1 unknown") == MailState.FAILED
    assert db.read_now(outbox.counts).states == {"failed": 2}
    queue(db, "Reader <ONE@a.example>", at=NOW + 2 * MINUTE)
    assert due(db, NOW + 2 * MINUTE) == []
    [stopped] = db.read_now(suppressions.listed)
    assert (stopped.address, stopped.reply) == ("one@a.example", "550 5.1.1 unknown")
    assert db.run_now(suppressions.lift, "One@A.example", NOW)
    queue(db, "one@a.example", at=NOW + 3 * MINUTE)
    assert due(db, NOW + 3 * MINUTE) == ["one@a.example"]
    db.run_now(suppressions.suppress, "one@a.example", "gone", "550 5.1.1 again", NOW + MINUTE)
    assert [one.reply for one in db.read_now(suppressions.listed)] == ["550 5.1.1 again"]


def test_a_stopped_reader_is_not_due_until_the_stop_is_lifted(db: Database) -> None:
    wish = subscribe(db)
    db.run_now(suppressions.suppress, "Reader@example.org", "gone", "550 5.1.1", NOW)
    assert db.read_now(subscribers.due, NOW) == []
    assert not db.read_now(subscribers.takes_digests, wish.pk)
    assert db.read_now(outbox.next_digest) is None
    db.run_now(suppressions.lift, "reader@example.org", NOW)
    assert [one.subscription.pk for one in db.read_now(subscribers.due, NOW)] == [wish.pk]


def test_the_operators_address_is_never_stopped(db: Database) -> None:
    queue(db, "desk@a.example", kind=MailKind.OPERATOR)
    [mail] = begun(db)
    assert refuse(db, mail, Fault.RECIPIENT) == MailState.FAILED
    assert db.read_now(suppressions.listed) == []


# ── telling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_held_domain_is_a_problem_and_many_are_one_more(db: Database) -> None:
    for number in range(holding.TOLD_EACH + 3):
        db.run_now(holds.hold, f"d{number}.example", "554 5.7.1 spam", NOW)
    db.run_now(holds.rest, "resting.example", "451", None, NOW)
    waiting, told = db.read_now(holding.problems)
    assert len(waiting) == holding.TOLD_EACH + 1
    assert "554 5.7.1 spam" in waiting["held d0.example"]
    assert "mail release d0.example" in waiting["held d0.example"]
    assert told == set()
    db.run_now(problems.begin, "held d0.example", "x", NOW)
    db.run_now(problems.begin, "disk", "x", NOW)
    assert db.read_now(holding.problems)[1] == {"held d0.example"}


def test_what_the_operator_decides_on_is_no_mail_that_is_late(db: Database) -> None:
    queue(db, "one@a.example", "two@b.example")
    one, two = begun(db)
    db.run_now(outbox.held, one, HoldReason.UNKNOWN, "?")
    refuse(db, two, Fault.MAIL)
    db.run_now(holds.hold, "b.example", "spam", NOW)
    assert db.read_now(outbox.counts).oldest is None
