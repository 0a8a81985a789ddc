"""What the pages work with, and what all of them share: whose page it is, its language, its form, its looks."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.background import BackgroundTask
from starlette.datastructures import FormData

from monitor.clock import Clock
from monitor.core.model import Subscriber
from monitor.links import Links, Purpose
from monitor.render import Labels, Renderer
from monitor.store import accounts
from monitor.store.database import Database
from monitor.store.subscribers import Consent
from monitor.web.guard import BODY_MAX, Refused
from monitor.web.limits import Allowance, client_key

FIELDS_MAX = 500
ASKS = (10, timedelta(hours=1))
"""Mails that one client may ask for."""
ASKS_FOR_ONE = (3, timedelta(hours=1))
"""Mails that may be asked for one address; more are dropped in silence, as the answer must not tell."""
ASKS_OF_ALL = (300, timedelta(hours=1))
"""Mails that all clients together may ask for: a bound for what a crowd of clients can send through us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The tools of the pages. `zone` is proposed to new readers, `domain` ends Message-IDs, `public`: anybody may
    subscribe."""

    db: Database
    links: Links
    render: Renderer
    labels: Callable[[], Labels]
    clock: Clock
    zone: str
    domain: str
    public: bool
    by_client: Allowance = field(default_factory=lambda: Allowance(*ASKS))
    by_address: Allowance = field(default_factory=lambda: Allowance(*ASKS_FOR_ONE))
    by_all: Allowance = field(default_factory=lambda: Allowance(*ASKS_OF_ALL))

    # ── whose page ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def reader(self, purpose: Purpose, token: str) -> Subscriber:
        """Return whose page an address opens. Refuses (404) what is no address of ours, void or too old, all alike."""
        opened = self.links.opened(purpose, token)
        reader = await self.db.read(accounts.by_pk, opened.subscriber) if opened else None
        if reader is None or opened is None or reader.version != opened.version:
            raise Refused(404)
        return reader

    def consent(self, reader: Subscriber, how: str, button: str) -> Consent:
        """Return the proof that a reader agreed on a page, now: by a button, in the words that stood on it."""
        wording = self.render.words(reader.lang).gettext(button)
        return Consent(who="the reader", at=self.clock(), how=how, wording=wording)

    # ── forms ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def form(self, request: Request, page: str) -> FormData:
        """Return what a form of ours brings. Refuses (403) one that is another site's, another page's or too old."""
        form = await fields(request)
        if not self._same_site(request) or not self.links.sealed(page, str(form.get("seal", ""))):
            raise Refused(403)
        return form

    def _same_site(self, request: Request) -> bool:
        """Believe the browser where it says that another site sent the form (Fetch Metadata; Origin before that).

        Our pages send no referrer, so their own forms come with the origin "null".
        """
        fetched = request.headers.get("Sec-Fetch-Site")
        if fetched is not None:
            return fetched in {"same-origin", "none"}
        return request.headers.get("Origin") in {None, "null", self.links.base_url}

    def may_ask(self, request: Request) -> None:
        """Count a mail that a client asks for. Refuses (429) too many."""
        now = self.clock()
        host = request.client.host if request.client else None
        wait = self.by_client.take(client_key(host), now) or self.by_all.take("all", now)
        if wait is not None:
            raise Refused(429, wait=wait)

    # ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def language(self, request: Request) -> str:
        """Return the language of a page that is nobody's: as asked in the address, else as the browser prefers."""
        asked = request.query_params.get("lang", "")
        wanted = [asked, *_preferred(request.headers.get("Accept-Language", ""))]
        return next((lang for lang in wanted if lang in self.render.languages), "en")

    def page(
        self, request: Request, name: str, values: Mapping[str, object], *, lang: str, status: int = 200
    ) -> HTMLResponse:
        """Answer with a page. `values` may name the reader's `zone`."""
        about = {"public": self.public, "languages": self.render.languages, "here": request.url.path, "mine": False}
        text = self.render.page(name, about | dict(values), lang=lang)
        return HTMLResponse(text, status_code=status, headers={"Content-Language": lang})

    def own_page(
        self, request: Request, name: str, reader: Subscriber, home: str, *, status: int = 200, **values: object
    ) -> HTMLResponse:
        """Answer with a page of a reader. `home` is what its forms are sealed for."""
        about = {"reader": reader, "home": home, "seal": self.links.seal(home), "mine": True}
        return self.page(request, name, about | values, lang=reader.lang, status=status)


async def fields(request: Request) -> FormData:
    """Read a form, of either encoding (HTML §4.10.21, RFC 7578); files are refused (400)."""
    return await request.form(max_files=0, max_fields=FIELDS_MAX, max_part_size=BODY_MAX)


def onward(path: str, work: Callable[[], Awaitable[object]] | None = None) -> RedirectResponse:
    """Lead on to a page that can be loaded again (303); `work` is done after the answer has gone."""

    async def after() -> None:
        if work is not None:
            await work()

    return RedirectResponse(path, status_code=303, background=BackgroundTask(after))


def _preferred(header: str) -> list[str]:
    """Return the primary languages of an Accept-Language header, best first (RFC 9110 §12.5.4)."""
    found = []
    for part in header[:200].split(","):
        tag, _, weight = part.partition(";q=")
        try:
            found.append((-float(weight or 1), tag.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    return [lang for _, lang in sorted(found, key=lambda one: one[0])]
