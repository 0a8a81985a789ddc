"""Ids that are proposed for feeds, from titles in any letters."""

import pytest

from monitor.core.feed_ids import proposed_id


@pytest.mark.parametrize(
    ("title", "url", "language", "name"),
    [
        ("Example Agency", "https://agency.example/rss", "en", "example-agency-en"),
        ("Süddeutsche Zeitung: Politik", "https://sz.example/rss", "de", "sueddeutsche-zeitung-politik-de"),
        ("Українська правда", "https://www.pravda.com.ua/rss/", "uk", "ukrainska-pravda-uk"),
        (None, "https://news.bbc.co.uk/rss", None, "bbc"),
        ("Новини Києва", "https://xn--b1amarcd.example/", None, "novyny-kyieva"),
        ("Новости Москвы", "https://news.example/", "ru", "novosti-moskvy-ru"),
        ("Вечерние вести", "https://news.example/", "ru", "vechernie-vesti-ru"),
        ("Об'єктив: Газета №1", "https://news.example/", "uk", "obiektyv-hazeta-no1-uk"),
        ("Gazeta Łódzka à la une", "https://news.example/", "pl", "gazeta-lodzka-a-la-une-pl"),
        ("Ђурђевдан", "https://xn--80adxhks.example/", None, "moskva"),
        ("日本", "https://xn--zzzzzz.example/", None, "xn-zzzzzz"),
        (None, "https://xn--80adxhks.example/", None, "moskva"),
        ("24", "https://127.0.0.1/rss", None, "127"),
        ("x" * 90, "https://x.example/", "fr", f"{'x' * 40}-fr"),
        ("Taken", "https://x.example/", None, "taken-3"),
    ],
)
def test_ids_are_made_of_titles_or_sites(title: str | None, url: str, language: str | None, name: str) -> None:
    assert proposed_id(title, url, language, {"taken", "taken-2"}) == name
