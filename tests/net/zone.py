"""A name server on loopback that answers from a zone, by UDP and, where an answer is too long for that, by TCP."""

import asyncio
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

REFUSES = "SERVFAIL"
"""A record that makes the server fail for its name."""

Zone = Mapping[str, Sequence[str]]
"""Name → records as in a zone file: `TXT "v=spf1 -all"`, `MX 10 mail.example.org.`"""


def txt(text: str) -> str:
    """A TXT record of strings that are as long as they may be."""
    return "TXT " + " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))


@dataclass(slots=True)
class NameServer(asyncio.DatagramProtocol):
    """An async context manager. `udp_most` are the bytes that go by UDP; `asked` are the questions, `name TYPE`."""

    zone: Zone
    udp_most: int = 1232
    port: int = 0
    asked: list[str] = field(default_factory=list)
    by_tcp: int = 0
    _udp: asyncio.DatagramTransport | None = None
    _tcp: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._tcp = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._tcp.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: self, ("127.0.0.1", self.port))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._udp is not None
        assert self._tcp is not None
        self._udp.close()
        self._tcp.close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._udp is not None
        reply = self._reply(data)
        packet = reply.to_wire()
        if len(packet) > self.udp_most:
            reply.answer.clear()
            reply.flags |= dns.flags.TC
            packet = reply.to_wire()
        self._udp.sendto(packet, addr)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (size,) = struct.unpack("!H", await reader.readexactly(2))
        packet = self._reply(await reader.readexactly(size)).to_wire()
        self.by_tcp += 1
        writer.write(struct.pack("!H", len(packet)) + packet)
        await writer.drain()
        writer.close()

    def _reply(self, packet: bytes) -> dns.message.Message:
        question = dns.message.from_wire(packet)
        reply = dns.message.make_response(question, recursion_available=True)
        (asked,) = question.question
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), asked.rdtype.name
        self.asked.append(f"{name} {kind}")
        records = self.zone.get(name)
        if records is None:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        elif REFUSES in records:
            reply.set_rcode(dns.rcode.SERVFAIL)
        else:
            found = [record.partition(" ")[2] for record in records if record.startswith(f"{kind} ")]
            reply.answer = [dns.rrset.from_text_list(asked.name, 60, "IN", kind, found)] if found else []
        return reply
