"""Feed documents of invented news in six languages; the same number and edition give the same bytes."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from typing import NamedTuple

ENTRY_BYTES = 1_860
"""About what an entry weighs in its document: 50 of them make the 93 KB of a usual news feed."""

NEW_AN_EDITION = 2
"""How many entries each further edition has on top; as many have gone at its end."""

WAR_SHARE = 1 / 4
"""So many entries are about the war, by words that the watchlist holds."""

NEWEST = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

WORDS = {
    "en": "the council will open a new bridge this spring after years of work as residents ask about noise and cost "
    "market prices rose again for bread milk coffee and heating the museum shows paintings from its cellar to visitors",
    "uk": "міська рада навесні відкриє новий міст після кількох років роботи і люди питають про шум і вартість ціни "
    "на ринку знову зросли на хліб молоко каву та опалення музей показує відвідувачам картини зі свого підвалу",
    "ru": "городской совет весной откроет новый мост после нескольких лет работы и жители говорят о шуме и стоимости "
    "цены на рынке снова выросли на хлеб молоко кофе и отопление музей показывает посетителям картины из подвала",
    "de": "der Stadtrat eröffnet im Frühling nach Jahren der Arbeit eine neue Brücke und die Anwohner fragen nach Lärm "
    "Kosten Preise für Brot Milch Kaffee und Heizung steigen wieder das Museum zeigt Gästen Bilder aus seinem Keller",
    "fr": "le conseil municipal ouvre au printemps un nouveau pont après des années de travaux et les habitants disent "
    "du bruit les prix du pain du lait du café et du chauffage montent encore le musée montre ses tableaux oubliés",
    "pl": "rada miasta wiosną otworzy nowy most po latach pracy a mieszkańcy pytają o hałas i koszty ceny chleba mleka "
    "kawy i ogrzewania znowu rosną muzeum pokazuje gościom obrazy ze swojej piwnicy przez całe długie lato",
}
WAR = {
    "en": ("Ukraine shot down forty drones over Kyiv at night", "Putin and Trump spoke of a ceasefire in Ukraine"),
    "uk": ("Україна збила вночі сорок дронів над Києвом", "Путін і Трамп говорили про перемир'я в Україні"),
    "ru": ("Украина сбила ночью сорок дронов над Киевом", "Путин и Трамп говорили о перемирии на Украине"),
    "de": ("Die Ukraine schoss nachts vierzig Drohnen über Kyjiw ab", "Putin und Trump sprachen über eine Waffenruhe"),
    "fr": ("L'Ukraine abat la nuit quarante drones au-dessus de Kiev", "Poutine et Trump parlent d'un cessez-le-feu"),
    "pl": ("Ukraina zestrzeliła nocą czterdzieści dronów nad Kijowem", "Putin i Trump mówili o zawieszeniu broni"),
}
LANGUAGES = tuple(WORDS)


class Item(NamedTuple):
    """One invented article. `summary` and `content` are HTML."""

    url: str
    title: str
    summary: str
    content: str
    date: datetime


def document(feed: int, edition: int, entries: int) -> bytes:
    """Write a feed: RSS 2.0, and Atom for every fourth. A later edition has two new entries for two old ones."""
    first = NEW_AN_EDITION * edition
    items = [_item(feed, number) for number in reversed(range(first, first + entries))]
    write = _atom if feed % 4 == 3 else _rss
    return write(feed, items).encode()


def language(feed: int) -> str:
    """Return the language that a feed is in."""
    return LANGUAGES[feed % len(LANGUAGES)]


@cache
def _sentences(lang: str) -> tuple[str, ...]:
    rng, words = random.Random(lang), WORDS[lang].split()
    return tuple(" ".join(rng.sample(words, rng.randint(8, 16))).capitalize() + "." for _ in range(400))


def _item(feed: int, number: int) -> Item:
    rng, lang = random.Random(f"{feed}/{number}"), language(feed)
    war = rng.random() < WAR_SHARE
    sentences = _text(rng, lang, ENTRY_BYTES - 520)
    if war:
        sentences.insert(rng.randrange(3), rng.choice(WAR[lang]) + ".")
    lead = sentences[0] if war else rng.choice(_sentences(lang))
    return Item(
        url=f"https://outlet-{feed}.example/news/{rng.randrange(10**6):06}-{number}",
        title=f"{lead.removesuffix('.')} ({number})",
        summary=f"<p>{' '.join(sentences[:2])}</p>",
        content="".join(f'<p>{sentence} <a href="/tag/{len(sentence)}">…</a></p>' for sentence in sentences[2:]),
        date=NEWEST + timedelta(minutes=7 * number, seconds=feed % 60),
    )


def _text(rng: random.Random, lang: str, size: int) -> list[str]:
    """Draw sentences until they weigh `size` bytes with the markup round each."""
    drawn: list[str] = []
    while size > 0:
        drawn.append(rng.choice(_sentences(lang)))
        size -= len(drawn[-1].encode()) + 34
    return drawn


def _rss(feed: int, items: list[Item]) -> str:
    parts = "".join(
        f"<item><title>{escape(item.title)}</title><link>{item.url}</link>"
        f'<guid isPermaLink="false">{item.url.rpartition("/")[2]}</guid>'
        f"<pubDate>{format_datetime(item.date)}</pubDate><dc:creator>Desk {feed}</dc:creator>"
        f"<category>News</category><description><![CDATA[{item.summary}]]></description>"
        f"<content:encoded><![CDATA[{item.content}]]></content:encoded></item>\n"
        for item in items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Outlet {feed}</title>'
        f"<link>https://outlet-{feed}.example/</link><description>Invented news</description>"
        f"<language>{language(feed)}</language>{parts}</channel></rss>"
    )


def _atom(feed: int, items: list[Item]) -> str:
    parts = "".join(
        f"<entry><title>{escape(item.title)}</title><link rel='alternate' href='{item.url}'/>"
        f"<id>tag:outlet-{feed}.example,2026:{item.url.rpartition('/')[2]}</id>"
        f"<published>{item.date.isoformat()}</published><updated>{item.date.isoformat()}</updated>"
        f"<summary type='html'>{escape(item.summary)}</summary>"
        f"<content type='html'>{escape(item.content)}</content></entry>\n"
        for item in items
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f"xml:lang='{language(feed)}'><title>Outlet {feed}</title><id>tag:outlet-{feed}.example,2026:feed</id>"
        f"<link href='https://outlet-{feed}.example/'/><updated>{items[0].date.isoformat()}</updated>"
        f"<author><name>Desk {feed}</name></author>{parts}</feed>"
    )
