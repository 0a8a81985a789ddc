"""Ours and its peers: each says of labelled entries what they are about.

The peers search for the words as the watch list has them, in every language, and differ only in what counts as found.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from typing import TypeAlias

from ahocorasick_rs import AhoCorasick

from benchmarks.quality.listed import Place, Term, judge, listed
from benchmarks.quality.scores import Found
from benchmarks.quality.sets import NOW, Labelled
from monitor.core.matching import match_entry
from monitor.core.model import Entry, Verdict, WatchSpec
from monitor.core.watchlist import compile_watchlist

Way: TypeAlias = Callable[[Sequence[Labelled]], Found]

EDGE = re.compile(r"\b")
WORD = re.compile(r"[^\W_]+(?:(?<=[а-яіїєґ])['’ʼ](?=[а-яіїєґ])[^\W_]+)*", re.IGNORECASE)
"""A word; the apostrophe parts French and English words and not Ukrainian ones."""


def verdicts(spec: WatchSpec, labelled: Sequence[Labelled]) -> dict[str, Verdict]:
    """Match entries as the monitor does; entry id → verdict."""
    watchlist = compile_watchlist(spec)
    return {one.id: match_entry(watchlist, one.entry, now=NOW) for one in labelled}


def peers(spec: WatchSpec) -> Iterator[tuple[str, Way]]:
    """Yield the peers by name; the second only where its package is installed."""
    yield "as listed", as_listed(spec)
    if find_spec("simplemma"):
        yield "simplemma", by_lemmas(spec)


def as_listed(spec: WatchSpec) -> Way:
    r"""Make the search for each spelling between `\b`, whatever its case: found by an automaton, to be quick."""
    uses: dict[str, list[Term]] = {}
    for term in listed(spec):
        uses.setdefault(term.text.lower(), []).append(term)
    terms = list(uses.values())
    automaton = AhoCorasick(list(uses))

    def places(entry: Entry) -> Iterator[Place]:
        for field, text in enumerate(_texts(entry)):
            edges = {edge.start() for edge in EDGE.finditer(text.lower())}
            for at, start, end in automaton.find_matches_as_indexes(text.lower(), overlapping=True):
                if start in edges and end in edges:
                    yield from (Place(field, start, end, term) for term in terms[at])

    return lambda labelled: {one.id: judge(list(places(one.entry)), one.day) for one in labelled}


def by_lemmas(spec: WatchSpec) -> Way:
    """Make the search for the lemmas of each spelling, in the language of the text; words in capitals stay (EU)."""
    terms = listed(spec)

    def judged(labelled: Sequence[Labelled]) -> Found:
        indexes = {lang: Lemmas(lang, terms) for lang in sorted({one.lang for one in labelled})}
        return {one.id: judge(list(indexes[one.lang].places(one.entry)), one.day) for one in labelled}

    return judged


class Lemmas:
    """The listed words as sequences of lemmas of one language, by their first lemma."""

    def __init__(self, lang: str, terms: Iterable[Term]) -> None:
        self._lemma = _lemmatiser(lang)
        self._by_first: dict[str, list[tuple[list[str], Term]]] = {}
        for term in terms:
            if lemmas := self._lemmas(term.text):
                self._by_first.setdefault(lemmas[0], []).append((lemmas, term))

    def places(self, entry: Entry) -> Iterator[Place]:
        """Yield where the words stand, counted in words."""
        for field, text in enumerate(_texts(entry)):
            lemmas = self._lemmas(text)
            for start, first in enumerate(lemmas):
                for wanted, term in self._by_first.get(first, ()):
                    end = start + len(wanted)
                    if lemmas[start:end] == wanted:
                        yield Place(field, start, end, term)

    def _lemmas(self, text: str) -> list[str]:
        return [self._lemma(word) for word in WORD.findall(text)]


def _lemmatiser(lang: str) -> Callable[[str], str]:
    from simplemma import lemmatize  # noqa: PLC0415 - a package of the benchmarks alone

    @cache
    def lemma(word: str) -> str:
        return (word if word.isupper() else str(lemmatize(word, lang=lang))).lower()

    return lemma


def _texts(entry: Entry) -> tuple[str, str, str]:
    return entry.title, entry.summary, entry.content
