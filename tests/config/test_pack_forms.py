"""The forms of the built-in pack: every term is found where it stands, and no two actors share a form."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from monitor.config import load_config
from monitor.core.forms import GAP, Sign, forms_of_term
from monitor.core.matching import match_entry
from monitor.core.model import ActorSpec, Entry, RuleKind, Verdict, WatchSpec
from monitor.core.sightings import Reading, find_sightings
from monitor.core.uses import Use
from monitor.core.watchlist import Compiled, Watchlist, compile_forms, uses_by_form
from tests.config.test_pack import ACTORS, LANGUAGES, PACK, Node, full_names, names_both, word_lists

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Uses: TypeAlias = Mapping[str, tuple[Use, ...]]


@pytest.fixture(scope="session")
def spec(tmp_path_factory: pytest.TempPathFactory) -> WatchSpec:
    file = tmp_path_factory.mktemp("pack") / "feeds.yaml"
    file.write_text("extends: ukraine\n", "utf-8")
    return load_config(file, environ={}).watch


@pytest.fixture(scope="session")
def compiled(spec: WatchSpec) -> Compiled:
    return compile_forms(spec)


@pytest.fixture(scope="session")
def watchlist(compiled: Compiled) -> Watchlist:
    return compiled.watchlist()


def test_loading_it_reports_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text("extends: ukraine\n", "utf-8")
    assert len(load_config(file, environ={}).watch.actors) == len(ACTORS)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_term_has_forms_and_is_found_where_it_stands(language: str, watchlist: Watchlist) -> None:
    terms = [term for term in texts_of_terms() if term[1] == language]
    assert len(terms) > 1000
    assert [(rule, text) for rule, _, text, day in terms if not is_found(watchlist, rule, text, day, language)] == []


def texts_of_terms() -> Iterator[tuple[str, str, str, date]]:
    """Yield for every term its rule, its language, a text that it must be found in, and a day on which it holds."""
    for path, words in word_lists(PACK):
        section, name, *keys, language = path.split("/")[1:]
        rule = "scope" if section == "scope" else name
        actor = ACTORS[name] if section == "actors" else {}
        by_itself = keys != ["first"] and (keys != ["last"] or actor.get("alone", True) or "context" in actor)
        for word in words if by_itself else full_names(actor, language):
            assert forms_of_term(word, language)
            yield rule, language, as_text(word), day_of(actor, keys)


def as_text(term: str) -> str:
    return " ".join(part.strip().removeprefix("=").removesuffix("*") for part in term.split(GAP))


def day_of(actor: Node, keys: list[str]) -> date:
    title = actor["titles"][int(keys[1])] if keys[:1] == ["titles"] else {}
    return title.get("since") or (title["until"].replace(year=title["until"].year - 1) if title else NOW.date())


def is_found(watchlist: Watchlist, rule: str, text: str, day: date, language: str) -> bool:
    reading = Reading(Entry(keys=("g:x",), key_version=1, title=text, fingerprint="0"))
    whole = (0, reading.bounds[1] - 1)
    found = find_sightings(watchlist, reading, day, language)
    return any(s.span == whole and watchlist.rules[s.use.rule].id == rule for s in found)


def test_no_two_actors_share_a_form(spec: WatchSpec, compiled: Compiled) -> None:
    assert {one for one in clashes(spec.actors, compiled.forms) if not names_both(one[0], one[1:])} == set()


Clash: TypeAlias = tuple[str, str, str]
"""A form, and the two actors (by id, sorted) that a text would both name by it."""


def clashes(actors: Iterable[ActorSpec], uses: Uses) -> set[Clash]:
    """Find what names two actors at once: a form, a word that a `*` reaches, or a term with a gap."""
    ids = ["", *sorted(actor.id for actor in actors)]
    names = {form: [use for use in all_of_it if is_name(use)] for form, all_of_it in uses.items()}
    starts = {form: [use for use in found if use.prefix] for form, found in names.items()}
    found: set[Clash] = set()
    for form, own in names.items():
        reached = [use for end in range(1, len(form)) if form[end:].isalnum() for use in starts.get(form[:end], ())]
        pairs = [pair for pair in combinations([*own, *reached], 2) if not are_told_apart(*pair)]
        found |= {clash(form, ids[one.rule], ids[other.rule]) for one, other in pairs}
    return found | {clash(text, ids[one], ids[other]) for text, one, other in gap_clashes(uses)}


def clash(form: str, one: str, other: str) -> Clash:
    return form, min(one, other), max(one, other)


def is_name(use: Use) -> bool:
    return use.kind is RuleKind.ACTOR and use.sign is not Sign.CONTEXT and not use.gap


def are_told_apart(one: Use, other: Use) -> bool:
    """Tell whether at most one of them holds: the actor is the same, the times or the letters' cases differ, or a
    doubtful form asks for a longer name or a word of its context elsewhere in the text."""
    together = (one.since or date.min) < (other.until or date.max) and (other.since or date.min) < (
        one.until or date.max
    )
    cased_apart = bool(one.cased and other.cased) and one.cased != other.cased
    return one.rule == other.rule or not together or cased_apart or one.needs_context or other.needs_context


def gap_clashes(uses: Uses) -> Iterator[tuple[str, int, int]]:
    """Yield pairs of terms with a gap, of two actors, that share a form of each part."""
    parts: dict[tuple[int, int], tuple[set[str], set[str]]] = {}
    for form, found in uses.items():
        for use in found:
            if use.gap and use.kind is RuleKind.ACTOR and use.sign is not Sign.CONTEXT:
                parts.setdefault((use.rule, use.gap), (set(), set()))[use.sign is Sign.TAIL].add(form)
    for (one, (heads, tails)), (other, (other_heads, other_tails)) in combinations(parts.items(), 2):
        if one[0] != other[0] and heads & other_heads and tails & other_tails:
            yield f"{max(heads & other_heads)} {GAP} {max(tails & other_tails)}", one[0], other[0]


def actor(name: str, *aliases: str, **more: Any) -> ActorSpec:
    return ActorSpec(id=name, label={}, aliases={"en": aliases}, **more)


LONG = actor("a", last={"en": ("Long",)})


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (actor("a", "=Chief"), actor("b", "chief"), {("chief", "a", "b")}),
        (actor("a", "=UN"), actor("b", "=Un"), set()),
        (actor("a", "=UN"), actor("b", "un"), {("un", "a", "b")}),
        (actor("a", "Kreml*"), actor("b", "Kremlchef"), {("kremlchef", "a", "b")}),
        (actor("a", "Kreml*"), actor("b", "Kreml chef"), set()),
        (actor("a", f"head {GAP} agency"), actor("b", f"heads {GAP} =Agency"), {(f"heads {GAP} agency", "a", "b")}),
        (actor("a", f"head {GAP} agency"), actor("b", "head", "bank"), set()),
        (LONG, actor("b", last={"en": ("Long",)}, alone=False, context={"en": ("x",)}), set()),
        (LONG, actor("b", last={"en": ("Long",)}), {("long", "a", "b")}),
    ],
)
def test_clashes_are_seen(one: ActorSpec, other: ActorSpec, shared: set[Clash]) -> None:
    spec = WatchSpec(actors=(one, other))
    found = clashes(spec.actors, uses_by_form(spec))
    assert {one for one in found if "'" not in one[0]} == shared


# ── what must come in, and what must stay out ────────────────────────────────────────────────────────────────────────


def verdict(watchlist: Watchlist, title: str, lang: str, day: datetime | None = None) -> Verdict:
    entry = Entry(keys=("g:x",), key_version=1, title=title, fingerprint="0", lang=lang, published=day)
    return match_entry(watchlist, entry, now=NOW)


@pytest.mark.parametrize(
    "title",
    [
        "Georgia governor signs bill on school funding",
        "Medvedev beats Sinner in Miami tennis final",
        "Daniil Medvedev knocked out of Wimbledon",
        "Four students killed in Moscow, Idaho: trial opens",
        "Orban scores twice as Leipzig win",
        "Trump repeats demand that Denmark sell Greenland",
        "US seizes Russian-flagged tanker off Venezuela",
        "Ukraine qualifies for Eurovision final",
    ],
)
def test_what_only_sounds_like_the_war_stays_out(watchlist: Watchlist, title: str) -> None:
    assert verdict(watchlist, title, "en") == Verdict(relevant=False)


@pytest.mark.parametrize(
    ("title", "lang"),
    [("Масований удар по Харкову: є загиблі", "uk"), ("Бои за Часов Яр", "ru"), ("Chasiv Yar falls", "en")],
)
def test_a_place_of_the_war_comes_in(watchlist: Watchlist, title: str, lang: str) -> None:
    assert verdict(watchlist, title, lang).relevant


@pytest.mark.parametrize(
    ("title", "lang", "year", "expected"),
    [
        ("Russian Foreign Ministry warns over Ukraine", "en", 2025, {"russian-mfa"}),
        ("Speaker Mike Johnson delays Ukraine vote", "en", 2024, set()),
        ("Boris Johnson on Ukraine", "en", 2022, {"johnson"}),
        ("Ukraina: Ołeksij Kułeba o odbudowie", "pl", 2025, set()),
        ("Ukraina: Dmytro Kułeba odchodzi", "pl", 2024, {"kuleba"}),
        ("The Ukrainian president meets allies", "en", 2025, {"zelensky"}),
        ("Глава МИД РФ об Украине", "ru", 2025, {"lavrov"}),
        ("Der Bundeskanzler zur Ukraine", "de", 2025, {"merz"}),
        ("Der Bundeskanzler zur Ukraine", "de", 2023, {"scholz"}),
    ],
)
def test_who_is_named(watchlist: Watchlist, title: str, lang: str, year: int, expected: set[str]) -> None:
    found = verdict(watchlist, title, lang, datetime(year, 6, 1, tzinfo=UTC))
    assert {match.rule for match in found.matches if match.kind is RuleKind.ACTOR} == expected
