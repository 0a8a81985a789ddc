"""A browser without a screen: fetches pages over HTTP, and sends their forms with what stands in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp
from selectolax.lexbor import LexborHTMLParser, LexborNode

Fields = Mapping[str, str | Iterable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An answer, and the page in it."""

    url: str
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.text)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def heading(self) -> str:
        found = self.tree.css_first("h1")
        return found.text().strip() if found else ""

    @property
    def links(self) -> list[str]:
        """The addresses on the page, whole."""
        return [urljoin(self.url, node.attributes.get("href") or "") for node in self.tree.css("a[href]")]

    def actions(self) -> list[str]:
        return [urljoin(self.url, form.attributes.get("action") or "") for form in self.tree.css("form")]

    def form(self, ending: str = "") -> tuple[str, list[tuple[str, str]]]:
        """Return where the form whose action's path ends so is sent to, and what stands in it."""
        [form] = [one for one in self.tree.css("form") if urlsplit(str(one.attributes["action"])).path.endswith(ending)]
        return urljoin(self.url, form.attributes.get("action") or ""), list(_standing(form))


def _standing(form: LexborNode) -> Iterable[tuple[str, str]]:
    """Yield the fields that a browser would send (HTML §4.10.21.4)."""
    for node in form.css("input, select, textarea"):
        name, kind = node.attributes.get("name"), node.attributes.get("type") or "text"
        if name is None or (kind in {"checkbox", "radio"} and "checked" not in node.attributes):
            continue
        if node.tag == "select":
            chosen = node.css_first("option[selected]") or node.css_first("option")
            yield name, (chosen.attributes.get("value") or chosen.text()) if chosen else ""
        else:
            yield name, node.text() if node.tag == "textarea" else node.attributes.get("value") or ""


@dataclass(slots=True)
class Browser:
    """Speaks to one site; follows redirects by hand, so that each answer is seen."""

    session: aiohttp.ClientSession
    base: str
    answers: list[Page] = field(default_factory=list)

    async def get(self, path: str, *, method: str = "GET", **headers: str) -> Page:
        return await self.ask(method, path, headers=headers)

    async def ask(self, method: str, path: str, *, headers: Mapping[str, str], data: bytes | None = None) -> Page:
        url = urljoin(self.base, path)
        async with self.session.request(method, url, headers=headers, data=data, allow_redirects=False) as answer:
            text = (await answer.read()).decode()
            page = Page(url=url, status=answer.status, headers=answer.headers, text=text)
        self.answers.append(page)
        return page

    async def post(self, path: str, fields: Iterable[tuple[str, str]], **headers: str) -> Page:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self.ask("POST", path, headers=kind | headers, data=urlencode(list(fields)).encode())

    async def send(self, page: Page, ending: str = "", changes: Fields | None = None, **headers: str) -> Page:
        """Fill in and send a form, and follow where the answer leads."""
        target, standing = page.form(ending)
        given = {name: [value] if isinstance(value, str) else list(value) for name, value in (changes or {}).items()}
        kept = [(name, value) for name, value in standing if name not in given]
        answer = await self.post(
            target, kept + [(name, one) for name, values in given.items() for one in values], **headers
        )
        return await self.get(answer.headers["Location"]) if answer.status == 303 else answer
