"""The ways out: unsubscribing, also by a mail program's button (RFC 8058); taking along and erasing one's data."""

import json

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from monitor.links import Purpose
from monitor.store import accounts
from monitor.web.account import SEEN
from monitor.web.guard import Refused
from monitor.web.site import Site, fields, onward

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""The only form that RFC 8058 §3.1 sends; ours sends the same."""


class Leaving:
    """Pages behind `/u/<token>` and `/y/<token>`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.router = APIRouter()
        add = self.router.add_api_route
        add("/u/{token}", self.leave, methods=SEEN, response_model=None)
        add("/u/{token}", self.left, methods=["POST"], response_model=None)
        add("/y/{token}", self.mine, methods=SEEN, response_model=None)
        add("/y/{token}/export", self.export, methods=SEEN, response_model=None)
        add("/y/{token}/erase", self.erase, methods=["POST"], response_model=None)
        add("/y/{token}/revoke", self.revoke, methods=["POST"], response_model=None)
        add("/erased", self.erased, methods=SEEN, response_model=None)

    async def leave(self, request: Request, token: str) -> HTMLResponse:
        """Show the button that unsubscribes."""
        return await self._leave(request, token, done=False)

    async def left(self, request: Request, token: str) -> HTMLResponse:
        """Unsubscribe: no cookie, no login, no seal, no redirect, and twice is once (RFC 8058 §3.2).

        Whoever holds the address may do it; that is what the RFC wants of it.
        """
        reader = await self._site.reader(Purpose.UNSUBSCRIBE, token)
        name, value = ONE_CLICK
        if (await fields(request)).get(name) != value:
            raise Refused(400)
        await self._site.db.run(accounts.unsubscribe, reader.pk, self._site.clock())
        return await self._leave(request, token, done=True)

    async def _leave(self, request: Request, token: str, *, done: bool) -> HTMLResponse:
        reader = await self._site.reader(Purpose.UNSUBSCRIBE, token)
        return self._site.own_page(request, "leave.html", reader, f"/u/{token}", done=done)

    # ── my data ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def mine(self, request: Request, token: str) -> HTMLResponse:
        """Show what can be done with one's data."""
        reader = await self._site.reader(Purpose.DATA, token)
        done = request.query_params.get("done") == "unsure"
        manage = self._site.links.path(Purpose.MANAGE, reader)
        return self._site.own_page(request, "mine.html", reader, f"/y/{token}", manage=manage, unsure=done)

    async def export(self, token: str) -> Response:
        """Give everything that is kept about the reader, as JSON."""
        reader = await self._site.reader(Purpose.DATA, token)
        text = json.dumps(await self._site.db.read(accounts.export, reader.pk), ensure_ascii=False, indent=2)
        headers = {"Content-Disposition": 'attachment; filename="ukraine-monitor.json"'}
        return Response(text + "\n", media_type="application/json", headers=headers)

    async def erase(self, request: Request, token: str) -> Response:
        """Forget the reader; there is no way back."""
        reader = await self._site.reader(Purpose.DATA, token)
        form = await self._site.form(request, f"/y/{token}")
        if form.get("sure") != "yes":
            return onward(f"/y/{token}?done=unsure")
        await self._site.db.run(accounts.erase, reader.pk)
        return onward(f"/erased?lang={reader.lang}")

    async def erased(self, request: Request) -> HTMLResponse:
        """Say that nothing is left; anybody may read this."""
        return self._site.page(request, "erased.html", {}, lang=self._site.language(request))

    async def revoke(self, request: Request, token: str) -> Response:
        """Make all links void that were mailed, this one too; a new one leads on."""
        reader = await self._site.reader(Purpose.DATA, token)
        await self._site.form(request, f"/y/{token}")
        await self._site.db.run(accounts.revoke, reader.pk)
        after = await self._site.db.read(accounts.by_pk, reader.pk)
        return onward("/m/" if after is None else f"{self._site.links.path(Purpose.MANAGE, after)}?done=revoked")
