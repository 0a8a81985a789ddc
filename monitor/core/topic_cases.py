"""Topic by topic: what of it stands in an entry, and why that is enough for it, or not."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from monitor.core.forms import Sign
from monitor.core.model import Evidence, RuleKind, Verdict
from monitor.core.query.holding import Held, held, lacking
from monitor.core.query.parse import parse_canonical
from monitor.core.sightings import Reading, Sighting
from monitor.core.spans import outermost
from monitor.core.tracing import Trace
from monitor.core.watchlist import Watchlist


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPart:
    """A part of a query, `depth` levels within it, as it is written; `words` show that it holds."""

    depth: int
    text: str
    holds: bool
    words: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCase:
    """A topic: which of its terms and hints stand there, and which parts of its query and of its `unless` hold.

    `problem` says why it is not shown, and is empty where it is.
    """

    rule: str
    terms: tuple[Evidence, ...]
    hints: tuple[Evidence, ...]
    query: tuple[QueryPart, ...]
    unless: tuple[QueryPart, ...]
    problem: str


def topic_cases(
    watchlist: Watchlist, trace: Trace, reading: Reading, verdict: Verdict, more: Collection[int] = ()
) -> Iterator[TopicCase]:
    """Yield the topics of which something stands there, and those of `more` (indexes of `Watchlist.rules`)."""
    shown = {match.rule for match in verdict.matches if match.kind is RuleKind.TOPIC}
    found: dict[int, list[Sighting]] = {}
    for sighting in trace.topics:
        found.setdefault(sighting.use.rule, []).append(sighting)
    for rule in sorted({*found, *_asked(watchlist, trace), *more}):
        name = watchlist.rules[rule].id
        parts = _Parts(watchlist, trace, rule, found.get(rule, []))
        read = verdict.relevant or rule in watchlist.unscoped
        yield parts.case(name, reading, "" if name in shown else parts.problem(read=read))


def _asked(watchlist: Watchlist, trace: Trace) -> Iterator[int]:
    """Yield the topics whose queries the words of the entry woke."""
    if watchlist.queries is not None and trace.scene is not None:
        for rank in watchlist.queries.woken(trace.scene, {}, relevant=True):
            yield watchlist.queries.readers[rank].rule


class _Parts:
    """All that a topic asks for, and what of it stands there."""

    def __init__(self, watchlist: Watchlist, trace: Trace, rule: int, sightings: Sequence[Sighting]) -> None:
        self.terms = [s for s in sightings if s.use.sign is not Sign.HINT]
        places = {s.span for s in self.terms}
        self.hints = [s for s in sightings if s.use.sign is Sign.HINT and s.span not in places]
        spec = json.loads(watchlist.rules[rule].text)
        self.query = _held(watchlist, trace, spec.get("query", ""))
        self.unless = _held(watchlist, trace, spec.get("unless", ""))

    def case(self, name: str, reading: Reading, problem: str) -> TopicCase:
        """Return it as it is told."""
        return TopicCase(
            rule=name,
            terms=reading.evidence(outermost(s.span for s in self.terms)),
            hints=reading.evidence(outermost(s.span for s in self.hints)),
            query=tuple(_told(self.query, reading)),
            unless=tuple(_told(self.unless, reading)),
            problem=problem,
        )

    def problem(self, *, read: bool) -> str:
        """Say why that was not enough; `read`: the topic was asked at all."""
        if not read:
            return "it is read only in entries that concern the war"
        if self.unless is not None and self.unless.holds:
            return f"what excludes it holds: {self.unless.text}"
        reasons = [_hints_alone(self.hints)] if self.hints and not self.terms else []
        reasons += [f"its query does not hold: {lacking(self.query)}"] if self.query is not None else []
        return "; ".join(reasons) or "none of its words stands in the text"


def _hints_alone(hints: Sequence[Sighting]) -> str:
    one = "one hint outside the title is" if len({s.use.lemma for s in hints}) == 1 else "hints inside each other are"
    return f"{one} not enough: a second, different one would do, or one in the title"


def _held(watchlist: Watchlist, trace: Trace, query: str) -> Held | None:
    if not query or watchlist.queries is None or trace.scene is None:
        return None
    return held(parse_canonical(query), trace.scene, watchlist.queries.numbers)


def _told(found: Held | None, reading: Reading) -> Iterator[QueryPart]:
    for depth, part in found.walk() if found else ():
        yield QueryPart(depth=depth, text=part.text, holds=part.holds, words=reading.evidence(part.spans))
