"""Writes an invented outlet as the feed document that its format asks for."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from monitor.demo.outlets import Format, Guid, Item, Outlet

_CONTENT_TYPES = {
    Format.RSS: "application/rss+xml",
    Format.ATOM: "application/atom+xml",
    Format.RDF: "application/rdf+xml",
    Format.JSON: "application/feed+json",
    Format.PAGE: "text/html",
}
_RSS = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
)
_RDF = (
    '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
)


def render(outlet: Outlet, *, state: int, now: datetime) -> bytes:
    """Write the document of `outlet` in `state`, with its times reckoned back from `now`.

    Formats: RSS 2.0, RSS 1.0 (RDF), Atom 1.0 (RFC 4287), JSON Feed 1.1. The same arguments give the same bytes.
    """
    writers = {Format.RSS: _rss, Format.ATOM: _atom, Format.RDF: _rdf, Format.JSON: _json}
    if outlet.format is Format.PAGE:
        return outlet.page.encode(outlet.encoding)
    document = writers[outlet.format](outlet, state, now.replace(microsecond=0))
    return document.encode(outlet.encoding, errors="xmlcharrefreplace")


def content_type(outlet: Outlet) -> str:
    """Give the media type of the document; an encoding other than UTF-8 is told by the XML declaration alone."""
    media = _CONTENT_TYPES[outlet.format]
    return f"{media}; charset=utf-8" if outlet.encoding == "utf-8" else media


def _element(name: str, text: str | None, **attributes: str) -> str:
    if text is None:
        return ""
    return f"<{name}{_attributes(attributes)}>{escape(text)}</{name}>\n"


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())


def _markup(name: str, fragment: str | None, *, cdata: bool) -> str:
    """Write an element that holds HTML, as CDATA or escaped."""
    if fragment is None or not cdata:
        return _element(name, fragment)
    return f"<{name}><![CDATA[{fragment.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>\n"


def _fragment(item: Item) -> str:
    return item.summary if item.markup else escape(item.summary, quote=False)


def _local(outlet: Outlet, moment: datetime) -> datetime:
    return moment.astimezone(timezone(timedelta(hours=outlet.offset)))


def _rfc822(outlet: Outlet, moment: datetime | None) -> str | None:
    return None if moment is None else format_datetime(_local(outlet, moment))


def _iso(outlet: Outlet, moment: datetime | None) -> str | None:
    return None if moment is None else _local(outlet, moment).isoformat()


def _declared(outlet: Outlet, parts: Iterable[str]) -> str:
    return f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n' + "".join(parts)


def _rss(outlet: Outlet, state: int, now: datetime) -> str:
    items = (_rss_item(outlet, item, now) for item in outlet.shown(state))
    head = (
        _element("title", outlet.title),
        _element("link", outlet.site + "/"),
        _element("description", outlet.description),
        _element("language", outlet.language),
        _element("lastBuildDate", _rfc822(outlet, outlet.modified(state, now))),
    )
    return _declared(outlet, (_RSS, "<channel>\n", *head, *items, "</channel></rss>\n"))


def _rss_item(outlet: Outlet, item: Item, now: datetime) -> str:
    parts = (
        _element("title", item.title),
        _element("link", outlet.address(item)),
        _rss_guid(outlet, item),
        _element("pubDate", _rfc822(outlet, item.published(now))),
        _element("dc:creator", item.author),
        _element("source", item.source.title, url=item.source.url) if item.source else "",
        _markup("description", _fragment(item), cdata=outlet.cdata),
        _markup("content:encoded", item.content, cdata=outlet.cdata),
    )
    return f"<item>\n{''.join(parts)}</item>\n"


def _rss_guid(outlet: Outlet, item: Item) -> str:
    match outlet.guid:
        case Guid.ID:
            return _element("guid", _tag(outlet, item), isPermaLink="false")
        case Guid.LINK:
            return _element("guid", outlet.address(item))
        case Guid.NONE:
            return ""


def _tag(outlet: Outlet, item: Item) -> str:
    """Make a tag URI (RFC 4151)."""
    return f"tag:{urlsplit(outlet.site).hostname},2024:{item.id}"


def _rdf(outlet: Outlet, state: int, now: datetime) -> str:
    shown = outlet.shown(state)
    links = "".join(f"<rdf:li{_attributes({'rdf:resource': outlet.address(item)})}/>" for item in shown)
    head = (
        f"<channel{_attributes({'rdf:about': outlet.site + '/'})}>\n",
        _element("title", outlet.title),
        _element("link", outlet.site + "/"),
        _element("description", outlet.description),
        _element("dc:language", outlet.language),
        f"<items><rdf:Seq>{links}</rdf:Seq></items>\n</channel>\n",
    )
    return _declared(outlet, (_RDF, *head, *(_rdf_item(outlet, item, now) for item in shown), "</rdf:RDF>\n"))


def _rdf_item(outlet: Outlet, item: Item, now: datetime) -> str:
    parts = (
        _element("title", item.title),
        _element("link", outlet.address(item)),
        _element("dc:date", _iso(outlet, item.published(now))),
        _element("dc:creator", item.author),
        _markup("description", _fragment(item), cdata=outlet.cdata),
        _markup("content:encoded", item.content, cdata=outlet.cdata),
    )
    return f"<item{_attributes({'rdf:about': outlet.address(item)})}>\n{''.join(parts)}</item>\n"


def _atom(outlet: Outlet, state: int, now: datetime) -> str:
    head = (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{escape(outlet.language)}">\n',
        _element("id", outlet.site + "/"),
        _element("title", outlet.title),
        _element("subtitle", outlet.description),
        f"<link{_attributes({'rel': 'alternate', 'href': outlet.site + '/'})}/>\n",
        _element("updated", _iso(outlet, outlet.modified(state, now))),
        f"<author>{_element('name', outlet.title)}</author>\n",
    )
    entries = (_atom_entry(outlet, item, now) for item in outlet.shown(state))
    return _declared(outlet, (*head, *entries, "</feed>\n"))


def _atom_entry(outlet: Outlet, item: Item, now: datetime) -> str:
    parts = (
        _element("id", _tag(outlet, item)),
        _element("title", item.title),
        f"<link{_attributes({'rel': 'alternate', 'type': 'text/html', 'href': outlet.address(item)})}/>\n",
        _element("published", _iso(outlet, item.published(now))),
        _element("updated", _iso(outlet, item.updated(now))),
        f"<author>{_element('name', item.author)}</author>\n" if item.author else "",
        _element("summary", _fragment(item), type="html"),
        _element("content", item.content, type="html"),
    )
    return f"<entry>\n{''.join(parts)}</entry>\n"


def _json(outlet: Outlet, state: int, now: datetime) -> str:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.title,
        "home_page_url": outlet.site + "/",
        "description": outlet.description,
        "language": outlet.language,
        "items": [_json_item(outlet, item, now) for item in outlet.shown(state)],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _json_item(outlet: Outlet, item: Item, now: datetime) -> dict[str, object]:
    fields: dict[str, object] = {
        "id": _tag(outlet, item),
        "url": outlet.address(item),
        "title": item.title,
        "summary": None if item.markup else item.summary,
        "content_html": item.content or f"<p>{_fragment(item)}</p>",
        "date_published": _iso(outlet, item.published(now)),
        "date_modified": _iso(outlet, item.updated(now)) if item.touched is not None else None,
        "authors": [{"name": item.author}] if item.author else None,
    }
    return {name: value for name, value in fields.items() if value is not None}
