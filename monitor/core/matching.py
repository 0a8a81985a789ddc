"""What the watchlist says of one entry: relevant or not, which actors and topics, and the words that show it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from monitor.core.forms import Sign
from monitor.core.languages import by_script
from monitor.core.late_words import Words
from monitor.core.model import DateFlag, Entry, Match, Provenance, RuleKind, Verdict
from monitor.core.namesakes import named_actors, of_holders
from monitor.core.query.rules import Index
from monitor.core.query.scene import Scene, facts_of
from monitor.core.relevance import signs_of_war
from monitor.core.sightings import Reading, Sighting, Why, find_sightings, longest, outside
from monitor.core.spans import Span, outermost
from monitor.core.tracing import Trace
from monitor.core.watchlist import SCOPE_RULE, Watchlist

EVIDENCE_CAP = 10
"""How many places one rule shows at most."""

NO_PROVENANCE = Provenance()
"""Where an entry comes from of which nothing is known but itself."""

_DOUBTFUL = frozenset({DateFlag.FUTURE, DateFlag.IMPLAUSIBLE})


def match_entry(
    watchlist: Watchlist,
    entry: Entry,
    *,
    now: datetime,
    origin: Provenance = NO_PROVENANCE,
    trace: Trace | None = None,
) -> Verdict:
    """Judge an entry; titles are read against its date, and rules on where entries come from against `origin`.

    Where the date is missing or doubtful, a title is that of a holder whom the text names, else of that at `now` (UTC).
    `trace` takes what was passed on the way.
    """
    reading = Reading(entry)
    day = _reading_day(entry)
    language = by_script(entry.lang, entry.title, entry.summary)
    queries = watchlist.queries
    dropped = trace.begin(reading, day, language) if trace is not None else None
    seen = _visible(find_sightings(watchlist, reading, day, language, dropped), trace)
    if day is None:
        seen = of_holders(seen, now.date(), trace)
    if not seen and queries is None:
        return Verdict(relevant=False)
    scope, named, topics = _by_kind(seen)
    words: list[Sighting] = []
    if queries is not None:
        words, topics = parted(topics, len(watchlist.rules))
    actors = _actors(named, scope, trace)
    basis = signs_of_war(scope + actors, reading, trace)
    if trace is not None:
        trace.found(actors, topics)
    if not basis:
        actors, topics = [], [s for s in topics if s.use.rule in watchlist.unscoped]
    shown = _actors_shown(actors) | _topics_shown(topics, reading)
    if queries is not None:
        told = language if language in queries.languages or language in watchlist.languages else ""
        atoms = Words(places_of(words, told), watchlist.late, reading, told)
        scene = Scene(reading, atoms=atoms, named=shown, facts=facts_of(entry, origin, language))
        _settle(queries, scene, shown, relevant=bool(basis), trace=trace)
    if basis:
        shown[SCOPE_RULE] = sorted({s[:2] for s in basis})
    return Verdict(bool(basis), _matches(watchlist, shown, reading))


def _settle(queries: Index, scene: Scene, shown: dict[int, list[Span]], *, relevant: bool, trace: Trace | None) -> None:
    queries.settle(scene, shown, relevant=relevant)
    if trace is not None:
        trace.scene = scene


def parted(topics: Sequence[Sighting], rules: int) -> tuple[list[Sighting], list[Sighting]]:
    """Part the words of queries, which are numbered from behind the rules, from those of topics."""
    return [s for s in topics if s.use.rule >= rules], [s for s in topics if s.use.rule < rules]


def places_of(words: Sequence[Sighting], language: str) -> dict[int, list[Span]]:
    """Return the places of each word of queries, in their order; of no other language than this, if one is given."""
    found: dict[int, list[Span]] = {}
    for start, end, use in words:
        if not (language and use.language and use.language != language):
            found.setdefault(use.rule, []).append((start, end))
    return {word: outermost(spans) if len(spans) > 1 else spans for word, spans in found.items()}


def _by_kind(sightings: list[Sighting]) -> tuple[list[Sighting], list[Sighting], list[Sighting]]:
    kinds: dict[RuleKind, list[Sighting]] = {RuleKind.SCOPE: [], RuleKind.ACTOR: [], RuleKind.TOPIC: []}
    for sighting in sightings:
        kinds[sighting.use.kind].append(sighting)
    return kinds[RuleKind.SCOPE], kinds[RuleKind.ACTOR], kinds[RuleKind.TOPIC]


def _reading_day(entry: Entry) -> date | None:
    if entry.published is None or entry.date_flags & _DOUBTFUL:
        return None
    return entry.published.date()


def _visible(sightings: list[Sighting], trace: Trace | None) -> list[Sighting]:
    """Without the names and the signs of the war inside a `never` phrase; the phrases go with them, topics stay."""
    never = [s.span for s in sightings if s.use.sign is Sign.NEVER]
    if not never:
        return sightings
    topics = [s for s in sightings if s.use.kind is RuleKind.TOPIC]
    kept = topics + outside([s for s in sightings if s.use.kind is not RuleKind.TOPIC], never)
    if trace is not None:
        trace.without(sightings, kept, Why.NEVER)
        trace.never = never
    return kept


def _actors(named: list[Sighting], scope: list[Sighting], trace: Trace | None) -> list[Sighting]:
    if not named:
        return []
    whole = longest(named)
    if trace is not None:
        trace.without(named, whole, Why.LONGER)
    return named_actors(whole, [s for s in scope if s.use.sign is Sign.FIRST_NAME], trace)


def _by_rule(sightings: Sequence[Sighting]) -> dict[int, list[Sighting]]:
    rules: dict[int, list[Sighting]] = {}
    for sighting in sightings:
        rules.setdefault(sighting.use.rule, []).append(sighting)
    return rules


def _actors_shown(sightings: Sequence[Sighting]) -> dict[int, list[Span]]:
    return {rule: sorted({s[:2] for s in found}) for rule, found in _by_rule(sightings).items()}


def _topics_shown(sightings: Sequence[Sighting], reading: Reading) -> dict[int, list[Span]]:
    """Find the topics that their terms show: one of them is enough, hints only in the title or two different ones."""
    by_rule = _by_rule(sightings)
    return {rule: outermost([s[:2] for s in found]) for rule, found in by_rule.items() if _is_shown(found, reading)}


def _is_shown(found: list[Sighting], reading: Reading) -> bool:
    for sighting in found:
        if sighting.use.sign is not Sign.HINT or sighting.start < reading.bounds[1]:
            return True
    return len(found) > 1 and len({s.use.lemma for s in longest(found)}) > 1


def _matches(watchlist: Watchlist, shown: Mapping[int, list[Span]], reading: Reading) -> tuple[Match, ...]:
    matches = []
    for rule in sorted(shown):
        kind, name, _ = watchlist.rules[rule]
        matches.append(Match(kind, name, reading.evidence(shown[rule][:EVIDENCE_CAP])))
    return tuple(matches)
