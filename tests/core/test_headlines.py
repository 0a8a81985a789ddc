"""Near-identical headlines: all of these are invented."""

import time
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.digest.headlines import near, near_pairs, read_headline


def is_near(one: str, other: str, lang: str | None = "en", publisher: str = "") -> bool:
    first, second = read_headline(one, publisher, lang), read_headline(other, publisher, lang)
    assert near(first, second) == near(second, first)
    pairs = near_pairs({1: [first], 2: [second]})
    assert (pairs == {(1, 2)}) == near(first, second), "the index must find what the comparison finds"
    return near(first, second)


@pytest.mark.parametrize(
    ("lang", "one", "other"),
    [
        ("en", "Grid operator warns of rolling cuts in Kyiv", "Grid operator warns of rolling cuts in Kyiv"),
        ("en", "Kremlin calls report “pure fiction”", "Kremlin calls report 'pure fiction'!"),
        ("en", "Three killed in drone attack on Kharkiv", "3 killed in drone attack on Kharkiv"),
        ("en", "Drones hit the port of Izmail, officials say", "Officials say drones hit port of Izmail"),
        ("en", "UPDATE 2-Drones hit port of Izmail overnight", "Drones hit port of Izmail overnight"),
        ("en", "BREAKING: Drones hit port of Izmail", "Drones hit port of Izmail"),
        ("en", "Talks on Kharkiv's water supply resume in Geneva", "Talks on Kharkiv water supply resume in Geneva"),
        ("en", "Drones attack grid in Odesa region again", "Drones attacked grid in Odessa region again"),
        ("en", "Seven capitals urge ceasefire and new talks", "Seven capitals together urge ceasefire and new talks"),
        ("en", "Fire at refinery burns 1,200 tonnes of fuel", "Fire at refinery burns 1200 tonnes of fuel"),
        ("uk", "У Харкові внаслідок удару загинули троє людей", "У Харкові внаслідок удару загинули 3 людей"),
        ("uk", "Росія вдарила по енергетиці Одеської області", "Росія вдарила по енергетиці Одеської області (ФОТО)"),
        ("uk", "Уряд п’ятьох країн готує заяву щодо перемир’я", "Уряд п'ятьох країн готує заяву щодо перемир'я"),
        ("ru", "Ещё трое раненых после удара по порту", "Еще трое раненых после удара по порту"),
        ("de", "Werk liefert Flugabwehr früher als geplant", "Das Werk liefert Flugabwehr früher als geplant"),
        ("fr", "L’Union prépare un nouveau train de sanctions", "Union prépare nouveau train de sanctions"),
        ("pl", "Szczątki drona znaleziono na polu pod lasem", "PILNE: Szczątki drona znaleziono na polu pod lasem"),
        (None, "Grid operator warns of rolling cuts", "Grid operator warns of rolling cuts"),
    ],
)  # fmt: skip
def test_the_same_said_again(lang: str | None, one: str, other: str) -> None:
    assert is_near(one, other, lang)


@pytest.mark.parametrize(
    ("lang", "one", "other"),
    [
        ("en", "12 killed in Kharkiv", "3 killed in Kharkiv"),
        ("en", "3 killed in Kharkiv", "3 killed in Kherson"),
        ("en", "Three killed in drone attack on flats in Kharkiv overnight, says the governor of the region",
         "Twelve killed in drone attack on flats in Kharkiv overnight, says the governor of the region"),
        ("en", "Seventeen ships wait at the port of Izmail", "Seventy ships wait at the port of Izmail"),
        ("en", "3 killed and 12 hurt in strike on Sumy market", "12 killed and 3 hurt in strike on Sumy market"),
        ("en", "Alert in Chernihiv region lasts all night", "Alert in Chernivtsi region lasts all night"),
        ("en", "Minister: ceasefire will hold this winter", "Minister: ceasefire will not hold this winter"),
        ("en", "Minister denies talks on the grain corridor", "Minister confirms talks on the grain corridor"),
        ("en", "Putin calls Trump after summit", "Trump calls Putin after summit"),
        ("en", "Zelensky arrives in Berlin for talks", "Zelensky arrives in Paris for talks"),
        ("en", "Drones hit port of Izmail", "Drones hit port of Izmail again"),
        ("en", "Drones hit port of Izmail, fire put out", "Drones hit port of Izmail"),
        ("en", "War in Ukraine: day 1,371", "War in Ukraine: day 1,372"),
        ("en", "Fuel price up 1.5 percent after strike on depot", "Fuel price up 15 percent after strike on depot"),
        ("uk", "У Харкові загинули троє людей", "У Харкові загинули дванадцятеро людей"),
        ("uk", "Вибухи у Сумах: працює протиповітряна оборона", "Вибухи в Одесі: працює протиповітряна оборона"),
        ("uk", "Уряд готовий до нової зустрічі з делегацією", "Уряд не готовий до нової зустрічі з делегацією"),
        ("ru", "В Белгороде отразили атаку беспилотников ночью", "В Курске отразили атаку беспилотников ночью"),
        ("de", "Berlin liefert weitere Panzer an die Ukraine", "Berlin liefert keine weiteren Panzer an die Ukraine"),
        ("en", "", ""),
        ("en", "!!!", "???"),
    ],
)  # fmt: skip
def test_two_events(lang: str, one: str, other: str) -> None:
    assert not is_near(one, other, lang)


def test_languages_are_not_mixed() -> None:
    one, other = (read_headline("Putin Trump Zelensky Merz Macron", "", lang) for lang in ("en", "de"))
    assert not near(one, other)
    assert near(one, read_headline("Putin Trump Zelensky Merz Macron"))


@pytest.mark.parametrize(
    ("title", "publisher", "words"),
    [
        ("Talks resume - Harbour Wire", "Harbour Wire", 2),
        ("Talks resume | harbour wire", "Harbour Wire Service", 2),
        ("Talks resume – Berlin waits", "Harbour Wire", 4),
        ("Talks resume - Harbour Wire", "", 4),
    ],
)
def test_the_publishers_name_is_no_part_of_a_headline(title: str, publisher: str, words: int) -> None:
    assert len(read_headline(title, publisher, "en").words) == words


WORDS = st.sampled_from(
    ["attack", "attacks", "kyiv", "odesa", "three", "3", "not", "drone", "drones", "drony", "the", "of", "over"]
)
HEADLINES = st.lists(WORDS, max_size=9).map(" ".join)


@given(st.lists(HEADLINES, max_size=12))
def test_the_index_finds_every_pair(titles: list[str]) -> None:
    read = [read_headline(title, "", "en") for title in titles]
    expected = {(i, j) for i, one in enumerate(read) for j, other in enumerate(read) if i < j and near(one, other)}
    assert near_pairs({number: [headline] for number, headline in enumerate(read)}) == expected


@given(HEADLINES)
def test_a_headline_is_near_to_itself(title: str) -> None:
    headline = read_headline(title, "", "en")
    assert near(headline, headline) == bool(headline.words)


@pytest.mark.parametrize("number", [500, 5000])
def test_thousands_stay_quick(number: int) -> None:
    """The worst case too: headlines that are made of the same few words. The bound is ten times what was measured."""
    names = ["kyiv", "odesa", "sumy", "kharkiv", "dnipro", "lviv", "port", "grid"]
    orders = [" ".join(order) for order, _ in zip(permutations(names), range(number), strict=False)]
    usual = [
        f"Report {n} of day {n % 97} about {names[n % 8]} and what follows {n * 7919 % 1009}" for n in range(number)
    ]
    for titles in (orders, usual):
        read = {key: [read_headline(title, "", "en")] for key, title in enumerate(titles)}
        began = time.process_time()
        near_pairs(read)
        assert time.process_time() - began < number / 250
