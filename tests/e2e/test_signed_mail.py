"""A digest from feed to mail server, signed on the way."""

import dkim
import pytest

from monitor.demo.sink import MailSink
from tests.e2e.place import Place
from tests.e2e.servers import FeedServer, document
from tests.net.keys import DOMAIN, SELECTOR, dns_of, signer

READER = "reader@example.org"


@pytest.fixture
def signed(place: Place, server: FeedServer, sink: MailSink) -> Place:
    """A place with a story for one reader, which signs with the key of `signer`."""
    signer(place.folder)
    place.environ |= {"MONITOR_DKIM_KEY": str(place.folder / "dkim-0.pem"), "MONITOR_DKIM_SELECTOR": SELECTOR}
    server.replies["courier"] = document("Drones over Kyiv")
    place.write({"courier": server.url("courier")})
    assert place.cli("poll").code == 0
    assert place.cli("subscribers", "add", READER, "--lang", "uk").code == 0
    return place


def test_a_digest_is_signed_for_the_senders_domain(signed: Place, sink: MailSink) -> None:
    assert signed.cli("digest", "send", "--to", READER).code == 0
    (mail,) = sink.mails
    assert dkim.verify(mail.data, dnsfunc=dns_of(signer(signed.folder, domain=DOMAIN)))
    checked = dkim.DKIM(mail.data)
    assert checked.verify(dnsfunc=dns_of(signer(signed.folder)))
    assert {b"list-unsubscribe", b"list-id", b"from"} <= {name.lower() for name in checked.include_headers}
