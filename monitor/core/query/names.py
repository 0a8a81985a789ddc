"""Whether the names in a query are names of anything."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from monitor.core.model import RuleKind
from monitor.core.query.mistake import did_you_mean, shown
from monitor.core.query.tree import Fact, Node, Origin, Rule, Term, walk
from monitor.errors import QueryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a query may name: ids, and codes of languages (ISO 639-1) and countries (ISO 3166-1 alpha-2).

    `slips` are codes that people take for others, each with the right one, such as ua for the language uk.
    """

    actors: Collection[str]
    topics: Collection[str]
    languages: Collection[str]
    countries: Collection[str]
    press: Collection[str]
    slips: Mapping[str, str] = field(default_factory=dict)


def check_names(node: Node, names: Names, *, text: str) -> None:
    """Look up every name in a query; `text` is told with the mistake. Raises QueryError at the first unknown one."""
    for part in walk(node):
        if problem := _problem(part, names):
            raise QueryError(text, max(part.at, 1), problem)


def doubtful_sources(node: Node, sources: Collection[str]) -> Iterator[tuple[int, str]]:
    """Yield, for each source that is none of these ids and publishers' names, its column and what to say of it.

    It may be right still: a feed of many publishers may bring it. A site, known by its dot, may be any article's.
    """
    known = {source.casefold() for source in sources}
    named = (part for part in walk(node) if isinstance(part, Fact) and part.origin is Origin.SOURCE)
    for part in named:
        if "." not in part.value and part.value.casefold() not in known:
            guess = did_you_mean(part.value, sources) or "; `run_monitor.py feeds list` names them all"
            yield max(part.at, 1), f"no feed has the id or the publisher {shown(part.value)}{guess}"


def _problem(part: Node, names: Names) -> str:
    match part:
        case Rule(kind=RuleKind.ACTOR, id=name):
            return _unknown_rule(part.kind, name, names.actors, names.topics)
        case Rule(id=name):
            return _unknown_rule(part.kind, name, names.topics, names.actors)
        case Term(language=code) | Fact(origin=Origin.LANGUAGE, value=code):
            return _unknown("language", code, names.languages, names.slips) if code else ""
        case Fact(origin=Origin.COUNTRY, value=value):
            return _unknown("country", value, names.countries, names.slips)
        case Fact(origin=Origin.PRESS, value=value) if value not in names.press:
            return f"no kind of press is called {shown(value)}; there are {', '.join(sorted(names.press))}"
    return ""


def _unknown_rule(kind: RuleKind, name: str, known: Collection[str], others: Collection[str]) -> str:
    if name in known:
        return ""
    other = RuleKind.TOPIC if kind is RuleKind.ACTOR else RuleKind.ACTOR
    guess = f"; it is one of the {other}s: {other}:{name}" if name in others else did_you_mean(name, known)
    guess = guess or "; `run_monitor.py watch list` names them all"
    return f"no {kind} is called {shown(name)}{guess}"


def _unknown(what: str, code: str, known: Collection[str], slips: Mapping[str, str]) -> str:
    if code in known:
        return ""
    right = slips.get(code)
    hint = f"did you mean {right}?" if right else f"write its code of two letters, as in {_EXAMPLES[what]}"
    return f"no {what} has the code {shown(code)}; {hint}"


_EXAMPLES = {"language": "lang:uk or uk:дрон", "country": "country:UA"}
