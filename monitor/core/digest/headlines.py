"""Whether two headlines say the same: but for typography, inflection, the publisher's name and the words of the trade.

Near-identical means that hardly a word differs. A place, a person, a number or a negation that only one of two
headlines has makes them two events, however alike they are otherwise; so what is joined is little, and rarely wrong.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.core.digest.wording import ARTICLES, NUMBERS, TRADE, TURNING
from monitor.core.text import fold

WORDS_FOR_ONE_MORE = 6
"""A headline may have one word more than the other for so many that they share."""

_STEM = 4
_REMEMBERED = 50_000

_WORD = re.compile(r"\d+(?:[.,\u00a0 ]\d{3})+(?!\d)|\d+(?:[.,]\d+)?|[^\W\d_]+(?:'[^\W\d_]+)*")
_TAIL = re.compile(r"\s+(?:[-\u2013\u2014|\u00b7\u2022]|::)\s+([^|\u2013\u2014\u00b7\u2022]{1,60})$")
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu)'")
_LABEL = re.compile(r"^\W*update\s*\d*\s*[-\u2013\u2014:|]\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline as it is compared: its words in their order, folded; `rough` are keys that near ones share."""

    lang: str | None
    words: tuple[str, ...]
    rough: frozenset[str]


@lru_cache(maxsize=_REMEMBERED)
def read_headline(title: str, publisher: str = "", lang: str | None = None) -> Headline:
    """Read a headline, without its publisher's name at the end, articles and the words of the trade."""
    words = tuple(_words(_bare(title, publisher), lang))
    return Headline(lang=lang, words=words, rough=frozenset(map(_rough, words)))


def _words(title: str, lang: str | None) -> list[str]:
    articles = ARTICLES.get(lang or "", frozenset())
    plain = (_plain(word) for word in _WORD.findall(fold(title).text))
    return [word for word in plain if word not in TRADE and word not in articles]


def _plain(word: str) -> str:
    """Give one spelling: numbers as digits, without what parts their thousands; no English possessive, no elision."""
    if not word[0].isdigit():
        word = _ELIDED.sub("", word.removesuffix("'s"))
        return NUMBERS.get(word, word)
    if re.fullmatch(r"\d+(?:[.,\u00a0 ]\d{3})+", word):
        return re.sub(r"\D", "", word)
    return word.replace(",", ".")


def _bare(title: str, publisher: str) -> str:
    title = _LABEL.sub("", title)
    tail = _TAIL.search(title)
    if tail is None or not publisher:
        return title
    named, own = set(_WORD.findall(fold(tail[1]).text)), set(_WORD.findall(fold(publisher).text))
    return title[: tail.start()] if named and (named <= own or (own and own <= named)) else title


def _rough(word: str) -> str:
    return word if word[0].isdigit() else word[:_STEM]


def same_words(one: Headline, other: Headline) -> bool:
    """Tell whether two headlines differ in typography at most."""
    return one.words == other.words


def near(one: Headline, other: Headline) -> bool:
    """Tell whether two headlines of one language say the same.

    Each word of the shorter one stands in the longer one too, or an inflected form of it, in the same order but for a
    part that moved from one end to the other ("…, officials say"). The longer one may have a word more for every
    `WORDS_FOR_ONE_MORE`, but no number and nothing that turns the sense.
    """
    if one.lang != other.lang and one.lang and other.lang:
        return False
    if one.words == other.words:
        return bool(one.words)
    short, long = (one, other) if (len(one.words), one.words) < (len(other.words), other.words) else (other, one)
    more = len(long.words) - len(short.words)
    if more * WORDS_FOR_ONE_MORE > len(short.words) or not short.rough <= long.rough:
        return False
    places = _places(short.words, long.words)
    return -1 not in places and _in_order(places) and not any(_turns(word) for word in _left(long.words, places))


def _places(short: Sequence[str], long: Sequence[str]) -> list[int]:
    """Find the place of each word of the shorter headline in the longer one; -1 where it has none."""
    free: dict[str, list[int]] = {}
    for place in range(len(long) - 1, -1, -1):
        free.setdefault(long[place], []).append(place)
    exact = [free[word].pop() if free.get(word) else -1 for word in short]
    return [_inflected(word, free) if place < 0 else place for word, place in zip(short, exact, strict=True)]


def _inflected(word: str, free: Mapping[str, list[int]]) -> int:
    """Take the place of another form of the word; -1 where there is none."""
    form = next((one for one, places in free.items() if places and _one_word(one, word)), None)
    return -1 if form is None else free[form].pop()


def _one_word(one: str, other: str) -> bool:
    """Tell whether two words are forms of one: they share their first two thirds, four letters at least."""
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    return shared >= _STEM and 3 * shared >= 2 * max(len(one), len(other)) and not one[0].isdigit()


def _in_order(places: Sequence[int]) -> bool:
    """Tell whether the places rise, going round once at most."""
    return sum(here > following for here, following in zip(places, [*places[1:], places[0]], strict=True)) <= 1


def _left(long: Sequence[str], places: Sequence[int]) -> list[str]:
    taken = set(places)
    return [word for place, word in enumerate(long) if place not in taken]


def _turns(word: str) -> bool:
    return word[0].isdigit() or word in TURNING


def near_pairs(headlines: Mapping[int, Sequence[Headline]], most: int = 50) -> set[tuple[int, int]]:
    """Return the pairs of keys that have near headlines, smaller key first.

    Of two near headlines the shorter one's keys all stand in the longer one: it is enough to look at those that share
    its rarest key, `most` of them, so that thousands of headlines of the same few words stay quick.
    """
    flat = [(key, headline) for key in sorted(headlines) for headline in headlines[key] if headline.words]
    having: dict[str, list[int]] = {}
    for index, (_, headline) in enumerate(flat):
        for rough in headline.rough:
            having.setdefault(rough, []).append(index)
    pairs = set()
    for key, headline in flat:
        rarest = min(headline.rough, key=lambda rough: (len(having[rough]), rough))
        for index in having[rarest][:most]:
            other, theirs = flat[index]
            if other != key and near(headline, theirs):
                pairs.add((min(key, other), max(key, other)))
    return pairs
