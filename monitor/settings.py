"""The MONITOR_* variables, from the environment and the file .env: where things are, who mails, how much is kept."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin

from annotated_types import Ge, Le
from dotenv.parser import Binding, parse_stream
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_core import ErrorDetails

from monitor import values
from monitor.errors import ConfigError, Finding
from monitor.values import Days, Mail, Mailbox, Size, did_you_mean

PREFIX = "MONITOR_"
ENVIRONMENT = "environment"
"""What a finding names as its source when the variable stands in no file."""

_FREE = re.compile(r"MONITOR_[A-Z0-9_]+_TOKEN|MONITOR_TEST_[A-Z0-9_]+")  # for headers in feeds.yaml, and for tests
_TOGETHER = (
    ("smtp_host", "sender", ": every mail needs a sender"),
    ("smtp_user", "smtp_password", ""),
    ("smtp_password", "smtp_user", ""),
    ("dkim_key", "dkim_selector", ": receivers look for the key under it"),
    ("dkim_selector", "dkim_key", ""),
    ("base_url", "secret", ": the links to the pages are signed with it"),
    ("public_subscribe", "base_url", ": it is a page"),
)


class Settings(BaseModel):
    """What the machine and its operator decide; what is watched stands in feeds.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)

    database: Annotated[str, AfterValidator(values.database)] = Field(
        "sqlite:///var/monitor.db", description="Where everything is stored: an SQLAlchemy URL", repr=False
    )
    feeds: Path = Field(Path("feeds.yaml"), description="The file of feeds and of what is watched")
    var: Path = Field(Path("var"), description="Directory for the lock file, previews and other things that are made")
    cache: Path = Field(Path("var/cache"), description="Directory for what can be made anew: the compiled watchlist")
    templates: Path = Field(
        default_factory=lambda: Path(__file__).parents[1] / "templates",
        description="Directory of the mails' templates; the ones that come with the program, if not set",
    )
    own_templates: Path | None = Field(None, description="Directory of your own templates, which go before ours")
    smtp_host: Annotated[str, AfterValidator(values.host)] | None = Field(
        None, description="The mail server; without one digests wait in the outbox"
    )
    smtp_port: Annotated[int, Ge(1), Le(65535)] = Field(
        587, description="Its port, usually 587 (starttls) or 465 (tls)"
    )
    smtp_security: Annotated[Literal["starttls", "tls", "none"], BeforeValidator(values.lowered)] = Field(
        "starttls", description="TLS after a plain greeting, from the first byte, or never"
    )
    smtp_user: str | None = Field(None, description="User name at the mail server", repr=False)
    smtp_password: SecretStr | None = Field(None, description="Password at the mail server")
    smtp_timeout: Annotated[float, Ge(1), Le(600)] = Field(30.0, description="Seconds that each step of SMTP may take")
    mail_connections: Annotated[int, Ge(1), Le(100)] = Field(
        4, description="Connections to the mail server at most; so many mails go side by side"
    )
    mail_rate_per_domain: Annotated[int, Ge(1), Le(1_000_000)] = Field(
        60, description="Mails a minute to the readers of one domain"
    )
    ambiguous: Annotated[Literal["resend", "hold"], BeforeValidator(values.lowered)] = Field(
        "resend", description="A mail that may have been taken when the connection broke is sent again, or held for you"
    )
    sender: Mailbox = Field(
        "Ukraine monitor <monitor@localhost>", description="Who mails come from; needed once there is a mail server"
    )
    unsubscribe: Mail = Field(
        default_factory=lambda given: values.bare(given.get("sender", "")),
        description="Address for List-Unsubscribe; the sender's, if not set",
    )
    dkim_key: Path | None = Field(
        None, description="File of the RSA key that signs mails (DKIM); without one the mail server must sign"
    )
    dkim_selector: Annotated[str, AfterValidator(values.selector)] | None = Field(
        None, description="Name of that key in the DNS: SELECTOR._domainkey.example.org"
    )
    operator: Mail | None = Field(None, description="Address that is told of problems")
    zone: Annotated[str, AfterValidator(values.zone)] = Field("UTC", description="Time zone (IANA) of new subscribers")
    contact: Annotated[str, AfterValidator(values.contact)] | None = Field(
        None, description="Web or mail address that the User-Agent tells to publishers"
    )
    base_url: Annotated[str, AfterValidator(values.base_url)] | None = Field(
        None, description="Https address of the readers' pages; without one there are none, and readers write mails"
    )
    web_listen: Annotated[str, AfterValidator(values.listen)] = Field(
        "127.0.0.1:8080", description="Where the pages are served, over plain http: a TLS proxy stands before them"
    )
    web_proxy: Annotated[str, AfterValidator(values.networks)] | None = Field(
        None, description="Addresses of that proxy, whose `X-Forwarded-For` is believed"
    )
    secret: Annotated[SecretStr, AfterValidator(values.secret)] | None = Field(
        None,
        description="What links to the pages are signed with, at least 32 characters; `init` makes one",
        repr=False,
    )
    public_subscribe: bool = Field(False, description="Lets anybody subscribe on a page, by double opt-in")
    log_format: Annotated[Literal["console", "json"], BeforeValidator(values.lowered)] = Field(
        "console", description="Log lines for people or for machines"
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(values.lowered)] = Field(
        "info", description="The least weighty lines that are logged"
    )
    concurrency: Annotated[int, Ge(1), Le(1000)] = Field(32, description="Feeds that are polled at the same time")
    host_gap: Annotated[float, Ge(0), Le(3600)] = Field(1.0, description="Seconds between two requests to one host")
    max_wire_bytes: Size = Field(16 * 2**20, description="The largest reply that is read, as sent")
    max_body_bytes: Size = Field(64 * 2**20, description="The largest document, after decompression")
    parsers: Annotated[int, Ge(1), Le(64)] = Field(2, description="Processes at most that read documents")
    parse_seconds: Annotated[float, Ge(1), Le(600)] = Field(10.0, description="Seconds that reading one may take")
    parse_memory_mb: Annotated[int, Ge(64), Le(65536)] = Field(512, description="Megabytes that such a process may use")
    keep_content_days: Days = Field(30, description="Days that the text of entries without a hit is kept")
    keep_hits_days: Days = Field(730, description="Days that entries with a hit are kept")
    keep_ledger_days: Days = Field(1825, description="Days that it is remembered who was told what")
    mail_give_up_hours: Annotated[int, Ge(1), Le(720)] = Field(
        24, description="Hours after which a mail that is not taken fails"
    )
    disk_free_mb: Annotated[int, Ge(0), Le(10_000_000)] = Field(
        500, description="Free megabytes below which the operator is told"
    )
    allow_private: bool = Field(
        False,
        description="Allows addresses inside your own network for all feeds; for tests and the demonstration only",
    )

    @property
    def packs(self) -> Path:
        """Directory of the versions of built-in watchlists that were in use."""
        return self.var / "packs"


def variable(field: str) -> str:
    """Return the name of the variable that sets the field."""
    return PREFIX + field.upper()


def needed(field: str) -> str:
    """Say what the field's value must be, for a person."""
    info = Settings.model_fields[field]
    if get_origin(info.annotation) is Literal:
        return "one of " + ", ".join(get_args(info.annotation))
    if field.endswith("_bytes"):
        return "a size from 1 KiB to 4 GiB, such as 16 MiB"
    limits = {type(limit): limit for limit in info.metadata}
    if info.annotation in (int, float):
        number = "whole number" if info.annotation is int else "number"
        return f"a {number} from {limits[Ge].ge} to {limits[Le].le}"
    return "true or false" if info.annotation is bool else "text"


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Variable:
    """A variable that is set to something, and where."""

    value: str
    source: str = ENVIRONMENT
    line: int | None = None

    def finding(self, message: str) -> Finding:
        return Finding(source=self.source, line=self.line, message=message)


def load_settings(environ: Mapping[str, str], env_file: Path | None = Path(".env")) -> Settings:
    """Read MONITOR_* from `environ` and, where it is silent, from `env_file`, which need not exist.

    An empty variable counts as not set. Raises ConfigError with every mistake at once, unknown variables included.
    """
    variables, findings = _read(environ, env_file)
    findings += _unknown(variables)
    fields = {field: found for field in Settings.model_fields if (found := variables.get(variable(field)))}
    try:
        settings = Settings.model_validate({field: found.value for field, found in fields.items()})
    except ValidationError as error:
        mistakes = (mistake for mistake in error.errors(include_url=False) if mistake["loc"][0] in fields)
        findings += [_explained(mistake, fields) for mistake in mistakes]
    findings += _missing(fields)
    if findings:
        raise ConfigError(sorted(findings, key=lambda found: (found.source == ENVIRONMENT, found.line or 0)))
    return settings


def setting_mistake(name: str, value: str) -> str | None:
    """Say what is wrong with the value of one variable, or None."""
    try:
        load_settings({name: value}, None)
    except ConfigError as error:
        own = [finding.message for finding in error.findings if finding.message.startswith(f"{name} is ")]
        return own[0].removeprefix(f"{name} is ") if own and "is set, but" not in own[0] else None
    return None


def environment(environ: Mapping[str, str], env_file: Path | None = Path(".env")) -> dict[str, str]:
    """Return `environ` with what `env_file` adds to it: the variables that headers in feeds.yaml may use.

    Raises ConfigError when the file cannot be read.
    """
    variables, findings = _read(environ, env_file)
    if findings:
        raise ConfigError(findings)
    return {name: found.value for name, found in variables.items()}


def _read(environ: Mapping[str, str], env_file: Path | None) -> tuple[dict[str, _Variable], list[Finding]]:
    written, findings = _from_file(env_file) if env_file else ({}, [])
    given = {name: _Variable(value=value) for name, value in environ.items()}
    return {name: found for name, found in [*written.items(), *given.items()] if found.value}, findings


def _from_file(path: Path) -> tuple[dict[str, _Variable], list[Finding]]:
    source = str(path)
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except UnicodeDecodeError:
        return {}, [Finding(source=source, message="this is not UTF-8; save the file in that encoding")]
    except OSError as error:
        return {}, [Finding(source=source, message=f"the file cannot be read: {(error.strerror or '').lower()}")]
    variables: dict[str, _Variable] = {}
    findings: list[Finding] = []
    for binding in parse_stream(StringIO(text)):
        message = _misread(binding, variables)
        if message:
            findings.append(Finding(source=source, line=_line(binding), message=message))
        elif binding.key:
            variables[binding.key] = _Variable(value=binding.value or "", source=source, line=_line(binding))
    return variables, findings


def _misread(binding: Binding, before: Mapping[str, _Variable]) -> str | None:
    """Say what is wrong with the line; never the line itself, which may hold a password."""
    if binding.error:
        return "this line cannot be read; it must be NAME=value, with both quotes if any"
    if binding.key and binding.value is None:
        return 'this line has no "="; it must be NAME=value'
    if binding.key and binding.key in before:
        return f"{binding.key} is set twice, first in line {before[binding.key].line}"
    return None


def _line(binding: Binding) -> int:
    """Return the line of the name: python-dotenv counts from the empty lines above it."""
    written = binding.original.string
    blank = written[: len(written) - len(written.lstrip())]
    return binding.original.line + blank.count("\n")


def _unknown(variables: Mapping[str, _Variable]) -> Iterator[Finding]:
    known = [field.upper() for field in Settings.model_fields]
    for name, found in variables.items():
        if name.upper().startswith(PREFIX) and name.removeprefix(PREFIX) not in known and not _FREE.fullmatch(name):
            yield found.finding(
                f"unknown variable {name}{did_you_mean(name.upper().removeprefix(PREFIX), known, PREFIX)}"
            )


def _missing(fields: Mapping[str, _Variable]) -> Iterator[Finding]:
    for given, wanted, why in _TOGETHER:
        if given in fields and wanted not in fields:
            message = f"{variable(given)} is set, but {variable(wanted)} is not{why}"
            yield fields[given].finding(message)


def _explained(mistake: ErrorDetails, fields: Mapping[str, _Variable]) -> Finding:
    field = str(mistake["loc"][0])
    found = fields[field]
    predicate = str(mistake["ctx"]["error"]) if mistake["type"] == "value_error" else _wrong(field, found.value)
    secret = not Settings.model_fields[field].repr or re.search("://.*@", found.value)
    shown = "" if secret else f" is {json.dumps(found.value, ensure_ascii=False)}, but"
    return found.finding(f"{variable(field)}{shown} {predicate}")


def _wrong(field: str, value: str) -> str:
    choices = [choice for choice in get_args(Settings.model_fields[field].annotation) if isinstance(choice, str)]
    return f"must be {needed(field)}{did_you_mean(value, choices)}"
