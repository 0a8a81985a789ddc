"""Questions to a name server on loopback."""

import asyncio
import socket
from datetime import timedelta

import pytest

from monitor.errors import InputError
from monitor.net.dns import Resolver
from tests.net.zone import REFUSES, NameServer, Zone, txt

LONG = "v=DKIM1; k=rsa; p=" + "QUJD" * 500
ZONE: Zone = {
    "example.org": [txt("v=spf1 -all"), txt("another"), "MX 20 b.example.org.", "MX 10 a.example.org."],
    "news._domainkey.example.org": [txt(LONG)],
    "none.example.org": ["MX 0 ."],
    "host.example.org": ["AAAA ::1"],
    "broken.example.org": [REFUSES],
}


async def test_records_of_each_kind() -> None:
    async with NameServer(ZONE) as server:
        resolver = Resolver(server.address)
        assert sorted(await resolver.texts("example.org")) == ["another", "v=spf1 -all"]
        assert await resolver.mail_servers("example.org") == ("a.example.org", "b.example.org")
        assert await resolver.mail_servers("none.example.org") == ("",)
        assert await resolver.has_address("host.example.org")
        assert not await resolver.has_address("example.org")


async def test_what_does_not_exist_is_an_empty_list() -> None:
    async with NameServer(ZONE) as server:
        resolver = Resolver(server.address)
        assert await resolver.texts("nobody.example.org") == ()
        assert await resolver.texts("host.example.org") == ()
        assert await resolver.mail_servers("nobody.example.org") == ()


async def test_a_long_record_comes_by_tcp_in_one_piece() -> None:
    async with NameServer(ZONE) as server:
        assert await Resolver(server.address).texts("news._domainkey.example.org") == (LONG,)
        assert server.by_tcp == 1


async def test_a_server_that_fails_is_no_empty_list() -> None:
    async with NameServer(ZONE) as server:
        with pytest.raises(OSError, match=r"no name server answers for broken\.example\.org TXT"):
            await Resolver(server.address).texts("broken.example.org")


async def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        resolver = Resolver(f"127.0.0.1:{deaf.getsockname()[1]}", patience=timedelta(seconds=0.2))
        with pytest.raises(OSError, match="no name server answers"):
            await asyncio.wait_for(resolver.texts("example.org"), 10)


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".org"])
async def test_a_name_that_is_none(name: str) -> None:
    async with NameServer(ZONE) as server:
        with pytest.raises(OSError, match="no name server answers"):
            await Resolver(server.address).texts(name)
        assert server.asked == []


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:5353", "::1", "[::1]", "[::1]:5353", "127.0.0.1:"])
def test_addresses_of_name_servers(address: str) -> None:
    Resolver(address)


@pytest.mark.parametrize("address", ["", "ns.example.org", "127.0.0.1:99999", "127.0.0.1:x", "1.2.3"])
def test_what_is_no_name_server(address: str) -> None:
    with pytest.raises(InputError, match="is no name server"):
        Resolver(address)
