"""Which addresses count as public, and which spellings of a host are an address."""

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.net.addresses import AddressError, SystemLookup, check, dial, embedded_v4, is_public, literal

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "193.0.14.129",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2606:4700::1111",
    "2a00::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]
INNER = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2002:c0a8:101::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_what_everybody_can_reach_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", INNER)
def test_what_only_we_can_reach_is_not(text: str) -> None:
    assert not is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_no_more_public_inside_an_ipv6_one(ip: IPv4Address) -> None:
    number = int(ip)
    wraps = (0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80)
    assert {is_public(IPv6Address(wrap)) for wrap in wraps} == {is_public(ip)}
    assert {embedded_v4(IPv6Address(wrap)) for wrap in wraps} == {ip}


@given(st.ip_addresses())
def test_public_is_never_wider_than_the_registries_of_the_standard_library(ip: IPv4Address | IPv6Address) -> None:
    if is_public(ip) and not (isinstance(ip, IPv6Address) and embedded_v4(ip)):
        assert ip.is_global
        assert not any((ip.is_private, ip.is_loopback, ip.is_link_local, ip.is_multicast, ip.is_reserved))


@pytest.mark.parametrize(
    "host", ["news.example.org", "example.org.", "localhost", "a_b.example", "xn--e1afmkfd.xn--j1amh"]
)
def test_a_name_is_no_address(host: str) -> None:
    assert literal(host) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "255.255.255.255", "::1", "::ffff:7f00:1", "fe80::1%25eth0"])
def test_an_address_is_read_as_it_is(host: str) -> None:
    assert literal(host) == ip_address(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "127.0.0.01",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "0X7F.1",
        "2130706433",
        "1.2.3.4.5",
        "256.0.0.1",
        "999999999999",
        "news.example.0x",
        "news.example.123",
        "a b",
        "a..b",
        "%31%32%37.0.0.1",
        "127.0.0.1%00.example.org",
        "[::1]",
        "::1::",
        "1:2",
        "exa\nmple.org",
        "①②⑦.0.0.1",
        "a" * 300,
    ],
)
def test_any_other_spelling_is_refused(host: str) -> None:
    with pytest.raises(AddressError):
        literal(host)


@given(st.text(alphabet="0123456789abcdefxX.", min_size=1, max_size=20))
def test_what_a_resolver_would_read_as_an_address_never_passes_as_a_name(host: str) -> None:
    try:
        packed = socket.inet_aton(host)
    except OSError:
        return
    with suppress(AddressError):
        assert literal(host) == IPv4Address(packed)


def test_one_bad_answer_is_enough() -> None:
    check(["8.8.8.8", "2606:4700::1111"], is_public)
    with pytest.raises(AddressError, match=r"10\.0\.0\.1"):
        check(["8.8.8.8", "10.0.0.1"], is_public)


def test_the_last_gate_sees_the_very_address() -> None:
    target = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))
    with pytest.raises(AddressError):
        dial(is_public, target)
    with dial(lambda _: True, target) as made:
        assert made.family is socket.AF_INET


async def test_the_systems_resolver_gives_each_address_once() -> None:
    lookup = SystemLookup()
    answers = await lookup("localhost")
    lookup.close()
    assert answers
    assert len(answers) == len(set(answers))
    assert all(ip_address(answer).is_loopback for answer in answers)
