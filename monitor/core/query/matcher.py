"""One query, asked of entries one by one: what a rule would find, before it stands in a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.core.automaton import Automaton, pack
from monitor.core.languages import by_script
from monitor.core.late_words import Words
from monitor.core.matching import EVIDENCE_CAP, places_of
from monitor.core.model import Entry, Evidence, Match, Provenance, RuleKind
from monitor.core.query.indexing import index_of, words_of
from monitor.core.query.rules import Asked, Index
from monitor.core.query.scene import Known, Scene, facts_of
from monitor.core.query.tree import Node, Rule, walk
from monitor.core.sightings import Reading, find_sightings
from monitor.core.spans import Span
from monitor.core.uses import by_form, of_words
from monitor.core.watchlist import RuleText, Watchlist

_SELF = 0
"""The number of the query itself; the rules that it names come behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """A compiled query.

    No entry answers it that has none of the words of `required`, none of the `rules` and none of the `facts` (values
    casefolded); where `always` is true, even one that has nothing of that. `forms` are those of the required words.
    """

    required: Automaton
    forms: frozenset[str]
    rules: frozenset[tuple[RuleKind, str]]
    facts: frozenset[Known]
    always: bool
    watchlist: Watchlist
    index: Index

    def wakes(self, text: str) -> bool:
        """Tell whether a word that the query requires stands in a folded text, be it inside another word.

        The quick way to pass over most entries: no other entry can answer by its words.
        """
        return self.always or bool(self.required.find(text))

    def match(
        self, entry: Entry, origin: Provenance, named: Sequence[Match], *, reading: Reading | None = None
    ) -> tuple[Evidence, ...] | None:
        """Return what shows that the entry answers the query, at most `EVIDENCE_CAP` places; None where it does not.

        `named` are the actors and topics that the watchlist found in it. What is true by facts alone shows no place.
        """
        reading = reading or Reading(entry)
        places = self.places(entry, origin, named, reading)
        return None if places is None else reading.evidence(places[:EVIDENCE_CAP])

    def places(self, entry: Entry, origin: Provenance, named: Sequence[Match], reading: Reading) -> list[Span] | None:
        """Return every place that shows it, in the folded text; None where the entry does not answer the query."""
        language = by_script(entry.lang, entry.title, entry.summary)
        words = find_sightings(self.watchlist, reading, None, language)
        told = language if language in self.index.languages else ""
        shown = self._named(named, reading)
        scene = Scene(
            reading,
            atoms=Words(places_of(words, told), {}, reading, told),
            named=shown,
            facts=facts_of(entry, origin, language),
        )
        self.index.settle(scene, shown, relevant=True)
        return shown.get(_SELF)

    def _named(self, named: Iterable[Match], reading: Reading) -> dict[int, list[Span]]:
        numbers = {rule[:2]: number for number, rule in enumerate(self.watchlist.rules) if number != _SELF}
        return {
            numbers[match[:2]]: sorted(map(reading.place, match.evidence)) for match in named if match[:2] in numbers
        }


def compile_query(node: Node, watchlist: Watchlist | None = None) -> Matcher:
    """Compile a query; it tells languages apart as the watchlist does, and by itself where there is none.

    Raises ConfigError for words in which nothing is left to look for.
    """
    names = sorted({(part.kind, part.id) for part in walk(node) if isinstance(part, Rule)})
    rules = (RuleText(RuleKind.TOPIC, "", ""), *(RuleText(kind, name, "") for kind, name in names))
    asked = (Asked(_SELF, scoped=False, query=node),)
    index = index_of(asked, [rule[:2] for rule in rules], len(rules))
    assert index is not None
    forms = by_form(of_words(enumerate(words_of(asked), len(rules))))
    required = [form for form, uses in forms.items() if any(use.rule in index.by_atom for use in uses)]
    return Matcher(
        required=Automaton(pack(required)),
        forms=frozenset(required),
        rules=frozenset(rules[number][:2] for number in index.by_rule),
        facts=frozenset((origin, value) for origin, values in index.by_fact.items() for value in values),
        always=bool(index.always),
        watchlist=Watchlist(
            rules=rules,
            labels={},
            automaton=Automaton(pack(tuple(forms))),
            uses=tuple(forms.values()),
            unscoped=frozenset(),
            languages=watchlist.languages if watchlist else frozenset(),
        ),
        index=index,
    )
