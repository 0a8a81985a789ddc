"""Where the watchlist's forms stand in an entry, before anything is made of it."""

import re
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from unicodedata import category, normalize

from monitor.core.forms import Sign
from monitor.core.model import Entry, Evidence
from monitor.core.sentences import sentence_starts
from monitor.core.spans import Span, outermost
from monitor.core.text import fold
from monitor.core.uses import Use
from monitor.core.watchlist import Watchlist

FIELDS = ("title", "summary", "content")
"""The fields of an entry that are searched, in the order of their evidence."""

_BETWEEN = "\x1e"
"""Parts the fields where they are read as one text; no form has it, and no word goes on behind it."""

_APART = frozenset(" ,.:;!?\"'()«»“”„-\x1e")
"""What mostly stands between words: no word goes on behind or before it."""

_PAUSE = r"[^\w.!?;:…\x1e]+"
_GAP = re.compile(rf"{_PAUSE}(?:[\w'-]+{_PAUSE}){{0,2}}")
"""What may stand in a term's gap: at most two words, of the same sentence."""


class Sighting(NamedTuple):
    """A form at a place in the folded text, and one of the rules that it stands for."""

    start: int
    end: int
    use: Use

    @property
    def span(self) -> Span:
        """The place alone."""
        return self[:2]


class Why(StrEnum):
    """Why words that stand in a text count for nothing."""

    LANGUAGE = "a word of another language"
    OFFICE = "an office that was not held then"
    CASE = "its letters must be as written, large or small"
    CAPITAL = "an ordinary word, where it has no capital"
    PART = "one part of a term alone"
    NEVER = "inside a phrase that is never meant"
    LONGER = "inside a longer name"
    FIRST_NAME = "behind somebody else's first name"
    CONTEXT = "needs a first name, a title or another word of its context beside it"
    SCOPE = "the entry does not concern the war"


class Dropped(NamedTuple):
    """A place that was found and passed over."""

    sighting: Sighting
    why: Why


class Reading:
    """An entry's fields as one text, folded, and the way back from there."""

    __slots__ = ("_folded", "_original", "_starts", "bounds", "exact", "inside_letter", "text")

    def __init__(self, entry: Entry) -> None:
        self._original = _BETWEEN.join((entry.title, entry.summary, entry.content))
        self._folded = folded = fold(self._original)
        self.text = folded.text
        self.exact = folded.stretches is None
        """Whether every place is the same in the folded text and in the original."""
        self.inside_letter = folded.inside_letter
        second = len(entry.title) + 1
        self._starts = (0, second, second + len(entry.summary) + 1)
        self.bounds = tuple(map(folded.place, self._starts))
        """Where the fields begin in the folded text."""

    def evidence(self, spans: Iterable[Span]) -> tuple[Evidence, ...]:
        """Return the words at each place, as they stand in the entry."""
        shown = []
        _, summary, content = self.bounds
        original, starts = self._original, self._starts
        for span in spans:
            start, end = span if self.exact else self._place(span)
            field = 0 if span[0] < summary else 1 if span[0] < content else 2
            begin = starts[field]
            shown.append(Evidence(FIELDS[field], start - begin, end - begin, original[start:end]))
        return tuple(shown)

    def written(self, span: Span) -> str:
        """Return the words at a place with the case of their letters, composed (NFC)."""
        start, end = self._place(span)
        return normalize("NFC", self._original[start:end])

    def sentences(self) -> list[int]:
        """Return where sentences begin; those of the first field only up to the end of it, and so on."""
        starts = sentence_starts(self._original)
        return starts if self.exact else [*map(self._folded.place, starts)]

    def place(self, evidence: Evidence) -> Span:
        """Return the place of a piece of evidence: the way back from `evidence`."""
        begin = self._starts[FIELDS.index(evidence.field)]
        return self._folded.place(begin + evidence.start), self._folded.place(begin + evidence.end)

    def _place(self, span: Span) -> Span:
        return self._folded.origin(span[0]), self._folded.origin(span[1])


def find_sightings(
    watchlist: Watchlist, reading: Reading, day: date | None, language: str, dropped: list[Dropped] | None = None
) -> list[Sighting]:
    """Return what stands in the text between word boundaries, in no order; titles are read against `day`, if given.

    Words of another language than the text's (`by_script`) are passed over, if that is one of the watchlist's.
    `dropped` takes what was passed over.
    """
    text, uses = f"{reading.text} ", watchlist.uses
    inside = None if reading.exact else reading.inside_letter
    language = language if language in watchlist.languages else ""
    found: list[Sighting] = []
    gaps = False
    for form, start, end in watchlist.automaton.find(reading.text):
        if (start and text[start - 1] not in _APART and _goes_on(text, start)) or (inside and inside(start)):
            continue
        whole = (text[end] in _APART or not _goes_on(text, end)) and not (inside and inside(end))
        for use in uses[form]:
            if not whole and not use.prefix:
                continue
            last = end if whole else _end_of_word(text, end)
            foreign = language and use.language and use.language != language
            why = Why.LANGUAGE if foreign else use.guarded and _refusal(use, reading, (start, last), day)
            if not why:
                found.append(Sighting(start, last, use))
                gaps = gaps or use.gap > 0
            elif dropped is not None:
                dropped.append(Dropped(Sighting(start, last, use), why))
    return _across_gaps(found, reading.text, dropped) if gaps else found


def inside_words(watchlist: Watchlist, reading: Reading, rule: int) -> list[Span]:
    """Return the longer words inside which a rule's forms stand, where they count for nothing."""
    found = []
    for form, start, end in watchlist.automaton.find(reading.text):
        if any(use.rule == rule and use.sign not in _BESIDE for use in watchlist.uses[form]):
            word = _start_of_word(reading.text, start), _end_of_word(reading.text, end)
            found += [word] if word != (start, end) else []
    return found


_BESIDE = frozenset({Sign.NEVER, Sign.FIRST_NAME, Sign.CONTEXT, Sign.TAIL})


def place_of_form(reading: Reading, start: int, end: int, use: Use) -> Span | None:
    """Return the place of a form that stands there, with the rest of the word if the use is open at its end.

    None where the use does not hold there; its language is not looked at.
    """
    text, inside = reading.text, None if reading.exact else reading.inside_letter
    if (start and _goes_on(text, start)) or (inside and inside(start)):
        return None
    whole = (end == len(text) or not _goes_on(text, end)) and not (inside and inside(end))
    if not whole and not use.prefix:
        return None
    span = start, end if whole else _end_of_word(text, end)
    return None if use.guarded and _refusal(use, reading, span, None) else span


def _goes_on(text: str, index: int) -> bool:
    """Tell whether a word goes on at the index, which is neither the text's start nor its end."""
    return _of_word(text[index - 1]) and _of_word(text[index])


def _of_word(char: str) -> bool:
    return char.isalnum() or char == "_" or (char > "\u02ff" and category(char)[0] == "M")


def _end_of_word(text: str, index: int) -> int:
    while index < len(text) and _of_word(text[index]):
        index += 1
    return index


def _start_of_word(text: str, index: int) -> int:
    while index and _goes_on(text, index):
        index -= 1
    return index


def _refusal(use: Use, reading: Reading, span: Span, day: date | None) -> Why | None:
    if day is not None and not use.holds_on(day):
        return Why.OFFICE
    if use.cased:
        return None if reading.written(span) == use.cased else Why.CASE
    return Why.CAPITAL if use.capital and not reading.written(span)[:1].isupper() else None


def _across_gaps(sightings: list[Sighting], text: str, dropped: list[Dropped] | None) -> list[Sighting]:
    """Join the two parts of each term with a gap where both stand; a part alone is nothing."""
    whole = [s for s in sightings if not s.use.gap]
    tails = [s for s in sightings if s.use.sign is Sign.TAIL]
    for head in sightings:
        if head.use.gap and head.use.sign is not Sign.TAIL:
            joined = [Sighting(head.start, tail.end, head.use) for tail in tails if _follows(tail, head, text)]
            whole += joined
            if dropped is not None and not joined:
                dropped.append(Dropped(head, Why.PART))
    return whole


def _follows(tail: Sighting, head: Sighting, text: str) -> bool:
    if tail.use.gap != head.use.gap or tail.use.rule != head.use.rule:
        return False
    return _GAP.fullmatch(text, head.end, tail.start) is not None


def longest(sightings: list[Sighting]) -> list[Sighting]:
    """Without those that a longer one contains."""
    if _apart(sightings):
        return sightings
    kept = set(outermost([s[:2] for s in sightings]))
    return [s for s in sightings if s[:2] in kept]


def _apart(sightings: list[Sighting]) -> bool:
    """Tell whether each begins where the one before has ended, so that none contains another."""
    last = 0
    for start, end, _ in sightings:
        if start < last:
            return False
        last = end
    return True


def outside(sightings: list[Sighting], covers: list[Span]) -> list[Sighting]:
    """Those that none of the covers contains."""
    if not covers:
        return sightings
    return [s for s in sightings if not any(start <= s.start and s.end <= end for start, end in covers)]
