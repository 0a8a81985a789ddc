"""The ways in: the first page, subscribing by double opt-in, asking for the link to one's own pages."""

from datetime import datetime
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from monitor.core.model import MailKind, Status, Subscriber, Subscription
from monitor.links import Purpose
from monitor.store import accounts, outbox
from monitor.store.database import Connection
from monitor.store.subscribers import Consent
from monitor.values import mail_address
from monitor.web.guard import Refused
from monitor.web.site import Site, onward
from monitor.web.wishes import WishForm, card, filled, meant, zones

SEEN = ["GET", "HEAD"]


class Account:
    """Pages that need no link yet, and the one that the first link leads to."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.router = APIRouter()
        add = self.router.add_api_route
        add("/", self.first, methods=SEEN, response_model=None)
        add("/robots.txt", self.robots, methods=SEEN, response_model=None)
        add("/style.css", self.style, methods=SEEN, response_model=None)
        add("/sent", self.sent, methods=SEEN, response_model=None)
        add("/m/", self.ask, methods=SEEN, response_model=None)
        add("/m/", self.asked, methods=["POST"], response_model=None)
        add("/s/", self.subscribe, methods=SEEN, response_model=None)
        add("/s/", self.subscribed, methods=["POST"], response_model=None)
        add("/c/{token}", self.confirm, methods=SEEN, response_model=None)
        add("/c/{token}", self.confirmed, methods=["POST"], response_model=None)

    async def first(self, request: Request) -> HTMLResponse:
        """Say what this is, and lead to what can be done."""
        return self._site.page(request, "first.html", {}, lang=self._site.language(request))

    async def robots(self) -> Response:
        """Ask search engines to stay out (RFC 9309)."""
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    async def style(self) -> Response:
        """Give the style sheet; it is the only thing here that may be kept."""
        text = self._site.render.page("style.css", {}, lang="en")
        return Response(text, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})

    async def sent(self, request: Request) -> HTMLResponse:
        """Say that a mail is on its way, if the address is one that gets one."""
        return self._site.page(request, "sent.html", {}, lang=self._site.language(request))

    # ── the link to my pages ─────────────────────────────────────────────────────────────────────────────────────────

    async def ask(self, request: Request) -> HTMLResponse:
        """Show where to ask for the link."""
        return self._ask(request, "", wrong=False)

    def _ask(self, request: Request, email: str, *, wrong: bool) -> HTMLResponse:
        values = {"seal": self._site.links.seal("/m/"), "email": email, "wrong": wrong}
        lang = self._site.language(request)
        return self._site.page(request, "ask.html", values, lang=lang, status=422 if wrong else 200)

    async def asked(self, request: Request) -> Response:
        """Mail the link. Whether the address is known shows neither in the answer nor in its time: looking it up is
        done afterwards."""
        form = await self._site.form(request, "/m/")
        written = str(form.get("email", "")).strip()
        email = address(written)
        if email is None:
            return self._ask(request, written[:320], wrong=True)
        self._site.may_ask(request)
        return self._mailed(request, email, partial(_remind, email=email))

    def _mailed(self, request: Request, email: str, work: "partial[None]") -> RedirectResponse:
        site = self._site
        now = site.clock()
        path = f"/sent?lang={site.language(request)}"
        if site.by_address.take(email.lower(), now) is not None:
            return onward(path)
        return onward(path, partial(site.db.run, work, site.domain, now))

    # ── subscribing ──────────────────────────────────────────────────────────────────────────────────────────────────

    async def subscribe(self, request: Request) -> HTMLResponse:
        """Show the form, where the operator opened it."""
        self._open()
        return self._subscribe(request, WishForm(), zone=self._site.zone)

    def _open(self) -> None:
        if not self._site.public:
            raise Refused(404)

    def _subscribe(
        self, request: Request, wish: WishForm, *, zone: str, email: str = "", wrong: frozenset[str] = frozenset()
    ) -> HTMLResponse:
        site = self._site
        lang = site.language(request)
        values = {"wish": wish, "labels": site.labels(), "zone": zone, "zones": zones(), "email": email, "wrong": wrong}
        values["seal"] = site.links.seal("/s/")
        return site.page(request, "subscribe.html", values, lang=lang, status=422 if wrong else 200)

    async def subscribed(self, request: Request) -> Response:
        """Mail a link that confirms; until it is used nothing is sent."""
        self._open()
        site = self._site
        form = await site.form(request, "/s/")
        written, zone = str(form.get("email", "")).strip(), str(form.get("zone", ""))
        email, asked = address(written), filled(form)
        reader = Subscriber(pk=0, email=email or "", lang=site.language(request), zone=zone)
        wish, wrong = meant(asked, Subscription(pk=0, subscriber=reader), site.labels())
        wrong |= {name for name, bad in (("email", email is None), ("zone", not known_zone(zone))) if bad}
        if wrong or email is None:
            zone = zone if known_zone(zone) else site.zone
            return self._subscribe(request, asked, zone=zone, email=written[:320], wrong=wrong)
        site.may_ask(request)
        consent = site.consent(
            reader, "form on the page; not confirmed yet", "Send me a link to confirm my subscription"
        )
        return self._mailed(request, email, partial(_request, wish=wish, consent=consent))

    async def confirm(self, request: Request, token: str) -> HTMLResponse:
        """Show the button that confirms: following a link is not yet a yes, as mail gateways follow all of them."""
        reader = await self._site.reader(Purpose.CONFIRM, token)
        wishes = await self._site.db.read(accounts.wishes, reader.pk)
        manage = self._site.links.path(Purpose.MANAGE, reader)
        words = self._site.render.words(reader.lang, reader.zone, self._site.labels())
        cards = [card(wish, words) for wish in wishes]
        return self._site.own_page(request, "confirm.html", reader, f"/c/{token}", cards=cards, manage=manage)

    async def confirmed(self, request: Request, token: str) -> Response:
        """Begin to send."""
        site = self._site
        reader = await site.reader(Purpose.CONFIRM, token)
        await site.form(request, f"/c/{token}")
        if reader.status == Status.PENDING:
            consent = site.consent(reader, "double opt-in: form, mail, button", "Yes, send me these digests")
            await site.db.run(accounts.confirm, reader.pk, consent=consent)
        return onward(f"/c/{token}")


def address(text: str) -> str | None:
    """Return a mail address as it is stored, None where the text is none."""
    try:
        return mail_address(text) if len(text) <= 254 else None
    except ValueError:
        return None


def known_zone(name: str) -> bool:
    """Tell whether a zone is one of those that can be chosen."""
    return any(name in names for names in zones().values())


def _remind(conn: Connection, domain: str, now: datetime, *, email: str) -> None:
    reader = accounts.by_address(conn, email)
    if reader is not None:
        write_to(conn, reader, domain, now)


def _request(conn: Connection, domain: str, now: datetime, *, wish: Subscription, consent: Consent) -> None:
    write_to(conn, accounts.request(conn, wish.subscriber, wish, consent=consent, now=now), domain, now)


def write_to(conn: Connection, reader: Subscriber, domain: str, now: datetime) -> None:
    """Queue the mail that leads a reader on: to confirm, or to their own pages. In one second at most one."""
    kind = MailKind.CONFIRM if reader.status == Status.PENDING else MailKind.MANAGE
    outbox.queue(conn, kind, f"{reader.pk}-{int(now.timestamp())}", reader.email, domain=domain, now=now)
