"""`init`: the first evening. Asks for what cannot be guessed, writes two files, tries mail and feeds."""

import asyncio
import os
import secrets
import shutil
from datetime import timedelta
from email.utils import make_msgid, parseaddr
from pathlib import Path
from typing import Annotated

import typer

from monitor import logs
from monitor.cli.feeds import look, offer_to_disable, report
from monitor.cli.session import Session, out, session
from monitor.clock import utc_now
from monitor.core.model import Letter
from monitor.errors import MailError
from monitor.net.mail import Mailer
from monitor.net.message import compose
from monitor.parts import sender_of, smtp_of
from monitor.settings import Settings, environment, load_settings, setting_mistake, variable

SECRET = variable("secret")
SENDER = "Ukraine monitor <monitor@{}>"
HEAD = "# Written by `run_monitor.py init`; every variable is told in docs/configuration.md."
SHIPPED = Path(__file__).parents[2] / "feeds.yaml"


def register(app: typer.Typer) -> None:
    """Add the command."""
    example = "run_monitor.py init --domain example.org --smtp-host mail.example.org --operator ops@example.org --yes"
    app.command("init", epilog=f"Examples: `run_monitor.py init`, `{example}`")(init)


def init(
    context: typer.Context,
    *,
    domain: Annotated[str | None, typer.Option(help="Your domain: the sender becomes monitor@DOMAIN.")] = None,
    smtp_host: Annotated[str | None, typer.Option(help="Your mail server; empty: set one later.")] = None,
    smtp_port: Annotated[int | None, typer.Option(help="Its port: 587 (STARTTLS), 465 (TLS) or 25.")] = None,
    smtp_security: Annotated[str | None, typer.Option(help="starttls, tls or none.")] = None,
    smtp_user: Annotated[str | None, typer.Option(help="Its user; empty: no authentication.")] = None,
    smtp_password: Annotated[str | None, typer.Option(help="Its password; better typed than given here.")] = None,
    zone: Annotated[str | None, typer.Option(help="Your IANA zone, such as Europe/Kyiv.")] = None,
    operator: Annotated[str | None, typer.Option(help="Who is told of problems.")] = None,
    base_url: Annotated[str | None, typer.Option(help="Https address of the readers' pages; empty: none.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take defaults for what is not given.")] = False,
    probe: Annotated[bool, typer.Option(help="Fetch every feed once at the end.")] = True,
) -> None:
    """Ask for domain, mail server, zone and operator; write `.env` and `feeds.yaml`; try mail and feeds."""
    here = session(context)
    ask = _Asker(yes)
    answers = {"MONITOR_SENDER": ask("Your domain", domain, "example.org", "MONITOR_SENDER", form=SENDER)}
    answers["MONITOR_SMTP_HOST"] = ask("Mail server (empty: later)", smtp_host, "", "MONITOR_SMTP_HOST")
    if answers["MONITOR_SMTP_HOST"]:
        answers |= _smtp_answers(ask, smtp_port, smtp_security, smtp_user, smtp_password)
    answers["MONITOR_ZONE"] = ask("Zone", zone, _zone(), "MONITOR_ZONE")
    question = "Who is told of problems (a mail address; empty: nobody)"
    answers["MONITOR_OPERATOR"] = answers["MONITOR_CONTACT"] = ask(question, operator, "", "MONITOR_OPERATOR")
    question = "Https address of the readers' pages, such as https://monitor.example.org (empty: none)"
    answers["MONITOR_BASE_URL"] = ask(question, base_url, "", "MONITOR_BASE_URL")
    settings = _write(here, {key: value for key, value in answers.items() if value})
    mailed = _test_mail(settings)
    if probe:
        found = look([spec for spec in here.configuration(settings).feeds if spec.enabled], settings)
        report(found)
        offer_to_disable(found, settings, yes=yes)
    out.print("Next: `run_monitor.py check`, `run_monitor.py subscribers add …`, `run_monitor.py run`", markup=False)
    if not mailed:
        raise typer.Exit(1)


class _Asker:
    """Asks for what was not given as an option."""

    def __init__(self, silent: bool) -> None:
        self._silent = silent

    def __call__(
        self,
        question: str,
        given: object | None,
        default: object,
        variable: str,
        *,
        secret: bool = False,
        form: str = "{}",
    ) -> str:
        """Return what the variable shall be; a wrong answer is told at once and asked again."""
        if given is not None or self._silent:
            return form.format(default if given is None else given)
        while True:
            answer = typer.prompt(question, default=str(default), hide_input=secret, show_default=not secret, err=True)
            value = form.format(answer)
            wrong = setting_mistake(variable, value)
            if wrong is None:
                return value
            typer.echo(wrong, err=True)


def _smtp_answers(
    ask: _Asker, port: int | None, security: str | None, user: str | None, password: str | None
) -> dict[str, str]:
    chosen = ask("Security: starttls, tls or none", security, "starttls", "MONITOR_SMTP_SECURITY")
    number = ask("Port", port, {"tls": 465, "none": 25}.get(chosen, 587), "MONITOR_SMTP_PORT")
    name = ask("User (empty: none)", user, "", "MONITOR_SMTP_USER")
    secret = ask("Password", password, "", "MONITOR_SMTP_PASSWORD", secret=True) if name else ""
    return {
        "MONITOR_SMTP_SECURITY": chosen,
        "MONITOR_SMTP_PORT": number,
        "MONITOR_SMTP_USER": name,
        "MONITOR_SMTP_PASSWORD": secret,
    }


def _zone() -> str:
    """Guess the machine's zone from where /etc/localtime leads."""
    target = os.path.realpath("/etc/localtime")
    return target.partition("zoneinfo/")[2] or "UTC"


def _write(here: Session, answers: dict[str, str]) -> Settings:
    """Write both files; the first one for its owner's eyes only. The answers are judged before anything is written."""
    known = environment(here.environ, here.env_file).get(SECRET)  # a new one would make void what was mailed
    secret = {SECRET: known or secrets.token_urlsafe(32)}
    settings = load_settings({**here.environ, **answers, **secret}, None)
    if here.config is not None:
        settings = settings.model_copy(update={"feeds": here.config})
    kept = here.env_file.read_text(encoding="utf-8").splitlines() if here.env_file.exists() else [HEAD]
    lines = _merged(kept, answers if known else {**answers, **secret})
    handle = os.open(here.env_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(handle, 0o600)  # the mode above counts for a new file only
        file.write("\n".join(lines) + "\n")
    out.print(f"wrote {here.env_file} (readable by you alone)")
    if not settings.feeds.exists():
        shutil.copyfile(SHIPPED, settings.feeds)
        out.print(f"wrote {settings.feeds}")
    logs.configure(settings.log_format, settings.log_level)
    return settings


def _merged(lines: list[str], answers: dict[str, str]) -> list[str]:
    """Put the answers in the place of their variables; every other line of an existing file stays as it is."""
    written = {key: f"{key}={_quoted(value)}" for key, value in answers.items()}
    merged = [written.pop(line.partition("=")[0].removeprefix("export ").strip(), line) for line in lines]
    return merged + list(written.values())


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _test_mail(settings: Settings) -> bool:
    """Send a mail to the operator; False where it was not taken."""
    smtp = smtp_of(settings)
    if smtp is None:
        out.print("No mail server yet: digests will wait in the outbox until MONITOR_SMTP_HOST is set.")
        return True
    sender = sender_of(settings)
    recipient = settings.operator or parseaddr(settings.sender)[1]
    letter = Letter(subject="Ukraine monitor: test mail", text="If you read this, mail works.\n")
    mail = compose(
        letter,
        sender=sender.address,
        recipient=recipient,
        message_id=make_msgid(domain=sender.domain),
        date=utc_now(),
        list_id=f"<digest.{sender.domain}>",
        unsubscribe=None,
    )

    async def send() -> str:
        async with Mailer(smtp) as mailer:
            await mailer.probe()
            return await mailer.send(mail)

    try:
        reply = asyncio.run(asyncio.wait_for(send(), timedelta(minutes=2).total_seconds()))
        out.print(f"test mail to {recipient}: {reply}", markup=False)
    except (MailError, TimeoutError) as error:
        out.print(f"test mail to {recipient} failed: {error}", style="red", markup=False)
        out.print("The files are written; mend the settings in them, then try `run_monitor.py check`.", markup=False)
        return False
    return True
