"""What the watchlist says of one entry: relevant or not, which actors and topics, and the words that show it."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import NamedTuple, TypeAlias
from unicodedata import category

from monitor.core.forms import Sign
from monitor.core.model import DateFlag, Entry, Evidence, Match, RuleKind, Verdict
from monitor.core.text import Folded, fold
from monitor.core.watchlist import SCOPE_RULE, Use, Watchlist

FIELDS = ("title", "summary", "content")
"""The fields of an entry that are searched, in the order of their evidence."""

EVIDENCE_CAP = 10
"""How many places one rule shows at most."""

_DOUBTFUL = frozenset({DateFlag.FUTURE, DateFlag.IMPLAUSIBLE})
_SURROGATE = re.compile("[\ud800-\udfff]")

Span: TypeAlias = tuple[int, int, int]
"""An index into `FIELDS`, and start and end in that field's folded text."""


class Sighting(NamedTuple):
    """A form at a place, and one of the rules that it stands for; `form` indexes `Watchlist.uses`."""

    span: Span
    form: int
    use: Use


def match_entry(watchlist: Watchlist, entry: Entry, *, now: datetime) -> Verdict:
    """Judge an entry; titles are read against its date, or `now` (UTC) where that is missing or doubtful."""
    originals = (entry.title, entry.summary, entry.content)
    folds = tuple(fold(text) for text in originals)
    seen = _visible(_sightings(watchlist, folds, _reading_day(entry, now)))
    if not seen:
        return Verdict(relevant=False)
    actors = _longest([s for s in seen if s.use.kind is RuleKind.ACTOR])
    topics = [s for s in seen if s.use.kind is RuleKind.TOPIC]
    basis = _basis([s for s in seen if s.use.kind is RuleKind.SCOPE] + actors)
    if not basis:
        actors, topics = [], [s for s in topics if s.use.rule in watchlist.unscoped]
    shown = _by_rule(actors) | {rule: _outermost(spans) for rule, spans in _by_rule(topics).items()}
    if basis:
        shown[SCOPE_RULE] = [s.span for s in basis]
    return Verdict(relevant=bool(basis), matches=_matches(watchlist, shown, originals, folds))


def _reading_day(entry: Entry, now: datetime) -> date:
    if entry.published is None or entry.date_flags & _DOUBTFUL:
        return now.date()
    return entry.published.date()


def _sightings(watchlist: Watchlist, folds: Sequence[Folded], day: date) -> list[Sighting]:
    return [
        Sighting((field, start, end), form, use)
        for field, folded in enumerate(folds)
        for form, start, end in _found(watchlist, folded.text)
        if not (_inside_word(folded, start) or _inside_word(folded, end))
        for use in watchlist.uses[form]
        if use.holds_on(day)
    ]


def _found(watchlist: Watchlist, text: str) -> list[tuple[int, int, int]]:
    find = watchlist.automaton.find_matches_as_indexes
    try:
        return find(text, overlapping=True)
    except UnicodeEncodeError:  # JSON can carry lone surrogates, which the automaton cannot read
        return find(_SURROGATE.sub("\ufffd", text), overlapping=True)


def _inside_word(folded: Folded, index: int) -> bool:
    """Tell whether a word goes on at the index, or even a single letter that folds to several."""
    text, offsets = folded.text, folded.offsets
    if not 0 < index < len(text):
        return False
    if _of_word(text[index - 1]) and _of_word(text[index]):
        return True
    return offsets is not None and offsets[index - 1] == offsets[index]


def _of_word(char: str) -> bool:
    return char.isalnum() or char == "_" or (char > "\u02ff" and category(char)[0] == "M")


def _visible(sightings: list[Sighting]) -> list[Sighting]:
    """Those outside of every `never` phrase; the phrases themselves go with what they hide."""
    never = _outermost([s.span for s in sightings if s.use.sign is Sign.NEVER])
    return [s for s in sightings if not _covered(s.span, never)] if never else sightings


def _covered(span: Span, outer: Sequence[Span]) -> bool:
    field, start, end = span
    last = bisect_right(outer, (field, start), key=lambda other: other[:2]) - 1
    return last >= 0 and outer[last][0] == field and outer[last][2] >= end


def _longest(sightings: list[Sighting]) -> list[Sighting]:
    """Without those that a longer one contains."""
    if len(sightings) < 2:
        return sightings
    kept = set(_outermost([s.span for s in sightings]))
    return [s for s in sightings if s.span in kept]


def _outermost(spans: list[Span]) -> list[Span]:
    """Keep the spans that no other contains, in the order of the text: within a field, starts and ends both rise."""
    if len(spans) < 2:
        return spans
    kept: list[Span] = []
    for span in sorted(set(spans)):
        last = kept[-1] if kept else None
        if last and last[:2] == span[:2]:
            kept[-1] = span
        elif not last or last[0] != span[0] or last[2] < span[2]:
            kept.append(span)
    return kept


def _basis(signs: list[Sighting]) -> list[Sighting]:
    """Find what makes the entry relevant: its strong signs, else its weak ones where there are two; else nothing."""
    strong = [s for s in signs if s.use.sign is Sign.STRONG]
    if strong:
        return _longest(strong)
    weak = _longest([s for s in signs if s.use.sign is Sign.WEAK])
    return weak if len({s.form for s in weak}) > 1 and len({s.use.lemma for s in weak}) > 1 else []


def _by_rule(sightings: list[Sighting]) -> dict[int, list[Span]]:
    rules: dict[int, list[Span]] = {}
    for span, _, use in sightings:
        rules.setdefault(use.rule, []).append(span)
    return rules


def _matches(
    watchlist: Watchlist, shown: Mapping[int, list[Span]], originals: Sequence[str], folds: Sequence[Folded]
) -> tuple[Match, ...]:
    places = {rule: sorted(set(spans))[:EVIDENCE_CAP] for rule, spans in shown.items()}
    evidence = {span: _evidence(span, originals, folds) for span in set(chain.from_iterable(places.values()))}
    return tuple(
        Match(
            kind=watchlist.rules[rule].kind,
            rule=watchlist.rules[rule].id,
            evidence=tuple([evidence[span] for span in places[rule]]),
        )
        for rule in sorted(places, key=watchlist.rules.__getitem__)
    )


def _evidence(span: Span, originals: Sequence[str], folds: Sequence[Folded]) -> Evidence:
    field, start, end = span
    offsets = folds[field].offsets
    if offsets is not None:
        start, end = offsets[start], offsets[end]
    return Evidence(field=FIELDS[field], start=start, end=end, text=originals[field][start:end])
