"""What the pages do not do: change at a glance, tell who reads, trust a stranger, break, grow."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import structlog

from monitor import logs
from monitor.core.model import MailKind, Status, Subscriber
from monitor.errors import StoreError
from monitor.links import FORM_LIFETIME, Purpose
from monitor.store import accounts
from monitor.web.guard import BODY_MAX, HEADERS, VISITS
from monitor.web.listening import listening
from monitor.web.site import ASKS, ASKS_FOR_ONE, ASKS_OF_ALL
from tests.web.browser import Browser, Page
from tests.web.conftest import EMAIL, Desk

ONE_CLICK = b"List-Unsubscribe=One-Click"
URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=next"}
PARTS = b'--next\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--next--\r\n'


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    logs.configure("json", "error")
    yield
    structlog.reset_defaults()


def keys(desk: Desk, reader: Subscriber) -> list[str]:
    return [desk.path(each, reader) for each in Purpose if each != Purpose.EDITION]


# ── one click (RFC 8058) ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headers", "body"), [(URLENCODED, ONE_CLICK), (MULTIPART, PARTS)], ids=["urlencoded", "multipart"]
)
async def test_one_click_unsubscribes_without_cookie_login_or_seal(desk: Desk, headers: Any, body: bytes) -> None:
    reader = desk.reader()
    for _ in range(2):  # providers try again
        answer = await desk.browser.ask("POST", desk.path(Purpose.UNSUBSCRIBE, reader), headers=headers, data=body)
        assert (answer.status, "Location" in answer.headers) == (200, False)
        assert desk.known(reader.pk).status == Status.UNSUBSCRIBED


async def test_one_click_works_from_another_site(desk: Desk) -> None:
    reader = desk.reader()
    headers = URLENCODED | {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    answer = await desk.browser.ask("POST", desk.path(Purpose.UNSUBSCRIBE, reader), headers=headers, data=ONE_CLICK)
    assert (answer.status, desk.known(reader.pk).status) == (200, Status.UNSUBSCRIBED)


@pytest.mark.parametrize("body", [b"", b"List-Unsubscribe=", b"List-Unsubscribe=one-click", b"x=y"])
async def test_a_post_that_is_no_one_click_unsubscribes_nobody(desk: Desk, body: bytes) -> None:
    reader = desk.reader()
    answer = await desk.browser.ask("POST", desk.path(Purpose.UNSUBSCRIBE, reader), headers=URLENCODED, data=body)
    assert (answer.status, desk.known(reader.pk).status) == (400, Status.ACTIVE)


async def test_one_click_is_never_too_often(desk: Desk) -> None:
    """A mail provider unsubscribes all its readers from one address."""
    reader = desk.reader()
    path = desk.path(Purpose.UNSUBSCRIBE, reader)
    answers = [await desk.browser.ask("POST", path, headers=URLENCODED, data=ONE_CLICK) for _ in range(VISITS[0] + 5)]
    assert {answer.status for answer in answers} == {200}


# ── a look changes nothing ───────────────────────────────────────────────────────────────────────────────────────────


async def crawled(browser: Browser, paths: list[str]) -> list[Page]:
    """Fetch these addresses and all that they lead to by links and forms, by GET and HEAD, as gateways do."""
    waiting, seen, pages = list(paths), set[str](), []
    while waiting:
        url = waiting.pop()
        if url in seen or ("://" in url and not url.startswith(browser.base)):
            continue
        seen.add(url)
        pages += [await browser.get(url, method=method) for method in ("HEAD", "GET")]
        waiting += [*pages[-1].links, *pages[-1].actions()]
    return pages


@pytest.mark.parametrize("status", list(Status))
async def test_scanners_change_nothing(desk: Desk, status: Status) -> None:
    reader = desk.reader(status=status)
    before = desk.everything()
    pages = await crawled(desk.browser, ["/", *keys(desk, reader)])
    assert desk.everything() == before
    assert len({page.path for page in pages}) > 10
    assert {page.status for page in pages} <= {200, 405}
    assert all(page.text == "" for page, _ in zip(pages[::2], pages[1::2], strict=True))
    assert [(head.status, head.headers["Content-Length"]) for head in pages[::2]] == [
        (get.status, get.headers["Content-Length"]) for get in pages[1::2]
    ]


# ── no oracle ────────────────────────────────────────────────────────────────────────────────────────────────────────


def shown(page: Page) -> tuple[int, str, dict[str, str]]:
    return page.status, page.text, {name: value for name, value in page.headers.items() if name != "Date"}


@pytest.mark.parametrize(("path", "more"), [("/m/", {}), ("/s/", {"topic": "energy"})])
async def test_an_answer_does_not_tell_who_is_known(desk: Desk, path: str, more: dict[str, str]) -> None:
    known = {f"{status}@example.org": desk.reader(f"{status}@example.org", status=status) for status in Status}
    told = []
    for email in [*known, "nobody@example.org"]:
        form = await desk.browser.get(path)
        target, standing = form.form(path)
        fields = [*((name, value) for name, value in standing if name != "email"), ("email", email), *more.items()]
        told.append(shown(await desk.browser.post(target, fields)))
    assert told == [(303, "", told[0][2])] * len(told)
    assert [desk.known(reader.pk).status for reader in known.values()] == list(Status)


@pytest.mark.parametrize("path", ["/m/", "/s/"])
async def test_an_answer_does_not_wait_for_what_would_tell(desk: Desk, path: str) -> None:
    """With the writer standing still, known and unknown are answered all the same: no time to measure."""
    desk.reader()
    form = await desk.browser.get(path)
    go, stands = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def stand(_: object) -> None:
        loop.call_soon_threadsafe(stands.set)
        go.wait(60)

    held = asyncio.gather(desk.db.run(stand))
    await stands.wait()
    try:
        pages = [await desk.browser.send(form, path, {"email": email}) for email in (EMAIL, "nobody@example.org")]
        assert [page.path for page in pages] == ["/sent", "/sent"]
    finally:
        go.set()
        await held
    assert await desk.mails() == [MailKind.MANAGE]
    assert await desk.mails("nobody@example.org") == ([MailKind.CONFIRM] if path == "/s/" else [])


async def test_every_link_that_opens_nothing_looks_the_same(desk: Desk) -> None:
    gone = desk.reader("gone@example.org")
    void = desk.reader("void@example.org")
    links = [desk.path(Purpose.MANAGE, gone), desk.path(Purpose.MANAGE, void), "/m/made-up"]
    links.append(desk.path(Purpose.MANAGE, Subscriber(pk=999, email="never@example.org", version=1)))
    desk.db.run_now(accounts.erase, gone.pk)
    desk.db.run_now(accounts.revoke, void.pk)
    pages = [await desk.browser.get(link) for link in links]
    told = {(page.status, page.text.replace(link, "")) for page, link in zip(pages, links, strict=True)}
    assert len(told) == 1
    assert pages[0].status == 404


# ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def tried(desk: Desk, reader: Subscriber, fields: list[tuple[str, str]], **headers: str) -> int:
    home = desk.path(Purpose.MANAGE, reader)
    answer = await desk.browser.post(f"{home}/pause", fields, **headers)
    assert (desk.known(reader.pk).status == Status.PAUSED) == (answer.status == 303)
    return answer.status


async def test_a_form_counts_with_its_pages_seal_only(desk: Desk) -> None:
    reader, other = desk.reader(), desk.reader("other@example.org")
    links = desk.site.links
    assert await tried(desk, reader, []) == 403
    assert await tried(desk, reader, [("seal", "made.up")]) == 403
    assert await tried(desk, reader, [("seal", links.seal("/m/"))]) == 403
    assert await tried(desk, reader, [("seal", links.seal(desk.path(Purpose.MANAGE, other)))]) == 403
    seal = links.seal(desk.path(Purpose.MANAGE, reader))
    assert await tried(desk, reader, [("seal", seal)]) == 303


async def test_a_form_grows_old(desk: Desk) -> None:
    reader = desk.reader()
    home = desk.path(Purpose.MANAGE, reader)
    page = await desk.browser.get(home)
    desk.clock.now += FORM_LIFETIME + timedelta(seconds=1)
    assert (await desk.browser.send(page, "/pause")).heading == "This form has become too old"
    assert desk.known(reader.pk).status == Status.ACTIVE


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "null"}, 303),
        ({"Origin": "https://monitor.example"}, 303),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "https://monitor.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_a_form_of_another_site_does_not_count(desk: Desk, headers: dict[str, str], status: int) -> None:
    reader = desk.reader()
    home = desk.path(Purpose.MANAGE, reader)
    seal = desk.site.links.seal(home)
    answer = await desk.browser.post(f"{home}/pause", [("seal", seal)], **headers)
    assert answer.status == status


# ── pace and size ────────────────────────────────────────────────────────────────────────────────────────────────────


async def ask_for(desk: Desk, browser: Browser, email: str, **headers: str) -> int:
    fields = [("seal", desk.site.links.seal("/m/")), ("email", email)]
    return (await browser.post("/m/", fields, **headers)).status


async def test_a_client_may_ask_for_so_many_mails(desk: Desk) -> None:
    asked = [await ask_for(desk, desk.browser, f"{n}@example.org") for n in range(ASKS[0] + 1)]
    assert asked == [303] * ASKS[0] + [429]
    desk.clock.now += ASKS[1] / ASKS[0]
    assert await ask_for(desk, desk.browser, EMAIL) == 303


def test_an_answer_does_not_wait_for_the_wire() -> None:
    """asyncio switches Nagle's algorithm off for sockets that name their protocol; with it each answer takes 40 ms."""
    with listening("127.0.0.1:0") as listener:
        assert listener.proto == socket.IPPROTO_TCP


async def test_too_often_says_when_it_may_go_on(desk: Desk) -> None:
    answers = [await desk.browser.get("/robots.txt") for _ in range(VISITS[0] + 1)]
    assert {answer.status for answer in answers[:-1]} == {200}
    assert (answers[-1].status, answers[-1].heading) == (429, "Too often")
    desk.clock.forward(seconds=int(answers[-1].headers["Retry-After"]))
    assert (await desk.browser.get("/robots.txt")).status == 200


async def test_an_address_gets_so_many_mails_and_the_rest_is_dropped_in_silence(desk: Desk) -> None:
    desk.reader()
    for _ in range(ASKS_FOR_ONE[0] + 2):
        assert await ask_for(desk, desk.browser, EMAIL) == 303
        await desk.mails()
        desk.clock.forward(seconds=2)
    assert len(await desk.mails()) == ASKS_FOR_ONE[0]


async def test_a_crowd_of_clients_may_ask_for_so_many_mails(desk: Desk) -> None:
    asked = []
    for n in range(ASKS_OF_ALL[0] + 1):
        client = {"X-Forwarded-For": f"203.0.{n // 250}.{n % 250}"}
        asked.append(await ask_for(desk, desk.proxied, f"{n}@example.org", **client))
    assert asked == [303] * ASKS_OF_ALL[0] + [429]


async def test_the_proxy_alone_is_believed_about_the_client(desk: Desk) -> None:
    for n in range(ASKS[0]):
        forwarded = {"X-Forwarded-For": f"203.0.113.{n}"}
        assert await ask_for(desk, desk.browser, f"{n}@example.org", **forwarded) == 303
    assert await ask_for(desk, desk.browser, EMAIL, **{"X-Forwarded-For": "203.0.113.200"}) == 429
    assert await ask_for(desk, desk.proxied, EMAIL, **{"X-Forwarded-For": "203.0.113.200"}) == 303


async def test_a_body_has_a_limit(desk: Desk) -> None:
    reader = desk.reader()
    path = desk.path(Purpose.UNSUBSCRIBE, reader)
    for body in (b"x=" + b"y" * BODY_MAX, ONE_CLICK + b"&" + b"a=&" * 20_000):
        answer = await desk.browser.ask("POST", path, headers=URLENCODED, data=body)
        assert answer.status in {400, 413}
    huge = PARTS.replace(b"One-Click", b"z" * (BODY_MAX + 1))
    assert (await desk.browser.ask("POST", path, headers=MULTIPART, data=huge)).status in {400, 413}
    files = PARTS.replace(b'Unsubscribe"', b'Unsubscribe"; filename="a"')
    assert (await desk.browser.ask("POST", path, headers=MULTIPART, data=files)).status == 400
    assert desk.known(reader.pk).status == Status.ACTIVE


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_every_answer_has_the_headers_and_no_cookie(desk: Desk) -> None:
    reader = desk.reader()
    paths = ["/", "/nowhere", "/m/made-up", *keys(desk, reader)]
    pages = [await desk.browser.get(path) for path in paths]
    pages.append(await desk.browser.ask("POST", "/m/", headers=URLENCODED, data=b""))
    pages.append(await desk.browser.ask("PUT", "/", headers={}))
    pages.append(await desk.browser.ask("POST", f"/u/{'x' * 5000}", headers=URLENCODED, data=ONE_CLICK))
    for page in pages:
        assert {name: page.headers.get(name) for name in HEADERS} == HEADERS
        assert "Set-Cookie" not in page.headers
        assert "Server" not in page.headers


async def test_a_page_loads_nothing_but_the_style_sheet(desk: Desk) -> None:
    reader = desk.reader()
    for path in ["/", "/s/", "/nowhere", *keys(desk, reader)]:
        page = await desk.browser.get(path)
        assert page.tree.css("script, img, iframe, [style], [onclick], style") == []
        assert [node.attributes["href"] for node in page.tree.css("link")] == ["/style.css"]
    assert "url(" not in (await desk.browser.get("/style.css")).text


async def test_a_failure_shows_nothing_of_the_inside(desk: Desk) -> None:
    logged = StringIO()
    logs.configure("json", "error", logged)
    reader = desk.reader()
    path = desk.path(Purpose.MANAGE, reader)
    desk.db.run_now(lambda conn: conn.exec_driver_sql("DROP TABLE subscription"))
    page = await desk.browser.get(path)
    assert (page.status, page.heading) == (503, "Not at the moment")
    assert "subscription" not in page.text.lower().replace("subscriptions", "")
    assert "page failed" in logged.getvalue()
    assert path.removeprefix("/m/") not in logged.getvalue()


@pytest.mark.parametrize("error", [RuntimeError("inside-secret"), StoreError("inside-secret")])
async def test_any_error_becomes_a_page(desk: Desk, error: Exception) -> None:
    def fail() -> Any:
        raise error

    desk.labels = fail
    page = await desk.browser.get("/s/")
    assert page.status == (503 if isinstance(error, StoreError) else 500)
    assert "inside-secret" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


async def test_pages_show_what_readers_typed_as_text(desk: Desk) -> None:
    reader = desk.reader(name="<script>alert(1)</script>", without_sources=frozenset({'"><b>bold'}))
    [wish] = desk.wishes(reader)
    home = desk.path(Purpose.MANAGE, reader)
    for path in (home, f"{home}/s/{wish.pk}"):
        page = await desk.browser.get(path)
        assert page.tree.css("script, b") == []
        assert "alert(1)" in page.text
