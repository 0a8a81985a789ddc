"""Ours, its parts, and its peers: each is a search that takes an entry and returns how many places it found.

Every peer gets the same forms, casefolded, and casefolds the text itself; what it does is told by its function.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from typing import TypeAlias

from ahocorasick_rs import AhoCorasick

from benchmarks.matching.made import NOW, Forms, make_spec
from monitor.core.matching import match_entry
from monitor.core.model import Entry
from monitor.core.text import fold
from monitor.core.watchlist import Watchlist, compile_watchlist

Way: TypeAlias = Callable[[Entry], int]

OURS = "ours, whole"
REGEX_LIMIT = 1_000
"""Beyond this many forms an alternation takes tens of milliseconds an entry, and the run would measure nothing else."""

CACHED_WORDS = 1_000_000
"""So that spaCy's tokeniser knows every word by the time that it is measured; by itself it stops at 10,000."""

PACKAGES = {"ahocorasick": "pyahocorasick", "spacy": "spaCy"}


def absent() -> list[str]:
    """Name the peers that are not installed."""
    return [name for module, name in PACKAGES.items() if not find_spec(module)]


def ways(forms: Forms) -> Iterator[tuple[str, Way]]:
    """Yield what is measured, by name; ours first, the physical limit last."""
    texts = [form.casefold() for found in forms.values() for form in found]
    yield OURS, ours(compile_watchlist(make_spec(forms)))
    if len(texts) <= REGEX_LIMIT:
        yield "re alternation", alternation(texts)
    if find_spec("ahocorasick"):
        yield "pyahocorasick", pyahocorasick(texts)
    if find_spec("spacy"):
        yield "spaCy PhraseMatcher", phrase_matcher(forms)
    yield "ahocorasick_rs alone", automaton(texts)
    yield "fold alone", folding
    yield "casefold alone", casefolding


def ours(watchlist: Watchlist) -> Way:
    """Make the whole verdict, with its evidence."""

    def search(entry: Entry) -> int:
        return sum(len(match.evidence) for match in match_entry(watchlist, entry, now=NOW).matches)

    return search


def alternation(forms: Sequence[str]) -> Way:
    """Make one regular expression of all forms between word boundaries, the longest first."""
    escaped = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    find = re.compile(rf"\b(?:{escaped})\b").findall
    return lambda entry: sum(len(find(text.casefold())) for text in _texts(entry))


def pyahocorasick(forms: Sequence[str]) -> Way:
    """Make a search by that package, with a check for word boundaries."""
    from ahocorasick import Automaton  # noqa: PLC0415 - a package of the benchmarks alone

    automaton = Automaton()
    for form in forms:
        automaton.add_word(form, len(form))
    automaton.make_automaton()

    def search(entry: Entry) -> int:
        found = 0
        for text in _texts(entry):
            folded = text.casefold()
            for last, length in automaton.iter(folded):
                found += _whole(folded, last - length + 1, last + 1)
        return found

    return search


def phrase_matcher(forms: Forms) -> Way:
    """Make a search by spaCy, tokenising included: one matcher a language, which has that language's forms only."""
    import spacy  # noqa: PLC0415 - a package of the benchmarks alone
    from spacy.matcher import PhraseMatcher  # noqa: PLC0415

    matchers = {}
    for lang, found in forms.items():
        tokenise = spacy.blank(lang).tokenizer
        tokenise.max_cache_size = CACHED_WORDS
        matcher = PhraseMatcher(tokenise.vocab, attr="LOWER")
        matcher.add("watched", [tokenise(form) for form in found])
        matchers[lang] = tokenise, matcher

    def search(entry: Entry) -> int:
        tokenise, matcher = matchers[entry.lang or ""]
        return sum(len(matcher(tokenise(text))) for text in _texts(entry) if text)

    return search


def automaton(forms: Sequence[str]) -> Way:
    """Make a search by the automaton that ours is built on, inside words too, and nothing else."""
    find = AhoCorasick(list(forms)).find_matches_as_indexes
    return lambda entry: sum(len(find(text.casefold(), overlapping=True)) for text in _texts(entry))


def folding(entry: Entry) -> int:
    """Fold the text as ours does."""
    for text in _texts(entry):
        fold(text)
    return 0


def casefolding(entry: Entry) -> int:
    """Casefold the text: less work there is not."""
    for text in _texts(entry):
        text.casefold()
    return 0


def _texts(entry: Entry) -> tuple[str, str, str]:
    return entry.title, entry.summary, entry.content


def _whole(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())
