"""`subscribers`: who reads, what, and when; what they agreed to, and what they were sent."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import typer

from monitor.app import App
from monitor.cli import subscribers_lists
from monitor.cli.opened import in_app
from monitor.cli.session import Json, address, due, out, print_json, table
from monitor.clock import utc_now
from monitor.core import schedule, wishes
from monitor.core.model import Consent, Status, Subscriber, Subscription
from monitor.errors import InputError
from monitor.store import accounts, subscribers

app = typer.Typer(no_args_is_help=True, help="Add, list, show and remove the readers of digests.")
subscribers_lists.register(app)

MAIL = ("kind", "state", "attempts", "reply", "created_at", "finished_at")
MAILS_SHOWN = 20
WORDING = "added by the operator, who has the reader's consent"
EXAMPLE = "subscribers add reader@example.org --topic peace-talks --actor putin --daily 07:00 --tz Europe/Kyiv"

Texts: TypeAlias = list[str] | None
Topics: TypeAlias = Annotated[
    Texts, typer.Option("--topic", "--topics", help="Topic ids, with commas between: any of them; none: all.")
]
Actors: TypeAlias = Annotated[
    Texts, typer.Option("--actor", "--actors", help="Actor ids: any; beside a topic, if any are given.")
]
QUERY = 'One more way in: ids with AND (or nothing), OR, minus and ( ), such as "(putin OR trump) peace-talks -drones".'
Query: TypeAlias = Annotated[Texts, typer.Option(help=QUERY)]
Without: TypeAlias = Annotated[Texts, typer.Option(help="A publisher's name, a feed's id or a host to leave out.")]
WithoutPress: TypeAlias = Annotated[Texts, typer.Option(help="state, public, private, agency or official.")]
Language: TypeAlias = Annotated[Texts, typer.Option(help="Languages of the entries, such as uk,en; none: all.")]
Daily: TypeAlias = Annotated[Texts, typer.Option(help="Local times of day, HH:MM; default 07:00.")]
Weekly: TypeAlias = Annotated[
    tuple[str, str] | None, typer.Option(metavar="DAY HH:MM", help="Weekday and local time, such as mon 07:00.")
]
Every: TypeAlias = Annotated[str, typer.Option(metavar="6h", help="Every so many hours; they must divide 24.")]
Weekdays: TypeAlias = Annotated[Texts, typer.Option(help="Only on these, such as mon,wed,fri.")]
Instant: TypeAlias = Annotated[bool, typer.Option("--instant", help="As soon as there is something.")]
Quiet: TypeAlias = Annotated[str, typer.Option(metavar="22:00-07:00", help="Local hours without mail.")]
Zone: TypeAlias = Annotated[
    str | None, typer.Option("--tz", help="IANA zone, such as Europe/Kyiv; default MONITOR_ZONE.")
]
Lang: TypeAlias = Annotated[
    Literal["en", "uk", "de"] | None,
    typer.Option(help="Language of the digest's own words; if not given, the reader's, or English for a new one."),
]
Cap: TypeAlias = Annotated[int, typer.Option(min=1, max=wishes.CAP_MAX, help="At most so many items in a digest.")]


@app.command(epilog=f"Example: `run_monitor.py {EXAMPLE}`")
def add(
    context: typer.Context,
    email: str,
    *,
    topics: Topics = None,
    actors: Actors = None,
    query: Query = None,
    without: Without = None,
    without_press: WithoutPress = None,
    language: Language = None,
    daily: Daily = None,
    weekly: Weekly = None,
    every: Every = "",
    weekdays: Weekdays = None,
    instant: Instant = False,
    quiet_hours: Quiet = "",
    tz: Zone = None,
    lang: Lang = None,
    cap: Cap = 15,
    quiet: Annotated[bool, typer.Option(help="Send one line when there is nothing to tell.")] = True,
    name: Annotated[str, typer.Option(help="What this subscription is called.")] = "",
    consent: Annotated[str, typer.Option(help="How the reader agreed; kept as evidence.")] = WORDING,
) -> None:
    """Add a subscription: entries on any of the topics and, if both are given, naming any of the actors.

    Options that name things may be repeated.
    """
    written = wishes.Written(
        topics=_several(topics), actors=_several(actors), queries=tuple(query or ()), without=tuple(without or ()),
        without_press=_several(without_press), languages=_several(language), daily=_several(daily),
        weekly=" ".join(weekly or ()), every=every, weekdays=_several(weekdays), instant=instant,
        quiet_hours=quiet_hours, email=email, lang=lang or "", tz=tz or "", cap=cap, quiet=quiet, name=name,
    )  # fmt: skip
    wish = in_app(context, lambda found: _add(found, written, consent))
    out.print(f"{wish.subscriber.email} will be sent a digest {wishes.when(wish)}: {wishes.what(wish)}", markup=False)
    out.print(f"`subscribers show {wish.subscriber.email}` lists all that this reader has", markup=False)


async def _add(found: App, written: wishes.Written, consent: str) -> Subscription:
    have = await found.db.read(accounts.by_address, written.email)  # what is not said of a known reader stays
    lang, zone = (have.lang, have.zone) if have else ("en", found.settings.zone)
    whole = replace(written, tz=written.tz or zone, lang=written.lang or lang)
    wish = wishes.read(whole, subscribers_lists.known(found))
    agreed = _said_by_operator(found.clock(), consent)
    slot = schedule.next_slot(wish, agreed.at)
    return await found.db.run(subscribers.add, wish.subscriber, wish, consent=agreed, next_digest_at=slot)


def _several(texts: Texts) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts or () for part in text.split(",") if part.strip())


def _said_by_operator(now: datetime, wording: str) -> Consent:
    return Consent(at=now, how="command line", wording=wording)


@app.command("list", epilog="Example: `run_monitor.py subscribers list --json`")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """List every subscription and when its next digest is due."""

    async def work(found: App) -> list[tuple[Subscription, datetime]]:
        return await found.db.read(subscribers.everyone)

    everyone = in_app(context, work)
    if as_json:
        for wish, at in everyone:
            print_json({"subscription": wish, "next_digest_at": at})
        return
    now = utc_now()
    rows = [
        (
            wish.subscriber.email,
            wish.subscriber.status,
            wish.pk,
            wishes.what(wish),
            wishes.when(wish),
            _coming(wish, at, now),
        )
        for wish, at in everyone
    ]
    table(("address", "status", "number", "watches", "when", "next digest"), rows)


def _coming(wish: Subscription, at: datetime, now: datetime) -> str:
    return due(at, now) if wish.subscriber.status is Status.ACTIVE else "none"


@app.command(epilog="Example: `run_monitor.py subscribers show reader@example.org`")
def show(context: typer.Context, email: str, *, as_json: Json = False) -> None:
    """Show a reader: consent, subscriptions, the last mails with the server's replies, and whether they are stopped."""

    async def work(found: App) -> tuple[list[Subscription], dict[str, Any]]:
        reader = await _reader(found, email)
        kept = await found.db.read(accounts.export, reader.pk)
        assert kept is not None
        return await found.db.read(accounts.wishes, reader.pk), kept

    own, kept = in_app(context, work)
    mails = [{name: mail[name] for name in MAIL} for mail in reversed(kept["mails"][-MAILS_SHOWN:])]
    if as_json:
        told = {"subscriber": kept["subscriber"], "subscriptions": own, "mails": mails}
        print_json(told | {"suppression": kept["suppression"]})
        return
    for line in (*_about(kept["subscriber"]), *_stopped(kept["suppression"])):
        out.print(line, markup=False)
    for wish in own:
        called = f" ({wish.name})" if wish.name else ""
        out.print(
            f"number {wish.pk}{called}: {wishes.what(wish)}, {wishes.when(wish)}, at most {wish.cap} items",
            markup=False,
        )
    table(MAIL, [tuple("" if cell is None else str(cell) for cell in mail.values()) for mail in mails])


def _about(reader: dict[str, Any]) -> list[str]:
    return [
        f"{reader['email']}: {reader['status']} since {reader['status_at']}, {reader['lang']}, {reader['zone']}",
        f"consent: by {reader['consent_who']}, {reader['consent_at']}, {reader['consent_how']}: "
        f"“{reader['consent_wording']}”",
    ]


def _stopped(suppressions: list[dict[str, Any]]) -> list[str]:
    return [
        f"takes no mail since {one['since']}: {one['reason']}; the server said: {one['reply']}"
        if one["lifted_at"] is None
        else f"took no mail from {one['since']} to {one['lifted_at']}: {one['reason']}"
        for one in suppressions
    ]


@app.command(epilog="Example: `run_monitor.py subscribers pause reader@example.org`")
def pause(context: typer.Context, email: str) -> None:
    """Send a reader nothing until `resume`; digests that wait are withdrawn, and what they held comes later."""

    async def work(found: App) -> str:
        reader = await _reader(found, email, Status.ACTIVE, Status.PAUSED)
        await found.db.run(accounts.pause, reader.pk, found.clock())
        return reader.email

    out.print(f"{in_app(context, work)} is sent nothing until `subscribers resume`", markup=False)


@app.command(epilog="Example: `run_monitor.py subscribers resume reader@example.org`")
def resume(
    context: typer.Context,
    email: str,
    *,
    consent: Annotated[
        str, typer.Option(help="How a reader who had unsubscribed asked to come back; kept as evidence.")
    ] = "",
) -> None:
    """Send a reader digests again: after a pause, or after unsubscribing where they asked for it themselves."""

    async def work(found: App) -> str:
        reader = await _reader(found, email, Status.ACTIVE, Status.PAUSED, Status.UNSUBSCRIBED)
        if reader.status is Status.UNSUBSCRIBED and not consent:
            raise InputError(f"{reader.email} has unsubscribed; say with --consent how they asked to come back")
        await found.db.run(accounts.resume, reader.pk, consent=_said_by_operator(found.clock(), consent))
        return reader.email

    out.print(f"{in_app(context, work)} is sent digests from the next regular hour on")


@app.command(epilog="Example: `run_monitor.py subscribers unsubscribe reader@example.org`")
def unsubscribe(context: typer.Context, email: str) -> None:
    """End all that a reader gets, as their mail asked. The address stays known, so that no list brings it back."""

    async def work(found: App) -> str:
        reader = await _reader(found, email)
        await found.db.run(accounts.unsubscribe, reader.pk, found.clock())
        return reader.email

    out.print(f"{in_app(context, work)} is unsubscribed")


@app.command(epilog="Example: `run_monitor.py subscribers remove reader@example.org --yes`")
def remove(
    context: typer.Context,
    email: str,
    *,
    number: Annotated[int | None, typer.Option(help="Only this subscription; `show` lists their numbers.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Forget a reader without asking.")] = False,
) -> None:
    """Forget a reader with everything that was kept of them, or end one of their subscriptions."""
    if number is None and not yes and not typer.confirm(f"Forget {email}, and all that was kept of them?", err=True):
        raise typer.Exit(1)

    async def work(found: App) -> str:
        reader = await _reader(found, email)
        if number is None:
            await found.db.run(accounts.erase, reader.pk)
        elif not await found.db.run(subscribers.end, reader.email, number):
            raise InputError(f"{reader.email} has no subscription {number}")
        return reader.email

    removed = in_app(context, work)
    out.print(f"{removed} was removed" if number is None else f"subscription {number} of {removed} has ended")


async def _reader(found: App, email: str, *states: Status) -> Subscriber:
    """Return a reader, in one of the states if any are given. Raises InputError."""
    reader = await found.db.read(accounts.by_address, address(email))
    if reader is None:
        raise InputError(f"{email} is no subscriber")
    if states and reader.status not in states:
        raise InputError(f"{reader.email} is {reader.status}, not {' or '.join(states)}")
    return reader
