"""Which addresses may be dialled: nothing that a feed names may lead into the machine's own network."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, TypeAlias

IPAddress: TypeAlias = IPv4Address | IPv6Address

Permit: TypeAlias = Callable[[IPAddress], bool]
"""Says whether an address may be dialled."""

Lookup: TypeAlias = Callable[[str], Awaitable[list[str]]]
"""Gives the addresses of a host name; raises OSError when there are none."""

AddrInfo: TypeAlias = tuple[int, int, int, str, tuple[Any, ...]]
"""Family, kind, protocol, canonical name, socket address: one answer of `getaddrinfo`."""

_LOOKUP_THREADS = 16

_NEVER_V4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "100.64.0.0/10",
            "168.63.129.16/32",  # Azure answers a machine's questions about itself here, at a public address
            "192.0.0.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "240.0.0.0/4",
        ),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NEVER_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "3fff::/20")))
_SIX_TO_FOUR = IPv6Network("2002::/16")
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = 0x5EFE
_LOOPBACK = IPv4Address("127.0.0.1")
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".home.arpa")
_WAY_PAST = "`allow_private: true` on a feed of your own lets it in"
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", re.IGNORECASE)


class AddressError(OSError):
    """An address that must not be dialled, or a host whose spelling is none. The message is one line for a person."""


def is_public(ip: IPAddress) -> bool:
    """Whether an address is reachable by everybody, and so by nobody's secret.

    An IPv4 address inside an IPv6 one (mapped, 6to4, NAT64, ISATAP) is judged as well; Teredo, and what names a
    network card, is never public. Sources: the IANA special-purpose registries (RFC 6890), RFC 6598, RFC 6052,
    RFC 3056, RFC 5214.
    """
    if isinstance(ip, IPv4Address):
        return _is_public_v4(ip)
    if ip.scope_id is not None:
        return False
    inner = embedded_v4(ip)
    if inner is not None:
        return _is_public_v4(inner)
    return _is_public_v6(ip)


def _is_public_v6(ip: IPv6Address) -> bool:
    if ip not in _GLOBAL_UNICAST or not ip.is_global or any(ip in net for net in _NEVER_V6):
        return False
    is_isatap = int(ip) >> 32 & 0xFDFF_FFFF == _ISATAP  # whether or not it calls its IPv4 address unique
    return not is_isatap or _is_public_v4(_lowest_v4(ip))


def _is_public_v4(ip: IPv4Address) -> bool:
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _NEVER_V4)


def embedded_v4(ip: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that packets to `ip` end at, if it is of a kind that wraps one."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in _NAT64:
        return _lowest_v4(ip)
    if ip in _SIX_TO_FOUR:
        return IPv4Address(int(ip) >> 80 & 0xFFFFFFFF)
    return None


def _lowest_v4(ip: IPv6Address) -> IPv4Address:
    return IPv4Address(int(ip) & 0xFFFF_FFFF)


@lru_cache(maxsize=4096)  # the same hosts come again with every poll
def literal(host: str) -> IPAddress | None:
    """Read a host as it will be dialled: an address, or None for a name.

    Raises AddressError for what is neither: empty, odd characters, and the spellings that some resolvers take for an
    address (`127.1`, `0x7f.0.0.1`, `2130706433`). Source: the WHATWG URL standard's "ends in a number".
    """
    if ":" in host:
        return _literal_v6(host)
    if not _HOST.fullmatch(host) or len(host) > 254:
        raise AddressError("the host is not a valid name")
    if not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return None
    try:
        return IPv4Address(host)
    except ValueError:
        raise AddressError("the host is a malformed IPv4 address") from None


def _literal_v6(host: str) -> IPv6Address:
    try:
        return IPv6Address(host)
    except ValueError:
        raise AddressError("the host is a malformed IPv6 address") from None


def check(ips: Iterable[str], permit: Permit) -> None:
    """Raise AddressError if any address is not permitted: one bad answer condemns the name."""
    for ip in ips:
        _check(ip_address(ip), permit)


def _check(ip: IPAddress, permit: Permit) -> None:
    if not permit(ip):
        raise AddressError(f"{ip} is not a public address; {_WAY_PAST}")


def admit(host: str, permit: Permit, *, by_proxy: bool = False) -> None:
    """Judge a host before it is dialled, or handed to a proxy.

    A name is left to the resolver; an address never gets there. With `by_proxy` it is a proxy that resolves, so a name
    that means something inside only counts as loopback. Raises AddressError for an address that is not permitted, and
    for what is neither address nor name. Sources: RFC 6761 (localhost), RFC 6762 (local), RFC 8375 (home.arpa); ICANN
    keeps internal for such names.
    """
    ip = literal(host)
    if ip is not None:
        _check(ip, permit)
    elif by_proxy and _is_local(host) and not permit(_LOOPBACK):
        raise AddressError(f"{host[:80]} is not a public name; {_WAY_PAST}")


def _is_local(name: str) -> bool:
    name = name.rstrip(".").lower()
    return "." not in name or name.endswith(_LOCAL_ENDINGS)


def dial(permit: Permit, target: AddrInfo) -> socket.socket:
    """Make the socket for one connection; raise AddressError if its address may not be dialled.

    The last gate: it sees the very address that is dialled, whatever name, cache or redirect led there.
    """
    family, kind, proto, _, peer = target
    check([str(peer[0])], permit)
    return socket.socket(family, kind, proto)


class SystemLookup:
    """The system's resolver, on threads of its own: dead domains must not hold up the rest of the program."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="dns")

    async def __call__(self, host: str) -> list[str]:
        """Return the addresses of `host`, each once, in the system's order; raises socket.gaierror."""
        loop = asyncio.get_running_loop()
        answers = await loop.run_in_executor(self._threads, _getaddrinfo, host)
        return list(dict.fromkeys(answers))

    def close(self) -> None:
        """Give the threads back without waiting for questions still open."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _getaddrinfo(host: str) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
