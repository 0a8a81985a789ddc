"""How often somebody may ask: an even allowance for each key, in bounded memory."""

from collections import OrderedDict
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

MOST_KEYS = 20_000


class Allowance:
    """Lets each key through `times` in a row, and again one each `span / times` (the generic cell rate algorithm).

    A key costs one moment. With more than `most` of them, those that asked longest ago are forgotten.
    """

    def __init__(self, times: int, span: timedelta, *, most: int = MOST_KEYS) -> None:
        self._step = span / times
        self._slack = span - self._step
        self._most = most
        self._until: OrderedDict[str, datetime] = OrderedDict()

    def __len__(self) -> int:
        return len(self._until)

    def take(self, key: str, now: datetime) -> timedelta | None:
        """Let a key through, and return None; or return how long it has to wait, which costs it nothing."""
        until = max(self._until.get(key, now), now)
        if until - now > self._slack:
            return until - now - self._slack
        self._until[key] = until + self._step
        self._until.move_to_end(key)
        if len(self._until) > self._most:
            self._until.popitem(last=False)
        return None


def client_key(host: str | None) -> str:
    """Return whom an address counts for: in IPv6 a customer has at least a /64 (RFC 6177)."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Address(int(address) >> 64 << 64))
    return str(address)
