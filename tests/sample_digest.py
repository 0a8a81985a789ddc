"""A fictional edition in several languages: every headline, summary, publisher and address in it is invented."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from monitor.core.digest import build_digest
from monitor.core.model import (
    Candidate,
    Coverage,
    Digest,
    Evidence,
    Match,
    Press,
    Publisher,
    RuleKind,
    Schedule,
    Subscriber,
    Subscription,
    Window,
)

END = datetime(2025, 11, 24, 5, 0, tzinfo=UTC)
WINDOW = Window(start=END - timedelta(days=1), end=END, seq_from=100, seq_to=900)
SUBSCRIPTION = Subscription(
    pk=1,
    subscriber=Subscriber(pk=1, email="desk@example.org", zone="Europe/Kyiv"),
    schedule=Schedule(times=(time(7), time(19))),
    cap=9,
)
COVERAGE = Coverage(
    watched=212,
    silent=("Steppe Courier",),
    failing=("Radio Vistula", "Le Phare", "Ostsee-Blatt", "Вечірній Дзвін", "Голос Порта", "North Quay", "Riverside"),
)
LABELS: Mapping[tuple[RuleKind, str], Mapping[str, str]] = {
    (RuleKind.TOPIC, "peace-talks"): {"en": "Peace talks", "uk": "Мирні переговори", "de": "Friedensgespräche"},
    (RuleKind.TOPIC, "drones"): {"en": "Drones", "uk": "Дрони", "de": "Drohnen"},
    (RuleKind.TOPIC, "energy"): {"en": "Energy", "uk": "Енергетика", "de": "Energie"},
    (RuleKind.TOPIC, "sanctions"): {"en": "Sanctions", "uk": "Санкції", "de": "Sanktionen"},
    (RuleKind.TOPIC, "military-aid"): {"en": "Military aid", "uk": "Військова допомога", "de": "Militärhilfe"},
    (RuleKind.ACTOR, "kremlin"): {"en": "Kremlin", "uk": "Кремль", "de": "Kreml"},
    (RuleKind.ACTOR, "eu"): {"en": "European Union", "uk": "Європейський Союз", "de": "Europäische Union"},
    (RuleKind.ACTOR, "ukraine-government"): {"en": "Ukraine’s government", "uk": "Уряд України"},
}

Found = tuple[RuleKind, str, str]
"""Kind and id of a rule, and the words of the title or summary that made it match."""


def topic(rule: str, words: str) -> Found:
    return RuleKind.TOPIC, rule, words


def actor(rule: str, words: str) -> Found:
    return RuleKind.ACTOR, rule, words


def _matches(title: str, summary: str, found: Iterable[Found]) -> tuple[Match, ...]:
    def evidence(words: str) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(field=name, start=hit.start(), end=hit.end(), text=hit.group())
            for name, text in (("title", title), ("summary", summary))
            for hit in re.finditer(rf"\b{re.escape(words)}\b", text)
        )

    return tuple(Match(kind=kind, rule=rule, evidence=evidence(words)) for kind, rule, words in found)


def report(
    number: int,
    lang: str,
    publisher: Publisher,
    title: str,
    summary: str,
    *found: Found,
    hours: float = 3,
    **other: object,
) -> Candidate:
    """Make a candidate that was published some hours before the window's end."""
    candidate = Candidate(
        group=number,
        revision=number,
        entry=number,
        title=title,
        summary=summary,
        url=f"https://news.example/{lang}/{number}",
        lang=lang,
        publisher=publisher,
        published=END - timedelta(hours=hours),
        date_flags=frozenset(),
        seen=END - timedelta(hours=min(hours, 2)),
        history=False,
        matches=_matches(title, summary, found),
    )
    return replace(candidate, **other)  # type: ignore[arg-type]  # names and values are the caller's


WIRE = Publisher(name="Harbour Wire", country="GB", press=Press.AGENCY)
STATE = Publisher(name="Вести Заречья", country="RU", press=Press.STATE)
KYIV = Publisher(name="Дніпровський Вісник", country="UA", press=Press.PRIVATE)
BOTE = Publisher(name="Elbe-Bote", country="DE", press=Press.PUBLIC)
PHARE = Publisher(name="Le Phare du Nord", country="FR", press=Press.PRIVATE)
VISTULA = Publisher(name="Kurier Nadwiślański", country="PL", press=Press.PRIVATE)
OFFICE = Publisher(name="Прес-служба уряду", country="UA", press=Press.OFFICIAL)
MANY = tuple(f"Outlet {n}" for n in range(18))


def _first() -> list[Candidate]:
    """Give the loudest reports."""
    return [
        report(
            1,
            "en",
            WIRE,
            "Kremlin calls report of a secret ceasefire call “pure fiction”",
            "The spokesman said that no such call took place. The newspaper stands by its report and names three "
            "officials who heard of the call the same evening; two of them say that a second one was planned for the "
            "following week, on neutral ground.",
            actor("kremlin", "Kremlin"),
            topic("peace-talks", "ceasefire"),
            topic("peace-talks", "call"),
            hours=1.2,
            sources=MANY,
        ),
        report(
            2,
            "uk",
            KYIV,
            "Уряд готовий до нової зустрічі, але не до поступок щодо перемир’я",
            "Делегація вирушить наступного тижня; порядок денний ще узгоджують.",
            actor("ukraine-government", "Уряд"),
            topic("peace-talks", "перемир’я"),
            hours=4,
            sources=MANY[:6],
        ),
        report(
            3,
            "de",
            BOTE,
            "Sieben Hauptstädte werben gemeinsam für Waffenruhe und neue Gespräche",
            "In der Erklärung heißt es, man werde keine Vereinbarung über die Köpfe der Betroffenen hinweg hinnehmen.",
            topic("peace-talks", "Waffenruhe"),
            actor("eu", "Hauptstädte"),
            hours=9,
            sources=MANY[:3],
            seen=END - timedelta(hours=1),
        ),
    ]


def _second() -> list[Candidate]:
    """Give what else moved."""
    return [
        report(
            4,
            "uk",
            OFFICE,
            "За ніч збито 80 дронів із 96, уламки впали у двох районах",
            "Постраждалих немає, пошкоджено дах школи та лінію електропередачі.",
            topic("drones", "дронів"),
            topic("energy", "лінію електропередачі"),
            hours=2.5,
            sources=MANY[:9],
        ),
        report(
            5,
            "pl",
            VISTULA,
            "Szczątki drona znaleziono na polu pod lasem, wojsko bada teren",
            "Rolnik zauważył wrak o świcie. Prokuratura wszczęła śledztwo.",
            topic("drones", "drona"),
            hours=6,
            sources=MANY[:2],
        ),
        report(
            6,
            "fr",
            PHARE,
            "Pétroliers fantômes : l’Union prépare un nouveau train de sanctions",
            "Une quarantaine de navires seraient visés, ainsi que trois ports et deux assureurs.",
            actor("eu", "l’Union"),
            topic("sanctions", "sanctions"),
            hours=14,
            sources=MANY[:4],
            seen=END - timedelta(hours=13),
        ),
        report(
            7,
            "ru",
            STATE,
            "В порту сообщили об ограничениях из-за новых санкций",
            "Погрузка отложена до особого распоряжения.",
            topic("sanctions", "санкций"),
            published=None,
            date_flags=frozenset(),
        ),
    ]


def _third() -> list[Candidate]:
    """Give the quiet ones."""
    return [
        report(
            8,
            "de",
            BOTE,
            "Werk liefert erste Flugabwehr früher als geplant",
            "Die Ausbildung der Mannschaften läuft bereits seit dem Sommer.",
            topic("military-aid", "Flugabwehr"),
            hours=5,
        ),
        report(
            9,
            "en",
            WIRE,
            "Grid operator warns of rolling cuts after frost sets in",
            "",
            topic("energy", "Grid"),
            hours=20,
            seen=END - timedelta(hours=19),
            url=None,
        ),
        report(
            10,
            "en",
            WIRE,
            "Volunteers repair a village bridge before winter",
            "",
            hours=21,
            seen=END - timedelta(hours=20),
        ),
        report(11, "en", WIRE, "Library reopens in a cellar", "", hours=22, seen=END - timedelta(hours=21)),
    ]


def reports() -> list[Candidate]:
    """Give eleven reports, each a story of its own."""
    return [*_first(), *_second(), *_third()]


def sample(**changes: object) -> Digest:
    """Build the edition; `changes` replace fields of its window."""
    window = replace(WINDOW, **changes)  # type: ignore[arg-type]  # names and values are the caller's
    return build_digest(reports(), SUBSCRIPTION, window, COVERAGE)
