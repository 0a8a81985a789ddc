"""An edition as a page: all that matched, also what a mail has no room for."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from monitor.core import digest_json
from monitor.links import Purpose
from monitor.store import editions
from monitor.web.account import SEEN
from monitor.web.guard import Refused
from monitor.web.site import Site


class Editions:
    """Pages behind `/d/<token>`."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.router = APIRouter()
        self.router.add_api_route("/d/{token}", self.show, methods=SEEN, response_model=None)

    async def show(self, request: Request, token: str) -> HTMLResponse:
        """Show the edition as it was frozen."""
        site = self._site
        opened = site.links.opened(Purpose.EDITION, token)
        reader = await site.reader(Purpose.EDITION, token)
        edition = await site.db.read(editions.load, opened.edition or 0) if opened else None
        if edition is None or edition.subscription.subscriber.pk != reader.pk:
            raise Refused(404)
        view = site.render.view(digest_json.loads(edition.content), edition.subscription, site.labels())
        manage = site.links.path(Purpose.MANAGE, reader)
        return site.own_page(request, "digest.html", reader, f"/d/{token}", view=view, manage=manage)
