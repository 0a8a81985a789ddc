"""`mail`: what the operator sees of the outbox, and what becomes of their decisions."""

from datetime import timedelta

import pytest

from monitor.clock import utc_now
from monitor.core.model import HoldReason, MailKind
from monitor.store import holds, outbox, suppressions
from monitor.store.database import Connection
from tests.e2e.place import Place


@pytest.fixture
def place(place: Place) -> Place:
    """A place whose outbox has one mail in each state that waits, and one suppressed address."""
    now = utc_now()

    def fill(conn: Connection) -> None:
        for number, domain in enumerate(("refused.example", "unknown.example", "later.example", "new.example")):
            outbox.queue(conn, MailKind.MANAGE, f"1-{number}", f"reader@{domain}", domain="example.org", now=now)
        refused, unknown, later, new = outbox.claim(conn, now, lease=timedelta(minutes=1), limit=9)
        for mail in (refused, unknown, later):
            outbox.begin(conn, mail, b"x", now, lease=timedelta(minutes=1))
        outbox.held(conn, refused, HoldReason.POLICY, "554 5.7.1 spam")
        outbox.held(conn, unknown, HoldReason.UNKNOWN, "no reply")
        outbox.deferred(conn, later, "451 4.3.0 later", now + timedelta(hours=1))
        outbox.give_back(conn, [new])
        holds.hold(conn, "refused.example", "554 5.7.1 spam", now)
        holds.rest(conn, "later.example", "451 4.3.0 later", None, now)
        suppressions.suppress(conn, "gone@refused.example", "no such mailbox", "550 5.1.1 unknown", now)

    place.write({})
    assert place.cli("db", "upgrade").code == 0
    with place.db() as db:
        db.run_now(fill)
    return place


def states(place: Place) -> dict[str, str]:
    return {record["domain"]: record["state"] for record in place.cli("mail", "list", "--json").records}


def test_list(place: Place) -> None:
    assert states(place) == {
        "refused.example": "held",
        "unknown.example": "held",
        "later.example": "deferred",
        "new.example": "queued",
    }
    [late] = place.cli("mail", "list", "--state", "deferred", "--json").records
    assert (late["attempts"], late["reply"]) == (1, "451 4.3.0 later")
    assert (
        place.cli("mail", "list", "--domain", "new.example", "--json").records[0]["recipient"] == "reader@new.example"
    )
    shown = place.cli("mail", "list").out
    assert "451 4.3.0 later" in shown
    assert "reader@new.example" in shown


def test_held_and_release(place: Place) -> None:
    records = place.cli("mail", "held", "--json").records
    assert [record["hold"]["domain"] for record in records if "hold" in record] == ["refused.example", "later.example"]
    numbers = {record["mail"]["domain"]: record["mail"]["number"] for record in records if "mail" in record}
    shown = place.cli("mail", "held").out
    assert "may have been taken" in shown
    assert "mail release" in shown
    assert "released" in place.cli("mail", "release", "refused.example").out
    assert states(place)["refused.example"] == "queued"
    refused = place.cli("mail", "release", "unknown.example")
    assert (refused.code, refused.err) == (2, "nothing is held for unknown.example; `mail held` lists what is\n")
    assert "released" in place.cli("mail", "release", str(numbers["unknown.example"])).out
    assert states(place)["unknown.example"] == "queued"


def test_retry(place: Place) -> None:
    assert place.cli("mail", "retry").code == 2
    assert place.cli("mail", "retry", "later.example", "--all").code == 2
    assert place.cli("mail", "retry", "new.example").out.startswith("0 mails")
    assert place.cli("mail", "retry", "later.example").out.startswith("1 mail")
    assert place.cli("mail", "retry", "--all").out.startswith("0 mails")
    [hold] = [record["hold"] for record in place.cli("mail", "held", "--json").records if "hold" in record]
    assert hold["domain"] == "refused.example"


def test_suppressed_and_unsuppress(place: Place) -> None:
    [record] = place.cli("mail", "suppressed", "--json").records
    assert (record["address"], record["reply"]) == ("gone@refused.example", "550 5.1.1 unknown")
    assert "550 5.1.1 unknown" in place.cli("mail", "suppressed").out
    assert "is sent mail again" in place.cli("mail", "unsuppress", "Gone@refused.example").out
    again = place.cli("mail", "unsuppress", "gone@refused.example")
    assert again.code == 2
    assert "was not stopped" in again.err
    assert place.cli("mail", "suppressed").out == "none\n"
