"""A name server on loopback that changes its answers, and a look-up that asks it (RFC 1035, the least of it)."""

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Self

_HEAD = struct.Struct("!6H")
_RECORD = struct.Struct("!2sHHIH4s")
_QUESTION_NAME = b"\xc0\x0c"  # a pointer to the name in the question
_NO_SUCH_NAME = 3


def question(name: str, number: int) -> bytes:
    labels = b"".join(bytes([len(label)]) + label for label in name.rstrip(".").encode().split(b"."))
    return _HEAD.pack(number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", 1, 1)


def name_of(packet: bytes) -> str:
    labels, at = [], _HEAD.size
    while size := packet[at]:
        labels.append(packet[at + 1 : at + 1 + size].decode())
        at += size + 1
    return ".".join(labels).lower()


def answer(packet: bytes, addresses: list[str]) -> bytes:
    number, *_ = _HEAD.unpack_from(packet)
    flags = 0x8180 if addresses else 0x8180 | _NO_SUCH_NAME
    records = (_RECORD.pack(_QUESTION_NAME, 1, 1, 0, 4, IPv4Address(one).packed) for one in addresses)
    return _HEAD.pack(number, flags, 1, len(addresses), 0, 0) + packet[_HEAD.size :] + b"".join(records)


def addresses_in(packet: bytes, asked: bytes) -> list[str]:
    count = _HEAD.unpack_from(packet)[3]
    records = (packet[len(asked) + at * _RECORD.size :] for at in range(count))
    return [str(IPv4Address(_RECORD.unpack_from(record)[-1])) for record in records]


@dataclass(slots=True)
class Dns(asyncio.DatagramProtocol):
    """The server; an async context manager. `answers` are those to the first question for a name, the next, and so on;
    the last one stays. `asked` are the names, in the order of the questions."""

    answers: dict[str, list[list[str]]]
    asked: list[str] = field(default_factory=list)
    _transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, ("127.0.0.1", 0))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._transport is not None
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        name = name_of(data)
        lists = self.answers.get(name, [[]])
        addresses = lists[min(self.asked.count(name), len(lists) - 1)]
        self.asked.append(name)
        self._transport.sendto(answer(data, addresses), addr)

    async def look_up(self, host: str) -> list[str]:
        """Ask the server, as a resolver does: one question by UDP."""
        assert self._transport is not None
        loop, asked = asyncio.get_running_loop(), question(host, 7)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.setblocking(False)
            await loop.sock_connect(asking, self._transport.get_extra_info("sockname"))
            await loop.sock_sendall(asking, asked)
            found = addresses_in(await loop.sock_recv(asking, 512), asked)
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return found
