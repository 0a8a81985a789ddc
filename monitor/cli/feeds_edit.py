"""`feeds add`, `feeds remove`, `feeds repair`: edits of the person's file, shown before they are made."""

import asyncio
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import urlsplit

import typer

from monitor.cli.edits import DryRun, Yes, made
from monitor.cli.feeds_search import explore, profile_of, reason, show_found
from monitor.cli.session import err, out, session
from monitor.clock import utc_now
from monitor.config.addresses import checked_address, comparable_address
from monitor.config.edit import adding, moving, removing
from monitor.config.naming import require_feeds
from monitor.config.proposals import Told, by_address, fit_title, guessed
from monitor.core.discovery import pages_near
from monitor.core.model import FeedSpec
from monitor.core.publishers import site_of
from monitor.errors import InputError
from monitor.parts import http_of, parsers_of
from monitor.probe import Explorer, Seen
from monitor.settings import Settings
from monitor.storage import open_database
from monitor.store import entries, feeds
from monitor.store.database import Connection

_OFFERED = 9


def register(app: typer.Typer) -> None:
    """Add the commands."""
    example = "run_monitor.py feeds add https://agency.example/en --id example-agency-en --press agency"
    app.command("add", epilog=f"Examples: `{example}`, `run_monitor.py feeds add agency.example --yes`")(add)
    app.command("remove", epilog="Example: `run_monitor.py feeds remove tass-ru --yes`")(remove)
    examples = "`run_monitor.py feeds repair bbc-world`"
    to = "run_monitor.py feeds repair bbc-world --to https://news.example/rss --yes"
    app.command("repair", epilog=f"Examples: {examples}, `{to}`")(repair)


# ── add ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def add(
    context: typer.Context,
    page: Annotated[str, typer.Argument(help="Address of a feed, or of a page whose feeds are to be found.")],
    *,
    id_: Annotated[str | None, typer.Option("--id", help="Its id, for ever; else made of title and language.")] = None,
    title: Annotated[str | None, typer.Option(help="The publisher as readers see it; else the document's.")] = None,
    language: Annotated[str | None, typer.Option(help="ISO 639-1, such as uk; else the document's.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1, such as UA; else the address's.")] = None,
    press: Annotated[str | None, typer.Option(help="state, public, private, agency or official.")] = None,
    allow_private: Annotated[bool, typer.Option("--allow-private", help="It is in your own network.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask: take the likeliest feed.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Find the feeds behind a page, show what they hold, and add one to feeds.yaml.

    The address may be a feed itself. Else the page's own announcements are read, then its links, then the usual places.
    """
    here = session(context)
    settings = here.settings()
    specs = here.configuration(settings).feeds
    start = FeedSpec(id="page", title="page", url=_address(page), allow_private=allow_private)
    found = explore({start: True}, settings, typed=page)[:_OFFERED]
    there = by_address(specs)
    show_found(found, there)
    one = _chosen(_fresh(found, there), found, yes=yes or dry_run)
    what = profile_of(one)
    told = Told(
        url=one.url, title=title or what.title, language=language or what.language, country=country, press=press
    )
    section = guessed(told, {spec.id for spec in specs})
    # What the person says goes in as it is: the file's own check tells what is wrong with it.
    given = {"id": id_, "title": fit_title(title), "language": language, "country": country, "press": press}
    section |= {key: value for key, value in given.items() if value is not None}
    section |= {"allow_private": True} if allow_private else {}
    if made(adding(settings.feeds, [section]), "Add it?", yes=yes, dry_run=dry_run):
        out.print(f"added {section['id']}; a running daemon takes it up by itself", markup=False)


def _address(page: str) -> str:
    """Return the address with its scheme. Raises InputError."""
    url = page if re.match(r"(?i)[a-z][a-z0-9+.-]*:(?!\d)", page) else f"https://{page.lstrip('/')}"
    try:
        return checked_address(url)
    except ValueError as error:
        raise InputError(f"the address {error}") from None


def _fresh(found: Sequence[Seen], there: Mapping[str, str]) -> list[Seen]:
    return [seen for seen in found if comparable_address(seen.url) not in there]


def _chosen(fresh: Sequence[Seen], found: Sequence[Seen], *, yes: bool) -> Seen:
    """Return the feed that the person wants: the only one, or the one whose number is given."""
    if not fresh:
        raise InputError("every feed that was found is in the file already")
    if yes or len(found) == 1:
        return fresh[0]
    while True:
        number: int = typer.prompt("Which one? (0: none)", default=found.index(fresh[0]) + 1, type=int, err=True)
        if number == 0:
            raise typer.Exit(1)
        if chosen := [seen for seen in found[number - 1 : number] if seen in fresh]:
            return chosen[0]
        err.print("not a number of a feed that can be added", markup=False)


# ── remove ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def remove(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(metavar="FEED", help="Its id.")],
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Take a feed out of feeds.yaml. Its history stays; under the same id it is taken up again."""
    settings, _ = _known(context, feed)
    if made(removing(settings.feeds, feed), f"Remove {feed} from {settings.feeds}?", yes=yes, dry_run=dry_run):
        out.print(f"removed {feed}. What it brought stays stored; put the same id back, and it goes on.", markup=False)


def _known(context: typer.Context, feed: str) -> tuple[Settings, dict[str, FeedSpec]]:
    here = session(context)
    settings = here.settings()
    specs = {spec.id: spec for spec in here.configuration(settings).feeds}
    require_feeds([feed], specs.values())
    return settings, specs


# ── repair ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Past:
    """Whether a feed has brought any entries, and by address how many of them were found again there."""

    any: bool
    shared: Mapping[str, int]


def repair(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(metavar="FEED", help="Its id.")],
    *,
    to: Annotated[str | None, typer.Option(help="Its new address, a feed's; else it is looked for.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; another domain still needs --to.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Find a feed that has moved, show the edit of feeds.yaml, and make it. Its id and its history stay.

    Where its redirects lead is asked first, then its host's page, then its site's.
    """
    settings, specs = _known(context, feed)
    spec = specs.pop(feed)
    if to is None:
        found = explore(_starts(spec, settings), settings)
    else:
        found = [_at(replace(spec, url=_address(to)), settings, to)]
    if found[0].url == spec.url:
        out.print(f"{feed} answers well where it is: {spec.url}", markup=False)
        return
    past = _past(found, spec, settings)
    found, there = _likeliest(found, spec, past)[:_OFFERED], by_address(specs.values())
    show_found(found, there, past.shared)
    fresh = _fresh(found, there)
    if yes and to is None:
        fresh = _safe(fresh, spec, past)
    one = _chosen(fresh, found, yes=yes or dry_run)
    if _crosses(one.url, spec.url) and to is None and yes and not dry_run:
        command = f"run_monitor.py feeds repair {feed} --to {shlex.quote(one.url)} --yes"
        raise InputError(f"{one.url} is another domain, which may be anybody's; if you trust it: {command}")
    if made(moving(settings.feeds, feed, one.url), _question(one.url, spec.url), yes=yes, dry_run=dry_run):
        out.print(f"{feed} is asked at its new address from now on; its history stays", markup=False)


def _safe(fresh: Sequence[Seen], spec: FeedSpec, past: Past) -> list[Seen]:
    """Return those that may be taken unseen: that bring what the feed has brought, in the language that it has.

    Where the old address itself leads for good to another of its site, the publisher has said so, which is enough.
    """
    same = [one for one in fresh if past.shared[one.url] or not past.any]
    safe = [one for one in same if _speaks(one, spec)]
    led = [one for one in fresh if one.asked == spec.url and not _crosses(one.url, spec.url)]
    if fresh and not (led or safe):
        known = f"what holds entries that {spec.id} has brought declares" if past.any else "what was found declares"
        words = f"{known} another language than {spec.language}"
        refused = words if same else f"none of these holds an entry that {spec.id} has brought before"
        err.print(f"{refused}; name one with --to", markup=False)
        raise typer.Exit(1)
    return led or safe


def _speaks(one: Seen, spec: FeedSpec) -> bool:
    declared = one.feed.lang if one.feed else None
    return declared is None or spec.language is None or declared == spec.language


def _crosses(new: str, old: str) -> bool:
    return site_of(new) != site_of(old)


def _question(new: str, old: str) -> str:
    if _crosses(new, old):
        return f"{site_of(new)} is ANOTHER DOMAIN than {site_of(old)}. Use this address?"
    return "Use this address?"


def _starts(spec: FeedSpec, settings: Settings) -> dict[FeedSpec, bool]:
    """Return where to look: the old address, where its redirects led when it was last polled, its host, its site."""
    db = open_database(settings)
    try:
        fleet = db.read_now(feeds.health)
    finally:
        db.close()
    led = [one.redirected_to for one in fleet if one.id == spec.id and one.redirected_to]
    places = dict.fromkeys(led, False) | dict.fromkeys(pages_near(spec.url), True)
    others = {replace(spec, url=url, headers=(), allow_private=_same_host(url, spec)): by for url, by in places.items()}
    return {spec: False, **others}


def _same_host(url: str, spec: FeedSpec) -> bool:
    """Tell whether what a feed may do inside our own network, an address that was found for it may do too."""
    return spec.allow_private and urlsplit(url).netloc == urlsplit(spec.url).netloc


def _at(spec: FeedSpec, settings: Settings, typed: str) -> Seen:
    """Return the feed at the address that the person names. Raises InputError where there is none."""

    async def look() -> Seen:
        async with http_of(settings) as http, parsers_of(settings) as parsers:
            return await Explorer(spec, http.fetch, parsers.call, now=utc_now()).first()

    seen = asyncio.run(look())
    if seen.feed is None:
        raise InputError(f"{spec.url} holds no feed: {reason(seen, typed)}")
    return seen


def _past(found: Sequence[Seen], spec: FeedSpec, settings: Settings) -> Past:
    db = open_database(settings)
    try:
        return db.read_now(_compared, spec.id, found)
    finally:
        db.close()


def _compared(conn: Connection, feed: str, found: Sequence[Seen]) -> Past:
    pk = feeds.pk_of(conn, feed)
    if pk is None:
        return Past(any=False, shared=dict.fromkeys((seen.url for seen in found), 0))
    return Past(any=entries.has_any(conn, pk), shared={seen.url: _shared(conn, pk, seen) for seen in found})


def _shared(conn: Connection, pk: int, seen: Seen) -> int:
    held = seen.feed.entries if seen.feed else ()
    known = entries.known(conn, pk, [key for entry in held for key in entry.keys])
    return sum(not known.keys().isdisjoint(entry.keys) for entry in held)


def _likeliest(found: Sequence[Seen], spec: FeedSpec, past: Past) -> list[Seen]:
    """Sort what was found: entries that this feed has had before tell most, then its title, then its file's name."""

    def rank(seen: Seen) -> tuple[int, ...]:
        what = profile_of(seen)
        alike = (what.title or "").casefold() == spec.title.casefold()
        return -past.shared[seen.url], not alike, what.language != spec.language, _name(seen.url) != _name(spec.url)

    return sorted(found, key=rank)


def _name(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name
