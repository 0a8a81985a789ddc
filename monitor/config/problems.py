"""What pydantic found wrong, said in our words and at its place in the file."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import takewhile
from typing import TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.config.codes import LANGUAGES
from monitor.config.models import TitleSection, WatchFile
from monitor.config.positions import Document, Location
from monitor.config.samples import like
from monitor.config.wording import did_you_mean, one_of, quoted, shown
from monitor.errors import Finding

FileT = TypeVar("FileT", bound=WatchFile)

_KEY = "[key]"
_LISTED_BY_ID = ("actors", "topics", "feeds")
_SECRETIVE = frozenset({"headers", "auth", "cookies", "proxy"})
_NEEDED = {
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "greater_than_equal": "must be 1 or more",
    "list_type": "must be a list",
    "dict_type": "must have keys,",
    "model_type": "must have keys,",
}
_CONTAINERS = ("list_type", "dict_type", "model_type")


def validated(document: Document, model: type[FileT]) -> tuple[FileT, list[Finding]]:
    """Return the file's sound parts as a model, and a finding for each mistake in the others."""
    if not isinstance(document.data, dict):
        return model(), [document.at_value((), 'the file must begin with a key at its top, such as "feeds:"')]
    blanks = list(_blanks(document.data, ()))
    try:
        file, errors = model.model_validate(document.data), []
    except ValidationError as error:
        file, errors = model(), error.errors(include_url=False)
    if not errors and not blanks:
        return file, []
    return _mended(document, model, errors, blanks)


def _mended(
    document: Document, model: type[FileT], errors: list[ErrorDetails], blanks: list[Location]
) -> tuple[FileT, list[Finding]]:
    unknown = {error["loc"] for error in errors if _is_unknown_key(model, error)}
    errors = [error for error in errors if _is_unknown_key(model, error) or not _is_within(error["loc"], unknown)]
    blanks = [blank for blank in blanks if not _is_within(blank, unknown)]
    broken = {_part(location) for location in (*blanks, *(error["loc"] for error in errors))}
    bare = _bare_lists(document, errors)
    told = {(*place[:-1], key) for place, words in bare.items() for key in (place[-1], *words[1:])}
    blanks = [blank for blank in blanks if not _is_within(blank, told)]
    findings = [document.at_value(place, _brackets(place, words)) for place, words in bare.items()]
    findings += [
        document.at_value(blank, f"{_name(blank)} is empty; give it a value, or remove it") for blank in blanks
    ]
    errors = [error for error in errors if not _is_blank(error) and not _is_within(error["loc"], told)]
    findings += [_finding(document, model, error) for error in errors]
    assert isinstance(document.data, dict)
    return model.model_validate(_without(document.data, broken)), findings


def _blanks(value: object, location: Location) -> Iterator[Location]:
    """Find where the file has a key or a dash with nothing behind it; only `actors: {x: null}` has a meaning."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        if isinstance(inner, dict | list):
            yield from _blanks(inner, (*location, key))
        elif inner is None and not (len(location) == 1 and location[0] in ("actors", "topics")):
            yield (*location, key)


def _bare_lists(document: Document, errors: list[ErrorDetails]) -> dict[Location, list[str]]:
    """Return the words of each list without brackets, as in `{en: drone, missile}`: there, the second is a key."""
    places = [error["loc"] for error in errors if _is_text_for_list(error)]
    bare = {place: _bare_words(document, place) for place in places}
    return {place: words for place, words in bare.items() if len(words) > 1 or "," in words[0]}


def _bare_words(document: Document, place: Location) -> list[str]:
    beside = document.value(place[:-1])
    assert isinstance(beside, dict)
    (word, *others) = list(beside.items())[list(beside).index(place[-1]) :]
    empty = takewhile(lambda pair: pair[1] is None and pair[0] not in LANGUAGES, others)
    return [str(word[1]), *(key for key, _ in empty)]


def _is_text_for_list(error: ErrorDetails) -> bool:
    return error["type"] == "list_type" and isinstance(error["input"], str) and error["loc"][-1] in LANGUAGES


def _brackets(place: Location, words: list[str]) -> str:
    return f"{_name(place)} is text, but must be a list; put the words in brackets: [{shown(', '.join(words))}]"


def _is_blank(error: ErrorDetails) -> bool:
    return error["input"] is None and error["type"] != "extra_forbidden"


def _is_unknown_key(model: type[BaseModel], error: ErrorDetails) -> bool:
    return error["type"] == "extra_forbidden" or _is_language_of_title(model, error)


def _is_within(location: Location, places: set[Location]) -> bool:
    return any(location[:length] in places for length in range(1, len(location) + 1))


def _part(location: Location) -> Location:
    """Return the smallest part that can be left out while the rest is still looked at."""
    return location[: 2 if location[0] in _LISTED_BY_ID else 1]


def _without(data: Mapping[str, object], broken: set[Location]) -> dict[str, object]:
    return {key: _thinned(key, value, broken) for key, value in data.items() if (key,) not in broken}


def _thinned(key: str, value: object, broken: set[Location]) -> object:
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if (key, name) not in broken}
    if isinstance(value, list):
        return [inner for index, inner in enumerate(value) if (key, index) not in broken]
    return value


# ── from an error to a finding ───────────────────────────────────────────────────────────────────────────────────────


def _finding(document: Document, model: type[BaseModel], error: ErrorDetails) -> Finding:
    location, kind = error["loc"], error["type"]
    if kind == "missing":
        key = str(location[-1])
        return document.at_value(location[:-1], f"missing key {quoted(key)}; add it, such as {key}: {like(location)}")
    if kind == "extra_forbidden":
        return document.at_key(location, _unknown_key(model, location))
    if location[-1] == _KEY:
        return document.at_key(location[:-1], f"{_name(location[:-1])} {_predicate(error)}")
    if _is_language_of_title(model, error):
        return document.at_key(location, _unknown_key(model, location, otherwise=_predicate(error)))
    if kind == "until":
        location = (*location, "until")
        return document.at_value(location, f'"until" is {document.written(location)}, but must be later than "since"')
    return document.at_value(location, _value_message(document, error))


def _is_language_of_title(model: type[BaseModel], error: ErrorDetails) -> bool:
    """Tell whether a key of a title is no language: pydantic gives it the place of its value, and itself as input."""
    location = error["loc"]
    return (
        error["type"] == "value_error"
        and error["input"] == location[-1]
        and _model_at(model, location[:-1]) is TitleSection
        and location[-1] not in TitleSection.model_fields
    )


def _unknown_key(model: type[BaseModel], location: Location, otherwise: str = "") -> str:
    key = str(location[-1])
    known = [*_model_at(model, location[:-1]).model_fields]
    hint = did_you_mean(key, known)
    return f"unknown key {quoted(key)}" + (hint or f"; it {otherwise or 'can be ' + ', '.join(known)}")


def _model_at(model: type[BaseModel], location: Location) -> type[BaseModel]:
    """Return the model of the mapping at `location`, found along the types of the fields."""
    parts = iter(location)
    for part in parts:
        annotation = model.model_fields[str(part)].annotation if part in model.model_fields else None
        inner = _model_within(annotation)
        if inner is None:
            break
        model = inner
        if get_origin(annotation) in (dict, list):
            next(parts, None)
    return model


def _model_within(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for part in get_args(annotation) if (found := _model_within(part))), None)


def _value_message(document: Document, error: ErrorDetails) -> str:
    location, value, predicate = error["loc"], error["input"], _predicate(error)
    if not predicate.startswith(("must be ", "must have ")):
        return f"{_name(location)} {predicate}"
    if error["type"] in _CONTAINERS:
        predicate += f" such as {like(location, value)}{_dashes(value)}"
    hidden = not _SECRETIVE.isdisjoint(location) or (isinstance(value, str) and error["type"] in _CONTAINERS)
    written = "" if hidden or isinstance(value, dict | list) else document.written(location)
    if error["type"] == "string_type":
        predicate += _as_text(value, written)
    verb = "has" if isinstance(value, dict) else "is"
    return f"{_name(location)} {verb} {_shown(value, written)}, but {predicate}"


def _dashes(value: object) -> str:
    """Say what is missing where a list became a text, as in `-drone`."""
    return "; a space is missing after a dash" if isinstance(value, str) and re.match(r"-\w", value) else ""


def _as_text(value: object, written: str) -> str:
    if isinstance(value, dict | list):
        return "; write one text, without brackets"
    return "; put it in quotes" + (f": {quoted(written)}" if written else "")


def _predicate(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "literal_error":
        return one_of(error["input"], re.findall(r"'([^']+)'", context["expected"]))
    if kind == "string_too_short":
        return "is empty; give it a value, or remove the key"
    if kind == "string_too_long":
        return f"is longer than {context['max_length']} characters; shorten it"
    if kind == "value_error":
        return str(context["error"])
    return _NEEDED.get(kind) or "cannot be used; see docs/editing.md"


_KINDS: tuple[tuple[type, str], ...] = (
    (str, "text"),
    (dict, "keys"),
    (list, "a list"),
    (bool, "true or false"),
    (date, "a date"),
    (int, "a number"),
    (float, "a number"),
)


def _shown(value: object, written: str) -> str:
    """Show the value as the file has it, with its kind where that surprises; without it where it may be a secret."""
    kind = next((words for known, words in _KINDS if isinstance(value, known)), "")
    if not written:
        return kind
    if isinstance(value, str):
        return quoted(written)
    return written if isinstance(value, bool) else f"{kind.replace('a ', 'the ', 1)} {written}"


def _name(location: Location) -> str:
    """Return what a person calls the value: its key, or its number in a list."""
    if location and isinstance(location[-1], int):
        return f"item {location[-1] + 1} of {_name(location[:-1])}"
    return quoted(str(location[-1]))
