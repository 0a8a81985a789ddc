"""What feeds.yaml shall say of a feed that a document or a list names: only what the file takes."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from monitor.config import codes
from monitor.config.addresses import comparable_address
from monitor.config.fields import IDENTIFIER
from monitor.core.discovery import country_of, is_official
from monitor.core.feed_ids import proposed_id
from monitor.core.model import FeedSpec, Press

_LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is said of a feed elsewhere; none of it has been checked but the address."""

    url: str
    id: str | None = None
    title: str | None = None
    language: str | None = None
    country: str | None = None
    press: str | None = None


def proposed(told: Told, taken: Collection[str]) -> dict[str, object]:
    """Return the feed's keys and values, None where nothing is known; its id is none of those that are `taken`."""
    title = fit_title(told.title)
    short = (told.language or "").lower().replace("_", "-").partition("-")[0]
    language = short if short in codes.LANGUAGES else None
    fits = told.id and told.id not in taken and re.fullmatch(IDENTIFIER, told.id)
    return {
        "id": told.id if fits else proposed_id(title, told.url, language, taken),
        "title": title,
        "url": told.url,
        "language": language,
        "country": told.country if told.country in codes.COUNTRIES else None,
        "press": told.press if told.press in list(Press) else None,
    }


def guessed(told: Told, taken: Collection[str]) -> dict[str, object]:
    """Return a proposal as above, with country and press kind guessed from the address where it tells them."""
    section = proposed(told, taken)
    country = country_of(told.url)
    section["country"] = section["country"] or (country if country in codes.COUNTRIES else None)
    section["press"] = section["press"] or (Press.OFFICIAL.value if is_official(told.url) else None)
    return section


def fit_title(title: str | None) -> str | None:
    """Return a title that the file takes: one line, at most 300 characters."""
    words = " ".join((title or "").split())
    return "".join(filter(str.isprintable, words))[:_LONGEST_TITLE].strip() or None


def by_address(specs: Collection[FeedSpec]) -> dict[str, str]:
    """Map the comparable addresses of feeds to their ids."""
    return {comparable_address(spec.url): spec.id for spec in specs}
