"""What a topic asks for beyond its terms: `query`, and the lists `any`, `all` and `none`, as one tree."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from monitor.config.codes import COUNTRIES, COUNTRY_SLIPS, LANGUAGE_SLIPS, LANGUAGES
from monitor.config.lists import OF_TOPICS, query_problem
from monitor.config.models import TopicSection
from monitor.config.positions import Document, Location
from monitor.config.wording import quoted
from monitor.core.model import FeedSpec, Press, RuleKind
from monitor.core.publishers import own_publisher
from monitor.core.query.format import format as written
from monitor.core.query.indexing import circle
from monitor.core.query.mistake import Mistake
from monitor.core.query.names import Names, check_names, doubtful_sources
from monitor.core.query.parse import parse, parse_canonical
from monitor.core.query.satisfy import Wish, can_hold
from monitor.core.query.soundness import check_sound
from monitor.core.query.tree import Node, Not, Rule, Term, all_of, any_of, walk
from monitor.core.query.words import QUOTES
from monitor.errors import Finding, QueryError

LISTS = ("any", "all", "none")


class Asked(NamedTuple):
    """What a topic asks for, and what it must not have, in the canonical form of the watch language."""

    query: str
    unless: str


class File(Protocol):
    """A layer of the watchlist."""

    @property
    def document(self) -> Document:
        """Its text."""


def asked(topic: TopicSection) -> Asked:
    """Return the queries of a sound topic; what is not there is empty."""
    query = parse(topic.query) if topic.query else wanted(topic)
    unless = unwanted(topic)
    return Asked(written(query) if query else "", written(unless) if unless else "")


def wanted(topic: TopicSection) -> Node | None:
    """Return the tree of `any` and `all`: in one of the languages, one word of `any` and every word of `all`."""
    choices = []
    for language in dict.fromkeys([*topic.any, *topic.all]):
        one_of, every = (list(_terms(words.get(language, ()), language)) for words in (topic.any, topic.all))
        if one_of or every:
            choices.append(all_of([*([any_of(one_of)] if one_of else []), *every]))
    return any_of(choices) if choices else None


def unwanted(topic: TopicSection) -> Node | None:
    """Return the tree of `none`: any of its words."""
    words = [term for language, listed in topic.none.items() for term in _terms(listed, language)]
    return any_of(words) if words else None


def _terms(items: Iterable[str], language: str) -> Iterator[Node]:
    """Yield the terms that items of a list stand for; each once."""
    for item in dict.fromkeys(items):
        exact = item.startswith("=")
        text = " ".join(item.removeprefix("=").split())
        prefix = text.endswith("*") and not exact
        yield Term(
            text=text.removesuffix("*").rstrip() if prefix else text, exact=exact, prefix=prefix, language=language
        )


# ── mistakes ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def mistakes(files: Sequence[File], topics: Mapping[str, TopicSection], actors: Iterable[str]) -> Iterator[Finding]:
    """Find queries and lists that cannot be used, names in them that are none, and topics that name each other."""
    names = known_names(actors, topics)
    named: dict[str, list[Rule]] = {}
    for id_, topic in topics.items():
        yield from _in_lists(files, id_, topic)
        try:
            if topic.query:
                named[id_] = list(_topics_in(_checked(topic.query, names)))
        except QueryError as error:
            yield _in_query(files, id_, error.column, error.problem)
        else:
            yield from _together(files, id_, topic)
    yield from _in_circle(files, named)


def known_names(actors: Iterable[str], topics: Iterable[str]) -> Names:
    """Return what a query may name: these ids, and every language, country and kind of press."""
    return Names(
        actors=frozenset(actors),
        topics=frozenset(topics),
        languages=LANGUAGES,
        countries=COUNTRIES,
        press=[str(press) for press in Press],
        slips=LANGUAGE_SLIPS | COUNTRY_SLIPS,
    )


def sources_of(feeds: Iterable[FeedSpec]) -> frozenset[str]:
    """Return what `source:` may name of these feeds beside their sites: their ids and their publishers."""
    return frozenset(name for feed in feeds for name in (feed.id, feed.title, own_publisher(feed).name))


def doubts(document: Document, topics: Mapping[str, TopicSection | None], feeds: Iterable[FeedSpec]) -> list[Finding]:
    """Find sources in the queries of a sound file that no feed has: no mistakes, but probably slips."""
    sources = sources_of(feeds)
    return [
        document.at_character(("topics", id_, "query"), column, problem, of="query")
        for id_, topic in topics.items()
        if topic and topic.query
        for column, problem in doubtful_sources(parse(topic.query), sources)
    ]


def _checked(query: str, names: Names) -> Node:
    node = parse(query)
    check_names(node, names, text=query)
    return node


def _in_query(files: Sequence[File], id_: str, column: int, problem: str) -> Finding:
    location = ("topics", id_, "query")
    return _uppermost(files, location).at_character(location, column, problem, of="query")


def _uppermost(files: Sequence[File], location: Location) -> Document:
    return next(file.document for file in reversed(files) if file.document.has(location))


def _in_lists(files: Sequence[File], id_: str, topic: TopicSection) -> Iterator[Finding]:
    """Yield what is wrong with the items of each list, in the file that has them."""
    for key in OF_TOPICS:
        for language, items in getattr(topic, key).items():
            for item in items:
                if problem := query_problem(key, item) or (_item_problem(item, language) if key in LISTS else ""):
                    yield _at_item(files, ("topics", id_, key, language), item, problem)


def _item_problem(item: str, language: str) -> str:
    """Say why an item of a list cannot be written in a query; empty where it can."""
    if "…" in item:
        return 'has a "…", which only "terms" and "hints" may have; write a "query" such as exchange NEAR/2 prisoners'
    if any(sign in item for sign in QUOTES):
        return 'has quotation marks; leave them out, or list it under "terms"'
    (term,) = _terms([item], language)
    try:
        return "" if parse_canonical(written(term)) == term else _UNWRITABLE
    except QueryError as error:
        return f"cannot be looked for; {error.problem}"


_UNWRITABLE = 'cannot be looked for; write letters, digits and spaces, with "=" before or "*" behind'


def _at_item(files: Sequence[File], location: Location, item: str, problem: str) -> Finding:
    for file in reversed(files):
        listed = file.document.value(location)
        if isinstance(listed, list) and item in listed:
            number = listed.index(item)
            message = f"item {number + 1} of {quoted(str(location[-1]))} {problem}"
            return file.document.at_value((*location, number), message)
    raise AssertionError(location)


def _together(files: Sequence[File], id_: str, topic: TopicSection) -> Iterator[Finding]:
    """Yield what is wrong with the keys of a topic beside each other."""
    lists = [key for key in ("any", "all") if any(getattr(topic, key).values())]
    if topic.query and lists:
        location = ("topics", id_, lists[0])
        message = f'{quoted(lists[0])} stands beside "query"; write all in the query, or give lists alone'
        yield _uppermost(files, location).at_key(location, message)
        return
    if lists == ["any", "all"]:
        yield from _in_other_languages(files, id_, topic)
    query, unless = parse(topic.query) if topic.query else wanted(topic), unwanted(topic)
    if query and unless and (problem := _excluded(query, unless, alone=not any(topic.terms.values()))):
        location = ("topics", id_, "none")
        yield _uppermost(files, location).at_key(location, f"topic {quoted(id_)} {problem}")


def _in_other_languages(files: Sequence[File], id_: str, topic: TopicSection) -> Iterator[Finding]:
    """Yield where one of `any` and `all` has a language that the other lacks: there, the other asks for nothing."""
    given = {key: {language for language, words in getattr(topic, key).items() if words} for key in ("any", "all")}
    for key, other in (("any", "all"), ("all", "any")):
        if lacking := sorted(given[other] - given[key]):
            location = ("topics", id_, key)
            languages = " and ".join(map(quoted, lacking))
            advice = 'give it some, or write a "query" for all languages'
            message = f"{quoted(other)} has words in {languages}, but {quoted(key)} has none; {advice}"
            yield _uppermost(files, location).at_key(location, message)


def _excluded(query: Node, unless: Node, *, alone: bool) -> str:
    """Say what of a query can never show the topic, since the exception speaks of it too; empty where nothing is so."""
    if can_hold([Wish(query), Wish(unless, wanted=False)]):
        try:
            check_sound(all_of([query, Not(part=unless)]))
        except Mistake:
            return 'asks for words that stand under "none" too; remove them from one of the two'
        return ""
    start = "can never match" if alone else "can never match by its query or its lists"
    return f'{start}; what it asks for stands under "none" too, remove it from one of the two'


# ── topics that name each other ──────────────────────────────────────────────────────────────────────────────────────


def _topics_in(node: Node) -> Iterator[Rule]:
    return (part for part in walk(node) if isinstance(part, Rule) and part.kind is RuleKind.TOPIC)


def _in_circle(files: Sequence[File], named: dict[str, list[Rule]]) -> Iterator[Finding]:
    """Yield each circle once, where one of its topics names the next; what is told is no longer looked at."""
    while way := circle({id_: [rule.id for rule in rules] for id_, rules in named.items()}):
        first, second = way[:2]
        column = next(rule.at for rule in named[first] if rule.id == second)
        problem = f"topics name each other in a circle: {' → '.join(way)}; remove this name"
        yield _in_query(files, first, column, problem)
        named[first] = [rule for rule in named[first] if rule.id != second]
