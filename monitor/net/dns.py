"""Questions to a name server, for records that the system's own resolver does not answer (RFC 1035)."""

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import dns.asyncresolver
import dns.exception
import dns.rdatatype
import dns.resolver

from monitor.errors import InputError

PATIENCE = timedelta(seconds=10)


class Resolver:
    """Asks the name server at an address (`127.0.0.1:5353`, `[::1]`), or those that the machine is set to use.

    Every question raises OSError where no server answers; a name without such records gives an empty list.
    """

    def __init__(self, server: str | None = None, *, patience: timedelta = PATIENCE) -> None:
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=server is None)
        except dns.exception.DNSException as error:
            raise OSError(f"this machine is set to use no name server: {error}") from error
        self._resolver.lifetime = patience.total_seconds()
        if server is not None:
            host, port = _address(server)
            self._resolver.nameservers, self._resolver.port = [host], port

    async def texts(self, name: str) -> tuple[str, ...]:
        """Return the TXT records, the strings of each joined (RFC 7208 §3.3)."""
        found = await self._ask(name, "TXT")
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in found)

    async def mail_servers(self, domain: str) -> tuple[str, ...]:
        """Return who takes mail for a domain, the preferred first; an empty name says that it takes none (RFC 7505)."""
        found = sorted(await self._ask(domain, "MX"), key=lambda record: int(record.preference))
        return tuple(record.exchange.to_text(omit_final_dot=True).rstrip(".") for record in found)

    async def has_address(self, name: str) -> bool:
        """Tell whether the name has an IPv4 or IPv6 address."""
        return bool(await self._ask(name, "A") or await self._ask(name, "AAAA"))

    async def _ask(self, name: str, kind: str) -> Sequence[Any]:
        try:
            return [*await self._resolver.resolve(f"{name}.", kind, raise_on_no_answer=False)]
        except dns.resolver.NXDOMAIN:
            return []
        except dns.exception.DNSException as error:
            raise OSError(f"no name server answers for {name} {kind}: {' '.join(str(error).split())}") from error


def _address(server: str) -> tuple[str, int]:
    bare = f"[{server}]" if server.count(":") > 1 and not server.startswith("[") else server
    try:
        parts = urlsplit(f"//{bare}")
        return str(ip_address(parts.hostname or "")), parts.port or 53
    except ValueError:
        raise InputError(f"{server!r} is no name server: it must look like 127.0.0.1 or 127.0.0.1:5353") from None
