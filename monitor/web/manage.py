"""A reader's own page: every wish as a form, pausing and resuming."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from monitor.core.model import Subscriber, Subscription
from monitor.errors import InputError
from monitor.links import Purpose
from monitor.store import accounts, subscribers
from monitor.web.account import SEEN, known_zone, write_to
from monitor.web.guard import Refused
from monitor.web.site import Site, onward
from monitor.web.wishes import WishForm, card, filled, meant, shown, zones

SUBSCRIPTIONS_MAX = 20
DONE = {"saved", "paused", "resumed", "ended", "added", "sent", "again", "revoked"}
"""What a page may say was done."""


class Manage:
    """Pages behind `/m/<token>`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.router = APIRouter(prefix="/m/{token}")
        add = self.router.add_api_route
        add("", self.show, methods=SEEN, response_model=None)
        add("/new", self.new, methods=SEEN, response_model=None)
        add("/s/{number}", self.one, methods=SEEN, response_model=None)
        posts: dict[str, Callable[..., Awaitable[Response]]] = {
            "/pause": self.pause,
            "/resume": self.resume,
            "/reader": self.settle,
            "/data": self.data,
        }
        posts |= {"/new": self.added, "/s/{number}": self.changed, "/s/{number}/end": self.end}
        for path, handler in posts.items():
            add(path, handler, methods=["POST"], response_model=None)

    async def _reader(self, token: str) -> Subscriber:
        return await self._site.reader(Purpose.MANAGE, token)

    async def _posted(self, request: Request, token: str) -> tuple[Subscriber, FormData]:
        reader = await self._reader(token)
        return reader, await self._site.form(request, f"/m/{token}")

    # ── everything at a glance ───────────────────────────────────────────────────────────────────────────────────────

    async def show(self, request: Request, token: str) -> HTMLResponse:
        """Show subscriptions, language, zone, and what can be done."""
        return await self._show(request, token, await self._reader(token))

    async def _show(
        self, request: Request, token: str, reader: Subscriber, *, wrong: frozenset[str] = frozenset()
    ) -> HTMLResponse:
        site = self._site
        words = site.render.words(reader.lang, reader.zone, site.labels())
        wishes = await site.db.read(accounts.wishes, reader.pk)
        done = request.query_params.get("done", "")
        return site.own_page(
            request,
            "manage.html",
            reader,
            f"/m/{token}",
            status=422 if wrong else 200,
            cards=[card(wish, words) for wish in wishes],
            zone=reader.zone,
            zones=zones(),
            leave=site.links.path(Purpose.UNSUBSCRIBE, reader),
            done=done if done in DONE else "",
            wrong=wrong,
            most=SUBSCRIPTIONS_MAX,
        )

    async def pause(self, request: Request, token: str) -> Response:
        """Send nothing until the reader resumes."""
        reader, _ = await self._posted(request, token)
        await self._site.db.run(accounts.pause, reader.pk, self._site.clock())
        return onward(f"/m/{token}?done=paused")

    async def resume(self, request: Request, token: str) -> Response:
        """Send again, after a pause or after leaving."""
        reader, _ = await self._posted(request, token)
        consent = self._site.consent(reader, "button on the page behind a mailed link", "Send me my digests again")
        await self._site.db.run(accounts.resume, reader.pk, consent=consent)
        return onward(f"/m/{token}?done=resumed")

    async def settle(self, request: Request, token: str) -> Response:
        """Change language and zone."""
        reader, form = await self._posted(request, token)
        lang, zone = str(form.get("lang", "")), str(form.get("zone", ""))
        good = {"lang": lang in self._site.render.languages, "zone": known_zone(zone) or zone == reader.zone}
        if wrong := frozenset(name for name, right in good.items() if not right):
            return await self._show(request, token, reader, wrong=wrong)
        await self._site.db.run(accounts.settle, reader.pk, lang=lang, zone=zone, now=self._site.clock())
        return onward(f"/m/{token}?done=saved")

    async def data(self, request: Request, token: str) -> Response:
        """Mail the link to the reader's data: this page's own may have been handed on with a digest."""
        reader, _ = await self._posted(request, token)
        site, now = self._site, self._site.clock()
        site.may_ask(request)
        work = None
        if site.by_address.take(reader.email.lower(), now) is None:
            work = partial(site.db.run, write_to, reader, site.domain, now)
        return onward(f"/m/{token}?done=sent", work)

    # ── one subscription ─────────────────────────────────────────────────────────────────────────────────────────────

    async def one(self, request: Request, token: str, number: str) -> HTMLResponse:
        """Show one subscription as a form."""
        reader = await self._reader(token)
        return self._form(request, token, reader, shown(await self._wish(reader, number)), number=number)

    async def changed(self, request: Request, token: str, number: str) -> Response:
        """Take up what was filled in."""
        reader, form = await self._posted(request, token)
        before = await self._wish(reader, number)
        wish, wrong = meant(filled(form), before, self._site.labels())
        if wrong:
            return self._form(request, token, reader, filled(form), number=number, wrong=wrong)
        await self._site.db.run(accounts.change, wish, self._site.clock())
        return onward(f"/m/{token}?done=saved")

    async def end(self, request: Request, token: str, number: str) -> Response:
        """End one subscription, and no other."""
        reader, _ = await self._posted(request, token)
        wish = await self._wish(reader, number)
        await self._site.db.run(subscribers.end, reader.email, wish.pk)
        return onward(f"/m/{token}?done=ended")

    async def new(self, request: Request, token: str) -> HTMLResponse:
        """Show an empty form."""
        return self._form(request, token, await self._reader(token), WishForm())

    async def added(self, request: Request, token: str) -> Response:
        """Add a subscription."""
        reader, form = await self._posted(request, token)
        wish, wrong = meant(filled(form), Subscription(pk=0, subscriber=reader), self._site.labels())
        if len(await self._site.db.read(accounts.wishes, reader.pk)) >= SUBSCRIPTIONS_MAX:
            raise Refused(409)
        if wrong:
            return self._form(request, token, reader, filled(form), wrong=wrong)
        consent = self._site.consent(reader, "form on the page behind a mailed link", "Save")
        try:
            await self._site.db.run(accounts.add, replace(wish, subscriber=reader), consent=consent)
        except InputError:  # there already: sent twice, or filled in twice
            return onward(f"/m/{token}?done=again")
        return onward(f"/m/{token}?done=added")

    async def _wish(self, reader: Subscriber, number: str) -> Subscription:
        """Return a subscription of the reader's own. Refuses (404) every other number."""
        for wish in await self._site.db.read(accounts.wishes, reader.pk):
            if str(wish.pk) == number:
                return wish
        raise Refused(404)

    def _form(
        self,
        request: Request,
        token: str,
        reader: Subscriber,
        wish: WishForm,
        *,
        number: str = "",
        wrong: frozenset[str] = frozenset(),
    ) -> HTMLResponse:
        return self._site.own_page(
            request,
            "wishes.html",
            reader,
            f"/m/{token}",
            status=422 if wrong else 200,
            wish=wish,
            number=number,
            labels=self._site.labels(),
            zone=reader.zone,
            wrong=wrong,
        )
