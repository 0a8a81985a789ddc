"""The built-in pack `ukraine`: it holds the whole watchlist in six languages and does not contradict itself."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations, product
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from ruamel.yaml import YAML

from monitor.config import load_pack
from monitor.core.forms import GAP

PACK_FILE = Path(__file__).parents[2] / "monitor" / "packs" / "ukraine.yaml"
LANGUAGES = ("en", "uk", "ru", "de", "fr", "pl")
FEWEST_TERMS = 8

PEOPLE = """
    trump biden vance rubio hegseth witkoff kellogg kushner blinken austin sullivan cheung harris
    putin peskov lavrov zakharova medvedev shoigu belousov gerasimov ushakov dmitriev prigozhin kadyrov navalny
    zelensky yermak kuleba sybiha umerov reznikov shmyhal svyrydenko syrskyi zaluzhnyi budanov podolyak klitschko
    starmer sunak johnson healey macron scholz merz baerbock pistorius tusk duda nawrocki sikorski meloni orban fico
    erdogan xi modi kim lukashenko von-der-leyen michel costa borrell kallas stoltenberg rutte guterres grossi pope
"""

BODIES = """
    kremlin russian-mod russian-mfa duma fsb wagner russian-army ukraine-government ukrainian-army sbu hur rada
    white-house pentagon state-department us-congress nato eu un iaea icc osce g7 g20 imf red-cross
    german-government uk-government french-government polish-government hungarian-government chinese-government
    belarus-government bundestag uk-mod gazprom rosatom azov
"""

TOPICS = """
    peace-talks territory us-policy military-aid financial-aid sanctions air-strikes drones frontline casualties
    mobilisation foreign-fighters nuclear-weapons nuclear-plants energy prisoners war-crimes humanitarian black-sea
    nato-posture eu-accession hybrid escalation russian-domestic ukrainian-domestic diplomacy
"""

Node: TypeAlias = dict[str, Any]
Tenure: TypeAlias = tuple[str, date, date]
"""Who held an office, from when (inclusive) until when (exclusive)."""


def read_pack() -> Node:
    """Read the file as YAML alone reads it; a key that stands twice is an error."""
    pack: Node = YAML(typ="safe", pure=True).load(PACK_FILE.read_text(encoding="utf-8"))
    return pack


PACK = read_pack()
ACTORS: dict[str, Node] = PACK["actors"]
PERSONS = {name: actor for name, actor in ACTORS.items() if actor["kind"] == "person"}
ORGANISATIONS = {name: actor for name, actor in ACTORS.items() if actor["kind"] == "body"}


def spoken(terms: Node) -> set[str]:
    """List the languages that have something to say."""
    return {lang for lang, words in terms.items() if words}


def word_lists(node: object, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Walk to every list of words, with its path."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from word_lists(value, f"{path}/{key}")
    elif isinstance(node, list) and node and isinstance(node[0], dict):
        for i, item in enumerate(node):
            yield from word_lists(item, f"{path}/{i}")
    elif isinstance(node, list):
        yield path, node


def full_names(actor: Node, language: str) -> list[str]:
    return [f"{first} {last}" for first, last in product(actor["first"][language], actor["last"][language])]


def names_of(actor: Node) -> set[str]:
    """Collect what names an actor at any time, casefolded."""
    found = {word for words in actor.get("aliases", {}).values() for word in words}
    found |= {word for words in actor.get("names", {}).values() for word in words}
    for lang, last_names in actor.get("last", {}).items():
        found |= set(full_names(actor, lang))
        if actor.get("alone", True):
            found |= set(last_names)
    return {name.casefold() for name in found}


def tenures() -> Iterator[tuple[str, Tenure]]:
    """Pair every title, casefolded, with who held it and when."""
    for name, actor in ACTORS.items():
        for title in actor.get("titles", ()):
            held = (name, title.get("since", date.min), title.get("until", date.max))
            terms = {term.casefold() for lang in LANGUAGES for term in title.get(lang, ())}
            for term in terms:
                yield term, held


def overlaps(one: Tenure, other: Tenure) -> bool:
    return one[1] < other[2] and other[1] < one[2]


def test_the_configuration_reads_it() -> None:
    layer = load_pack("ukraine")
    assert layer is not None


def test_every_id_of_the_watchlist_is_there() -> None:
    assert set(PEOPLE.split()) <= set(PERSONS)
    assert set(BODIES.split()) <= set(ORGANISATIONS)
    assert set(TOPICS.split()) == set(PACK["topics"])


@pytest.mark.parametrize("name", PERSONS)
def test_a_person_has_gender_and_names_in_every_language(name: str) -> None:
    person = PERSONS[name]
    assert person["gender"] in {"m", "f"}
    assert spoken(person["first"]) == set(LANGUAGES)
    assert spoken(person["last"]) == set(LANGUAGES)


@pytest.mark.parametrize("name", ORGANISATIONS)
def test_a_body_has_label_and_names_in_every_language(name: str) -> None:
    body = ORGANISATIONS[name]
    assert spoken(body["label"]) == set(LANGUAGES)
    assert spoken(body["names"]) == set(LANGUAGES)


@pytest.mark.parametrize("name", TOPICS.split())
def test_a_topic_has_label_and_terms_in_every_language(name: str) -> None:
    topic = PACK["topics"][name]
    assert spoken(topic["label"]) == set(LANGUAGES)
    assert {lang: len(topic["terms"][lang]) >= FEWEST_TERMS for lang in LANGUAGES} == dict.fromkeys(LANGUAGES, True)


def test_the_scope_speaks_every_language() -> None:
    scope = PACK["scope"]
    signs = {sign: scope[sign] for sign in ("strong", "elsewhere", "leisure", "never")} | scope["weak"]
    unsaid = {(sign, language) for sign, terms in signs.items() for language in set(LANGUAGES) - spoken(terms)}
    assert unsaid == set()
    assert len(scope["weak"]) > 1


def test_first_names_are_listed_in_every_language_or_in_none() -> None:
    assert spoken(PACK["scope"].get("first_names", {})) in (set(), set(LANGUAGES))


def test_no_two_actors_hold_a_title_at_once() -> None:
    held: dict[str, list[Tenure]] = {}
    for term, tenure in tenures():
        held.setdefault(term, []).append(tenure)
    clashes = [
        (term, one[0], other[0])
        for term, holders in held.items()
        for one, other in combinations(holders, 2)
        if one[0] != other[0] and overlaps(one, other)
    ]
    assert clashes == []


def test_a_tenure_ends_after_it_begins() -> None:
    assert [term for term, (_, since, until) in tenures() if since >= until] == []


def test_no_two_actors_share_a_name() -> None:
    owners: dict[str, list[str]] = {}
    for actor, node in ACTORS.items():
        for name in names_of(node):
            owners.setdefault(name, []).append(actor)
    assert {name: actors for name, actors in owners.items() if len(actors) > 1 and not names_both(name, actors)} == {}


def names_both(name: str, actors: Sequence[str]) -> bool:
    """Tell whether it is a phrase of several words that a body lists too: `Trump administration`, `Kyiv and Moscow`."""
    persons = [actor for actor in actors if actor in PERSONS]
    return len(re.findall(r"\w+", name)) > 1 and (len(persons) < 2 or set(persons) == {"putin", "trump"})


def test_no_title_is_another_actors_name() -> None:
    names = {name: actor for actor, node in ACTORS.items() for name in names_of(node)}
    shared = [(term, held[0], names[term]) for term, held in tenures() if names.get(term, held[0]) != held[0]]
    assert [one for one in shared if not names_both(one[0], one[1:])] == []


def test_words_are_words() -> None:
    bad = [(path, word) for path, words in word_lists(PACK) for word in words if not _is_term(word)]
    assert bad == []


def _is_term(word: object) -> bool:
    return isinstance(word, str) and bool(word) and word == " ".join(word.split())


def test_notation_stands_where_it_means_something() -> None:
    bad = [(path, word) for path, words in word_lists(PACK) for word in words if not _is_well_noted(word)]
    assert bad == []


def _is_well_noted(term: str) -> bool:
    """Tell whether every part of the term has a word, `=` only before it, `*` only after it, and one gap at most."""
    parts = [part.strip().removeprefix("=").removesuffix("*") for part in term.split(GAP)]
    return len(parts) <= 2 and all(part == part.strip() and part and not set("=*") & set(part) for part in parts)


def test_no_list_holds_a_word_twice() -> None:
    lists = {path: [word if word[0] == "=" else word.casefold() for word in words] for path, words in word_lists(PACK)}
    counts = {path: Counter(words) for path, words in lists.items()}
    twice = {path: [word for word, count in found.items() if count > 1] for path, found in counts.items()}
    assert {path: words for path, words in twice.items() if words} == {}
