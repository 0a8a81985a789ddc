"""What the operator is told of mails that wait for a decision."""

from monitor.core.model import HoldReason
from monitor.store import holds, outbox
from monitor.store import problems as told
from monitor.store.database import Connection

PREFIX = "held "
UNKNOWN = "held mails"
OTHERS = "held domains"
TOLD_EACH = 5
"""So many domains are told in a mail each; a server that refuses everything holds hundreds."""

_KEY_LENGTH = 100


def problems(conn: Connection) -> tuple[dict[str, str], set[str]]:
    """Return what the operator must decide on, as problems (key → detail), and the keys of those that are told."""
    held = [hold for hold in holds.current(conn) if hold.until is None]
    waiting = {_key(hold): _detail(hold) for hold in held[:TOLD_EACH]}
    if len(held) > TOLD_EACH:
        waiting[OTHERS] = f"mail to more than {TOLD_EACH} domains is held; `mail held` lists them, with the reasons"
    if outbox.held_for(conn, HoldReason.UNKNOWN):
        waiting[UNKNOWN] = (
            "the connection was lost while mails were handed over, so nobody knows whether they arrived; "
            "`mail held` lists them, `mail release NUMBER` sends one again"
        )
    return waiting, {one.key for one in told.current(conn) if one.key.startswith(PREFIX)}


def _key(hold: holds.Hold) -> str:
    return f"{PREFIX}{hold.domain}"[:_KEY_LENGTH]


def _detail(hold: holds.Hold) -> str:
    return (
        f"mail to {hold.domain} is held: {hold.reason}\n"
        f"`mail held` shows what waits; when the cause is mended, `mail release {hold.domain}` sends it"
    )
