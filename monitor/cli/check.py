"""`check`: everything that `run` would need, tried out."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from monitor import web
from monitor.cli.check_mail import check_mail
from monitor.cli.session import Json, Session, out, print_json, session
from monitor.config import load_watched
from monitor.core.model import RuleKind
from monitor.daemon import lock_path, running
from monitor.errors import ConfigError, MonitorError
from monitor.net.mail import Mailer
from monitor.parts import signer_of, smtp_of
from monitor.render import Renderer
from monitor.render.trial import trial
from monitor.settings import Settings
from monitor.store import configurations, maintenance
from monitor.store.database import Database


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", epilog="Example: `run_monitor.py --config feeds.yaml check --json`")(check)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What trying one thing gave: `state` is ok, note (it runs, but know this) or wrong. `record` is what should stand
    in the DNS under `name`."""

    what: str
    state: str
    detail: str
    name: str | None = None
    record: str | None = None


def check(
    context: typer.Context,
    *,
    mail: Annotated[
        bool, typer.Option("--mail", help="Also look up SPF, DKIM, DMARC and mail servers of the sender's domain.")
    ] = False,
    resolver: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Name server to ask, as 127.0.0.1:5353; else the machine's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Try out everything that `run` needs: configuration, templates, database, disk and mail server.

    Exit code 2 when something is wrong.
    """
    here = session(context)
    settings = here.settings()
    results = [
        _tried("configuration", lambda: _configuration(here, settings)),
        _tried("templates", lambda: _templates(settings)),
        _tried("database", lambda: _database(settings)),
        _tried("disk", lambda: _disk(settings)),
        _tried("mail", lambda: _mail(settings)),
        _tried("signing", lambda: _signing(settings)),
        _tried("pages", lambda: _pages(settings)),
        _tried("operator", lambda: _operator(settings)),
        _tried("contact", lambda: _contact(settings)),
    ]
    if mail:
        results += [Result(what=what, **asdict(verdict)) for what, verdict in check_mail(settings, resolver)]
    for result in results:
        if as_json:
            print_json(result)
        else:
            _show(result)
    if any(result.state == "wrong" for result in results):
        raise typer.Exit(2)


def _show(result: Result) -> None:
    colour = {"ok": "green", "note": "yellow", "wrong": "red"}[result.state]
    out.print(f"[{colour}]{result.state:5}[/] {result.what}: ", end="")
    out.print(result.detail, markup=False)
    if result.record:
        # One line however long, to be copied.
        out.print(f"      publish: {result.name}. TXT {_strings(result.record)}", markup=False, soft_wrap=True)


def _strings(record: str) -> str:
    """Write a TXT record as in a zone file: strings of at most 255 characters (RFC 1035 §3.3.14)."""
    return " ".join(f'"{record[at : at + 255]}"' for at in range(0, len(record), 255))


def _tried(what: str, attempt: Callable[[], tuple[str, str]]) -> Result:
    try:
        state, detail = attempt()
    except (MonitorError, OSError, ValueError) as error:
        state, detail = "wrong", str(error)
    return Result(what=what, state=state, detail=detail)


def _configuration(here: Session, settings: Settings) -> tuple[str, str]:
    try:
        config = load_watched(settings.feeds, environ=here.environ, folder=settings.cache, kept=settings.packs)
    except ConfigError as error:
        return "wrong", f"{error}{_meanwhile(settings)}"
    kinds = Counter(rule.kind for rule in config.watchlist.rules)
    enabled = sum(spec.enabled for spec in config.feeds)
    rules = f"{kinds[RuleKind.ACTOR]} actors, {kinds[RuleKind.TOPIC]} topics, {config.watchlist.form_count:,} forms"
    told = [*map(str, config.warnings), *([waiting] if config.pack and (waiting := config.pack.waiting) else [])]
    lines = [f"{settings.feeds}: {enabled} feeds, {rules}", *told]
    return ("note" if told or not enabled else "ok"), "\n".join(lines)


def _meanwhile(settings: Settings) -> str:
    """Say what the daemon goes on with while the file is wrong."""
    if running(lock_path(settings)) is None:
        return ""
    db = Database(settings.database)
    try:
        last = db.read_now(configurations.last)
    finally:
        db.close()
    if last is None or last.taken_at is None:
        return ""
    return f"\nthe daemon goes on with {last.path} as it was taken up at {last.taken_at:%Y-%m-%d %H:%M} UTC"


def _templates(settings: Settings) -> tuple[str, str]:
    render = Renderer(settings.templates, settings.own_templates, sender=settings.sender)
    tried = trial(render)
    if tried.mistakes:
        raise ConfigError(tried.mistakes)
    folders = " and ".join(str(folder) for folder in render.templates.folders)
    detail = f"{folders}: {tried.letters} letters in {len(render.languages)} languages render"
    if tried.unused:
        return "note", f"{detail}; nothing asks for {', '.join(tried.unused)}"
    return "ok", detail


def _database(settings: Settings) -> tuple[str, str]:
    db = Database(settings.database)
    try:
        before, head = maintenance.versions(db.engine)
        state = "empty; `run` will make the tables" if before is None else f"version {before}"
        state += "" if before in (None, head) else f"; `run` will upgrade it to {head}"
        return "ok", f"{db.engine.url.render_as_string()}: {state}"
    finally:
        db.close()


def _disk(settings: Settings) -> tuple[str, str]:
    settings.var.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.var).free // 2**20
    enough = free >= settings.disk_free_mb
    return ("ok" if enough else "wrong"), f"{free:,} MB free where {settings.var} lies; {settings.disk_free_mb} wished"


def _mail(settings: Settings) -> tuple[str, str]:
    smtp = smtp_of(settings)
    if smtp is None:
        return "note", "no mail server is set (MONITOR_SMTP_HOST): digests are planned and wait in the outbox"

    async def probe() -> str:
        async with Mailer(smtp) as mailer:
            return await mailer.probe()

    return "ok", f"{settings.smtp_host}:{settings.smtp_port}: {asyncio.run(probe())}"


def _signing(settings: Settings) -> tuple[str, str]:
    signer = signer_of(settings)
    if signer is None:
        return "note", "mails are not signed here; the mail server must sign them (DKIM), or set MONITOR_DKIM_KEY"
    return "ok", f"mails are signed as {signer.name}"


def _pages(settings: Settings) -> tuple[str, str]:
    if settings.base_url is None:
        return "note", f"there are none (MONITOR_BASE_URL): readers unsubscribe by a mail to {settings.unsubscribe}"
    if running(lock_path(settings)) is None:
        web.listening(settings.web_listen).close()
    served = f"{settings.base_url}, served at {settings.web_listen}"
    if not settings.base_url.startswith("https://"):
        only = f"for this machine alone; without https readers unsubscribe by a mail to {settings.unsubscribe}"
        return "note", f"{served}: {only}"
    if settings.web_proxy is None:
        return "note", f"{served}; set MONITOR_WEB_PROXY, or all visitors share one allowance, that of your proxy"
    return "ok", f"{served} behind {settings.web_proxy}"


def _operator(settings: Settings) -> tuple[str, str]:
    if settings.operator:
        return "ok", f"{settings.operator} is told of problems"
    return "note", "nobody is told of problems; set MONITOR_OPERATOR"


def _contact(settings: Settings) -> tuple[str, str]:
    if settings.contact:
        return "ok", f"publishers are told {settings.contact}"
    return "note", "publishers are not told whom to write to if we trouble them; set MONITOR_CONTACT"
