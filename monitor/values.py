"""What the value of a variable may be: addresses, hosts, zones, sizes.

Each function gives it in its one form, or raises ValueError with the predicate of a sentence: "must be …".
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from ipaddress import ip_address, ip_network
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from annotated_types import Ge, Le
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, SecretStr

SECRET_MIN = 32
"""The fewest characters of a secret that signs links."""

_UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_DATABASE = re.compile(r"(sqlite|postgresql)(\+\w+)?://\S+")
_INNER_HOST = re.compile(r"(?i)([a-z0-9-]{1,63}\.){0,9}(localhost|local|test)")  # email-validator refuses these
_MAILBOX = re.compile(r"(?:(?P<name>[^<>]*?)\s*<(?P<inner>[^<>\s]+)>|(?P<bare>[^<>\s]+))")


def mail_address(text: str) -> str:
    """Return a bare address, its host in ASCII. Raises ValueError."""
    local, _, host = text.rpartition("@")
    inner = _INNER_HOST.fullmatch(host)
    try:
        found = validate_email(
            f"{local}@example.org" if inner else text,
            check_deliverability=False,
            globally_deliverable=False,
            allow_smtputf8=False,
        )
    except EmailNotValidError:
        raise ValueError("must be a mail address such as desk@example.org") from None
    if inner:
        return f"{found.local_part}@{host.lower()}"
    if "." not in found.domain:
        raise ValueError("must be a mail address such as desk@example.org")
    return found.ascii_email or found.normalized


def mailbox(text: str) -> str:
    """Return an address with an optional display name, `Name <address>` (RFC 5322 §3.4). Raises ValueError."""
    found = _MAILBOX.fullmatch(text)
    if not found or not text.isprintable():
        raise ValueError("must be a mail address, or a name and one: Ukraine monitor <desk@example.org>")
    address = mail_address(found["inner"] or found["bare"])
    name = (found["name"] or "").strip('" ')
    if not re.fullmatch(r"[\w' -]*", name):
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{address}>" if name else address


def bare(text: str) -> str:
    """Return the address in a mailbox."""
    return text.rpartition("<")[2].rstrip(">")


def database(url: str) -> str:
    """Check an SQLAlchemy URL of a database that is supported."""
    if not _DATABASE.fullmatch(url):
        raise ValueError("must be an SQLAlchemy URL such as sqlite:///var/monitor.db or postgresql+pg8000://…")
    return url


def zone(name: str) -> str:
    """Check an IANA time zone."""
    try:
        return ZoneInfo(name).key
    except (OSError, ValueError, KeyError):
        hint = did_you_mean(name, available_timezones())
        raise ValueError(f"must be an IANA time zone such as Europe/Kyiv{hint}") from None


def web_address(text: str) -> str:
    """Return an http or https address without a slash at its end."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        sound = False
    if not sound or re.search(r"[\s<>\"]", text):
        raise ValueError("must be an address that begins with http:// or https:// and has a host")
    return text.rstrip("/")


def base_url(text: str) -> str:
    """Return the address of the pages: its host alone, over https, or over http on this machine."""
    found = urlsplit(web_address(text))
    if found.path or found.query or found.fragment:
        raise ValueError("must be an address without a path, such as https://monitor.example.org")
    if found.scheme != "https" and not _loopback(found.hostname or ""):
        raise ValueError("must begin with https://: mail programs unsubscribe over nothing else (RFC 8058)")
    return found.geturl()


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def selector(text: str) -> str:
    """Check the name of a DKIM key in the DNS (RFC 6376 §3.1)."""
    label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    if not re.fullmatch(rf"{label}(\.{label}){{0,3}}", text):
        raise ValueError("must be letters, digits and hyphens, such as news2026")
    return text


def listen(text: str) -> str:
    """Check an address of this machine with a port: `host:port`, IPv6 in brackets."""
    found = re.fullmatch(r"(?a:([\w.-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5}))", text)
    if not found or not 0 < int(found[2]) < 2**16:
        raise ValueError("must be an address of this machine and a port, such as 127.0.0.1:8080 or [::1]:8080")
    return text


def networks(text: str) -> str:
    """Check addresses and networks (CIDR), separated by commas."""
    try:
        return ",".join(str(ip_network(part.strip())) for part in text.split(","))
    except ValueError:
        raise ValueError("must be addresses or networks such as 127.0.0.1 or 10.0.0.0/8, with commas between") from None


def secret(text: SecretStr) -> SecretStr:
    """Check that a secret is long enough to sign with."""
    if len(text.get_secret_value()) < SECRET_MIN:
        raise ValueError(f"must have at least {SECRET_MIN} characters; `init` makes one")
    return text


def contact(text: str) -> str:
    """Check a web or mail address."""
    return web_address(text) if "://" in text else mail_address(text)


def host(text: str) -> str:
    """Check a host's name or address."""
    if not re.fullmatch(r"[\w.:-]+", text):
        raise ValueError("must be a host's name or address, without a scheme or port")
    return text


def size(written: object) -> object:
    """Read a size in bytes, `16 MiB`; anything else is left to the type."""
    found = re.fullmatch(r"(\d{1,12}) ?([KMG]iB)?", written) if isinstance(written, str) else None
    return int(found[1]) * _UNITS[found[2] or ""] if found else written


def lowered(written: object) -> object:
    """Make a word lower-case; anything else is left to the type."""
    return written.lower() if isinstance(written, str) else written


def did_you_mean(word: str, choices: Iterable[str], prefix: str = "") -> str:
    """Return a hint at the nearest choice, or nothing."""
    found = get_close_matches(word, [*choices], n=1)
    return f"; did you mean {prefix}{found[0]}?" if found else ""


Mail: TypeAlias = Annotated[str, AfterValidator(mail_address)]
Mailbox: TypeAlias = Annotated[str, AfterValidator(mailbox)]
Size: TypeAlias = Annotated[int, BeforeValidator(size), Ge(2**10), Le(2**32)]
Days: TypeAlias = Annotated[int, Ge(1), Le(36_500)]
