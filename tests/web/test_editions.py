"""An edition as a page: all of it, for its reader, as long as it is kept."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from monitor.core import digest_json
from monitor.core.digest import build_digest
from monitor.core.model import Digest, Subscriber, Subscription
from monitor.links import LIFETIME, Purpose
from monitor.store import accounts
from monitor.store.database import Connection
from monitor.store.inserts import insert_one
from monitor.store.schema import edition
from tests.sample_digest import COVERAGE, SUBSCRIPTION, WINDOW, reports
from tests.web.conftest import Desk


def sample(cap: int) -> Digest:
    return build_digest(reports(), replace(SUBSCRIPTION, cap=cap), WINDOW, COVERAGE, told={})


def stored(desk: Desk, reader: Subscriber, digest: Digest) -> int:
    [wish] = desk.wishes(reader)

    def insert(conn: Connection, wish: Subscription) -> int:
        return insert_one(
            conn,
            edition,
            subscription_id=wish.pk,
            window_start=digest.window.start,
            window_end=digest.window.end,
            seq_from=digest.window.seq_from,
            seq_to=digest.window.seq_to,
            state="sent",
            instant=False,
            content=digest_json.dumps(digest),
            created_at=desk.clock(),
        )

    return desk.db.run_now(insert, wish)


async def test_the_page_has_every_story_also_those_beyond_the_cap(desk: Desk) -> None:
    reader, digest = desk.reader(), sample(3)
    assert digest.rest
    page = await desk.browser.get(desk.path(Purpose.EDITION, reader, stored(desk, reader, digest)))
    shown = {node.text() for node in page.tree.css("article h3")}
    items = [item for section in digest.sections for item in section.items] + list(digest.rest)
    assert len(shown) == len(items) == digest.total
    assert {node.attributes["href"] for node in page.tree.css("article a")} == {item.url for item in items if item.url}
    assert page.tree.css("article h3[lang=uk]")
    assert page.tree.css("article mark")
    assert page.status == 200


async def test_links_that_lead_out_do_not_tell_from_where(desk: Desk) -> None:
    reader = desk.reader()
    page = await desk.browser.get(desk.path(Purpose.EDITION, reader, stored(desk, reader, sample(3))))
    assert {node.attributes["rel"] for node in page.tree.css("article a")} == {"noreferrer"}
    assert page.headers["Referrer-Policy"] == "no-referrer"


async def test_an_edition_is_its_readers_alone(desk: Desk) -> None:
    reader, other = desk.reader(), desk.reader("other@example.org")
    pk = stored(desk, reader, sample(3))
    assert (await desk.browser.get(desk.path(Purpose.EDITION, other, pk))).status == 404
    assert (await desk.browser.get(desk.path(Purpose.EDITION, reader, pk + 1))).status == 404


@pytest.mark.parametrize("end", ["late", "revoked", "erased", "retention"])
async def test_an_edition_can_be_gone(desk: Desk, end: str) -> None:
    reader = desk.reader()
    link = desk.path(Purpose.EDITION, reader, stored(desk, reader, sample(3)))
    assert (await desk.browser.get(link)).status == 200
    match end:
        case "late":
            desk.clock.now += LIFETIME[Purpose.EDITION] + timedelta(seconds=1)
        case "revoked":
            desk.db.run_now(accounts.revoke, reader.pk)
        case "erased":
            desk.db.run_now(accounts.erase, reader.pk)
        case "retention":
            desk.db.run_now(lambda conn: conn.execute(update(edition).values(content=None)))
    assert (await desk.browser.get(link)).status == 404


async def test_a_quiet_edition_says_so(desk: Desk) -> None:
    reader = desk.reader()
    nothing = build_digest([], SUBSCRIPTION, WINDOW, COVERAGE, told={})
    page = await desk.browser.get(desk.path(Purpose.EDITION, reader, stored(desk, reader, nothing)))
    assert "Nothing new." in page.text
