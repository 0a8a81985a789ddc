"""Invented entries and trees of queries, and a slow reading of them that is plainly right."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from hypothesis import strategies as st

from monitor.core.model import Entry, Evidence, Match, RuleKind
from monitor.core.query.tree import And, Fact, Near, Node, Not, Or, Origin, Rule, Sentence, Term, Title, walk
from monitor.core.spans import Span
from tests.core.sample_watchlist import entry

WORDS = ("ant", "bee", "beech", "cat", "dog", "elk")
NO_LANGUAGE = "xx"
TERMS = [
    *(Term(text=word, language=NO_LANGUAGE) for word in (*WORDS, "ant bee", "dog cat dog")),
    Term(text="bee", prefix=True, language=NO_LANGUAGE),
]
NAMES = [(RuleKind.ACTOR, "putin"), (RuleKind.ACTOR, "nato"), (RuleKind.TOPIC, "drones")]
RULES = [Rule(kind=kind, id=name) for kind, name in NAMES]
FACTS = [Fact(origin=Origin.SOURCE, value=value) for value in ("bbc", "bbc.co.uk", "TASS")]
FACTS += [Fact(origin=Origin.LANGUAGE, value="en"), Fact(origin=Origin.COUNTRY, value="UA")]
FACTS += [Fact(origin=Origin.PRESS, value="state")]

# ── entries ──────────────────────────────────────────────────────────────────────────────────────────────────────────

SENTENCES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6)
FIELDS = st.lists(SENTENCES, max_size=4)


def written(sentences: Sequence[Sequence[str]]) -> str:
    return " ".join(" ".join(words).capitalize() + "!" for words in sentences)


class Case(NamedTuple):
    """An entry with what was found in it before."""

    entry: Entry
    named: tuple[Match, ...]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    made = entry(written(draw(FIELDS)), summary=written(draw(FIELDS)), content=written(draw(FIELDS)))
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
    return Case(made, tuple(Match(*name, evidence=tuple(draw(evidence(made)))) for name in names))


@st.composite
def evidence(draw: st.DrawFn, made: Entry) -> list[Evidence]:
    """Places of any words that stand side by side, in several sentences too."""
    found = set()
    for field in draw(st.lists(st.sampled_from(["title", "summary", "content"]), max_size=4)):
        words = [word.span() for word in re.finditer(r"\w+", getattr(made, field))]
        if words:
            at = draw(st.integers(0, len(words) - 1))
            start, end = words[at][0], words[min(at + draw(st.integers(0, 2)), len(words) - 1)][1]
            found.add(Evidence(field, start, end, getattr(made, field)[start:end]))
    return sorted(found)


# ── trees ────────────────────────────────────────────────────────────────────────────────────────────────────────────

PLACED: st.SearchStrategy[Term | Rule] = st.sampled_from([*TERMS, *RULES])
CHOICES = st.lists(PLACED, min_size=2, max_size=3).map(lambda parts: Or(parts=tuple(parts)))
SIDES: st.SearchStrategy[Term | Rule | Or] = PLACED | CHOICES
NEAR = st.builds(Near, distance=st.integers(1, 4), left=SIDES, right=SIDES)
LEAVES: st.SearchStrategy[Node] = st.one_of(PLACED, st.sampled_from(FACTS), NEAR)


def _several(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts: st.SearchStrategy[tuple[Node, ...]] = st.tuples(inner, inner) | st.tuples(inner, inner, inner)
    joined: st.SearchStrategy[Node] = st.builds(And, parts=parts) | st.builds(Or, parts=parts)
    wrapped: st.SearchStrategy[Node] = st.builds(Not, part=inner) | st.builds(Sentence, part=inner)
    return joined | wrapped | st.builds(Title, part=inner)


NODES: st.SearchStrategy[Node] = st.recursive(LEAVES, _several, max_leaves=8)


# ── the slow reading ─────────────────────────────────────────────────────────────────────────────────────────────────

Window: TypeAlias = tuple[int, int, bool]
"""A stretch of the text, and whether it is one sentence."""


class Slow:
    """Asks an entry by trying everything: each sentence, each pair of places."""

    def __init__(
        self, text: str, bounds: Sequence[int], named: Mapping[Rule, Sequence[Span]], facts: set[Fact]
    ) -> None:
        self.text = text
        self.title: Window = (0, bounds[1], False)
        self.whole: Window = (0, len(text) + 1, False)
        starts = sorted({*bounds, *(found.end() for found in re.finditer("! ", text))})
        self.sentences: list[Window] = [
            (start, end, True) for start, end in zip(starts, [*starts[1:], len(text) + 1], strict=True)
        ]
        self.fields = bounds
        self.named = named
        self.facts = facts

    def ask(self, node: Node) -> list[Span] | None:
        """Return the places that show it, none within another; None where it does not hold."""
        found = self._ask(node, self.whole)
        if found is None:
            return None
        return sorted(one for one in found if not any(one != other and _within(one, other) for other in found))

    def _ask(self, node: Node, window: Window) -> set[Span] | None:
        match node:
            case Term():
                return self._seen(places(node, self.text), window) or None
            case Rule():
                return self._named(node, window)
            case Fact():
                return set() if node in self.facts else None
            case Not(part=part):
                return set() if self._ask(part, window) is None else None
            case Near():
                return self._near(node, window)
        return self._ask_parts(node, window)

    def _named(self, node: Rule, window: Window) -> set[Span] | None:
        if node not in self.named:
            return None
        seen = self._seen(self.named[node], window)
        return seen if seen or window == self.whole else None

    def _ask_parts(self, node: And | Or | Title | Sentence, window: Window) -> set[Span] | None:
        match node:
            case And(parts=parts):
                found = [self._ask(part, window) for part in parts]
                return None if None in found else _union(found)
            case Or(parts=parts):
                return _union([self._ask(part, window) for part in parts])
            case Title(part=part):
                title = window if window[2] else self.title
                return self._ask(part, title) if _within(title[:2], self.title[:2]) else None
            case Sentence(part=part):
                windows = [window] if window[2] else [one for one in self.sentences if _within(one[:2], window[:2])]
                return _union([self._ask(part, one) for one in windows])

    def _near(self, node: Near, window: Window) -> set[Span] | None:
        left, right = (
            {span for part in walk(side) if not isinstance(part, Or) for span in self._seen(self._places(part), window)}
            for side in (node.left, node.right)
        )
        pairs = [(a, b) for a in left for b in right if self._is_near(a, b, node.distance)]
        return {span for pair in pairs for span in pair} or None

    def _is_near(self, one: Span, other: Span, distance: int) -> bool:
        first, second = sorted((one, other))
        if second[0] < first[1] or any(first[0] < bound <= second[0] for bound in self.fields[1:]):
            return False
        starts = [found.start() for found in re.finditer(r"\w+", self.text)]
        return sum(first[1] <= start < second[0] for start in starts) <= distance

    def _places(self, node: Node) -> Sequence[Span]:
        assert isinstance(node, Term | Rule)
        return places(node, self.text) if isinstance(node, Term) else self.named.get(node, ())

    def _seen(self, places: Sequence[Span], window: Window) -> set[Span]:
        return {span for span in places if _within(span, window[:2])}


def places(word: Term, text: str) -> list[Span]:
    """Return where a word stands."""
    return [found.span() for found in re.finditer(rf"\b{word.text}{'[a-z]*' * word.prefix}\b", text)]


def _within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _union(found: list[set[Span] | None]) -> set[Span] | None:
    held = [one for one in found if one is not None]
    return set().union(*held) if held else None
