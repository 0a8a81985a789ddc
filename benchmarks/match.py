"""How long a verdict on one entry takes, against the matcher's limits and a plain regular expression.

Entries are random words of six languages with watched forms among them (one word in twelve); the forms are names and
phrases made of the same letters. Every row is the median over rounds, in microseconds per entry.
"""

import argparse
import json
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from monitor.core.matching import match_entry
from monitor.core.model import ActorSpec, Entry, ScopeSpec, ScopeWeight, TopicSpec, WatchSpec
from monitor.core.text import fold
from monitor.core.watchlist import Watchlist, compile_watchlist, fold_form

Way: TypeAlias = Callable[[Entry], object]

NOW = datetime(2026, 1, 15, tzinfo=UTC)
REGEX_LIMIT = 1_000
"""Beyond this many forms an alternation takes milliseconds per entry, and the run would measure nothing else."""

ONSETS = {
    "en": "b c ch d f g h j k l m n p qu r s sh st t th tr v w y",
    "uk": "б в г ґ д ж з й к л м н п р с т ст х ц ч ш щ п' в’",
    "ru": "б в г д ж з й к л м н п р с т ст х ц ч ш щ пр вр тр",
    "de": "b d f g h j k l m n p pf r s sch st t v w z sp kr br tr",
    "fr": "b c ch d f g j l m n p qu r s t v pr tr bl cr l' d’ ss gn",
    "pl": "b c cz ć d dz f g h j k l ł m n ń p r rz s sz ś t w z ż",
}
RHYMES = {
    "en": "a e i o u ea ing er on an al ou y ion",
    "uk": "а е и і ї о у ю я ова ий ого ам ть",
    "ru": "а е и о у ы э ю я ова ый ого ам ть",
    "de": "a e i o u ä ö ü en er ung ich au ein",
    "fr": "a e é è i o u eau ion ent oi ou ais é",
    "pl": "a ą e ę i o ó u y owa ego iem ych ość",
}
LANGUAGES = tuple(ONSETS)
WATCHED_SHARE = 1 / 12
CAST = 8
"""One word in so many is a watched form, of so many different ones an entry."""

TYPICAL_LENGTHS = (1, 1, 1, 2, 2, 2, 2, 3, 3, 4)
"""Syllables of a word in running text; names have more, so that chance finds few of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement: a way to match, the entry's length, the number of forms, and microseconds per entry."""

    way: str
    words: int
    forms: int
    micros: float


def word(rng: random.Random, lang: str, syllables: int) -> str:
    """Make up a word; one German word in a hundred has an ß, which folds into two letters."""
    made = "".join(rng.choice(ONSETS[lang].split()) + rng.choice(RHYMES[lang].split()) for _ in range(syllables))
    return made + "ß" if lang == "de" and rng.random() < 1 / 100 else made


def make_form(rng: random.Random, lang: str) -> str:
    """Make up a name or phrase of one to three words."""
    words = rng.choice((1, 2, 2, 3))
    return " ".join(word(rng, lang, rng.randint(2, 4) + (words == 1)).capitalize() for _ in range(words))


def make_forms(rng: random.Random, count: int) -> dict[str, list[str]]:
    """Make `count` distinct forms; language → forms."""
    forms: dict[str, dict[str, str]] = {lang: {} for lang in LANGUAGES}
    for at in range(count):
        found = forms[LANGUAGES[at % len(LANGUAGES)]]
        size = len(found)
        while len(found) == size:
            form = make_form(rng, LANGUAGES[at % len(LANGUAGES)])
            found.setdefault(fold_form(form), form)
    return {lang: list(found.values()) for lang, found in forms.items()}


def make_spec(forms: dict[str, list[str]]) -> WatchSpec:
    """Spread the forms over rules: two thirds actors, a third topics, a hundredth of all as strong scope terms."""
    actors, topics = [], []
    for lang, found in forms.items():
        for at, chunk in enumerate(found[i : i + 12] for i in range(0, len(found), 12)):
            terms = {lang: tuple(chunk)}
            name = f"{lang}-{at}"
            if at % 3:
                actors.append(ActorSpec(id=name, label={}, person=False, last=terms, scope=ScopeWeight.WEAK))
            else:
                topics.append(TopicSpec(id=name, label={}, terms=terms))
    strong = {lang: tuple(found[::100]) for lang, found in forms.items()}
    return WatchSpec(actors=tuple(actors), topics=tuple(topics), scope=ScopeSpec(strong=strong))


def make_text(rng: random.Random, lang: str, words: int, forms: Sequence[str]) -> str:
    """Make running text of one language with a watched form in every twelfth place."""
    return " ".join(
        rng.choice(forms) if rng.random() < WATCHED_SHARE else word(rng, lang, rng.choice(TYPICAL_LENGTHS))
        for _ in range(words)
    )


def make_entries(rng: random.Random, words: int, forms: dict[str, list[str]], count: int) -> list[Entry]:
    """Make entries, the languages in turn."""
    return [make_entry(rng, LANGUAGES[at % len(LANGUAGES)], words, forms, str(at)) for at in range(count)]


def make_entry(rng: random.Random, lang: str, words: int, forms: dict[str, list[str]], key: str) -> Entry:
    """Make one entry: title and summary have 60 words together, the content the rest."""
    cast = rng.sample(forms[lang], CAST)
    title, summary, content = (make_text(rng, lang, length, cast) for length in (10, 50, words - 60))
    return Entry(
        keys=(key,), key_version=1, title=title, summary=summary, content=content, fingerprint=key, published=NOW
    )


def texts_of(entry: Entry) -> tuple[str, str, str]:
    """Return the searched fields."""
    return entry.title, entry.summary, entry.content


def run_bare(watchlist: Watchlist) -> Way:
    """Make a search by the automaton alone, on text that is only casefolded."""
    find = watchlist.automaton.find_matches_as_indexes
    return lambda entry: [find(text.casefold(), overlapping=True) for text in texts_of(entry)]


def run_regex(forms: dict[str, list[str]]) -> Way:
    """Make a search by one alternation of all forms between word boundaries."""
    escaped = sorted((re.escape(fold_form(form)) for found in forms.values() for form in found), key=len, reverse=True)
    pattern = re.compile(rf"\b(?:{'|'.join(escaped)})\b")
    return lambda entry: [pattern.findall(fold(text).text) for text in texts_of(entry)]


def ways(watchlist: Watchlist, forms: dict[str, list[str]], count: int) -> Iterator[tuple[str, Way]]:
    """Yield what is measured, by name."""
    yield "whole verdict", lambda entry: match_entry(watchlist, entry, now=NOW)
    yield "fold only", lambda entry: [fold(text) for text in texts_of(entry)]
    yield "automaton only", run_bare(watchlist)
    if count <= REGEX_LIMIT:
        yield "re alternation", run_regex(forms)
    yield "casefold only", lambda entry: [text.casefold() for text in texts_of(entry)]


def measure(act: Way, entries: Sequence[Entry], seconds: float) -> float:
    """Return microseconds per entry, the median over rounds that fill the time, at least three."""
    rounds: list[float] = []
    end = time.perf_counter() + seconds
    while len(rounds) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        for entry in entries:
            act(entry)
        rounds.append((time.perf_counter() - start) / len(entries) * 1e6)
    return statistics.median(rounds)


def rows(counts: Sequence[int], lengths: Sequence[int], seconds: float, seed: int) -> Iterator[Row]:
    """Take all measurements; `seconds` is the time for each."""
    for count in counts:
        rng = random.Random(seed)
        forms = make_forms(rng, count)
        watchlist = compile_watchlist(make_spec(forms))
        for words in lengths:
            entries = make_entries(rng, words, forms, 60)
            for way, act in ways(watchlist, forms, count):
                yield Row(way=way, words=words, forms=watchlist.form_count, micros=measure(act, entries, seconds))


def table(found: Sequence[Row]) -> str:
    """Lay the rows out for a person."""
    lines = [f"{'forms':>8} {'words':>6}  {'way':<16} {'µs/entry':>10} {'entries/s':>10}"]
    lines += [f"{r.forms:>8,} {r.words:>6}  {r.way:<16} {r.micros:>10.1f} {1e6 / r.micros:>10,.0f}" for r in found]
    return "\n".join(lines)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  python -m benchmarks.match\n  python -m benchmarks.match --forms 10000 --words 60 --json",
    )
    parser.add_argument("--forms", type=int, nargs="+", default=[100, 1_000, 10_000, 100_000], help="numbers of forms")
    parser.add_argument("--words", type=int, nargs="+", default=[60, 800], help="words per entry, 60 or more")
    parser.add_argument("--seconds", type=float, default=20.0, help="measuring time in all (default 20)")
    parser.add_argument("--seed", type=int, default=1, help="of the random words (default 1)")
    parser.add_argument("--json", action="store_true", help="one object a line instead of the table")
    options = parser.parse_args()
    if min(options.words) < 60 or min(options.forms) < CAST * len(LANGUAGES):
        parser.error(f"at least 60 words and {CAST * len(LANGUAGES)} forms are needed")
    return options


def main() -> None:
    """Measure and print."""
    options = parse_arguments()
    share = options.seconds / (len(options.forms) * len(options.words) * 5)
    found = list(rows(options.forms, options.words, share, options.seed))
    print("\n".join(json.dumps(asdict(row)) for row in found) if options.json else table(found))


if __name__ == "__main__":
    main()
