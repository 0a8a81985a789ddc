"""What records of a sending domain are worth."""

import pytest

from monitor.core.authentication import (
    Verdict,
    dmarc_names,
    dmarc_records,
    judge_dkim,
    judge_dmarc,
    judge_mail_servers,
    judge_spf,
    read_spf,
    spf_records,
)

KEY = "QUJD"
NAME = "news._domainkey.example.org"


def spf(*records: str, lookups: int = 1, empty: tuple[str, ...] = ()) -> Verdict:
    return judge_spf("example.org", records, lookups=lookups, empty=empty, host="mail.example.org")


def test_which_texts_are_spf() -> None:
    texts = ["v=spf1", "V=SPF1 -all", "v=spf10 -all", "v=spf2.0/pra -all", " v=spf1 -all", "google-site=1"]
    assert spf_records(texts) == ("v=spf1", "V=SPF1 -all")


def test_what_an_spf_record_says() -> None:
    found = read_spf("v=spf1 a mx/24 ip4:192.0.2.0/24 -ip6:2001:db8::1 include:_spf.example.net ?exists:%{i}.x ~all")
    assert (found.lookups, found.follow, found.rest, found.unknown) == (4, ("_spf.example.net",), "~", ())
    assert read_spf("v=spf1 redirect=_spf.example.net").follow == ("_spf.example.net",)
    assert read_spf("v=spf1 include:%{d}.example.net all").follow == ()
    assert read_spf("v=spf1 ALL").rest == "+"
    assert read_spf("v=spf1 exp=why.example.org unknown=x -all").unknown == ()
    assert read_spf("v=spf1 ipv4:192.0.2.1 mxs alll -all").unknown == ("ipv4:192.0.2.1", "mxs", "alll")


@pytest.mark.parametrize("record", ["v=spf1 mx -all", "v=spf1 a:mail.example.org ~all", "v=spf1 redirect=example.net"])
def test_an_spf_record_that_is_well(record: str) -> None:
    assert spf(record) == Verdict(state="ok", detail=record)


@pytest.mark.parametrize(
    ("host", "term"),
    [
        ("mail.example.org", "a:mail.example.org"),
        ("192.0.2.1", "ip4:192.0.2.1"),
        ("2001:db8::1", "ip6:2001:db8::1"),
        ("localhost", "mx"),
        ("127.0.0.1", "mx"),
        (None, "mx"),
    ],
)
def test_no_spf_record_is_told_with_what_it_should_be(host: str | None, term: str) -> None:
    found = judge_spf("example.org", [], lookups=0, empty=(), host=host)
    assert (found.state, found.name, found.record) == ("wrong", "example.org", f"v=spf1 {term} -all")


@pytest.mark.parametrize(
    ("records", "options", "state", "words"),
    [
        (("v=spf1 mx -all", "v=spf1 a -all"), {}, "wrong", "has 2 SPF records"),
        (("v=spf1 ipv4:192.0.2.1 -all",), {}, "wrong", "'ipv4:192.0.2.1' is no term"),
        (("v=spf1 mx +all",), {}, "wrong", "every server"),
        (("v=spf1 mx all",), {}, "wrong", "every server"),
        (("v=spf1 mx",), {}, "note", "-all or ~all"),
        (("v=spf1 mx ?all",), {}, "note", "-all or ~all"),
        (("v=spf1 mx -all",), {"lookups": 11}, "wrong", "11 look-ups"),
        (("v=spf1 include:x.org -all",), {"empty": ("x.org",)}, "wrong", "x.org, which it includes, has no SPF"),
    ],
)
def test_an_spf_record_that_is_not(records: tuple[str, ...], options: dict[str, int], state: str, words: str) -> None:
    found = spf(*records, **options)  # type: ignore[arg-type]  # the options of two types stand in one table
    assert found.state == state
    assert words in found.detail


@pytest.mark.parametrize(
    "record",
    [f"v=DKIM1; k=rsa; p={KEY}", f"p={KEY}", "v=DKIM1;p=QU JD;", f"v=DKIM1; h=sha1:sha256; s=email; t=s; p={KEY}"],
)
def test_our_key_is_published(record: str) -> None:
    assert judge_dkim(NAME, ["something else", record], KEY).state == "ok"


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([], f"{NAME} has none"),
        (["v=DKIM1; k=rsa"], f"{NAME} has none"),
        (["v=DKIM1; p=QUJE"], "another than the one"),
        (["v=DKIM1; p="], "revokes"),
        ([f"v=DKIM2; p={KEY}"], "not one for RSA"),
        ([f"v=DKIM1; k=ed25519; p={KEY}"], "not one for RSA"),
        ([f"v=DKIM1; h=sha1; p={KEY}"], "sha256"),
        ([f"v=DKIM1; s=tlsrpt; p={KEY}"], "not for mail"),
        ([f"p={KEY}", f"p={KEY}"], "2 keys"),
    ],
)
def test_our_key_is_not_published(texts: list[str], words: str) -> None:
    found = judge_dkim(NAME, texts, KEY)
    assert (found.state, found.name, found.record) == ("wrong", NAME, f"v=DKIM1; k=rsa; p={KEY}")
    assert words in found.detail


def test_a_key_under_test_is_noted() -> None:
    assert judge_dkim(NAME, [f"v=DKIM1; t=y:s; p={KEY}"], KEY).state == "note"


def test_where_dmarc_is_looked_for() -> None:
    assert [*dmarc_names("news.example.org")] == ["_dmarc.news.example.org", "_dmarc.example.org"]
    assert [*dmarc_names("example.org")] == ["_dmarc.example.org"]
    assert [*dmarc_names("localhost")] == ["_dmarc.localhost"]


def test_which_texts_are_dmarc() -> None:
    texts = ["v=DMARC1; p=none", "v = DMARC1;p=none", "v=DMARC1", "v=dmarc1; p=none", "v=DMARC10; p=none", "p=none"]
    assert dmarc_records(texts) == ("v=DMARC1; p=none", "v = DMARC1;p=none", "v=DMARC1")


def dmarc(*records: str, name: str = "_dmarc.example.org", domain: str = "example.org") -> Verdict:
    return judge_dmarc(domain, name, records, reports="ops@example.org")


@pytest.mark.parametrize(
    ("record", "words"), [("p=none", "nothing yet"), ("p=Quarantine", "spam"), ("p=reject; sp=none", "refused")]
)
def test_a_dmarc_record_that_is_well(record: str, words: str) -> None:
    found = dmarc(f"v=DMARC1; {record}")
    assert found.state == "ok"
    assert words in found.detail


def test_a_domain_above_speaks_for_those_below() -> None:
    found = dmarc("v=DMARC1; p=none; sp=reject", domain="news.example.org")
    assert found.state == "ok"
    assert "refused), from _dmarc.example.org" in found.detail


@pytest.mark.parametrize(
    ("records", "words", "wanted"),
    [
        ((), "has no DMARC record", True),
        (("v=DMARC1; p=none", "v=DMARC1; p=none"), "2 DMARC records", False),
        (("v=DMARC1; rua=mailto:x@example.org",), "no policy", True),
        (("v=DMARC1; p=no",), "no policy", True),
    ],
)
def test_a_dmarc_record_that_is_not(records: tuple[str, ...], words: str, *, wanted: bool) -> None:
    found = dmarc(*records)
    assert found.state == "wrong"
    assert words in found.detail
    assert found.record == ("v=DMARC1; p=none; rua=mailto:ops@example.org" if wanted else None)


@pytest.mark.parametrize(
    ("servers", "address", "state"),
    [
        (("mail.example.org",), False, "ok"),
        (("",), True, "wrong"),
        ((), True, "note"),
        ((), False, "wrong"),
    ],
)
def test_who_takes_mail(servers: tuple[str, ...], *, address: bool, state: str) -> None:
    assert judge_mail_servers("example.org", servers, has_address=address).state == state
