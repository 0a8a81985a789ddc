"""The socket that the pages are served at."""

import socket
from typing import Any

from monitor.errors import InputError

BACKLOG = 128


def listening(address: str) -> socket.socket:
    """Return a socket that listens at `host:port`. Raises InputError where that cannot be, as when the port is busy."""
    host, _, port = address.rpartition(":")
    try:
        return _bound(*socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0])
    except OSError as error:
        raise InputError(
            f"the readers' pages cannot be served at {address} (MONITOR_WEB_LISTEN): {error.strerror}"
        ) from None


def _bound(family: int, kind: int, protocol: int, _: str, place: tuple[Any, ...]) -> socket.socket:
    """Listen, with the protocol named: else asyncio leaves Nagle's algorithm on, and each answer takes 40 ms."""
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
