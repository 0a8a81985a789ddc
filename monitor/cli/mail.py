"""`mail`: the outbox, what in it waits for a decision, and the decisions."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from monitor.cli.session import Json, ago, due, out, print_json, session, table
from monitor.clock import utc_now
from monitor.core.model import HoldReason, MailState
from monitor.errors import InputError
from monitor.storage import open_database
from monitor.store import holds, mails, suppressions
from monitor.store.database import Connection

app = typer.Typer(no_args_is_help=True, help="Mails on their way: list them, release what is held, try at once.")

UNFINISHED = frozenset(MailState) - {MailState.SENT, MailState.FAILED}
WHY = {
    HoldReason.UNKNOWN: "it may have been taken when the connection broke",
    HoldReason.POLICY: "the server will have none of ours",
}


def _run(context: typer.Context, work: Callable[[Connection], Any], *, change: bool = False) -> Any:
    """Do one thing in the database alone: these commands need no configuration of feeds."""
    db = open_database(session(context).settings())
    try:
        return db.run_now(work) if change else db.read_now(work)
    finally:
        db.close()


@app.command("list", epilog="Example: `run_monitor.py mail list --state deferred --json`")
def list_(
    context: typer.Context,
    *,
    state: Annotated[list[MailState] | None, typer.Option(help="Only these; default: what is not sent yet.")] = None,
    domain: Annotated[str | None, typer.Option(help="Only mails to this domain.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 100,
    as_json: Json = False,
) -> None:
    """List mails with their state, the number of tries and the server's last answer."""
    states = frozenset(state) if state else UNFINISHED
    found = _run(context, lambda conn: mails.listed(conn, states=states, domain=domain, limit=limit))
    _print(found, _mail_row, ("number", "kind", "to", "state", "tries", "next", "last answer"), as_json=as_json)


def _mail_row(mail: mails.StoredMail, now: datetime) -> tuple[object, ...]:
    waits = mail.state in (MailState.QUEUED, MailState.DEFERRED)
    following = due(mail.next_try_at, now) if waits else f"{mail.state} {ago(mail.finished_at or mail.created_at, now)}"
    return mail.number, mail.kind, mail.recipient, mail.state, mail.attempts, following, mail.reply


@app.command(epilog="Example: `run_monitor.py mail held`")
def held(context: typer.Context, *, as_json: Json = False) -> None:
    """List the domains that get no mail, why and until when, and the mails that wait for your decision."""

    def look(conn: Connection) -> tuple[list[holds.Hold], list[mails.StoredMail]]:
        return holds.current(conn), mails.listed(conn, states=[MailState.HELD], limit=1000)

    domains, waiting = _run(context, look)
    if as_json:
        for one in domains:
            print_json({"hold": one})
        for mail in waiting:
            print_json({"mail": mail})
        return
    now = utc_now()
    table(("domain", "held", "until", "because"), [_hold_row(one, now) for one in domains])
    if waiting:
        rows = [(one.number, one.kind, one.recipient, WHY.get(one.hold_reason), one.reply) for one in waiting]
        table(("number", "kind", "to", "held because", "last answer"), rows)
    if any(one.until is None for one in domains) or waiting:
        out.print("`mail release DOMAIN` sends a domain's mail again, `mail release NUMBER` one mail")


def _hold_row(hold: holds.Hold, now: datetime) -> tuple[str, str, str, str]:
    name = "every domain" if hold.domain == holds.SERVER else hold.domain
    return name, ago(hold.since, now), due(hold.until, now) if hold.until else "you release it", hold.reason


@app.command(epilog="Examples: `run_monitor.py mail release example.org`, `run_monitor.py mail release 17`")
def release(
    context: typer.Context, what: Annotated[str, typer.Argument(help="A domain, or the number of a mail.")]
) -> None:
    """Send held mail again: a domain's, or one mail. Of a domain those stay held that may have been taken already."""
    domain, number = _meant(what)

    def work(conn: Connection) -> bool:
        if number is not None:
            return mails.release_mail(conn, number, utc_now())
        return mails.release_domain(conn, domain or "", utc_now())

    if not _run(context, work, change=True):
        raise InputError(f"nothing is held for {what}; `mail held` lists what is")
    out.print(f"{what} is released", markup=False)


@app.command(epilog="Examples: `run_monitor.py mail retry example.org`, `run_monitor.py mail retry --all`")
def retry(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="A domain, or the number of a mail.")] = "",
    *,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Try deferred mail at once instead of later. What is held stays held."""
    if bool(what) == everything:
        raise InputError("name a domain or the number of a mail, or say --all")
    domain, number = _meant(what) if what else (None, None)
    count = _run(context, lambda conn: mails.retry(conn, utc_now(), domain=domain, number=number), change=True)
    out.print(f"{count} mail{'' if count == 1 else 's'} to be tried now, if the daemon runs")


def _meant(what: str) -> tuple[str | None, int | None]:
    """Tell a domain from the number of a mail."""
    return (None, int(what)) if what.isascii() and what.isdecimal() else (what.lower(), None)


@app.command(epilog="Example: `run_monitor.py mail suppressed --json`")
def suppressed(context: typer.Context, *, as_json: Json = False) -> None:
    """List the addresses that get no mail, since a server said that they do not exist."""
    found = _run(context, suppressions.listed)
    _print(found, _suppression_row, ("address", "since", "reason", "the server said"), as_json=as_json)


def _suppression_row(one: suppressions.Suppression, now: datetime) -> tuple[object, ...]:
    return one.address, ago(one.since, now), one.reason, one.reply


@app.command(epilog="Example: `run_monitor.py mail unsuppress reader@example.org`")
def unsuppress(context: typer.Context, address: str) -> None:
    """Send an address mail again: the mailbox exists now. The next digest covers what was missed."""
    if not _run(context, lambda conn: suppressions.lift(conn, address, utc_now()), change=True):
        raise InputError(f"{address} was not stopped; `mail suppressed` lists who is")
    out.print(f"{address} is sent mail again", markup=False)


def _print(
    found: Iterable[Any],
    row: Callable[[Any, datetime], tuple[object, ...]],
    columns: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    if as_json:
        for one in found:
            print_json(asdict(one))
        return
    now = utc_now()
    table(columns, [row(one, now) for one in found])
