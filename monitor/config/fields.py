"""The types of the file's values: each checks itself and says in our words what it must be."""

import re
from datetime import date, timedelta
from functools import partial
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from monitor.config import codes
from monitor.config.addresses import (
    checked_address,
    checked_cookie_name,
    checked_header_name,
    checked_headers,
    checked_proxy,
)
from monitor.config.variables import COOKIE, HEADER, PASSWORD, USER, Alphabet, checked_value
from monitor.config.wording import quoted

DURATION = r"[1-9][0-9]{0,5}[smhd]"
IDENTIFIER = r"[a-z0-9][a-z0-9._-]{0,63}"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(written: object, *, least: str, most: str) -> timedelta:
    """Read a length of time such as 90s, 15m, 2h or 1d. Raises ValueError outside `least` to `most`."""
    if not isinstance(written, str) or not re.fullmatch(DURATION, written):
        raise ValueError("must be a duration such as 90s, 15m, 2h or 1d")
    length = _length(written)
    if not _length(least) <= length <= _length(most):
        raise ValueError(f"must be between {least} and {most}")
    return length


def in_words(length: timedelta) -> str:
    """Write a length of time as `duration` reads it, in the largest unit that fits: 5400 seconds are `90m`."""
    return next(
        f"{length // one}{unit}"
        for unit, name in reversed(_UNITS.items())
        if not length % (one := timedelta(**{name: 1}))
    )


def _length(written: str) -> timedelta:
    return timedelta(**{_UNITS[written[-1]]: int(written[:-1])})


def _day(value: object) -> object:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("must be a date such as 2022-02-24")


def checked_language(code: str) -> str:
    """Return the code. Raises ValueError, with what it must be, for one that ISO 639-1 does not have."""
    if code not in codes.LANGUAGES:
        raise ValueError(
            "must be a two-letter language code, such as en or uk"
            + _code_hint(re.split("[-_]", code.lower())[0], codes.LANGUAGES, codes.LANGUAGE_SLIPS)
        )
    return code


def _country(code: str) -> str:
    if code not in codes.COUNTRIES:
        raise ValueError(
            "must be a two-letter country code, such as UA or GB"
            + _code_hint(code.upper(), codes.COUNTRIES, codes.COUNTRY_SLIPS)
        )
    return code


def _code_hint(code: str, known: frozenset[str], slips: dict[str, str]) -> str:
    guess = slips.get(code) or (code if code in known else None)
    return f"; did you mean {quoted(guess)}?" if guess else ""


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; give it a value, or remove the key")
    if not text.isprintable():
        raise ValueError("holds a line break or a control character; write it on one line")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; give it a value, or remove the key")
    return text


def _has_letters(text: str) -> bool:
    return any(map(str.isalnum, text))


def checked_word(text: str) -> str:
    """Return the term. Raises ValueError when a text could never show it."""
    if text.replace(" ", "").isalnum():
        return text
    if not any(char.isalnum() for char in text):
        raise ValueError("can never match: it has no letter and no digit; write a word, or remove it")
    if "..." in text or text.count("…") > 1 or not all(map(_has_letters, text.split("…"))):
        raise ValueError('can never match; write at most two parts, with one character "…" between them')
    if "*" in re.sub(r"\*\s*(…|$)", "", text):
        raise ValueError('can never match; a "*" must stand at the end of a term, or before "…"')
    if not text.isprintable():
        raise ValueError("holds a line break or a control character; write it on one line")
    return text


def _name(text: str) -> str:
    if text[0] == "=" or text[-1] == "*" or "…" in text:
        raise ValueError('is a name, which has no marks; a term with "=", "*" or "…" goes under "aliases"')
    return text


def _identifier(text: str) -> str:
    if not re.fullmatch(IDENTIFIER, text):
        raise ValueError("must be an id: small letters a-z, digits, - . _ only, at most 64")
    return text


def _written(pattern: str) -> WithJsonSchema:
    """Tell editors the form; the checks above say more than a pattern can."""
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


Identifier: TypeAlias = Annotated[str, AfterValidator(_identifier), _written(IDENTIFIER)]
Text: TypeAlias = Annotated[str, StringConstraints(max_length=300), AfterValidator(_text)]
Word: TypeAlias = Annotated[str, StringConstraints(max_length=200), AfterValidator(checked_word)]
Query: TypeAlias = Annotated[str, AfterValidator(_not_blank)]
Name: TypeAlias = Annotated[Word, AfterValidator(_name)]
Language: TypeAlias = Annotated[str, AfterValidator(checked_language), _written("[a-z]{2}")]
Country: TypeAlias = Annotated[str, AfterValidator(_country), _written("[A-Z]{2}")]
Words: TypeAlias = dict[Language, list[Word]]
Names: TypeAlias = dict[Language, list[Name]]
Label: TypeAlias = dict[Language, Text]
Day: TypeAlias = Annotated[date, BeforeValidator(_day)]
Address: TypeAlias = Annotated[str, AfterValidator(checked_address), _written("https?://.+")]

Interval: TypeAlias = Annotated[
    timedelta, BeforeValidator(partial(duration, least="1m", most="7d")), _written(DURATION)
]
Timeout: TypeAlias = Annotated[timedelta, BeforeValidator(partial(duration, least="1s", most="5m")), _written(DURATION)]

ProxyAddress: TypeAlias = Annotated[str, AfterValidator(checked_proxy), _written("https?://.+")]


def _of(alphabet: Alphabet) -> AfterValidator:
    return AfterValidator(partial(checked_value, alphabet=alphabet))


HeaderName: TypeAlias = Annotated[str, AfterValidator(checked_header_name)]
HeaderValue: TypeAlias = Annotated[str, _of(HEADER)]
Headers: TypeAlias = Annotated[dict[HeaderName, HeaderValue], AfterValidator(checked_headers)]
CookieName: TypeAlias = Annotated[str, AfterValidator(checked_cookie_name)]
CookieValue: TypeAlias = Annotated[str, _of(COOKIE)]
Cookies: TypeAlias = dict[CookieName, CookieValue]
User: TypeAlias = Annotated[str, StringConstraints(min_length=1), _of(USER)]
Password: TypeAlias = Annotated[str, _of(PASSWORD)]
