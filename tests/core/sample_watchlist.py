"""A small watchlist with one of each kind of rule, and short ways to ask it."""

from datetime import UTC, date, datetime

from monitor.core.matching import match_entry
from monitor.core.model import (
    ActorSpec,
    Entry,
    RuleKind,
    ScopeSpec,
    ScopeWeight,
    Title,
    TopicSpec,
    Verdict,
    WatchSpec,
)
from monitor.core.watchlist import compile_watchlist

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
INAUGURATION = date(2025, 1, 20)


def person(name: str, *first: str, last: str, **more: object) -> ActorSpec:
    return ActorSpec(id=name, label={}, first={"en": first}, last={"en": (last,)}, **more)  # type: ignore[arg-type] # whichever fields


def body(name: str, *names: str, scope: ScopeWeight = ScopeWeight.NONE) -> ActorSpec:
    return ActorSpec(id=name, label={}, person=False, last={"en": names}, scope=scope)


def title(text: str, since: date | None, until: date | None) -> Title:
    return Title(terms={"en": (text,)}, since=since, until=until)


ACTORS = (
    person(
        "trump", "Donald", last="Trump", titles=(title("US president", INAUGURATION, None),), scope=ScopeWeight.WEAK
    ),
    person("biden", "Joe", last="Biden", titles=(title("US president", date(2021, 1, 20), INAUGURATION),)),
    person("putin", "Vladimir", last="Putin", aliases={"ru": ("Путин",), "fr": ("Poutine",)}, scope=ScopeWeight.WEAK),
    person("johnson", "Boris", last="Johnson", alone=False, context={"en": ("Downing Street",)}),
    person("zelensky", "Volodymyr", last="Zelensky", aliases={"uk": ("Зеленський",)}),
    body("nato", "NATO", "НАТО", scope=ScopeWeight.WEAK),
    body("white-house", "White House", "Trump administration"),
    body("ukraine-government", "Kyiv", "Київ", "ukrainische Regierung", scope=ScopeWeight.STRONG),
    body("un", "U.N.", "ООН"),
)
TOPICS = (
    TopicSpec(id="peace-talks", label={}, terms={"en": ("peace talks", "talks", "ceasefire"), "de": ("Großmächte",)}),
    TopicSpec(
        id="prisoners",
        label={},
        terms={"en": ("exchange … prisoners", "=POW"), "de": ("Gefangenen*",)},
        hints={"en": ("captivity", "jail")},
    ),
    TopicSpec(id="nuclear-weapons", label={}, terms={"en": ("nuclear weapons", "talks")}, scoped=False),
)
SCOPE = ScopeSpec(
    strong={"en": ("Ukraine", "Ukraine war"), "uk": ("Україна", "війна")},
    weak={
        "war": {"en": ("front", "front line"), "ru": ("фронт",)},
        "weapons": {"en": ("drone", "missile")},
        "nato": {"ru": ("НАТО",)},
    },
    elsewhere={"en": ("Gaza", "Hamas")},
    leisure={"en": ("Eurovision", "tennis")},
    first_names={"en": ("Oleksiy", "Melania")},
    never={"en": ("Chicken Kyiv", "home front", "Putin Peak talks")},
)
SPEC = WatchSpec(actors=ACTORS, topics=TOPICS, scope=SCOPE)
WATCHLIST = compile_watchlist(SPEC)


def entry(text: str, *, summary: str = "", content: str = "", **more: object) -> Entry:
    return Entry(keys=("k",), key_version=1, title=text, summary=summary, content=content, fingerprint="f", **more)  # type: ignore[arg-type] # whichever fields


def judge(text: str, **more: object) -> Verdict:
    return match_entry(WATCHLIST, entry(text, **more), now=NOW)  # type: ignore[arg-type] # whichever fields


def ids(verdict: Verdict, kind: RuleKind) -> set[str]:
    return {match.rule for match in verdict.matches if match.kind is kind}


def actors(text: str, **more: object) -> set[str]:
    """The actors of a text made relevant by a word that names none of them."""
    return ids(judge(f"Ukraine: {text}", **more), RuleKind.ACTOR)


def shown(verdict: Verdict, rule: str) -> list[tuple[str, str]]:
    return [(e.field, e.text) for match in verdict.matches if match.rule == rule for e in match.evidence]
