"""What an attempt leaves behind, in one transaction: for the mail, its address and its domain."""

from dataclasses import dataclass
from datetime import datetime

from monitor.core import rates, schedule
from monitor.core.model import HoldReason, MailKind, MailState, QueuedMail
from monitor.core.replies import PASSING, Fault, Judgement
from monitor.core.replies import judge as judge_reply
from monitor.errors import MailDeferred, MailError, MailRefused
from monitor.store import holds, outbox, suppressions
from monitor.store.database import Connection

NO_MAILBOX = "the server says that there is no such mailbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a mail was not taken. `too_old`: it has waited too long to be of use; `chance` spreads tries, in [0, 1)."""

    judged: Judgement
    reply: str
    at: datetime
    too_old: bool
    chance: float


def judge(error: MailError, *, hold_unknown: bool) -> Judgement:
    """Judge what the mail server raised."""
    if isinstance(error, MailDeferred):
        if error.unserved:
            return Judgement(fault=Fault.SERVER)
        if error.ambiguous and hold_unknown:
            return Judgement(fault=Fault.UNKNOWN)
    return judge_reply(error.code, error.reply, refused=isinstance(error, MailRefused))


def taken(conn: Connection, mail: QueuedMail, reply: str, now: datetime) -> None:
    """Note that the server took the mail."""
    outbox.sent(conn, mail, reply, now)
    holds.taken(conn, mail.domain, now)


def not_taken(conn: Connection, mail: QueuedMail, trouble: Trouble) -> MailState:
    """Note that it did not; returns what the mail is now."""
    fault = trouble.judged.fault
    if fault in PASSING:
        return _try_again(conn, mail, trouble)
    if fault == Fault.UNKNOWN:
        return _hold(conn, mail, HoldReason.UNKNOWN, trouble)
    if fault == Fault.POLICY:
        holds.hold(conn, mail.domain, trouble.reply, trouble.at)
        if mail.kind != MailKind.OPERATOR:  # holding what tells of the hold would tell nobody
            return _hold(conn, mail, HoldReason.POLICY, trouble)
    return _give_up(conn, mail, trouble)


def _hold(conn: Connection, mail: QueuedMail, reason: HoldReason, trouble: Trouble) -> MailState:
    outbox.held(conn, mail, reason, trouble.reply)
    return MailState.HELD


def _try_again(conn: Connection, mail: QueuedMail, trouble: Trouble) -> MailState:
    judged, now = trouble.judged, trouble.at
    if judged.fault != Fault.MAIL:
        whose = holds.SERVER if judged.fault == Fault.SERVER else mail.domain
        holds.rest(conn, whose, trouble.reply, judged.wait, now)
    if trouble.too_old:
        return _give_up(conn, mail, trouble)
    usual = schedule.retry_mail(mail.attempts, now=now, chance=trouble.chance)
    outbox.deferred(conn, mail, trouble.reply, now + judged.wait if judged.wait else usual)
    return MailState.DEFERRED


def _give_up(conn: Connection, mail: QueuedMail, trouble: Trouble) -> MailState:
    outbox.failed(conn, mail, trouble.reply, trouble.at)
    if trouble.judged.fault == Fault.RECIPIENT and mail.kind != MailKind.OPERATOR:
        address = outbox.bare(mail.recipient)
        suppressions.suppress(conn, address, NO_MAILBOX, trouble.reply, trouble.at)
        outbox.withdraw_all(conn, address, f"not sent: {NO_MAILBOX}", trouble.at)
    _hold_if_many_fail(conn, mail.domain, trouble)
    return MailState.FAILED


def _hold_if_many_fail(conn: Connection, domain: str, trouble: Trouble) -> None:
    """Ask the operator about a domain that refuses much; what was before their last yes counts no more."""
    since = trouble.at - rates.FAILING_WITHIN
    released = holds.released_at(conn, domain)
    failed, tried = outbox.tally(conn, domain, max(since, released or since))
    if rates.too_many_failed(failed, tried):
        reason = f"{failed} of {tried} mails failed within an hour; the last answer: {trouble.reply}"
        holds.hold(conn, domain, reason, trouble.at)
