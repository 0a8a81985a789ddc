"""Invented boolean rules, and entries of the same words, which are as frequent as words are.

Each language has 30,000 stems; that of rank r is drawn with a probability in proportion to 1 / (r + 2.7), as Zipf and
Mandelbrot found of running text. A rule is made as people make them: a word of which it is about, with others that
narrow it down. How rare that word is, decides how many rules an entry wakes. The same seed makes the same.
"""

import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import accumulate, count

from benchmarks.loopback.documents import WAR
from benchmarks.matching.made import ENDINGS, LANGUAGES, TYPICAL_LENGTHS, stem
from benchmarks.matching.stored import POLL, SUMMARY, TITLE, WAR_SHARE, entries, length
from monitor.core.model import Entry, TopicSpec

STEMS = 30_000
LONGER = 100
"""The rank from which on a stem has one more syllable, and endings: what is frequent is short."""

RARE = 3_000, STEMS
COMMON = 300, 3_000
FREQUENT = 30, 300
"""Ranks from which the words are drawn of which rules are about."""

_NARROWING = 200, 3_000
_EXCLUDED = 20, 200

FORMS_OF_RULES = (
    '"{rare}" "{narrow}"',
    '"{rare}" NEAR/5 "{narrow}"',
    '("{rare}" OR "{other}") "{narrow}" -"{excluded}"',
    'S("{rare}" ("{narrow}" OR "{narrower}"))',
    'title:"{rare}" OR «{other} {narrow}»',
    '"{rare}" -"{excluded}" -press:state',
    '("{rare}" OR "{other}") NEAR/8 ("{narrow}" OR "{narrower}")',
    '"{rare}" ("{narrow}" OR "{narrower}" OR actor:putin) -lang:fr',
)


def rules(number: int, ranks: tuple[int, int], seed: int = 1) -> tuple[TopicSpec, ...]:
    """Make topics that ask for words of these ranks; they are read in every entry."""
    rng = random.Random(seed)
    return tuple(_rule(rng, f"rule-{at}", ranks) for at in range(number))


def _rule(rng: random.Random, name: str, ranks: tuple[int, int]) -> TopicSpec:
    words = vocabulary(rng.choice(LANGUAGES))
    drawn = {
        "rare": words[rng.randrange(*ranks)],
        "other": words[rng.randrange(*ranks)],
        "narrow": words[rng.randrange(*_NARROWING)],
        "narrower": words[rng.randrange(*_NARROWING)],
        "excluded": words[rng.randrange(*_EXCLUDED)],
    }
    return TopicSpec(id=name, label={}, terms={}, scoped=False, query=rng.choice(FORMS_OF_RULES).format_map(drawn))


@cache
def vocabulary(lang: str) -> tuple[str, ...]:
    """Make the stems of a language, no two alike, the most frequent first."""
    rng = random.Random(f"{lang} stems")
    made: dict[str, None] = {}
    for _ in count():
        syllables = rng.choice(TYPICAL_LENGTHS) + (len(made) > LONGER)
        if (one := stem(rng, lang, syllables)).isalpha() and len(one) > 1:
            made[one] = None
        if len(made) == STEMS:
            return tuple(made)
    raise AssertionError


_SHARES = tuple(accumulate(1 / (rank + 2.7) for rank in range(1, STEMS + 1)))


def texts(number: int, seed: int = 1) -> Iterator[Entry]:
    """Make entries of such words, in the languages and lengths, and with the sentences of the war, of `stored`."""
    rng = random.Random(seed)
    for at, entry in enumerate(entries(number, seed)):
        sentences = list(_sentences(rng, LANGUAGES[at // POLL % len(LANGUAGES)], length(rng.random())))
        title = sentences[0][: max(TITLE, sentences[0].find(" ", TITLE))]
        rest = " ".join(sentences[1:])
        cut = rest.find(". ", SUMMARY) + 1 or len(rest)
        yield replace(entry, title=f"{title} ({at})", summary=rest[:cut], content=rest[cut:].strip())


def _sentences(rng: random.Random, lang: str, size: int) -> Iterator[str]:
    """Draw sentences until they have so many characters; one in the title or behind it is of the war."""
    if rng.random() < WAR_SHARE:
        yield f"{rng.choice(WAR[lang])}."
    while size > 0:
        drawn = " ".join(_word(rng, lang) for _ in range(rng.randint(7, 16))).capitalize() + "."
        size -= len(drawn) + 1
        yield drawn


def _word(rng: random.Random, lang: str) -> str:
    rank = bisect(_SHARES, rng.random() * _SHARES[-1])
    return vocabulary(lang)[rank] + (rng.choice(ENDINGS[lang]) if rank > LONGER else "")
