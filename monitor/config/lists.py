"""What stands in lists of words and is none: a query that would be looked for as it is written, and probable slips."""

import re
from collections.abc import Iterator

from monitor.config.codes import LANGUAGES
from monitor.config.models import ActorSection, TopicSection, WatchFile
from monitor.config.positions import Document, Location
from monitor.config.wording import quoted, shown
from monitor.core.languages import by_script, in_cyrillic, is_common
from monitor.core.query.pieces import FIELDS
from monitor.errors import Finding

OF_TOPICS = ("terms", "hints", "any", "all", "none")
_OF_ACTORS = ("first", "last", "names", "aliases", "context")
_IN_LATIN = frozenset({"en", "de", "fr", "pl"})

_JOINED = re.compile(r"(?:^|\S\s+)NOT\s+\S|\S\s+(?:AND|OR|NEAR(?:/\d+)?)\s+\S")
_FIELD = re.compile(rf"[-(]*({'|'.join([*FIELDS, *sorted(LANGUAGES)])}):\s*\S")
_MINUS = re.compile(r"-\w")


def query_problem(key: str, item: str) -> str:
    """Say why an item of a topic's list `key` belongs into a query; empty where it is words."""
    if _JOINED.search(item) or _FIELD.match(item):
        if key != "none":
            return f'is a query, and "{key}" takes words alone; write it under "query": {shown(item)}'
        lacking = f"-({shown(item)})" if " " in item else f"-{shown(item)}"
        advice = 'write its words one by one, or under "query" behind a minus'
        return f'is a query, and "none" takes words alone; {advice}: {lacking}'
    if _MINUS.match(item):
        return 'begins with a minus, which only a "query" minds; what must be lacking goes under "none" without it'
    return ""


# ── no mistakes, but probably slips ──────────────────────────────────────────────────────────────────────────────────


def list_doubts(document: Document, file: WatchFile) -> Iterator[Finding]:
    """Find, in the lists of a sound file, words in the letters of other languages, and words that every text has."""
    for location, items in _lists(file):
        language = str(location[-1])
        at = next((at for at, item in enumerate(items) if language in _IN_LATIN and in_cyrillic(item)), None)
        if at is not None:  # one is enough: where there are more, the whole list stands at the wrong language
            yield document.at_value((*location, at), _in_other_letters(items[at], language))
        if location[0] == "topics" and location[2] != "all":  # there it asks for nothing, and does no harm
            yield from _common(document, location, items)


def _in_other_letters(item: str, language: str) -> str:
    meant = by_script(None, item, "")
    guess = quoted(meant) if meant else '"uk" or "ru"'
    return f"{quoted(item)} stands under {quoted(language)} but is written in Cyrillic; did you mean {guess}?"


def _common(document: Document, location: Location, items: list[str]) -> Iterator[Finding]:
    language = str(location[-1])
    for at, item in enumerate(items):
        word = item.removeprefix("=") if item.startswith("=") else item.casefold()  # only = minds capitals: =IS
        if is_common(word, language):
            advice = "write a rarer word, or a phrase"
            message = f"{quoted(item)} stands in nearly every text of the language {quoted(language)}; {advice}"
            yield document.at_value((*location, at), message)


def _lists(file: WatchFile) -> Iterator[tuple[Location, list[str]]]:
    """Yield each list of a topic and each of an actor's names, with its place, which ends with the language."""
    for id_, topic in file.topics.items():
        yield from _of_keys(("topics", id_), topic, OF_TOPICS)
    for id_, actor in file.actors.items():
        yield from _of_keys(("actors", id_), actor, _OF_ACTORS)
        for number, title in enumerate(actor.titles if actor else ()):
            for language, items in title.__pydantic_extra__.items():
                yield ("actors", id_, "titles", number, language), items


def _of_keys(
    place: Location, section: TopicSection | ActorSection | None, keys: tuple[str, ...]
) -> Iterator[tuple[Location, list[str]]]:
    for key in keys if section else ():
        for language, items in getattr(section, key).items():
            yield (*place, key, language), items
