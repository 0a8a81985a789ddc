"""The parts of the program as the settings want them."""

from datetime import timedelta
from email.utils import parseaddr

from monitor.clock import Clock
from monitor.links import Links
from monitor.net.dkim import Signer
from monitor.net.http import Http, Limits
from monitor.net.mail import Mailer, Smtp
from monitor.notify import Sender
from monitor.parsers.pool import Budget, Parsers
from monitor.settings import Settings


def sender_of(settings: Settings) -> Sender:
    """Return who our mails come from."""
    address = parseaddr(settings.sender)[1]
    return Sender(
        address=settings.sender,
        domain=address.rpartition("@")[2],
        unsubscribe=settings.unsubscribe or address,
        operator=settings.operator,
        zone=settings.zone,
        give_up=timedelta(hours=settings.mail_give_up_hours),
    )


def signer_of(settings: Settings) -> Signer | None:
    """Return what signs our mails for the sender's domain, or None where no key is set. Raises ConfigError."""
    if settings.dkim_key is None or settings.dkim_selector is None:
        return None
    return Signer.from_file(
        settings.dkim_key, domain=sender_of(settings).domain.lower(), selector=settings.dkim_selector
    )


def links_of(settings: Settings, clock: Clock) -> Links:
    """Return what makes the addresses of the readers' pages."""
    secret = settings.secret.get_secret_value() if settings.secret else None
    return Links(settings.base_url, secret, settings.unsubscribe, clock)


def smtp_of(settings: Settings) -> Smtp | None:
    """Return the mail server, or None where none is set."""
    if not settings.smtp_host:
        return None
    return Smtp(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        timeout=timedelta(seconds=settings.smtp_timeout),
    )


def mailer_of(settings: Settings, smtp: Smtp) -> Mailer:
    """Return what hands mails to the mail server."""
    return Mailer(smtp, connections=settings.mail_connections)


def http_of(settings: Settings) -> Http:
    """Return the client for feeds."""
    limits = Limits(wire_bytes=settings.max_wire_bytes, body_bytes=settings.max_body_bytes)
    return Http(contact=settings.contact, limits=limits, allow_private=settings.allow_private)


def parsers_of(settings: Settings) -> Parsers:
    """Return the worker processes that read documents."""
    budget = Budget(seconds=settings.parse_seconds, memory_mb=settings.parse_memory_mb)
    return Parsers(budget, processes=settings.parsers)
