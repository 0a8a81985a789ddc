"""`subscribers`: who reads, what, and when."""

from datetime import datetime, time
from typing import Annotated, Literal
from zoneinfo import available_timezones

import typer

from monitor.app import App
from monitor.cli.session import Json, address, due, in_app, near, out, print_json, table
from monitor.clock import utc_now
from monitor.core import schedule
from monitor.core.model import RuleKind, Schedule, Subscriber, Subscription
from monitor.errors import InputError
from monitor.store import outbox, subscribers

app = typer.Typer(no_args_is_help=True, help="Add, list, show and remove the readers of digests.")

MAIL = ("kind", "state", "attempts", "reply", "planned", "finished")
WORDING = "added by the operator, who has the reader's consent"
EXAMPLE = "subscribers add reader@example.org --topics peace-talks,drones --actors putin --daily 07:00 --tz Europe/Kyiv"


@app.command(epilog=f"Example: `run_monitor.py {EXAMPLE} --lang en`")
def add(
    context: typer.Context,
    email: str,
    *,
    topics: Annotated[str, typer.Option(help="Topic ids, separated by commas: any of them; none: all.")] = "",
    actors: Annotated[
        str, typer.Option(help="Actor ids, separated by commas: any; beside a topic, if any are given.")
    ] = "",
    daily: Annotated[list[str] | None, typer.Option(help="Local time of day, HH:MM; may be repeated.")] = None,
    tz: Annotated[
        str | None, typer.Option("--tz", help="IANA zone, such as Europe/Kyiv; default MONITOR_ZONE.")
    ] = None,
    lang: Annotated[Literal["en", "uk", "de"], typer.Option(help="Language of the digest's own words.")] = "en",
    cap: Annotated[int, typer.Option(min=1, max=100, help="At most so many items in a digest.")] = 15,
    quiet: Annotated[bool, typer.Option(help="Send one line when there is nothing to tell.")] = True,
    consent: Annotated[str, typer.Option(help="How the reader agreed; kept as evidence.")] = WORDING,
) -> None:
    """Add a subscription: entries on any of the topics and, if both are given, naming any of the actors."""

    async def work(found: App) -> Subscription:
        wish = Subscription(
            pk=0,
            subscriber=Subscriber(pk=0, email=address(email), lang=lang, zone=_zone(tz or found.settings.zone)),
            topics=_rules(found, RuleKind.TOPIC, topics),
            actors=_rules(found, RuleKind.ACTOR, actors),
            schedule=Schedule(times=tuple(sorted({_time(moment) for moment in daily or ["07:00"]}))),
            cap=cap,
            quiet=quiet,
        )
        now = found.clock()
        return await found.db.run(
            subscribers.add,
            wish.subscriber,
            wish,
            consent=subscribers.Consent(at=now, how="command line", wording=consent),
            next_digest_at=schedule.next_slot(wish, now),
        )

    wish = in_app(context, work)
    out.print(f"{wish.subscriber.email} will be sent a digest {_when(wish)}: {_rules_of(wish)}")
    out.print(f"`subscribers show {wish.subscriber.email}` lists all that this reader has", markup=False)


@app.command("list", epilog="Example: `run_monitor.py subscribers list --json`")
def list_(context: typer.Context, *, as_json: Json = False) -> None:
    """List every subscription and when its next digest is due."""

    async def work(found: App) -> list[tuple[Subscription, datetime]]:
        return await found.db.read(subscribers.everyone)

    everyone = in_app(context, work)
    if as_json:
        for wish, at in everyone:
            print_json({"subscription": wish, "next_digest_at": at})
    else:
        now = utc_now()
        rows = [(wish.subscriber.email, wish.pk, _rules_of(wish), _when(wish), due(at, now)) for wish, at in everyone]
        table(("address", "number", "watches", "when", "next digest"), rows)


@app.command(epilog="Example: `run_monitor.py subscribers show reader@example.org`")
def show(context: typer.Context, email: str, *, as_json: Json = False) -> None:
    """Show a reader's subscriptions and the last mails with the server's replies."""

    async def work(found: App) -> tuple[list[Subscription], list[tuple[str, ...]]]:
        wishes = await found.db.read(subscribers.by_email, address(email))
        mails = await found.db.read(outbox.history, address(email))
        return wishes, [tuple(str(cell or "") for cell in mail) for mail in mails]

    wishes, mails = in_app(context, work)
    if not wishes:
        raise InputError(f"{email} has no subscription")
    if as_json:
        print_json({"subscriptions": wishes, "mails": [dict(zip(MAIL, mail, strict=True)) for mail in mails]})
        return
    for wish in wishes:
        out.print(f"number {wish.pk}: {_rules_of(wish)}, {_when(wish)}, at most {wish.cap} items")
    table(MAIL, mails)


@app.command(epilog="Example: `run_monitor.py subscribers remove reader@example.org`")
def remove(
    context: typer.Context,
    email: str,
    *,
    number: Annotated[int | None, typer.Option(help="Only this subscription; `show` lists their numbers.")] = None,
) -> None:
    """Forget a reader with everything that was kept of them, or end one of their subscriptions."""

    async def work(found: App) -> bool:
        if number is None:
            return await found.db.run(subscribers.remove, address(email))
        return await found.db.run(subscribers.end, address(email), number)

    if not in_app(context, work):
        raise InputError(f"{email} is no subscriber" if number is None else f"{email} has no subscription {number}")
    out.print(f"{email} was removed" if number is None else f"subscription {number} of {email} has ended")


def _rules(found: App, kind: RuleKind, names: str) -> frozenset[str]:
    wanted = frozenset(name.strip() for name in names.split(",") if name.strip())
    known = [name for each, name in found.watched.labels if each == kind]
    for name in sorted(wanted - set(known)):
        raise InputError(f"unknown {kind} {name!r}{near(name, known)}")
    return wanted


def _zone(name: str) -> str:
    zones = available_timezones()
    if name not in zones:
        raise InputError(f"unknown zone {name!r}{near(name, zones)}")
    return name


def _time(text: str) -> time:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day, no moment
    except ValueError:
        raise InputError(f"{text!r} is no time of day; write it as HH:MM, such as 07:00") from None


def _rules_of(wish: Subscription) -> str:
    topics, actors = (" or ".join(sorted(names)) for names in (wish.topics, wish.actors))
    if topics and actors:
        return f"{topics}, naming {actors}"
    return topics or (f"naming {actors}" if actors else "everything about the war")


def _when(wish: Subscription) -> str:
    return f"daily at {', '.join(f'{moment:%H:%M}' for moment in wish.schedule.times)} {wish.subscriber.zone}"
