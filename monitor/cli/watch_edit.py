"""`watch add`, `watch set`, `watch exclude`, `watch remove`: edits of what is watched, shown before they are made."""

import re
import shlex
from typing import Annotated

import typer

from monitor.cli.edits import DryRun, Yes, judged, made
from monitor.cli.session import near, out, session
from monitor.config.edit import Step, adding_topic, excluding, planned, querying, removing_rule, switching_off
from monitor.config.load import pack_of, read_source
from monitor.config.merge import KINDS, Kind
from monitor.config.owned import Owned, Standing, owned
from monitor.core.query.parse import parse
from monitor.errors import InputError

_KINDS: dict[str, Kind] = {"actor": "actors", "topic": "topics"}
_LABEL = re.compile(r"([a-z]{2}):(.*)", re.DOTALL)
_LETTERS = {"uk": "іїєґ", "ru": "ыэёъ"}
"""Letters by which a Cyrillic word tells its language."""

Id = Annotated[str, typer.Argument(metavar="ID", help="The topic's id.")]
Query = Annotated[str, typer.Argument(metavar="QUERY", help="What to look for, in the watch language.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    example = "run_monitor.py watch add grain-prices '\"wheat futures\" OR (grain NEAR/5 price)' --yes"
    everywhere = "run_monitor.py watch add odesa 'Odesa' --label 'uk:Одеса' --everywhere --dry-run"
    app.command("add", epilog=f"Examples: `{example}`, `{everywhere}`")(add)
    app.command("set", epilog="Example: `run_monitor.py watch set refineries 'drone NEAR/5 refinery' --yes`")(set_)
    examples = "`run_monitor.py watch exclude drones 'drone racing' --yes`"
    app.command("exclude", epilog=f"Example: {examples}")(exclude)
    examples = "`run_monitor.py watch remove peace-talks`, `run_monitor.py watch remove actor:putin --dry-run`"
    app.command("remove", epilog=f"Examples: {examples}")(remove)


def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="Its id, for ever: its hits hang on it.")],
    query: Query,
    *,
    label: Annotated[
        list[str] | None, typer.Option(help="Its name as readers see it; `uk:…` for one language, again for more.")
    ] = None,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Read it in every entry, not only the war's.")
    ] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Add a topic of your own to feeds.yaml, by a query of the watch language."""
    text = _query(query)
    taken = _watched(context).standing("topics", name)
    if taken is not None:
        raise InputError(_TAKEN[taken].format(name=name))
    section: dict[str, object] = {"label": _labels(label)} if label else {}
    section |= {"query": text} | ({"scope": "none"} if everywhere else {})
    if _edited(context, adding_topic(name, section), "Add it?", yes=yes, dry_run=dry_run):
        tried = f"{shlex.quote(text)}{' --everywhere' if everywhere else ''}"
        out.print(f"added topic {name}; {_NEXT.format(query=tried)}", markup=False)


_TAKEN = {
    Standing.OWN: "{name} is in the file already; `run_monitor.py watch set {name} 'QUERY'` gives it another query",
    Standing.BUILT_IN: "{name} is a built-in topic; choose another id",
    Standing.CHANGED: "{name} is a built-in topic, which the file changes; choose another id",
    Standing.OFF: "{name} is a built-in topic, which the file takes out (`{name}: null`); choose another id",
}
_NEXT = """a running daemon takes it up within seconds.
`run_monitor.py watch test {query} --since 30d` shows what it would have matched;
`run_monitor.py watch rematch` applies it to the past."""


def set_(context: typer.Context, name: Id, query: Query, *, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Give a topic of your own another query. Hits keep the revision that made them."""
    text = _query(query)
    here = _watched(context)
    if here.standing("topics", name) not in (Standing.OWN, Standing.CHANGED):
        raise _not_own(here, name)
    if getattr(here.own("topics")[name], "query", None) == text:
        out.print(f"that is the query of {name} already; nothing was written", markup=False)
    elif _edited(context, querying(name, text), "Write it?", yes=yes, dry_run=dry_run):
        out.print(f"topic {name} has its new query; {_NEXT.format(query=shlex.quote(text))}", markup=False)


def exclude(
    context: typer.Context,
    name: Id,
    words: Annotated[list[str], typer.Argument(metavar="WORD…", help="Words and phrases, in their base form.")],
    *,
    language: Annotated[
        str | None, typer.Option("--lang", help="Language of the words (ISO 639-1); guessed where letters tell it.")
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Add words that speak against a topic, your own or a built-in one: where one stands, the topic does not count."""
    here = _watched(context)
    if here.standing("topics", name) in (None, Standing.OFF):
        raise _not_own(here, name)
    code = language or _language(" ".join(words))
    there = getattr(here.own("topics").get(name), "none", {}).get(code, [])
    new = [word for word in dict.fromkeys(words) if word not in there]
    if not new:
        out.print(f"topic {name} excludes that already; nothing was written", markup=False)
    elif _edited(context, excluding(name, code, new), "Exclude it?", yes=yes, dry_run=dry_run):
        out.print(f"topic {name} no longer counts beside {', '.join(new)} ({code}); {_LIVE}", markup=False)


_LIVE = "a running daemon takes it up within seconds; `run_monitor.py watch rematch` applies it to the past"


def remove(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(metavar="ID", help="A topic's or an actor's id, or `actor:ID`.")],
    *,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Take a topic or an actor out of the watchlist: your own goes from the file, a built-in one gets `ID: null`.

    What it has found stays stored.
    """
    here = _watched(context)
    kind, name = _rule(here, rule)
    standing = here.standing(kind, name)
    if standing is Standing.OFF:
        out.print(f"{name} is taken out already; nothing was written", markup=False)
        return
    step = removing_rule(kind, name) if standing is Standing.OWN else switching_off(kind, name)
    if _edited(context, step, f"Remove {name}?", yes=yes, dry_run=dry_run):
        out.print(f"removed {name}; a running daemon takes it up within seconds. What it found stays.", markup=False)


# ── what is there ────────────────────────────────────────────────────────────────────────────────────────────────────


def _watched(context: typer.Context) -> Owned:
    """Read the file and its pack. Raises ConfigError where one of them has mistakes."""
    here = session(context)
    settings = here.settings()
    here.configuration(settings)
    source = read_source(settings.feeds, environ=here.environ)
    return owned(source, pack_of(source, kept=settings.packs))


def _edited(context: typer.Context, step: Step, question: str, *, yes: bool, dry_run: bool) -> bool:
    here = session(context)
    settings = here.settings()
    edit = planned(settings.feeds, step)
    judged(edit, here, settings)
    return made(edit, question, yes=yes, dry_run=dry_run)


def _query(text: str) -> str:
    """Return a query on one line. Raises QueryError where it is none."""
    parse(text)
    return " ".join(text.split())


def _not_own(here: Owned, name: str) -> InputError:
    match here.standing("topics", name):
        case Standing.BUILT_IN:
            words = f"{name} is built in and has no query; `run_monitor.py watch exclude {name} WORD` narrows it"
        case Standing.OFF:
            words = f"{name} is taken out by the file (`{name}: null`); take that line away first"
        case _:
            words = f"no topic {name!r}{near(name, here.names('topics'))}"
    return InputError(words)


def _rule(here: Owned, rule: str) -> tuple[Kind, str]:
    """Return where the rule stands. Raises InputError where there is none, or an actor and a topic of that name."""
    prefix, mark, name = rule.partition(":")
    if mark and prefix not in _KINDS:
        raise InputError(f"{prefix!r} is no kind of rule; write actor:{name} or topic:{name}")
    kinds = [_KINDS[prefix]] if mark else list(KINDS)
    name = name if mark else rule
    found = [kind for kind in kinds if here.standing(kind, name)]
    if not found:
        raise InputError(f"no actor and no topic {name!r}{near(name, set().union(*map(here.names, kinds)))}")
    if len(found) > 1:
        raise InputError(f"{name} is an actor and a topic; write actor:{name} or topic:{name}")
    return found[0], name


def _labels(given: list[str]) -> dict[str, str]:
    """Read `--label`: a text is the English name, one behind `uk:` the Ukrainian."""
    pairs = ((_LABEL.fullmatch(text), text) for text in given)
    return dict((found[1], found[2].strip()) if found else ("en", text) for found, text in pairs)


def _language(words: str) -> str:
    """Guess by the letters. Raises InputError for Cyrillic that tells nothing."""
    folded = words.casefold()
    if found := [code for code, letters in _LETTERS.items() if not set(letters).isdisjoint(folded)]:
        return found[0]
    if re.search("[а-я]", folded):
        raise InputError("these letters do not tell the language; name it: --lang uk or --lang ru")
    return "en"
