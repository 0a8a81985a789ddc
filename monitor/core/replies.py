"""What a mail server's answer means for the mail, its recipient and its domain: pure functions.

The reply code says whether the server may change its mind (RFC 5321 §4.2.1), the enhanced status code what it is about
(RFC 3463): class.subject.detail, where subject 1 is an address, 2 a mailbox, 7 a policy.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SHORTEST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(hours=6)
"""A server that asks for more patience than this is asked again sooner."""

RECIPIENT_FAULTS = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
"""No such mailbox, no such domain, no address at all, moved away, a domain that takes no mail (RFC 7505)."""

SENDER_FAULTS = frozenset({"5.1.7", "5.1.8"})
"""Our own address is malformed, or its domain cannot be found."""


class Fault(StrEnum):
    """What a mail that was not taken suffers from."""

    MAIL = "mail"  # this one, for now
    DOMAIN = "domain"  # every mail to its domain, for now
    SERVER = "server"  # every mail, for now
    UNKNOWN = "unknown"  # it may have been taken, and must not be sent twice
    REFUSED = "refused"  # this one, for good
    RECIPIENT = "recipient"  # every mail to its address, for good
    POLICY = "policy"  # we or what we send; a person must look


PASSING = frozenset({Fault.MAIL, Fault.DOMAIN, Fault.SERVER})
"""Faults after which the mail is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a reply means; `wait` is how long the server asked us to stay away, if it did."""

    fault: Fault
    wait: timedelta | None = None


_STATUS = re.compile(r"\s*(?P<code>[245]\.\d{1,3}\.\d{1,3})(?!\S)")
_GREYLISTED = re.compile(r"gr[ae]y-?list", re.IGNORECASE)
_WAIT = re.compile(
    r"\b(?:try|retry|again|after|wait|come back|later|postpone|delay|for)\b\D{0,40}?\b(?P<count>\d{1,6})\s*"
    r"(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\b",
    re.IGNORECASE,
)
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
_OF_ONE_MAIL = ("4.1.", "4.2.", "4.6.")  # its address, its mailbox, its contents


def judge(code: int | None, text: str, *, refused: bool = False) -> Judgement:
    """Judge a reply by its code and text. `refused`: the mail was refused for good; None is no reply at all."""
    status = enhanced_status(text)
    if refused:
        return Judgement(fault=_refusal(status))
    return Judgement(fault=_passing(code, status, text), wait=asked_to_wait(text))


def enhanced_status(text: str) -> str | None:
    """Return the enhanced status code that a reply's text begins with, such as `5.1.1` (RFC 2034), or None."""
    found = _STATUS.match(text)
    return found["code"] if found else None


def asked_to_wait(text: str) -> timedelta | None:
    """Return the time that a text such as `try again in 5 minutes` names, between `SHORTEST_WAIT` and
    `LONGEST_WAIT`; None without one."""
    found = _WAIT.search(text)
    if found is None:
        return None
    unit = _UNITS[found["unit"][0].lower()]
    return max(SHORTEST_WAIT, min(int(found["count"]) * unit, LONGEST_WAIT))


def _refusal(status: str | None) -> Fault:
    if status in RECIPIENT_FAULTS:
        return Fault.RECIPIENT
    if status and (status in SENDER_FAULTS or status.startswith("5.7.")):
        return Fault.POLICY
    return Fault.REFUSED


def _passing(code: int | None, status: str | None, text: str) -> Fault:
    """Tell one mail's fault from its domain's. Greylisted mails wait alone: their time begins with the first try."""
    if code is None or not 400 <= code < 500:
        return Fault.MAIL
    if _GREYLISTED.search(text) or (status or "").startswith(_OF_ONE_MAIL):
        return Fault.MAIL
    return Fault.DOMAIN
