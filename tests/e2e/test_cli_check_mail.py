"""`check --mail` against a name server on loopback."""

from pathlib import Path
from typing import Any

import pytest

from monitor.demo.sink import MailSink
from tests.e2e.place import Done, Place
from tests.e2e.servers import Background
from tests.net.keys import rsa_key, signer, written
from tests.net.zone import REFUSES, NameServer, Zone, txt

GOOD = {
    "example.org": [txt("v=spf1 mx include:_spf.example.net -all"), "MX 10 mail.example.org."],
    "_spf.example.net": [txt("v=spf1 ip4:192.0.2.0/24 -all")],
    "_dmarc.example.org": [txt("v=DMARC1; p=quarantine")],
}


@pytest.fixture
def desk(place: Place, sink: MailSink) -> Place:
    """A place that sends to a server and signs, with the key of `signer(…, number=0)`."""
    place.write({"courier": "https://courier.example/rss"})
    key = written(place.folder / "dkim.pem", rsa_key())
    place.environ |= {
        "MONITOR_SENDER": "War desk <desk@example.org>",
        "MONITOR_DKIM_KEY": str(key),
        "MONITOR_DKIM_SELECTOR": "news",
        "MONITOR_OPERATOR": "ops@example.org",
    }
    return place


def published(folder: Path, number: int = 0) -> dict[str, list[str]]:
    one = signer(folder, number=number)
    return {one.name: [txt(f"v=DKIM1; k=rsa; p={one.public_key}")]}


def looked_up(place: Place, background: Background, zone: Zone) -> dict[str, dict[str, Any]]:
    server = background.enter(NameServer(zone))
    done = place.cli("check", "--mail", "--resolver", server.address, "--json")
    found = {record["what"]: record for record in done.records}
    assert done.code == (2 if "wrong" in states(found).values() else 0)
    return {what: found[what] for what in ("SPF", "DKIM", "DMARC", "MX example.org", "one click", "signing")}


def states(found: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {what: record["state"] for what, record in found.items()}


def test_a_domain_in_order(desk: Place, background: Background, tmp_path: Path) -> None:
    desk.environ |= {"MONITOR_BASE_URL": "https://monitor.example.org", "MONITOR_SECRET": "s" * 32}
    found = looked_up(desk, background, GOOD | published(tmp_path))
    assert set(states(found).values()) == {"ok"}, found
    assert found["signing"]["detail"] == "mails are signed as news._domainkey.example.org"


def test_what_is_missing_is_told_with_the_record_that_should_be(
    desk: Place, background: Background, tmp_path: Path
) -> None:
    found = looked_up(desk, background, {})
    assert states(found) == {
        "SPF": "wrong",
        "DKIM": "wrong",
        "DMARC": "wrong",
        "MX example.org": "wrong",
        "one click": "note",
        "signing": "ok",
    }
    assert [(found[what]["name"], found[what]["record"]) for what in ("SPF", "DKIM", "DMARC")] == [
        ("example.org", "v=spf1 mx -all"),
        ("news._domainkey.example.org", f"v=DKIM1; k=rsa; p={signer(tmp_path).public_key}"),
        ("_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:ops@example.org"),
    ]
    assert "only the mailto form remains" in found["one click"]["detail"]


def test_the_key_of_another_is_no_key_of_ours(desk: Place, background: Background, tmp_path: Path) -> None:
    found = looked_up(desk, background, GOOD | published(tmp_path, number=1))
    assert found["DKIM"]["state"] == "wrong"
    assert "another than the one that we sign with" in found["DKIM"]["detail"]


def test_without_a_key_nothing_is_looked_up(desk: Place, background: Background) -> None:
    desk.environ |= {"MONITOR_DKIM_KEY": "", "MONITOR_DKIM_SELECTOR": ""}
    found = looked_up(desk, background, GOOD)
    assert states(found)["DKIM"] == states(found)["signing"] == "note"


def test_a_name_server_that_fails_is_no_missing_record(desk: Place, background: Background) -> None:
    found = looked_up(desk, background, GOOD | {"example.org": [REFUSES]})
    assert found["SPF"]["state"] == "wrong"
    assert found["SPF"]["record"] is None
    assert "no name server answers for example.org TXT" in found["SPF"]["detail"]
    assert found["DMARC"]["state"] == "ok"


@pytest.mark.parametrize(
    ("included", "words"),
    [
        ([], "_spf.example.net, which it includes, has no SPF record"),
        ([txt("v=spf1 include:_spf.example.net -all")], "11 look-ups or more"),
    ],
)
def test_spf_is_followed(desk: Place, background: Background, included: list[str], words: str) -> None:
    found = looked_up(desk, background, GOOD | {"_spf.example.net": included})
    assert found["SPF"]["state"] == "wrong"
    assert words in found["SPF"]["detail"]


def test_wishes_to_unsubscribe_may_come_to_another_domain(desk: Place, background: Background) -> None:
    desk.environ["MONITOR_UNSUBSCRIBE"] = "bye@lists.example.net"
    server = background.enter(NameServer(GOOD | {"lists.example.net": ["MX 0 ."]}))
    done = desk.cli("check", "--mail", "--resolver", server.address, "--json")
    (found,) = (record for record in done.records if record["what"] == "MX lists.example.net")
    assert found["state"] == "wrong"


def printed(place: Place, background: Background, zone: Zone) -> Done:
    return place.cli("check", "--mail", "--resolver", background.enter(NameServer(zone)).address)


def test_for_people_the_record_stands_on_one_line_as_in_a_zone_file(
    desk: Place, background: Background, tmp_path: Path
) -> None:
    key = signer(tmp_path).public_key
    record = f"v=DKIM1; k=rsa; p={key}"
    line = f'publish: news._domainkey.example.org. TXT "{record[:255]}" "{record[255:]}"'
    assert line in printed(desk, background, {}).out


def test_without_mail_nobody_is_asked(desk: Place) -> None:
    assert {"SPF", "DKIM"}.isdisjoint(record["what"] for record in desk.cli("check", "--json").records)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"MONITOR_DKIM_SELECTOR": ""}, "MONITOR_DKIM_SELECTOR is not"),
        ({"MONITOR_DKIM_KEY": ""}, "MONITOR_DKIM_KEY is not"),
        ({"MONITOR_DKIM_SELECTOR": "a b"}, "must be letters, digits and hyphens"),
    ],
)
def test_mistakes_in_the_settings(desk: Place, variables: dict[str, str], words: str) -> None:
    desk.environ |= variables
    done = desk.cli("check")
    assert done.code == 2
    assert words in done.err


def test_a_key_that_cannot_be_used_is_told_by_check_and_stops_the_start(desk: Place) -> None:
    (desk.folder / "dkim.pem").chmod(0o644)
    signing = next(record for record in desk.cli("check", "--json").records if record["what"] == "signing")
    assert signing["state"] == "wrong"
    assert "chmod 600" in signing["detail"]
    started = desk.cli("poll")
    assert started.code == 2
    assert "chmod 600" in started.err


def test_a_resolver_that_is_none(desk: Place) -> None:
    done = desk.cli("check", "--mail", "--resolver", "ns.example.org")
    assert done.code == 2
    assert "is no name server" in done.err
